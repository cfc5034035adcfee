/* SPDX-License-Identifier: BSD-3-Clause */
/* test_frame_mark.c - which marks are trusted in which mailbox, wherever it is cut? */
#include "drive.h"

#include "frame/frame.h"

#define D1 "From a@example.com Tue May 13 09:31:02 2008\n"
#define T1 "From - Tue May 13 09:31:02 2008\n"
#define B  "From \n"
#define BR "From \r\n"
#define X  "\1\1\1\1\n"
#define XR "\1\1\1\1\r\n"

typedef struct mark_row {
    const char *why, *text;
    /* the messages' bytes, '|' behind each */
    const char *want;
} mark_row;

static const mark_row rows[] = {
    {"bare From_ lines part messages", B "A: b\n\nx\n\n" B "C: d\n\ny\n\n",
     "A: b\n\nx\n|C: d\n\ny\n|"},
    {"so they do with CRLF", BR "A: b\r\n\r\nx\r\n\r\n" BR "C: d\r\n\r\ny\r\n\r\n",
     "A: b\r\n\r\nx\r\n|C: d\r\n\r\ny\r\n|"},
    {"bare ones behind dated ones with a dash", T1 "A: b\n\nx\n\n" B "C: d\n\ny\n",
     "A: b\n\nx\n|C: d\n\ny\n|"},
    {"dated ones behind bare ones", B "A: b\n\nx\n\n" D1 "C: d\n\ny\n",
     "A: b\n\nx\n|C: d\n\ny\n|"},
    {"a bare one without an empty line before it is text",
     B "A: b\n\nx\n" B "C: d\n\ny\n", "A: b\n\nx\n" B "C: d\n\ny\n|"},
    {"a bare one in front of no field is text", B "A: b\n\nx\n\n" B "no field\n\ny\n",
     "A: b\n\nx\n\n" B "no field\n\ny\n|"},
    {"a quoted bare one is text", B "A: b\n\nx\n\n>" B "C: d\n\ny\n",
     "A: b\n\nx\n\n>" B "C: d\n\ny\n|"},
    {"a bare one in an mbox of other programs is text",
     D1 "A: b\n\nx\n\n" B "C: d\n\ny\n", "A: b\n\nx\n\n" B "C: d\n\ny\n|"},
    {"a bare one as the last line is text", B "A: b\n\nx\n\n" B, "A: b\n\nx\n\n" B "|"},
    {"a header without a body", B "A: b\n\n" B "C: d\n\n", "A: b\n|C: d\n|"},
    {"MMDF", X "A: b\n\nx\n" X X "C: d\n\ny\n" X, "A: b\n\nx\n|C: d\n\ny\n|"},
    {"MMDF with CRLF", XR "A: b\r\n\r\nx\r\n" XR XR "C: d\r\n\r\ny\r\n" XR,
     "A: b\r\n\r\nx\r\n|C: d\r\n\r\ny\r\n|"},
    {"MMDF with From_ lines", X D1 "A: b\n\nx\n" X X D1 "C: d\n\ny\n" X,
     "A: b\n\nx\n|C: d\n\ny\n|"},
    {"a From_ line in the text of MMDF is text", X "A: b\n\nx\n\n" D1 "C: d\n\ny\n" X,
     "A: b\n\nx\n\n" D1 "C: d\n\ny\n|"},
    {"MMDF with one line between messages", X "A: b\n\nx\n" X "C: d\n\ny\n" X,
     "A: b\n\nx\n|C: d\n\ny\n|"},
    {"MMDF that ends without its line", X "A: b\n\nx\n" X X "C: d\n\ny",
     "A: b\n\nx\n|C: d\n\ny|"},
    {"five of them, or something behind, is text",
     X "A: b\n\n\1\1\1\1\1\n\1\1\1\1x\n" X X "C: d\n\ny\n" X,
     "A: b\n\n\1\1\1\1\1\n\1\1\1\1x\n|C: d\n\ny\n|"},
    {"MMDF without a message", X X, ""},
    {"empty lines in front of MMDF", "\n\n" X "A: b\n\nx\n" X, "A: b\n\nx\n|"},
};

/* What was read, as `want` has it. */
static void
check(const ndr_input_opts *opts, const char *want)
{
    drive d;
    ndr_buffer got = {0};
    drive_begin(&d, opts);
    ndr_batch *b = &d.batch[0];
    ndr_error err = {0};
    ndr_message m;
    uint64_t index = 0;
    while (d.source->fill(d.source, b, &err) == 1) {
        assert_int_equal(d.source->begin(d.source, d.reader, b, &err), 0);
        while (d.source->next(d.source, d.reader, &m, &err) == 1) {
            assert_int_equal(d.source->extend(d.source, d.reader, &m, &err), 0);
            assert_int_equal(m.length, m.raw.len);
            ndr_buffer_add(&got, m.raw);
            ndr_buffer_byte(&got, '|');
            index++;
        }
        drive_trouble(&d, b);
    }
    ndr_buffer_byte(&got, '\0');
    assert_false(got.failed);
    assert_string_equal((const char *)got.ptr, want);
    assert_int_equal(d.out.len, 0);
    drive_end(&d);
    ndr_buffer_free(&got);
}

static void
in_ranges(void **state)
{
    const mark_row *row = *state;
    const size_t n = strlen(row->text);
    const char *path = scratch_path("box");
    write_text("box", row->text);
    for (size_t range = 1; range <= n + 1; range++) {
        const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                     .path_count = 1, .range_bytes = range};
        check(&opts, row->want);
    }
}

static void
in_batches(void **state)
{
    const mark_row *row = *state;
    const size_t n = strlen(row->text);
    const char *path = "-";
    for (size_t batch = 1; batch <= n + 1; batch += batch < 20 ? 1 : 7) {
        const pid_t child = feed_stdin(row->text, n, n, false);
        const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                     .path_count = 1, .batch_bytes = batch};
        check(&opts, row->want);
        end_feed(child);
    }
}

int
main(void)
{
    ADD_ROWS(rows, in_ranges);
    ADD_ROWS(rows, in_batches);
    return run_with_scratch("frame_mark");
}
