/* SPDX-License-Identifier: BSD-3-Clause */
/* Through ndr_scan: a journal is known by its header, which a scanner reads. */
#include "bytes.h"
#include "rules.h"

static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        {NDR_SIZED(ndr_rule_spec), .id = "bounce", .kind = NDR_KIND_FAILED, .rank = 5,
         ALL({.target = "subject", .match = "^undelivered$"})},
    };
    rules = make_rules(specs, 1);
}

#define DOMAIN(text)                                                                     \
    {                                                                                    \
        (const unsigned char *)(text), sizeof(text) - 1                                  \
    }
#define WINDOW(name)                                                                     \
    {                                                                                    \
        .domain = DOMAIN(name), .until = NDR_TIME_OPEN, .kinds = NDR_KINDS_DEFAULT       \
    }
static const ndr_window window_rows[] = {WINDOW("a.example"), WINDOW("b.example")};
static const ndr_windows windows = {window_rows, 2};

/* What a scanner made of a message, whose recipient lies in it. */
typedef struct scanned {
    ndr_scanner *s;
    ndr_slice raw;
    ndr_verdict v;
} scanned;

static scanned
scan(const char *mail)
{
    const ndr_scan_opts opts = {
        NDR_SIZED(ndr_scan_opts), .rules = rules, .windows = &windows,
        .clock = NDR_CLOCK_NOW,   .now = 1000,    .facts_always = true};
    scanned d = {.raw = slice_copy(mail)};
    ndr_error err = {0};
    ndr_message m = make_message(d.raw);
    assert_int_equal(ndr_scanner_new(&opts, &d.s, &err), 0);
    if (ndr_scan(d.s, &m, NULL, NULL, &d.v, &err) < 0)
        fail_msg("%s", err.text);
    return d;
}

static void
end(scanned *d)
{
    drop_slice(d->raw);
    ndr_scanner_free(d->s);
}

#define COVER(field, type, cover)                                                        \
    "From: system@archive.example\nTo: journal@archive.example\n" field                  \
    "Content-Type: multipart/mixed; boundary=j\n\n--j\n" type "\n" cover "\n--j\n"
#define INNER                                                                            \
    "Content-Type: message/rfc822\n\nSubject: undelivered\nTo: in@a.example\n\nx\n"      \
    "--j--\n"
#define MS             "X-MS-Journal-Report:\n"
#define JOURNAL(cover) COVER(MS, "", "Sender: <>\nSubject: s\n" cover) INNER
#define A              "Recipient: one@a.example\n"
#define B              "Recipient: two@b.example\n"
#define C              "Recipient: three@c.example\n"

typedef struct journal_row {
    const char *why, *mail;
    enum ndr_decision want;
    const char *recipient;
} journal_row;

static const journal_row rows[] = {
    {"the cover's recipient", JOURNAL(A), NDR_JUNK, "one@a.example"},
    {"windows cover all of them: the first is named", JOURNAL(A B), NDR_JUNK,
     "one@a.example"},
    {"one is not covered, and named", JOURNAL(A C), NDR_KEEP, "three@c.example"},
    {"wherever it stands", JOURNAL(C A), NDR_KEEP, "three@c.example"},
    {"To, Cc and Bcc name recipients, too",
     JOURNAL("To: one@a.example\nCc: two@b.example\nBcc: three@c.example\n"), NDR_KEEP,
     "three@c.example"},
    {"words in any case", JOURNAL("RECIPIENT: three@C.Example\n"), NDR_KEEP,
     "three@c.example"},
    {"a list behind a comma is not asked",
     JOURNAL("To: one@a.example, Expanded: list@c.example\n"), NDR_JUNK, "one@a.example"},
    {"a line without a value names nobody", JOURNAL(A "Cc:\nBcc: \t\n"), NDR_JUNK,
     "one@a.example"},
    {"no recipient at all: what the message says itself", JOURNAL(""), NDR_JUNK,
     "in@a.example"},
    {"one that cannot be read is not covered", JOURNAL(A "Recipient: /O=EXCHANGE/CN=X\n"),
     NDR_KEEP, ""},
    {"nor an address literal", JOURNAL(A "Recipient: x@[192.0.2.1]\n"), NDR_KEEP, ""},
    {"nor one that its quotes hide", JOURNAL(A "Recipient: \"x,y\"@c.example\n"),
     NDR_KEEP, ""},
    {"alone, too", JOURNAL("Recipient: x@[192.0.2.1]\n"), NDR_KEEP, ""},

    {"Google's", COVER("X-GM-Journal-ID: 1\n", "", "Sender: <>\n" C) INNER, NDR_KEEP,
     "three@c.example"},
    {"a cover in base64",
     COVER(MS, "Content-Transfer-Encoding: base64\n",
           "U2VuZGVyOiA8PgpSZWNpcGllbnQ6IHRocmVlQGMuZXhhbXBsZQo=") INNER,
     NDR_KEEP, "three@c.example"},
    {"a cover in quoted-printable",
     COVER(MS, "Content-Transfer-Encoding: quoted-printable\n",
           "Sender: <>\nRecipient: three=40c.example") INNER,
     NDR_KEEP, "three@c.example"},
    {"a message in base64",
     COVER(MS, "",
           "Sender: <>\n" C) "Content-Type: message/rfc822\nContent-Transfer-Encoding: "
                             "base64\n\n"
                             "U3ViamVjdDogdW5kZWxpdmVyZWQKCngK\n--j--\n",
     NDR_KEEP, "three@c.example"},
    {"an envelope in another form between them",
     COVER(MS, "", "Sender: <>\n" C) "Content-Type: text/xml\n\n<a/>\n--j\n" INNER,
     NDR_KEEP, "three@c.example"},

    {"a journal of a letter is none",
     COVER(
         MS, "",
         "Sender: <>\n" A) "Content-Type: message/rfc822\n\nSubject: hello\n\nx\n--j--\n",
     NDR_NONE, NULL},
    {"a cover without a sender is none", COVER(MS, "", A) INNER, NDR_NONE, NULL},
    {"a cover of HTML is none",
     COVER(MS, "Content-Type: text/html\n", "Sender: <>\n" A) INNER, NDR_NONE, NULL},
    {"nothing in it is none", COVER(MS, "", "Sender: <>\n" A) "--\n", NDR_NONE, NULL},
    {"no field of a journal is none", COVER("", "", "Sender: <>\n" A) INNER, NDR_NONE,
     NULL},
    {"a journal in a journal is a message as others are",
     COVER(MS, "", "Sender: <>\n" A) "Content-Type: message/rfc822\n\n"
                                     "X-MS-Journal-Report:\nSubject: "
                                     "undelivered\nContent-Type: multipart/mixed; "
                                     "boundary=k\n\n--k\n\nSender: <>\n" C
                                     "\n--k\nContent-Type: message/rfc822\n\n"
                                     "Subject: hello\n\nx\n--k--\n\n--j--\n",
     NDR_JUNK, "one@a.example"},
};

static void
journal_test(void **state)
{
    const journal_row *row = *state;
    scanned d = scan(row->mail);
    assert_int_equal(d.v.decision, row->want);
    if (row->recipient != NULL)
        assert_slice(d.v.recipient, row->recipient);
    assert_int_equal(d.v.window != NULL, row->want == NDR_JUNK);
    if (row->recipient != NULL && row->recipient[0] != '\0') {
        ndr_buffer whole = {0};
        ndr_buffer_add(&whole, d.v.local);
        ndr_buffer_byte(&whole, '@');
        ndr_buffer_add(&whole, d.v.domain);
        assert_buffer(&whole, row->recipient);
        ndr_buffer_free(&whole);
    }
    end(&d);
}

typedef struct many_row {
    const char *why;
    size_t recipients, filler; /* bytes of other lines behind them */
    enum ndr_decision want;
} many_row;

static const many_row manys[] = {
    {"a thousand recipients are all asked", 1000, 0, NDR_JUNK},
    {"of more nobody knows", 1001, 0, NDR_KEEP},
    {"of far more, neither", 3000, 0, NDR_KEEP},
    {"nor of what is behind 256 KiB of cover", 1, 300 << 10, NDR_KEEP},
};

static void
many_test(void **state)
{
    const many_row *row = *state;
    ndr_buffer mail = {0};
    ndr_buffer_text(&mail, COVER(MS, "", "Sender: <>"));
    mail.len -= strlen("\n--j\n");
    for (size_t i = 0; i < row->recipients; i++)
        ndr_buffer_text(&mail, "\n"
                               "Recipient: one@a.example");
    for (size_t i = 0; i < row->filler; i++)
        ndr_buffer_text(&mail, i % 70 == 0 ? "\n" : "x");
    ndr_buffer_text(&mail, "\n\n--j\n" INNER);
    ndr_buffer_byte(&mail, '\0');
    assert_false(mail.failed);
    scanned d = scan((const char *)mail.ptr);
    assert_int_equal(d.v.decision, row->want);
    assert_slice(d.v.recipient, row->want == NDR_JUNK ? "one@a.example" : "");
    end(&d);
    ndr_buffer_free(&mail);
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
    ADD_ROWS(rows, journal_test);
    ADD_ROWS(manys, many_test);
    add_test("all is freed", drop);
    return run_added("journal_envelope");
}
