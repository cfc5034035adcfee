/* SPDX-License-Identifier: BSD-3-Clause */
/* siphash.c - which 64 bits stand for these bytes, for whoever has the key? */
#include "siphash.h"

static uint64_t
rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

/* Four of these a word: a call each would cost as much again. */
static inline __attribute__((always_inline)) void
round_of(ndr_siphash *h)
{
    h->v0 += h->v1;
    h->v1 = rotate(h->v1, 13) ^ h->v0;
    h->v0 = rotate(h->v0, 32);
    h->v2 += h->v3;
    h->v3 = rotate(h->v3, 16) ^ h->v2;
    h->v0 += h->v3;
    h->v3 = rotate(h->v3, 21) ^ h->v0;
    h->v2 += h->v1;
    h->v1 = rotate(h->v1, 17) ^ h->v2;
    h->v2 = rotate(h->v2, 32);
}

static uint32_t
half_of(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static uint64_t
word_of(const unsigned char *p)
{
    return half_of(p) | (uint64_t)half_of(p + 4) << 32;
}

/* Fewer than 8 bytes, lowest first. */
static uint64_t
part_of(const unsigned char *p, size_t n)
{
    if (n >= 4)
        return (uint64_t)half_of(p) | (uint64_t)half_of(p + n - 4) << 8 * (n - 4);
    if (n == 0)
        return 0;
    return (uint64_t)p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) |
           (uint64_t)p[n - 1] << 8 * (n - 1);
}

static inline void
take_word(ndr_siphash *h, uint64_t word)
{
    h->v3 ^= word;
    round_of(h);
    round_of(h);
    h->v0 ^= word;
}

void
ndr_siphash_begin(ndr_siphash *h, const unsigned char key[NDR_SIPHASH_KEY_BYTES])
{
    const uint64_t k0 = word_of(key), k1 = word_of(key + 8);
    /* "somepseudorandomlygeneratedbytes" */
    *h = (ndr_siphash){
        .v0 = k0 ^ UINT64_C(0x736f6d6570736575),
        .v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
        .v2 = k0 ^ UINT64_C(0x6c7967656e657261),
        .v3 = k1 ^ UINT64_C(0x7465646279746573),
    };
}

void
ndr_siphash_add(ndr_siphash *ret, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    ndr_siphash h =
        *ret; /* bytes could be any object's: what they are not stays at hand */
    const unsigned held = (unsigned)(h.len % 8) * 8; /* bits of the tail */
    h.len += n;
    for (; n >= 8; n -= 8, p += 8) {
        const uint64_t word = word_of(p);
        take_word(&h, h.tail | word << held);
        h.tail = held > 0 ? word >> (64 - held) : 0;
    }
    const uint64_t part = part_of(p, n);
    h.tail |= part << held;
    if (held + 8 * n >= 64) {
        take_word(&h, h.tail);
        h.tail = part >> (64 - held); /* held is at least 8 */
    }
    *ret = h;
}

uint64_t
ndr_siphash_end(ndr_siphash *h)
{
    take_word(h, h->tail | h->len << 56);
    h->v2 ^= 0xff;
    for (int i = 0; i < 4; i++)
        round_of(h);
    return h->v0 ^ h->v1 ^ h->v2 ^ h->v3;
}
