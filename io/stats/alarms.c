/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * alarms.c - when would a window have opened itself, and when ended?
 *
 *   series of a domain -> step after step: what came is summed up over several lengths,
 *   and each sum held against both gates (gates.h)
 *
 * What is usual, and the most of other people's bounces there ever was, are of the 28
 * days before; storms, and what a window took, are left out of both.
 */
#include "calm.h"
#include "gates.h"
#include "usual_rate.h"

#include <stdlib.h>

enum {
    LATE = 2,                 /* steps: older counts open no window */
    BLOCK = NDR_GATE_LONGEST, /* steps of which the most that came is kept as one */
    BLOCKS = NDR_STORM_PAST_S / NDR_STEP_S / BLOCK,
};

static const double OTHERS_LEAST = 0.3;

struct ndr_alarms {
    ndr_dense d;
    ndr_dense others; /* of it, what the window would not leave, as far as was judged */
    enum ndr_take take;
    size_t step;                               /* the next */
    size_t steps;                              /* those that are over */
    uint64_t *judged, *spared, *ours, *forged; /* sums as ndr_dense.sum */
    double (*most)[NDR_GATES];                 /* of each block, storms left out */
    uint64_t *past_judged, *past_ours;         /* as sums, storms left out */
    size_t free; /* the first step that belongs to no storm */
    bool on;
    size_t began, told; /* of the last storm, */
    size_t ended;       /* the step with which it was over; 0: none was yet */
};

/* ---- making ------------------------------------------------------------------------ */

static void
fill(ndr_alarms *a, const ndr_proof_series *s, int64_t now)
{
    for (size_t i = 0; i < s->count; i++) {
        const ndr_step_proof *row = &s->row[i];
        if (row->step < a->d.start || row->step > now)
            continue;
        const size_t at = (size_t)((row->step - a->d.start) / NDR_STEP_S) + 1;
        const uint64_t forged = row->forged < row->judged ? row->forged : row->judged;
        const uint64_t ours = row->ours < row->judged ? row->ours : row->judged;
        a->judged[at] += row->judged;
        a->ours[at] += ours;
        a->forged[at] += forged;
        a->spared[at] += a->take == NDR_TAKE_FORGED ? row->judged - forged : ours;
    }
    for (size_t i = 0; i < a->d.steps; i++) {
        a->judged[i + 1] += a->judged[i];
        a->ours[i + 1] += a->ours[i];
        a->forged[i + 1] += a->forged[i];
        a->spared[i + 1] += a->spared[i];
    }
}

/* Of a step, what the window would take, by what was judged of it. */
static uint64_t
others_of(const ndr_step_proof *row, enum ndr_take take)
{
    const uint64_t spared =
        take == NDR_TAKE_FORGED ? row->judged - row->forged : row->ours;
    if (row->judged == 0 || spared > row->judged)
        return row->judged == 0 ? row->bounces : 0;
    const double share = (double)(row->judged - spared) / (double)row->judged;
    return (uint64_t)((double)row->bounces * share + 0.5);
}

int
ndr_alarms_new(const ndr_proof_series *s, int64_t begin, int64_t now, enum ndr_take take,
               ndr_alarms **ret, ndr_error *err)
{
    ndr_alarms *a = calloc(1, sizeof *a);
    ndr_series counts = {.row = calloc(s->count + 1, sizeof *counts.row)};
    int rc =
        a == NULL || counts.row == NULL ? ndr_fail(err, NDR_E_NOMEM, "no memory") : 0;
    for (size_t i = 0; rc == 0 && i < s->count; i++)
        counts.row[counts.count++] =
            (ndr_step_count){s->row[i].step, s->row[i].bounces, s->row[i].junk};
    if (rc == 0)
        rc = ndr_dense_fill(&a->d, &counts, begin, now, err);
    for (size_t i = 0; rc == 0 && i < s->count; i++)
        counts.row[i].bounces = others_of(&s->row[i], take);
    if (rc == 0 && (rc = ndr_dense_fill(&a->others, &counts, begin, now, err)) < 0)
        ndr_dense_clear(&a->d);
    free(counts.row);
    if (rc < 0) {
        free(a);
        return rc;
    }
    const size_t n = a->d.steps;
    a->take = take;
    a->steps = n - 1; /* the last one may still fill */
    a->judged = calloc(n + 1, sizeof *a->judged);
    a->spared = calloc(n + 1, sizeof *a->spared);
    a->ours = calloc(n + 1, sizeof *a->ours);
    a->forged = calloc(n + 1, sizeof *a->forged);
    a->past_judged = calloc(n + 1, sizeof *a->past_judged);
    a->past_ours = calloc(n + 1, sizeof *a->past_ours);
    a->most = calloc(n / BLOCK + 1, sizeof *a->most);
    if (a->judged == NULL || a->spared == NULL || a->ours == NULL || a->forged == NULL ||
        a->past_judged == NULL || a->past_ours == NULL || a->most == NULL) {
        ndr_alarms_free(a);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    fill(a, s, now);
    *ret = a;
    return 0;
}

void
ndr_alarms_free(ndr_alarms *a)
{
    if (a == NULL)
        return;
    ndr_dense_clear(&a->d);
    ndr_dense_clear(&a->others);
    free(a->judged);
    free(a->spared);
    free(a->ours);
    free(a->forged);
    free(a->past_judged);
    free(a->past_ours);
    free(a->most);
    free(a);
}

/* ---- a step ------------------------------------------------------------------------ */

static double
between(const uint64_t *sum, size_t from, size_t until)
{
    return (double)(sum[until] - sum[from]);
}

/* The first step of `steps` that end with `step`, none of which a storm has. */
static size_t
from_of(const ndr_alarms *a, size_t step, size_t steps)
{
    const size_t from = step + 1 > steps ? step + 1 - steps : 0;
    return from > a->free ? from : a->free;
}

static void
mark(ndr_alarms *a, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++)
        a->d.stormy[i / NDR_STEPS_AN_HOUR] = a->others.stormy[i / NDR_STEPS_AN_HOUR] =
            true;
}

/* Put a step without a storm down for those to come. What a window took for the most part
 * was a storm's. */
static void
remember(ndr_alarms *a, size_t step)
{
    const size_t end = step + 1;
    if (2 * ndr_dense_count(&a->d, step, end) - 2 * (a->d.kept[end] - a->d.kept[step]) >
        ndr_dense_count(&a->d, step, end)) {
        a->free = end;
        mark(a, step, end);
        return;
    }
    a->past_judged[end] += a->judged[end] - a->judged[step];
    a->past_ours[end] += a->ours[end] - a->ours[step];
    if (a->judged[end] == a->judged[step])
        return; /* no sum is larger than without it */
    for (size_t i = 0; i < NDR_GATES; i++) {
        const size_t from = from_of(a, step, ndr_gates[i].steps);
        const double judged = between(a->judged, from, end);
        const double n = judged - between(a->spared, from, end);
        if (n <
            OTHERS_LEAST * judged) /* a mailing of ours, which tells nothing of others */
            continue;
        double *most = &a->most[step / BLOCK][i];
        *most = n > *most ? n : *most;
    }
}

/* The most in a length before, of blocks that ended as long ago as the longest is. */
static double
most_before(const ndr_alarms *a, size_t step, size_t which)
{
    const size_t end = step >= BLOCK ? (step - BLOCK) / BLOCK : 0;
    double most = 0;
    for (size_t i = end > BLOCKS ? end - BLOCKS : 0; i < end; i++)
        most = a->most[i][which] > most ? a->most[i][which] : most;
    return most;
}

/* Hold each sum that ends with this step against the gates. */
static void
ask_gates(const ndr_alarms *a, size_t step, ndr_alarm *ret)
{
    const size_t end = step + 1;
    for (size_t i = 0; i < NDR_GATES && !ret->not_ours; i++) {
        const size_t from = from_of(a, step, ndr_gates[i].steps);
        ndr_gate_sum s = {.came = (double)ndr_dense_count(&a->d, from, end),
                          .judged = between(a->judged, from, end),
                          .spared = between(a->spared, from, end),
                          .usual = ndr_dense_expected(&a->d, from, end),
                          .others = ndr_dense_expected(&a->others, from, end)};
        if (!ndr_gate_many(&ndr_gates[i], &s))
            continue;
        s.most = most_before(a, step, i);
        const bool agrees = ndr_gate_not_ours(&ndr_gates[i], &s);
        if (ret->many && !agrees)
            continue;
        ret->many = true;
        ret->not_ours = agrees;
        ret->steps = (unsigned)ndr_gates[i].steps;
        ret->bounces = ndr_dense_count(&a->d, from, end);
        ret->judged = a->judged[end] - a->judged[from];
        ret->ours = a->ours[end] - a->ours[from];
        ret->forged = a->forged[end] - a->forged[from];
    }
}

/* Is it calm at the end of `step`, for a window that opened with step `told`? Where no
 * storm is found of it (again: counts made anew, or come late), it is as if one began
 * then: one that had ended before is another's. Counts are LATE steps behind the clock,
 * by which a window opens, at most: what has ended in them was on when it did. */
static bool
is_calm(const ndr_alarms *a, size_t step, size_t told, unsigned times)
{
    const ndr_calm_sums s = {a->d.sum, a->judged, a->spared, a->others.usual_sum};
    const size_t end = step + 1;
    const bool found = a->on || (a->ended > 0 && a->ended + LATE > told);
    return end > told + (size_t)NDR_CALM_LEAST * times &&
           ndr_calm_is_over(&s, found ? a->began : told, end, times);
}

bool
ndr_alarms_next(ndr_alarms *a, ndr_alarm *ret)
{
    if (a->step >= a->steps)
        return false;
    const size_t step = a->step++;
    ndr_dense_usual_rate(&a->d, step);
    ndr_dense_usual_rate(&a->others, step);
    a->past_judged[step + 1] = a->past_judged[step];
    a->past_ours[step + 1] = a->past_ours[step];
    *ret = (ndr_alarm){.step = ndr_dense_time(&a->d, step),
                       .usual = a->d.usual,
                       .usual_known = a->d.known};
    ask_gates(a, step, ret);
    if (!a->on && ret->not_ours) {
        a->on = true;
        a->began = ndr_dense_onset(&a->d, a->free, step);
        a->told = step;
        mark(a, a->began, step + 1);
    } else if (a->on && is_calm(a, step, a->told, 1)) {
        a->on = false;
        a->free = a->ended = step + 1;
    } else if (a->on) {
        mark(a, step, step + 1);
    } else {
        remember(a, step);
    }
    ret->on = a->on;
    ret->began = a->on ? ndr_dense_time(&a->d, a->began) : NDR_TIME_UNKNOWN;
    if (!a->on && ret->many)
        ret->began = ndr_dense_time(&a->d, ndr_dense_onset(&a->d, a->free, step));
    const size_t past = NDR_STORM_PAST_S / NDR_STEP_S, end = step + 1;
    const size_t from = end > past ? end - past : 0;
    ret->past_judged = a->past_judged[end] - a->past_judged[from];
    ret->past_ours = a->past_ours[end] - a->past_ours[from];
    return true;
}

bool
ndr_alarms_are_over(const ndr_alarms *a, int64_t opened, unsigned times)
{
    if (a->step == 0)
        return false;
    /* what came before the counts begin is not known */
    const size_t told =
        opened > a->d.start ? (size_t)((opened - a->d.start) / NDR_STEP_S) : 0;
    return is_calm(a, a->step - 1, told, times);
}
