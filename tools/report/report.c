/* SPDX-License-Identifier: BSD-3-Clause */
/* report.c - what do the statistics say of each domain? */
#include "report.h"

#include "app/text.h"
#include "ndr_count_list.h"

#include <stdlib.h>
#include <string.h>

/* One that takes what is forged alone leaves a storm to be told. */
static bool
blocks(const ndr_window *w)
{
    return w != NULL && w->take != NDR_TAKE_FORGED;
}

static const ndr_window *
open_window(const ndr_windows *w, const char *domain, int64_t now)
{
    const ndr_window *best = NULL;
    for (size_t i = 0; w != NULL && i < w->count; i++)
        if (w->row[i].from <= now && now < w->row[i].until &&
            ndr_window_is_for(&w->row[i], ndr_slice_of(domain)) &&
            (best == NULL || blocks(&w->row[i]) > blocks(best) ||
             (blocks(&w->row[i]) == blocks(best) && w->row[i].until > best->until)))
            best = &w->row[i];
    return best;
}

static int64_t
step_of(int64_t at)
{
    return at - (at % NDR_STEP_S + NDR_STEP_S) % NDR_STEP_S;
}

static int
compare_rows(const void *a, const void *b)
{
    const report_row *x = a, *y = b;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    if (x->bounces != y->bounces)
        return x->bounces > y->bounces ? -1 : 1;
    return strcmp(x->series->domain, y->series->domain);
}

static int
judge(report *r, const char *path, report_row *row, ndr_error *err)
{
    const int rc =
        ndr_outlook_of(row->series, r->list.begin, r->known, &row->outlook, err);
    if (rc < 0)
        return rc;
    row->window = open_window(r->windows, row->series->domain, r->now);
    row->state = ndr_outlook_state(&row->outlook, blocks(row->window), r->now);
    for (size_t i = 0; i < row->series->count; i++)
        if (row->series->row[i].step >= r->since) {
            row->bounces += row->series->row[i].bounces;
            row->junk += row->series->row[i].junk;
        }
    for (size_t i = 0; i < row->outlook.count; i++)
        row->storms += row->outlook.storm[i].ended > r->since;
    if (row->storms == 0 && row->window == NULL) /* a quiet one */
        return 0;
    const ndr_storm *last =
        row->storms > 0 ? &row->outlook.storm[row->outlook.count - 1] : NULL;
    return ndr_counts_whose(path, last != NULL ? last->began : r->since,
                            last != NULL && last->ended < r->now ? last->ended : r->now,
                            row->series->domain, row->whose, err);
}

int
report_make(report *r, const char *path, const ndr_windows *windows, int64_t since,
            int64_t now, ndr_error *err)
{
    since = step_of(since);
    *r = (report){.since = since, .now = now, .windows = windows};
    r->whole = NDR_TIME_UNKNOWN;
    int rc = ndr_counts_read(path, since - NDR_STORM_PAST_S, now, 0, NULL, &r->list, err);
    if (rc == 0)
        rc = ndr_counts_horizon(path, &r->whole, err);
    if (rc < 0)
        return rc;
    r->known = r->list.fresh < now ? r->list.fresh : now;
    if (r->known < since)
        r->known = since;
    r->row = calloc(r->list.count + 1, sizeof *r->row);
    if (r->row == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (; rc == 0 && r->count < r->list.count; r->count++) {
        r->row[r->count].series = &r->list.series[r->count];
        rc = judge(r, path, &r->row[r->count], err);
    }
    /* what had bounces before only, and is not blocked, is no news */
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        const report_row *row = &r->row[i];
        if (row->bounces > 0 || row->state != NDR_STATE_QUIET)
            r->row[kept++] = *row;
        else
            ndr_outlook_clear(&r->row[i].outlook);
    }
    r->count = kept;
    if (rc == 0)
        qsort(r->row, r->count, sizeof *r->row, compare_rows);
    return rc;
}

void
report_keep(report *r, const char (*domain)[256], size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        bool wanted = false;
        for (size_t k = 0; k < count && !wanted; k++)
            wanted = strcmp(r->row[i].series->domain, domain[k]) == 0;
        if (wanted)
            r->row[kept++] = r->row[i];
        else
            ndr_outlook_clear(&r->row[i].outlook);
    }
    r->count = kept;
}

void
report_clear(report *r)
{
    for (size_t i = 0; i < r->count; i++)
        ndr_outlook_clear(&r->row[i].outlook);
    free(r->row);
    ndr_series_list_clear(&r->list);
}

report_grid
report_grid_of(const report *r, size_t most)
{
    const int64_t end = step_of(r->now - 1) + NDR_STEP_S;
    const int64_t steps = end > r->since ? (end - r->since) / NDR_STEP_S : 1;
    const int64_t each = (steps + (int64_t)most - 1) / (int64_t)most;
    report_grid g = {.width_s = each * NDR_STEP_S,
                     .count = (size_t)((steps + each - 1) / each)};
    g.from = end - (int64_t)g.count * g.width_s;
    return g;
}

void
report_bins(const report *r, const report_row *row, const report_grid *g,
            uint64_t *ret_bounces, uint64_t *ret_junk)
{
    memset(ret_bounces, 0, g->count * sizeof *ret_bounces);
    if (ret_junk != NULL)
        memset(ret_junk, 0, g->count * sizeof *ret_junk);
    for (size_t i = 0; i < row->series->count; i++) {
        const ndr_step_count *step = &row->series->row[i];
        if (step->step < r->since || step->step >= r->now)
            continue;
        const size_t at = (size_t)((step->step - g->from) / g->width_s);
        ret_bounces[at] += step->bounces;
        if (ret_junk != NULL)
            ret_junk[at] += step->junk;
    }
}

bool
report_blocked_in(const report *r, const report_row *row, int64_t from, int64_t until)
{
    for (size_t i = 0; r->windows != NULL && i < r->windows->count; i++) {
        const ndr_window *w = &r->windows->row[i];
        if (w->from < until && from < w->until &&
            ndr_window_is_for(w, ndr_slice_of(row->series->domain)))
            return true;
    }
    return false;
}

const char *
report_name(const report_row *row)
{
    return row->series->domain[0] != '\0' ? row->series->domain : "(recipient not known)";
}

void
report_usual(double usual, bool known, ndr_buffer *out)
{
    enum { HOUR = 3600 / NDR_STEP_S, DAY = 24 * HOUR };
    number n;
    if (!known)
        ndr_buffer_text(out, "what is usual is not known yet");
    else if (usual * HOUR >= 1)
        ndr_buffer_printf(out, "usual %s an hour",
                          text_count(n, (uint64_t)(usual * HOUR + 0.5)));
    else if (usual * DAY >= 1)
        ndr_buffer_printf(out, "usual %s a day",
                          text_count(n, (uint64_t)(usual * DAY + 0.5)));
    else
        ndr_buffer_text(out, "none usual");
}

/* "; of 930 judged 800 forged, 31 ours", where it was asked. */
static void
whose_words(const report_row *row, ndr_buffer *out)
{
    static const enum ndr_whose order[] = {NDR_WHOSE_FORGED, NDR_WHOSE_OURS,
                                           NDR_WHOSE_FORWARDED};
    number n;
    uint64_t all = 0;
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        all += row->whose[k];
    if (all == 0)
        return;
    ndr_buffer_printf(out, "; of %s judged", text_count(n, all));
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (i < 2 || row->whose[order[i]] > 0)
            ndr_buffer_printf(out, "%s %s %s", i > 0 ? "," : "",
                              text_count(n, row->whose[order[i]]),
                              ndr_whose_name(order[i]));
}

void
report_words(const report *r, const report_row *row, ndr_buffer *out)
{
    number a, b, c;
    if (row->storms > 0) {
        const ndr_storm *s = &row->outlook.storm[row->outlook.count - 1];
        ndr_buffer_printf(out, "many bounces: %s since %s", text_count(a, s->bounces),
                          text_local(b, s->began));
        if (s->ended == NDR_TIME_OPEN)
            ndr_buffer_printf(out, ", %s ago, not over", text_span(c, r->now - s->began));
        else
            ndr_buffer_printf(out, ", calm since %s", text_local(c, s->ended));
        ndr_buffer_printf(out, "; peak %s in 5 min at %s; ", text_count(a, s->peak),
                          text_local(b, s->peak_at));
        report_usual(s->usual, s->usual_known, out);
        if (row->storms > 1)
            ndr_buffer_printf(out, "; %s times in all", text_count(a, row->storms));
    } else {
        ndr_buffer_text(out, "not many; ");
        report_usual(row->outlook.usual, row->outlook.usual_known, out);
    }
    whose_words(row, out);
    if (row->window == NULL)
        return;
    ndr_buffer_printf(out, ". %s since %s",
                      blocks(row->window) ? "Blocked" : "What is forged is blocked",
                      text_local(a, row->window->from));
    if (row->window->until == NDR_TIME_OPEN)
        ndr_buffer_text(out, ", without end");
    else
        ndr_buffer_printf(out, ", ends in %s%s",
                          text_span(b, row->window->until - r->now),
                          row->window->until_calm ? " or when calm" : "");
    if (ndr_window_is_over(row->window, &row->outlook, r->known))
        ndr_buffer_text(out, ": it may end now");
}
