/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_windows.c - `ndrscan windows`: which block windows are there? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/places.h"
#include "app/setup.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_rules.h"
#include "provable.h"
#include "settle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 80, INDENT = 4 };

/* ---- windows check ------------------------------------------------------------- */

static void
warn(void *ctx, const char *text)
{
    ++*(size_t *)ctx;
    diag("warning: %s", text);
}

int
cmd_windows_check(opts *o)
{
    const char *arg, *identity = NULL;
    int id;
    while ((id = opts_next(o, &arg)) > 0)
        identity = arg;
    if (id < 0)
        return o->status;
    size_t count = 0;
    char **file = opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "no FILE; name the windows files or folders to check");

    ndr_error err = {0};
    ndr_window_table *table = NULL;
    size_t warnings = 0;
    if (ndr_windows_load(
            (const char *const *)file, count,
            &(ndr_windows_warn){NDR_SIZED(ndr_windows_warn), warn, &warnings, INT64_MIN},
            &table, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    const ndr_windows *w = ndr_window_table_rows(table);
    if (windows_provable(identity, w->row, w->count, &err) != 0) {
        diag("%s", err.text);
        ndr_window_table_free(table);
        return EXIT_NOT_RUN;
    }
    const int64_t now = (int64_t)time(NULL);
    size_t open = 0;
    for (size_t i = 0; i < w->count; i++)
        open += w->row[i].from <= now && now < w->row[i].until;
    number a, b;
    (void)printf("%s window%s, %s open now", text_count(a, w->count),
                 w->count == 1 ? "" : "s", text_count(b, open));
    if (warnings > 0)
        (void)printf("; %s warning%s", text_count(a, warnings), warnings == 1 ? "" : "s");
    (void)putchar('\n');
    ndr_window_table_free(table);
    return EXIT_READ;
}

/* ---- windows list --------------------------------------------------------------- */

enum state { OPEN, COMING, ENDED, STATES };
static const char *const state_words[STATES] = {"open", "coming", "ended"};

static enum state
state_of(const ndr_window *w, int64_t now)
{
    return now < w->from ? COMING : now < w->until ? OPEN : ENDED;
}

static int
print(ndr_buffer *out)
{
    ndr_error err = {0};
    int status = 0;
    if (out->failed) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
    } else if (put_all(STDOUT_FILENO, (ndr_slice){out->ptr, out->len}, &err) != 0) {
        status = output_failed(&err);
    }
    ndr_buffer_free(out);
    return status;
}

/* What of the bounces that it covers it takes, and behind whose windows. */
static void
list_which(ndr_buffer *out, const ndr_window *w)
{
    if (w->take != NDR_TAKE_USUAL) {
        text_pad(out, 0, INDENT);
        ndr_buffer_printf(out, "takes %s\n",
                          w->take == NDR_TAKE_FORGED ? "only what is proven forged"
                          : w->take == NDR_TAKE_ALL  ? "all, ours too"
                                                     : "all but ours");
    }
    if (w->delegated) {
        text_pad(out, 0, INDENT);
        ndr_buffer_text(out, "delegated: takes only what the operator's leave\n");
    }
}

static void
list_row(ndr_buffer *out, const ndr_window *w, int64_t now)
{
    number a, b;
    const enum state state = state_of(w, now);
    text_pad(out, 0, INDENT - 2);
    ndr_buffer_text(out, w->subdomains ? "*." : "");
    ndr_domain_show(w->domain, out);
    ndr_buffer_byte(out, '\n');

    text_pad(out, 0, INDENT);
    ndr_buffer_text(out, text_local(a, w->from));
    if (w->until == NDR_TIME_OPEN)
        ndr_buffer_text(out, ", without end");
    else
        ndr_buffer_printf(out, " to %s", text_local(a, w->until));
    if (state == COMING)
        ndr_buffer_printf(out, ": begins in %s", text_span(a, w->from - now));
    else if (state == OPEN && w->until != NDR_TIME_OPEN)
        ndr_buffer_printf(out, ": ends in %s%s", text_span(a, w->until - now),
                          w->until_calm ? " or when calm" : "");
    else if (state == ENDED)
        ndr_buffer_printf(out, ": ended %s ago, open for %s",
                          text_span(a, now - w->until), text_span(b, w->until - w->from));
    ndr_buffer_byte(out, '\n');

    if (w->kinds != NDR_KINDS_DEFAULT || w->mailbox_count > 0) {
        ndr_buffer limits = {0};
        ndr_buffer_text(&limits, "only");
        for (int k = 0; w->kinds != NDR_KINDS_DEFAULT && k < NDR_KIND_COUNT; k++)
            if ((w->kinds & NDR_KIND_BIT(k)) != 0)
                ndr_buffer_printf(&limits, " %s", ndr_kind_name((enum ndr_kind)k));
        for (size_t i = 0; i < w->mailbox_count; i++) {
            ndr_buffer_text(&limits, i > 0 ? ", " : " to ");
            ndr_buffer_add(&limits, w->mailboxes[i]);
            ndr_buffer_byte(&limits, '@');
        }
        text_pad(out, 0, INDENT);
        text_wrap(out, (ndr_slice){limits.ptr, limits.len}, INDENT, INDENT, WIDTH);
        text_end(out, &limits);
    }
    list_which(out, w);
    if (w->note.len > 0) {
        text_pad(out, 0, INDENT);
        text_wrap(out, w->note, INDENT, INDENT, WIDTH);
    }
    text_pad(out, 0, INDENT);
    text_wrap(out, w->where, INDENT, INDENT, WIDTH);
}

static void
list_table(ndr_buffer *out, const ndr_windows *w, int64_t now)
{
    for (int state = 0; state < STATES; state++) {
        size_t count = 0;
        number n;
        for (size_t i = 0; i < w->count; i++)
            count += state_of(&w->row[i], now) == (enum state)state;
        if (count == 0)
            continue;
        ndr_buffer_printf(out, "%s%s (%s)\n", out->len > 0 ? "\n" : "",
                          state_words[state], text_count(n, count));
        for (size_t i = 0; i < w->count; i++)
            if (state_of(&w->row[i], now) == (enum state)state)
                list_row(out, &w->row[i], now);
    }
    if (w->count == 0)
        ndr_buffer_text(out, "no windows\n");
}

static void
list_jsonl(ndr_buffer *out, const ndr_window *w, int64_t now)
{
    json_begin(out, NULL, '{');
    json_put_word(out, "state", state_words[state_of(w, now)]);
    json_put_text(out, "domain", w->domain);
    json_put_time(out, "from", w->from);
    json_put_time(out, "until", w->until);
    json_put_bool(out, "until_calm", w->until_calm);
    json_put_bool(out, "subdomains", w->subdomains);
    json_begin(out, "kinds", '[');
    for (int k = 0; k < NDR_KIND_COUNT; k++)
        if ((w->kinds & NDR_KIND_BIT(k)) != 0)
            json_put_word(out, NULL, ndr_kind_name((enum ndr_kind)k));
    json_end(out, ']');
    json_begin(out, "mailboxes", '[');
    for (size_t i = 0; i < w->mailbox_count; i++)
        json_put_text(out, NULL, w->mailboxes[i]);
    json_end(out, ']');
    if (w->delegated)
        json_put_bool(out, "delegated", true);
    if (w->take != NDR_TAKE_USUAL)
        json_put_word(out, "take", ndr_take_name(w->take));
    json_put_text(out, "note", w->note);
    json_put_text(out, "where", w->where);
    ndr_buffer_text(out, "}\n");
}

int
cmd_windows(opts *o)
{
    bool jsonl = false;
    int64_t now = (int64_t)time(NULL);
    windows_places places;
    size_t count = 0;
    ndr_error err = {0};
    ndr_window_table *table = NULL;
    const char *arg;
    int id, status = 0;
    const char **path = calloc(opts_room(o) + WINDOWS_PLACES, sizeof *path);
    if (path == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    while ((id = opts_next(o, &arg)) > 0) {
        int at = 0;
        if (id == OPT_WINDOWS)
            path[count++] = arg;
        else if (id == OPT_OUTPUT)
            jsonl = (at = opts_word(o, id, arg)) == 1;
        else if (ndr_when_parse(arg, NDR_WHEN_PAST, now, &now, &err) != 0)
            at = -(opts_mistake(o, "--at %s", err.text));
        if (at < 0) {
            status = EXIT_NOT_RUN;
            goto end;
        }
    }
    size_t operands = 0;
    char **word = opts_operands(o, &operands);
    if (id < 0)
        status = o->status;
    else if (operands > 1 || (operands == 1 && strcmp(word[0], "list") != 0))
        status = opts_mistake(
            o, "no verb 'windows %s'; it is list, history, check or settle", word[0]);
    if (id < 0 || status != 0)
        goto end;
    int place = 0;
    if (count == 0 && (place = windows_places_there(NULL, &places, path, &err)) > 0)
        count = (size_t)place;
    if (place < 0 || ndr_windows_load(path, count, NULL, &table, &err) != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
        goto end;
    }
    const ndr_windows *w = ndr_window_table_rows(table);
    ndr_buffer out = {0};
    if (!jsonl)
        list_table(&out, w, now);
    for (size_t i = 0; jsonl && i < w->count; i++)
        list_jsonl(&out, &w->row[i], now);
    status = print(&out);
end:
    ndr_window_table_free(table);
    free(path);
    return status;
}

/* ---- windows settle ---------------------------------------------------------------- */

int
cmd_windows_settle(opts *o)
{
    char stats_room[4096];
    const char *dir = NULL, *stats = NULL, *arg;
    ndr_buffer told = {0};
    ndr_error err = {0};
    size_t operands = 0, ended = 0;
    int id;
    while ((id = opts_next(o, &arg)) > 0)
        *(id == OPT_STATS ? &stats : &dir) = arg;
    if (id < 0)
        return o->status;
    (void)opts_operands(o, &operands);
    if (operands > 0)
        return opts_mistake(o, "takes no operands: it looks at every window");
    if (stats == NULL &&
        place_state("stats.db", stats_room, sizeof stats_room, &err) != 0)
        return opts_mistake(o, "%s, or give --windows-dir and --stats", err.text);
    stats = stats != NULL ? stats : stats_room;
    const int64_t now = (int64_t)time(NULL);
    if ((dir != NULL ? settle(dir, stats, NULL, now, &told, &ended, &err)
                     : settle_all(stats, NULL, now, &told, &ended, &err)) < 0) {
        ndr_buffer_free(&told);
        diag("%s", err.text);
        return err.sys_errno == EAGAIN ? EXIT_BUSY : EXIT_NOT_RUN;
    }
    return print(&told);
}
