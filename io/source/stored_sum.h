/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stored_sum.h - what do the stored bytes of a piece add up to?
 *
 * Of each block of NDR_PLAN_BLOCK_BYTES the XXH3, seeded by where it stands; their sum
 * does not depend on who reads which block first. What the scan reads anyway is summed up
 * while it is in cache.
 */
#ifndef NDR_STORED_SUM_H
#define NDR_STORED_SUM_H

#include "ndr_hash.h"
#include "ndr_plan.h"

/* A worker's own. All zero at first. */
typedef struct ndr_stored_sum {
    ndr_hasher *hasher;
    unsigned char *block;
    /* the block that is watched */
    uint64_t at, until; /* the next byte, and the end */
} ndr_stored_sum;

/* The blocks that begin in [from, until) of what is stored at [base, end) of `fd`, a
 * piece's source number `source`, added to *sum. 0, NDR_E_SYS or NDR_E_NOMEM. */
int
ndr_stored_sum_read(ndr_stored_sum *s, int fd, uint64_t base, uint64_t end, uint64_t from,
                    uint64_t until, uint32_t source, uint64_t *sum, ndr_error *err);
/* What the first block of a source adds. */
uint64_t ndr_stored_sum_block(ndr_slice bytes, uint32_t source);
/* The same as the first of the one block at [from, until) of a source that begins at
 * `base`, from what is shown in between. False: no memory. */
bool ndr_stored_sum_watch(ndr_stored_sum *s, uint64_t base, uint64_t from, uint64_t until,
                          uint32_t source);
/* For ndr_mbox_range.seen. */
void ndr_stored_sum_seen(void *sum, ndr_slice bytes, uint64_t at);
/* Whether all of it was seen; it is added to *sum then. */
bool ndr_stored_sum_seen_all(ndr_stored_sum *s, uint64_t *sum);
void ndr_stored_sum_free(ndr_stored_sum *s);

#endif
