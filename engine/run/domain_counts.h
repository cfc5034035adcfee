/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * domain_counts.h - what has one worker counted?
 *
 * Domains are kept in a table of bounded size. When it is full, the rarest
 * are folded into `other`, so that a storm that begins late still shows.
 */
#ifndef NDR_DOMAIN_COUNTS_H
#define NDR_DOMAIN_COUNTS_H

#include "ndrscan.h"

typedef struct ndr_domain_counts_row {
    uint64_t hash;
    uint32_t name_at, name_len; /* in `names` */
    uint64_t bounces, junk;     /* bounces 0: the row is free */
} ndr_domain_counts_row;

typedef struct ndr_domain_counts {
    ndr_domain_counts_row
        *row; /* open addressing; NDR_DOMAIN_COUNTS_ROWS of them, or NULL */
    size_t used;
    ndr_buffer names;
    uint64_t other;
    uint64_t *junk_by_window;
    size_t window_count;
} ndr_domain_counts;

enum { NDR_DOMAIN_COUNTS_ROWS = 16384 };

/* 0 or NDR_E_NOMEM. */
int ndr_domain_counts_init(ndr_domain_counts *t, size_t window_count, ndr_error *err);
void ndr_domain_counts_done(ndr_domain_counts *t);
/* Count one bounce; `windows` is the table v->window points into, or NULL. */
void ndr_domain_counts_add(ndr_domain_counts *t, const ndr_windows *windows,
                           const ndr_verdict *v);
/* Sum `count` tallies into `ret`, most bounces first. 0 or NDR_E_NOMEM. */
int ndr_domain_counts_merge(ndr_domain_counts *t, size_t count, ndr_stats *ret,
                            ndr_error *err);

#endif
