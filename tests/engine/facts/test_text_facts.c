/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan.h"
#include "rules.h"

/* A whole scan: which facts of a bounce without a readable report come with its verdict?
 */

#define HEAD                                                                             \
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: alice@example.com\n"       \
    "Subject: sorry\n"

static const char pasted[] =
    HEAD "\nMail to alice@example.com's friend failed:\n\n  bob@example.org\n    550 "
         "5.1.1 gone\n\n"
         "--- copy:\n\nReturn-Path: <alice@example.com>\n"
         "Received: from a by b; Tue, 13 May 2008 09:31:02 +0200\n"
         "Received: from c by a; Tue, 13 May 2008 09:31:01 +0200\n"
         "DKIM-Signature: v=1; d=example.com\nMessage-ID: <1@example.com>\nTo: "
         "x@example.org\n\nHi\n";

#define REPORT(fields)                                                                   \
    HEAD "Content-Type: multipart/report; boundary=b\n\n--b\n\n<carol@example.org>: "    \
         "551 x\n"                                                                       \
         "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "            \
         "mx.example.net\n"                                                              \
         "Arrival-Date: Tue, 13 May 2008 09:31:00 +0200\n\n" fields "\n--b--\n"

typedef struct facts_row {
    const char *why, *mail;
    bool skip_text; /* no_text_facts */
    bool from_text;
    const char *final, *status, *reply; /* of the first recipient; final NULL: none */
    const char *last_attempt, *report_arrival;
    const char *return_path, *received, *dkim;
} facts_row;

static const facts_row rows[] = {
    {.why = "a returned message pasted below the text",
     .mail = pasted,
     .from_text = true,
     .final = "bob@example.org",
     .status = "5.1.1",
     .reply = "550",
     .return_path = "alice@example.com",
     .received = "from a by b; Tue, 13 May 2008 09:31:02 +0200",
     .dkim = "v=1; d=example.com"},
    {.why = "without the text's facts the returned message's stay",
     .mail = pasted,
     .skip_text = true,
     .return_path = "alice@example.com",
     .received = "from a by b; Tue, 13 May 2008 09:31:02 +0200",
     .dkim = "v=1; d=example.com"},
    {.why = "an empty return path is one",
     .mail = HEAD
     "\n<bob@example.org>: no\n\n--- copy\n\nReturn-Path: <>\nMessage-ID: <1@x>\n\n",
     .from_text = true,
     .final = "bob@example.org",
     .return_path = "<>"},
    {.why = "the text is read for its facts when the rule is settled without it",
     .mail = HEAD
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n<bob@example.org>: 550 no\n"
     "--b\nContent-Type: message/rfc822\n\nTo: bob@example.org\n\n550 x\n--b--\n",
     .from_text = true,
     .final = "bob@example.org",
     .reply = "550"},
    {.why = "X-Failed-Recipients comes before the text",
     .mail = HEAD "X-Failed-Recipients: dave@example.org\n\n<bob@example.org>: 550 no\n",
     .from_text = true,
     .final = "dave@example.org",
     .status = "",
     .reply = "550"},
    {.why = "a report outweighs the text",
     .mail = REPORT(
         "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.2.2\n"
         "Diagnostic-Code: smtp; 552 full\n"
         "Last-Attempt-Date: Tue, 13 May 2008 09:32:00 +0200\n"),
     .final = "bob@example.org",
     .status = "5.2.2",
     .reply = "552",
     .last_attempt = "Tue, 13 May 2008 09:32:00 +0200",
     .report_arrival = "Tue, 13 May 2008 09:31:00 +0200"},
    {.why = "a status that the report leaves out is in its diagnostic",
     .mail = REPORT("Final-Recipient: rfc822; bob@example.org\nAction: failed\n"
                    "Diagnostic-Code: smtp; 552 5.2.2 full\n"),
     .final = "bob@example.org",
     .status = "5.2.2",
     .reply = "552",
     .report_arrival = "Tue, 13 May 2008 09:31:00 +0200"},
    {.why = "a report without recipients leaves it to the text",
     .mail = REPORT("X-Note: nobody named\n"),
     .from_text = true,
     .final = "carol@example.org",
     .reply = "551",
     .report_arrival = "Tue, 13 May 2008 09:31:00 +0200"},
};

static void
is(ndr_slice got, const char *want)
{
    assert_int_equal(got.len, want == NULL ? 0 : strlen(want));
    if (got.len > 0)
        assert_memory_equal(got.ptr, want, got.len);
}

static void
facts_test(void **state)
{
    const facts_row *row = *state;
    const ndr_signal_spec sorry = {.target = "subject", .match = "^sorry$"};
    const ndr_rule_spec spec = {NDR_SIZED(ndr_rule_spec), .id = "sorry",
                                .kind = NDR_KIND_FAILED, .all = &sorry, .all_count = 1};
    ndr_error err = {0};
    ndr_ruleset *rules = NULL;
    ndr_builder *b = ndr_builder_new();
    assert_non_null(b);
    assert_int_equal(ndr_builder_rule(b, &spec, &err), 0);
    assert_int_equal(ndr_builder_compile(b, &rules, &err), 0);
    ndr_builder_free(b);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .no_text_facts = row->skip_text};
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(&opts, &s, &err), 0);
    for (int round = 0; round < 2; round++) {
        const size_t n = strlen(row->mail);
        unsigned char *p = exact_copy(row->mail, n);
        ndr_message m = make_message((ndr_slice){p, n});
        ndr_verdict v;
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0);
        free(p); /* a verdict borrows nothing from the message */
        assert_int_equal(v.facts_from_text, row->from_text);
        assert_int_equal(v.recipient_count, row->final == NULL ? 0 : 1);
        if (row->final != NULL) {
            is(v.recipients[0].final, row->final);
            is(v.recipients[0].status, row->status);
            is(v.recipients[0].reply, row->reply);
            is(v.recipients[0].last_attempt, row->last_attempt);
        }
        is(v.report_arrival, row->report_arrival);
        is(v.returned.return_path, row->return_path);
        is(v.returned.received, row->received);
        is(v.returned.dkim_signature, row->dkim);
    }
    ndr_scanner_free(s);
    ndr_ruleset_free(rules);
}

static void
received_test(void **state)
{
    (void)state;
    assert_int_equal(
        ndr_received_parse(NDR_SLICE("from a; b by c; Tue, 13 May 2008 08:00:00 +0000")),
        1210665600);
    assert_int_equal(ndr_received_parse(NDR_SLICE("from a by b")), NDR_TIME_UNKNOWN);
    assert_int_equal(ndr_received_parse(NDR_SLICE("from a by b;")), NDR_TIME_UNKNOWN);
    assert_int_equal(ndr_received_parse((ndr_slice){0}), NDR_TIME_UNKNOWN);
}

int
main(void)
{
    ADD_ROWS(rows, facts_test);
    add_test("a Received value's time stands behind its last semicolon", received_test);
    return run_added("text_facts");
}
