/* SPDX-License-Identifier: BSD-3-Clause */
/* vector.c - which way is there on this CPU? See ndr_vector.h. */
#include "ndr_vector.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

static bool
always(void)
{
    return true;
}

/* ---- plain C: the last bytes of the others, and where there are no vectors ---- */

static size_t
find_plain(const unsigned char *p, size_t n, const char *what, size_t len)
{
    size_t i = 0;
    while (i + len <= n) {
        const unsigned char *hit = memchr(p + i, what[0], n - i - (len - 1));
        if (hit == NULL)
            return n;
        i = (size_t)(hit - p);
        if (memcmp(hit, what, len) == 0)
            return i;
        i++;
    }
    return n;
}

static size_t
find_last_plain(const unsigned char *p, size_t n, size_t low, const char *what,
                size_t len)
{
    if (n < len)
        return n;
    for (size_t i = n - len + 1; i > low; i--)
        if (p[i - 1] == (unsigned char)what[0] && memcmp(p + i - 1, what, len) == 0)
            return i - 1;
    return n;
}

static const uint64_t ones = UINT64_C(0x0101010101010101);
static const uint64_t tops = UINT64_C(0x8080808080808080);

static inline uint64_t
word_at(const unsigned char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static size_t
ascii_length_plain(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i + 8 <= n && (word_at(p + i) & tops) == 0)
        i += 8;
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

static size_t
plain_plain(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] >= 0x20 && p[i] < 0x7f &&
           !(p[i] == ' ' && i > 0 && p[i - 1] == ' '))
        i++;
    return i;
}

static size_t
name_bytes_plain(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] > ' ' && p[i] < 0x7f && p[i] != ':')
        i++;
    return i;
}

static size_t
field_end_plain(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        const unsigned char *lf = memchr(p + i, '\n', n - i);
        if (lf == NULL)
            return n;
        i = (size_t)(lf - p) + 1;
        if (i < n && p[i] != ' ' && p[i] != '\t')
            return i;
    }
    return n;
}

static inline bool
is_unescaped(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static inline bool
all_unescaped(uint64_t w)
{
    const uint64_t quote = w ^ (ones * '"');
    const uint64_t slash = w ^ (ones * '\\');
    const uint64_t del = w ^ (ones * 0x7f);
    return ((w | ((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
             ((slash - ones) & ~slash) | ((del - ones) & ~del)) &
            tops) == 0;
}

static size_t
copy_unescaped_plain(unsigned char *to, const unsigned char *p, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n && all_unescaped(word_at(p + i)); i += 8)
        memcpy(to + i, p + i, 8);
    if (i > 0 && n - i < 8 && all_unescaped(word_at(p + n - 8))) {
        memcpy(to + n - 8, p + n - 8, 8); /* the rest, with bytes that were copied */
        return n;
    }
    if (n >= 4 && n < 8) {
        uint32_t front, back;
        memcpy(&front, p, 4);
        memcpy(&back, p + n - 4, 4);
        if (all_unescaped((uint64_t)back << 32 | front)) {
            memcpy(to, &front, 4);
            memcpy(to + n - 4, &back, 4);
            return n;
        }
    }
    for (; i < n && is_unescaped(p[i]); i++)
        to[i] = p[i];
    return i;
}

/* Whether `what` stands at p, where its first two bytes do: a call of memcmp would
 * have every vector saved around it. */
static inline bool
rest_matches(const unsigned char *p, const char *what, size_t len)
{
    size_t i = 2;
    while (i < len && p[i] == (unsigned char)what[i])
        i++;
    return i >= len;
}

/* Also what ndr_vector is before choose() has run: other constructors may scan. */
#define PLAIN                                                                            \
    {                                                                                    \
        .name = "plain", .usable = always, .find = find_plain,                           \
        .find_last = find_last_plain, .ascii_length = ascii_length_plain,                \
        .plain = plain_plain, .name_bytes = name_bytes_plain,                            \
        .field_end = field_end_plain, .copy_unescaped = copy_unescaped_plain,            \
    }
static const ndr_vector_way way_plain = PLAIN;

#if defined(__x86_64__)

/* ---- SSE2, which every x86-64 has ---- */

#define usable_sse2 always
#define WAY(f)      f##_sse2
#define WAY_NAME    "sse2"
#define NARROWER(f) f##_plain
#define TARGET
#define WIDTH       16
#define VEC         __m128i
#define LOAD(p)     _mm_loadu_si128((const void *)(p))
#define STORE(p, v) _mm_storeu_si128((void *)(p), v)
#define SPLAT(c)    _mm_set1_epi8(c)
#define HIT         __m128i
#define EQ(x, y)    _mm_cmpeq_epi8(x, y)
#define LESS(x, y)  _mm_cmplt_epi8(x, y)
#define AND(x, y)   _mm_and_si128(x, y)
#define OR(x, y)    _mm_or_si128(x, y)
#define BITS(h)     ((uint64_t)(uint32_t)_mm_movemask_epi8(h))
#define HIGH(v)     BITS(v)
#include "vector_way.h"

/* ---- AVX2 ---- */

static bool
usable_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

#define WAY(f)      f##_avx2
#define WAY_NAME    "avx2"
#define NARROWER(f) f##_sse2
#define TARGET      __attribute__((target("avx2")))
#define WIDTH       32
#define VEC         __m256i
#define LOAD(p)     _mm256_loadu_si256((const void *)(p))
#define STORE(p, v) _mm256_storeu_si256((void *)(p), v)
#define SPLAT(c)    _mm256_set1_epi8(c)
#define HIT         __m256i
#define EQ(x, y)    _mm256_cmpeq_epi8(x, y)
#define LESS(x, y)  _mm256_cmpgt_epi8(y, x)
#define AND(x, y)   _mm256_and_si256(x, y)
#define OR(x, y)    _mm256_or_si256(x, y)
#define BITS(h)     ((uint64_t)(uint32_t)_mm256_movemask_epi8(h))
#define HIGH(v)     BITS(v)
#include "vector_way.h"

/* ---- AVX-512, whose comparisons are masks ---- */

static bool
usable_avx512(void)
{
    return __builtin_cpu_supports("avx512bw");
}

#define WAY(f)      f##_avx512
#define WAY_NAME    "avx512"
#define NARROWER(f) f##_avx2
#define TARGET      __attribute__((target("avx2,avx512f,avx512bw")))
#define WIDTH       64
#define VEC         __m512i
#define LOAD(p)     _mm512_loadu_si512((const void *)(p))
#define STORE(p, v) _mm512_storeu_si512((void *)(p), v)
#define SPLAT(c)    _mm512_set1_epi8(c)
#define HIT         __mmask64
#define EQ(x, y)    _mm512_cmpeq_epi8_mask(x, y)
#define LESS(x, y)  _mm512_cmplt_epi8_mask(x, y)
#define AND(x, y)   ((x) & (y))
#define OR(x, y)    ((x) | (y))
#define BITS(h)     ((uint64_t)(h))
#define HIGH(v)     BITS(_mm512_movepi8_mask(v))
#include "vector_way.h"

#elif defined(__aarch64__)

/* ---- NEON, which every aarch64 has ---- */

/* There is no instruction for this: each byte keeps its bit, halves are summed. */
static inline uint64_t
bits_of(uint8x16_t h)
{
    static const uint8_t bit[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                    1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t kept = vandq_u8(h, vld1q_u8(bit));
    return vaddv_u8(vget_low_u8(kept)) | (uint64_t)vaddv_u8(vget_high_u8(kept)) << 8;
}

#define usable_neon always
#define WAY(f)      f##_neon
#define WAY_NAME    "neon"
#define NARROWER(f) f##_plain
#define TARGET
#define WIDTH       16
#define VEC         uint8x16_t
#define LOAD(p)     vld1q_u8(p)
#define STORE(p, v) vst1q_u8(p, v)
#define SPLAT(c)    vdupq_n_u8((uint8_t)(c))
#define HIT         uint8x16_t
#define EQ(x, y)    vceqq_u8(x, y)
#define LESS(x, y)  vcltq_s8(vreinterpretq_s8_u8(x), vreinterpretq_s8_u8(y))
#define AND(x, y)   vandq_u8(x, y)
#define OR(x, y)    vorrq_u8(x, y)
#define BITS(h)     bits_of(h)
#define HIGH(v)     bits_of(vcgeq_u8(v, vdupq_n_u8(0x80)))
#include "vector_way.h"

#endif

const ndr_vector_way *const ndr_vector_ways[] = {
    &way_plain,
#if defined(__x86_64__)
    &way_sse2,
    &way_avx2,
    &way_avx512,
#elif defined(__aarch64__)
    &way_neon,
#endif
};
const size_t ndr_vector_way_count = sizeof ndr_vector_ways / sizeof ndr_vector_ways[0];

ndr_vector_way ndr_vector = PLAIN;

bool
ndr_vector_use(const char *name)
{
    for (size_t i = 0; i < ndr_vector_way_count; i++)
        if (strcmp(ndr_vector_ways[i]->name, name) == 0 && ndr_vector_ways[i]->usable()) {
            ndr_vector = *ndr_vector_ways[i];
            return true;
        }
    return false;
}

__attribute__((constructor)) static void
choose(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    for (size_t i = 0; i < ndr_vector_way_count; i++)
        if (ndr_vector_ways[i]->usable())
            ndr_vector = *ndr_vector_ways[i];
}
