/* SPDX-License-Identifier: BSD-3-Clause */
#include "scan/parts.h"

#include "bytes.h"
#include "rules.h"
#include "scan/scan.h"

static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {{NDR_SIZED(ndr_rule_spec), .id = "all",
                                    .kind = NDR_KIND_FAILED, .rank = 5,
                                    ALL({.target = "text", .match = "x"})}};
    rules = make_rules(specs, 1);
}

static ndr_scanner *
scanner(size_t text_limit)
{
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .text_limit_bytes = text_limit};
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(&opts, &s, NULL), 0);
    return s;
}

/* ---- a part's bytes ---- */

typedef struct decode_row {
    const char *why;
    enum ndr_transfer transfer;
    const char *body;
    size_t limit;
    const char *want;
    bool truncated;
} decode_row;

static const decode_row decodes[] = {
    {"as they are", NDR_TRANSFER_NONE, "a=41b", 100, "a=41b", false},
    {"quoted-printable", NDR_TRANSFER_QP, "a=41b=\nc", 100, "aAbc", false},
    {"base64", NDR_TRANSFER_BASE64, "YWJj\nZGVm", 100, "abcdef", false},
    {"to the limit", NDR_TRANSFER_NONE, "abcd", 4, "abcd", false},
    {"over it", NDR_TRANSFER_NONE, "abcde", 4, "abcd", true},
    {"of base64 what it holds counts", NDR_TRANSFER_BASE64, "YWJjZA==", 4, "abcd", false},
    {"over it, too", NDR_TRANSFER_BASE64, "YWJjZGVm", 4, "abcd", true},
    {"no character is cut in two", NDR_TRANSFER_NONE, "abc\xc3\xbc", 4, "abc", true},
    {"nothing", NDR_TRANSFER_BASE64, "", 4, "", false},
    {"no limit left", NDR_TRANSFER_NONE, "a", 0, "", true},
};

static void
decode_test(void **state)
{
    const decode_row *row = *state;
    ndr_scanner *s = scanner(0);
    const ndr_slice body = slice_copy(row->body);
    assert_slice(ndr_parts_decode(s, row->transfer, body, row->limit), row->want);
    assert_int_equal((s->flags & NDR_MSG_TRUNCATED) != 0, row->truncated);
    drop_slice(body);
    ndr_scanner_free(s);
}

/* ---- a body of parts ---- */

/* The scanner as it is when a message's body has been looked at. */
static ndr_scanner *
look(const char *mail, ndr_slice *raw)
{
    ndr_scanner *s = scanner(0);
    ndr_error err = {0};
    ndr_verdict v;
    *raw = slice_copy(mail);
    ndr_message m = make_message(*raw);
    if (ndr_scan(s, &m, NULL, NULL, &v, &err) < 0)
        fail_msg("%s", err.text);
    return s;
}

#define TOP                                                                              \
    "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nIt is gone.\n" \
    "--b\n"
#define END    "\n--b--\n"
#define RETURN "Message-ID: <1@x>\nFrom: a@x\nTo: =?utf-8?q?b?= <b@x>\nSubject: hi\n"

typedef struct part_row {
    const char *why, *mail;
    const char *id;   /* Message-ID of what was returned; "" when none was */
    const char *text; /* canonical */
    size_t recipients;
    bool report, apart, whole;
} part_row;

#define STATUS "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; c@x\nAction: failed\n"

static const part_row parts[] = {
    {"words alone", TOP "\nMore of them." END, "", "It is gone.\nMore of them.\n", 0,
     false, false, false},
    {"a returned message", TOP "Content-Type: message/rfc822\n\n" RETURN "\nx" END, "1@x",
     "It is gone.\n", 0, false, true, true},
    {"its header alone", TOP "Content-Type: text/rfc822-headers\n\n" RETURN END, "1@x",
     "It is gone.\n", 0, false, true, false},
    {"indented, as some systems return it",
     TOP "Content-Type: message/rfc822\n\n  Message-ID: <1@x>\n  From: a@x\n  To: "
         "b@x\n  Subject: hi\n\n  x" END,
     "1@x", "It is gone.\n", 0, false, true, true},
    {"behind empty lines", TOP "Content-Type: message/rfc822\n\n\n\n" RETURN "\nx" END,
     "1@x", "It is gone.\n", 0, false, true, true},
    {"in base64",
     TOP "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
         "TWVzc2FnZS1JRDogPDFAeD4KCng=" END,
     "1@x", "It is gone.\n", 0, false, true, true},
    {"of two the first",
     TOP "Content-Type: message/rfc822\n\n" RETURN "\nx\n--b\nContent-Type: "
         "message/rfc822\n\nMessage-ID: <2@x>\n\ny" END,
     "1@x", "It is gone.\n", 0, false, true, true},
    {"a report", TOP "Content-Type: message/delivery-status\n\n" STATUS END, "",
     "It is gone.\n", 1, true, false, false},
    {"a report that is attached is read, and is no sign",
     TOP
     "Content-Type: message/delivery-status\nContent-Disposition: attachment\n\n" STATUS
         END,
     "", "It is gone.\n", 1, false, false, false},
    {"a report that was renamed",
     TOP "Content-Type: application/octet-stream\n\n" STATUS END, "", "It is gone.\n", 1,
     false, false, false},
    {"not beside one that was not",
     TOP "Content-Type: message/delivery-status\n\n" STATUS
         "--b\nContent-Type: application/octet-stream\n\nReporting-MTA: dns; mx\n\n"
         "Final-Recipient: rfc822; d@x\n" END,
     "", "It is gone.\n", 1, true, false, false},
    {"attached words are not its own",
     TOP "Content-Disposition: attachment\n\nNot mine." END, "", "It is gone.\n", 0,
     false, false, false},
    {"HTML where there are plain words, too",
     "Return-Path: <>\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nPlain."
     "\n--b\nContent-Type: text/html\n\n<p>Marked" END,
     "", "Plain.\n", 0, false, false, false},
    {"HTML alone",
     TOP "Content-Type: text/html; charset=iso-8859-1\n\n<p>G\xfcltig <b>nicht</b>" END,
     "", "It is gone.\nG\xc3\xbcltig nicht\n", 0, false, false, false},
    {"no body", "Return-Path: <>\n\n", "", "", 0, false, false, false},
};

static void
part_test(void **state)
{
    const part_row *row = *state;
    ndr_slice raw;
    ndr_scanner *s = look(row->mail, &raw);
    assert_slice(s->returned.message_id, row->id);
    assert_int_equal(s->body.has_report, row->report);
    assert_int_equal(s->body.came_back_apart, row->apart);
    assert_int_equal(s->body.came_back_whole, row->whole);
    assert_int_equal(s->report.count, row->recipients);
    if (row->recipients > 0)
        assert_slice(s->report.recipient[0].final, "c@x");
    assert_slice(((ndr_slice){s->text.ptr, s->text.len}), row->text);
    const size_t had = s->text.len; /* of each part once only */
    assert_int_equal(ndr_parts_text(s, NULL), 0);
    assert_int_equal(s->text.len, had);
    ndr_scanner_free(s);
    drop_slice(raw);
}

/* ---- the message in the message ---- */

typedef struct inner_row {
    const char *why, *mail;
    bool want;
    const char *final, *id;
} inner_row;

#define INNER                                                                            \
    "Content-Type: multipart/report; boundary=c\n\n--c\n\nx\n--c\nContent-Type: "        \
    "message/delivery-status\n\n" STATUS "--c\nContent-Type: message/rfc822\n\n"         \
    "Message-ID: <2@x>\n\ny\n--c--\n"

static const inner_row inners[] = {
    {"a report in it takes the place of the text's",
     TOP "Content-Type: message/rfc822\n\nMessage-ID: <1@x>\n" INNER END, true, "c@x",
     "2@x"},
    {"a letter in it states nothing",
     TOP "Content-Type: message/rfc822\n\n" RETURN "\nx" END, false, NULL, "1@x"},
    {"a header alone is no message",
     TOP "Content-Type: text/rfc822-headers\n\n" RETURN END, false, NULL, "1@x"},
    {"nothing in it", TOP "\nx" END, false, NULL, ""},
};

static void
inner_test(void **state)
{
    const inner_row *row = *state;
    ndr_slice raw;
    ndr_scanner *s = look(row->mail, &raw);
    assert_int_equal(ndr_parts_inner(s), row->want);
    assert_int_equal(s->report.count, row->want ? 1 : 0);
    if (row->want)
        assert_slice(s->report.recipient[0].final, row->final);
    assert_slice(s->returned.message_id, row->id);
    ndr_scanner_free(s);
    drop_slice(raw);
}

static void
drop(void **state)
{
    (void)state;
    ndr_ruleset_free(rules);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(decodes, decode_test);
    ADD_ROWS(parts, part_test);
    ADD_ROWS(inners, inner_test);
    add_test("all is freed", drop);
    return run_added("parts");
}
