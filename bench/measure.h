/* SPDX-License-Identifier: BSD-3-Clause */
/* measure.h - how long did it take, and how does a measurement end that cannot go on?
 * Who includes it defines MEASURE_NAME before, the name of the program. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double
measure_seconds(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds since a moment that stays the same while the system runs. */
static inline double
now(void)
{
    return measure_seconds(CLOCK_MONOTONIC);
}

/* Seconds of this thread's own work: what else the machine does stays out. */
static inline double
own_time(void)
{
    return measure_seconds(CLOCK_THREAD_CPUTIME_ID);
}

static inline _Noreturn void
die(const char *what, const char *why)
{
    (void)fprintf(stderr, "%s: %s: %s\n", MEASURE_NAME, what, why);
    exit(2);
}

/* `p`, which is memory that was asked for. */
static inline void *
need(void *p)
{
    if (p == NULL)
        die("memory", "there is none");
    return p;
}

#endif
