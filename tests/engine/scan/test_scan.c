/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "rules.h"

#include <stdio.h>

/* A small set that uses every target and every list. */
static const ndr_rule_spec specs[] = {
    {.id = "header.only",
     .kind = NDR_KIND_AUTO_REPLY,
     .rank = 5,
     .all = (const ndr_signal_spec[]){{.target = "subject", .match = "^out of office"},
                                      {.target = "auto-submitted",
                                       .match = "^auto-replied"}},
     .all_count = 2},
    {.id = "postfix.undelivered",
     .system = "Postfix",
     .kind = NDR_KIND_FAILED,
     .rank = 5,
     .all =
         (const ndr_signal_spec[]){
             {.target = "subject", .match = "^undelivered mail returned to sender$"},
             {.target = "text", .match = "this is the (mail|postfix) system at host"}},
     .all_count = 2},
    {.id = "report.any",
     .kind = NDR_KIND_FAILED,
     .rank = 1,
     .all =
         (const ndr_signal_spec[]){
             {.target = "content-type", .match = "^multipart/report"},
             {.target = "part", .match = "^message/delivery-status$"}},
     .all_count = 2},
    {.id = "status.gone",
     .kind = NDR_KIND_FAILED,
     .rank = 2,
     .all =
         (const ndr_signal_spec[]){{.target = "status", .match = "^status: 5\\.1\\.1"}},
     .all_count = 1},
    {.id = "text.alone",
     .kind = NDR_KIND_FAILED,
     .rank = 3,
     .all = (const ndr_signal_spec[]){{.target = "text",
                                       .match = "^hi\\. this is the qmail-send"}},
     .all_count = 1,
     .none = (const ndr_signal_spec[]){{.target = "header:x-list", .match = "announce"}},
     .none_count = 1},
    {.id = "no.subject",
     .kind = NDR_KIND_DELAYED,
     .rank = 4,
     .all = (const ndr_signal_spec[]){{.target = "subject", .absent = true},
                                      {.target = "from", .match = "mailer-daemon"}},
     .all_count = 2},
    {.id = "umlaut",
     .kind = NDR_KIND_REJECTED_CONTENT,
     .rank = 4,
     .any =
         (const ndr_signal_spec[]){{.target = "subject",
                                    .match = "ZUR\xc3\x9c"
                                             "CKGEWIESEN"},
                                   {.target = "text", .match = "nicht m\xc3\xb6glich"}},
     .any_count = 2,
     .all = (const ndr_signal_spec[]){{.target = "from", .match = "postmaster@"}},
     .all_count = 1},
};

enum { SPECS = sizeof specs / sizeof specs[0] };

static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    rules = make_rules(specs, SPECS);
}

typedef struct scan_row {
    const char *why, *rule; /* rule "": not a bounce */
    enum ndr_kind kind;
    const char *mail;
} scan_row;

#define REPORT(action)                                                                   \
    "From: postmaster@mx.example.net\nContent-Type: multipart/report; boundary=b\n\n"    \
    "--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\n"                       \
    "Reporting-MTA: dns; mx.example.net\n\n"                                             \
    "Final-Recipient: rfc822; u@example.net\nAction: " action                            \
    "\nStatus: 4.0.0\n\n--b--\n"

static const scan_row rows[] = {
    {"ham ends at the header", "", NDR_KIND_NONE,
     "Subject: lunch\nFrom: a@example.org\n\nHi\n"},
    {"a rule on fields alone", "header.only", NDR_KIND_AUTO_REPLY,
     "Subject: Out of Office: x\nAuto-Submitted: auto-replied (vacation)\n\nbye\n"},
    {"half of all is not all", "", NDR_KIND_NONE, "Subject: Out of Office: x\n\nbye\n"},
    {"subject and text", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\n\nThis is the mail\nsystem   at host "
     "a.b.\n"},
    {"an encoded subject", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: =?utf-8?Q?Undelivered_Mail_?=\n =?utf-8?B?UmV0dXJuZWQgdG8gU2VuZGVy?=\n\n"
     "This is the Postfix system at host\n"},
    {"base64 text", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Transfer-Encoding: base64\n\n"
     "VGhpcyBpcyB0aGUgbWFpbCBzeXN0ZW0gYXQgaG9zdA==\n"},
    {"html text", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Type: text/html\n\n"
     "<html><style>p{}</style><p>This is&nbsp;the <b>mail</b> system<br>at host a</p>\n"},
    {"anchors are the field's ends", "", NDR_KIND_NONE,
     "Subject: Re: Undelivered Mail Returned to Sender\n\nThis is the mail system at "
     "host\n"},
    {"a pattern in the wrong field", "", NDR_KIND_NONE,
     "X-Comment: x\nFrom: undelivered mail returned to sender\n\nThis is the mail system "
     "at host\n"},
    {"the text of the returned message is not text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/mixed; "
     "boundary=b\n\n"
     "--b\n\nhello\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n"
     "This is the mail system at host\n--b--\n"},
    {"a pasted returned message is not text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\n\nhello\n\n--- copy below\n\n"
     "Received: from a by b; Tue, 13 May 2008 09:31:02 +0200\nFrom: a@example.com\n\n"
     "This is the mail system at host\n"},
    {"a report", "report.any", NDR_KIND_FAILED, REPORT("failed")},
    {"structure says the kind", "report.any", NDR_KIND_DELAYED, REPORT("delayed")},
    {"an action with a comment", "report.any", NDR_KIND_DELIVERED,
     REPORT("relayed (to x)")},
    {"text alone wants a candidate", "", NDR_KIND_NONE,
     "Subject: failure notice\n\nHi. This is the qmail-send program at a.\n"},
    {"text alone on a candidate", "text.alone", NDR_KIND_FAILED,
     "Return-Path: <>\nSubject: failure notice\n\nHi. This is the qmail-send program at "
     "a.\n"},
    {"none rules it out", "", NDR_KIND_NONE,
     "Return-Path: <>\nX-List: announce\n\nHi. This is the qmail-send program at a.\n"},
    {"an absent field", "no.subject", NDR_KIND_DELAYED, "From: MAILER-DAEMON\n\nx\n"},
    {"an empty field is absent", "no.subject", NDR_KIND_DELAYED,
     "Subject:  \nFrom: MAILER-DAEMON\n\nx\n"},
    {"UTF-8 without case", "umlaut", NDR_KIND_REJECTED_CONTENT,
     "Subject: =?iso-8859-1?q?zur=FCckgewiesen?=\nFrom: postmaster@example.net\n\nx\n"},
    {"raw 8-bit fields are windows-1252", "umlaut", NDR_KIND_REJECTED_CONTENT,
     "Subject: Zur\xfc"
     "ckgewiesen\nFrom: postmaster@example.net\n\nx\n"},
    {"charset of the text", "umlaut", NDR_KIND_REJECTED_CONTENT,
     "From: postmaster@example.net\nContent-Type: text/plain; charset=iso-8859-15\n"
     "Content-Transfer-Encoding: quoted-printable\n\nZustellung nicht m=F6glich\n"},
    {"lone CR line ends", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\r\rThis is the mail\rsystem at host "
     "a.b.\r"},
    {"CRLF", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail\r\n Returned to Sender\r\n\r\nThis is the mail\r\nsystem "
     "at host\r\n"},
    {"no body at all", "", NDR_KIND_NONE, "Return-Path: <>\nSubject: failure notice"},
    {"nothing at all", "", NDR_KIND_NONE, ""},
    {"a header that never ends", "", NDR_KIND_NONE, "Return-Path: <>\n x\n x\n x"},
    {"an unclosed multipart", "report.any", NDR_KIND_FAILED,
     "Content-Type: multipart/report; boundary=\"b b\"\n\n--b b\nContent-Type:\n "
     "message/delivery-status\n\nStatus: 5.0.0\nAction: failed"},
    {"a byte order mark", "postfix.undelivered", NDR_KIND_FAILED,
     "\xef\xbb\xbfSubject: Undelivered Mail Returned to Sender\n\nThis is the mail "
     "system at host\n"},
    {"a From_ line between two fields", "postfix.undelivered", NDR_KIND_FAILED,
     "X-A: b\nFrom x Tue May 13 09:31:02 2008\nSubject: Undelivered Mail Returned to "
     "Sender\n\n"
     "This is the mail system at host\n"},
    {"an attachment is no text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\nContent-Disposition: attachment\n\n"
     "This is the mail system at host\n"},
    {"an encoding with a comment", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Transfer-Encoding: base64 "
     "(yes)\n\n"
     "VGhpcyBpcyB0aGUgbWFpbCBzeXN0ZW0gYXQgaG9zdA==\n"},
    {"a multipart whose boundary is nowhere is text", "postfix.undelivered",
     NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/mixed; "
     "boundary=x\n\n"
     "This is the mail system at host\n"},
    {"html behind plain text is no text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\n"
     "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\n"
     "Content-Type: text/html\n\nThis is the mail system at host\n--b--\n"},
    {"lone CRs in a decoded text", "text.alone", NDR_KIND_FAILED,
     "Return-Path: <>\nContent-Transfer-Encoding: quoted-printable\n\n"
     "x=0D=0DHi. This is the qmail-send=0Dprogram\n"},
    {"a returned message behind lone CRs", "", NDR_KIND_NONE,
     "Return-Path: <>\nContent-Transfer-Encoding: quoted-printable\n\n"
     "x=0D=0DReceived: a=0DFrom: b=0D=0DHi. This is the qmail-send=0Dprogram\n"},
    {"a type of odd bytes spoils no line behind it", "status.gone", NDR_KIND_FAILED,
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
     "Content-Type: text/\xc3\n\n--b\nContent-Type: message/delivery-status\n\nStatus: "
     "5.1.1\n"
     "--b--\n"},
    {"a boundary in pieces (RFC 2231)", "report.any", NDR_KIND_FAILED,
     "Content-Type: multipart/report; boundary*0*=us-ascii'en'%3D_a;\n boundary*2=x;"
     " boundary*1=\"b c\"\n\n--=_ab c\nContent-Type: message/delivery-status\n\n"
     "Action: failed\n--=_ab c--\n"},
    {"a boundary of one encoded piece", "report.any", NDR_KIND_FAILED,
     "Content-Type: multipart/report; boundary*=''%62\n\n--b\nContent-Type: "
     "message/delivery-status\n\nAction: failed\n--b--\n"},
    {"a boundary that is a prefix of another", "status.gone", NDR_KIND_FAILED,
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
     "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n"
     "Content-Type: message/delivery-status\n\nStatus: 5.1.1\n--b--\n"},
};

static void
scan_test(void **state)
{
    const scan_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_scanner_new(&opts, &s, &err), 0);
    const size_t n = strlen(row->mail);
    /* what one message left must not reach the next; lines are known from the third on */
    for (int round = 0; round < 4; round++) {
        unsigned char *p = exact_copy(row->mail, n);
        ndr_message m = {.raw = {p, n},
                         .source = "-",
                         .length = n,
                         .framed = NDR_TIME_UNKNOWN,
                         .file_time = NDR_TIME_UNKNOWN};
        ndr_verdict v;
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0);
        free(p);
        assert_string_equal(v.rule == NULL ? "" : v.rule->id, row->rule);
        assert_int_equal(v.kind, row->kind);
        assert_int_equal(v.decision, row->rule[0] == '\0' ? NDR_NONE : NDR_KEEP);
    }
    ndr_scanner_free(s);
}

/* ---- messages that are not whole yet ---- */

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

static ndr_scanner *
new_scanner(const ndr_scan_opts *opts)
{
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(opts, &s, NULL), 0);
    return s;
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

/* ---- limits ---- */

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
#define QMAIL "Hi. This is the qmail-send program at a.\n"

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

/* ---- which rules match, which are named ---- */

typedef struct match_row {
    const char *why, *mail;
    const char *named;
    const char *matched; /* one letter a rule, "." for none */
} match_row;

static const ndr_rule_spec ranked[] = {
    {.id = "a",
     .kind = NDR_KIND_FAILED,
     .rank = 3,
     ALL({.target = "text", .match = "alpha"})},
    {.id = "b",
     .kind = NDR_KIND_FAILED,
     .rank = 7,
     ALL({.target = "text", .match = "beta"})},
    {.id = "c",
     .kind = NDR_KIND_FAILED,
     .rank = 7,
     ALL({.target = "text", .match = "gamma|beta"})},
    {.id = "d",
     .kind = NDR_KIND_FAILED,
     .rank = 1,
     ALL({.target = "text", .match = "delta"})},
    {.id = "e",
     .kind = NDR_KIND_FAILED,
     .rank = 0,
     ALL({.target = "text", .match = "."})},
    {.id = "f",
     .kind = NDR_KIND_FAILED,
     .rank = 5,
     ALL({.target = "subject", .match = "sf"}),
     ANY({.target = "text", .match = "alpha"}, {.target = "header:x-f", .match = "y"})},
    {.id = "g",
     .kind = NDR_KIND_FAILED,
     .rank = 5,
     ANY({.target = "header:x-g", .present = true}),
     NONE({.target = "text", .match = "beta"})},
    {.id = "h",
     .kind = NDR_KIND_FAILED,
     .rank = 5,
     ALL({.target = "subject", .match = "sh"}),
     NONE({.target = "header:x-g", .present = true})},
    {.id = "i",
     .kind = NDR_KIND_FAILED,
     .rank = 5,
     ANY({.target = "part", .match = "^text/html$"},
         {.target = "status", .match = "^status: 5"})},
};
enum { RANKED = sizeof ranked / sizeof ranked[0] };

static const match_row matches[] = {
    {"no candidate: nothing matches", "Subject: x\n\nalpha beta delta\n", "",
     "........."},
    {"a candidate by a signal: all rules are tried", "Return-Path: <>\n\nalpha delta\n",
     "a", "a..de...."},
    {"the highest rank is named", "Return-Path: <>\n\nalpha beta\n", "b", "abc.e...."},
    {"then the first loaded", "Return-Path: <>\n\nbeta\n", "b", ".bc.e...."},
    {"a generic rule when there is no other", "Return-Path: <>\n\ndelta\n", "d",
     "...de...."},
    {"the lowest rank of all", "Return-Path: <>\n\nx\n", "e", "....e...."},
    {"a rule's header signal makes a candidate, and other rules match",
     "Subject: sf\n\nbeta\n", "b", ".bc.e...."},
    {"any, by the text", "Subject: sf\n\nalpha\n", "f", "a...ef..."},
    {"any, by a field", "Subject: sf\nX-F: y\n\nx\n", "f", "....ef..."},
    {"all without any is not enough", "Subject: sf\n\nx\n", "e", "....e...."},
    {"complete on the header", "X-G: 1\n\nx\n", "g", "....e.g.."},
    {"an empty field is not there", "X-G:  \n\nx\n", "", "........."},
    {"none in the text", "X-G: 1\n\nbeta\n", "b", ".bc.e...."},
    {"ruled out by the header, nothing else asks for a body",
     "Subject: sh\nX-F: y\n\nalpha\n", "h", "a...e..h."},
    {"none on a header field that another rule hits", "Subject: sh\nX-G: 1\n\nx\n", "g",
     "....e.g.."},
    {"body signals in any alone do not ask for a body", "Content-Type: text/html\n\nx\n",
     "", "........."},
    {"but are tried on a candidate", "Return-Path: <>\nContent-Type: text/html\n\nx\n",
     "i", "....e...i"},
};

static void
match_test(void **state)
{
    const match_row *row = *state;
    ndr_ruleset *set = make_rules(ranked, RANKED);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = set, .try_all = true},
                        usual = {NDR_SIZED(ndr_scan_opts), .rules = set};
    ndr_scanner *all = new_scanner(&opts), *s = new_scanner(&usual);
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    ndr_verdict v;
    assert_int_equal(ndr_scan(all, &m, NULL, NULL, &v, NULL), 0);
    assert_string_equal(v.rule == NULL ? "" : v.rule->id, row->named);
    char got[RANKED + 1] = "";
    for (size_t i = 0; i < RANKED; i++)
        got[i] = ndr_scan_matched(all, i) ? ranked[i].id[0] : '.';
    assert_string_equal(got, row->matched);
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL),
                     0); /* without try_all the same */
    assert_string_equal(v.rule == NULL ? "" : v.rule->id, row->named);
    for (size_t i = 0; i < RANKED; i++)
        if (ranked[i].rank > 1)
            assert_int_equal(ndr_scan_matched(s, i), got[i] != '.');
    drop_slice(raw);
    ndr_scanner_free(s);
    ndr_scanner_free(all);
    ndr_ruleset_free(set);
}

/* ---- what was scanned before ---- */

/* Two patterns that see beyond a line, and two that do not: as many as it takes to look
 * into both ways. */
static const ndr_rule_spec sighted[] = {
    {.id = "far",
     .kind = NDR_KIND_FAILED,
     .rank = 5,
     ALL({.target = "text", .match = "one\\stwo"})},
    {.id = "near",
     .kind = NDR_KIND_FAILED,
     .rank = 4,
     ALL({.target = "text", .match = "^two"},
         {.target = "status", .match = "^status: 5"})},
    {.id = "many",
     .kind = NDR_KIND_FAILED,
     .rank = 3,
     ALL({.target = "subject", .match = "a"}, {.target = "subject", .match = "b"},
         {.target = "subject", .match = "c"}, {.target = "subject", .match = "d"},
         {.target = "subject", .match = "e"}, {.target = "subject", .match = "f"},
         {.target = "subject", .match = "g"}, {.target = "subject", .match = "h"},
         {.target = "subject", .match = "i"}, {.target = "subject", .match = "j"},
         {.target = "subject", .match = "k"}, {.target = "subject", .match = "l"})},
};

#define STATUS                                                                           \
    "Content-Type: multipart/report; boundary=b\n\n--b\n\ntwo\n--b\n"                    \
    "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822;u@example.net\n"   \
    "Status: "
static const struct {
    const char *mail, *named;
} later[] = {
    {"Return-Path: <>\n\none\n\ntwo\n", "far"},
    {"Return-Path: <>\n\none\n\nelse\n\ntwo\n", ""},
    {"Return-Path: <>\n\ntwo\n\none\n", ""},
    {"Return-Path: <>\n" STATUS "5.1.1\n--b--\n", "near"},
    {"Return-Path: <>\n" STATUS "4.1.1\n--b--\n", ""},
    {"Subject: abcdefghijkl\n\nx\n", "many"},
    {"Subject: abcdefghijk\n\nx\n", ""},
    {"To: abcdefghijkl\nSubject: x\n\nx\n", ""},
};

static void
later_test(void **state)
{
    (void)state;
    enum { LATER = sizeof later / sizeof later[0] };
    ndr_ruleset *set = make_rules(sighted, sizeof sighted / sizeof sighted[0]);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = set};
    ndr_scanner *s = new_scanner(&opts);
    for (size_t i = 0; i < 8 * LATER; i++) { /* each behind each other, in the end */
        const size_t k = (i * i + i / LATER) % LATER;
        const ndr_slice raw = slice_copy(later[k].mail);
        ndr_message m = make_message(raw);
        ndr_verdict v;
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
        assert_string_equal(v.rule == NULL ? "" : v.rule->id, later[k].named);
        drop_slice(raw);
    }
    ndr_scanner_free(s);
    ndr_ruleset_free(set);
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

static void
drop(void **state)
{
    (void)state;
    ndr_ruleset_free(rules);
}

/* ---- names of fields ---- */

enum { LONGEST_NAME = 40 };

/* The length of the wanted name that a field of this name is taken for, 0: none. */
static size_t
taken_for(ndr_scanner *s, ndr_slice name)
{
    char text[128];
    const int n = snprintf(text, sizeof text, "%.*s: y\nReturn-Path: <>\n\nx\n",
                           (int)name.len, (const char *)name.ptr);
    unsigned char *p = exact_copy(text, (size_t)n);
    ndr_message m = make_message((ndr_slice){p, (size_t)n});
    ndr_verdict v;
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    const size_t length = v.rule == NULL ? 0 : strlen(v.rule->id);
    free(p);
    return length;
}

static void
name_test(void **state)
{
    (void)state;
    static char target[LONGEST_NAME + 1][64];
    static char id[LONGEST_NAME + 1][LONGEST_NAME + 1]; /* as long as the name */
    ndr_signal_spec signal[LONGEST_NAME];
    ndr_rule_spec named[LONGEST_NAME];
    for (size_t n = 1; n <= LONGEST_NAME; n++) {
        char *name = target[n] + strlen(strcpy(target[n], "header:"));
        for (size_t i = 0; i < n; i++)
            name[i] = "abqyz-_09@~`"[(i * 7 + n) % 12];
        name[n] = '\0';
        signal[n - 1] = (ndr_signal_spec){.target = target[n], .present = true};
        named[n - 1] = (ndr_rule_spec){.id = memset(id[n], 'a', n),
                                       .kind = NDR_KIND_FAILED,
                                       .any = &signal[n - 1],
                                       .any_count = 1};
    }
    ndr_ruleset *by_name = make_rules(named, LONGEST_NAME);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = by_name};
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(&opts, &s, NULL), 0);
    for (size_t n = 1; n <= LONGEST_NAME; n++) {
        unsigned char name[LONGEST_NAME];
        const ndr_slice slice = {name, n};
        memcpy(name, signal[n - 1].target + strlen("header:"), n);
        assert_int_equal(taken_for(s, slice), n);
        for (size_t i = 0; i < n; i++)
            if (name[i] >= 'a' && name[i] <= 'z')
                name[i] ^= 0x20;
        assert_int_equal(taken_for(s, slice), n);
        for (size_t i = 0; i < n; i++) {
            const unsigned char kept = name[i];
            name[i] = kept == '@' ? '`' : kept == '`' ? '@' : kept == '~' ? '^' : '!';
            if (taken_for(s, slice) != 0)
                fail_msg("'%.*s' is taken for '%s'", (int)n, (char *)name,
                         signal[n - 1].target);
            name[i] = kept;
        }
    }
    ndr_scanner_free(s);
    ndr_ruleset_free(by_name);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(rows, scan_test);
    ADD_ROWS(rows, law_test);
    ADD_ROWS(laws, more_law_test);
    add_test("the rest is asked for only where it matters", asked_test);
    add_test("a rest that cannot be had is a failure", failing_test);
    ADD_ROWS(limits, limit_test);
    ADD_ROWS(matches, match_test);
    add_test("what was scanned before changes no verdict", later_test);
    add_test("a trace tells hits, lines and conclusions", trace_test);
    ADD_ROWS(returns, returned_test);
    add_test("the rules are freed", drop);
    add_test("names of every length are told apart, and letters of any case are one",
             name_test);
    return run_added("scan");
}
