/* SPDX-License-Identifier: BSD-3-Clause */
#include "run/batch.h"

#include "bytes.h"

static void
mark_test(void **state)
{
    (void)state;
    ndr_batch b = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        ndr_buffer_text(&b.out, "n=");
        ndr_batch_mark(&b, i);
        ndr_buffer_text(&b.out, ";");
    }
    assert_int_equal(b.mark_count, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(b.mark[i].index, i);
        assert_int_equal(b.mark[i].at, 3 * i + 2);
    }
    ndr_batch_reset(&b);
    assert_int_equal(b.mark_count, 0);
    assert_int_equal(b.out.len, 0);
    ndr_batch_free(&b);
    assert_null(b.mark);
}

static void
trouble_test(void **state)
{
    (void)state;
    ndr_batch b = {.seq = 7, .stream = 3, .messages = 5, .bytes = 9};
    ndr_error err = {0};
    for (int i = 0; i < 3; i++) {
        char name[8] = "file";
        name[4] = (char)('0' + i);
        ndr_fail(&err, NDR_E_DAMAGED, "words %d", i);
        ndr_batch_trouble(&b, name, &err);
    }
    memset(&err, 0, sizeof err); /* it was copied */
    int i = 0;
    for (const ndr_trouble *t = b.trouble; t != NULL; t = t->next, i++) {
        char want[16] = "file0";
        want[4] = (char)('0' + i);
        assert_string_equal(t->source, want);
        assert_int_equal(t->text[6], '0' + i);
    }
    assert_int_equal(i, 3);
    ndr_batch_reset(&b);
    assert_null(b.trouble);
    assert_int_equal(b.seq, 7); /* the ring's own */
    assert_int_equal(b.stream + b.messages + b.bytes, 0);
    ndr_batch_trouble(&b, "again", &err);
    ndr_batch_free(&b);
    assert_null(b.trouble);
}

static void
large_test(void **state)
{
    (void)state;
    ndr_batch b = {0};
    ndr_buffer_reserve(&b.out, 1 << 20);
    const size_t cap = b.out.cap;
    ndr_batch_reset(&b);
    assert_int_equal(b.out.cap, cap); /* room is kept */
    ndr_buffer_reserve(&b.out, 16 << 20);
    ndr_batch_reset(&b);
    assert_int_equal(b.out.cap, 0); /* but not that much */
    b.out.failed = true;
    ndr_batch_reset(&b);
    assert_false(b.out.failed);
    ndr_batch_free(&b);
}

/* A sink's own struct that asks for the strictest alignment. */
typedef struct kept {
    long double wide;
    void *pointer;
    char tail;
} kept;

static void
record_test(void **state)
{
    (void)state;
    ndr_batch b = {0};
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 1000; i++) {
            kept *k = ndr_batch_record(&b, sizeof *k);
            assert_non_null(k);
            assert_int_equal((uintptr_t)k % _Alignof(max_align_t), 0);
            assert_true(k->wide == 0 && k->pointer == NULL && k->tail == 0);
            ndr_buffer_printf(&b.out, "%llu;",
                              (unsigned long long)i); /* they mix freely */
            *k = (kept){.wide = (long double)i, .pointer = &b, .tail = 'x'};
        }
        assert_int_equal(b.record_count, 1000);
        const kept *k = b.record;
        for (size_t i = 0; i < 1000; i++)
            assert_true(k[i].wide == (long double)i && k[i].pointer == &b &&
                        k[i].tail == 'x');
        ndr_batch_reset(&b);
        assert_int_equal(b.record_count, 0);
        assert_true(b.record_cap >= 1000); /* room is kept */
    }
    for (size_t i = 0; i < (4 << 20) / sizeof(kept) + 1; i++)
        assert_non_null(ndr_batch_record(&b, sizeof(kept)));
    ndr_batch_reset(&b);
    assert_null(b.record); /* but not that much */
    assert_int_equal(b.record_cap, 0);
    assert_non_null(ndr_batch_record(&b, 1)); /* another sink's, behind a reset */
    ndr_batch_free(&b);
    assert_null(b.record);
}

static void
no_room_test(void **state)
{
    (void)state;
    ndr_batch b = {0};
    assert_null(ndr_batch_record(&b, SIZE_MAX / 2));
    assert_true(b.out.failed);
    assert_int_equal(b.record_count, 0);
    ndr_batch_free(&b);
}

int
main(void)
{
    add_test("marks keep their place and number", mark_test);
    add_test("trouble is kept in order until the reset", trouble_test);
    add_test("room for output is kept, within reason", large_test);
    add_test("a sink's records keep order and alignment, beside the bytes", record_test);
    add_test("a record without room is a failure of the run", no_room_test);
    return run_added("batch");
}
