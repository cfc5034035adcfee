/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/arena.h"

#include "bytes.h"

#include <stdalign.h>

static void
take_test(void **state)
{
    (void)state;
    ndr_arena a = {0};
    enum { N = 3000 };
    unsigned char *kept[N];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < N; i++) {
            const size_t size = i * 7 % 500;
            kept[i] = ndr_arena_take(&a, size);
            assert_non_null(kept[i]);
            assert_int_equal((uintptr_t)kept[i] % alignof(max_align_t), 0);
            for (size_t k = 0; k < size; k++)
                assert_int_equal(kept[i][k], 0);
            memset(kept[i], (int)(i % 251) + 1, size);
        }
        for (size_t i = 0; i < N; i++) /* nothing moved, nothing overlaps */
            for (size_t k = 0; k < i * 7 % 500; k++)
                assert_int_equal(kept[i][k], i % 251 + 1);
        ndr_arena_reset(&a);
    }
    ndr_arena_free(&a);
}

static void
large_test(void **state)
{
    (void)state;
    ndr_arena a = {0};
    unsigned char *small = ndr_arena_take(&a, 1);
    unsigned char *large = ndr_arena_take(&a, 1 << 20); /* larger than any chunk */
    unsigned char *next = ndr_arena_take(&a, 1);
    assert_true(small != NULL && large != NULL && next != NULL);
    memset(large, 1, 1 << 20);
    *small = *next = 2;
    assert_int_equal(large[(1 << 20) - 1], 1);
    assert_false(a.failed);
    assert_null(ndr_arena_take(&a, SIZE_MAX));
    assert_null(ndr_arena_take(&a, SIZE_MAX / 2 + 1));
    assert_true(a.failed); /* whoever made something of it has to know */
    ndr_arena_reset(&a);
    assert_false(a.failed);
    ndr_arena_free(&a);
    assert_null(a.first);
    ndr_arena_reset(&a); /* of an empty one */
    ndr_arena_free(&a);
}

static void
copy_test(void **state)
{
    (void)state;
    ndr_arena a = {0};
    const ndr_slice s = slice_copy("hello");
    const ndr_slice copy = ndr_arena_copy(&a, s);
    drop_slice(s);
    assert_slice(copy, "hello");
    assert_int_equal(ndr_arena_copy(&a, (ndr_slice){0}).len, 0);
    ndr_arena_free(&a);
}

int
main(void)
{
    add_test("what it gives is zeroed, aligned, and stays", take_test);
    add_test("sizes beyond a chunk, and beyond memory", large_test);
    add_test("a copy outlives its original", copy_test);
    return run_added("arena");
}
