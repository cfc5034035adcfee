/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sent/sent_segment.h"

enum { MANY = 5000, R = SENT_RECORD_BYTES, DAY_OF = 19676 };

/* Records that lie in memory, and an index as a file would have it. */
typedef struct held {
    unsigned char *record, *index;
    ndr_sent_segment segment;
} held;

static void
hold(held *h, const uint64_t *hash, size_t count)
{
    ndr_sent_index x;
    assert_true(ndr_sent_index_begin(&x, count));
    h->record = malloc(count > 0 ? count * R : 1);
    assert_non_null(h->record);
    for (size_t i = 0; i < count; i++) {
        sent_record_put(h->record + i * R, hash[i], DAY_OF);
        ndr_sent_index_add(&x, hash[i], i);
    }
    ndr_sent_index_end(&x, count);
    const size_t bytes = sent_index_bytes(x.bits);
    h->index = bytes > 0 ? malloc(bytes) : NULL;
    for (size_t i = 0; i < bytes; i++)
        h->index[i] = (unsigned char)(x.start[i / 4] >> (8 * (i % 4)));
    h->segment = (ndr_sent_segment){
        .record = h->record, .index = h->index, .index_bits = x.bits, .count = count};
    ndr_sent_index_free(&x);
}

static void
drop(held *h)
{
    free(h->record);
    free(h->index);
}

static void
look(const char *name, const held *h, uint64_t hash)
{
    const ndr_sent_segment *s = &h->segment;
    uint64_t lo = 0, hi = s->count; /* the slow way */
    while (lo < hi) {
        const uint64_t mid = lo + (hi - lo) / 2;
        if (sent_record_hash(h->record + mid * R) < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    ndr_sent_segment_fetch_index(s, hash);
    ndr_sent_segment_fetch(s, hash);
    const uint64_t got = ndr_sent_segment_find(s, hash);
    if (got != lo)
        fail_msg("%s: %llx: %llu, not %llu", name, (unsigned long long)hash,
                 (unsigned long long)got, (unsigned long long)lo);
}

static void
look_everywhere(const char *name, const held *h, const uint64_t *hash, size_t count)
{
    look(name, h, 0);
    look(name, h, UINT64_MAX);
    for (size_t i = 0; i < count; i++)
        for (uint64_t by = 0; by < 3; by++)
            look(name, h, hash[i] - 1 + by);
}

static uint64_t
next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static int
by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void
spread(int how, uint64_t *hash, size_t count)
{
    uint64_t x = 88172645463325252;
    for (size_t i = 0; i < count; i++) {
        const uint64_t r = next_random(&x);
        hash[i] = how == 0   ? r
                  : how == 1 ? i
                  : how == 2 ? UINT64_MAX - i
                  : how == 3 ? (i % 2 ? r >> 40 : ~(r >> 40))
                  : how == 4 ? (i % 2 ? r : sent_hash_beside(UINT64_C(0xabcdef) << 40, r))
                             : r / 64 * 64 % 977 << 50; /* many are the same */
    }
    qsort(hash, count, sizeof *hash, by_value);
}

static const char *const spreads[] = {"random",
                                      "lowest",
                                      "highest",
                                      "both ends",
                                      "one message to many",
                                      "a few, again and again"};
enum { SPREADS = sizeof spreads / sizeof spreads[0] };

static void
find_test(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 127, 128, 129, 600, MANY};
    static uint64_t hash[MANY];
    for (int how = 0; how < SPREADS; how++)
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            held h;
            spread(how, hash, counts[i]);
            hold(&h, hash, counts[i]);
            assert_true((h.index != NULL) == (counts[i] >= 128));
            look_everywhere(spreads[how], &h, hash, counts[i]);
            h.segment.index = NULL; /* as older programs wrote it */
            look_everywhere(spreads[how], &h, hash, counts[i]);
            drop(&h);
        }
}

/* Who asks has read no checksum: a wrong index must not make mail of ours unknown. */
static void
damage_test(void **state)
{
    (void)state;
    static uint64_t hash[MANY];
    uint64_t x = 362436069;
    for (int how = 0; how < SPREADS; how++)
        for (int wrong = 0; wrong < 4; wrong++) {
            held h;
            spread(how, hash, MANY);
            hold(&h, hash, MANY);
            const size_t bytes = sent_index_bytes(h.segment.index_bits);
            for (size_t i = 0; i < bytes; i++)
                h.index[i] = wrong == 0                ? 0
                             : wrong == 1              ? 0xff
                             : wrong == 2 && i % 4 < 2 ? (unsigned char)next_random(&x)
                             : wrong == 3 && i + 4 < bytes ? h.index[i + 4]
                                                           : h.index[i];
            look_everywhere("a damaged index", &h, hash, MANY);
            drop(&h);
        }
}

int
main(void)
{
    add_test("each hash is found where it is, by index and without", find_test);
    add_test("a damaged index changes no answer", damage_test);
    return run_added("sent_find");
}
