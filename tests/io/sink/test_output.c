/* SPDX-License-Identifier: BSD-3-Clause */
/* What holds for every row of the table of outputs. */
#include "harness.h"
#include "sink_harness.h"

#include <errno.h>
#include <signal.h>

typedef struct word_row {
    const char *why, *word;
    int want;
} word_row;

static const word_row words[] = {
    {"jsonl", "jsonl", NDR_OUTPUT_JSONL},
    {"tsv", "tsv", NDR_OUTPUT_TSV},
    {"paths", "paths", NDR_OUTPUT_PATHS},
    {"paths0", "paths0", NDR_OUTPUT_PATHS0},
    {"summary", "summary", NDR_OUTPUT_SUMMARY},
    {"words are lower case", "JSONL", -1},
    {"a beginning is no word", "path", -1},
    {"nothing is no word", "", -1},
    {"NULL is no word", NULL, -1},
};

static void
word_test(void **state)
{
    const word_row *row = *state;
    assert_int_equal(ndr_output_find(row->word), row->want);
}

/* Render one record of plain words and commit it. */
static int
write_one(ndr_sink *s, ndr_error *err)
{
    ndr_batch b = {0};
    hostile h;
    hostile_fill(&h, (ndr_slice)BYTES("word"), "word");
    int code = s->render(s, &b, &h.m, &h.v, err);
    if (code == 0)
        code = s->commit(s, &b, 0, err);
    batch_free(&b);
    return code;
}

static void
full_test(void **state)
{
    (void)state;
    for (int k = 0; k <= NDR_OUTPUT_SUMMARY; k++) {
        const int fd = open("/dev/full", O_WRONLY);
        assert_true(fd >= 0);
        ndr_sink *s = NULL;
        ndr_error err = {0};
        assert_int_equal(ndr_output_open((enum ndr_output)k, fd, &s, &err), 0);
        const bool silent = k == NDR_OUTPUT_SUMMARY;
        assert_int_equal(write_one(s, &err), silent ? 0 : NDR_E_SYS);
        assert_int_equal(err.sys_errno, silent ? 0 : ENOSPC);
        assert_int_equal(s->close(s, &err), 0); /* it was told once */
        assert_int_equal(close(fd), 0);
    }
}

static void
gone_test(void **state)
{
    (void)state;
    for (int k = 0; k <= NDR_OUTPUT_SUMMARY; k++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(close(ends[0]), 0);
        ndr_sink *s = NULL;
        ndr_error err = {0};
        assert_int_equal(ndr_output_open((enum ndr_output)k, ends[1], &s, &err), 0);
        const bool silent = k == NDR_OUTPUT_SUMMARY;
        assert_int_equal(write_one(s, &err), silent ? 0 : NDR_E_SYS);
        assert_int_equal(err.sys_errno, silent ? 0 : EPIPE);
        assert_int_equal(s->close(s, &err), 0);
        assert_int_equal(close(ends[1]), 0); /* the sink did not close it */
    }
}

static void
prompt_test(void **state)
{
    (void)state;
    for (int k = 0; k < NDR_OUTPUT_SUMMARY; k++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        ndr_sink *s = NULL;
        assert_int_equal(ndr_output_open((enum ndr_output)k, ends[1], &s, NULL), 0);
        assert_int_equal(write_one(s, NULL), 0);
        char got[65536];
        const ssize_t n = read(ends[0], got, sizeof got);
        const char end = k == NDR_OUTPUT_PATHS0 ? '\0' : '\n';
        assert_true(n > 0 && got[n - 1] == end);
        assert_int_equal(s->close(s, NULL), 0);
        assert_int_equal(close(ends[1]), 0);
        assert_int_equal(read(ends[0], got, sizeof got), 0); /* close adds nothing */
        assert_int_equal(close(ends[0]), 0);
    }
}

static void
header_fails_test(void **state)
{
    (void)state;
    const int fd = open("/dev/full", O_WRONLY);
    ndr_sink *s = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_output_open(NDR_OUTPUT_TSV, fd, &s, &err), 0);
    assert_int_equal(s->close(s, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, ENOSPC);
    assert_int_equal(close(fd), 0);
}

static void
summary_test(void **state)
{
    (void)state;
    ndr_sink *s = NULL;
    ndr_batch b = {0};
    hostile h;
    hostile_fill(&h, (ndr_slice)BYTES("word"), "word");
    assert_int_equal(ndr_output_open(NDR_OUTPUT_SUMMARY, -1, &s, NULL), 0);
    assert_int_equal(s->render(s, &b, &h.m, &h.v, NULL), 0);
    assert_int_equal(b.out.len + b.mark_count, 0);
    assert_int_equal(s->commit(s, &b, 0, NULL), 0);
    assert_int_equal(s->close(s, NULL), 0);
    batch_free(&b);
}

static void
unknown_test(void **state)
{
    (void)state;
    ndr_sink *s = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_output_open((enum ndr_output)99, 1, &s, &err), NDR_E_SYNTAX);
    assert_null(s);
}

int
main(void)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return 1;
    ADD_ROWS(words, word_test);
    add_test("a full disk is an error, once", full_test);
    add_test("a reader that went away is EPIPE, once", gone_test);
    add_test("a record is with the reader when commit answers", prompt_test);
    add_test("a header line that cannot be written is an error", header_fails_test);
    add_test("summary writes nothing", summary_test);
    add_test("a number that is no output is refused", unknown_test);
    return run_added("output");
}
