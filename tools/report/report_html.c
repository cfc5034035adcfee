/* SPDX-License-Identifier: BSD-3-Clause */
/* report_html.c - the report as a page that stands alone: plots are SVG, no script. */
#include "app/html_text.h"
#include "app/text.h"
#include "ndrscan_rules.h"
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 290, /* of a plot, at most: a day in steps of five minutes, and parts */
    WIDTH = 720,   /* of its bars, and HEIGHT: in the SVG's own units */
    HEIGHT = 120,
    LEFT = 48,  /* for numbers */
    BELOW = 24, /* for times */
    PLOTS = 100,
    LINES = 48, /* of a plot's table, at most */
};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta name=\"color-scheme\" content=\"light dark\"><title>Bounces by domain</title>"
    "<style>\n"
    ":root{--ground:#fff;--text:#16181d;--quiet:#565d6b;--line:#d5d9e0;--storm:#a3160f;"
    "--blocked:#7a5200;--calm:#1d6b35;--bar:#35567a;--window:#f6e3a1}\n"
    "@media(prefers-color-scheme:dark){:root{--ground:#14171c;--text:#e8eaee;"
    "--quiet:#a3abb9;--line:#363c47;--storm:#ff8f85;--blocked:#e8bd5a;--calm:#7fd39a;"
    "--bar:#93b8e0;--window:#4a3f16}}\n"
    "body{margin:0 auto;padding:1rem clamp(.75rem,4vw,2.5rem) 3rem;max-width:52rem;"
    "background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.35rem;margin:0}h2{font-size:1.1rem;margin:0;overflow-wrap:anywhere}\n"
    "section{border-top:1px solid var(--line);padding:.9rem 0}p{margin:.2rem 0}\n"
    ".quiet{color:var(--quiet)}.badge{border:1px solid currentColor;border-radius:1rem;"
    "padding:0 .55rem;font-size:.85rem;font-weight:600;margin-left:.4rem}\n"
    ".badge.Many{color:var(--storm)}.badge.Blocked{color:var(--blocked)}"
    ".badge.Calm{color:var(--calm)}p.quiet::first-letter{text-transform:uppercase}\n"
    "svg{display:block;width:100%;height:auto}svg text{fill:var(--quiet);"
    "font:11px system-ui,sans-serif}\n"
    ".bar{fill:var(--bar)}section.Many "
    ".bar{fill:var(--storm)}.window{fill:var(--window)}"
    ".axis{stroke:var(--line)}.usual{stroke:var(--text);stroke-dasharray:5 4;fill:none}\n"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.15rem .9rem .15rem 0;"
    "border-bottom:1px solid var(--line)}.number{text-align:right;"
    "font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}\n"
    "</style></head><body><main>\n";

/* One plot's numbers. */
typedef struct plot {
    report_grid grid;
    uint64_t bounces[COLUMNS], junk[COLUMNS];
    double usual[COLUMNS]; /* -1: not known */
    double most;           /* of the axis */
} plot;

static int
take_usual(const report *r, const report_row *row, plot *p, ndr_error *err)
{
    const size_t each = (size_t)(p->grid.width_s / NDR_STEP_S);
    double *step = calloc(p->grid.count * each, sizeof *step);
    if (step == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    const int rc = ndr_usual_rates(row->series, r->list.begin, p->grid.from,
                                   p->grid.count * each, step, err);
    for (size_t i = 0; rc == 0 && i < p->grid.count; i++) {
        p->usual[i] = 0;
        for (size_t k = 0; k < each && p->usual[i] >= 0; k++)
            p->usual[i] = step[i * each + k] < 0 ? -1 : p->usual[i] + step[i * each + k];
    }
    free(step);
    return rc;
}

/* 1, 2 or 5 times a power of ten: the end of an axis that holds `n`. */
static double
round_up(double n)
{
    double unit = 1;
    while (unit * 10 < n)
        unit *= 10;
    return n <= unit       ? unit
           : n <= 2 * unit ? 2 * unit
           : n <= 5 * unit ? 5 * unit
                           : 10 * unit;
}

static double
x_of(const plot *p, int64_t at)
{
    const double whole = (double)p->grid.width_s * (double)p->grid.count;
    double x = (double)(at - p->grid.from) / whole;
    x = x < 0 ? 0 : x > 1 ? 1 : x;
    return LEFT + x * WIDTH;
}

static double
y_of(const plot *p, double n)
{
    return HEIGHT * (1 - (n < p->most ? n / p->most : 1));
}

static void
put_windows(const report *r, const report_row *row, const plot *p, ndr_buffer *out)
{
    for (size_t i = 0; r->windows != NULL && i < r->windows->count; i++) {
        const ndr_window *w = &r->windows->row[i];
        const double from = x_of(p, w->from), until = x_of(p, w->until);
        if (until > from && ndr_window_is_for(w, ndr_slice_of(row->series->domain)))
            ndr_buffer_printf(out,
                              "<rect class=\"window\" x=\"%.1f\" y=\"0\" width=\"%.1f\" "
                              "height=\"%d\"/>",
                              from, until - from, HEIGHT);
    }
}

static void
put_bars(const plot *p, ndr_buffer *out)
{
    const double width = (double)WIDTH / (double)p->grid.count;
    ndr_buffer_text(out, "<path class=\"bar\" d=\"");
    for (size_t i = 0; i < p->grid.count; i++)
        if (p->bounces[i] > 0)
            ndr_buffer_printf(out, "M%.1f %dV%.1fh%.1fV%dz", LEFT + (double)i * width,
                              HEIGHT, y_of(p, (double)p->bounces[i]), width, HEIGHT);
    ndr_buffer_text(out, "\"/><path class=\"usual\" d=\"");
    bool on = false;
    for (size_t i = 0; i < p->grid.count; i++) {
        if (p->usual[i] >= 0)
            ndr_buffer_printf(out, "%s%.1f %.1f", on ? "L" : "M",
                              LEFT + ((double)i + 0.5) * width, y_of(p, p->usual[i]));
        on = p->usual[i] >= 0;
    }
    ndr_buffer_text(out, "\"/>");
}

/* Lines at nothing and at the most; the first and the last moment. */
static void
put_axes(const report *r, const plot *p, ndr_buffer *out)
{
    number a, b, n;
    ndr_buffer_printf(out,
                      "<path class=\"axis\" d=\"M%d 0.5H%dM%d %d.5H%d\"/>"
                      "<text x=\"%d\" y=\"10\" text-anchor=\"end\">%s</text>"
                      "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>"
                      "<text x=\"%d\" y=\"%d\">%s</text>"
                      "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                      LEFT, LEFT + WIDTH, LEFT, HEIGHT, LEFT + WIDTH, LEFT - 4,
                      text_count(n, (uint64_t)p->most), LEFT - 4, HEIGHT, LEFT,
                      HEIGHT + 16, text_local(a, p->grid.from), LEFT + WIDTH, HEIGHT + 16,
                      text_local(b, r->now));
}

static void
put_table(const plot *p, ndr_buffer *out)
{
    number at, a, b;
    const size_t each = (p->grid.count + LINES - 1) / LINES;
    ndr_buffer_text(out,
                    "<details><summary>The numbers</summary><div class=\"scroll\" "
                    "tabindex=\"0\" role=\"region\" aria-label=\"Numbers\"><table><tr>"
                    "<th scope=\"col\">From</th><th scope=\"col\">Bounces</th>"
                    "<th scope=\"col\">Junk</th></tr>\n");
    for (size_t i = 0; i < p->grid.count; i += each) {
        uint64_t bounces = 0, junk = 0;
        for (size_t k = i; k < i + each && k < p->grid.count; k++) {
            bounces += p->bounces[k];
            junk += p->junk[k];
        }
        ndr_buffer_printf(out,
                          "<tr><td>%s</td><td class=\"number\">%s</td>"
                          "<td class=\"number\">%s</td></tr>\n",
                          text_local(at, p->grid.from + (int64_t)i * p->grid.width_s),
                          text_count(a, bounces), text_count(b, junk));
    }
    ndr_buffer_text(out, "</table></div></details>\n");
}

static int
put_domain(const report *r, const report_row *row, ndr_buffer *out, ndr_error *err)
{
    number a, b, span;
    plot p = {.grid = report_grid_of(r, COLUMNS), .most = 1};
    ndr_buffer words = {0};
    report_bins(r, row, &p.grid, p.bounces, p.junk);
    const int rc = take_usual(r, row, &p, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < p.grid.count; i++)
        p.most = (double)p.bounces[i] > p.most ? (double)p.bounces[i] : p.most;
    p.most = round_up(p.most);
    report_words(r, row, &words);
    ndr_buffer_byte(&words, '\0');
    const char *said = words.failed ? "" : (const char *)words.ptr;
    const char *state = ndr_state_name(row->state);
    html_printf(out,
                "<section class=\"%s\"><h2>%s<span class=\"badge %s\">%s</span></h2>"
                "<p>%s bounces, %s of them junk.</p><p class=\"quiet\">%s.</p>\n",
                state, report_name(row), state, state, text_count(a, row->bounces),
                text_count(b, row->junk), said);
    html_printf(out,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>Bounces to %s, each bar "
                "%s</title><desc>%s</desc>",
                (int64_t)(LEFT + WIDTH + 4), (int64_t)(HEIGHT + BELOW), report_name(row),
                text_span(span, p.grid.width_s), said);
    put_windows(r, row, &p, out);
    put_axes(r, &p, out);
    put_bars(&p, out);
    ndr_buffer_text(out, "</svg>\n");
    put_table(&p, out);
    ndr_buffer_text(out, "</section>\n");
    out->failed |= words.failed;
    ndr_buffer_free(&words);
    return 0;
}

static void
put_quiet(const report *r, size_t from, ndr_buffer *out)
{
    number a, b;
    if (from == r->count)
        return;
    ndr_buffer_text(out,
                    "<section><h2>The rest</h2><div class=\"scroll\" tabindex=\"0\" "
                    "role=\"region\" aria-label=\"The rest\"><table><tr>"
                    "<th scope=\"col\">Domain</th><th scope=\"col\">State</th>"
                    "<th scope=\"col\">Bounces</th><th scope=\"col\">Junk</th></tr>\n");
    for (size_t i = from; i < r->count; i++)
        html_printf(out,
                    "<tr><td>%s</td><td>%s</td><td class=\"number\">%s</td>"
                    "<td class=\"number\">%s</td></tr>\n",
                    report_name(&r->row[i]), ndr_state_name(r->row[i].state),
                    text_count(a, r->row[i].bounces), text_count(b, r->row[i].junk));
    ndr_buffer_text(out, "</table></div></section>\n");
}

int
report_html(const report *r, ndr_buffer *out, ndr_error *err)
{
    number a, b;
    size_t plots = 0, storms = 0;
    for (size_t i = 0; i < r->count; i++)
        storms += r->row[i].state == NDR_STATE_STORM;
    ndr_buffer_text(out, head);
    html_printf(out, "<h1>Bounces by domain</h1><p class=\"quiet\">%s to %s. </p>",
                text_local(a, r->since), text_local(b, r->now));
    html_printf(out, "<p>%s%s</p>\n",
                storms == 0   ? "No domain gets many without a window"
                : storms == 1 ? "One domain gets many and is not blocked"
                              : "Several domains get many and are not blocked",
                storms == 0 ? "." : ". " REPORT_BY_COUNT);
    if (r->now - r->known > 3600)
        html_printf(out,
                    "<p>Nothing was counted for %s: what came since is not known.</p>\n",
                    text_span(a, r->now - r->known));
    if (r->whole != NDR_TIME_UNKNOWN && r->whole > r->since)
        html_printf(out,
                    "<p>Before %s single bounces are not remembered: what was scanned "
                    "since of that time is not counted.</p>\n",
                    text_local(a, r->whole));
    if (storms > 0 || (r->count > 0 && r->row[0].state != NDR_STATE_QUIET))
        ndr_buffer_text(out,
                        "<p class=\"quiet\">Dashed: the usual rate. Shaded: a window "
                        "was open.</p>\n");
    for (; plots < r->count && plots < PLOTS && r->row[plots].state != NDR_STATE_QUIET;
         plots++) {
        const int rc = put_domain(r, &r->row[plots], out, err);
        if (rc < 0)
            return rc;
    }
    put_quiet(r, plots, out);
    ndr_buffer_text(out, "</main></body></html>\n");
    return 0;
}
