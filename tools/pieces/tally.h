/* SPDX-License-Identifier: BSD-3-Clause */
/* tally.h - how many bounces came to which domain, and which windows made them junk? */
#ifndef TALLY_H
#define TALLY_H

#include "ndrscan.h"

typedef struct tally_row {
    size_t name; /* in `names` */
    uint32_t len;
    uint64_t hash, bounces, junk;
} tally_row;

/* So many domains are told apart, and of a piece so many are told: who sends the mail
 * chooses their names. */
enum { TALLY_MOST = 65536, TALLY_TOLD = 4096 };

/* All zero: empty. Thread: one at a time. */
typedef struct tally {
    ndr_buffer names;
    tally_row *row; /* in the order in which they came */
    size_t count, cap;
    uint32_t *slot; /* 1 + a row's number; 0: free */
    size_t slots;
    uint64_t *window; /* junk by each of the windows */
    size_t windows;
    uint64_t other; /* bounces to domains that found no room */
    bool failed;    /* no memory: what it holds means nothing */
} tally;

void tally_add(tally *t, ndr_slice domain, uint64_t bounces, uint64_t junk);
void tally_add_window(tally *t, size_t window, size_t windows, uint64_t junk);
/* All of `from`. */
void tally_join(tally *t, const tally *from);
/* As a run counts them, most bounces first. `ret`
 * (ndr_stats_clear it) gets domain, domain_count, other_domains and junk_by_window. 0 or
 * NDR_E_NOMEM. */
int tally_stats(const tally *t, ndr_stats *ret, ndr_error *err);
void tally_clear(tally *t); /* memory is kept */
void tally_free(tally *t);

#endif
