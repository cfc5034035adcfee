/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/suspect.h"
#include "harness.h"

typedef struct signs_row {
    const char *why;
    unsigned signs;
    bool suspect;
} signs_row;

static const signs_row signs_rows[] = {
    {"nothing", 0, false},
    {"one sign is not enough", NDR_SIGN_SENDER, false},
    {"nor is one that tells", NDR_SIGN_REPORT, false},
    {"a null sender and a code", NDR_SIGN_SENDER | NDR_SIGN_CODE, true},
    {"a null sender and a daemon", NDR_SIGN_SENDER | NDR_SIGN_DAEMON, true},
    {"a null sender and a report", NDR_SIGN_SENDER | NDR_SIGN_REPORT, true},
    {"a subject and a code", NDR_SIGN_SUBJECT | NDR_SIGN_CODE, true},
    {"a daemon and a report", NDR_SIGN_DAEMON | NDR_SIGN_REPORT, true},
    {"a field and a report", NDR_SIGN_FIELD | NDR_SIGN_REPORT, true},
    {"a null sender and a subject tell nothing of a system",
     NDR_SIGN_SENDER | NDR_SIGN_SUBJECT, false},
    {"a vacation's null sender and Auto-Submitted", NDR_SIGN_SENDER | NDR_SIGN_FIELD,
     false},
};

static void
signs_test(void **state)
{
    const signs_row *row = *state;
    assert_int_equal(ndr_is_suspect(row->signs), row->suspect);
}

typedef struct text_row {
    const char *why, *text;
    bool code;
} text_row;

static const text_row text_rows[] = {
    {"a reply beside an address", "bob@example.net: 550 unknown user\n", true},
    {"a reply in front of an address", "550 unknown user bob@example.net\n", true},
    {"a reply in a paragraph without an address", "bob@example.net\n550 unknown user\n",
     false},
    {"a marked status wants no address", "Hi\n550 5.1.1 unknown user\n", true},
    {"a status behind a hash", "refused #5.7.1 there\n", true},
    {"a bare status, no address", "as of 5.1.1 it works\n", false},
    {"words alone", "bob@example.net does not exist\n", false},
    {"nothing", "", false},
    {"no line end", "bob@example.net: 550 unknown user", true},
};

static void
text_test(void **state)
{
    const text_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    assert_int_equal(ndr_sign_of_text((ndr_slice){p, n}), row->code ? NDR_SIGN_CODE : 0);
    free(p);
}

typedef struct word_row {
    const char *why, *word;
    unsigned sign;
} word_row;

static const word_row from_rows[] = {
    {"the usual daemon", "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>",
     NDR_SIGN_DAEMON},
    {"a postmaster", "PostMaster@example.net", NDR_SIGN_DAEMON},
    {"an empty address", "<>", NDR_SIGN_DAEMON},
    {"a person", "Alice <alice@example.com>", 0},
    {"nothing", "", 0},
};
static const word_row part_rows[] = {
    {"a report", "multipart/report", NDR_SIGN_REPORT},
    {"a status part", "message/delivery-status", NDR_SIGN_REPORT},
    {"a text", "text/plain", 0},
};
static const word_row target_rows[] = {
    {"return path", "return-path", NDR_SIGN_SENDER},
    {"subject", "subject", NDR_SIGN_SUBJECT},
    {"from counts as the daemon in it", "from", NDR_SIGN_DAEMON},
    {"content type counts as the report in it", "content-type", NDR_SIGN_REPORT},
    {"any other", "header:x-failed-domains", NDR_SIGN_FIELD},
};

static void
from_test(void **state)
{
    const word_row *row = *state;
    const size_t n = strlen(row->word);
    unsigned char *p = exact_copy(row->word, n);
    assert_int_equal(ndr_sign_of_from((ndr_slice){p, n}), row->sign);
    free(p);
}

static void
part_test(void **state)
{
    const word_row *row = *state;
    assert_int_equal(ndr_sign_of_part(ndr_slice_of(row->word)), row->sign);
}

static void
target_test(void **state)
{
    const word_row *row = *state;
    assert_int_equal(ndr_sign_of_target(row->word), row->sign);
}

/* ---- a whole scan ---- */

typedef struct scan_row {
    const char *why, *mail;
    bool suspect;
} scan_row;

static const scan_row scan_rows[] = {
    {"a null sender and a daemon",
     "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: x\n\nSorry.\n", true},
    {"a null sender and a reply beside an address",
     "Return-Path: <>\nFrom: a@example.net\n\nbob@example.org: 550 go away\n", true},
    {"a null sender and a report",
     "Return-Path: <>\nContent-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b--\n",
     true},
    {"a null sender alone", "Return-Path: <>\nFrom: a@example.net\n\nI am away.\n",
     false},
    {"no candidates signal asked for it",
     "From: MAILER-DAEMON@mx.example.net\nSubject: x\n\nbob@example.org: 550 5.1.1 go "
     "away\n",
     false},
    {"a named bounce is no suspect",
     "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: known\n\nSorry.\n",
     false},
    {"one message leaves nothing to the next", "Subject: lunch\n\nHi\n", false},
    {"no text is mail for want of a sender", "x", false},
    {"nor for the codes in it", "bob@example.org: 550 5.1.1 go away\n", false},
    {"nor is mail without a sender, with a code, a bounce",
     "To: a@example.net\n\nbob@example.org: 550 5.1.1 go away\n", false},
    {"mail without a subject is looked at, and shows two signs of its own",
     "From: MAILER-DAEMON@mx.example.net\n\nbob@example.org: 550 5.1.1 go away\n", true},
    {"fields that other text has too make no mail",
     "Content-Type: multipart/report; boundary=b\n\n--b\n\n"
     "bob@example.org: 550 5.1.1 go away\n--b--\n",
     false},
    {"one that only mail has does",
     "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\n"
     "Content-Type: multipart/report; boundary=b\n\n--b\n\n"
     "bob@example.org: 550 5.1.1 go away\n--b--\n",
     true},
};

static void
scan_test(void **state)
{
    const scan_row *row = *state;
    const ndr_signal_spec known = {.target = "subject", .match = "^known$"};
    const ndr_rule_spec spec = {NDR_SIZED(ndr_rule_spec), .id = "known",
                                .kind = NDR_KIND_FAILED, .all = &known, .all_count = 1};
    const ndr_signal_spec candidates[] = {
        {.target = "return-path", .match = "^<>$"},
        {.target = "from", .absent = true},
        {.target = "subject", .absent = true},
    };
    ndr_error err = {0};
    ndr_ruleset *rules = NULL;
    ndr_builder *b = ndr_builder_new();
    assert_non_null(b);
    assert_int_equal(ndr_builder_rule(b, &spec, &err), 0);
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        assert_int_equal(ndr_builder_candidate(b, &candidates[i], "test", &err), 0);
    assert_int_equal(ndr_builder_compile(b, &rules, &err), 0);
    ndr_builder_free(b);
    ndr_scanner *s = NULL;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    assert_int_equal(ndr_scanner_new(&opts, &s, &err), 0);
    /* first a suspect, which must not rub off */
    const char *const mails[] = {scan_rows[0].mail, row->mail};
    ndr_verdict v = {0};
    for (int i = 0; i < 2; i++) {
        const size_t n = strlen(mails[i]);
        unsigned char *p = exact_copy(mails[i], n);
        ndr_message m = {.raw = {p, n},
                         .source = "-",
                         .length = n,
                         .framed = NDR_TIME_UNKNOWN,
                         .file_time = NDR_TIME_UNKNOWN};
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0);
        free(p);
    }
    assert_int_equal((v.flags & NDR_MSG_SUSPECT) != 0, row->suspect);
    if (row->suspect) {
        assert_int_equal(v.decision, NDR_NONE);
        assert_int_equal(v.kind, NDR_KIND_NONE);
        assert_null(v.rule);
    }
    ndr_scanner_free(s);
    ndr_ruleset_free(rules);
}

int
main(void)
{
    ADD_ROWS(signs_rows, signs_test);
    ADD_ROWS(text_rows, text_test);
    ADD_ROWS(from_rows, from_test);
    ADD_ROWS(part_rows, part_test);
    ADD_ROWS(target_rows, target_test);
    ADD_ROWS(scan_rows, scan_test);
    return run_added("suspect");
}
