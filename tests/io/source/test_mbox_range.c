/* SPDX-License-Identifier: BSD-3-Clause */
#include "source/mbox_range.h"

#include "slow_mbox.h"

#include <stdatomic.h>

/* A file in memory, `step` bytes of it a read; counts what was read. */
typedef struct memory {
    const unsigned char *bytes;
    size_t n, step;
    uint64_t fails_at; /* UINT64_MAX: nowhere */
    uint64_t lowest;
} memory;

static int64_t
memory_read(void *of, unsigned char *to, size_t room, uint64_t at, ndr_error *err)
{
    memory *f = of;
    if (at >= f->fails_at)
        return ndr_fail(err, NDR_E_DAMAGED, "no more");
    if (at < f->lowest)
        f->lowest = at;
    if (at >= f->n)
        return 0;
    size_t n = f->n - (size_t)at;
    n = n < room ? n : room;
    n = n < f->step ? n : f->step;
    memcpy(to, f->bytes + at, n);
    return (int64_t)n;
}

static void
begin(ndr_mbox_range *v, memory *f, uint64_t from, uint64_t until)
{
    ndr_error err = {0};
    ndr_mbox_range_begin(v, -1,
                         from > NDR_LOOKBACK_BYTES ? from - NDR_LOOKBACK_BYTES : 0);
    v->read = memory_read;
    v->of = f;
    assert_int_equal(ndr_mbox_range_mbox(v, NDR_MARKS_DATED, from, until, &err), 0);
}

/* All messages that begin in [from, until), whole, written down. */
static void
give(drive *d, ndr_mbox_range *v, uint64_t *index)
{
    ndr_error err = {0};
    ndr_message m;
    int got;
    while ((got = ndr_mbox_range_next(v, &m, &err)) == 1) {
        const ndr_slice shown = m.raw;
        const bool open = (m.flags & NDR_MSG_OPEN) != 0;
        assert_int_equal(ndr_mbox_range_extend(v, &m, &err), 0);
        assert_int_equal(m.flags & NDR_MSG_OPEN, 0);
        assert_true(open || shown.ptr == m.raw.ptr); /* whole already: nothing moves */
        drive_message(d, &m, (*index)++);
    }
    assert_int_equal(got, 0);
    assert_int_equal(ndr_mbox_range_next(v, &m, &err), 0); /* and stays at its end */
}

/* Cut anywhere in two, and read by any step: the same messages, none twice. */
static void
cuts_test(void **state)
{
    const mbox_row *row = *state;
    const size_t n = strlen(row->text);
    static const size_t limits[] = {SIZE_MAX / 4, 0, 1, 40};
    unsigned char *copy = exact_copy(row->text, n);
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        char *want = slow_mbox(copy, n, limits[l]);
        for (size_t step = 1; step <= n + 1; step += step < 3 ? 1 : n / 2)
            for (size_t cut = 0; cut <= n; cut += step == 1 ? 1 : 5) {
                drive d = {.bodies = true};
                memory f = {copy, n, step, UINT64_MAX, UINT64_MAX};
                uint64_t index = 0;
                ndr_mbox_range v;
                ndr_mbox_range_init(&v, limits[l], 100, NULL);
                if (cut > 0) {
                    begin(&v, &f, 0, cut);
                    give(&d, &v, &index);
                }
                begin(&v, &f, cut, n);
                give(&d, &v, &index);
                if (strcmp(drive_out(&d), want) != 0)
                    print_error("step %zu cut %zu limit %zu\n", step, cut, limits[l]);
                assert_string_equal(drive_out(&d), want);
                ndr_buffer_free(&d.out);
                ndr_mbox_range_free(&v);
            }
        free(want);
    }
    free(copy);
}

/* ---- what lies far behind ---- */

enum { FAR = 3 << 20 };

/* A message of FAR bytes and a small one behind it; to be freed. */
static unsigned char *
far_mbox(size_t *ret_n, size_t *ret_second)
{
    ndr_buffer b = {0};
    ndr_buffer_text(&b, M1 "Subject: long\n\n");
    while (b.len < FAR)
        ndr_buffer_text(&b, "a line of it that is long enough to have few of them\n");
    ndr_buffer_text(&b, "\n");
    *ret_second = b.len;
    ndr_buffer_text(&b, M2 "Subject: short\n\nx\n");
    assert_false(b.failed);
    *ret_n = b.len;
    return b.ptr;
}

typedef struct far_row {
    const char *why;
    size_t limit;
    bool extend, takes_room;
} far_row;

static const far_row fars[] = {
    {"kept whole, it takes the room and gives it back", 2 * FAR, true, true},
    {"over the limit, what the limit allows is kept", 1000, true, false},
    {"what nobody asks for is passed over", 1000, false, false},
};

static void
far_test(void **state)
{
    const far_row *row = *state;
    atomic_bool stop = false;
    ndr_large_slot room;
    ndr_large_slot_init(&room, &stop);
    size_t n, second;
    unsigned char *bytes = far_mbox(&n, &second);
    memory f = {bytes, n, SIZE_MAX, UINT64_MAX, UINT64_MAX};
    ndr_error err = {0};
    ndr_message m;
    ndr_mbox_range v;
    ndr_mbox_range_init(&v, row->limit, 1000, &room);
    begin(&v, &f, 0, n);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 1);
    if (row->extend) {
        assert_int_equal(ndr_mbox_range_extend(&v, &m, &err), 0);
        assert_int_equal(m.length,
                         second - 1 - strlen(M1)); /* the empty line is not its */
        const size_t shown = m.length < row->limit ? m.length : row->limit;
        assert_int_equal(m.raw.len, shown);
        assert_memory_equal(m.raw.ptr, bytes + strlen(M1), shown);
        assert_int_equal((m.flags & NDR_MSG_TRUNCATED) != 0, row->limit < m.length);
        assert_int_equal(m.envelope.len, strlen(M1) - 1);
        assert_memory_equal(m.envelope.ptr, M1, strlen(M1) - 1);
    }
    assert_int_equal(room.holders, row->takes_room ? 1 : 0);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 1);
    assert_int_equal(m.offset, second + strlen(M2));
    assert_int_equal(ndr_mbox_range_extend(&v, &m, &err), 0);
    assert_int_equal(m.raw.len, 18);
    assert_memory_equal(m.raw.ptr, "Subject: short\n\nx\n", 18);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 0);
    ndr_mbox_range_rest(&v);
    assert_int_equal(room.holders, 0);
    ndr_mbox_range_free(&v);
    ndr_large_slot_done(&room);
    free(bytes);
}

static void
open_test(void **state)
{
    (void)state;
    size_t n, second;
    unsigned char *bytes = far_mbox(&n, &second);
    memory f = {bytes, n, SIZE_MAX, UINT64_MAX, UINT64_MAX};
    ndr_error err = {0};
    ndr_message m;
    ndr_mbox_range v;
    ndr_mbox_range_init(&v, 2 * FAR, 1000, NULL);
    begin(&v, &f, 0, 1); /* of the stretch is its first byte alone */
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 1);
    assert_true((m.flags & NDR_MSG_OPEN) != 0);
    assert_true(m.raw.len < FAR / 2); /* its end was not looked for */
    assert_memory_equal(m.raw.ptr, "Subject: long\n", 14);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 0); /* the second is another's */
    begin(&v, &f, 1, n);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 1);
    assert_int_equal(m.offset, second + strlen(M2));
    ndr_mbox_range_free(&v);
    free(bytes);
}

static void
fails_test(void **state)
{
    (void)state;
    size_t n, second;
    unsigned char *bytes = far_mbox(&n, &second);
    ndr_error err = {0};
    ndr_message m;
    ndr_mbox_range v;
    for (size_t limit = 1000; limit <= 2 * FAR;
         limit = limit == 1000 ? 2 * FAR : SIZE_MAX) {
        memory f = {bytes, n, 1 << 16, FAR / 2, UINT64_MAX};
        ndr_mbox_range_init(&v, limit, 1000, NULL);
        begin(&v, &f, 0, 1);
        assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 1);
        assert_int_equal(ndr_mbox_range_extend(&v, &m, &err), NDR_E_DAMAGED);
        assert_string_equal(err.text, "no more");
        ndr_mbox_range_free(&v);
    }
    free(bytes);
}

static void
descriptor_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_mbox_range v;
    ndr_message m;
    ndr_mbox_range_init(&v, 1000, 1000, NULL);
    ndr_mbox_range_begin(&v, -1, 0);
    assert_int_equal(ndr_mbox_range_mbox(&v, NDR_MARKS_DATED, 0, 10, &err), NDR_E_SYS);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(fputs("\n\n" M1 "Subject: x\n\n", file) >= 0 && fflush(file) == 0);
    ndr_mbox_range_begin(&v, fileno(file), 0);
    assert_int_equal(ndr_mbox_range_mbox(&v, NDR_MARKS_DATED, 0, UINT64_MAX, &err), 0);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 1);
    assert_int_equal(m.offset, 2 + strlen(M1));
    assert_memory_equal(m.raw.ptr, "Subject: x\n", 11);
    assert_int_equal(ndr_mbox_range_next(&v, &m, &err), 0);
    ndr_mbox_range_free(&v);
    assert_int_equal(fclose(file), 0); /* borrowed */
}

int
main(void)
{
    ADD_ROWS(mboxes, cuts_test);
    ADD_ROWS(rough_mboxes, cuts_test);
    ADD_ROWS(fars, far_test);
    add_test("the last message of a stretch is left open", open_test);
    add_test("what cannot be read is told, with what is shown as it was", fails_test);
    add_test("a descriptor, and none", descriptor_test);
    return run_added("mbox_range");
}
