/* SPDX-License-Identifier: BSD-3-Clause */
/* usual_rate.h - a domain's counts with their gaps filled, and what is usual at each
 * hour. */
#ifndef NDR_USUAL_RATE_H
#define NDR_USUAL_RATE_H

#include "ndrscan_stats.h"

#include <math.h>

enum {
    NDR_HOUR_S = 3600,
    NDR_STEPS_AN_HOUR = NDR_HOUR_S / NDR_STEP_S,
};

/* A series, one element a step. `sum` and `usual_sum` have one more: of all before it, so
 * that what lies between two steps is one subtraction. */
typedef struct ndr_dense {
    int64_t start; /* of the first step; begins an hour */
    size_t steps;
    uint64_t *sum;
    uint64_t *kept;    /* as sum, but for what was junk */
    double *usual_sum; /* as far as ndr_dense_usual_rate was called; no step less than
                          LEAST */
    bool *stormy;      /* of each hour */
    double usual;      /* bounces a step, of the hour under way */
    bool known;        /* there was enough past to tell */
} ndr_dense;

/* Fill it with a series up to `now`. 0 (ndr_dense_clear it), or NDR_E_NOMEM. */
int ndr_dense_fill(ndr_dense *d, const ndr_series *s, int64_t begin, int64_t now,
                   ndr_error *err);
void ndr_dense_clear(ndr_dense *d);
/* Tell `usual` of this step, from those before it; each step in turn. Cannot fail. */
void ndr_dense_usual_rate(ndr_dense *d, size_t step);

/*
 * The step, not before `free`, with which what is many at the end of `step` began: from
 * there on the counts are best told by a rate of their own, before it by the usual one.
 * Source: the likelihood of a change point, for counts that are Poisson's.
 */
size_t ndr_dense_onset(const ndr_dense *d, size_t free, size_t step);
/* Is a step, for itself, more than usual and chance? */
bool ndr_dense_is_many(const ndr_dense *d, size_t step);

static inline int64_t
ndr_dense_time(const ndr_dense *d, size_t step)
{
    return d->start + (int64_t)step * NDR_STEP_S;
}

/* What came, and what usually does, in [from, until). */
static inline uint64_t
ndr_dense_count(const ndr_dense *d, size_t from, size_t until)
{
    return d->sum[until] - d->sum[from];
}

static inline double
ndr_dense_expected(const ndr_dense *d, size_t from, size_t until)
{
    return d->usual_sum[until] - d->usual_sum[from];
}

/* So many times what is expected, and so many times its root for chance. */
static inline double
ndr_dense_most(double expected, double times, double root)
{
    return times * expected + root * sqrt(expected);
}

#endif
