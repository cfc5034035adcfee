/* SPDX-License-Identifier: BSD-3-Clause */
/* test_zstd_runs.c - runs of frames, found by stepping through them and told by a table
 */
#include "codec/zstd_frames.h"

#include "harness.h"
#include "zstd_file.h"

enum { MOST = 8, EACH = sizeof zstd_mail - 1, NO_LIMIT = 1 << 30 };

/* The frames of a file, one a letter; 'm' and 's' are stored in as many bytes. */
typedef struct frames {
    ndr_buffer bytes;
    uint64_t at[MOST + 1]; /* where each begins; behind the last where it ends */
    uint32_t content[MOST];
    uint32_t count;
    uint64_t each; /* bytes of an 'm' */
} frames;

static frames
make_frames(const char *letters)
{
    frames f = {0};
    ndr_buffer one = {0};
    add_frame(&one, zstd_mail, EACH, true, true);
    f.each = one.len;
    ndr_buffer_free(&one);
    for (const char *c = letters; *c != '\0'; c++, f.count++) {
        f.content[f.count] = *c == 'm' ? EACH : 0;
        if (*c == 'm')
            add_frame(&f.bytes, zstd_mail, EACH, true, true);
        else if (*c == 'e')
            add_frame(&f.bytes, "", 0, true, true);
        else
            add_skippable(&f.bytes, (unsigned char)(f.each - 8));
        f.at[f.count + 1] = f.bytes.len;
    }
    return f;
}

static void
add_little(ndr_buffer *b, uint64_t v)
{
    for (int i = 0; i < 4; i++)
        ndr_buffer_byte(b, (unsigned char)(v >> 8 * i));
}

/* The seek table behind them; how many bytes it has. */
static uint64_t
add_table(frames *f, bool checksums)
{
    const uint64_t entry = checksums ? 12 : 8, whole = 8 + f->count * entry + 9;
    add_little(&f->bytes, 0x184d2a5e);
    add_little(&f->bytes, whole - 8);
    for (uint32_t i = 0; i < f->count; i++) {
        add_little(&f->bytes, f->at[i + 1] - f->at[i]);
        add_little(&f->bytes, f->content[i]);
        if (checksums)
            add_little(&f->bytes, 0x01020304); /* no one's: it is the decoder's affair */
    }
    add_little(&f->bytes, f->count);
    ndr_buffer_byte(&f->bytes, checksums ? 0x80 : 0);
    add_little(&f->bytes, 0x8f92eab1);
    return whole;
}

typedef struct runs_row {
    const char *why;
    const char *frames;
    unsigned run;  /* bytes of a run, in frames of mail... */
    unsigned more; /* and these */
    size_t count;
    int from[MOST], lead[MOST]; /* numbers of frames */
} runs_row;

static const runs_row runs[] = {
    {"a file of nothing has none", "", 1, 0, 0, {0}, {0}},
    {"each frame may be one", "mmmm", 1, 0, 4, {0, 1, 2, 3}, {0, 0, 1, 2}},
    {"one has as many as its bytes", "mmmmm", 2, 0, 3, {0, 2, 4}, {0, 1, 3}},
    {"a byte more takes one frame more", "mmmmm", 1, 1, 3, {0, 2, 4}, {0, 1, 3}},
    {"all together are one", "mmm", 9, 0, 1, {0}, {0}},
    {"a frame of no content leads none", "msmm", 1, 0, 4, {0, 1, 2, 3}, {0, 0, 0, 2}},
    {"nor does one that holds nothing", "mesm", 1, 0, 3, {0, 1, 3}, {0, 0, 0}},
    {"where none has content the first leads", "ssmm", 2, 0, 2, {0, 2}, {0, 0}},
};

static void
runs_test(void **state)
{
    const runs_row *row = *state;
    frames f = make_frames(row->frames);
    const int fd = file_of(f.bytes.ptr, f.bytes.len);
    ndr_zstd_runs got = {0};
    assert_int_equal(ndr_zstd_runs_walk(fd, f.bytes.len, row->run * f.each + row->more,
                                        NO_LIMIT, &got),
                     1);
    assert_int_equal(got.count, row->count);
    for (size_t i = 0; i < got.count; i++) {
        assert_int_equal(got.run[i].from, f.at[row->from[i]]);
        assert_int_equal(got.run[i].lead, f.at[row->lead[i]]);
    }
    ndr_zstd_runs_free(&got);
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&f.bytes);
}

/* A plan that stepped through a file, and a worker that trusts its table: the same runs,
 * whatever their size. */
static void
same_test(void **state)
{
    (void)state;
    static const char *const files[] = {"m", "mm", "mmmmmmmm", "smmsmmss", "emmemsme"};
    for (size_t i = 0; i < 2 * sizeof files / sizeof files[0]; i++) {
        frames f = make_frames(files[i / 2]);
        (void)add_table(&f, i % 2 == 1);
        const int fd = file_of(f.bytes.ptr, f.bytes.len);
        for (uint64_t run = 1; run <= f.bytes.len; run++) {
            ndr_zstd_runs walked = {0}, told = {0};
            assert_int_equal(ndr_zstd_runs_walk(fd, f.bytes.len, run, NO_LIMIT, &walked),
                             1);
            assert_int_equal(ndr_zstd_runs_table(fd, f.bytes.len, run, NO_LIMIT, &told),
                             1);
            assert_int_equal(walked.count, told.count);
            assert_memory_equal(walked.run, told.run, told.count * sizeof *told.run);
            ndr_zstd_runs_free(&walked);
            ndr_zstd_runs_free(&told);
        }
        assert_int_equal(close(fd), 0);
        ndr_buffer_free(&f.bytes);
    }
}

/* Content that may come to the limit is not shared out: one run over all of it counts. */
static void
limit_test(void **state)
{
    (void)state;
    frames f = make_frames("mmsmm");
    (void)add_table(&f, false);
    const int fd = file_of(f.bytes.ptr, f.bytes.len);
    for (uint64_t limit = 0; limit <= 5 * EACH; limit++) {
        ndr_zstd_runs walked = {0}, told = {0};
        const int want = limit >= 4 * EACH;
        assert_int_equal(ndr_zstd_runs_walk(fd, f.bytes.len, 1, limit, &walked), want);
        assert_int_equal(ndr_zstd_runs_table(fd, f.bytes.len, 1, limit, &told), want);
        ndr_zstd_runs_free(&walked);
        ndr_zstd_runs_free(&told);
    }
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&f.bytes);
}

/* Cut anywhere: what is no whole frame goes with the run before it. */
static void
cut_test(void **state)
{
    (void)state;
    frames f = make_frames("mmsm");
    const int fd = file_of(f.bytes.ptr, f.bytes.len);
    for (uint64_t cut = 0; cut <= f.bytes.len; cut++) {
        ndr_zstd_runs got = {0};
        assert_int_equal(ndr_zstd_runs_walk(fd, cut, 1, NO_LIMIT, &got), 1);
        assert_int_equal(got.count, cut / f.each);
        for (size_t i = 0; i < got.count; i++)
            assert_int_equal(got.run[i].from, f.at[i]);
        ndr_zstd_runs_free(&got);
    }
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&f.bytes);
}

/* What makes the table of four frames none: `n` bytes are put at `at`, of the table or
 * (negative) from the file's end. */
typedef struct refusal_row {
    const char *why;
    int at;
    size_t n;
    const char *bytes;
} refusal_row;

static const refusal_row refusals[] = {
    {"its last bytes are not a table's", -1, 1, "x"},
    {"a bit that means nothing yet is set", -5, 1, "\x04"},
    {"it has no entries", -9, 4, "\0\0\0\0"},
    {"it has one entry more than there is", -9, 1, "\5"},
    {"it has one less", -9, 1, "\3"},
    {"it has more than the format allows", -9, 4, "\1\0\0\x08"},
    {"its entries are said to have sums", -5, 1, "\x80"},
    {"its first bytes are another frame's", 0, 1, "\x50"},
    {"its frame has another length", 4, 1, "\1"},
    {"a frame is shorter than it is", 8, 1, "\1"},
    {"a frame is longer than the file", 8, 4, "\xff\xff\xff\xff"},
    {"frames end behind the file", 8, 4, "\0\2\0\0"},
};

static void
refusal_test(void **state)
{
    const refusal_row *row = *state;
    frames f = make_frames("mmmm");
    (void)add_table(&f, false);
    const size_t at = row->at < 0 ? f.bytes.len - (size_t)-row->at
                                  : (size_t)f.at[f.count] + (size_t)row->at;
    memcpy(f.bytes.ptr + at, row->bytes, row->n);
    const int fd = file_of(f.bytes.ptr, f.bytes.len);
    ndr_zstd_runs got = {0};
    assert_int_equal(ndr_zstd_runs_table(fd, f.bytes.len, 1, NO_LIMIT, &got), 0);
    ndr_zstd_runs_free(&got);
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&f.bytes);
}

/* A table of the last frames alone, or that something stands behind; and no table. */
static void
not_all_test(void **state)
{
    (void)state;
    frames f = make_frames("mmm");
    const uint64_t plain = f.bytes.len;
    (void)add_table(&f, false);
    ndr_buffer more = {0};
    add_frame(&more, zstd_mail, EACH, true, true);
    ndr_buffer_add(&more, (ndr_slice){f.bytes.ptr, f.bytes.len});
    const int fd = file_of(f.bytes.ptr, f.bytes.len),
              behind = file_of(more.ptr, more.len);
    ndr_zstd_runs got = {0};
    assert_int_equal(ndr_zstd_runs_table(behind, more.len, 1, NO_LIMIT, &got), 0);
    ndr_zstd_runs_free(&got);
    for (uint64_t cut = 0; cut < f.bytes.len; cut++) {
        assert_int_equal(ndr_zstd_runs_table(fd, cut, 1, NO_LIMIT, &got), 0);
        assert_int_equal(got.count, 0);
    }
    assert_int_equal(ndr_zstd_runs_table(fd, f.bytes.len, 1, NO_LIMIT, &got), 1);
    assert_int_equal(got.run[got.count - 1].from, plain); /* the table's own */
    ndr_zstd_runs_free(&got);
    assert_int_equal(close(fd), 0);
    assert_int_equal(close(behind), 0);
    ndr_buffer_free(&more);
    ndr_buffer_free(&f.bytes);
}

int
main(void)
{
    ADD_ROWS(runs, runs_test);
    ADD_ROWS(refusals, refusal_test);
    add_test("walked through and told by a table are the same", same_test);
    add_test("content up to the limit", limit_test);
    add_test("cut anywhere", cut_test);
    add_test("a table that is not of all of the file", not_all_test);
    return run_added("zstd_runs");
}
