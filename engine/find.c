/* SPDX-License-Identifier: BSD-3-Clause */
/* find.c - see find.h. */
#include "find.h"

#include <string.h>

size_t
ndr_find_pair_plain(const unsigned char *p, size_t n, unsigned char a, unsigned char b)
{
    for (size_t i = 0; i + 1 < n; i++)
        if (p[i] == a && p[i + 1] == b)
            return i;
    return n;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static size_t
find_avx2(const unsigned char *p, size_t n, unsigned char a, unsigned char b)
{
    const __m256i va = _mm256_set1_epi8((char)a);
    const __m256i vb = _mm256_set1_epi8((char)b);
    size_t i = 0;
    for (; i + 33 <= n; i += 32) {
        const __m256i x = _mm256_loadu_si256((const void *)(p + i));
        const __m256i y = _mm256_loadu_si256((const void *)(p + i + 1));
        const __m256i hit =
            _mm256_and_si256(_mm256_cmpeq_epi8(x, va), _mm256_cmpeq_epi8(y, vb));
        const unsigned mask = (unsigned)_mm256_movemask_epi8(hit);
        if (mask != 0)
            return i + (size_t)__builtin_ctz(mask);
    }
    const size_t rest = ndr_find_pair_plain(p + i, n - i, a, b);
    return i + rest;
}

static size_t
find_sse2(const unsigned char *p, size_t n, unsigned char a, unsigned char b)
{
    const __m128i va = _mm_set1_epi8((char)a);
    const __m128i vb = _mm_set1_epi8((char)b);
    size_t i = 0;
    for (; i + 17 <= n; i += 16) {
        const __m128i x = _mm_loadu_si128((const void *)(p + i));
        const __m128i y = _mm_loadu_si128((const void *)(p + i + 1));
        const __m128i hit = _mm_and_si128(_mm_cmpeq_epi8(x, va), _mm_cmpeq_epi8(y, vb));
        const unsigned mask = (unsigned)_mm_movemask_epi8(hit);
        if (mask != 0)
            return i + (size_t)__builtin_ctz(mask);
    }
    return i + ndr_find_pair_plain(p + i, n - i, a, b);
}

size_t
ndr_find_pair(const unsigned char *p, size_t n, unsigned char a, unsigned char b)
{
    return __builtin_cpu_supports("avx2") ? find_avx2(p, n, a, b) : find_sse2(p, n, a, b);
}
#else
size_t
ndr_find_pair(const unsigned char *p, size_t n, unsigned char a, unsigned char b)
{
    size_t i = 0;
    while (i + 1 < n) {
        const unsigned char *hit = memchr(p + i, a, n - 1 - i);
        if (hit == NULL)
            return n;
        if (hit[1] == b)
            return (size_t)(hit - p);
        i = (size_t)(hit - p) + 1;
    }
    return n;
}
#endif
