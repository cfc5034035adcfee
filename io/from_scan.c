/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * from_scan.c - where does "\nFrom " stand, at the speed of memory?
 *
 * Two loads one byte apart, compared with LF and 'F', and the results joined:
 * few lines begin with 'F', so the rest is hardly ever compared. memmem is
 * several times slower, because it looks for a rare byte that is not rare.
 */
#include "frame.h"

#include <string.h>

#if defined(__x86_64__) && defined(__SSE2__)
#define HAVE_X86 1
#include <immintrin.h>
#endif

enum {
    WORD = 6,                /* "\nFrom " */
    STEP = 64,               /* positions that one mask tells about */
    REACH = STEP + WORD - 1, /* bytes that must be there for a whole word at each */
};

static bool
word_at(const unsigned char *p, size_t at)
{
    return memcmp(p + at, "\nFrom ", WORD) == 0;
}

static bool
always(void)
{
    return true;
}

static size_t
first_plain(const unsigned char *p, size_t n, size_t from)
{
    while (from < n && n - from >= WORD) {
        const unsigned char *hit = memchr(p + from, '\n', n - from - (WORD - 1));
        if (hit == NULL)
            return n;
        from = (size_t)(hit - p);
        if (word_at(p, from))
            return from;
        from++;
    }
    return n;
}

/* The last word in [low, high); n when there is none. */
static size_t
last_between(const unsigned char *p, size_t n, size_t low, size_t high)
{
    while (high > low) {
        high--;
        if (p[high] == '\n' && n - high >= WORD && word_at(p, high))
            return high;
    }
    return n;
}

static size_t
last_plain(const unsigned char *p, size_t n, size_t low)
{
    return last_between(p, n, low, n);
}

#if defined(HAVE_X86)

/* Bit i: p[i] is LF and p[i + 1] is 'F'. Reads STEP + 1 bytes. */
typedef uint64_t mask_of(const unsigned char *p);

static inline __attribute__((always_inline)) size_t
first_by(const unsigned char *p, size_t n, size_t from, mask_of *mask)
{
    for (; from < n && n - from >= REACH; from += STEP)
        for (uint64_t m = mask(p + from); m != 0; m &= m - 1) {
            const size_t at = from + (size_t)__builtin_ctzll(m);
            if (word_at(p, at))
                return at;
        }
    return first_plain(p, n, from);
}

static inline __attribute__((always_inline)) size_t
last_by(const unsigned char *p, size_t n, size_t low, mask_of *mask)
{
    if (n < WORD || low > n - WORD)
        return n;
    size_t high = n - (WORD - 1); /* positions below it have a whole word */
    while (high - low >= STEP) {
        high -= STEP;
        for (uint64_t m = mask(p + high); m != 0;) {
            const unsigned bit = 63u - (unsigned)__builtin_clzll(m);
            if (word_at(p, high + bit))
                return high + bit;
            m ^= UINT64_C(1) << bit;
        }
    }
    return last_between(p, n, low, high);
}

static inline uint64_t
mask_sse2(const unsigned char *p)
{
    const __m128i lf = _mm_set1_epi8('\n');
    const __m128i f = _mm_set1_epi8('F');
    uint64_t mask = 0;
    for (unsigned i = 0; i < STEP; i += 16) {
        const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        const __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + i + 1));
        const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(a, lf), _mm_cmpeq_epi8(b, f));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(both) << i;
    }
    return mask;
}

static size_t
first_sse2(const unsigned char *p, size_t n, size_t from)
{
    return first_by(p, n, from, mask_sse2);
}

static size_t
last_sse2(const unsigned char *p, size_t n, size_t low)
{
    return last_by(p, n, low, mask_sse2);
}

static bool
has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static inline __attribute__((target("avx2"))) uint64_t
mask_avx2(const unsigned char *p)
{
    const __m256i lf = _mm256_set1_epi8('\n');
    const __m256i f = _mm256_set1_epi8('F');
    uint64_t mask = 0;
    for (unsigned i = 0; i < STEP; i += 32) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + 1));
        const __m256i both =
            _mm256_and_si256(_mm256_cmpeq_epi8(a, lf), _mm256_cmpeq_epi8(b, f));
        mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(both) << i;
    }
    return mask;
}

static __attribute__((target("avx2"))) size_t
first_avx2(const unsigned char *p, size_t n, size_t from)
{
    return first_by(p, n, from, mask_avx2);
}

static __attribute__((target("avx2"))) size_t
last_avx2(const unsigned char *p, size_t n, size_t low)
{
    return last_by(p, n, low, mask_avx2);
}

#endif

const ndr_from_way ndr_from_ways[] = {
    {"plain", always, first_plain, last_plain},
#if defined(HAVE_X86)
    {"sse2", always, first_sse2, last_sse2},
    {"avx2", has_avx2, first_avx2, last_avx2},
#endif
};
const size_t ndr_from_way_count = sizeof ndr_from_ways / sizeof ndr_from_ways[0];

size_t
ndr_from_scan(const unsigned char *p, size_t n, size_t from)
{
#if defined(HAVE_X86)
    return has_avx2() ? first_avx2(p, n, from) : first_sse2(p, n, from);
#else
    return first_plain(p, n, from);
#endif
}

size_t
ndr_from_scan_last(const unsigned char *p, size_t n, size_t low)
{
#if defined(HAVE_X86)
    return has_avx2() ? last_avx2(p, n, low) : last_sse2(p, n, low);
#else
    return last_plain(p, n, low);
#endif
}
