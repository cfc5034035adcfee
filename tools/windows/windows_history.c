/* SPDX-License-Identifier: BSD-3-Clause */
/* windows_history.c - `ndrscan windows history`: how did the block windows come about, in
 * all histories that count here? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/history.h"
#include "app/history_read.h"
#include "app/places.h"
#include "app/setup.h"
#include "app/tables.h"
#include "app/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 80 };

/* A line that is listed, and when it was written down. */
typedef struct told_line {
    int64_t at;
    size_t nth;        /* in the order in which they were read */
    size_t begin, end; /* what is printed of it, in listing.text */
} told_line;

typedef struct listing {
    ndr_buffer text;
    told_line *line;
    size_t line_count, line_room;
    bool jsonl, failed;
    size_t domain_count;
    char (*domain)[256];
} listing;

/* The time `at`; of a line that says none: of the line before it. */
static int64_t
time_of(const listing *l, ndr_slice at)
{
    char text[32] = "";
    int64_t when = l->line_count > 0 ? l->line[l->line_count - 1].at : INT64_MIN;
    if (at.len < sizeof text)
        memcpy(text, at.ptr, at.len);
    int64_t said;
    return ndr_timestamp_parse(text, &said, NULL) == 0 ? said : when;
}

/* What was put into the text since `begin` is a line of its own. */
static void
keep_line(listing *l, ndr_slice at, size_t begin)
{
    if (l->line_count == l->line_room) {
        const size_t room = l->line_room * 2 + 64;
        told_line *more = realloc(l->line, room * sizeof *more);
        l->failed = l->failed || more == NULL;
        if (more == NULL)
            return;
        l->line = more;
        l->line_room = room;
    }
    const int64_t when = time_of(l, at);
    l->line[l->line_count] = (told_line){when, l->line_count, begin, l->text.len};
    l->line_count++;
}

/* A time of the history as people here read it. */
static void
add_time(ndr_buffer *out, ndr_slice at)
{
    char text[32] = "";
    number n;
    int64_t when = 0;
    if (at.len < sizeof text)
        memcpy(text, at.ptr, at.len);
    if (ndr_timestamp_parse(text, &when, NULL) == 0)
        ndr_buffer_text(out, text_local(n, when));
    else
        ndr_buffer_text(out, "?");
}

static void
add_domain(ndr_buffer *out, const history_line *line)
{
    ndr_buffer domain = {0};
    ndr_buffer_text(out, line->subdomains ? "*." : "");
    text_blank(&domain, line->domain);
    ndr_domain_show((ndr_slice){domain.ptr, domain.len}, out);
    text_end(out, &domain);
}

static void
add_wish(ndr_buffer *out, const history_line *line)
{
    enum ndr_take take;
    const bool on = ndr_slice_equal(line->what, NDR_SLICE(HISTORY_AUTO_ON));
    ndr_buffer_text(out,
                    on ? "wished that windows of " : "wished no longer that windows of ");
    add_domain(out, line);
    ndr_buffer_text(out, " open themselves");
    if (on && ndr_take_find(line->take, &take))
        ndr_buffer_text(out, history_take(take));
}

static void
add_change(ndr_buffer *out, const history_line *line)
{
    const bool added = ndr_slice_equal(line->what, NDR_SLICE("block"));
    enum ndr_take take;
    ndr_buffer_text(out, added ? "blocked "
                         : ndr_slice_equal(line->what, NDR_SLICE("cancel"))
                             ? "cancelled a window of "
                             : "unblocked ");
    for (size_t i = 0; i < line->mailbox_count; i++) {
        ndr_buffer_text(out, i > 0 ? ", " : "");
        text_blank(out, line->mailboxes[i]);
        ndr_buffer_byte(out, '@');
    }
    ndr_buffer_text(out, line->mailbox_count > 0 ? " of " : "");
    add_domain(out, line);
    if (added && ndr_take_find(line->take, &take))
        ndr_buffer_text(out, history_take(take));
    ndr_buffer_text(out, added ? " from " : ", ");
    add_time(out, line->from);
    ndr_buffer_text(out, added ? " until " : " to ");
    if (line->until.len > 0)
        add_time(out, line->until);
    else
        ndr_buffer_text(out, "ever");
    ndr_buffer_text(out, added && line->until_calm ? " or calm" : "");
    if (line->note.len > 0) {
        ndr_buffer_text(out, ": ");
        text_blank(out, line->note);
    }
}

/* As people read it. */
static void
put_line(listing *l, const history_line *line)
{
    ndr_buffer text = {0};
    add_time(&text, line->at);
    ndr_buffer_text(&text, "  ");
    text_blank(&text, line->who);
    ndr_buffer_byte(&text, ' ');
    if (ndr_slice_equal(line->what, NDR_SLICE(HISTORY_AUTO_ON)) ||
        ndr_slice_equal(line->what, NDR_SLICE(HISTORY_AUTO_OFF)))
        add_wish(&text, line);
    else
        add_change(&text, line);
    text_wrap(&l->text, (ndr_slice){text.ptr, text.len}, 0, 18, WIDTH);
    ndr_buffer_free(&text);
}

static bool
tell_line(void *ctx, const history_line *line)
{
    listing *l = ctx;
    bool wanted = l->domain_count == 0;
    for (size_t i = 0; i < l->domain_count; i++)
        wanted |= ndr_slice_equal(line->domain, ndr_slice_of(l->domain[i]));
    if (!wanted)
        return true;
    const size_t begin = l->text.len;
    if (l->jsonl) {
        ndr_buffer_add(&l->text, line->whole);
        ndr_buffer_byte(&l->text, '\n');
    } else {
        put_line(l, line);
    }
    keep_line(l, line->at, begin);
    return true;
}

/* ---- all histories, by time ------------------------------------------------------- */

/* One that may not be read is another's: it is told, and the rest is listed. */
static int
read_history(const char *path, listing *l, ndr_error *err)
{
    ndr_error own = {0};
    const history_asked asked = {
        .text = l->domain_count == 1 ? l->domain[0] : NULL, .tell = tell_line, .ctx = l};
    const int rc = history_each(path, &asked, &own);
    if (rc == NDR_E_SYS && own.sys_errno == EACCES) {
        diag("warning: %s; its lines are not listed", own.text);
        return 0;
    }
    if (rc != 0)
        *err = own;
    return rc;
}

/* What all users share, and one's own. */
static int
read_all(listing *l, ndr_error *err)
{
    static const char name[] = "history.jsonl";
    char shared[4096], own[4096];
    int rc = place_system_state(name, shared, sizeof shared, err);
    if (rc == 0)
        rc = read_history(shared, l, err);
    if (rc == 0 && place_state(name, own, sizeof own, NULL) == 0 &&
        strcmp(own, shared) != 0)
        rc = read_history(own, l, err);
    if (rc == 0 && (l->failed || l->text.failed))
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for the history");
    return rc;
}

static int
by_time(const void *a, const void *b)
{
    const told_line *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->nth < y->nth ? -1 : x->nth > y->nth;
}

static int
print_all(listing *l)
{
    ndr_error err = {0};
    ndr_buffer out = {0};
    int status = 0;
    if (l->line_count > 0)
        qsort(l->line, l->line_count, sizeof *l->line, by_time);
    for (size_t i = 0; i < l->line_count; i++)
        ndr_buffer_add(&out, (ndr_slice){l->text.ptr + l->line[i].begin,
                                         l->line[i].end - l->line[i].begin});
    if (out.failed) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
    } else if (put_all(STDOUT_FILENO, (ndr_slice){out.ptr, out.len}, &err) != 0) {
        status = output_failed(&err);
    }
    ndr_buffer_free(&out);
    return status;
}

int
cmd_windows_history(opts *o)
{
    listing l = {0};
    ndr_error err = {0};
    const char *arg;
    int id, status = 0;
    while ((id = opts_next(o, &arg)) > 0) {
        const int at = opts_word(o, id, arg);
        l.jsonl = at == 1;
        if (at < 0)
            return EXIT_NOT_RUN;
    }
    if (id < 0)
        return o->status;
    char **word = opts_operands(o, &l.domain_count);
    l.domain = calloc(l.domain_count + 1, sizeof *l.domain);
    if (l.domain == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (size_t i = 0; status == 0 && i < l.domain_count; i++)
        if (ndr_domain_to_ascii(word[i], l.domain[i], &err) != 0)
            status = opts_mistake(o, "%s", err.text);
    if (status == 0 && read_all(&l, &err) != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    if (status == 0)
        status = print_all(&l);
    ndr_buffer_free(&l.text);
    free(l.line);
    free(l.domain);
    return status;
}
