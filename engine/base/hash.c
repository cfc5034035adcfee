/* SPDX-License-Identifier: BSD-3-Clause */
/* hash.c - see ndr_hash.h. */
#define XXH_INLINE_ALL
#include "ndr_hash.h"

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
