/* SPDX-License-Identifier: BSD-3-Clause */
/* keep.h - memory that lives as long as a table, and is wiped with it. */
#ifndef NDR_KEEP_H
#define NDR_KEEP_H

#include "ndrscan.h"

/* All zero: nothing is kept. */
typedef struct ndr_keep {
    struct ndr_keep_block *blocks;
} ndr_keep;

/* Zeroed room for n times `size` bytes; NULL when there is no memory. */
void *ndr_keep_room(ndr_keep *k, size_t n, size_t size);
/* A copy, ASCII letters in lower case if `lower`; empty for nothing. False: no memory. */
bool ndr_keep_copy(ndr_keep *k, ndr_slice bytes, bool lower, ndr_slice *ret);
void ndr_keep_free(ndr_keep *k);

#endif
