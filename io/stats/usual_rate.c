/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * usual_rate.c - how many bounces a step are usual for a domain at this hour?
 *
 * The larger of two: the mean of the same hour of the 28 days before, whose largest three
 * count as the fourth does, so that some days' bursts do not matter; and the median of
 * that hour of the week and its neighbours in the four weeks before, for what comes on
 * Mondays only. The median of days alone, which is simpler, is 0 for most domains: nobody
 * could say of it that it is usual. Hours of storms are left out, while enough others
 * remain, so that a long storm does not become the usual.
 */
#include "usual_rate.h"

#include <math.h>
#include <stdlib.h>

enum {
    STEPS_A_DAY = 24 * NDR_STEPS_AN_HOUR,
    PAST_DAYS = NDR_STORM_PAST_S / 86400,
    WEEKS = PAST_DAYS / 7,
    MIN_SAMPLES = 3, /* hours of past without which nothing is usual */
    CAPPED = 3,      /* of PAST_DAYS: the largest, which count as the next */
    MAX_DAYS = 800,  /* looked at, at most */
    ONSET_MOST = 96, /* steps that a beginning may lie back */
};
static const double LEAST = 0.05; /* a step: silence so far does not mean never */
static const double MANY_USUAL = 2, MANY_ROOT = 3; /* more than both is no chance */

static int64_t
round_down(int64_t at, int64_t to)
{
    const int64_t off = at % to;
    return at - (off < 0 ? off + to : off);
}

int
ndr_dense_fill(ndr_dense *d, const ndr_series *s, int64_t begin, int64_t now,
               ndr_error *err)
{
    const int64_t first = s->count > 0 ? s->row[0].step : now;
    int64_t start = begin == NDR_TIME_UNKNOWN || begin > now ? now : begin;
    if (start < first - NDR_STORM_PAST_S)
        start = first - NDR_STORM_PAST_S; /* silence before that tells nothing more */
    if (start < now - INT64_C(86400) * MAX_DAYS)
        start = now - INT64_C(86400) * MAX_DAYS;
    *d = (ndr_dense){.start = round_down(start, NDR_HOUR_S)};
    d->steps = (size_t)((round_down(now, NDR_STEP_S) - d->start) / NDR_STEP_S) + 1;
    d->sum = calloc(d->steps + 1, sizeof *d->sum);
    d->kept = calloc(d->steps + 1, sizeof *d->kept);
    d->usual_sum = calloc(d->steps + 1, sizeof *d->usual_sum);
    d->stormy = calloc(d->steps / NDR_STEPS_AN_HOUR + 1, sizeof *d->stormy);
    if (d->sum == NULL || d->kept == NULL || d->usual_sum == NULL || d->stormy == NULL) {
        ndr_dense_clear(d);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    for (size_t i = 0; i < s->count; i++) {
        const ndr_step_count *row = &s->row[i];
        if (row->step < d->start || row->step > now)
            continue;
        const size_t at = (size_t)((row->step - d->start) / NDR_STEP_S) + 1;
        d->sum[at] += row->bounces;
        d->kept[at] += row->bounces > row->junk ? row->bounces - row->junk : 0;
    }
    for (size_t i = 0; i < d->steps; i++) {
        d->sum[i + 1] += d->sum[i];
        d->kept[i + 1] += d->kept[i];
    }
    return 0;
}

void
ndr_dense_clear(ndr_dense *d)
{
    free(d->sum);
    free(d->kept);
    free(d->usual_sum);
    free(d->stormy);
    *d = (ndr_dense){0};
}

static void
sort(uint64_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && v[j - 1] > v[j]; j--) {
            const uint64_t swap = v[j];
            v[j] = v[j - 1];
            v[j - 1] = swap;
        }
}

static double
capped_mean(uint64_t *v, size_t n)
{
    uint64_t sum = 0;
    sort(v, n);
    const uint64_t cap = v[n - 1 - n * CAPPED / PAST_DAYS];
    for (size_t i = 0; i < n; i++)
        sum += v[i] < cap ? v[i] : cap;
    return (double)sum / (double)n;
}

static double
median(uint64_t *v, size_t n)
{
    sort(v, n);
    return n % 2 == 1 ? (double)v[n / 2] : ((double)v[n / 2 - 1] + (double)v[n / 2]) / 2;
}

static uint64_t
of_hour(const ndr_dense *d, size_t step)
{
    return ndr_dense_count(d, step, step + NDR_STEPS_AN_HOUR);
}

/* Of this hour of the days before. */
static double
by_day(ndr_dense *d, size_t step)
{
    uint64_t all[PAST_DAYS], quiet[PAST_DAYS];
    size_t all_count = 0, quiet_count = 0;
    for (size_t day = 1; day <= PAST_DAYS && step >= day * STEPS_A_DAY; day++) {
        const size_t at = step - day * STEPS_A_DAY;
        all[all_count++] = of_hour(d, at);
        if (!d->stormy[at / NDR_STEPS_AN_HOUR])
            quiet[quiet_count++] = of_hour(d, at);
    }
    d->known = all_count >= MIN_SAMPLES;
    return !d->known                    ? 0
           : quiet_count >= MIN_SAMPLES ? capped_mean(quiet, quiet_count)
                                        : capped_mean(all, all_count);
}

/* Of this hour of the week and its neighbours. */
static double
by_week(const ndr_dense *d, size_t step)
{
    enum { NEAR = 3 };
    uint64_t v[WEEKS * NEAR];
    size_t count = 0;
    for (size_t back = 1; back <= WEEKS * NEAR; back++) {
        const size_t week = (back + NEAR - 1) / NEAR, near = back % NEAR; /* 1, 2, 0 */
        const size_t off =
            week * 7 * STEPS_A_DAY + NDR_STEPS_AN_HOUR - near * NDR_STEPS_AN_HOUR;
        if (off <= step && !d->stormy[(step - off) / NDR_STEPS_AN_HOUR])
            v[count++] = of_hour(d, step - off);
    }
    return count >= MIN_SAMPLES ? median(v, count) : 0;
}

void
ndr_dense_usual_rate(ndr_dense *d, size_t step)
{
    if (step % NDR_STEPS_AN_HOUR == 0) {
        const double days = by_day(d, step), weeks = by_week(d, step);
        d->usual = (days > weeks ? days : weeks) / NDR_STEPS_AN_HOUR;
    }
    d->usual_sum[step + 1] = d->usual_sum[step] + (d->usual > LEAST ? d->usual : LEAST);
}

bool
ndr_dense_is_many(const ndr_dense *d, size_t step)
{
    const double usual = ndr_dense_expected(d, step, step + 1);
    return (double)ndr_dense_count(d, step, step + 1) >
           ndr_dense_most(usual, MANY_USUAL, MANY_ROOT);
}

size_t
ndr_dense_onset(const ndr_dense *d, size_t free, size_t step)
{
    const size_t end = step + 1;
    size_t best = step;
    double best_gain = -1;
    for (size_t from = end; from > free && end - from < ONSET_MOST; from--) {
        const double n = (double)ndr_dense_count(d, from - 1, end);
        const double u = ndr_dense_expected(d, from - 1, end);
        const double gain = n > u ? n * log(n / u) - (n - u) : 0;
        if (gain > best_gain && ndr_dense_count(d, from - 1, from) > 0) {
            best_gain = gain;
            best = from - 1;
        }
    }
    /* the end of a step that had begun before it, and what else was many in a row */
    while (best > free && ndr_dense_is_many(d, best - 1))
        best--;
    return best;
}
