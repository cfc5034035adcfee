/* SPDX-License-Identifier: BSD-3-Clause */
/* hash.c - see ndr_hash.h. */
#if defined(__x86_64__)
/* its body for AVX2 as well, for who has that: as xxh_x86dispatch.c does it */
#include <immintrin.h>
#define XXH_DISPATCH_AVX2 1
#define XXH_TARGET_AVX2   __attribute__((__target__("avx2")))
#endif
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

#if defined(__x86_64__)
#if XXH_VERSION_NUMBER >= 802 /* from 0.8.2 on it takes all stripes of a block at once   \
                               */
#define ACCUMULATE_AVX2 XXH3_accumulate_avx2
#else
#define ACCUMULATE_AVX2 XXH3_accumulate_512_avx2
#endif

XXH_TARGET_AVX2 static void
add_avx2(ndr_hasher *h, ndr_slice bytes)
{
    (void)XXH3_update(&h->state, bytes.ptr, bytes.len, ACCUMULATE_AVX2,
                      XXH3_scrambleAcc_avx2); /* cannot fail */
}
#endif

void
ndr_hasher_add(ndr_hasher *h, ndr_slice bytes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        add_avx2(h, bytes);
        return;
    }
#endif
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
