/* SPDX-License-Identifier: BSD-3-Clause */
/* A prover by hand: who is asked, about what, and what windows make of the answer. */
#include "bytes.h"
#include "rules.h"

#include <stdio.h>

static const ndr_rule_spec specs[] = {
    {NDR_SIZED(ndr_rule_spec), .id = "any", .kind = NDR_KIND_FAILED, .rank = 5,
     ALL({.target = "from", .match = "mailer-daemon"})},
};
static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    rules = make_rules(specs, 1);
}

/* What the prover was asked, and what it answers. */
typedef struct prover {
    enum ndr_whose whose;
    int code; /* != 0: it fails so */
    size_t asked;
    char domains[200]; /* of each call, a blank behind each */
    ndr_buffer header, bytes;
    ndr_buffer failed; /* who, and what the message is, of each call */
    bool whole, apart;
    const char *ours; /* only this domain's is ours; NULL: `whose` for all */
} prover;

static int
prove(void *ctx, ndr_slice header, const ndr_returned_bytes *returned,
      const ndr_verdict *v, ndr_evidence *ret, ndr_error *err)
{
    prover *p = ctx;
    const size_t at = strlen(p->domains);
    p->asked++;
    (void)snprintf(p->domains + at, sizeof p->domains - at, "%.*s ", (int)v->domain.len,
                   (const char *)v->domain.ptr);
    ndr_buffer_clear(&p->header);
    ndr_buffer_clear(&p->bytes);
    ndr_buffer_add(&p->header, header);
    ndr_buffer_add(&p->bytes, returned->bytes);
    for (size_t i = 0; i < v->recipient_count; i++) {
        const ndr_recipient *r = &v->recipients[i];
        ndr_buffer_printf(&p->failed, "%.*s %.*s, ", (int)r->final.len,
                          (const char *)r->final.ptr, (int)r->status.len,
                          (const char *)r->status.ptr);
    }
    ndr_buffer_printf(&p->failed, "%s%x %d; ",
                      v->facts_from_text ? "told by the text " : "", v->flags, v->kind);
    p->whole = returned->whole;
    p->apart = returned->apart;
    assert_null(v->evidence);
    assert_non_null(v->rule);
    assert_int_equal(ret->count, 0);
    if (p->code != 0)
        return ndr_fail(err, p->code, "no proof");
    const bool ours =
        p->ours != NULL && ndr_slice_equal(v->domain, ndr_slice_of(p->ours));
    ret->whose = p->ours == NULL ? p->whose : ours ? NDR_WHOSE_OURS : NDR_WHOSE_UNKNOWN;
    ret->known = true;
    ret->count = 1;
    ret->proof[0] = (ndr_proof){.name = "by-hand", .result = "pass"};
    ret->decisive = ret->whose != NDR_WHOSE_UNKNOWN ? 0 : -1;
    return 0;
}

static void
prover_free(prover *p)
{
    ndr_buffer_free(&p->header);
    ndr_buffer_free(&p->bytes);
    ndr_buffer_free(&p->failed);
}

/* ---- windows ---- */

enum { NOW = 1700000000 };

/* A scan of `mail` under these windows, which come to ndr_window.from 0. */
typedef struct act {
    ndr_scanner *s;
    ndr_message m;
    ndr_verdict v;
    ndr_slice raw;
} act;

static int
act_begin_for(act *a, const char *mail, const ndr_windows *windows, prover *p,
              bool always, bool tells_none)
{
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts),
                                .rules = rules,
                                .windows = windows,
                                .now = NOW,
                                .clock = NDR_CLOCK_NOW,
                                .facts_always = false,
                                .no_text_facts = tells_none,
                                .prove = p != NULL ? prove : NULL,
                                .prove_ctx = p,
                                .prove_always = always};
    assert_int_equal(ndr_scanner_new(&opts, &a->s, NULL), 0);
    a->raw = (ndr_slice){exact_copy(mail, strlen(mail)), strlen(mail)};
    a->m = make_message(a->raw);
    ndr_error err = {0};
    return ndr_scan(a->s, &a->m, NULL, NULL, &a->v, &err);
}

static int
act_begin(act *a, const char *mail, const ndr_windows *windows, prover *p, bool always)
{
    return act_begin_for(a, mail, windows, p, always, false);
}

static void
act_end(act *a)
{
    ndr_scanner_free(a->s);
    free((void *)(uintptr_t)a->raw.ptr);
}

#define TOP                                                                              \
    "From: MAILER-DAEMON@mx.example.net\nDelivered-To: a@example.com\nSubject: x\n"
#define TEXT TOP "\nIt failed.\n"

static void
takes_test(void **state)
{
    (void)state;
    static const bool junk[NDR_TAKE_COUNT][NDR_WHOSE_COUNT] = {
        [NDR_TAKE_USUAL] = {[NDR_WHOSE_UNKNOWN] = true, [NDR_WHOSE_FORGED] = true},
        [NDR_TAKE_ALL] = {true, true, true, true},
        [NDR_TAKE_NOT_OURS] = {[NDR_WHOSE_UNKNOWN] = true, [NDR_WHOSE_FORGED] = true},
        [NDR_TAKE_FORGED] = {[NDR_WHOSE_FORGED] = true},
    };
    for (int take = 0; take < NDR_TAKE_COUNT; take++)
        for (int whose = 0; whose < NDR_WHOSE_COUNT; whose++)
            for (int always = 0; always < 2; always++) {
                const ndr_window w = {.domain = NDR_SLICE("example.com"),
                                      .until = NDR_TIME_OPEN,
                                      .kinds = NDR_KINDS_DEFAULT,
                                      .take = (enum ndr_take)take};
                prover p = {.whose = (enum ndr_whose)whose};
                act a;
                assert_int_equal(
                    act_begin(&a, TEXT, &(ndr_windows){&w, 1}, &p, always != 0), 0);
                const bool want = junk[take][whose];
                assert_int_equal(a.v.decision, want ? NDR_JUNK : NDR_KEEP);
                assert_ptr_equal(a.v.window, want ? &w : NULL);
                assert_ptr_equal(a.v.spared, want ? NULL : &w);
                const bool asks = always != 0 || take != NDR_TAKE_ALL;
                assert_int_equal(p.asked, asks);
                assert_int_equal(a.v.evidence != NULL, asks);
                ndr_buffer words = {0};
                ndr_verdict_reason(&a.v, &words);
                ndr_buffer_byte(&words, '\0');
                static const char *const said[NDR_WHOSE_COUNT] = {
                    [NDR_WHOSE_UNKNOWN] = "what came back is not proven to be forged.",
                    [NDR_WHOSE_OURS] = "by-hand proves that what came back is ours.",
                    [NDR_WHOSE_FORWARDED] =
                        "by-hand proves that what came back had gone on through us.",
                    [NDR_WHOSE_FORGED] = ""};
                assert_non_null(
                    strstr((const char *)words.ptr, want ? ": junk" : said[whose]));
                ndr_buffer_free(&words);
                act_end(&a);
                prover_free(&p);
            }
}

static void
nobody_test(void **state)
{
    (void)state;
    for (int take = 0; take < NDR_TAKE_COUNT; take++) {
        const ndr_window w = {.domain = NDR_SLICE("example.com"),
                              .until = NDR_TIME_OPEN,
                              .kinds = NDR_KINDS_DEFAULT,
                              .take = (enum ndr_take)take};
        act a;
        assert_int_equal(act_begin(&a, TEXT, &(ndr_windows){&w, 1}, NULL, true), 0);
        assert_int_equal(a.v.decision, take == NDR_TAKE_FORGED ? NDR_KEEP : NDR_JUNK);
        assert_null(a.v.evidence);
        act_end(&a);
    }
}

/* Who is asked at all. The window is of example.com, mailbox a, from 0 on. */
static const struct asked_row {
    const char *why, *mail;
    bool always, windows, asked;
} asked_rows[] = {
    {"a bounce that a window covers", TEXT, false, true, true},
    {"a letter", "From: bob@example.net\nDelivered-To: a@example.com\n\nIt failed.\n",
     false, true, false},
    {"a letter, always", "From: b@example.net\nDelivered-To: a@example.com\n\nx\n", true,
     true, false},
    {"a bounce without windows", TEXT, false, false, false},
    {"a bounce without windows, always", TEXT, true, false, true},
    {"a bounce to another domain",
     "From: MAILER-DAEMON@mx.example.net\nDelivered-To: a@example.org\n\nx\n", false,
     true, false},
    {"a bounce to another domain, always",
     "From: MAILER-DAEMON@mx.example.net\nDelivered-To: a@example.org\n\nx\n", true, true,
     true},
    {"a bounce to another mailbox",
     "From: MAILER-DAEMON@mx.example.net\nDelivered-To: b@example.com\n\nx\n", false,
     true, false},
    {"a bounce to nobody", "From: MAILER-DAEMON@mx.example.net\n\nx\n", false, true,
     false},
    {"a bounce to nobody, always", "From: MAILER-DAEMON@mx.example.net\n\nx\n", true,
     true, false},
};

static const ndr_slice box_a[] = {{(const unsigned char *)"a", 1}};
static const ndr_window mailbox_window = {
    .domain = {(const unsigned char *)"example.com", 11},
    .until = NDR_TIME_OPEN,
    .kinds = NDR_KINDS_DEFAULT,
    .mailboxes = box_a,
    .mailbox_count = 1};

static void
asked_test(void **state)
{
    const struct asked_row *r = *state;
    prover p = {0};
    act a;
    assert_int_equal(act_begin(&a, r->mail,
                               r->windows ? &(ndr_windows){&mailbox_window, 1} : NULL, &p,
                               r->always),
                     0);
    assert_int_equal(p.asked, r->asked);
    assert_int_equal(a.v.evidence != NULL, r->asked);
    act_end(&a);
    prover_free(&p);
}

static void
failing_test(void **state)
{
    (void)state;
    prover p = {.code = NDR_E_SYS};
    act a;
    assert_int_equal(act_begin(&a, TEXT, NULL, &p, true), NDR_E_SYS);
    act_end(&a);
    prover_free(&p);
}

/* ---- other recipients ---- */

static void
other_test(void **state)
{
    (void)state;
    static const ndr_window rows[] = {
        {.domain = {(const unsigned char *)"example.com", 11},
         .until = NDR_TIME_OPEN,
         .kinds = NDR_KINDS_DEFAULT},
        {.domain = {(const unsigned char *)"example.org", 11},
         .until = NDR_TIME_OPEN,
         .kinds = NDR_KINDS_DEFAULT},
    };
    static const struct {
        const char *to;
        bool asked, junk;
    } others[] = {
        {"b@example.org", true, false},
        {"b@example.com", true, true},
        {"b@example.edu", false, false},
        {"c@example.org", true, false},
    };
    prover p = {.ours = "example.org"};
    act a;
    assert_int_equal(act_begin(&a, TEXT, &(ndr_windows){rows, 2}, &p, false), 0);
    assert_int_equal(a.v.decision, NDR_JUNK);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const size_t before = p.asked;
        ndr_error err = {0};
        assert_int_equal(ndr_scan_for(a.s, ndr_slice_of(others[i].to), &a.v, &err), 0);
        assert_int_equal(p.asked - before, others[i].asked);
        assert_int_equal(a.v.decision, others[i].junk ? NDR_JUNK : NDR_KEEP);
        assert_int_equal(a.v.evidence != NULL, others[i].asked);
        assert_int_equal(a.v.spared != NULL, others[i].asked && !others[i].junk);
    }
    act_end(&a);
    prover_free(&p);
}

#define JOURNAL(to)                                                                      \
    "From: system@example.com\nTo: journal@example.com\n"                                \
    "X-MS-Journal-Report:\nContent-Type: multipart/mixed; boundary=j\n\n"                \
    "--j\n\nSender: x@example.net\nSubject: s\n" to "\n"                                 \
    "--j\nContent-Type: message/rfc822\n\n" TEXT "\n--j--\n"

static const struct journal_row {
    const char *why, *mail, *domains;
    bool junk;
} journal_rows[] = {
    {"each recipient is asked about",
     JOURNAL("Recipient: a@example.com\nRecipient: b@example.edu\n"),
     "example.com example.edu ", true},
    {"one whose mail it was keeps it, and nobody behind him is asked about",
     JOURNAL("Recipient: a@example.com\nRecipient: b@example.org\nRecipient: "
             "c@example.edu\n"),
     "example.com example.org ", false},
    {"the first one already",
     JOURNAL("Recipient: b@example.org\nRecipient: a@example.com\n"), "example.org ",
     false},
};

static void
journal_test(void **state)
{
    const struct journal_row *r = *state;
    static const ndr_window rows[] = {
        {.domain = {(const unsigned char *)"example.com", 11},
         .until = NDR_TIME_OPEN,
         .kinds = NDR_KINDS_DEFAULT},
        {.domain = {(const unsigned char *)"example.edu", 11},
         .until = NDR_TIME_OPEN,
         .kinds = NDR_KINDS_DEFAULT},
        {.domain = {(const unsigned char *)"example.org", 11},
         .until = NDR_TIME_OPEN,
         .kinds = NDR_KINDS_DEFAULT},
    };
    prover p = {.ours = "example.org"};
    act a;
    assert_int_equal(act_begin(&a, r->mail, &(ndr_windows){rows, 3}, &p, false), 0);
    assert_int_equal(a.v.decision, r->junk ? NDR_JUNK : NDR_KEEP);
    const size_t n = strlen(r->domains), got = strlen(p.domains);
    assert_true(got >= n); /* what the message in it says of itself may come first */
    assert_string_equal(p.domains + got - n, r->domains);
    assert_int_equal(a.v.evidence != NULL && a.v.evidence->whose == NDR_WHOSE_OURS,
                     !r->junk);
    act_end(&a);
    prover_free(&p);
}

/* ---- what came back ---- */

#define RETURNED                                                                         \
    "Received: from a by b; Tue, 13 May 2008 09:31:02 +0200\nFrom: A "                   \
    "<a@example.com>\nMessage-ID: <1@example.com>\n"
#define MIXED(type, transfer, inside)                                                    \
    TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nIt failed.\n--b\n"          \
        "Content-Type: " type "\n" transfer "\n" inside "\n--b--\n"

static const struct back_row {
    const char *why, *mail, *bytes;
    bool whole, apart;
} back_rows[] = {
    {"nothing", TEXT, "", false, false},
    {"a message in a part of its own", MIXED("message/rfc822", "", RETURNED "\nHello\n"),
     RETURNED "\nHello\n", true, true},
    {"a header in a part of its own", MIXED("text/rfc822-headers", "", RETURNED),
     RETURNED, false, true},
    {"in quoted-printable",
     MIXED("message/rfc822", "Content-Transfer-Encoding: quoted-printable\n",
           "From: A =3Ca@example.com>\nSubject: a=\nb\n\nHello=20\n"),
     "From: A <a@example.com>\nSubject: ab\n\nHello \n", true, true},
    {"in base64",
     MIXED("message/rfc822", "Content-Transfer-Encoding: base64\n",
           "RnJvbTogYUBleGFtcGxlLmNvbQoKSGVsbG8K\n"),
     "From: a@example.com\n\nHello\n", true, true},
    {"pasted into the text",
     TOP "\nIt failed.\n\n--- Below this line is a copy\n\n" RETURNED "\nHello\n",
     RETURNED "\nHello\n", false, false},
    {"quoted in the text",
     TOP "\nIt failed.\n\n> Received: from a\n>  by b\n> From: a@example.com\n>\n> Hi\n",
     "Received: from a\n by b\nFrom: a@example.com\n", false, false},
    {"indented in the text, in quoted-printable",
     TOP "Content-Transfer-Encoding: quoted-printable\n\nIt failed.\n\n"
         "  Received: from a=\n\n    by b\n  From: a@example.com\n\n  Hi\n",
     "Received: from a\n  by b\nFrom: a@example.com\n", false, false},
    {"quoted in the second text",
     TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nIt failed.\n--b\n\n"
         "Hello\n| Received: from a\n| From: a@example.com\n--b--\n",
     "Received: from a\nFrom: a@example.com", false, false},
    {"quoted in the text, beside a part that was returned",
     MIXED("message/rfc822", "", RETURNED "\n> Received: from a\n> From: b\n"),
     RETURNED "\n> Received: from a\n> From: b\n", true, true},
};

static void
back_test(void **state)
{
    const struct back_row *r = *state;
    static const char end[] = "\n";
    prover p = {0};
    act a;
    assert_int_equal(act_begin(&a, r->mail, NULL, &p, true), 0);
    assert_int_equal(p.asked, 1);
    /* the line end in front of a boundary is the boundary's */
    const size_t n = strlen(r->bytes);
    const bool same =
        p.bytes.len == n && (n == 0 || memcmp(p.bytes.ptr, r->bytes, n) == 0);
    if (n == 0)
        assert_int_equal(p.bytes.len, 0);
    else if (!same)
        fail_msg("'%.*s', not '%s'%s", (int)p.bytes.len, (const char *)p.bytes.ptr,
                 r->bytes, end);
    assert_int_equal(p.whole, r->whole);
    assert_int_equal(p.apart, r->apart);
    assert_true(p.header.len >= sizeof TOP - 1);
    assert_memory_equal(p.header.ptr, TOP, sizeof TOP - 1);
    act_end(&a);
    prover_free(&p);
}

/* ---- who failed ---- */

#define NAMES "\n<bob@example.net>: 550 5.1.1 user unknown\n"
#define NAMES_OTHERS                                                                     \
    "\n<a@example.com>: 550 5.1.1 unknown\n\n<c@example.edu>: 550 5.2.2 full\n"
#define IN_REPORT                                                                        \
    "Content-Type: multipart/report; boundary=r\n\n--r\n\nx\n--r\nContent-Type: "        \
    "message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: " \
    "rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n\n--r--\n"
#define LONG "Cut cut cut cut cut cut cut cut cut cut cut cut cut cut cut cut cut cut.\n"

/* `covered`: by a window that takes nothing of ours, so that a prover is asked. */
static const struct failed_row {
    const char *why, *mail, *text; /* `text`, where there is one, is put behind often */
    bool covered;
    const char *want; /* of the first who failed; NULL: nobody is known */
} failed_rows[] = {
    {"named in the text", TOP NAMES, NULL, true, "bob@example.net"},
    {"named in a text that is too long to be read", TOP NAMES, LONG, true,
     "bob@example.net"},
    {"named in one that no rule needed",
     TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
         "text/rfc822-headers\n\n" RETURNED "\n--b\n" NAMES,
     LONG, true, "bob@example.net"},
    {"named by a report", TOP IN_REPORT, NULL, true, "bob@example.net"},
    {"nobody, in the text above a header", MIXED("text/rfc822-headers", "", RETURNED),
     NULL, true, NULL},
    {"named by a bounce in the bounce", MIXED("message/rfc822", "", TOP IN_REPORT), NULL,
     true, "bob@example.net"},
    {"the message's own recipient is none, though a journal has another",
     "From: system@example.com\nTo: journal@example.com\n"
     "X-MS-Journal-Report:\nContent-Type: multipart/mixed; boundary=j\n\n"
     "--j\n\nSender: x@example.net\nSubject: s\nRecipient: c@example.edu\n\n"
     "--j\nContent-Type: message/rfc822\n\n"
     "From: MAILER-DAEMON@mx.example.net\nDelivered-To: a@example.com\n" NAMES_OTHERS
     "\n--j--\n",
     NULL, true, "c@example.edu"},
    {"named in the text, and no window is near", TOP NAMES, NULL, false, NULL},
};

/* What an output tells must not change what is proven, and what nobody asks is not read.
 */
static void
failed_test(void **state)
{
    const struct failed_row *r = *state;
    static const ndr_window edu = {.domain = {(const unsigned char *)"example.edu", 11},
                                   .until = NDR_TIME_OPEN,
                                   .kinds = NDR_KINDS_DEFAULT};
    ndr_window rows[] = {edu, edu};
    rows[0].domain = NDR_SLICE("example.com");
    const bool journal = strstr(r->mail, "Journal") != NULL;
    const ndr_windows windows = {journal ? &rows[1] : rows, journal ? 1 : 2};
    ndr_buffer mail = {0};
    ndr_buffer_text(&mail, r->mail);
    for (int i = 0; r->text != NULL && i < 5000; i++)
        ndr_buffer_text(&mail, r->text);
    ndr_buffer_byte(&mail, '\0');
    prover p[2] = {{.whose = NDR_WHOSE_UNKNOWN}, {.whose = NDR_WHOSE_UNKNOWN}};
    act a[2];
    for (int k = 0; k < 2; k++) {
        assert_int_equal(act_begin_for(&a[k], (const char *)mail.ptr,
                                       r->covered ? &windows : NULL, &p[k], false,
                                       k == 1),
                         0);
        assert_int_equal(p[k].asked > 0, r->covered);
    }
    assert_int_equal(p[0].failed.len, p[1].failed.len);
    if (p[0].failed.len > 0)
        assert_memory_equal(p[0].failed.ptr, p[1].failed.ptr, p[0].failed.len);
    assert_int_equal(p[0].whole, p[1].whole);
    assert_int_equal(a[0].v.kind, a[1].v.kind);
    assert_int_equal(a[0].v.decision, a[1].v.decision);
    assert_int_equal(a[1].v.recipient_count > 0, r->want != NULL);
    if (r->want != NULL)
        assert_true(ndr_slice_equal(a[1].v.recipients[0].final, ndr_slice_of(r->want)));
    for (int k = 0; k < 2; k++) {
        act_end(&a[k]);
        prover_free(&p[k]);
    }
    ndr_buffer_free(&mail);
}

int
main(void)
{
    add_test("(rules)", build);
    add_test("what each window takes of whose mail came back", takes_test);
    add_test("without anybody to ask, windows take what they took", nobody_test);
    ADD_ROWS(asked_rows, asked_test);
    add_test("a prover that fails ends the scan", failing_test);
    add_test("of other recipients too", other_test);
    ADD_ROWS(journal_rows, journal_test);
    ADD_ROWS(back_rows, back_test);
    ADD_ROWS(failed_rows, failed_test);
    const int failed = run_added("prove");
    ndr_ruleset_free(rules);
    return failed;
}
