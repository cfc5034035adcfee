/* SPDX-License-Identifier: BSD-3-Clause */
/* test_frame_mboxcl2.c - which Content-Length is found, and which is believed */
#include "frame/frame.h"
#include "harness.h"

#define MARK "From a@example.com Tue May 13 09:31:02 2008\n"

typedef struct cl2_row {
    const char *why, *text;
    bool found, whole;
    uint64_t end;
} cl2_row;

static const cl2_row lengths[] = {
    {"a length", "Content-Length: 5\n\nabc", true, true, 24},
    {"any case, no blank", "A: b\r\ncontent-LENGTH:5\r\n\r\n", true, true, 31},
    {"none", "A: b\n\n", false, true, 6},
    {"no number", "Content-Length: x\n\n", false, true, 19},
    {"in the body", "A: b\n\nContent-Length: 5\n\n", false, true, 6},
    {"a header that is cut", "Content-Length: 5\nA", false, false, 0},
    {"a number that goes on and on", "Content-Length: 99999999999999999999999999\n\n",
     true, true, UINT64_C(999999999999999999) + 44},
};

static void
length_test(void **state)
{
    const cl2_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    uint64_t end = 0;
    bool whole;
    assert_int_equal(ndr_mboxcl2_length(p, n, 0, &end, &whole), row->found);
    assert_int_equal(whole, row->whole);
    assert_true(end == row->end);
    free(p);
}

typedef struct fits_row {
    const char *why, *text;
    size_t end;
    bool last, fits;
    size_t next;
} fits_row;

static const fits_row fits[] = {
    {"a mark is there", "x\n" MARK, 2, false, true, 2},
    {"a mark behind an empty line", "x\n\n" MARK, 2, false, true, 3},
    {"a mark behind an empty CRLF line", "x\n\r\n" MARK, 2, false, true, 4},
    {"a mark behind two empty lines", "x\n\n\n" MARK, 2, false, false, 0},
    {"the end", "x\n", 2, true, true, 2},
    {"an empty line and the end", "x\n\n", 2, true, true, 3},
    {"what is not the end yet", "x\n", 2, false, false, 0},
    {"beyond the end", "x\n", 3, true, false, 0},
    {"text", "x\ny\n", 2, true, false, 0},
};

static void
fits_test(void **state)
{
    const fits_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    size_t next = 0;
    assert_int_equal(ndr_mboxcl2_fits(p, n, row->end, row->last, &next), row->fits);
    assert_int_equal(next, row->next);
    free(p);
}

int
main(void)
{
    ADD_ROWS(lengths, length_test);
    ADD_ROWS(fits, fits_test);
    return run_added("frame_mboxcl2");
}
