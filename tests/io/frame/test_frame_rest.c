/* SPDX-License-Identifier: BSD-3-Clause */
/* test_frame_rest.c - has a resting stream's last message ended? */
#include "frame/frame.h"
#include "harness.h"

#define MARK  "From a@example.com Tue May 13 09:31:02 2008\n"
#define MIXED "Content-Type: multipart/mixed; boundary=\"b1\"\n"

typedef struct rest_row {
    const char *why, *text;
    enum ndr_ending want;
} rest_row;

static const rest_row rows[] = {
    {"nothing", "", NDR_ENDING_NONE},
    {"only a From_ line", MARK, NDR_ENDING_NONE},
    {"a header that has not ended", MARK "A: b\n", NDR_ENDING_NONE},
    {"a header that has just ended: the body may come", MARK "A: b\n\n", NDR_ENDING_NONE},
    {"an empty body and the writer's empty line", MARK "A: b\n\n\n", NDR_ENDING_LIKELY},
    {"a body without an empty line behind it", MARK "A: b\n\nx\n", NDR_ENDING_NONE},
    {"half a line", MARK "A: b\n\nx\n\ny", NDR_ENDING_NONE},
    {"a body and an empty line", MARK "A: b\n\nx\n\n", NDR_ENDING_LIKELY},
    {"the same with CRLF", "From a Tue May 13 09:31:02 2008\r\nA: b\r\n\r\nx\r\n\r\n",
     NDR_ENDING_LIKELY},
    {"a lone CR is no empty line", MARK "A: b\n\nx\n\r", NDR_ENDING_NONE},
    {"without a From_ line", "A: b\n\nx\n\n", NDR_ENDING_LIKELY},
    {"empty lines in front", "\n\n" MARK "A: b\n\nx\n\n", NDR_ENDING_LIKELY},
    {"a multipart that is not closed", MARK MIXED "\n--b1\n\nx\n\n", NDR_ENDING_NONE},
    {"a multipart that is closed", MARK MIXED "\n--b1\n\nx\n--b1--\n\n", NDR_ENDING_SURE},
    {"closed, but the empty line is still to come", MARK MIXED "\n--b1\n\nx\n--b1--\n",
     NDR_ENDING_NONE},
    {"blanks behind the closing delimiter", MARK MIXED "\n--b1\n\nx\n--b1-- \t\r\n\n",
     NDR_ENDING_SURE},
    {"an inner multipart's closing delimiter",
     MARK MIXED "\n--b1\n"
                "Content-Type: multipart/x; boundary=in\n\n--in\n\nx\n--in--\n\n",
     NDR_ENDING_NONE},
    {"a boundary that begins like the header's", MARK MIXED "\n--b1\n\nx\n--b--\n\n",
     NDR_ENDING_NONE},
    {"a boundary that goes on", MARK MIXED "\n--b1\n\nx\n--b11--\n\n", NDR_ENDING_NONE},
    {"an epilogue", MARK MIXED "\n--b1\n\nx\n--b1--\nbye\n\n", NDR_ENDING_NONE},
    {"a boundary without quotes, in a folded field",
     MARK
     "content-TYPE: MULTIPART/Report;\n\tBoundary=b=2; x=y\n\n--b=2\n\nx\n--b=2--\n\n",
     NDR_ENDING_SURE},
    {"a boundary at the header's end",
     MARK "Content-Type: multipart/x; boundary=q\n\n--q--\n\n", NDR_ENDING_SURE},
    {"no boundary", MARK "Content-Type: multipart/x\n\nx\n----\n\n", NDR_ENDING_NONE},
    {"an empty boundary", MARK "Content-Type: multipart/x; boundary=\n\n----\n\n",
     NDR_ENDING_NONE},
    {"a delimiter in a plain message", MARK "A: b\n\n--b1--\n\n", NDR_ENDING_LIKELY},
};

static void
rest_test(void **state)
{
    const rest_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    assert_int_equal(ndr_mbox_ending(NDR_MARKS_DATED, p, n), row->want);
    free(p);
    for (size_t cut = 0; cut <= n; cut++) { /* whatever is there: no byte too many */
        p = exact_copy(row->text, cut);
        (void)ndr_mbox_ending(NDR_MARKS_DATED, p, cut);
        free(p);
    }
}

int
main(void)
{
    ADD_ROWS(rows, rest_test);
    return run_added("frame_rest");
}
