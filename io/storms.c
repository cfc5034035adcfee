/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * storms.c - when was there a storm of bounces, and is it over?
 *
 * A storm begins with two fierce steps in a row or three hot ones: a mailing list's
 * bounces come in one or two.
 * What is hot is measured by what is usual, the median of the same hour of the day in
 * the weeks before: a median does not mind a day's burst. Hours of storms are left out
 * of it, while enough others remain, so that a long storm does not become the usual.
 */
#include "ndrscan_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOUR = 3600,
    STEPS_AN_HOUR = HOUR / NDR_STEP_S,
    CALM_STEPS = NDR_CALM_S / NDR_STEP_S,
    PAST_DAYS = NDR_STORM_PAST_S / 86400,
    MIN_SAMPLES = 3,   /* days of past without which nothing is usual */
    FLOOR = 2,         /* bounces a step that are usual anywhere */
    HOT_MIN = 20,      /* bounces a step below which nothing is hot */
    FIERCE_MIN = 60,   /* the same for two steps in a row to be enough, and for any to be
                          hot while it is not known what is usual */
    HOT_FACTOR = 4,    /* times the usual, and some for chance */
    CALM_FACTOR = 2,   /* times the usual, below which it is calm */
    MAX_DAYS = 800,    /* looked at, at most */
    CALM_LONG = 86400, /* how long a storm that has ended is news */
};

/* A series with its gaps filled, one element a step. */
typedef struct dense {
    int64_t start; /* of the first step; begins an hour */
    size_t steps;
    uint64_t *n;
    bool *stormy; /* of each hour */
    double usual; /* of the hour under way */
    bool known;
} dense;

static int64_t
round_down(int64_t at, int64_t to)
{
    const int64_t off = at % to;
    return at - (off < 0 ? off + to : off);
}

static int
fill(dense *d, const ndr_series *s, int64_t begin, int64_t now, ndr_error *err)
{
    const int64_t first = s->count > 0 ? s->row[0].step : now;
    int64_t start = begin == NDR_TIME_UNKNOWN || begin > now ? now : begin;
    if (start < first - NDR_STORM_PAST_S)
        start = first - NDR_STORM_PAST_S; /* silence before that tells nothing more */
    if (start < now - INT64_C(86400) * MAX_DAYS)
        start = now - INT64_C(86400) * MAX_DAYS;
    *d = (dense){.start = round_down(start, HOUR)};
    d->steps = (size_t)((round_down(now, NDR_STEP_S) - d->start) / NDR_STEP_S) + 1;
    d->n = calloc(d->steps, sizeof *d->n);
    d->stormy = calloc(d->steps / STEPS_AN_HOUR + 1, sizeof *d->stormy);
    if (d->n == NULL || d->stormy == NULL) {
        free(d->n);
        free(d->stormy);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    for (size_t i = 0; i < s->count; i++)
        if (s->row[i].step >= d->start && s->row[i].step <= now)
            d->n[(s->row[i].step - d->start) / NDR_STEP_S] += s->row[i].bounces;
    return 0;
}

static void
clear(dense *d)
{
    free(d->n);
    free(d->stormy);
}

static int64_t
time_of(const dense *d, size_t step)
{
    return d->start + (int64_t)step * NDR_STEP_S;
}

static double
median(uint64_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && v[j - 1] > v[j]; j--) {
            const uint64_t swap = v[j];
            v[j] = v[j - 1];
            v[j - 1] = swap;
        }
    return n % 2 == 1 ? (double)v[n / 2] : ((double)v[n / 2 - 1] + (double)v[n / 2]) / 2;
}

/* What is usual in the hour that begins with `step`, from the same hour of days before.
 */
static void
find_usual(dense *d, size_t step)
{
    uint64_t all[PAST_DAYS], quiet[PAST_DAYS];
    size_t all_count = 0, quiet_count = 0;
    for (size_t day = 1; day <= PAST_DAYS && step >= day * 24 * STEPS_AN_HOUR; day++) {
        const size_t at = step - day * 24 * STEPS_AN_HOUR;
        uint64_t sum = 0;
        for (size_t i = 0; i < STEPS_AN_HOUR; i++)
            sum += d->n[at + i];
        all[all_count++] = sum;
        if (!d->stormy[at / STEPS_AN_HOUR])
            quiet[quiet_count++] = sum;
    }
    d->known = all_count >= MIN_SAMPLES;
    d->usual = !d->known                    ? 0
               : quiet_count >= MIN_SAMPLES ? median(quiet, quiet_count) / STEPS_AN_HOUR
                                            : median(all, all_count) / STEPS_AN_HOUR;
}

static double
floored(const dense *d)
{
    return d->usual > FLOOR ? d->usual : FLOOR;
}

static bool
is_hot(const dense *d, size_t step, double least)
{
    const double u = floored(d);
    const double hot = HOT_FACTOR * u + 3 * sqrt(u);
    return (double)d->n[step] >= (hot > least ? hot : least);
}

/* How many steps, up to `step`, begin a storm; 0: none. */
static size_t
begins(const dense *d, size_t step)
{
    if (step >= 1 && is_hot(d, step, FIERCE_MIN) && is_hot(d, step - 1, FIERCE_MIN))
        return step >= 2 && d->known && is_hot(d, step - 2, HOT_MIN) ? 3 : 2;
    return step >= 2 && d->known && is_hot(d, step, HOT_MIN) &&
                   is_hot(d, step - 1, HOT_MIN) && is_hot(d, step - 2, HOT_MIN)
               ? 3
               : 0;
}

/* A storm shows once it is hot enough to be sure of; it began with the first of the steps
 * in a row, up to that, that are hot for the domain alone. */
static size_t
since(const dense *d, size_t step, size_t hot, int64_t calm)
{
    while (hot <= step && time_of(d, step - hot) >= calm && is_hot(d, step - hot, 0))
        hot++;
    return hot;
}

/*
 * The half hour that ends with `step` had less than twice what is usual. Its largest step
 * but the first does not count: it may be a mailing list's, and storms are longer.
 */
static bool
is_calm(const dense *d, size_t step)
{
    uint64_t sum = 0, largest = 0;
    for (size_t i = 0; i < CALM_STEPS && i <= step; i++) {
        const uint64_t n = d->n[step - i];
        sum += n;
        if (i < CALM_STEPS - 1 && n > largest)
            largest = n;
    }
    return (double)(sum - largest) < CALM_FACTOR * floored(d) * (CALM_STEPS - 1);
}

/* ---- storms ------------------------------------------------------------------- */

static ndr_storm *
add_storm(ndr_outlook *o)
{
    if ((o->count & (o->count - 1)) == 0) { /* room doubles at powers of two */
        const size_t cap = o->count == 0 ? 1 : o->count * 2;
        ndr_storm *longer = realloc(o->storm, cap * sizeof *longer);
        if (longer == NULL)
            return NULL;
        o->storm = longer;
    }
    ndr_storm *s = &o->storm[o->count++];
    *s = (ndr_storm){0};
    return s;
}

static void
sum_up(ndr_storm *storm, const ndr_series *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const ndr_step_count *row = &s->row[i];
        if (row->step < storm->began || row->step >= storm->ended)
            continue;
        storm->bounces += row->bounces;
        storm->junk += row->junk;
        if (row->bounces > storm->peak) {
            storm->peak = row->bounces;
            storm->peak_at = row->step;
        }
    }
}

/* One step of time. `storm` is the one that is on, or NULL. NULL and *failed: no memory.
 */
static ndr_storm *
go_on(dense *d, size_t step, int64_t now, ndr_storm *storm, ndr_outlook *o, bool *failed)
{
    const bool whole = time_of(d, step) + NDR_STEP_S <= now;
    size_t hot = storm == NULL ? begins(d, step) : 0;
    if (hot > 0) {
        hot = since(d, step, hot, o->count > 0 ? o->storm[o->count - 1].ended : d->start);
        storm = add_storm(o);
        *failed = storm == NULL;
        if (*failed)
            return NULL;
        storm->began = time_of(d, step + 1 - hot);
        storm->ended = NDR_TIME_OPEN;
        storm->usual = d->usual;
        storm->usual_known = d->known;
        for (size_t i = step + 1 - hot; i < step; i++)
            d->stormy[i / STEPS_AN_HOUR] = true;
        o->calm_since = NDR_TIME_UNKNOWN;
    }
    if (storm != NULL)
        d->stormy[step / STEPS_AN_HOUR] = true;
    if (!whole)
        return storm; /* it may still fill */
    if (!is_calm(d, step)) {
        o->calm_since = NDR_TIME_UNKNOWN;
    } else if (o->calm_since == NDR_TIME_UNKNOWN) {
        const size_t back = step < CALM_STEPS - 1 ? step : CALM_STEPS - 1;
        o->calm_since = time_of(d, step - back);
        if (storm != NULL)
            storm->ended =
                o->calm_since > storm->began ? o->calm_since : time_of(d, step);
        storm = NULL;
    }
    return storm;
}

/* All steps; `usual` (NULL allowed) gets that of each of `count` from `from` on. */
static int
run(const ndr_series *s, int64_t begin, int64_t now, ndr_outlook *o, int64_t from,
    size_t count, double *usual, ndr_error *err)
{
    dense d;
    ndr_storm *storm = NULL;
    bool failed = false;
    *o = (ndr_outlook){.calm_since = NDR_TIME_UNKNOWN};
    for (size_t i = 0; i < count; i++)
        usual[i] = -1;
    int rc = fill(&d, s, begin, now, err);
    if (rc < 0)
        return rc;
    for (size_t step = 0; step < d.steps && !failed; step++) {
        if (step % STEPS_AN_HOUR == 0)
            find_usual(&d, step);
        storm = go_on(&d, step, now, storm, o, &failed);
        const int64_t at = time_of(&d, step) - from;
        if (at >= 0 && (uint64_t)at / NDR_STEP_S < count && d.known)
            usual[at / NDR_STEP_S] = d.usual;
    }
    o->usual = d.usual;
    o->usual_known = d.known;
    clear(&d);
    if (failed) {
        ndr_outlook_clear(o);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    return 0;
}

int
ndr_outlook_of(const ndr_series *s, int64_t begin, int64_t now, ndr_outlook *ret,
               ndr_error *err)
{
    const int rc = run(s, begin, now, ret, 0, 0, NULL, err);
    for (size_t i = 0; rc == 0 && i < ret->count; i++)
        sum_up(&ret->storm[i], s);
    return rc;
}

int
ndr_usual_of(const ndr_series *s, int64_t begin, int64_t step, size_t count, double *ret,
             ndr_error *err)
{
    ndr_outlook o;
    if (count == 0)
        return 0;
    const int64_t end = step + (int64_t)(count - 1) * NDR_STEP_S;
    const int rc = run(s, begin, end, &o, step, count, ret, err);
    if (rc == 0)
        ndr_outlook_clear(&o);
    return rc;
}

void
ndr_outlook_clear(ndr_outlook *o)
{
    free(o->storm);
    *o = (ndr_outlook){0};
}

/* ---- what follows ---------------------------------------------------------------- */

enum ndr_state
ndr_outlook_state(const ndr_outlook *o, bool blocked, int64_t now)
{
    if (blocked)
        return NDR_STATE_BLOCKED;
    if (o->count == 0)
        return NDR_STATE_QUIET;
    const int64_t ended = o->storm[o->count - 1].ended;
    if (ended == NDR_TIME_OPEN)
        return NDR_STATE_STORM;
    return now - ended < CALM_LONG ? NDR_STATE_CALM : NDR_STATE_QUIET;
}

const char *
ndr_state_name(enum ndr_state state)
{
    static const char *const names[] = {"Storm", "Blocked", "Calm", "Quiet"};
    return names[state];
}

bool
ndr_window_is_over(const ndr_window *w, const ndr_outlook *o, int64_t now)
{
    return w->until_calm && now - w->from >= NDR_CALM_S &&
           o->calm_since != NDR_TIME_UNKNOWN && now - o->calm_since >= NDR_CALM_S;
}

bool
ndr_window_names(const ndr_window *w, ndr_slice domain)
{
    if (ndr_slice_equal(w->domain, domain))
        return true;
    return w->subdomains && domain.len > w->domain.len + 1 &&
           domain.ptr[domain.len - w->domain.len - 1] == '.' &&
           memcmp(domain.ptr + domain.len - w->domain.len, w->domain.ptr,
                  w->domain.len) == 0;
}

int
ndr_window_settled(const ndr_window *w, const ndr_series_list *list, int64_t now,
                   bool *ret, ndr_error *err)
{
    const ndr_series silent = {0};
    const int64_t known = list->fresh < now ? list->fresh : now;
    bool over = w->until_calm && w->from <= now && now < w->until;
    bool any = false;
    for (size_t i = 0; over && i <= list->count; i++) {
        const bool last = i == list->count;
        if (last ? any : !ndr_window_names(w, ndr_slice_of(list->series[i].domain)))
            continue;
        ndr_outlook o;
        const int rc = ndr_outlook_of(last ? &silent : &list->series[i], list->begin,
                                      known, &o, err);
        if (rc < 0)
            return rc;
        any = true;
        over = ndr_window_is_over(w, &o, known);
        ndr_outlook_clear(&o);
    }
    *ret = over;
    return 0;
}
