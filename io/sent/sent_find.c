/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_find.c - where in a segment is a hash? */
#include "sent_segment.h"

static uint64_t
hash_at(const ndr_sent_segment *s, uint64_t i)
{
    return sent_record_hash(s->record + i * SENT_RECORD_BYTES);
}

/* Where a hash can be: not before lo, not behind hi. */
typedef struct bounds {
    uint64_t lo, hi;
} bounds;

/* Look at one record, and move the bound that it tells of. Its hash. */
static uint64_t
look_at(const ndr_sent_segment *s, uint64_t hash, uint64_t at, bounds *b)
{
    const uint64_t there = hash_at(s, at);
    if (there < hash)
        b->lo = at + 1;
    else
        b->hi = at;
    return there;
}

/*
 * Hashes are spread evenly: of n records a hash is about sqrt(n) from where its share of
 * the range says, and from a record near it about the root of the way that is left. Each
 * look is a page or a line of memory that was not at hand, so few are what counts.
 */
static void
draw_near(const ndr_sent_segment *s, uint64_t hash, bounds *b)
{
    enum { LOOKS = 6, NEAR = 8 };
    const double density = (double)s->count / 18446744073709551616.0;
    double at = (double)hash * density;
    for (int i = 0; i < LOOKS && b->lo < b->hi; i++) {
        const double first = (double)b->lo, last = (double)(b->hi - 1);
        const uint64_t place = at <= first  ? b->lo
                               : at >= last ? b->hi - 1
                                            : (uint64_t)at;
        const uint64_t there = look_at(s, hash, place, b);
        const double way =
            (there < hash ? (double)(hash - there) : -(double)(there - hash)) * density;
        if (way < NEAR && way > -NEAR)
            return;
        at = (double)place + way;
    }
}

/* From the bound that is near, in steps that double, until the other is near too. */
static void
close_in(const ndr_sent_segment *s, uint64_t hash, bool from_lo, bounds *b)
{
    for (uint64_t step = 2; b->hi - b->lo > step; step *= 4) {
        const uint64_t lo = b->lo, hi = b->hi;
        (void)look_at(s, hash, from_lo ? lo + step : hi - 1 - step, b);
        if (from_lo ? b->hi != hi : b->lo != lo)
            return;
    }
}

static uint64_t
halve(const ndr_sent_segment *s, uint64_t hash, bounds b)
{
    while (b.lo < b.hi) /* whatever the hashes are, this ends */
        (void)look_at(s, hash, b.lo + (b.hi - b.lo) / 2, &b);
    return b.lo;
}

/* By interpolation alone. */
static uint64_t
find_far(const ndr_sent_segment *s, uint64_t hash)
{
    bounds b = {0, s->count};
    draw_near(s, hash, &b);
    /* one of them is where the last look was */
    const bool from_lo =
        b.lo > 0 && hash - hash_at(s, b.lo - 1) <
                        (b.hi < s->count ? hash_at(s, b.hi) - hash : UINT64_MAX - hash);
    close_in(s, hash, from_lo, &b);
    return halve(s, hash, b);
}

/* ---- by the index ---------------------------------------------------------- */

enum { AROUND = 12 }; /* records of which one is mostly the one that was guessed at */

/* The records of the hash's bucket. False: what the index says cannot be. */
static bool
bucket_of(const ndr_sent_segment *s, uint64_t hash, bounds *ret)
{
    const uint64_t bucket = sent_index_bucket(s->index_bits, hash);
    ret->lo = sent_index_start(s->index, bucket);
    ret->hi = sent_index_start(s->index, bucket + 1);
    return ret->lo <= ret->hi && ret->hi <= s->count;
}

/* Where in its bucket a hash is if they are spread evenly there, too. */
static uint64_t
guess(const ndr_sent_segment *s, uint64_t hash, const bounds *b)
{
    const uint64_t share = hash << s->index_bits >> 32; /* of the bucket, in 2^-32 */
    const uint64_t many = b->hi - b->lo;
    return b->lo + (many < UINT32_MAX ? share * many >> 32 : many / 2);
}

/* Is this the answer? An index is a hint, and who reads it reads no checksum. */
static bool
is_place(const ndr_sent_segment *s, uint64_t hash, uint64_t at)
{
    return (at == 0 || hash_at(s, at - 1) < hash) &&
           (at == s->count || hash_at(s, at) >= hash);
}

/* Step by step, as far as is worth it. */
static uint64_t
walk(const ndr_sent_segment *s, uint64_t hash, const bounds *b, uint64_t first)
{
    enum { STEPS = 24 };
    uint64_t at = first;
    while (at > b->lo && first - at < STEPS && hash_at(s, at - 1) >= hash)
        at--;
    while (at < b->hi && at < first + STEPS && hash_at(s, at) < hash)
        at++;
    return at;
}

/* Of the records around a guess, how many are before the hash? All of them are looked at:
 * a step that the processor can't foresee costs more than they do. */
static uint64_t
close_to(const ndr_sent_segment *s, uint64_t hash, const bounds *b, uint64_t first)
{
    const uint64_t last = s->count - AROUND;
    const uint64_t before = first < AROUND / 2 ? first : AROUND / 2;
    const uint64_t from = first - before < last ? first - before : last;
    uint64_t n = 0;
    for (uint64_t i = 0; i < AROUND; i++)
        n += hash_at(s, from + i) < hash;
    if ((n > 0 || from == 0) && (n < AROUND || from == last))
        return from + n;
    return walk(s, hash, b, from + n);
}

uint64_t
ndr_sent_segment_find(const ndr_sent_segment *s, uint64_t hash)
{
    bounds b;
    if (s->index != NULL && bucket_of(s, hash, &b)) {
        const uint64_t first = guess(s, hash, &b);
        const uint64_t at =
            s->count < AROUND ? walk(s, hash, &b, first) : close_to(s, hash, &b, first);
        if (is_place(s, hash, at))
            return at;
        /* all recipients of one message lie side by side, so that a bucket can be long */
        const uint64_t in = halve(s, hash, b);
        if (is_place(s, hash, in))
            return in;
    }
    return find_far(s, hash);
}

/* ---- memory that is not at hand ---------------------------------------------- */

void
ndr_sent_segment_fetch_index(const ndr_sent_segment *s, uint64_t hash)
{
    if (s->index != NULL)
        __builtin_prefetch(s->index + sent_index_bucket(s->index_bits, hash) *
                                          SENT_INDEX_START_BYTES);
}

void
ndr_sent_segment_fetch(const ndr_sent_segment *s, uint64_t hash)
{
    bounds b;
    const double share = (double)hash / 18446744073709551616.0;
    const uint64_t place = s->index != NULL && bucket_of(s, hash, &b)
                               ? guess(s, hash, &b)
                               : (uint64_t)(share * (double)s->count);
    if (place + AROUND / 2 <= s->count) {
        const unsigned char *p = s->record + place * SENT_RECORD_BYTES;
        __builtin_prefetch(p -
                           (place < AROUND / 2 ? place : AROUND / 2) * SENT_RECORD_BYTES);
        __builtin_prefetch(p);
        __builtin_prefetch(p + AROUND / 2 * SENT_RECORD_BYTES - 1);
    }
}
