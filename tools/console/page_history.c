/* SPDX-License-Identifier: BSD-3-Clause */
/* page_history.c - who changed which window, what was moved, and what can be undone? */
#include "pages.h"

#include "app/history.h"
#include "app/history_read.h"
#include "app/html_text.h"
#include "app/text.h"

#include <string.h>

enum { LINES = 200 }; /* of each table on a page, the last ones first */

static void
begin_table(ndr_buffer *out, const char *title, const char *const *column)
{
    html_printf(
        out,
        "<section class=\"table\"><h2>%s</h2><div class=\"scroll\" tabindex=\"0\" "
        "role=\"region\" aria-label=\"%s\"><table class=\"cards\" role=\"table\">"
        "<tr role=\"row\">",
        title, title);
    for (; *column != NULL; column++)
        html_printf(out, "<th scope=\"col\" role=\"columnheader\">%s</th>", *column);
    ndr_buffer_text(out, "</tr>");
}

static void
end_table(ndr_buffer *out)
{
    ndr_buffer_text(out, "</table></div></section>");
}

/* A link to another page of one table, that keeps the others where they are. */
static void
put_link(ndr_buffer *out, const history_pages *at, const char *rel, const char *word)
{
    html_printf(out,
                "<a rel=\"%r\" href=\"history?moves=%d&amp;windows=%d&amp;access=%d\">"
                "%s</a> ",
                rel, (int64_t)at->moves, (int64_t)at->windows, (int64_t)at->access, word);
}

/* `page` is the one of `at` that tells the table's. */
static void
put_links(ndr_buffer *out, history_pages *at, size_t *page, bool older)
{
    const size_t here = *page;
    if (here == 1 && !older)
        return;
    ndr_buffer_text(out, "<p>");
    *page = here - 1;
    if (here > 1)
        put_link(out, at, "prev", "Newer");
    *page = here + 1;
    if (older)
        put_link(out, at, "next", "Older");
    *page = here;
    ndr_buffer_text(out, "</p>");
}

/* ---- moves ------------------------------------------------------------- */

static void
put_run(ndr_buffer *out, const run_row *r)
{
    const struct {
        const char *label;
        uint64_t count;
    } counts[] = {{"To Junk", r->junked},
                  {"Brought back", r->released},
                  {"Put back since", r->put_back}};
    ndr_buffer_text(out, "<tr role=\"row\"><td role=\"cell\" data-label=\"When\">");
    page_time(out, r->begun);
    html_printf(out,
                "</td><td role=\"cell\" data-label=\"Run\">%s</td>"
                "<td role=\"cell\" data-label=\"What\">%s</td>",
                r->id, r->verb);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        html_printf(out, "<td role=\"cell\" class=\"number\" data-label=\"%r\">%d</td>",
                    counts[i].label, (int64_t)counts[i].count);
    ndr_buffer_text(out, "<td role=\"cell\">");
    page_undo(out, r, "");
    if (r->undone)
        ndr_buffer_text(out, "undone");
    else if (!r->ended)
        ndr_buffer_text(out, " has not come to its end");
    ndr_buffer_text(out, "</td></tr>");
}

static void
put_runs(ndr_buffer *out, const runs *all, const char *why, history_pages *at)
{
    static const char *const columns[] = {
        "When", "Run", "What", "To Junk", "Brought back", "Put back since", "Undo", NULL};
    if (all == NULL) {
        html_printf(out, "<p class=\"error\" role=\"alert\">%s</p>", why);
        return;
    }
    begin_table(out, "Moves", columns);
    const size_t end = at->moves * LINES;
    for (size_t i = end - LINES; i < all->count && i < end; i++)
        put_run(out, &all->row[all->count - 1 - i]);
    end_table(out);
    put_links(out, at, &at->moves, end < all->count);
}

/* ---- changes of windows ------------------------------------------------ */

static const char *const change_columns[] = {"When", "Who",   "What", "Domain",
                                             "From", "Until", "Why",  NULL};

/* One page of a history, newest first. */
typedef struct rows {
    ndr_buffer text;
    size_t before; /* rows of the pages before it that are still to come */
    size_t count;
    bool older; /* there are more behind it */
} rows;

static void
put_cell(ndr_buffer *out, ndr_slice text)
{
    ndr_buffer plain = {0};
    int64_t at = 0;
    text_blank(&plain, text);
    ndr_buffer_byte(&plain, '\0');
    if (!plain.failed && ndr_timestamp_parse((const char *)plain.ptr, &at, NULL) == 0)
        page_time(out, at);
    else if (!plain.failed)
        html_text(out, (ndr_slice){plain.ptr, plain.len - 1});
    out->failed |= plain.failed;
    ndr_buffer_free(&plain);
}

/* False: the page is full. */
static bool
put_line(rows *r, const ndr_slice *cell, const char *const *column)
{
    if (r->before > 0) {
        r->before--;
        return true;
    }
    r->older = r->count == LINES;
    if (r->older)
        return false;
    r->count++;
    ndr_buffer_text(&r->text, "<tr role=\"row\">");
    for (size_t i = 0; column[i] != NULL; i++) {
        html_printf(&r->text, "<td role=\"cell\" data-label=\"%r\">", column[i]);
        put_cell(&r->text, cell[i]);
        ndr_buffer_text(&r->text, "</td>");
    }
    ndr_buffer_text(&r->text, "</tr>");
    return true;
}

static bool
take_change(void *ctx, const history_line *line)
{
    enum ndr_take take = NDR_TAKE_USUAL;
    ndr_buffer what = {0};
    ndr_buffer_add(&what, line->what);
    if (ndr_take_find(line->take, &take))
        ndr_buffer_text(&what, history_take(take));
    const ndr_slice cells[] = {line->at,     line->who,  {what.ptr, what.len},
                               line->domain, line->from, line->until,
                               line->note};
    const bool more = put_line(ctx, cells, change_columns);
    ((rows *)ctx)->text.failed |= what.failed;
    ndr_buffer_free(&what);
    return more;
}

/* A page of a file's lines; `page` is the one of `at` that tells which. */
static void
put_file(ndr_buffer *out, const char *path, const char *title, const char *const *columns,
         bool (*take)(void *ctx, const history_line *line), history_pages *at,
         size_t *page)
{
    rows r = {.before = (*page - 1) * LINES};
    ndr_error err = {0};
    if (history_newest(path, &(history_asked){.tell = take, .ctx = &r}, &err) != 0)
        html_printf(out, "<p class=\"error\" role=\"alert\">%s</p>", err.text);
    begin_table(out, title, columns);
    ndr_buffer_add(out, ndr_buffer_slice(&r.text));
    end_table(out);
    put_links(out, at, page, r.older);
    out->failed |= r.text.failed;
    ndr_buffer_free(&r.text);
}

/* ---- who came in ------------------------------------------------------- */

static const char *const access_columns[] = {"When",   "Who",  "What",
                                             "Domain", "From", NULL};

static bool
take_access(void *ctx, const history_line *line)
{
    const ndr_slice cells[] = {line->at, line->who, line->what, line->domain, line->from};
    return put_line(ctx, cells, access_columns);
}

void
page_history(ndr_buffer *out, const page_frame *f, const runs *all, const char *why,
             const char *access, history_pages at)
{
    history h;
    ndr_error err = {0};
    page_begin(out, f, "History", "History");
    if (f->mail)
        put_runs(out, all, why, &at);
    if (history_begin(&h, NULL, "", 0, &err) != 0)
        html_printf(out, "<p class=\"error\" role=\"alert\">%s</p>", err.text);
    else
        put_file(out, h.path, "Windows", change_columns, take_change, &at, &at.windows);
    put_file(out, access, "Log-ins, and what was denied", access_columns, take_access,
             &at, &at.access);
    page_end(out, f);
}
