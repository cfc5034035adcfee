/* SPDX-License-Identifier: BSD-3-Clause */
#include "whose_bounce.h"

#include <pthread.h>
#include <time.h>

#define OURS    NDR_WHOSE_OURS
#define UNKNOWN NDR_WHOSE_UNKNOWN
#define H       "from:to:subject:date"

static const bounce dkim_rows[] = {
    {"dkim-to: signed, and for whom it failed", .sign = "a.example s1 " H, .want = OURS,
     .rows = "dkim-to pass;dkim pass;"},
    {"dkim-to: in running text", .sign = "a.example s1 " H, .in_text = true, .want = OURS,
     .rows = "dkim-to pass;"},
    {"dkim-to: the header is cut behind what is signed", .sign = "a.example s1 " H,
     .end = "X-Cut: ab", .want = OURS, .rows = "dkim-to pass;"},
    {"dkim-to: another domain of ours signed it", .sign = "c.example s1 " H, .want = OURS,
     .rows = "dkim-to pass;"},
    {"dkim-to: one of two in To", .sign = "a.example s1 " H,
     .fields = "From: ann@a.example\r\nTo: x@y.example, Bob <BOB@b.example>\r\nSubject: "
               "x\r\nDate: Mon, 2 Mar 2026 10:59:00 +0000\r\n",
     .want = OURS, .rows = "dkim-to pass;"},
    {"dkim-to: in Cc", .sign = "a.example s1 from:to:cc",
     .fields = "From: ann@a.example\r\nTo: x@y.example\r\nCc: bob@b.example\r\n",
     .want = OURS, .rows = "dkim-to pass;"},
    {"dkim: failed for somebody else", .sign = "a.example s1 " H,
     .failed = "eve@b.example", .want = OURS,
     .rows = "dkim-to other-recipient;dkim pass;"},
    {"dkim: To is not signed", .sign = "a.example s1 from:subject", .want = OURS,
     .rows = "dkim-to other-recipient;dkim pass;"},
    {"dkim: nobody is named", .sign = "a.example s1 " H, .failed = "", .want = OURS,
     .rows = "dkim-to no-recipient;dkim pass;"},
    {"dkim: a To that was put in front of the signed one is nobody's",
     .sign = "a.example s1 " H, .top = REMOTE "To: eve@b.example\r\n",
     .failed = "eve@b.example", .want = OURS,
     .rows = "dkim-to other-recipient;dkim pass;"},
    {"dkim: the subject was changed", .sign = "a.example s1 " H,
     .change = "Subject: Hi|Subject: Ho", .want = UNKNOWN, .rows = "dkim fail;"},
    {"dkim: the recipient was changed", .sign = "a.example s1 " H,
     .change = "bob@b.example|eve@b.example", .failed = "eve@b.example", .want = UNKNOWN,
     .rows = "dkim fail;"},
    {"dkim: a selector that is not known", .sign = "a.example s2 " H, .want = UNKNOWN,
     .rows = "dkim unknown-selector;"},
    {"dkim: a second From", .sign = "a.example s1 " H,
     .top = REMOTE "From: x@y.example\r\n", .want = UNKNOWN, .rows = "dkim malformed;"},
    {"dkim: only a stranger signed", .sign = "y.example s1 " H, .in_text = true,
     .want = UNKNOWN, .rows = "dkim none;"},
    {"dkim: nobody signed", .in_text = true, .want = UNKNOWN, .rows = "dkim none;"},
    {"dkim: nothing was returned", .top = "", .fields = "", .end = "", .want = UNKNOWN},
};

/* What came back, by what its signature says: the table of whose mail came back. */
static const bounce matrix_rows[] = {
    {"complete header, verifies", .sign = "a.example s1 " H, .want = OURS},
    {"complete header, fails", .sign = "a.example s1 " H, .change = "Hi|Ho",
     .want = UNKNOWN, .rows = "all-mail signed;"},
    {"complete header, unknown selector", .sign = "a.example s9 " H, .want = UNKNOWN,
     .rows = "all-mail signed;"},
    {"complete header, no signature", .want = NDR_WHOSE_FORGED,
     .rows = "all-mail unsigned;"},
    {"whole message, no signature", .end = "\r\nBody\r\n", .want = NDR_WHOSE_FORGED},
    {"cut, verifies", .sign = "a.example s1 " H, .end = "<cut>\r\n", .want = OURS},
    {"cut, fails", .sign = "a.example s1 " H, .change = "Hi|Ho", .end = "<cut>\r\n",
     .want = UNKNOWN},
    {"cut, no signature", .end = "<cut>\r\n", .want = UNKNOWN, .rows = "all-mail cut;"},
    {"in text, verifies", .sign = "a.example s1 " H, .in_text = true, .want = OURS},
    {"in text, fails", .sign = "a.example s1 " H, .change = "Hi|Ho", .in_text = true,
     .want = UNKNOWN},
    {"in text, no signature", .in_text = true, .want = UNKNOWN,
     .rows = "all-mail in-text;"},
    {"nothing", .top = "", .fields = "", .end = "", .id = "", .want = UNKNOWN},
    {"nothing, but a known id", .top = "", .fields = "", .end = "", .id = "",
     .set = SET_ID, .bounce = OUTSIDE "In-Reply-To: <m1@a.example>\r\n\r\n", .want = OURS,
     .rows = "sent pass;"},
};

static const bounce sent_rows[] = {
    {"sent-to: sent to who failed", .set = SET_TO, .want = OURS,
     .rows = "sent-to pass;sent pass;"},
    {"sent-to: in text", .set = SET_TO, .in_text = true, .want = OURS},
    {"sent-to: angle brackets around the id", .set = SET_TO, .id = " <m1@a.example>",
     .want = OURS, .rows = "sent-to pass;"},
    {"sent: to somebody else", .set = SET_TO, .failed = "eve@b.example", .want = OURS,
     .rows = "sent-to other-recipient;sent pass;"},
    {"sent: to whom is not known", .set = SET_ID, .want = OURS,
     .rows = "sent-to other-recipient;sent pass;"},
    {"sent: nobody is named", .set = SET_TO, .failed = "", .want = OURS,
     .rows = "sent pass;"},
    {"sent: another id", .set = SET_TO, .id = "m2@a.example", .in_text = true,
     .want = UNKNOWN, .rows = "sent-to none;"},
    {"sent: no id", .set = SET_TO, .id = "", .in_text = true, .want = UNKNOWN},
    {"sent: too late", .set = SET_TO, .arrived = ARRIVED - 40 * 86400, .in_text = true,
     .want = UNKNOWN, .rows = "sent-to none;"},
    {"sent: when it came is not known", .set = SET_TO, .arrived = -1, .want = UNKNOWN,
     .rows = "sent-to undated;"},
    {"sent: no set", .in_text = true, .want = UNKNOWN},
    {"sent: the bounce came to another domain of ours, From is the sender's",
     .set = SET_TO, .to = "x@c.example", .want = OURS, .rows = "sent-to pass;"},
    {"sent: and the Return-Path is the sender's", .set = SET_TO, .to = "x@c.example",
     .fields = "From: z@z.example\r\n", .return_path = "ann@a.example", .want = OURS,
     .rows = "sent-to pass;"},
    {"sent: a stranger's id that our other domain did not send", .set = SET_TO,
     .to = "x@c.example", .fields = "From: z@z.example\r\n", .want = UNKNOWN,
     .rows = "sent-to none;"},
    {"sent: named by References, not first", .set = SET_TO, .id = "",
     .bounce = OUTSIDE "References: <x@y> <m1@a.example>\r\n\r\n", .want = OURS,
     .rows = "sent pass;"},
    {"sent: References that do not end", .set = SET_TO, .id = "", .in_text = true,
     .bounce = OUTSIDE "References: <m1@a.example\r\n\r\n", .want = UNKNOWN},
};

#define MADE_BY(host)                                                                    \
    "Received: by " host " (Postfix)\r\n\tid 4V; Mon, 2 Mar 2026 12:00:00 +0000\r\n"
#define REST "From: MAILER-DAEMON\r\n\r\n"
#define EXIM_MADE                                                                        \
    "Received: from Debian-exim by mail.a.example with local (Exim 4.96)\r\n\tid "       \
    "1;\r\n\t"                                                                           \
    "Mon, 2 Mar 2026 12:00:00 +0000\r\n" REST
#define TOOK(clause, with)                                                               \
    "Received: " clause " by mail.a.example (Postfix) " with                             \
    " id 1;\r\n\tMon, 2 Mar 2026 "                                                       \
    "10:59:01 +0000\r\n"
#define NEAR TOOK("from localhost (localhost [127.0.0.1])", "with ESMTP")
#define BORN .bounce = OURS_MADE "\r\n"

static const bounce born_rows[] = {
    {"born-here: from a client that had logged in", BORN, .top = LOGGED_IN, .want = OURS,
     .rows = "born-here pass;"},
    {"born-here: Exim's", .bounce = EXIM_MADE, .top = LOGGED_IN, .want = OURS},
    {"born-here: from a submitter", BORN,
     .top = TOOK("from pc (pc [198.51.100.7])", "with ESMTP"), .want = OURS},
    {"born-here: from a user of the host", BORN,
     .top = "Received: by mail.a.example (Postfix, from userid 1000)\r\n\tid 1; x\r\n",
     .want = OURS},
    {"born-here: from Exim's user", BORN,
     .top =
         "Received: from ann by mail.a.example with local (Exim 4.96)\r\n\tid 1; x\r\n",
     .want = OURS},
    {"born-here: through a content filter", BORN, .top = NEAR LOGGED_IN, .want = OURS},
    {"born-here: from a program on the host", BORN, .top = NEAR, .want = OURS},
    {"born-here: kept by LMTP on another host of ours",
     .bounce =
         "Received: from mail.a.example by imap.a.example with LMTP id 1; x\r\n" OURS_MADE
         "\r\n",
     .top = LOGGED_IN, .want = OURS},
    {"born-here: passed on by an alias",
     .bounce = MADE_BY("mail.a.example") OURS_MADE "\r\n", .top = LOGGED_IN,
     .want = OURS},
    {"born-here: a stranger's mail that we passed on", BORN,
     .top = TOOK("from x (x [192.0.2.9])", "with ESMTPS"), .want = UNKNOWN,
     .rows = "born-here none;"},
    {"born-here: a stranger's, through a content filter", BORN,
     .top = NEAR TOOK("from x (x [192.0.2.9])", "with ESMTPS"), .want = UNKNOWN,
     .rows = "born-here none;"},
    {"born-here: a stranger's, who says that we took it from a client", BORN,
     .top = TOOK("from x (x [192.0.2.9])", "with ESMTPS") LOGGED_IN, .want = UNKNOWN},
    {"born-here: a HELO that is a submitter's address", BORN,
     .top = TOOK("from [198.51.100.7] (x [192.0.2.9])", "with ESMTPS"), .want = UNKNOWN},
    {"born-here: a stranger's, fetched and given in by a program", BORN,
     .top = NEAR "Received: from pop (pop [192.0.2.9]) by localhost with POP3; x\r\n",
     .want = UNKNOWN},
    {"born-here: a user passed a stranger's on", BORN,
     .top =
         "Received: by mail.a.example (Postfix, from userid 1000)\r\n\tid 1; x\r\n" TOOK(
             "from x (x [192.0.2.9])", "with ESMTPS"),
     .want = UNKNOWN},
    {"born-here: another host took it", BORN, .top = REMOTE, .want = UNKNOWN},
    {"born-here: it stands in text", BORN, .top = LOGGED_IN, .in_text = true,
     .want = UNKNOWN, .rows = "born-here none;"},
    {"born-here: nothing was returned", BORN, .top = "", .fields = "", .end = "",
     .want = UNKNOWN},
    {"born-here: the bounce came from outside", .top = LOGGED_IN, .want = UNKNOWN,
     .rows = "relay pass;"},
    {"born-here: a stranger's bounce that an alias passed on",
     .bounce = MADE_BY("mail.a.example") OUTSIDE "\r\n", .top = LOGGED_IN,
     .want = UNKNOWN},
    {"born-here: it says so below what we wrote", .bounce = OUTSIDE OURS_MADE "\r\n",
     .top = LOGGED_IN, .want = UNKNOWN},
    {"born-here: another's host made it", .bounce = MADE_BY("mail.b.example") REST,
     .top = LOGGED_IN, .want = UNKNOWN},
    {"born-here: a user of the host wrote it",
     .bounce =
         "Received: by mail.a.example (Postfix, from userid 1000)\r\n\tid 1; x\r\n" REST,
     .top = LOGGED_IN, .want = UNKNOWN},
    {"born-here: no Received field", .bounce = REST, .top = LOGGED_IN, .want = UNKNOWN},
    {"born-here: hosts of another domain of ours are none of this one's", BORN,
     .to = "x@c.example", .top = LOGGED_IN, .want = UNKNOWN},
};

static const bounce relay_rows[] = {
    {"relay: on top", .top = LOGGED_IN, .want = UNKNOWN, .rows = "relay pass;"},
    {"relay: below one that names us",
     .top =
         "Received: from mail.a.example (x [192.0.2.9]) by mx.b.example; x\r\n" LOGGED_IN,
     .want = UNKNOWN, .rows = "relay pass;"},
    {"relay: below one that had it from somebody else", .top = REMOTE LOGGED_IN,
     .want = NDR_WHOSE_FORGED, .rows = "relay fail;"},
};

/* ---- tags, made here
 * ------------------------------------------------------------------- */

/* prvs=0DDDSSSSSS=ann@a.example, to hold until `day`. */
static void
batv(int day, char *ret, size_t n)
{
    unsigned char mac[20];
    char covered[64];
    (void)snprintf(covered, sizeof covered, "0%03dann@a.example", day % 1000);
    (void)HMAC(EVP_sha1(), "batv", 4, (unsigned char *)covered, strlen(covered), mac,
               NULL);
    (void)snprintf(ret, n, "prvs=0%03d%02x%02x%02x=ann@a.example", day % 1000, mac[0],
                   mac[1], mac[2]);
}

/* SRS0=HHHH=TT=b.example=bob@a.example, made on `day`. */
static void
srs(int day, char *ret, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char mac[20];
    char covered[64], text[32];
    const char stamp[3] = {digits[day / 32 % 32], digits[day % 32], '\0'};
    (void)snprintf(covered, sizeof covered, "%c%cb.examplebob",
                   stamp[0] >= 'A' ? stamp[0] | 0x20 : stamp[0],
                   stamp[1] >= 'A' ? stamp[1] | 0x20 : stamp[1]);
    (void)HMAC(EVP_sha1(), "srs", 3, (unsigned char *)covered, strlen(covered), mac,
               NULL);
    (void)EVP_EncodeBlock((unsigned char *)text, mac, 20);
    (void)snprintf(ret, n, "SRS0=%.4s=%s=b.example=bob@a.example", text, stamp);
}

static const struct tag_row {
    const char *why;
    const char *name;
    int days; /* from the day on which the bounce came */
    const char
        *place; /* of the address, as '@', in the bounce's header; NULL: it came there */
    bool return_path, wrong;
    enum ndr_whose want;
    const char *rows;
} tag_rows[] = {
    {"batv: it came to a tagged address", "batv", 7, .want = OURS, .rows = "batv pass;"},
    {"batv: in X-Original-To", "batv", 7, "X-Original-To: @\r\n", .want = OURS},
    {"batv: in Received", "batv", 7, "Received: from x by y for <@>; z\r\n",
     .want = OURS},
    {"batv: in the returned Return-Path", "batv", 7, .return_path = true, .want = OURS},
    {"batv: in Envelope-To", "batv", 7, "Envelope-To: <@>\r\n", .want = OURS},
    {"batv: in a field that no envelope names", "batv", 7, "X-Note: @\r\n",
     .want = UNKNOWN, .rows = "batv none;"},
    {"batv: expired, which is no sign of a forgery", "batv", -1, .want = UNKNOWN,
     .rows = "batv expired;"},
    {"batv: another's secret", "batv", 7, .wrong = true, .want = NDR_WHOSE_FORGED,
     .rows = "batv wrong;"},
    {"srs: it came to an address that we made", "srs", -3, .want = NDR_WHOSE_FORWARDED,
     .rows = "srs pass;"},
    {"srs: in X-Original-To", "srs", -3, "X-Original-To: @\r\n",
     .want = NDR_WHOSE_FORWARDED},
    {"srs: too old", "srs", -60, .want = UNKNOWN, .rows = "srs expired;"},
    {"srs: another's secret", "srs", -3, .wrong = true, .want = NDR_WHOSE_FORGED,
     .rows = "srs wrong;"},
};

static void
test_tag(void **state)
{
    const struct tag_row *row = *state;
    char address[128], header[2048];
    const int day = ARRIVED / 86400 + row->days;
    if (strcmp(row->name, "batv") == 0)
        batv(day, address, sizeof address);
    else
        srs(day, address, sizeof address);
    char *made = address + (row->name[0] == 'b' ? 9 : 5); /* of the hash */
    if (row->wrong)
        *made = *made == '0' ? '1' : '0';
    bounce b = {.why = row->why, .want = row->want, .rows = row->rows};
    if (row->place != NULL) {
        const char *at = strchr(row->place, '@');
        (void)snprintf(header, sizeof header, "%.*s%s%s" OUTSIDE "\r\n",
                       (int)(at - row->place), row->place, address, at + 1);
        b.bounce = header;
    } else if (row->return_path) {
        b.return_path = address;
    } else {
        b.to = address;
    }
    if (row->want == UNKNOWN && row->place != NULL)
        b.in_text = true;
    void *given = &b;
    bounce_test(&given);
}

/* ---- how far weak proofs go ----------------------------------------------------------
 */

static void
test_strong_first(void **state)
{
    (void)state;
    int set = SET_TO;
    ndr_prover *p = bounce_prover(&set);
    const bounce b = {.sign = "a.example s1 from:subject"};
    const ndr_evidence e = bounce_judge(p, &b);
    assert_int_equal(e.whose, OURS);
    assert_string_equal(e.proof[e.decisive].name, "sent-to");
    assert_string_equal(e.proof[e.decisive].detail, "by a.example, to bob@b.example");
    ndr_prover_free(p);
}

/* Judge one captured mail for `count` recipients from number `first` on; how many are
 * ours.
 */
static int
storm(ndr_prover *p, bounce b, int first, int count)
{
    char to[32];
    int ours = 0;
    for (int i = first; i < first + count; i++) {
        (void)snprintf(to, sizeof to, "u%d@b.example", i);
        b.failed = to;
        const ndr_evidence e = bounce_judge(p, &b);
        ours += e.whose == OURS ? 1 : 0;
        assert_true(e.whose == OURS || e.whose == UNKNOWN);
        if (e.whose == UNKNOWN)
            assert_string_equal(e.proof[1].result, "replay");
    }
    return ours;
}

static void
test_cap(void **state)
{
    (void)state;
    int set = 0;
    ndr_error err;
    ndr_buffer saved = {0}, again = {0};
    const bounce b = {.sign = "a.example s1 " H};
    ndr_prover *p = bounce_prover(&set);
    assert_int_equal(storm(p, b, 0, 20), 20);
    assert_int_equal(storm(p, b, 0, 20), 20); /* seen before: they count once */
    assert_int_equal(storm(p, b, 20, 30), 0);
    assert_int_equal(storm(p, b, 0, 20), 0); /* nor those that had been believed */
    const bounce other = {.sign = "a.example s1 from:to:date"};
    assert_int_equal(storm(p, other, 0, 20), 20);      /* another instance */
    assert_int_equal(bounce_judge(p, &b).whose, OURS); /* a strong proof is exempt */
    ndr_prover_counts_save(p, &saved);
    assert_false(saved.failed);
    ndr_prover_free(p);

    p = bounce_prover(&set); /* judged again, with what was counted */
    assert_int_equal(ndr_prover_counts_load(p, (ndr_slice){saved.ptr, saved.len}, &err),
                     0);
    assert_int_equal(storm(p, b, 0, 20), 0);
    ndr_prover_counts_save(p, &again);
    assert_int_equal(again.len, saved.len);
    ndr_prover_counts_forget(p, ARRIVED + 1);
    assert_int_equal(storm(p, b, 0, 20), 20);
    assert_int_equal(ndr_prover_counts_load(p, NDR_SLICE("x"), &err), NDR_E_DAMAGED);
    ndr_prover_free(p);
    ndr_buffer_free(&saved);
    ndr_buffer_free(&again);
}

/* Full counts take a pass back only of what they know to be over. */
static void
test_cap_full(void **state)
{
    (void)state;
    int set = 0;
    ndr_error err;
    ndr_buffer over = {0};
    const bounce b = {.sign = "a.example s1 " H};
    const bounce other = {.sign = "a.example s1 from:to:date"};
    ndr_prover *p = bounce_prover(&set);
    (void)storm(p, b, 0, 21);
    ndr_prover_counts_save(p, &over);
    assert_false(over.failed);
    ndr_prover_free(p);

    p = bounce_prover(&set);
    assert_int_equal(ndr_prover_counts_load(p, (ndr_slice){over.ptr, over.len}, &err), 0);
    assert_int_equal(
        ndr_prover_counts_load(p, NDR_SLICE("ndr-weak-limit 1 full 5\nend 0\n"), &err),
        0);
    assert_true(ndr_prover_counts_full(p));
    assert_int_equal(storm(p, b, 0, 30), 0);
    assert_int_equal(storm(p, other, 0, 30), 30);
    ndr_prover_counts_forget(p, 5);
    assert_false(ndr_prover_counts_full(p));
    assert_int_equal(storm(p, b, 0, 30), 0);
    assert_int_equal(storm(p, other, 0, 20), 20);
    assert_int_equal(storm(p, other, 20, 30), 0);
    ndr_prover_free(p);
    ndr_buffer_free(&over);
}

/* Who has counted judges by that, whatever comes. */
static void
test_fixed(void **state)
{
    (void)state;
    int set = 0;
    ndr_buffer saved = {0}, again = {0};
    const bounce over = {.sign = "a.example s1 " H};
    const bounce other = {.sign = "a.example s1 from:to:date"};
    ndr_prover *p = bounce_prover(&set);
    (void)storm(p, over, 0, 21);
    (void)storm(p, other, 0, 20);
    ndr_prover_counts_save(p, &saved);
    ndr_prover_counts_fix(p);
    assert_int_equal(storm(p, over, 0, 30), 0);
    assert_int_equal(storm(p, other, 0, 30), 30);
    ndr_prover_counts_save(p, &again);
    assert_int_equal(again.len, saved.len);
    assert_memory_equal(again.ptr, saved.ptr, saved.len);
    ndr_prover_free(p);
    ndr_buffer_free(&saved);
    ndr_buffer_free(&again);
}

/* A replayed mail is not called forged either, and an id in other brackets is the same.
 */
static void
test_replay(void **state)
{
    (void)state;
    int set = SET_ID;
    static const char *const ids[] = {"m1@a.example", "<m1@a.example>",
                                      " < m1@a.example > ", "<<m1@a.example>>"};
    ndr_prover *p = bounce_prover(&set);
    char to[32];
    for (int i = 0; i < 40; i++) {
        (void)snprintf(to, sizeof to, "u%d@b.example", i);
        const bounce b = {.failed = to, .id = ids[i % 4]};
        const ndr_evidence e = bounce_judge(p, &b);
        assert_int_equal(e.whose, i < 20 ? OURS : UNKNOWN);
    }
    ndr_prover_free(p);
}

/* ---- the rest ------------------------------------------------------------------------
 */

static void
test_not_known(void **state)
{
    (void)state;
    int set = SET_TO;
    ndr_prover *p = bounce_prover(&set);
    const bounce b = {.to = "ann@d.example", .sign = "a.example s1 " H};
    const ndr_evidence e = bounce_judge(p, &b);
    assert_false(e.known);
    assert_int_equal(e.whose, UNKNOWN);
    assert_int_equal(e.count, 0);
    assert_int_equal(e.decisive, -1);
    ndr_prover_free(p);
}

static void
test_safe(void **state)
{
    (void)state;
    int set = 0;
    ndr_prover *p = bounce_prover(&set);
    const bounce b = {.top = "DKIM-Signature: v=1; a=ed25519-sha256; d=a.example; "
                             "s=\x1b[31m\xff; h=from; bh=eA==; b=eA==\r\n"};
    const ndr_evidence e = bounce_judge(p, &b);
    assert_true(e.count > 0);
    for (size_t i = 0; i < e.count; i++)
        for (const char *d = e.proof[i].detail; *d != '\0'; d++)
            assert_true(*d >= ' ' && *d <= '~');
    ndr_prover_free(p);
}

static void
test_refused(void **state)
{
    (void)state;
    static const ndr_slice no_network[] = {{(const unsigned char *)"office", 6}};
    static const ndr_slice no_secret[] = {{NULL, 0}};
    const ndr_identity_domain rows[] = {
        {.domain = NDR_SLICE("a.example"), .submitter = no_network, .submitter_count = 1},
        {.domain = NDR_SLICE("a.example"), .batv_key = no_secret, .batv_key_count = 1},
    };
    ndr_error err;
    ndr_prover *p = NULL;
    for (size_t i = 0; i < 2; i++) {
        const ndr_identity identity = {.row = &rows[i], .count = 1};
        assert_int_equal(ndr_prover_new(&identity, NULL, NULL, &p, &err), NDR_E_SYNTAX);
        assert_non_null(strstr(err.text, "a.example"));
    }
    ndr_prover_free(NULL);
}

/* What a hostile header is full of: before the fields, repeated, and behind them. */
static const struct hostile_row {
    const char *why, *begin, *again, *end;
    bool bounce; /* in the bounce's header; else in what it returns */
} hostile_rows[] = {
    {"hostile: ids that do not end", "References: ", "<a", "\r\n", true},
    {"hostile: many ids", "References: ", "<a@b> ", "\r\n", true},
    {"hostile: Received fields of ours", "",
     "Received: by mail.a.example (Postfix) id 1\r\n", "", true},
    {"hostile: comments that do not end", "Received: from x ", "(", "\r\n", true},
    {"hostile: quotes that do not end", "Received: from ", "\"a\\", "\r\n", true},
    {"hostile: envelopes", "", "X-Original-To: prvs=0000000000=ann@a.example\r\n", "",
     true},
    {"hostile: returned Received fields", "", "Received: from x by y with z\r\n", "",
     false},
    {"hostile: signatures that cannot be read", "",
     "DKIM-Signature: v=1; d=a.example; b=\r\n", "", false},
    {"hostile: results of others", "Authentication-Results: ", "dkim=pas a.exampl ",
     "\r\n", false},
    {"hostile: a From without end", "From: ", "<\"(a", "\r\n", false},
    {"hostile: lists in From", "From: ", "a:,;", "\r\n", false},
};

/* Judge a header with so much of it, once; nanoseconds of this process's CPU time. */
static int64_t
judge_hostile(ndr_prover *p, const struct hostile_row *row, size_t bytes)
{
    ndr_buffer text = {0};
    struct timespec begun, ended;
    ndr_buffer_text(&text, row->begin);
    while (text.len < bytes)
        ndr_buffer_text(&text, row->again);
    ndr_buffer_text(&text, row->end);
    ndr_buffer_text(&text, row->bounce ? OUTSIDE "\r\n" : REMOTE);
    ndr_buffer_byte(&text, '\0');
    const char *made = (const char *)text.ptr;
    const bounce b = {
        .bounce = row->bounce ? made : NULL, .id = "x", .top = row->bounce ? NULL : made};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
    assert_int_not_equal(bounce_judge(p, &b).whose, OURS);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
    ndr_buffer_free(&text);
    return (int64_t)(ended.tv_sec - begun.tv_sec) * 1000000000 +
           (ended.tv_nsec - begun.tv_nsec);
}

/* Eight times as much costs some eight times as much, however fast the machine is, and
 * not 64 times. */
static void
test_hostile(void **state)
{
    const struct hostile_row *row = *state;
    enum { LESS = 7500, TIMES = 8, MOST_TIMES = 3 * TIMES, TRIES = 7 };
    int set = SET_ID;
    int64_t less = INT64_MAX, more = INT64_MAX;
    ndr_prover *p = bounce_prover(&set);
    for (int i = 0; i < TRIES; i++) {
        const int64_t a = judge_hostile(p, row, LESS);
        const int64_t b = judge_hostile(p, row, (size_t)LESS * TIMES);
        less = a < less ? a : less;
        more = b < more ? b : more;
    }
    assert_true(more < less * MOST_TIMES);
    ndr_prover_free(p);
}

enum { THREADS = 4, EACH = 50 };

static void *
run_thread(void *arg)
{
    ndr_prover *p = arg;
    const bounce strong = {.sign = "a.example s1 " H};
    const bounce weak = {.sign = "a.example s1 " H, .failed = "eve@b.example"};
    const bounce forged = {.why = ""};
    size_t wrong = 0;
    for (int i = 0; i < EACH; i++)
        wrong += bounce_judge(p, &strong).whose != OURS ||
                         bounce_judge(p, &weak).whose != OURS ||
                         bounce_judge(p, &forged).whose != NDR_WHOSE_FORGED
                     ? 1
                     : 0;
    return (void *)(uintptr_t)wrong;
}

static void
test_threads(void **state)
{
    (void)state;
    int set = 0;
    pthread_t thread[THREADS];
    ndr_prover *p = bounce_prover(&set);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, run_thread, p), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        assert_null(wrong);
    }
    ndr_prover_free(p);
}

int
main(void)
{
    bounce_set_up();
    ADD_ROWS(dkim_rows, bounce_test);
    ADD_ROWS(matrix_rows, bounce_test);
    ADD_ROWS(sent_rows, bounce_test);
    ADD_ROWS(born_rows, bounce_test);
    ADD_ROWS(relay_rows, bounce_test);
    ADD_ROWS(tag_rows, test_tag);
    ADD_ROWS(hostile_rows, test_hostile);
    add_test("a strong proof goes before a weak one", test_strong_first);
    add_test("one mail is believed for 20 recipients, then for none", test_cap);
    add_test("full counts take back only what they know to be over", test_cap_full);
    add_test("fixed counts change no more", test_fixed);
    add_test("an id is one instance however it is written", test_replay);
    add_test("of a domain that is not ours nothing is said", test_not_known);
    add_test("what is told is printable", test_safe);
    add_test("what is no network or secret is refused", test_refused);
    add_test("threads share a prover", test_threads);
    const int rc = run_added(__FILE__);
    bounce_tear_down();
    return rc;
}
