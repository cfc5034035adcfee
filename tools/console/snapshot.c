/* SPDX-License-Identifier: BSD-3-Clause */
/* snapshot.c - what is there to show? */
#include "snapshot.h"

#include "app/text.h"
#include "app/windows_place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
note(snapshot *s, const ndr_error *err)
{
    if (s->error[0] == '\0')
        memcpy(s->error, err->text, sizeof s->error);
}

/* Is it an entry of the file that programs edit? ("…/ndrscan.yaml:7") */
bool
snapshot_is_ours(const snapshot *s, const ndr_window *w)
{
    char own[4096];
    const int n = snprintf(own, sizeof own, "%s/" NDR_WINDOWS_OWN_FILE, s->windows_dir);
    return n > 0 && (size_t)n < sizeof own && w->where.len > (size_t)n &&
           memcmp(w->where.ptr, own, (size_t)n) == 0;
}

static void
load_windows(snapshot *s, const snapshot_opts *o)
{
    ndr_error err = {0};
    windows_places places;
    const char *list[WINDOWS_PLACES] = {o->windows_dir};
    int count = windows_place(o->windows_dir, &err);
    const bool none = count == WINDOWS_NEVER;
    if (count >= 0)
        count = o->windows_alone
                    ? 1
                    : windows_places_there(o->windows_dir, &places, list, &err);
    const int first = none ? 1 : 0; /* of those that there are */
    if (count < 0 ||
        (count > first && ndr_windows_load(list + first, (size_t)(count - first), NULL,
                                           &s->window_table, &err) != 0))
        note(s, &err);
}

static void
load_wishes(snapshot *s, const snapshot_opts *o)
{
    ndr_error err = {0};
    if (auto_wishes_load(o->windows_dir, &s->wishes, &err) != 0 ||
        auto_ready_load(o->windows_dir, s->at, &s->ready, &s->watched, &err) != 0)
        note(s, &err);
}

static void
view_counts(domain_view *v, const report_row *row, int64_t known)
{
    enum { HOUR = 3600 };
    uint64_t hour = 0;
    const ndr_outlook *o = &row->outlook;
    for (size_t i = row->series->count; i > 0; i--) {
        const ndr_step_count *step = &row->series->row[i - 1];
        if (step->step <= known - HOUR)
            break;
        hour += step->bounces;
    }
    const ndr_storm *last = o->count > 0 ? &o->storm[o->count - 1] : NULL;
    *v = (domain_view){
        .domain = row->series->domain,
        .state = row->state,
        .now_per_hour = (double)hour,
        .usual_per_hour = o->usual * HOUR / NDR_STEP_S,
        .usual_known = o->usual_known,
        .began =
            last != NULL && last->ended == NDR_TIME_OPEN ? last->began : NDR_TIME_UNKNOWN,
        .calm_since = o->calm_since,
        .bounces = row->bounces,
        .junk = row->junk,
        .open = row->window,
        .series = row->series,
    };
    memcpy(v->whose, row->whose, sizeof v->whose);
}

static int
compare_views(const void *a, const void *b)
{
    const domain_view *x = a, *y = b;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    if (x->bounces != y->bounces)
        return x->bounces > y->bounces ? -1 : 1;
    return strcmp(x->domain, y->domain);
}

/* Domains that are blocked though nobody counted a bounce to them. */
static void
add_blocked(snapshot *s, const ndr_windows *w)
{
    for (size_t i = 0; w != NULL && i < w->count; i++) {
        const ndr_window *row = &w->row[i];
        char *domain = NULL;
        if (row->from > s->at || s->at >= row->until)
            continue;
        domain = strndup((const char *)row->domain.ptr, row->domain.len);
        if (domain == NULL || snapshot_find(s, domain) != NULL) {
            free(domain);
            continue;
        }
        s->row[s->count++] = (domain_view){
            .domain = domain,
            .state = NDR_STATE_BLOCKED,
            .began = NDR_TIME_UNKNOWN,
            .calm_since = NDR_TIME_UNKNOWN,
            .open = row,
        };
    }
}

snapshot *
snapshot_take(const snapshot_opts *o, int64_t now)
{
    snapshot *s = calloc(1, sizeof *s);
    ndr_error err = {0};
    if (s == NULL)
        return NULL;
    s->at = now;
    s->windows_dir = o->windows_dir;
    load_windows(s, o);
    load_wishes(s, o);
    const ndr_windows *w =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    const int rc = report_make(&s->report, o->stats, w, now - DAY_S, now, &err);
    if (rc != 0 && !(rc == NDR_E_SYS && err.sys_errno == ENOENT))
        note(s, &err);
    s->known = s->report.known;
    s->row = calloc(s->report.count + (w != NULL ? w->count : 0) + 1, sizeof *s->row);
    if (s->row == NULL) {
        snapshot_free(s);
        return NULL;
    }
    for (size_t i = 0; i < s->report.count; i++)
        view_counts(&s->row[s->count++], &s->report.row[i], s->known);
    add_blocked(s, w);
    for (size_t i = 0; i < s->count; i++)
        s->row[i].ours = s->row[i].open != NULL && snapshot_is_ours(s, s->row[i].open);
    qsort(s->row, s->count, sizeof *s->row, compare_views);
    return s;
}

void
snapshot_free(snapshot *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; s->row != NULL && i < s->count; i++)
        if (s->row[i].series == NULL)
            free((void *)(uintptr_t)s->row[i].domain);
    free(s->row);
    report_clear(&s->report);
    auto_wishes_free(&s->wishes);
    auto_ready_free(&s->ready);
    ndr_window_table_free(s->window_table);
    free(s);
}

const domain_view *
snapshot_find(const snapshot *s, const char *domain)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->row[i].domain, domain) == 0)
            return &s->row[i];
    return NULL;
}

const char *
view_word(enum ndr_state state)
{
    static const char *const word[] = {[NDR_STATE_STORM] = "many",
                                       [NDR_STATE_BLOCKED] = "blocked",
                                       [NDR_STATE_CALM] = "calm",
                                       [NDR_STATE_QUIET] = "quiet"};
    return word[state];
}

static void
put_span(ndr_buffer *out, int64_t seconds)
{
    const int64_t minutes = seconds / 60;
    if (minutes < 60)
        ndr_buffer_printf(out, "%" PRId64 " min", minutes);
    else if (minutes < 48 * 60)
        ndr_buffer_printf(out, "%" PRId64 " h %" PRId64 " min", minutes / 60,
                          minutes % 60);
    else
        ndr_buffer_printf(out, "%" PRId64 " days", minutes / (24 * 60));
}

void
view_words(ndr_buffer *out, const domain_view *v, int64_t now)
{
    if (v->series == NULL) {
        ndr_buffer_text(out, "no bounces counted");
        return;
    }
    if (v->began == NDR_TIME_UNKNOWN && v->calm_since != NDR_TIME_UNKNOWN &&
        v->state != NDR_STATE_QUIET) {
        ndr_buffer_text(out, "calm for ");
        put_span(out, now - v->calm_since);
        return;
    }
    number n;
    ndr_buffer_printf(out, "%s%s in the last hour, ",
                      v->began != NDR_TIME_UNKNOWN ? "many bounces: " : "",
                      text_count(n, (uint64_t)v->now_per_hour));
    view_usual(out, v);
    if (v->began != NDR_TIME_UNKNOWN) {
        ndr_buffer_text(out, "; for ");
        put_span(out, now - v->began);
    }
}

void
view_usual(ndr_buffer *out, const domain_view *v)
{
    report_usual(v->usual_per_hour * NDR_STEP_S / 3600, v->usual_known, out);
}
