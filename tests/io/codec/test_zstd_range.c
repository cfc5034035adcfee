/* SPDX-License-Identifier: BSD-3-Clause */
/* test_zstd_range.c - frames decoded by several say what one decoder says */
#include "slow_mbox.h"

#include "codec/zstd_frames.h"

#include <zstd.h>

/* How a frame may be written. */
enum { PLAIN, NO_SIZE, CHECKSUM, WAYS };
enum { LIMITS = 3 };

static void
add_frame(ndr_buffer *to, const void *bytes, size_t n, int way)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    assert_non_null(z);
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, way != NO_SIZE);
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, way == CHECKSUM);
    assert_true(ndr_buffer_reserve(to, ZSTD_compressBound(n)));
    const size_t got = ZSTD_compress2(z, to->ptr + to->len, to->cap - to->len, bytes, n);
    assert_false(ZSTD_isError(got));
    to->len += got;
    (void)ZSTD_freeCCtx(z);
}

static void
add_skippable(ndr_buffer *to)
{
    ndr_buffer_add(to, NDR_SLICE("\x53\x2a\x4d\x18\x03\0\0\0abc"));
}

static char *
read_box(size_t range, size_t limit, uint64_t expanded)
{
    const char *path = scratch_path("box");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts),
                                 .path = &path,
                                 .path_count = 1,
                                 .format = NDR_FORMAT_MBOX,
                                 .range_bytes = range,
                                 .message_limit_bytes = limit,
                                 .expanded_limit_bytes = expanded};
    return drive_all(&opts, false, true);
}

/* The packed file in ranges of each size against what the text itself says. */
static void
check_packed(ndr_buffer *packed, const char *text, size_t limit_count)
{
    static const size_t limits[LIMITS] = {0, 7, 40};
    assert_false(packed->failed);
    write_file("box", packed->ptr, packed->len);
    for (size_t l = 0; l < limit_count; l++) {
        char *want = slow_mbox((const unsigned char *)text, strlen(text),
                               limits[l] > 0 ? limits[l] : SIZE_MAX);
        static const size_t ranges[] = {1, 8};
        for (size_t r = 0; r < (limit_count > 1 ? 2 : 1); r++) {
            char *got = read_box(ranges[r], limits[l], 0);
            assert_string_equal(got, want);
            free(got);
        }
        free(want);
    }
    ndr_buffer_free(packed);
}

static void
two_frames(void **state)
{
    const mbox_row *row = *state;
    const size_t n = strlen(row->text);
    for (size_t cut = 0; cut <= n; cut++) {
        ndr_buffer packed = {0};
        add_frame(&packed, row->text, cut, (int)(cut % WAYS));
        add_frame(&packed, row->text + cut, n - cut, (int)((cut + 1) % WAYS));
        check_packed(&packed, row->text, LIMITS);
    }
}

static void
three_frames(void **state)
{
    const mbox_row *row = *state;
    const size_t n = strlen(row->text);
    for (size_t a = 0; a <= n; a += n < 70 ? 1 : 3)
        for (size_t b = a; b <= n; b += n < 70 ? 1 : 5) {
            ndr_buffer packed = {0};
            add_frame(&packed, row->text, a, (int)(b % WAYS));
            if (a % 4 == 0)
                add_skippable(&packed);
            add_frame(&packed, row->text + a, b - a, (int)(a % WAYS));
            add_frame(&packed, row->text + b, n - b, PLAIN);
            check_packed(&packed, row->text, 1);
        }
}

static void
one_byte_a_frame(void **state)
{
    const mbox_row *row = *state;
    ndr_buffer packed = {0};
    add_skippable(&packed);
    for (size_t i = 0; row->text[i] != '\0'; i++) {
        if (i % 5 == 0)
            add_skippable(&packed);
        if (i % 7 == 0)
            add_frame(&packed, "", 0, (int)(i % WAYS));
        add_frame(&packed, row->text + i, 1, (int)(i % WAYS));
    }
    add_frame(&packed, "", 0, PLAIN);
    add_skippable(&packed);
    check_packed(&packed, row->text, LIMITS);
}

/* ---- damage ----------------------------------------------------------------------- */

static const char box[] = M1 "A: b\n\nx y z x y z\n\n" M2 "C: d\n\ny z y z y z\n\n" M1
                             "E: f\n\nz z z z z z z z z z z z\n\n" M2 "G: h\n\ni\n";

static void
check_same(const unsigned char *p, size_t n, uint64_t expanded)
{
    write_file("box", p, n);
    char *want = read_box(n < 4096 ? 1 << 16 : 1 << 25, 0, expanded);
    char *got = read_box(1, 0, expanded);
    assert_string_equal(got, want);
    free(got);
    free(want);
}

static void
damage(void **state)
{
    (void)state;
    static const size_t cuts[] = {0, 50, 95, 100, 160, sizeof box - 1};
    ndr_buffer packed = {0};
    for (size_t i = 0; i + 1 < sizeof cuts / sizeof cuts[0]; i++) {
        add_frame(&packed, box + cuts[i], cuts[i + 1] - cuts[i], (int)(i % WAYS));
        if (i == 2)
            add_skippable(&packed);
    }
    assert_false(packed.failed);
    for (size_t n = 1; n <= packed.len; n++)
        check_same(packed.ptr, n, 0);
    for (size_t i = 4; i < packed.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            packed.ptr[i] ^= (unsigned char)(1u << bit);
            check_same(packed.ptr, packed.len, 0);
            packed.ptr[i] ^= (unsigned char)(1u << bit);
        }
    ndr_buffer_add(&packed, NDR_SLICE("no frame"));
    check_same(packed.ptr, packed.len, 0);
    ndr_buffer_free(&packed);
}

static void
expanded_limit(void **state)
{
    (void)state;
    ndr_buffer packed = {0};
    for (size_t i = 0; i < sizeof box - 1; i += 20)
        add_frame(&packed, box + i, sizeof box - 1 - i < 20 ? sizeof box - 1 - i : 20,
                  PLAIN);
    for (uint64_t limit = 1; limit <= sizeof box; limit++)
        check_same(packed.ptr, packed.len, limit);
    ndr_buffer_free(&packed);
}

/* More than a worker holds: decoded twice, the second time as it is read. */
static void
large_frames(void **state)
{
    (void)state;
    enum { MESSAGES = 30000 };
    ndr_buffer text = {0}, packed = {0};
    for (unsigned i = 0; i < MESSAGES; i++) {
        ndr_buffer_printf(&text, "%sSubject: %u\n\n", i % 2 == 0 ? M1 : M2, i);
        for (unsigned k = 0; k < 6; k++)
            ndr_buffer_printf(&text, "line %u of many in message %u, number %u\n", k, i,
                              i * 7919 + k);
        ndr_buffer_byte(&text, '\n');
    }
    assert_false(text.failed);
    assert_true(text.len > NDR_ZSTD_HELD_BYTES + 2000);
    add_frame(&packed, text.ptr, 1000, CHECKSUM);
    add_frame(&packed, text.ptr + 1000, text.len - 2000, NO_SIZE);
    add_frame(&packed, text.ptr + text.len - 1000, 1000, PLAIN);
    assert_false(packed.failed);
    check_same(packed.ptr, packed.len, 0);
    check_same(packed.ptr, packed.len / 2, 0);
    ndr_buffer_free(&text);
    ndr_buffer_free(&packed);
}

/* ---- what is handed out, and what is not ------------------------------------------- */

static size_t
batches_of(const ndr_buffer *packed, enum ndr_format format)
{
    write_file("box", packed->ptr, packed->len);
    const char *path = scratch_path("box");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .format = format, .range_bytes = 1};
    drive d;
    drive_begin(&d, &opts);
    while (drive_batch(&d))
        continue;
    const size_t n = d.batches;
    drive_end(&d);
    return n;
}

static void
handed_out(void **state)
{
    (void)state;
    ndr_buffer packed = {0}, letter = {0}, tail = {0};
    for (size_t i = 0; i + 40 < sizeof box; i += 40) {
        add_frame(&packed, box + i, 40, NO_SIZE);
        add_frame(&letter, "Subject: x\n\nFrom me to you\nagain and again\n", 40, PLAIN);
    }
    add_frame(&tail, "Subject: one of one\n\n", 21, PLAIN);
    assert_true(batches_of(&packed, NDR_FORMAT_AUTO) > 4);
    assert_true(batches_of(&letter, NDR_FORMAT_AUTO) <= 2);
    assert_true(batches_of(&letter, NDR_FORMAT_MBOX) > 4);
    assert_true(batches_of(&packed, NDR_FORMAT_MESSAGE) <= 2);
    assert_true(batches_of(&tail, NDR_FORMAT_MBOX) <= 2);
    ndr_buffer_free(&packed);
    ndr_buffer_free(&letter);
    ndr_buffer_free(&tail);
}

/* Whoever reads a range waits for the one before it to say where it ended; one that
 * nobody will read, for want of memory say, is told of when it is dropped. */
static void
left_unread(void **state)
{
    (void)state;
    enum { LONG_S = 60 };
    ndr_buffer packed = {0};
    for (size_t i = 0; i + 40 < sizeof box; i += 40)
        add_frame(&packed, box + i, 40, PLAIN);
    write_file("box", packed.ptr, packed.len);
    const char *path = scratch_path("box");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .format = NDR_FORMAT_MBOX,
                                 .range_bytes = 1};
    for (size_t unread = 0; unread < 3; unread++) {
        drive d;
        ndr_error err = {0};
        drive_begin(&d, &opts);
        for (size_t i = 0; i < unread; i++)
            assert_true(drive_batch(&d));
        ndr_batch gone = {0};
        assert_int_equal(d.source->fill(d.source, &gone, &err), 1);
        d.source->drop(d.source, &gone);
        (void)alarm(LONG_S); /* a wait without end ends the test */
        while (drive_batch(&d))
            continue;
        (void)alarm(0);
        drive_end(&d);
    }
    ndr_buffer_free(&packed);
}

int
main(void)
{
    ADD_ROWS(mboxes, two_frames);
    ADD_ROWS(rough_mboxes, two_frames);
    ADD_ROWS(mboxes, three_frames);
    ADD_ROWS(rough_mboxes, three_frames);
    ADD_ROWS(mboxes, one_byte_a_frame);
    ADD_ROWS(rough_mboxes, one_byte_a_frame);
    add_test("damage anywhere is told as one decoder tells it", damage);
    add_test("the limit on what a file expands to is one for all ranges", expanded_limit);
    add_test("a frame that is more than a worker holds", large_frames);
    add_test("only an mbox in several frames is handed out", handed_out);
    add_test("nobody waits for a range that nobody will read", left_unread);
    return run_with_scratch("zstd_range");
}
