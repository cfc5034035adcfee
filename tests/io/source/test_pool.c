/* SPDX-License-Identifier: BSD-3-Clause */
#include "source/pool.h"

#include "harness.h"

static ndr_buffer
some(const char *text)
{
    ndr_buffer b = {0};
    ndr_buffer_text(&b, text);
    assert_false(b.failed);
    return b;
}

static void
last_first(void **state)
{
    (void)state;
    ndr_pool p;
    ndr_pool_init(&p);
    ndr_buffer a = some("a"), b = some("b"), none = {0};
    const unsigned char *pa = a.ptr, *pb = b.ptr;
    ndr_pool_give(&p, &a);
    ndr_pool_give(&p, &b);
    ndr_pool_give(&p, &none); /* no buffer */
    assert_null(a.ptr);
    assert_int_equal(a.cap, 0);
    ndr_pool_take(&p, &a);
    assert_ptr_equal(a.ptr, pb);
    assert_int_equal(a.len, 0);
    ndr_pool_take(&p, &a); /* it has one */
    assert_ptr_equal(a.ptr, pb);
    ndr_pool_take(&p, &b);
    assert_ptr_equal(b.ptr, pa);
    ndr_pool_take(&p, &none);
    assert_null(none.ptr);
    ndr_pool_give(&p, &a);
    ndr_buffer_free(&b);
    ndr_pool_done(&p);
}

static void
full(void **state)
{
    (void)state;
    ndr_pool p;
    ndr_pool_init(&p);
    for (int i = 0; i < NDR_POOL_BUFFERS + 3; i++) {
        ndr_buffer b = some("x");
        ndr_pool_give(&p, &b); /* the last ones are freed: ASan would tell */
        assert_null(b.ptr);
    }
    assert_int_equal(p.count, NDR_POOL_BUFFERS);
    ndr_pool_done(&p);
}

int
main(void)
{
    add_test("the last one given is the first one taken", last_first);
    add_test("a full pool frees", full);
    return run_added("pool");
}
