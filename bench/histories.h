/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * histories.h - how many bounces might a domain get, each five minutes of some weeks?
 *
 * Counts alone, for what judges counts. Time begins on a Monday at midnight.
 */
#ifndef HISTORIES_H
#define HISTORIES_H

#include "gen_rng.h"

enum {
    HISTORY_HOUR = 12, /* steps */
    HISTORY_DAY = 24 * HISTORY_HOUR,
    HISTORY_WEEK = 7 * HISTORY_DAY,
};

/* A domain's bounces a day, its own: most have a few, a few have thousands. */
double history_size(rng *r);
/*
 * Fill `n` with what usually comes to a domain of that size: more by day than by night
 * and on Mondays at nine, less at weekends, and no hour like the one before it.
 */
void history_usual(rng *r, double a_day, uint64_t *n, size_t steps);
/* The same, whose hours are more even the larger `steady` is, from 1. */
void history_usual_of(rng *r, double a_day, unsigned steady, uint64_t *n, size_t steps);
/* Add what comes back of its own mailings: some a week, most of it within minutes, at
 * times in several lots, some of it for hours. Returns how many mailings began at or
 * after `since`. */
size_t history_mailings(rng *r, size_t since, uint64_t *n, size_t steps);

/* A storm. */
typedef struct storm_shape {
    const char *name;
    double (*rate)(size_t step); /* bounces to be expected in each of its steps */
    size_t steps;                /* how long; its last one is not empty */
    bool small;                  /* for domains that get less than 24 bounces a day */
    unsigned within;             /* minutes within which it has to be found */
} storm_shape;
/* Rates of storms that more than one bench makes. */
double storm_cliff(size_t step);    /* 100 */
double storm_ramp(size_t step);     /* rising to 200 in two hours */
double storm_small(size_t step);    /* 10 */
double storm_six(size_t step);      /* 6 */
double storm_three(size_t step);    /* 3 */
double storm_pulse_20(size_t step); /* 150 each 20 minutes */

extern const storm_shape storm_shapes[];
extern const size_t storm_shape_count;

/* Add it from so many seconds behind the beginning of step `at` on; a tenth of it comes
 * late. */
void history_storm(rng *r, const storm_shape *shape, size_t at, unsigned second,
                   uint64_t *n, size_t steps);

/* A storm that comes in pulses; minutes and percent. */
typedef struct storm_pulses {
    unsigned period; /* from the beginning of one to that of the next, in the mean */
    unsigned jitter; /* of the period: so much sooner or later at most, each evenly */
    unsigned duty;   /* of the period: how long one takes, at least a minute */
    unsigned size;   /* bounces of one, in the mean */
    unsigned last;   /* how long from the first to the last */
} storm_pulses;

/* Add it as history_storm does. Returns the step behind the end of its last pulse. */
size_t history_pulses(rng *r, const storm_pulses *p, size_t at, unsigned second,
                      uint64_t *n, size_t steps);

/* For qsort; and of sorted ones the one that so many percent do not exceed. */
int double_compare(const void *a, const void *b);
double double_at_share(const double *v, size_t count, size_t percent);

#endif
