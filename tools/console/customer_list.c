/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_list.c - what does somebody with many domains see? */
#include "customer_page.h"

#include "app/html_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct column {
    const char *name;
    enum word word;
    bool number;
} columns[] = {
    [ORDER_STATE] = {"state", W_COL_STATE, false},
    [ORDER_DOMAIN] = {"domain", W_COL_DOMAIN, false},
    [ORDER_HOUR] = {"hour", W_COL_HOUR, true},
    [ORDER_USUAL] = {"usual", W_COL_USUAL, true},
    [ORDER_DAY] = {"day", W_COL_DAY, true},
};
static const enum own_order shown[] = {ORDER_DOMAIN, ORDER_STATE, ORDER_HOUR, ORDER_USUAL,
                                       ORDER_DAY};
enum { COLUMNS = sizeof shown / sizeof shown[0] };

const char *
customer_order_name(enum own_order order)
{
    return columns[order].name;
}

enum own_order
customer_order_of(const char *name)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (name != NULL && strcmp(columns[i].name, name) == 0)
            return (enum own_order)i;
    return ORDER_STATE;
}

/* What happens with all of them, in one sentence or three. */
static void
put_news(ndr_buffer *out, const customer_frame *f, const own_view *v)
{
    said_number all;
    say_count(all, f->lang, v->count);
    html_printf(out, "<div class=\"card %r\"><p class=\"now\">",
                v->many > 0 ? "many" : "quiet");
    if (v->many > 0)
        say_number(out, f->lang, W_MANY_OF, v->many, all);
    else
        say(out, f->lang, W_NONE_OF, all, NULL);
    ndr_buffer_text(out, "</p>");
    if (v->blocked > 0) {
        ndr_buffer_text(out, "<p>");
        say_number(out, f->lang, W_BLOCKED_OF, v->blocked, NULL);
        if (v->calm > 0) {
            ndr_buffer_byte(out, ' ');
            say_number(out, f->lang, W_CALM_OF, v->calm, NULL);
        }
        ndr_buffer_text(out, "</p>");
    }
    ndr_buffer_text(out, "</div>");
}

/* "./?q=…&sort=…&page=…" */
static void
put_address(ndr_buffer *out, const customer_table *t, enum own_order order, size_t page)
{
    ndr_buffer_printf(out, "./?sort=%s&amp;page=%zu&amp;q=", columns[order].name, page);
    for (const char *c = t->word; *c != '\0'; c++) {
        const bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                           (*c >= '0' && *c <= '9') || *c == '-' || *c == '.';
        ndr_buffer_printf(out, plain ? "%c" : "%%%02X", plain ? *c : (unsigned char)*c);
    }
}

static void
put_search(ndr_buffer *out, const customer_frame *f, const customer_table *t)
{
    html_printf(out,
                "<form class=\"search\" role=\"search\" method=\"get\" action=\"./\">"
                "<input type=\"hidden\" name=\"sort\" value=\"%r\"><label for=\"q\">",
                columns[t->order].name);
    say(out, f->lang, W_SEARCH, NULL, NULL);
    html_printf(
        out,
        "</label><input id=\"q\" name=\"q\" type=\"search\" value=\"%s\" "
        "autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\"><button>",
        t->word);
    say(out, f->lang, W_SEARCH, NULL, NULL);
    ndr_buffer_text(out, "</button></form>");
}

static void
put_head(ndr_buffer *out, const customer_frame *f, const customer_table *t)
{
    ndr_buffer_text(out, "<thead role=\"rowgroup\"><tr role=\"row\">");
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct column *c = &columns[shown[i]];
        html_printf(out,
                    "<th scope=\"col\" role=\"columnheader\" class=\"%r%r\"%r><a href=\"",
                    c->name, c->number ? " number" : "",
                    shown[i] != t->order       ? ""
                    : shown[i] == ORDER_DOMAIN ? " aria-sort=\"ascending\""
                                               : " aria-sort=\"descending\"");
        put_address(out, t, shown[i], 1);
        ndr_buffer_text(out, "\">");
        say(out, f->lang, c->word, NULL, NULL);
        ndr_buffer_text(out, "</a></th>");
        if (shown[i] == ORDER_STATE) {
            ndr_buffer_text(out,
                            "<th scope=\"col\" role=\"columnheader\" class=\"since\">");
            say(out, f->lang, W_COL_SINCE, NULL, NULL);
            ndr_buffer_text(out, "</th>");
        }
    }
    ndr_buffer_text(out, "</tr></thead>");
}

static void
put_label(ndr_buffer *out, const customer_frame *f, enum own_order order)
{
    html_printf(out, "<td role=\"cell\" class=\"%r%r\" data-label=\"",
                columns[order].name, columns[order].number ? " number" : "");
    say(out, f->lang, columns[order].word, NULL, NULL);
    ndr_buffer_text(out, "\">");
}

static void
put_row(ndr_buffer *out, const customer_frame *f, const domain_view *v)
{
    said_number number;
    time_html at;
    html_printf(
        out,
        "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\" class=\"domain\"><a "
        "href=\"domain?name=%s\">%s</a></th>",
        v->domain, v->domain);
    put_label(out, f, ORDER_STATE);
    customer_badge(out, f->lang, v);
    ndr_buffer_text(out, "</td><td role=\"cell\" class=\"since\" data-label=\"");
    say(out, f->lang, W_COL_SINCE, NULL, NULL);
    ndr_buffer_text(out, "\">");
    if (v->began != NDR_TIME_UNKNOWN)
        ndr_buffer_text(out, customer_time(at, v->began));
    ndr_buffer_text(out, "</td>");
    put_label(out, f, ORDER_HOUR);
    ndr_buffer_text(out, say_count(number, f->lang, (uint64_t)(v->now_per_hour + 0.5)));
    ndr_buffer_text(out, "</td>");
    put_label(out, f, ORDER_USUAL);
    if (v->usual_known && v->usual_per_hour >= 0.05 && v->usual_per_hour < 9.95)
        ndr_buffer_printf(out, "%.0f%s%.0f", (double)(int)(v->usual_per_hour + 0.05),
                          f->lang == LANG_EN || f->lang == LANG_JA ? "." : ",",
                          (double)((int)(v->usual_per_hour * 10 + 0.5) % 10));
    else if (v->usual_known)
        ndr_buffer_text(out,
                        say_count(number, f->lang, (uint64_t)(v->usual_per_hour + 0.5)));
    else
        ndr_buffer_text(out, "–");
    ndr_buffer_text(out, "</td>");
    put_label(out, f, ORDER_DAY);
    ndr_buffer_text(out, say_count(number, f->lang, v->bounces));
    ndr_buffer_text(out, "</td></tr>");
}

static void
put_pages(ndr_buffer *out, const customer_frame *f, const customer_table *t, size_t page,
          size_t pages)
{
    said_number a, b;
    if (pages < 2)
        return;
    ndr_buffer_text(out, "<p class=\"pages\">");
    if (page > 1) {
        ndr_buffer_text(out, "<a rel=\"prev\" href=\"");
        put_address(out, t, t->order, page - 1);
        ndr_buffer_text(out, "\">");
        say(out, f->lang, W_PAGE_BEFORE, NULL, NULL);
        ndr_buffer_text(out, "</a> ");
    }
    ndr_buffer_text(out, "<span>");
    say(out, f->lang, W_PAGE_OF, say_count(a, f->lang, page),
        say_count(b, f->lang, pages));
    ndr_buffer_text(out, "</span>");
    if (page < pages) {
        ndr_buffer_text(out, " <a rel=\"next\" href=\"");
        put_address(out, t, t->order, page + 1);
        ndr_buffer_text(out, "\">");
        say(out, f->lang, W_PAGE_NEXT, NULL, NULL);
        ndr_buffer_text(out, "</a>");
    }
    ndr_buffer_text(out, "</p>");
}

void
customer_list(ndr_buffer *out, const customer_frame *f, own_view *v,
              const customer_table *t)
{
    ndr_buffer title = {0};
    say(&title, f->lang, W_NAV_DOMAINS, NULL, NULL);
    ndr_buffer_byte(&title, '\0');
    const char *name = title.failed ? "" : (const char *)title.ptr;
    customer_frame top = *f;
    top.one = true; /* no link to where we are */
    customer_begin(out, &top, name, 0);
    html_printf(out, "<h1>%s</h1>", name);
    put_news(out, f, v); /* of all, before any are left out */
    own_view_arrange(v, t->word, t->order);
    const size_t pages =
        v->count > 0 ? (v->count + CUSTOMER_ROWS - 1) / CUSTOMER_ROWS : 1;
    const size_t page = t->page < 1 ? 1 : t->page > pages ? pages : t->page;
    put_search(out, f, t);
    ndr_buffer_text(
        out, "<div id=\"list\" data-refresh=\"yes\"><p class=\"hint\" role=\"status\">");
    if (v->count > 0)
        say_number(out, f->lang, W_FOUND, v->count, NULL);
    else
        say(out, f->lang, W_FOUND_NONE, NULL, NULL);
    ndr_buffer_text(out, "</p>");
    if (v->count > 0) {
        html_printf(out, "<table role=\"table\" aria-label=\"%s\">", name);
        put_head(out, f, t);
        ndr_buffer_text(out, "<tbody role=\"rowgroup\">");
        for (size_t i = (page - 1) * CUSTOMER_ROWS;
             i < v->count && i < page * CUSTOMER_ROWS; i++)
            put_row(out, f, v->row[i]);
        ndr_buffer_text(out, "</tbody></table>");
    }
    put_pages(out, f, t, page, pages);
    ndr_buffer_text(out, "</div>");
    customer_end(out, f);
    out->failed |= title.failed;
    ndr_buffer_free(&title);
}
