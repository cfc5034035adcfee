/* SPDX-License-Identifier: BSD-3-Clause */
/* hash.c - see ndr_hash.h. */
#define XXH_INLINE_ALL
#include "ndr_hash.h"

#include <stdalign.h>
#include <stdlib.h>
#include <xxhash.h>

uint64_t
ndr_hash(ndr_slice bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.ptr, bytes.len, seed);
}

uint64_t
ndr_hash_nocase(ndr_slice bytes, uint64_t seed)
{
    unsigned char lower[64];
    do {
        const size_t n = bytes.len < sizeof lower ? bytes.len : sizeof lower;
        for (size_t i = 0; i < n; i++) {
            const unsigned char c = bytes.ptr[i];
            lower[i] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
        }
        seed = XXH3_64bits_withSeed(lower, n, seed);
        bytes.ptr += n;
        bytes.len -= n;
    } while (bytes.len > 0);
    return seed;
}

struct ndr_hasher {
    XXH3_state_t state;
};

ndr_hasher *
ndr_hasher_new(void)
{
    return aligned_alloc(alignof(ndr_hasher), sizeof(ndr_hasher));
}

void
ndr_hasher_begin(ndr_hasher *h, uint64_t seed)
{
    XXH3_INITSTATE(&h->state);
    (void)XXH3_64bits_reset_withSeed(&h->state, seed); /* cannot fail */
}

void
ndr_hasher_add(ndr_hasher *h, ndr_slice bytes)
{
    (void)XXH3_64bits_update(&h->state, bytes.ptr, bytes.len); /* cannot fail */
}

uint64_t
ndr_hasher_end(const ndr_hasher *h)
{
    return XXH3_64bits_digest(&h->state);
}

void
ndr_hasher_free(ndr_hasher *h)
{
    free(h);
}
