/* SPDX-License-Identifier: BSD-3-Clause */
/* siphash.h - SipHash-2-4, piece by piece. Source: Aumasson and Bernstein, 2012. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { NDR_SIPHASH_KEY_BYTES = 16 };

typedef struct ndr_siphash {
    uint64_t v0, v1, v2, v3;
    uint64_t tail; /* bytes that make no word yet, lowest first */
    uint64_t len;
} ndr_siphash;

void ndr_siphash_begin(ndr_siphash *h, const unsigned char key[NDR_SIPHASH_KEY_BYTES]);
/* Any split of the bytes gives the same hash. `n` 0: p may be NULL. */
void ndr_siphash_add(ndr_siphash *h, const void *p, size_t n);
/* The hash of all that was added; ends it. */
uint64_t ndr_siphash_end(ndr_siphash *h);

#endif
