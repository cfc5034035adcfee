/* SPDX-License-Identifier: BSD-3-Clause */
/* histories.c - how many bounces might a domain get, each five minutes of some weeks? */
#include "histories.h"

#include <math.h>

#define PI 3.14159265358979323846

/* ---- chance ----------------------------------------------------------------------- */

/* [0, 1) */
static double
chance(rng *r)
{
    return (double)(rng_next(r) >> 11) / 9007199254740992.0;
}

static double
between(rng *r, double low, double high)
{
    return low + chance(r) * (high - low);
}

/* Box and Muller's. */
static double
normal(rng *r)
{
    const double u = 1 - chance(r);
    return sqrt(-2 * log(u)) * cos(2 * PI * chance(r));
}

static double
waiting(rng *r, double mean)
{
    return -mean * log(1 - chance(r));
}

/* Knuth's, in pieces that do not underflow; where there are many, a normal one. */
static uint64_t
poisson(rng *r, double mean)
{
    uint64_t n = 0;
    if (mean > 1000) {
        const double many = mean + sqrt(mean) * normal(r);
        return many > 0 ? (uint64_t)(many + 0.5) : 0;
    }
    while (mean > 0) {
        const double piece = mean > 30 ? 30 : mean;
        const double limit = exp(-piece);
        for (double p = chance(r); p > limit; p *= chance(r))
            n++;
        mean -= piece;
    }
    return n;
}

/* A factor of mean 1 whose deviation is 1 / sqrt(shape). */
static double
unsteady(rng *r, unsigned shape)
{
    double sum = 0;
    for (unsigned i = 0; i < shape; i++)
        sum += waiting(r, 1);
    return sum / shape;
}

/* ---- what is usual ----------------------------------------------------------------- */

double
history_size(rng *r)
{
    const double a_day = 10 * exp(1.8 * normal(r));
    return a_day < 3000 ? a_day : 3000;
}

void
history_usual(rng *r, double a_day, uint64_t *n, size_t steps)
{
    history_usual_of(r, a_day, 2, n, steps);
}

void
history_usual_of(rng *r, double a_day, unsigned steady, uint64_t *n, size_t steps)
{
    for (size_t from = 0; from < steps; from += HISTORY_HOUR) {
        const size_t day = from / HISTORY_DAY % 7, hour = from / HISTORY_HOUR % 24;
        double rate = a_day / HISTORY_DAY;
        rate *= 1 + 0.8 * sin(((double)hour - 8) / 24 * 2 * PI);
        rate *= day >= 5 ? 0.4 : 1;
        rate *= day == 0 && hour == 9 ? 3 : 1;
        rate *= unsteady(r, steady);
        for (size_t i = from; i < from + HISTORY_HOUR && i < steps; i++)
            n[i] = poisson(r, rate);
    }
}

/* One of `size` bounces; some of it takes hours. */
static void
add_mailing(rng *r, size_t at, double size, uint64_t *n, size_t steps)
{
    const size_t lots = rng_percent(r, 30) ? (size_t)rng_between(r, 2, 4) : 1;
    const double apart = between(r, 2, 6), fast = between(r, 0.6, 3);
    const double slow = between(r, 12, 96), slow_share = between(r, 0, 0.25);
    for (size_t lot = 0; lot < lots; lot++)
        for (uint64_t i = poisson(r, size / (double)lots); i > 0; i--) {
            const double wait = waiting(r, chance(r) < slow_share ? slow : fast);
            const double when = (double)at + (double)lot * apart + wait;
            if (when < (double)steps)
                n[(size_t)when]++;
        }
}

size_t
history_mailings(rng *r, size_t since, uint64_t *n, size_t steps)
{
    static const double rates[] = {1, 2, 2, 5, 10}; /* a week */
    const double every = HISTORY_WEEK / rates[rng_below(r, 5)];
    const double size = 80 * exp(normal(r));
    size_t count = 0;
    for (double at = waiting(r, every); at < (double)steps; at += waiting(r, every)) {
        const size_t hour = (size_t)at / HISTORY_HOUR % 24;
        const double own = size * exp(0.5 * normal(r));
        if (hour < 6 || hour >= 22)
            continue;
        add_mailing(r, (size_t)at, own < 5000 ? own : 5000, n, steps);
        count += (size_t)at >= since;
    }
    return count;
}

/* ---- storms -------------------------------------------------------------------------
 */

static double
one_step(size_t i)
{
    return i == 0 ? 5000 : 0;
}

static double
burst_then_some(size_t i)
{
    return i == 0 ? 5000 : 40;
}

double
storm_cliff(size_t i)
{
    (void)i;
    return 100;
}

double
storm_ramp(size_t i)
{
    return 200 * (i < 24 ? (double)(i + 1) / 24 : 1);
}

double
storm_pulse_20(size_t i)
{
    return i % 4 == 0 ? 150 : 0;
}

static double
pulse_45(size_t i)
{
    return i % 9 == 0 ? 150 : 0;
}

double
storm_small(size_t i)
{
    (void)i;
    return 10;
}

static double
nineteen(size_t i)
{
    (void)i;
    return 19;
}

double
storm_six(size_t i)
{
    (void)i;
    return 6;
}

double
storm_three(size_t i)
{
    (void)i;
    return 3;
}

static double
fading(size_t i)
{
    return 300 * exp(-(double)i / 24) + 3;
}

const storm_shape storm_shapes[] = {
    {"5,000 within one step", one_step, 1, false, 5},
    {"5,000 within one, then 40 a step for 3 h", burst_then_some, 36, false, 10},
    {"100 a step for 3 h", storm_cliff, 36, false, 10},
    {"rising to 200 a step in 2 h, for 6 h", storm_ramp, 72, false, 60},
    {"150 every 20 minutes for 6 h", storm_pulse_20, 73, false, 10},
    {"150 every 45 minutes for 6 h", pulse_45, 73, false, 10},
    {"300 a step, fading to 3 in 9 h", fading, 108, true, 10},
    {"240 in two hours", storm_small, 24, true, 40},
    {"19 a step for 15 h", nineteen, 180, true, 20},
    {"6 a step for 12 h", storm_six, 144, true, 120},
    {"3 a step for 12 h", storm_three, 144, true, 240},
};
const size_t storm_shape_count = sizeof storm_shapes / sizeof storm_shapes[0];

void
history_storm(rng *r, const storm_shape *shape, size_t at, unsigned second, uint64_t *n,
              size_t steps)
{
    enum { STEP_S = 300 };
    for (size_t i = 0; i < shape->steps; i++) {
        double rate = shape->rate(i) * unsteady(r, 8);
        /* what comes at once does, whatever is left of the step */
        if (i == 0 && shape->rate(0) <= shape->rate(1))
            rate *= 1 - (double)second / STEP_S;
        for (uint64_t k = poisson(r, rate); k > 0; k--) {
            const size_t late = rng_percent(r, 10) ? (size_t)waiting(r, 6) : 0;
            if (at + i + late < steps)
                n[at + i + late]++;
        }
    }
}

size_t
history_pulses(rng *r, const storm_pulses *p, size_t at, unsigned second, uint64_t *n,
               size_t steps)
{
    enum { STEP_MIN = 5 };
    const double jitter = p->period * p->jitter / 100.0;
    const double own = p->period * p->duty / 100.0, length = own > 1 ? own : 1;
    double begin = second / 60.0;
    size_t end = 0;
    for (double until = begin + p->last; begin <= until;
         begin += p->period + between(r, -jitter, jitter)) {
        end = at + (size_t)((begin + length) / STEP_MIN) + 1;
        for (uint64_t k = poisson(r, p->size * unsteady(r, 8)); k > 0; k--) {
            const double when = begin + between(r, 0, length);
            const size_t late = rng_percent(r, 10) ? (size_t)waiting(r, 6) : 0;
            const size_t step = at + (size_t)(when / STEP_MIN) + late;
            if (step < steps)
                n[step]++;
        }
    }
    return end;
}

int
double_compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double
double_at_share(const double *v, size_t count, size_t percent)
{
    return count == 0 ? 0 : v[(count - 1) * percent / 100];
}
