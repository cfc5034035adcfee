/* SPDX-License-Identifier: BSD-3-Clause */
/* test_frame_mbox.c - marks, found forwards and backwards, with bytes revealed one by one
 */
#include "frame/frame.h"
#include "slow_mbox.h"

/* Every prefix: what is found in it is what the whole text has there, and is proved. */
static void
revealed(void **state)
{
    const mbox_row *row = *state;
    const unsigned char *text = (const unsigned char *)row->text;
    const size_t n = strlen(row->text);
    for (size_t have = 0; have <= n; have++) {
        unsigned char *p = exact_copy(text, have);
        size_t seen = have; /* the last mark, by walking forwards */
        for (size_t at = 0; at < have;) {
            const size_t hit = ndr_mbox_find(p, have, at, true, false);
            assert_int_equal(hit < have, hit != have);
            if (hit == have)
                break;
            assert_int_equal(ndr_mbox_find(text, n, at, true, true), hit);
            seen = hit;
            at = hit + 1;
        }
        assert_int_equal(ndr_mbox_find_last(p, have, true), seen);
        /* cut off from its start, a mark at the start is none, unless lines prove it */
        const size_t cut = ndr_mbox_find(p, have, 0, false, false);
        assert_true(cut > 0 || have == 0);
        free(p);
    }
}

/* From every byte on, with the bytes before it out of sight but for the look-back. */
static void
local(void **state)
{
    const mbox_row *row = *state;
    const unsigned char *text = (const unsigned char *)row->text;
    const size_t n = strlen(row->text);
    for (size_t from = 4; from < n; from++) {
        unsigned char *p = exact_copy(text + from - 4, n - from + 4);
        const size_t want = ndr_mbox_find(text, n, from, true, true);
        assert_int_equal(ndr_mbox_find(p, n - from + 4, 4, false, true) + from - 4, want);
        free(p);
    }
}

typedef struct end_row {
    const char *why, *text;
    size_t raw, want;
} end_row;

static const end_row ends[] = {
    {"no empty line", "x\n", 0, 2},
    {"one empty line", "x\n\n", 0, 2},
    {"one of two empty lines", "x\n\n\n", 0, 3},
    {"CRLF", "x\r\n\r\n", 0, 3},
    {"nothing but an empty line", "F\n\n", 2, 2},
    {"nothing but an empty line, CRLF", "F\n\r\n", 2, 2},
    {"nothing at all", "F\n", 2, 2},
    {"no line end", "x", 0, 1},
    {"CR alone is a line's text", "x\r\n", 0, 3},
};

static void
end_test(void **state)
{
    const end_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    assert_int_equal(ndr_mbox_end(p, row->raw, n), row->want);
    free(p);
}

int
main(void)
{
    ADD_ROWS(mboxes, revealed);
    ADD_ROWS(rough_mboxes, revealed);
    ADD_ROWS(mboxes, local);
    ADD_ROWS(ends, end_test);
    return run_added("frame_mbox");
}
