/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"

typedef struct compare_row {
    const char *why, *a, *b;
    int want;
    bool nocase;
} compare_row;

static const compare_row compares[] = {
    {"equal", "abc", "abc", 0, true},
    {"empty", "", "", 0, true},
    {"shorter is less", "ab", "abc", -1, false},
    {"nothing is least", "", "a", -1, false},
    {"bytes are unsigned", "\x7f", "\x80", -1, false},
    {"capitals come first", "B", "a", -1, false},
    {"without case", "aBc", "AbC", 1, true},
    {"signs have no case", "@", "`", -1, false},
    {"letters beyond ASCII keep their case", "\xc3\xa4", "\xc3\x84", 1, false},
};

static void
compare_test(void **state)
{
    const compare_row *row = *state;
    const ndr_slice a = slice_copy(row->a), b = slice_copy(row->b);
    const int got = ndr_slice_compare(a, b), back = ndr_slice_compare(b, a);
    assert_int_equal((got > 0) - (got < 0), row->want);
    assert_int_equal((back > 0) - (back < 0), -row->want);
    assert_int_equal(ndr_slice_equal(a, b), row->want == 0);
    assert_int_equal(ndr_slice_equal_nocase(a, b), row->nocase);
    drop_slice(a);
    drop_slice(b);
}

/* Every byte beside every other, alone and among the eight that are compared at once. */
static void
bytes_test(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const unsigned small = a >= 'A' && a <= 'Z' ? a + 32 : a;
            const unsigned other = b >= 'A' && b <= 'Z' ? b + 32 : b;
            for (size_t n = 1; n <= 11; n += 5) {
                unsigned char x[11] = "Subject: aB", y[11] = "sUBJECT: Ab";
                x[n / 2] = (unsigned char)a;
                y[n / 2] = (unsigned char)b;
                if (ndr_slice_equal_nocase((ndr_slice){x, n}, (ndr_slice){y, n}) !=
                    (small == other))
                    fail_msg("%#x and %#x in %zu bytes", a, b, n);
            }
        }
}

static void
of_test(void **state)
{
    (void)state;
    const ndr_slice none = ndr_slice_of(NULL), empty = ndr_slice_of("");
    assert_null(none.ptr);
    assert_int_equal(none.len, 0);
    assert_int_equal(empty.len, 0);
    assert_true(ndr_slice_equal(none, empty));
    assert_true(ndr_slice_equal_nocase(empty, none));
    assert_int_equal(ndr_slice_compare(none, empty), 0);
    assert_true(ndr_slice_compare(none, NDR_SLICE("a")) < 0);
    assert_true(ndr_slice_compare(NDR_SLICE("a"), none) > 0);
    const char *text = "two";
    assert_ptr_equal(ndr_slice_of(text).ptr, text);
    assert_int_equal(ndr_slice_of(text).len, 3);
    assert_int_equal(NDR_SLICE("a\0b").len, 3);
    assert_false(ndr_slice_equal(NDR_SLICE("a\0b"), NDR_SLICE("a\0c")));
}

int
main(void)
{
    ADD_ROWS(compares, compare_test);
    add_test("any two bytes are equal but for the case of letters", bytes_test);
    add_test("NULL and \"\" are empty, and a NUL is a byte", of_test);
    return run_added("slice");
}
