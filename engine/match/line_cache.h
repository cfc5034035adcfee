/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * line_cache.h - which signals did this very line hit the last time?
 *
 * Bounces repeat themselves: a storm is a handful of mail systems that say the same to
 * thousands of addresses. What a line hits depends on its bytes alone, so that a line
 * that is known, byte for byte, need not be scanned again. A line is kept when it is met
 * for the second time: subjects and addresses that nobody repeats would drive out those
 * that return. Whether a line is known changes what a scan costs, never what it finds.
 */
#ifndef NDR_LINE_CACHE_H
#define NDR_LINE_CACHE_H

#include "ndrscan.h"

enum {
    NDR_LINE_CACHE_LINE_BYTES = 192, /* longer lines are seldom the same */
    NDR_LINE_CACHE_HITS = 11,        /* nor do many hit more signals */
};

/* A line of one matcher, and what it hits. */
typedef struct ndr_known {
    uint64_t hash;
    uint32_t matcher;
    uint8_t len;    /* 0: a free row */
    uint8_t count;  /* of `hit` */
    bool is_recent; /* of its pair, the one that was met last */
    uint32_t hit[NDR_LINE_CACHE_HITS];
    unsigned char line[NDR_LINE_CACHE_LINE_BYTES];
} ndr_known;

/* A scanner's own: 256 KiB of rows, of which only those in use take memory. */
typedef struct ndr_line_cache ndr_line_cache;

/* NULL: no memory. */
ndr_line_cache *ndr_line_cache_new(void);
void ndr_line_cache_free(ndr_line_cache *m);

enum ndr_line_cache_state {
    NDR_LINE_CACHE_NEW,   /* not met before, or not to be kept */
    NDR_LINE_CACHE_AGAIN, /* met before: *row is the line's, free, for ndr_line_cache_keep
                           */
    NDR_LINE_CACHE_KNOWN, /* *row says what it hits */
};
/* What is known of a line of `matcher`; *row is borrowed until the next call. */
enum ndr_line_cache_state
ndr_line_cache_find(ndr_line_cache *m, uint32_t matcher, ndr_slice line, ndr_known **row);
/* The row's hits are all there: from now on the line is known. */
void ndr_line_cache_keep(ndr_known *row, ndr_slice line);

#endif
