/* SPDX-License-Identifier: BSD-3-Clause */
#include "scan_cases.h"

static void
scan_test(void **state)
{
    const scan_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = new_scanner(&opts);
    ndr_error err = {0};
    const size_t n = strlen(row->mail);
    /* what one message left must not reach the next; lines are known from the third on */
    for (int round = 0; round < 4; round++) {
        unsigned char *p = exact_copy(row->mail, n);
        ndr_message m = make_message((ndr_slice){p, n});
        ndr_verdict v;
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0);
        free(p);
        assert_string_equal(v.rule == NULL ? "" : v.rule->id, row->rule);
        assert_int_equal(v.kind, row->kind);
        assert_int_equal(v.decision, row->rule[0] == '\0' ? NDR_NONE : NDR_KEEP);
    }
    ndr_scanner_free(s);
}

/* ---- the trace ---- */

typedef struct trail {
    ndr_buffer text;
} trail;

static void
step(void *ctx, const ndr_step *st)
{
    ndr_buffer *b = &((trail *)ctx)->text;
    if (st->signal < 0) {
        ndr_buffer_byte(b, '!');
        assert_non_null(st->text);
        return;
    }
    assert_true(st->line_end <= st->line.len);
    ndr_buffer_printf(b, "%s{", ndr_ruleset_signal_target(rules, (uint32_t)st->signal));
    ndr_buffer_add(b, (ndr_slice){st->line.ptr, st->line_end});
    ndr_buffer_byte(b, '^');
    ndr_buffer_add(b,
                   (ndr_slice){st->line.ptr + st->line_end, st->line.len - st->line_end});
    ndr_buffer_byte(b, '}');
}

static void
trace_test(void **state)
{
    (void)state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = new_scanner(&opts);
    trail t = {0};
    ndr_scanner_trace(s, step, &t);
    ndr_message m = make_message(NDR_SLICE(
        "Subject: Undelivered Mail Returned to Sender\n\nfirst\n\nThis is the mail\n"
        "system at host a.\n"));
    ndr_verdict v;
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    ndr_buffer_byte(&t.text, '\0');
    const char *told = (const char *)t.text.ptr;
    assert_non_null(strstr(told, "subject{Undelivered Mail Returned to Sender^}"));
    assert_non_null(strstr(told, "!text{This is the mail system at host^ a.}"));
    ndr_buffer_clear(&t.text);
    m = make_message(
        NDR_SLICE("From: MAILER-DAEMON\n\nx\n")); /* an absent field has no line */
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    ndr_buffer_byte(&t.text, '\0');
    assert_non_null(strstr((const char *)t.text.ptr, "subject{^}"));
    assert_non_null(strstr((const char *)t.text.ptr, "from{MAILER-DAEMON^}"));
    ndr_buffer_clear(&t.text);
    ndr_scanner_trace(s, NULL, NULL);
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    assert_int_equal(t.text.len, 0);
    ndr_buffer_free(&t.text);
    ndr_scanner_free(s);
}

/* ---- what was returned ---- */

typedef struct returned_row {
    const char *why, *mail;
    const char *want; /* message_id|from|to|subject|date */
} returned_row;

#define RP                                                                               \
    "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" QMAIL "--"   \
    "b\n"

static const returned_row returns[] = {
    {"nothing", "Return-Path: <>\n\n" QMAIL, "||||"},
    {"a message",
     RP "Content-Type: message/rfc822\n\nMessage-ID: <x@y>\nFrom: a\nTo: b\n"
        "Subject: =?iso-8859-1?q?=E4?=\nDate: d\n\nbody\n--b--\n",
     "x@y|a|b|\xc3\xa4|d"},
    {"its header alone", RP "Content-Type: text/rfc822-headers\n\nSubject: s\n--b--\n",
     "|||s|"},
    {"in base64",
     RP "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        "U3ViamVjdDogcwoKeAo=\n--b--\n",
     "|||s|"},
    {"empty lines in front",
     RP "Content-Type: message/rfc822\n\n\r\n\nSubject: s\n\nx\n--b--\n", "|||s|"},
    {"the first of two",
     RP "Content-Type: message/rfc822\n\nSubject: s\n\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: t\nTo: u\n\n--b--\n",
     "|||s|"},
    {"pasted",
     "Return-Path: <>\n\n" QMAIL "\n--- Below\n\nReturn-Path: <a>\nMessage-Id: <x>\n"
     "Subject:\n folded\n\nbody\n",
     "x|||folded|"},
    {"in any other message type",
     RP "Content-Type: message/external-body\n\nSubject: s\n--b--\n", "|||s|"},
};

static void
returned_test(void **state)
{
    const returned_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = new_scanner(&opts);
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    ndr_verdict v;
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    drop_slice(raw);
    assert_non_null(v.rule);
    const ndr_slice all[] = {v.returned.message_id, v.returned.from, v.returned.to,
                             v.returned.subject, v.returned.date};
    ndr_buffer got = {0};
    for (int i = 0; i < 5; i++) {
        if (i > 0)
            ndr_buffer_byte(&got, '|');
        ndr_buffer_add(&got, all[i]);
    }
    assert_buffer(&got, row->want);
    ndr_buffer_free(&got);
    ndr_scanner_free(s);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(rows, scan_test);
    add_test("a trace tells hits, lines and conclusions", trace_test);
    ADD_ROWS(returns, returned_test);
    add_test("the rules are freed", drop);
    return run_added("scan");
}
