/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "ndrscan.h"

static void
grow_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    for (int i = 0; i < 10000; i++) {
        ndr_buffer_byte(&b, (unsigned char)('a' + i % 26));
        if (i % 100 == 0)
            ndr_buffer_text(&b, "text");
    }
    assert_int_equal(b.len, 10400);
    assert_false(b.failed);
    assert_true(b.cap >= b.len);
    const size_t cap = b.cap;
    ndr_buffer_clear(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(b.cap, cap);
    ndr_buffer_add(&b, (ndr_slice){0});
    ndr_buffer_text(&b, NULL);
    assert_int_equal(b.len, 0);
    ndr_buffer_free(&b);
    assert_null(b.ptr);
}

static void
printf_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, "x");
    ndr_buffer_printf(&b, "%d-%s", 42, "y");
    assert_buffer(&b, "x42-y");
    for (int i = 0; i < 300; i++) /* across the first capacity */
        ndr_buffer_printf(&b, "%s", "0123456789");
    assert_int_equal(b.len, 3005);
    ndr_buffer_free(&b);
}

static void
fail_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, "kept");
    assert_false(ndr_buffer_reserve(&b, SIZE_MAX - 2));
    assert_true(b.failed);
    ndr_buffer_text(&b, "dropped");
    ndr_buffer_byte(&b, 'x');
    ndr_buffer_printf(&b, "%d", 1);
    assert_false(ndr_buffer_reserve(&b, 1));
    assert_int_equal(b.len, 4);
    ndr_buffer_clear(&b); /* and is good again */
    ndr_buffer_text(&b, "again");
    assert_buffer(&b, "again");
    ndr_buffer_free(&b);
}

int
main(void)
{
    add_test("bytes and texts add up", grow_test);
    add_test("printf appends", printf_test);
    add_test("a failure drops what comes behind it", fail_test);
    return run_added("buffer");
}
