/* SPDX-License-Identifier: BSD-3-Clause */
/* progress.c - how far is the run? */
#include "progress.h"

#include "diag.h"
#include "json_writer.h"
#include "ndr_clock.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

double
progress_now(void)
{
    return (double)ndr_now_us() / 1e6;
}

static bool
is_live_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
}

static size_t
terminal_columns(void)
{
    struct winsize w;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return 80;
    return w.ws_col;
}

void
progress_begin(progress *p, enum progress_how how, const ndr_source *source)
{
    if (how == PROGRESS_AUTO && !is_live_terminal())
        how = PROGRESS_NEVER;
    *p = (progress){.how = how, .source = source, .begun = progress_now()};
    p->told = p->begun;
}

double
progress_seconds(const progress *p)
{
    return progress_now() - p->begun;
}

enum { PARTS = 5 };

void
progress_line(ndr_buffer *out, const ndr_stats *st, uint64_t total, bool total_known,
              double seconds, size_t columns)
{
    number a, b;
    char part[PARTS][96];
    /* when the line is too narrow, the last of these goes first */
    static const int goes[PARTS] = {4, 3, 1, 2, 0};
    if (total_known && total > 0) {
        const double share = (double)st->bytes / (double)total;
        (void)snprintf(part[0], sizeof part[0], "%3d%% of %s",
                       share >= 1 ? 100 : (int)(share * 100), text_bytes(a, total));
    } else {
        (void)snprintf(part[0], sizeof part[0], "%s", text_bytes(a, st->bytes));
    }
    const double rate = seconds > 0 ? (double)st->bytes / seconds : 0;
    (void)snprintf(part[1], sizeof part[1], "%s/s", text_bytes(a, (uint64_t)rate));
    (void)snprintf(part[2], sizeof part[2], "%s messages", text_count(a, st->messages));
    (void)snprintf(part[3], sizeof part[3], "%s bounces", text_count(b, st->bounces));
    part[4][0] = '\0';
    if (total_known && total > st->bytes && rate > 0) {
        const double left = (double)(total - st->bytes) / rate;
        if (left < 59)
            (void)snprintf(part[4], sizeof part[4], "%d s left", (int)left + 1);
        else
            (void)snprintf(part[4], sizeof part[4], "%s left", text_seconds(a, left));
    }

    size_t width = 0;
    for (int i = 0; i < PARTS; i++)
        width += part[i][0] != '\0' ? strlen(part[i]) + 2 : 0;
    for (int i = 0; i < PARTS && width > columns + 1; i++) {
        char *leaving = part[goes[i]];
        width -= leaving[0] != '\0' ? strlen(leaving) + 2 : 0;
        leaving[0] = '\0';
    }
    bool first = true;
    for (int i = 0; i < PARTS; i++) {
        if (part[i][0] == '\0')
            continue;
        ndr_buffer_text(out, first ? "" : "  ");
        ndr_buffer_text(out, part[i]);
        first = false;
    }
}

static void
json_counts(ndr_buffer *out, const ndr_stats *st)
{
    json_put_count(out, "bytes", st->bytes);
    json_put_count(out, "messages", st->messages);
    json_put_count(out, "bounces", st->bounces);
    json_put_count(out, "junk", st->junk);
    json_put_count(out, "damaged_sources", st->sources_failed);
}

static void
tell_json(const progress *p, const ndr_stats *st, double seconds)
{
    ndr_buffer line = {0};
    uint64_t total = 0;
    progress_begin_json(&line, "progress", seconds);
    if (ndr_input_total(p->source, &total))
        json_put_count(&line, "total_bytes", total);
    else
        json_put_null(&line, "total_bytes");
    json_counts(&line, st);
    progress_put_json(&line);
}

/* Hadoop Streaming's counters, which add up what they are told, and its status line. */
static void
tell_hadoop(progress *p, const ndr_stats *st)
{
    const struct {
        const char *name;
        uint64_t now, *told;
    } of[] = {
        {"messages", st->messages, &p->counted.messages},
        {"bytes", st->bytes, &p->counted.bytes},
        {"bounces", st->bounces, &p->counted.bounces},
        {"junk", st->junk, &p->counted.junk},
        {"damaged sources", st->sources_failed, &p->counted.sources_failed},
    };
    ndr_buffer lines = {0};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        if (of[i].now > *of[i].told)
            ndr_buffer_printf(&lines, "reporter:counter:ndrscan,%s,%" PRIu64 "\n",
                              of[i].name, of[i].now - *of[i].told);
        *of[i].told = of[i].now;
    }
    ndr_buffer_printf(&lines, "reporter:status:%" PRIu64 " messages\n", st->messages);
    if (!lines.failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){lines.ptr, lines.len}, NULL);
    ndr_buffer_free(&lines);
}

bool
progress_is_read(enum progress_how how)
{
    return how == PROGRESS_JSON || how == PROGRESS_HADOOP;
}

void
progress_end_json(progress *p, const ndr_stats *st)
{
    if (p->how == PROGRESS_HADOOP) {
        tell_hadoop(p, st);
        return;
    }
    ndr_buffer line = {0};
    progress_begin_json(&line, "end", progress_seconds(p));
    json_counts(&line, st);
    json_begin(&line, "kinds", '{');
    for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
        json_put_count(&line, ndr_kind_name((enum ndr_kind)k), st->by_kind[k]);
    json_end(&line, '}');
    progress_put_json(&line);
}

void
progress_begin_json(ndr_buffer *line, const char *type, double seconds)
{
    json_begin(line, NULL, '{');
    json_put_word(line, "type", type);
    json_put_decimal(line, "seconds", seconds, 3);
}

void
progress_put_json(ndr_buffer *line)
{
    ndr_buffer_text(line, "}\n");
    if (!line->failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){line->ptr, line->len}, NULL);
    ndr_buffer_free(line);
}

static void
tell_line(progress *p, const ndr_stats *st, double seconds)
{
    uint64_t total = 0;
    const bool known = ndr_input_total(p->source, &total);
    ndr_buffer line = {0};
    ndr_buffer_text(&line, "\r\033[K");
    /* the last column stays free: some terminals wrap there */
    progress_line(&line, st, total, known, seconds, terminal_columns() - 1);
    if (!line.failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){line.ptr, line.len}, NULL);
    p->shown = true;
    ndr_buffer_free(&line);
}

void
progress_tick(progress *p, const ndr_stats *so_far)
{
    if (p->how == PROGRESS_NEVER)
        return;
    const double now = progress_now();
    if (now - p->told < (progress_is_read(p->how) ? 1.0 : 0.1))
        return;
    p->told = now;
    if (p->how == PROGRESS_JSON)
        tell_json(p, so_far, now - p->begun);
    else if (p->how == PROGRESS_HADOOP)
        tell_hadoop(p, so_far);
    else
        tell_line(p, so_far, now - p->begun);
}

void
progress_clear(progress *p)
{
    if (!p->shown)
        return;
    (void)put_all(STDERR_FILENO, NDR_SLICE("\r\033[K"), NULL);
    p->shown = false;
    p->told = 0;
}
