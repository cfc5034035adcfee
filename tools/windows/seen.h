/* SPDX-License-Identifier: BSD-3-Clause */
/* seen.h - what do the statistics say of a domain that somebody is about to block? */
#ifndef SEEN_H
#define SEEN_H

#include "ndrscan_stats.h"

typedef struct seen {
    bool known;       /* there are statistics, and they hold bounces of the last weeks */
    uint64_t bounces; /* to it, in NDR_STORM_PAST_S */
    int64_t began;    /* of the many that are on; NDR_TIME_UNKNOWN */
    uint64_t many;    /* so many, since then */
    char meant[256];  /* a domain with a like name that has bounces; "" */
} seen;

/* Counts that were read, for one domain after the other. */
typedef struct seen_counts {
    ndr_series_list list;
    int64_t known; /* up to where they reach */
    bool none;     /* there is no file */
} seen_counts;

/* Read the file, which need not be there. 0, or an ndr_code. */
int seen_begin(seen_counts *c, const char *stats, int64_t now, ndr_error *err);
/* With subdomains, of all below it: the earliest beginning. 0, or NDR_E_NOMEM. */
int seen_of(const seen_counts *c, const ndr_window *w, seen *ret, ndr_error *err);
void seen_end(seen_counts *c);

#endif
