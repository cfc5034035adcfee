/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages of which the front is given, and the rest when it is asked for. */
#include "scan_cases.h"

typedef struct rest {
    ndr_slice part,
        whole; /* both of the heap; the part dies when the whole is asked for */
    int asked, code;
} rest;

static int
extend(void *ctx, ndr_message *m, ndr_error *err)
{
    rest *r = ctx;
    r->asked++;
    if (r->code < 0)
        return ndr_fail(err, r->code, "no more");
    drop_slice(r->part);
    r->part = (ndr_slice){0};
    m->raw = r->whole;
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    return 0;
}

/* A verdict in words, with the rules that matched. */
static void
tell(const ndr_scanner *s, const ndr_verdict *v, ndr_buffer *b)
{
    ndr_verdict_reason(v, b);
    ndr_buffer_printf(b, " %s %d %x ", v->rule == NULL ? "-" : v->rule->id, (int)v->kind,
                      v->flags);
    const ndr_slice all[] = {v->recipient,           v->message_id,    v->reporting_mta,
                             v->returned.message_id, v->returned.from, v->returned.to,
                             v->returned.subject,    v->returned.date};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ndr_buffer_add(b, all[i]);
        ndr_buffer_byte(b, '|');
    }
    for (size_t i = 0; i < v->recipient_count; i++) {
        ndr_buffer_add(b, v->recipients[i].final);
        ndr_buffer_add(b, v->recipients[i].action);
        ndr_buffer_byte(b, ';');
    }
    for (size_t i = 0; i < SPECS; i++)
        ndr_buffer_byte(b, ndr_scan_matched(s, i) ? 'x' : '.');
}

/* The law: a message given in part at any cut, and whole when it is asked for, has
 * the verdict of the whole. */
static void
law(const char *text, size_t header_limit)
{
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true, .header_limit_bytes = header_limit};
    ndr_scanner *s = new_scanner(&opts);
    const size_t n = strlen(text);
    ndr_buffer want = {0}, got = {0};
    ndr_verdict v;
    ndr_message m = make_message((ndr_slice){(const unsigned char *)text, n});
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    tell(s, &v, &want);
    for (size_t cut = 0; cut < n; cut++) {
        rest r = {.part = {exact_copy(text, cut), cut},
                  .whole = {exact_copy(text, n), n}};
        m = make_message(r.part);
        m.flags = NDR_MSG_OPEN;
        m.length = n;
        assert_int_equal(ndr_scan(s, &m, extend, &r, &v, NULL), 0);
        ndr_buffer_clear(&got);
        tell(s, &v, &got);
        if (got.len != want.len || memcmp(got.ptr, want.ptr, got.len) != 0)
            fail_msg("cut at %zu: %.*s, not %.*s", cut, (int)got.len,
                     (const char *)got.ptr, (int)want.len, (const char *)want.ptr);
        assert_true(r.asked <= 1);
        drop_slice(r.part);
        drop_slice(r.whole);
    }
    ndr_buffer_free(&want);
    ndr_buffer_free(&got);
    ndr_scanner_free(s);
}

static void
law_test(void **state)
{
    const scan_row *row = *state;
    law(row->mail, 0);
    for (size_t limit = 1; limit < 80; limit += 7)
        law(row->mail, limit);
}

typedef struct law_row {
    const char *why, *mail;
} law_row;

static const law_row laws[] = {
    {"CR until the last byte", "Subject: x\r\rReturn-Path: <>\r\rbody\n"},
    {"CR in the header, LF in the body",
     "Return-Path: <>\rSubject: Undelivered Mail Returned to Sender\r\rThis is the mail "
     "system\n"},
    {"CRLF and facts",
     "Delivered-To: a@example.com\r\nReturn-Path: <>\r\nMessage-ID: <x>\r\n"
     "Received: from a by b; Tue, 13 May 2008 09:31:02 +0200\r\nSubject: failure "
     "notice\r\n\r\n"
     "Hi. This is the qmail-send program\r\n\r\n--- Below\r\n\r\nReturn-Path: <c@d>\r\n"
     "Message-ID: <y>\r\nSubject: returned\r\n\r\nz\r\n"},
    {"no field at all", "hello\nworld\n\nbody\n"},
    {"From_ lines", "From a Tue May 13 09:31:02 2008\n>From b\nReturn-Path: <>\n\nx\n"},
    {"an absent subject", "From: MAILER-DAEMON\nTo: x@example.com\n\nSubject: y\n"},
    {"a header that ends at a line that is no field",
     "From: MAILER-DAEMON\nhello there\nSubject: x\n"},
};

static void
more_law_test(void **state)
{
    const law_row *row = *state;
    law(row->mail, 0);
    law(row->mail, 30);
}

static void
asked_test(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        int asked;
    } parts[] = {
        {"Subject: lunch\n\nHi", 0}, /* the header is whole and no bounce's */
        {"Subject: lunch\n\n", 0},   /* so is this */
        {"Subject: lunch\r\n\r\n", 0},
        {"Subject: lunch\nhello\n\n", 0}, /* a header can end without an empty line */
        {"Subject: lunch\na\nb\nc\nd\ne\n", 0},
        {"Subject: lunch\nhello you\n", 1}, /* fields may go on */
        {"Subject: lunch\nhello you", 1},   /* perhaps a field's name, perhaps not */
        {"Subject: lunch\n", 1},
        {"Subject: lu", 1},
        {"", 1},
        {"Return-Path: <>\n\nHi", 1}, /* a candidate */
    };
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = new_scanner(&opts);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        rest r = {.part = slice_copy(parts[i].part),
                  .whole = slice_copy("Subject: lunch\n\nHi\n")};
        ndr_message m = make_message(r.part);
        m.flags = NDR_MSG_OPEN;
        ndr_verdict v;
        assert_int_equal(ndr_scan(s, &m, extend, &r, &v, NULL), 0);
        assert_int_equal(r.asked, parts[i].asked);
        assert_int_equal(v.flags & NDR_MSG_OPEN, 0);
        drop_slice(r.part);
        drop_slice(r.whole);
    }
    ndr_scanner_free(s);
}

static void
failing_test(void **state)
{
    (void)state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = new_scanner(&opts);
    static const char *const parts[] = {"Subject: lu", "Return-Path: <>\n\nHi"};
    for (int i = 0; i < 2; i++) {
        rest r = {.part = slice_copy(parts[i]), .code = NDR_E_DAMAGED};
        ndr_message m = make_message(r.part);
        m.flags = NDR_MSG_OPEN;
        ndr_verdict v;
        ndr_error err = {0};
        assert_int_equal(ndr_scan(s, &m, extend, &r, &v, &err), NDR_E_DAMAGED);
        assert_string_equal(err.text, "no more");
        assert_int_equal(r.asked, 1);
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0); /* nobody to ask */
        drop_slice(r.part);
    }
    ndr_scanner_free(s);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(rows, law_test);
    ADD_ROWS(laws, more_law_test);
    add_test("the rest is asked for only where it matters", asked_test);
    add_test("a rest that cannot be had is a failure", failing_test);
    add_test("the rules are freed", drop);
    return run_added("scan_rest");
}
