/* SPDX-License-Identifier: BSD-3-Clause */
/* What is not looked at, and that it is said. */
#include "scan_cases.h"

#include <stdio.h>

static ndr_verdict
verdict_of(const ndr_scan_opts *opts, const ndr_buffer *mail, char named[70])
{
    ndr_scanner *s = new_scanner(opts);
    unsigned char *p = exact_copy(mail->ptr, mail->len);
    ndr_message m = make_message((ndr_slice){p, mail->len});
    m.flags = NDR_MSG_DAMAGED; /* what the source says is said again */
    ndr_verdict v;
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    (void)snprintf(named, 70, "%s", v.rule == NULL ? "" : v.rule->id);
    assert_int_equal(v.flags & NDR_MSG_DAMAGED, NDR_MSG_DAMAGED);
    v.flags &= ~(unsigned)NDR_MSG_DAMAGED;
    ndr_scanner_free(s);
    free(p);
    return v;
}

#define DSN_HEAD                                                                         \
    "Return-Path: <>\nContent-Type: multipart/report; boundary=b\n\n--b\n"               \
    "Content-Type: message/delivery-status\n\n"

typedef struct limit_row {
    const char *why;
    const char *before, *filler;
    size_t fillers;
    const char *behind;
    size_t header_limit, text_limit;
    const char *rule;
    unsigned flags;
} limit_row;

static const limit_row limits[] = {
    {"a field inside the header's limit", "Return-Path: <>\n", "X: y\n", 10, "\n" QMAIL,
     200, 0, "text.alone", 0},
    {"a field beyond the header's limit", "", "X: y\n", 50, "Return-Path: <>\n\n" QMAIL,
     200, 0, "", NDR_MSG_TRUNCATED},
    {"a header of exactly its limit", "Return-Path: <>\n", "X: yz\n", 30, "\n" QMAIL, 197,
     0, "text.alone", 0},
    {"text inside its limit", "Return-Path: <>\n\n", "word\n", 10, "\n" QMAIL, 0, 200,
     "text.alone", 0},
    {"text beyond its limit", "Return-Path: <>\n\n", "word\n", 50, "\n" QMAIL, 0, 200, "",
     NDR_MSG_TRUNCATED},
    {"a base64 text is cut after decoding",
     "Return-Path: <>\nContent-Transfer-Encoding: "
     "base64\n\nSGkuIFRoaXMgaXMgdGhlIHFtYWlsLXNlbmQK\n",
     "d29y\n", 100, "", 0, 200, "text.alone", NDR_MSG_TRUNCATED},
    {"a text of letters beyond ASCII is cut between two",
     "Return-Path: <>\nFrom: postmaster@example.net\n\nnicht m\xc3\xb6glich ", "\xc3\xa4",
     200, "", 0, 101, "umlaut", NDR_MSG_TRUNCATED},
    {"megabytes of text are cut by themselves", "Return-Path: <>\n\n", "word word word\n",
     40000, "\n" QMAIL, 0, 0, "", NDR_MSG_TRUNCATED},
    {"a hundred levels", "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Type: multipart/mixed; boundary=b\n\n", 99, "--b\n\n" QMAIL, 0, 0,
     "text.alone", 0},
    {"a hundred and one levels",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Type: multipart/mixed; boundary=b\n\n", 100, "--b\n\n" QMAIL, 0, 0,
     "text.alone", NDR_MSG_DEEP},
    {"ten thousand parts",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\n\n\n", 9999,
     "--b\n\n" QMAIL, 0, 0, "text.alone", 0},
    {"ten thousand and one parts",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\n\n\n", 10000,
     "--b\n\n" QMAIL, 0, 0, "", NDR_MSG_DEEP},
    {"a thousand changes of type",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n",
     "--b\n\n\n--b\nContent-Type: image/png\n\n\n", 499, "--b\n\n" QMAIL, 0, 0,
     "text.alone", 0},
    {"a thousand and one changes of type",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n",
     "--b\n\n\n--b\nContent-Type: image/png\n\n\n", 500, "--b\n\n" QMAIL, 0, 0,
     "text.alone", NDR_MSG_TRUNCATED},
    {"ten thousand parts with words",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\n\na\n", 9999,
     "--b\n\n" QMAIL, 0, 0, "text.alone", 0},
    {"two thousand five hundred parts of HTML but one",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Type: text/html\n\na\n", 2499, "--b\n\n" QMAIL, 0, 0, "text.alone", 0},
    {"two thousand five hundred parts of HTML",
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Type: text/html\n\na\n", 2500, "--b\n\n" QMAIL, 0, 0, "",
     NDR_MSG_TRUNCATED},
    {"twenty thousand lines of a report", DSN_HEAD, "X: y\n", 19999, "Status: 5.1.1\n", 0,
     0, "status.gone", 0},
    {"a line more of a report", DSN_HEAD, "X: y\n", 20000, "Status: 5.1.1\n", 0, 0,
     "report.any", NDR_MSG_TRUNCATED},
    {"a report inside the limit of a part", DSN_HEAD, "X: yz\n", 30, "Status: 5.1.1\n", 0,
     200, "status.gone", 0},
    {"a report beyond the limit of a part", DSN_HEAD, "X: yz\n", 40, "Status: 5.1.1\n", 0,
     200, "report.any", NDR_MSG_TRUNCATED},
    {"a thousand reports", DSN_HEAD,
     "\n--b\nContent-Type: message/delivery-status\n\nX: y\n", 1023, "\nStatus: 5.1.1\n",
     0, 0, "status.gone", 0},
    {"more than a thousand reports", DSN_HEAD,
     "\n--b\nContent-Type: message/delivery-status\n\nX: y\n", 1024, "\nStatus: 5.1.1\n",
     0, 0, "report.any", NDR_MSG_TRUNCATED},
    {"two reports share the limit of a part", DSN_HEAD, "X: yz\n", 30,
     "\n--b\nContent-Type: message/delivery-status\n\nX: yz\nX: yz\nStatus: 5.1.1\n", 0,
     200, "report.any", NDR_MSG_TRUNCATED},
};

static void
limit_test(void **state)
{
    const limit_row *row = *state;
    ndr_buffer mail = {0};
    ndr_buffer_text(&mail, row->before);
    for (size_t i = 0; i < row->fillers; i++)
        ndr_buffer_text(&mail, row->filler);
    ndr_buffer_text(&mail, row->behind);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .header_limit_bytes = row->header_limit,
                                .text_limit_bytes = row->text_limit};
    char named[70];
    const ndr_verdict v = verdict_of(&opts, &mail, named);
    assert_string_equal(named, row->rule);
    assert_int_equal(v.flags, row->flags);
    ndr_buffer_free(&mail);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(limits, limit_test);
    add_test("the rules are freed", drop);
    return run_added("scan_limits");
}
