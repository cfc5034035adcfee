/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* pretend_mount.h; mincore */
#include "codec/zstd_frames.h"

#include "harness.h"
#include "pretend_mount.h"
#include "zstd_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { MIB = 1 << 20, MOST_MIB = 64 };

static unsigned asked[MOST_MIB]; /* how often the beginning of each MiB was asked for */

/* In place of the system's: what is asked for is noted, and nothing is in memory. */
int
posix_fadvise(int fd, off_t at, off_t bytes, int advice)
{
    (void)fd;
    (void)bytes;
    if (advice == POSIX_FADV_WILLNEED && at % MIB == 0 && at < (off_t)MOST_MIB * MIB)
        asked[at / MIB]++;
    return 0;
}

int
mincore(void *at, size_t bytes, unsigned char *in)
{
    (void)at;
    memset(in, 0, (bytes + 4095) / 4096);
    return 0;
}

static void
frames_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    uint64_t want_end[6], want_content[6], end, content;
    char *large = calloc(1, 300000); /* several blocks of one byte */
    assert_non_null(large);
    add_frame(&b, zstd_mail, sizeof zstd_mail - 1, false, true);
    want_end[0] = b.len;
    want_content[0] = sizeof zstd_mail - 1;
    add_frame(&b, zstd_mail, sizeof zstd_mail - 1, true, true);
    want_end[1] = b.len;
    want_content[1] = sizeof zstd_mail - 1;
    add_skippable(&b, 77);
    want_end[2] = b.len;
    want_content[2] = 0;
    add_frame(&b, "", 0, true, true);
    want_end[3] = b.len;
    want_content[3] = 0;
    add_frame(&b, large, 300000, true, true);
    want_end[4] = b.len;
    want_content[4] = 300000;
    add_frame(&b, zstd_mail, sizeof zstd_mail - 1, false, true);
    want_end[5] = b.len;
    want_content[5] = sizeof zstd_mail - 1;
    free(large);
    const int fd = file_of(b.ptr, b.len);
    ndr_zstd_walk w;
    ndr_zstd_walk_begin(&w, fd, b.len);
    for (int i = 0; i < 6; i++) {
        assert_true(ndr_zstd_walk_frame(&w, &end, &content));
        assert_int_equal(end, want_end[i]);
        assert_int_equal(w.at, end);
        assert_int_equal(content, want_content[i]);
    }
    assert_false(ndr_zstd_walk_frame(&w, &end, &content));
    assert_int_equal(w.at, b.len); /* it stays */
    /* cut anywhere: whole frames before that are stepped over, and no more */
    for (uint64_t cut = 0; cut < b.len; cut++) {
        ndr_zstd_walk_begin(&w, fd, cut);
        uint64_t at = 0;
        while (ndr_zstd_walk_frame(&w, &end, &content))
            at = end;
        uint64_t whole = 0;
        for (int i = 0; i < 6; i++)
            whole = want_end[i] <= cut ? want_end[i] : whole;
        assert_int_equal(at, whole);
        assert_int_equal(w.at, whole);
    }
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

/* A frame need not tell what it holds: the most that it can is never less. */
static void
untold_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    uint64_t end, content;
    add_frame(&b, zstd_mail, sizeof zstd_mail - 1, false, false);
    const int fd = file_of(b.ptr, b.len);
    ndr_zstd_walk w;
    ndr_zstd_walk_begin(&w, fd, b.len);
    assert_true(ndr_zstd_walk_frame(&w, &end, &content));
    assert_int_equal(end, b.len);
    assert_true(content >= sizeof zstd_mail - 1 && content <= 1 << 17);
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

typedef struct range_row {
    const char *why;
    uint64_t content;
    size_t frames; /* in the first range, of ten of mail */
} range_row;

enum { FRAMES = 10, EACH = sizeof zstd_mail - 1 };

static const range_row ranges[] = {
    {"one frame is enough", 1, 1},
    {"what one holds", EACH, 1},
    {"a byte more takes two", EACH + 1, 2},
    {"five", 5 * EACH, 5},
    {"more than there is", 100 * EACH, FRAMES},
};

static void
range_test(void **state)
{
    const range_row *row = *state;
    ndr_buffer b = {0};
    uint64_t ends[FRAMES], content = 0;
    for (int i = 0; i < FRAMES; i++) {
        add_frame(&b, zstd_mail, EACH, true, true);
        ends[i] = b.len;
    }
    const int fd = file_of(b.ptr, b.len);
    ndr_zstd_walk w;
    ndr_zstd_walk_begin(&w, fd, b.len);
    assert_int_equal(ndr_zstd_walk_range(&w, row->content, &content),
                     ends[row->frames - 1]);
    if (row->frames < FRAMES)
        assert_int_equal(content, row->frames * EACH);
    size_t more = 0;
    while (w.at < b.len && more++ < FRAMES) /* on to the file's end */
        (void)ndr_zstd_walk_range(&w, row->content, &content);
    assert_int_equal(w.at, b.len);
    enum ndr_marks marks = NDR_MARKS_MMDF;
    assert_int_equal(ndr_zstd_is_split(fd, b.len, NDR_FORMAT_AUTO, row->content, &marks),
                     row->frames < FRAMES);
    if (row->frames < FRAMES)
        assert_int_equal(marks, NDR_MARKS_DATED);
    assert_false(ndr_zstd_is_split(fd, b.len, NDR_FORMAT_MESSAGE, row->content, &marks));
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

static void
damaged_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    uint64_t content = 0;
    add_frame(&b, zstd_mail, EACH, true, true);
    add_frame(&b, zstd_mail, EACH, true, true);
    const size_t good = b.len;
    ndr_buffer_text(&b, "what is no frame");
    const int fd = file_of(b.ptr, b.len);
    ndr_zstd_walk w;
    ndr_zstd_walk_begin(&w, fd, b.len);
    assert_true(ndr_zstd_walk_range(&w, EACH, &content) < good);
    assert_int_equal(ndr_zstd_walk_range(&w, 2 * EACH, &content), b.len);
    assert_true(content == UINT64_MAX); /* one range up to the end */
    enum ndr_marks marks;
    assert_false(ndr_zstd_is_split(fd, 0, NDR_FORMAT_AUTO, 1, &marks));
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

static void
letter_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    enum ndr_marks marks;
    for (int i = 0; i < 3; i++)
        add_frame(&b, "Subject: x\n\nno mailbox\n", 23, false, true);
    const int fd = file_of(b.ptr, b.len);
    assert_false(ndr_zstd_is_split(fd, b.len, NDR_FORMAT_AUTO, 1, &marks));
    assert_true(ndr_zstd_is_split(fd, b.len, NDR_FORMAT_MBOX, 1, &marks));
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

/* Bytes that this process has read so far; 0 where nobody counts them. */
static unsigned long long
bytes_read(void)
{
    unsigned long long n = 0;
    FILE *f = fopen("/proc/self/io", "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "rchar: %llu", &n) != 1)
        n = 0;
    assert_int_equal(fclose(f), 0);
    return n;
}

static void
long_frame_test(void **state)
{
    (void)state;
    enum { BLOCKS = 50000, PROC_BYTES = 1024 };
    static const unsigned char head[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x58};
    const unsigned block = (1u << 17) << 3 | 1u << 1; /* 128 KiB of one byte */
    ndr_buffer b = {0};
    enum ndr_marks marks;
    uint64_t end, content = 0;
    ndr_buffer_add(&b, (ndr_slice){head, sizeof head});
    for (unsigned i = 1; i <= BLOCKS; i++) {
        const unsigned word = i == BLOCKS ? block | 1u : block;
        for (unsigned bit = 0; bit < 24; bit += 8)
            ndr_buffer_byte(&b, (unsigned char)(word >> bit));
        ndr_buffer_byte(&b, 'x');
    }
    const int fd = file_of(b.ptr, b.len);
    const unsigned long long before = bytes_read();
    assert_false(ndr_zstd_is_split(fd, b.len, NDR_FORMAT_AUTO, 1, &marks));
    assert_true(bytes_read() - before <= NDR_ZSTD_HEAD_BYTES + PROC_BYTES);
    ndr_zstd_walk w;
    ndr_zstd_walk_begin(&w, fd, b.len); /* its end can be found all the same */
    assert_true(ndr_zstd_walk_frame(&w, &end, &content));
    assert_int_equal(end, b.len);
    assert_true(content == (uint64_t)BLOCKS << 17);
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

typedef struct ask_row {
    const char *it;
    unsigned mount;
    unsigned until_mib, asked_mib;
} ask_row;

static const ask_row asks[] = {
    {"what is walked through on another machine is asked for, each part once",
     PRETEND_NFS, MOST_MIB, 20},
    {"up to where that was said", PRETEND_NFS, 4, 4},
    {"what is here is not", 0, MOST_MIB, 0},
};

static void
ask_test(void **state)
{
    const ask_row *row = *state;
    enum { SKIPPED = 40, SKIPPED_BYTES = MIB / 2, HEADER = 8 };
    ndr_buffer b = {0};
    uint64_t end, content;
    unsigned frames = 0;
    for (int i = 0; i < SKIPPED; i++)
        add_skippable(&b, SKIPPED_BYTES - HEADER);
    assert_int_equal(b.len, 20 * MIB);
    const int fd = file_of(b.ptr, b.len);
    memset(asked, 0, sizeof asked);
    pretended_type = row->mount;
    ndr_zstd_walk w;
    ndr_zstd_walk_begin(&w, fd, b.len);
    ndr_zstd_walk_ask(&w, (uint64_t)row->until_mib * MIB);
    assert_true(ndr_zstd_walk_frame(&w, &end, &content));
    for (unsigned i = 0; i < MOST_MIB; i++) /* that far at the first step */
        assert_int_equal(asked[i], i < row->asked_mib && i <= NDR_FETCH_LEAD_BLOCKS);
    for (frames = 1; ndr_zstd_walk_frame(&w, &end, &content); frames++)
        ;
    pretended_type = 0;
    assert_int_equal(frames, SKIPPED);
    for (unsigned i = 0; i < MOST_MIB; i++)
        assert_int_equal(asked[i], i < row->asked_mib);
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&b);
}

int
main(void)
{
    ADD_ROWS(asks, ask_test);
    add_test("frames of all sorts, and a file that is cut anywhere", frames_test);
    add_test("what a frame does not tell is not held for less", untold_test);
    ADD_ROWS(ranges, range_test);
    add_test("what is no frame goes into one range", damaged_test);
    add_test("a long frame is not walked through to see that it is long",
             long_frame_test);
    add_test("frames without a mailbox in them are not split", letter_test);
    return run_added("zstd_walk");
}
