/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_plan.h - when does the next message come, and is it a bounce of a storm?
 *
 * Arrivals go forward through the span as the heap fills. Ordinary mail follows the
 * hours of the day; a storm rises fast, peaks, and dies down within its bounds.
 */
#ifndef GEN_PLAN_H
#define GEN_PLAN_H

#include "gen_message.h"

typedef struct plan plan;

typedef struct arrival {
    int64_t at;
    bool bounce;
    const storm *in; /* NULL: of no storm; borrowed from the options */
} arrival;

/* The mean sizes of ordinary mail and of bounces weigh the plan when it goes by bytes;
 * equal ones when it goes by messages. Ends the program when a storm lies outside of
 * the span. */
plan *plan_new(const gen_options *opts, uint64_t ham_bytes, uint64_t bounce_bytes);
void plan_free(plan *p);
/* The arrival at `done` of `target`; never before an earlier one. */
arrival plan_at(const plan *p, rng *r, uint64_t done, uint64_t target);

#endif
