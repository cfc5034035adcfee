/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "rules.h"

static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {{NDR_SIZED(ndr_rule_spec), .id = "all",
                                    .kind = NDR_KIND_FAILED, .rank = 5,
                                    ALL({.target = "from", .match = "."})}};
    rules = make_rules(specs, 1);
}

static void
drop(void **state)
{
    (void)state;
    ndr_ruleset_free(rules);
}

typedef struct recipient_row {
    const char *why, *mail;
    const char *recipient, *domain;
    enum ndr_origin origin;
} recipient_row;

#define R(n)                                                                             \
    "Received: from a by b for <" n "@example.com>; Tue, 13 May 2008 09:31:02 +0200\n"

static const recipient_row recipients[] = {
    {"Delivered-To comes first",
     "To: to@example.com\nX-Delivered-To: xd@example.com\nX-Envelope-To: "
     "xe@example.com\nEnvelope-To: et@example.com\nX-Original-To: "
     "xo@example.com\nDelivered-To: dt@example.com\n" R("rc"),
     "dt@example.com", "example.com", NDR_FROM_DELIVERED_TO},
    {"then X-Original-To",
     "To: to@example.com\nX-Delivered-To: xd@example.com\nX-Envelope-To: "
     "xe@example.com\nEnvelope-To: et@example.com\nX-Original-To: xo@example.com\n" R(
         "rc"),
     "xo@example.com", "example.com", NDR_FROM_X_ORIGINAL_TO},
    {"then Envelope-To",
     "To: to@example.com\nX-Delivered-To: xd@example.com\nX-Envelope-To: "
     "xe@example.com\nEnvelope-To: et@example.com\n" R("rc"),
     "et@example.com", "example.com", NDR_FROM_ENVELOPE_TO},
    {"then X-Envelope-To",
     "To: to@example.com\nX-Delivered-To: xd@example.com\nX-Envelope-To: "
     "xe@example.com\n" R("rc"),
     "xe@example.com", "example.com", NDR_FROM_X_ENVELOPE_TO},
    {"then X-Delivered-To",
     "To: to@example.com\nX-Delivered-To: xd@example.com\n" R("rc"), "xd@example.com",
     "example.com", NDR_FROM_X_DELIVERED_TO},
    {"then Received", "To: to@example.com\n" R("rc"), "rc@example.com", "example.com",
     NDR_FROM_RECEIVED},
    {"then To", "To: to@example.com\n", "to@example.com", "example.com", NDR_FROM_TO},
    {"nothing", "Subject: x\n", "", "", NDR_FROM_NOTHING},
    {"Received comes before what stands below it",
     R("rc") "Delivered-To: dt@example.com\nX-Original-To: xo@example.com\nEnvelope-To: "
             "et@example.com\nX-Envelope-To: xe@example.com\nX-Delivered-To: "
             "xd@example.com\nTo: to@example.com\n",
     "rc@example.com", "example.com", NDR_FROM_RECEIVED},
    {"what stands above Received comes before it",
     "Envelope-To: et@example.com\n" R("rc") "Delivered-To: dt@example.com\n",
     "et@example.com", "example.com", NDR_FROM_ENVELOPE_TO},
    {"a Received without a for gives way to the one below it, not to the sender's field",
     "Received: from a by b; x\nX-Sieve: y\n" R("rc") "Delivered-To: dt@example.com\n",
     "rc@example.com", "example.com", NDR_FROM_RECEIVED},
    {"between two of them stands what the lower one's system wrote",
     "Received: from a by b; x\nDelivered-To: dt@example.com\n" R("rc"), "dt@example.com",
     "example.com", NDR_FROM_DELIVERED_TO},
    {"To above Received is To all the same",
     "To: to@example.com\nReceived: from a by b; x\nDelivered-To: dt@example.com\n",
     "dt@example.com", "example.com", NDR_FROM_DELIVERED_TO},
    {"a step within the machine gives way",
     "Received: from a by b for <u@localhost>; x\n" R("rc"), "rc@example.com",
     "example.com", NDR_FROM_RECEIVED},
    {"this machine, when there is no other",
     "Received: from a by b for <u@localhost>; x\nSubject: y\n", "u@localhost",
     "localhost", NDR_FROM_RECEIVED},
    {"a domain that is no host name is not known", "To: a@../../etc\n", "", "",
     NDR_FROM_NOTHING},
    {"nor a wildcard", "Delivered-To: a@*.example\nTo: b@example.com\n", "b@example.com",
     "example.com", NDR_FROM_TO},
    {"the topmost of one field",
     "Delivered-To: a@example.com\nDelivered-To: b@example.com\n", "a@example.com",
     "example.com", NDR_FROM_DELIVERED_TO},
    {"the topmost that holds an address",
     "Delivered-To: a\nDelivered-To: b@example.com\n", "b@example.com", "example.com",
     NDR_FROM_DELIVERED_TO},
    {"a field without an address gives way to the next",
     "Delivered-To: a\nTo: b@example.com\n", "b@example.com", "example.com", NDR_FROM_TO},
    {"the topmost Received with a for", "Received: from a by b; x\n" R("x") R("y"),
     "x@example.com", "example.com", NDR_FROM_RECEIVED},
    {"the domain in small letters, the local part as it is", "To: Bob@EXAMPLE.Com.\n",
     "Bob@example.com", "example.com", NDR_FROM_TO},
    {"the domain in A-labels",
     "To: b@b\xc3\xbc"
     "cher.example\n",
     "b@xn--bcher-kva.example", "xn--bcher-kva.example", NDR_FROM_TO},
    {"an encoded field", "To: =?utf-8?q?Bob?= <b@example.com>\n", "b@example.com",
     "example.com", NDR_FROM_TO},
    {"folded", "To:\n Bob\n <b@example.com>\n", "b@example.com", "example.com",
     NDR_FROM_TO},
    {"names in any case", "DELIVERED-TO: b@example.com\n", "b@example.com", "example.com",
     NDR_FROM_DELIVERED_TO},
};

static ndr_verdict
facts_of(ndr_scanner *s, ndr_message *m)
{
    ndr_verdict v;
    ndr_error err = {0};
    if (ndr_scan(s, m, NULL, NULL, &v, &err) < 0)
        fail_msg("%s", err.text);
    return v;
}

static ndr_scanner *
scanner(const ndr_scan_opts *opts)
{
    ndr_scanner *s = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_scanner_new(opts, &s, &err), 0);
    return s;
}

static void
recipient_test(void **state)
{
    const recipient_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true};
    ndr_scanner *s = scanner(&opts);
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    const ndr_verdict v = facts_of(s, &m);
    drop_slice(raw); /* nothing of the verdict lies in the message */
    assert_slice(v.recipient, row->recipient);
    assert_slice(v.domain, row->domain);
    assert_int_equal(v.recipient_origin, row->origin);
    if (v.domain.len > 0)
        assert_int_equal(v.local.len + 1 + v.domain.len, v.recipient.len);
    ndr_scanner_free(s);
}

/* A server's scanner lives for days: now is when it scans, not when it was made. */
static void
later_test(void **state)
{
    (void)state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true, .clock = NDR_CLOCK_NOW, .now = 42};
    ndr_scanner *s = scanner(&opts);
    ndr_message m = make_message(NDR_SLICE("To: t@example.net\n\n"));
    assert_int_equal(facts_of(s, &m).arrived, 42);
    ndr_scanner_now(s, 43);
    assert_int_equal(facts_of(s, &m).arrived, 43);
    ndr_scanner_free(s);
}

typedef struct envelope_row {
    const char *why, *mail, *given, *want, *domain;
    enum ndr_origin origin;
} envelope_row;

static const envelope_row envelopes[] = {
    {"what is given goes before the header", "Delivered-To: dt@example.net\n\n",
     "B@Example.com", "B@example.com", "example.com", NDR_FROM_ENVELOPE},
    {"in brackets", "\n", "<b@example.com>", "b@example.com", "example.com",
     NDR_FROM_ENVELOPE},
    {"without a domain the header stays", "Delivered-To: dt@example.net\n\n", "root",
     "dt@example.net", "example.net", NDR_FROM_DELIVERED_TO},
    {"nor does this machine say more", "Delivered-To: dt@example.net\n\n", "jo@localhost",
     "dt@example.net", "example.net", NDR_FROM_DELIVERED_TO},
    {"but more than nothing", "\n", "jo@localhost", "jo@localhost", "localhost",
     NDR_FROM_ENVELOPE},
    {"nothing", "To: t@example.net\n\n", "", "t@example.net", "example.net", NDR_FROM_TO},
    {"control characters", "To: t@example.net\n\n", "\1\n\r\t", "t@example.net",
     "example.net", NDR_FROM_TO},
};

static void
envelope_test(void **state)
{
    const envelope_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true};
    ndr_scanner *s = scanner(&opts);
    ndr_message m = make_message(ndr_slice_of(row->mail));
    ndr_verdict v = facts_of(s, &m);
    /* one after the other, as a message's recipients are asked about */
    for (int i = 0; i < 3; i++) {
        const ndr_slice given = slice_copy(row->given);
        ndr_error err = {0};
        assert_int_equal(ndr_scan_for(s, given, &v, &err), 0);
        drop_slice(given);
        assert_slice(v.recipient, row->want);
        assert_slice(v.domain, row->domain);
        assert_int_equal(v.recipient_origin, row->origin);
    }
    ndr_scanner_free(s);
}

typedef struct path_row {
    const char *why, *source, *want;
    enum ndr_origin origin;
    const char *mail; /* NULL: to dt@example.net */
    bool elsewhere;
} path_row;

static const path_row paths[] = {
    {"the path comes before all fields", "/var/vmail/Example.com/bob/new/1",
     "bob@example.com", NDR_FROM_PATH, NULL, true},
    {"a path that does not match gives way", "/tmp/1", "dt@example.net",
     NDR_FROM_DELIVERED_TO, NULL, false},
    {"a folder that is no domain gives way", "/var/vmail/b\xfc/bob/new/1",
     "dt@example.net", NDR_FROM_DELIVERED_TO, NULL, false},
    {"a header that says the same", "/var/vmail/example.net/bob/new/1", "bob@example.net",
     NDR_FROM_PATH, NULL, false},
    {"in other letters", "/var/vmail/EXAMPLE.net/bob/new/1", "bob@example.net",
     NDR_FROM_PATH, "Delivered-To: dt@Example.NET\n\n", false},
    {"a header that says nothing", "/var/vmail/example.net/bob/new/1", "bob@example.net",
     NDR_FROM_PATH, "Subject: x\n\n", true},
    {"a name below the other", "/var/vmail/example.net/bob/new/1", "bob@example.net",
     NDR_FROM_PATH, "Delivered-To: dt@x.example.net\n\n", true},
    {"what the topmost field says counts", "/var/vmail/example.net/bob/new/1",
     "bob@example.net", NDR_FROM_PATH,
     "Delivered-To: x@example.org\n" R("rc") "Delivered-To: dt@example.net\n\n", true},
};

static void
path_test(void **state)
{
    const path_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true,
                                .recipient_path = "/var/vmail/{domain}/{user}/"};
    ndr_scanner *s = scanner(&opts);
    ndr_message m = make_message(
        ndr_slice_of(row->mail != NULL ? row->mail : "Delivered-To: dt@example.net\n\n"));
    m.source = row->source;
    const ndr_verdict v = facts_of(s, &m);
    char domain[256];
    assert_slice(v.recipient, row->want);
    assert_int_equal(v.recipient_origin, row->origin);
    assert_int_equal((v.flags & NDR_MSG_ELSEWHERE) != 0, row->elsewhere);
    assert_int_equal(ndr_path_domain(opts.recipient_path, row->source, domain),
                     row->origin == NDR_FROM_PATH);
    if (row->origin == NDR_FROM_PATH)
        assert_slice(v.domain, domain);
    ndr_scanner_free(s);
}

/* By a table of mailboxes, which tells the domain alone. */
static const path_row mapped[] = {
    {"whose in the domain, the header says", "/home/anna/Maildir/cur/1",
     "anna@example.net", NDR_FROM_PATH, "Delivered-To: anna@example.net\n\n", false},
    {"nobody knows it where the header names another domain", "/home/anna/1",
     "@example.net", NDR_FROM_PATH, "Delivered-To: anna@example.org\n\n", true},
    {"or none", "/home/anna/1", "@example.net", NDR_FROM_PATH, "Subject: x\n\n", true},
    {"several domains tell none", "/home/two/1", "anna@example.org",
     NDR_FROM_DELIVERED_TO, "Delivered-To: anna@example.org\n\n", false},
    {"nor does another path", "/home/bert/1", "anna@example.org", NDR_FROM_DELIVERED_TO,
     "Delivered-To: anna@example.org\n\n", false},
    {"a relative path", "anna/1", "anna@example.net", NDR_FROM_PATH,
     "Delivered-To: anna@example.net\n\n", false},
};

static void
map_test(void **state)
{
    const path_row *row = *state;
    const ndr_mailbox table[] = {
        {.path = NDR_SLICE("/home/anna"), .domain = NDR_SLICE("example.net")},
        {.path = NDR_SLICE("/home/two")},
    };
    const ndr_mailboxes by = {.row = table, .count = 2, .base = "/home"};
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true, .mailboxes = &by};
    ndr_scanner *s = scanner(&opts);
    ndr_message m = make_message(ndr_slice_of(row->mail));
    m.source = row->source;
    const ndr_verdict v = facts_of(s, &m);
    assert_slice(v.recipient, row->want);
    assert_int_equal(v.recipient_origin, row->origin);
    assert_int_equal((v.flags & NDR_MSG_ELSEWHERE) != 0, row->elsewhere);
    assert_int_equal(v.local.len, strcspn(row->want, "@"));
    ndr_scanner_free(s);
}

typedef struct arrival_row {
    const char *why, *mail;
    int64_t framed;
    bool by_name;
    int64_t file_time;
    enum ndr_clock clock;
    int64_t want;
    enum ndr_origin origin;
} arrival_row;

#define RECEIVED(t) "Received: from a; by b; " t "\n"
#define DATE        "Date: Thu, 1 Jan 1970 00:00:05 +0000\n"
enum { NO = -7 }; /* unknown */

static const arrival_row arrivals[] = {
    {"Received comes first", DATE RECEIVED("Thu, 1 Jan 1970 00:00:01 +0000"), 2, false, 3,
     NDR_CLOCK_ARRIVAL, 1, NDR_FROM_RECEIVED},
    {"the topmost Received counts",
     RECEIVED("Thu, 1 Jan 1970 00:00:01 +0000")
         RECEIVED("Thu, 1 Jan 1970 00:00:09 +0000"),
     NO, false, NO, NDR_CLOCK_ARRIVAL, 1, NDR_FROM_RECEIVED},
    {"a topmost Received without a date gives way to the next origin",
     RECEIVED("never") RECEIVED("Thu, 1 Jan 1970 00:00:09 +0000"), 2, false, 3,
     NDR_CLOCK_ARRIVAL, 2, NDR_FROM_POSTMARK},
    {"a Received without a semicolon gives way",
     "Received: from a by b Thu, 1 Jan 1970 00:00:01 +0000\n", 2, false, 3,
     NDR_CLOCK_ARRIVAL, 2, NDR_FROM_POSTMARK},
    {"a folded Received",
     "Received: from a\n by b;\n\tThu, 1 Jan 1970\n 00:00:01 +0000 (UTC)\n", NO, false,
     NO, NDR_CLOCK_ARRIVAL, 1, NDR_FROM_RECEIVED},
    {"then the From_ line", DATE, 2, false, 3, NDR_CLOCK_ARRIVAL, 2, NDR_FROM_POSTMARK},
    {"or the Maildir name", DATE, 2, true, 3, NDR_CLOCK_ARRIVAL, 2,
     NDR_FROM_MAILDIR_NAME},
    {"then file time", DATE, NO, false, 3, NDR_CLOCK_ARRIVAL, 3, NDR_FROM_FILE_TIME},
    {"then Date", DATE, NO, false, NO, NDR_CLOCK_ARRIVAL, 5, NDR_FROM_DATE},
    {"nothing", "Subject: x\n", NO, false, NO, NDR_CLOCK_ARRIVAL, NO, NDR_FROM_NOTHING},
    {"the clock is Date", DATE RECEIVED("Thu, 1 Jan 1970 00:00:01 +0000"), 2, false, 3,
     NDR_CLOCK_DATE, 5, NDR_FROM_DATE},
    {"the clock is Date and there is none", "Subject: x\n", 2, false, 3, NDR_CLOCK_DATE,
     2, NDR_FROM_POSTMARK},
    {"the clock is now", DATE RECEIVED("Thu, 1 Jan 1970 00:00:01 +0000"), 2, false, 3,
     NDR_CLOCK_NOW, 42, NDR_FROM_CLOCK},
};

static int64_t
time_of(int64_t t)
{
    return t == NO ? NDR_TIME_UNKNOWN : t;
}

static void
arrival_test(void **state)
{
    const arrival_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true, .clock = row->clock, .now = 42};
    ndr_scanner *s = scanner(&opts);
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    m.framed = time_of(row->framed);
    m.framed_by_name = row->by_name;
    m.file_time = time_of(row->file_time);
    const ndr_verdict v = facts_of(s, &m);
    drop_slice(raw);
    assert_true(v.arrived == time_of(row->want));
    assert_int_equal(v.arrived_origin, row->origin);
    ndr_scanner_free(s);
}

typedef struct id_row {
    const char *why, *mail, *want;
} id_row;

static const id_row ids[] = {
    {"angle brackets go", "Message-ID: <a@b>\n", "a@b"},
    {"without them", "Message-Id: a@b\n", "a@b"},
    {"the first counts", "Message-ID: <a>\nMessage-ID: <b>\n", "a"},
    {"none", "Subject: x\n", ""},
    {"brackets alone", "Message-ID: <>\n", ""},
    {"one bracket stays", "Message-ID: <a\n", "<a"},
    {"8-bit is UTF-8 afterwards", "Message-ID: <\xe4>\n", "\xc3\xa4"},
};

static void
id_test(void **state)
{
    const id_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true};
    ndr_scanner *s = scanner(&opts);
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    const ndr_verdict v = facts_of(s, &m);
    drop_slice(raw);
    assert_slice(v.message_id, row->want);
    ndr_scanner_free(s);
}

/* A message that went round in circles: hundreds of Received must not hide To. */
static void
loop_test(void **state)
{
    (void)state;
    ndr_buffer mail = {0};
    for (int i = 0; i < 500; i++)
        ndr_buffer_text(&mail, "Received: from a by b; Thu, 1 Jan 1970 00:00:01 +0000\n");
    ndr_buffer_text(&mail, "To: to@example.com\nMessage-ID: <x>\n\n");
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true};
    ndr_scanner *s = scanner(&opts);
    ndr_message m = make_message((ndr_slice){mail.ptr, mail.len});
    const ndr_verdict v = facts_of(s, &m);
    assert_slice(v.recipient, "to@example.com");
    assert_slice(v.message_id, "x");
    assert_true(v.arrived == 1);
    ndr_scanner_free(s);
    ndr_buffer_free(&mail);
}

static void
none_test(void **state)
{
    (void)state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = scanner(&opts);
    ndr_message m =
        make_message(NDR_SLICE("Subject: x\nTo: a@example.com\nMessage-ID: <x>\n\n"));
    const ndr_verdict v = facts_of(s, &m);
    assert_int_equal(v.decision, NDR_NONE);
    assert_int_equal(v.recipient.len + v.domain.len + v.message_id.len, 0);
    assert_int_equal(v.recipient_origin, NDR_FROM_NOTHING);
    assert_true(v.arrived == NDR_TIME_UNKNOWN);
    ndr_scanner_free(s);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(recipients, recipient_test);
    ADD_ROWS(envelopes, envelope_test);
    add_test("now moves on while a scanner lives", later_test);
    ADD_ROWS(paths, path_test);
    ADD_ROWS(mapped, map_test);
    ADD_ROWS(arrivals, arrival_test);
    ADD_ROWS(ids, id_test);
    add_test("hundreds of Received do not hide other fields", loop_test);
    add_test("what is no bounce has no facts unless they are asked for", none_test);
    add_test("the rules are freed", drop);
    return run_added("facts");
}
