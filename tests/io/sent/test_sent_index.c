/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent/sent_index.h"

#include "harness.h"

static void
bits_test(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t records;
        unsigned want;
    } cases[] = {
        {"none", 0, 0},
        {"few need none", 127, 0},
        {"128 have two buckets", 128, 1},
        {"255 too", 255, 1},
        {"256 have four", 256, 2},
        {"a hundred million", 100000000, 20},
        {"the most that a start counts", UINT32_MAX, 25},
        {"more have none", (uint64_t)UINT32_MAX + 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const unsigned bits = ndr_sent_index_bits(cases[i].records);
        if (bits != cases[i].want || bits > SENT_INDEX_BITS_MOST)
            fail_msg("%s: %u", cases[i].name, bits);
    }
    assert_int_equal(sent_index_bytes(0), 0);
    assert_int_equal(sent_index_bytes(1), 12);
}

/* Hashes in order, begun for `most`: every start counts those below its bucket. */
static void
check(const uint64_t *hash, size_t count, uint64_t most)
{
    ndr_sent_index x;
    assert_true(ndr_sent_index_begin(&x, most));
    for (size_t i = 0; i < count; i++)
        ndr_sent_index_add(&x, hash[i], i);
    ndr_sent_index_end(&x, count);
    assert_int_equal(x.bits, ndr_sent_index_bits(count));
    for (uint64_t b = 0; x.bits > 0 && b <= (uint64_t)1 << x.bits; b++) {
        size_t below = 0;
        while (below < count && sent_index_bucket(x.bits, hash[below]) < b)
            below++;
        assert_int_equal(x.start[b], below);
    }
    ndr_sent_index_free(&x);
}

static void
starts_test(void **state)
{
    (void)state;
    enum { MANY = 1200 };
    uint64_t even[MANY], low[MANY], high[MANY];
    for (uint64_t i = 0; i < MANY; i++) {
        even[i] = i * (UINT64_MAX / MANY);
        low[i] = i / 2;
        high[i] = UINT64_MAX - MANY + i;
    }
    static const uint64_t most[] = {MANY, MANY + 1, 10 * MANY, 1000 * MANY};
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        check(even, MANY, most[i]);
        check(low, MANY, most[i]);
        check(high, MANY, most[i]);
        check(even, 1, most[i]);
        check(even, 0, most[i]);
    }
}

static void
bytes_test(void **state)
{
    (void)state;
    static const unsigned char four[] = {1, 2, 3, 4, 0xff, 0xfe, 0xfd, 0xfc};
    unsigned char *index = exact_copy(four, sizeof four);
    assert_int_equal(sent_index_start(index, 0), 0x04030201);
    assert_int_equal(sent_index_start(index, 1), 0xfcfdfeff);
    free(index);
    assert_int_equal(sent_index_bucket(3, UINT64_MAX), 7);
    assert_int_equal(sent_index_bucket(1, UINT64_MAX / 2), 0);
}

int
main(void)
{
    add_test("so many records have so many buckets", bits_test);
    add_test("a start counts what is below its bucket, however many came", starts_test);
    add_test("starts are read lowest byte first", bytes_test);
    return run_added("sent_index");
}
