/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_mbox.c - does an mbox fall into the same messages however it is cut, and do they
 * make up the mbox again?
 */
#include "fuzz_scratch.h"
#include "slow_mbox.h"

#include "codec/feed.h"
#include "frame/frame.h"

enum { BYTES_LIMIT = 64 << 10 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    LAW(setenv("CMOCKA_TEST_ABORT", "1", 1) == 0, "no memory"); /* drive.h asserts */
    fuzz_scratch_begin();
    return 0;
}

/* Bytes [at, raw) end one message and name the next: at most an empty line, a mark. */
static void
check_between(const uint8_t *p, size_t at, size_t mark, size_t raw)
{
    const ndr_slice gap = {p + at, mark - at};
    LAW(gap.len == 0 || ndr_slice_equal(gap, NDR_SLICE("\n")) ||
            ndr_slice_equal(gap, NDR_SLICE("\r\n")),
        "%zu bytes at %zu are in no message", gap.len, at);
    LAW(raw - mark >= 5 && memcmp(p + mark, "From ", 5) == 0, "no mark at %zu", mark);
    const unsigned char *lf = memchr(p + mark, '\n', raw - mark);
    LAW(lf == NULL || lf == p + raw - 1, "the mark at %zu has two lines", mark);
}

/* Walk the marks with the framer's own pieces, each of which sees exactly what it may. */
static void
check_pieces(const uint8_t *p, size_t n)
{
    size_t at = 0, count = 0;
    int64_t time = 0;
    size_t mark = ndr_mbox_next(NDR_MARKS_DATED, p, n, 0, true, true, &time);
    size_t from = mark; /* text before the first mark is the walk's own affair */
    while (mark < n) {
        ndr_slice envelope;
        const size_t raw = ndr_mbox_line(p, n, mark, &envelope);
        LAW(envelope.ptr == p + mark && raw > mark && raw <= n, "mark %zu", mark);
        LAW(ndr_postmark_parse(envelope) == time, "mark %zu", mark);
        if (count++ > 0)
            check_between(p, at, mark, raw);
        const size_t then =
            raw < n ? ndr_mbox_next(NDR_MARKS_DATED, p, n, raw, true, true, &time) : n;
        LAW(then >= raw, "mark %zu after %zu", then, raw);
        at = ndr_mbox_end(p, raw, then);
        LAW(at >= raw && at <= then, "end %zu of %zu", at, raw);
        from = mark;
        mark = then;
    }
    const size_t last = ndr_mbox_find_last(p, n, true);
    if (last < n)
        LAW(count > 0 && last <= from, "last mark %zu, walked to %zu", last, from);
}

static char *
read_box(size_t range, size_t limit)
{
    const char *path = fuzz_path;
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1,           .format = NDR_FORMAT_MBOX,
                                 .range_bytes = range,      .message_limit_bytes = limit};
    return drive_all(&opts, false, true);
}

/* Every byte is in a message, a mark or an empty line before one. */
static void
check_whole(const uint8_t *p, size_t n)
{
    const char *path = fuzz_path;
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .format = NDR_FORMAT_MBOX,
                                 .range_bytes = n + 1};
    drive d;
    drive_begin(&d, &opts);
    ndr_batch *b = &d.batch[0];
    ndr_error err = {0};
    size_t at = 0, count = 0;
    while (d.source->fill(d.source, b, &err) == 1) {
        LAW(d.source->begin(d.source, d.reader, b, &err) == 0, "%s", err.text);
        ndr_message m;
        while (d.source->next(d.source, d.reader, &m, &err) == 1) {
            LAW(d.source->extend(d.source, d.reader, &m, &err) == 0, "%s", err.text);
            LAW(m.offset <= n && n - m.offset >= m.raw.len, "offset");
            LAW(memcmp(p + m.offset, m.raw.ptr, m.raw.len) == 0, "other bytes");
            if (m.envelope.len > 0) {
                size_t mark = at;
                while (mark < m.offset && (p[mark] == '\n' || p[mark] == '\r'))
                    mark++;
                LAW(m.offset - mark >= m.envelope.len &&
                        memcmp(p + mark, m.envelope.ptr, m.envelope.len) == 0,
                    "envelope of %zu", count);
                if (count > 0)
                    check_between(p, at, mark, (size_t)m.offset);
            }
            LAW(count > 0 || at == 0, "offset");
            at = (size_t)m.offset + m.raw.len;
            count++;
        }
        drive_trouble(&d, b);
    }
    LAW(d.out.len == 0, "%s", drive_out(&d));
    drive_end(&d);
    const ndr_slice rest = {p + at, n - at};
    if (count > 0)
        LAW(rest.len == 0 || ndr_slice_equal(rest, NDR_SLICE("\n")) ||
                ndr_slice_equal(rest, NDR_SLICE("\r\n")),
            "%zu bytes at the end are in no message", rest.len);
    else
        LAW(ndr_mbox_blank(p, n) == n, "no message in %zu bytes", n);
}

/* A mailbox with other marks falls into the same messages in any ranges. */
static void
check_ranges(const uint8_t *p, size_t n)
{
    const size_t choice = fuzz_choice(p, n);
    char *want = read_box(n + 1, 0);
    for (size_t i = 0; i < 2; i++) {
        char *got = read_box(1 + (i == 0 ? choice % 9 : choice % (n + 1)), 0);
        LAW(strcmp(got, want) == 0, "in ranges\n%s\nas one:\n%s", got, want);
        free(got);
    }
    free(want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    ndr_sniffed told;
    const enum ndr_sniff sniff = ndr_sniff(bytes, n, true, &told);
    if (n > BYTES_LIMIT || (sniff != NDR_SNIFF_MBOX && sniff != NDR_SNIFF_MESSAGE &&
                            sniff != NDR_SNIFF_EMPTY))
        return -1; /* what is packed, or no mail, is fuzz_stream's affair */
    if (told.marks != NDR_MARKS_DATED) {
        fuzz_scratch_write(bytes, n);
        check_ranges(bytes, n);
        return 0;
    }
    if (n > 0)
        check_pieces(bytes, n);
    fuzz_scratch_write(bytes, n);
    if (n > 0)
        check_whole(bytes, n);
    const size_t choice = fuzz_choice(bytes, n);
    const uint32_t hash = fuzz_hash(bytes, n);
    const size_t limits[] = {SIZE_MAX, 1 + hash % 64};
    for (size_t l = 0; l < 2; l++) {
        char *want = slow_mbox(bytes, n, limits[l]);
        const size_t least = n / 256 + 1; /* many ranges of a long input take too long */
        const size_t ranges[] = {n + 1, least + choice % (n + 1), least + hash % 32};
        for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
            char *got = read_box(ranges[r], limits[l]);
            LAW(strcmp(got, want) == 0, "range %zu, limit %zu\n%s\nslow:\n%s", ranges[r],
                limits[l], got, want);
            free(got);
        }
        free(want);
    }
    return 0;
}
