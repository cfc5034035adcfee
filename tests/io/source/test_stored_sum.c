/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stored_sum.c - sums of stored bytes, read in any parts and seen in any order */
#include "source/stored_sum.h"

#include "file_of.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>

enum {
    BLOCK = NDR_PLAN_BLOCK_BYTES,
    MOST = 3 * BLOCK,
    SOURCE = 5,
};

/* No block is like another. */
static unsigned char stored[MOST];

static void
fill(void)
{
    uint32_t x = 1;
    for (size_t i = 0; i < MOST; i++) {
        x = x * 1664525 + 1013904223;
        stored[i] = (unsigned char)(x >> 24);
    }
}

/* As ndr_plan.h says what a sum is. */
static uint64_t
expected(size_t base, size_t end, uint32_t source)
{
    uint64_t sum = 0, number = 0;
    for (size_t at = base; at < end; at += BLOCK, number++) {
        const size_t n = end - at < BLOCK ? end - at : BLOCK;
        sum += ndr_hash((ndr_slice){stored + at, n}, ((uint64_t)source << 40) + number);
    }
    return sum;
}

typedef struct part_row {
    const char *why;
    size_t base, end; /* of the part of a file */
} part_row;

static const part_row parts[] = {
    {"of nothing", 0, 0},
    {"of a byte", 0, 1},
    {"of a block less a byte", 0, BLOCK - 1},
    {"of a block", 0, BLOCK},
    {"of a block and a byte", 0, BLOCK + 1},
    {"of blocks", 0, MOST},
    {"from within a block of the file, whose blocks count from there", 4711, MOST},
    {"within a block of the file", 4711, 4712},
    {"of an uneven part", BLOCK - 1, 2 * BLOCK + 1},
};

/* Whoever reads which part, each block is summed up once: by who has its first byte. */
static void
part_test(void **state)
{
    const part_row *row = *state;
    static const size_t steps[] = {1000003, BLOCK / 2, BLOCK - 1, BLOCK, BLOCK + 1, MOST};
    const int fd = file_of(stored, MOST);
    const uint64_t want = expected(row->base, row->end, SOURCE);
    ndr_stored_sum s = {0};
    ndr_error err = {0};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        uint64_t sum = 0;
        for (size_t at = row->base; at < row->end; at += steps[i]) {
            const size_t left = row->end - at;
            assert_int_equal(ndr_stored_sum_read(&s, fd, row->base, row->end, at,
                                                 at + (left < steps[i] ? left : steps[i]),
                                                 SOURCE, &sum, &err),
                             0);
        }
        assert_true(sum == want);
    }
    ndr_stored_sum_free(&s);
    assert_int_equal(close(fd), 0);
}

/* What a scan is shown of the block at [from, until), in these parts. */
typedef struct seen_row {
    const char *why;
    size_t from, until;
    struct {
        size_t from, until;
    } part[4];
    bool all;
} seen_row;

static const seen_row seens[] = {
    {"at once", 0, 1000, {{0, 1000}}, true},
    {"bit by bit", 0, 1000, {{0, 1}, {1, 500}, {500, 999}, {999, 1000}}, true},
    {"parts that overlap", 0, 1000, {{0, 600}, {300, 800}, {799, 1000}}, true},
    {"what was seen before, again", 0, 1000, {{0, 600}, {100, 600}, {600, 1000}}, true},
    {"what is before it and behind it, too", 300, 700, {{0, 500}, {500, 1000}}, true},
    {"what is before it alone, first", 300, 700, {{0, 300}, {300, 700}}, true},
    {"a block that is not the first", BLOCK, 2 * BLOCK, {{BLOCK, 2 * BLOCK}}, true},
    {"an empty one", 300, 300, {{0, 0}}, true},
    {"a gap", 0, 1000, {{0, 500}, {501, 1000}}, false},
    {"a gap that is filled too late", 0, 1000, {{0, 500}, {600, 900}, {500, 600}}, false},
    {"not its first byte", 0, 1000, {{1, 1000}}, false},
    {"not its last byte", 0, 1000, {{0, 999}}, false},
    {"nothing of it", 300, 700, {{0, 300}, {700, 1000}}, false},
};

static void
seen_test(void **state)
{
    const seen_row *row = *state;
    ndr_stored_sum s = {0};
    uint64_t sum = 77;
    for (int again = 0; again < 2; again++) { /* the same worker's next block */
        const uint64_t before = sum;
        assert_true(ndr_stored_sum_watch(&s, 0, row->from, row->until, SOURCE));
        for (size_t i = 0; i < 4; i++) {
            const size_t from = row->part[i].from, n = row->part[i].until - from;
            unsigned char *copy = exact_copy(stored + from, n);
            ndr_stored_sum_seen(&s, (ndr_slice){copy, n}, from);
            free(copy);
        }
        assert_int_equal(ndr_stored_sum_seen_all(&s, &sum), row->all);
        const uint64_t want =
            ndr_hash((ndr_slice){stored + row->from, row->until - row->from},
                     ((uint64_t)SOURCE << 40) + row->from / BLOCK);
        assert_true(sum == before + (row->all ? want : 0));
    }
    ndr_stored_sum_free(&s);
}

/* Read, seen, and of one block at hand: three ways to the same number. */
static void
ways_test(void **state)
{
    (void)state;
    const int fd = file_of(stored, MOST);
    const uint64_t base = 4711;
    ndr_stored_sum s = {0};
    ndr_error err = {0};
    uint64_t read = 0, seen = 0, first = 0;
    assert_int_equal(ndr_stored_sum_read(&s, fd, base, MOST, base + BLOCK,
                                         base + BLOCK + 1, SOURCE, &read, &err),
                     0);
    assert_true(ndr_stored_sum_watch(&s, base, base + BLOCK, base + 2 * BLOCK, SOURCE));
    ndr_stored_sum_seen(&s, (ndr_slice){stored, MOST}, 0);
    assert_true(ndr_stored_sum_seen_all(&s, &seen));
    assert_true(read == seen);
    assert_int_equal(ndr_stored_sum_read(&s, fd, 0, 1000, 0, 1000, SOURCE, &first, &err),
                     0);
    assert_true(first == ndr_stored_sum_block((ndr_slice){stored, 1000}, SOURCE));
    ndr_stored_sum_free(&s);
    assert_int_equal(close(fd), 0);
}

/* The same bytes elsewhere are another sum: two files, or two blocks, that change places
 * are told. */
static void
places_test(void **state)
{
    (void)state;
    const ndr_slice a = {stored, 100}, b = {stored + 100, 100};
    assert_true(ndr_stored_sum_block(a, 0) + ndr_stored_sum_block(b, 1) !=
                ndr_stored_sum_block(b, 0) + ndr_stored_sum_block(a, 1));
    ndr_buffer swapped = {0};
    ndr_buffer_add(&swapped, (ndr_slice){stored + BLOCK, BLOCK});
    ndr_buffer_add(&swapped, (ndr_slice){stored, BLOCK});
    const int fd = file_of(swapped.ptr, swapped.len);
    ndr_stored_sum s = {0};
    ndr_error err = {0};
    uint64_t sum = 0;
    assert_int_equal(
        ndr_stored_sum_read(&s, fd, 0, 2 * BLOCK, 0, 2 * BLOCK, SOURCE, &sum, &err), 0);
    assert_true(sum != expected(0, 2 * BLOCK, SOURCE));
    ndr_stored_sum_free(&s);
    ndr_buffer_free(&swapped);
    assert_int_equal(close(fd), 0);
}

/* A file that was cut since has the sum of what is left; one that cannot be read, none.
 */
static void
trouble_test(void **state)
{
    (void)state;
    ndr_stored_sum s = {0};
    ndr_error err = {0};
    uint64_t sum = 0;
    const int fd = file_of(stored, BLOCK + 1000);
    assert_int_equal(ndr_stored_sum_read(&s, fd, 0, MOST, 0, BLOCK + 1, 0, &sum, &err),
                     0);
    assert_true(sum == expected(0, BLOCK + 1000, 0));
    assert_int_equal(close(fd), 0);
    const int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder >= 0);
    assert_int_equal(ndr_stored_sum_read(&s, folder, 0, 10, 0, 10, 0, &sum, &err),
                     NDR_E_SYS);
    assert_int_equal(err.sys_errno, EISDIR);
    assert_non_null(strstr(err.text, "read behind byte 0"));
    assert_int_equal(close(folder), 0);
    ndr_stored_sum_free(&s);
}

int
main(void)
{
    fill();
    ADD_ROWS(parts, part_test);
    ADD_ROWS(seens, seen_test);
    add_test("read, seen and at hand are the same", ways_test);
    add_test("what changes places is told", places_test);
    add_test("a file that was cut, and none", trouble_test);
    return run_added("stored_sum");
}
