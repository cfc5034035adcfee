/* SPDX-License-Identifier: BSD-3-Clause */
#include "whose_bounce.h"

#define FORGED  NDR_WHOSE_FORGED
#define UNKNOWN NDR_WHOSE_UNKNOWN
#define FIELDS_FROM(from)                                                                \
    "From: " from "\r\nTo: bob@b.example\r\nDate: Mon, 2 Mar 2026 10:59:00 +0000\r\n"    \
    "MIME-Version: 1.0\r\n"
#define FIELDS_DATED(date)                                                               \
    "From: ann@a.example\r\nTo: bob@b.example\r\nMIME-Version: 1.0\r\n" date
#define SIGNED_BY(name, d)                                                               \
    .top = REMOTE name ": v=1; a=rsa-sha256; d=" d "; s=x; h=from; bh=x; b=x\r\n"
#define RECEIVED_AT(date)                                                                \
    "Received: from x (x [192.0.2.25]) by mx.b.example; " date "\r\n"

static const bounce rows[] = {
    {"all conditions hold", .want = FORGED, .rows = "all-mail unsigned;"},
    {"a header that ends with its part", .end = "", .want = FORGED},
    {"one whose last line has no end", .end = "X: y", .want = UNKNOWN,
     .rows = "all-mail cut;"},
    {"a stranger signed it", SIGNED_BY("DKIM-Signature", "x.example"), .want = FORGED},
    {"a stranger whose name ends as ours", SIGNED_BY("DKIM-Signature", "xa.example"),
     .want = FORGED},
    {"From without a name", .fields = FIELDS_FROM("ann@a.example"), .want = FORGED},
    {"From in capitals", .fields = FIELDS_FROM("Ann <ANN@A.EXAMPLE>"), .want = FORGED},
    {"a comma in a quoted name",
     .fields = FIELDS_FROM("\"x@y.example, z\" <ann@a.example>"), .want = FORGED},
    {"seen unsigned on the way",
     .top =
         REMOTE "Authentication-Results: mx.b.example; dkim=none header.d=a.example\r\n",
     .want = FORGED},

    {"a header that ends with its part, in a message that is cut", .end = "",
     .flags = NDR_MSG_TRUNCATED, .want = UNKNOWN, .rows = "all-mail cut;"},
    {"in one whose source broke off", .end = "", .flags = NDR_MSG_DAMAGED,
     .want = UNKNOWN, .rows = "all-mail cut;"},
    {"in one of which more may come", .end = "", .flags = NDR_MSG_OPEN, .want = UNKNOWN,
     .rows = "all-mail cut;"},
    {"one that ends with its part, without Message-ID",
     .fields = FIELDS_FROM("ann@a.example"), .end = "", .want = UNKNOWN,
     .rows = "all-mail cut;"},
    {"fields that the report chose",
     .fields = "From: ann@a.example\r\nTo: bob@b.example\r\nSubject: Hi\r\nDate: Mon, 2 "
               "Mar 2026 "
               "10:59:00 +0000\r\nMessage-ID: <m1@a.example>\r\n",
     .want = UNKNOWN, .rows = "all-mail chosen;"},
    {"a line that is no field", .end = "[...]\r\n\r\n", .want = UNKNOWN,
     .rows = "all-mail cut;"},
    {"no Received field", .top = "", .want = UNKNOWN, .rows = "all-mail no-received;"},
    {"in text", .in_text = true, .want = UNKNOWN, .rows = "all-mail in-text;"},
    {"quoted", .top = "> Received: x\r\n", .fields = "> From: ann@a.example\r\n",
     .end = ">\r\n", .want = UNKNOWN},
    {"From in a subdomain", .fields = FIELDS_FROM("ann@x.a.example"), .want = UNKNOWN,
     .rows = "all-mail other-from;"},
    {"From in another domain", .fields = FIELDS_FROM("ann@b.example"), .want = UNKNOWN,
     .rows = "all-mail other-from;"},
    {"From in another domain of ours", .fields = FIELDS_FROM("ann@c.example"),
     .want = UNKNOWN, .rows = "all-mail other-from;"},
    {"two in From", .fields = FIELDS_FROM("ann@a.example, x@b.example"), .want = UNKNOWN,
     .rows = "all-mail other-from;"},
    {"two paths in From", .fields = FIELDS_FROM("<ann@a.example> <x@b.example>"),
     .want = UNKNOWN, .rows = "all-mail other-from;"},
    {"two From fields", .fields = "From: ann@a.example\r\n" FIELDS, .want = UNKNOWN,
     .rows = "all-mail other-from;"},
    {"no From", .fields = "To: bob@b.example\r\nMIME-Version: 1.0\r\n", .want = UNKNOWN,
     .rows = "all-mail other-from;"},
    {"From that names nobody", .fields = FIELDS_FROM("Ann"), .want = UNKNOWN,
     .rows = "all-mail other-from;"},
    {"a signature of ours that fails", SIGNED_BY("DKIM-Signature", "a.example"),
     .want = UNKNOWN, .rows = "all-mail signed;"},
    {"of a subdomain without keys", SIGNED_BY("DKIM-Signature", "x.a.example"),
     .want = UNKNOWN, .rows = "all-mail signed;"},
    {"of the domain above", SIGNED_BY("DKIM-Signature", "example"), .want = UNKNOWN,
     .rows = "all-mail signed;"},
    {"of another domain of ours", SIGNED_BY("DKIM-Signature", "c.example"),
     .want = UNKNOWN, .rows = "all-mail signed;"},
    {"one that cannot be read", .top = REMOTE "DKIM-Signature: v=1; d=\r\n",
     .want = UNKNOWN, .rows = "all-mail signed;"},
    {"one that was put away under another name",
     SIGNED_BY("X-Mailman-Original-DKIM-Signature", "a.example"), .want = UNKNOWN,
     .rows = "all-mail signed;"},
    {"seen signed on the way",
     .top = REMOTE "Authentication-Results: mx; dkim=pass header.d=A.example\r\n",
     .want = UNKNOWN, .rows = "all-mail signed;"},
    {"sent before all mail was signed",
     .fields = FIELDS_DATED("Date: Wed, 31 Dec 2025 23:59:59 "
                            "+0000\r\n"),
     .want = UNKNOWN, .rows = "all-mail too-early;"},
    {"in the very second",
     .fields = FIELDS_DATED("Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"), .want = FORGED},
    {"received before, whatever Date says",
     .top = RECEIVED_AT("Wed, 31 Dec 2025 12:00:00 +0000"), .want = UNKNOWN,
     .rows = "all-mail too-early;"},
    {"on its way for long", .top = REMOTE RECEIVED_AT("Wed, 31 Dec 2025 12:00:00 +0000"),
     .want = UNKNOWN, .rows = "all-mail too-early;"},
    {"the bounce came before", .arrived = SINCE - 1, .want = UNKNOWN,
     .rows = "all-mail "},
    {"a Date that is none", .fields = FIELDS_DATED("Date: yesterday\r\n"),
     .want = UNKNOWN, .rows = "all-mail undated;"},
    {"no Date, but Received", .fields = FIELDS_DATED(""), .want = FORGED},
    {"no time at all", .top = "Received: from x by y\r\n", .fields = FIELDS_DATED(""),
     .want = UNKNOWN, .rows = "all-mail undated;"},
    {"sent after it came back", .arrived = ARRIVED - 3 * 86400, .want = UNKNOWN,
     .rows = "all-mail undated;"},
    {"when it came is not known", .arrived = -1, .want = UNKNOWN,
     .rows = "all-mail undated;"},
    {"our own host made the bounce", .bounce = OURS_MADE "\r\n", .want = UNKNOWN,
     .rows = "all-mail born-here;"},
    {"our own host, which is not listed",
     .bounce = "Received: by out.a.example (Postfix)\r\n\tid 1; x\r\nFrom: x\r\n\r\n",
     .want = UNKNOWN, .rows = "all-mail born-here;"},
    {"and gave it to another of ours",
     .bounce =
         "Received: from out.a.example (out.a.example [192.0.2.3]) by mail.a.example "
         "(Postfix) with ESMTP id 1; x\r\nReceived: from Debian-exim by out.a.example "
         "with local (Exim 4.96) id 1; x\r\nFrom: x\r\n\r\n",
     .want = UNKNOWN, .rows = "all-mail born-here;"},
    {"a report by our own host", .mta = "dns; mail.a.example", .want = UNKNOWN,
     .rows = "all-mail born-here;"},
    {"a report by a host in our domain", .mta = "dns;OUT.a.example", .want = UNKNOWN,
     .rows = "all-mail born-here;"},
    {"a report by another's", .mta = "dns; mx.b.example", .want = FORGED},
    {"From is our own host",
     .bounce = "Received: from x (x [192.0.2.3]) by mail.a.example "
               "(Postfix) with ESMTP id 1; x\r\n"
               "From: Mailer <MAILER-DAEMON@mail.a.example>\r\n\r\n",
     .want = UNKNOWN, .rows = "all-mail born-here;"},
    {"the bounce has no Received field", .bounce = "From: x\r\n\r\n", .want = UNKNOWN,
     .rows = "all-mail born-here;"},
    {"no hop of the bounce is from outside",
     .bounce = "Received: by somewhere.example (Postfix)\r\n\tid 1; x\r\nFrom: x\r\n\r\n",
     .want = UNKNOWN, .rows = "all-mail born-here;"},
    {"the bounce's header is cut", .bounce = OUTSIDE, .want = UNKNOWN,
     .rows = "all-mail born-here;"},
    {"our relay had it", .top = LOGGED_IN, .want = UNKNOWN, .rows = "all-mail vouched;"},
    {"it is proven ours", .set = SET_TO, .want = NDR_WHOSE_OURS,
     .rows = "all-mail missing;"},
    {"it is proven ours, and the header is cut", .set = SET_TO, .end = "x\r\n",
     .want = NDR_WHOSE_OURS, .rows = "dkim none;sent-to pass;sent pass;"},
    {"of a domain that states nothing", .to = "x@c.example",
     .fields = FIELDS_FROM("ann@c.example"), .want = UNKNOWN, .rows = "dkim none;"},
};

/* Nothing proves these, of a domain that states nothing: which could be told? */
#define STATES_NOTHING .to = "x@c.example", .want = UNKNOWN
#define OF_C           STATES_NOTHING, .fields = FIELDS_FROM("ann@c.example")
typedef struct judged_row {
    const char *why;
    bounce b;
    bool judged;
} judged_row;
static const judged_row judged_rows[] = {
    {"a whole header without a signature of ours", {.why = "", OF_C}, true},
    {"a stranger signed it",
     {.why = "", OF_C, SIGNED_BY("DKIM-Signature", "x.example")},
     true},
    {"a signature of ours that fails",
     {.why = "", OF_C, SIGNED_BY("DKIM-Signature", "c.example")},
     false},
    {"in text", {.why = "", OF_C, .in_text = true}, false},
    {"a header that is cut", {.why = "", OF_C, .end = "X: y"}, false},
    {"no Received field", {.why = "", OF_C, .top = ""}, false},
    {"From in another domain",
     {.why = "", STATES_NOTHING, .fields = FIELDS_FROM("ann@b.example")},
     false},
    {"fields that the report chose",
     {.why = "",
      STATES_NOTHING,
      .fields = "From: ann@c.example\r\nTo: bob@b.example\r\nSubject: Hi\r\n"},
     false},
    {"our own host made the bounce",
     {.why = "", OF_C, .bounce = OURS_MADE "\r\n"},
     false},
    {"sent before all mail was signed",
     {.why = "",
      .want = UNKNOWN,
      .fields = FIELDS_DATED("Date: Wed, 31 Dec 2025 23:59:59 +0000\r\n")},
     true},
    {"it is forged", {.why = "", .want = FORGED}, true},
    {"it is ours",
     {.why = "", .want = NDR_WHOSE_OURS, .set = SET_TO, .end = "x\r\n"},
     true},
};

static void
judged_test(void **state)
{
    const judged_row *row = *state;
    int set = row->b.set;
    ndr_prover *p = bounce_prover(&set);
    const ndr_evidence e = bounce_judge(p, &row->b);
    assert_int_equal(e.whose, row->b.want);
    assert_int_equal(e.judged, row->judged);
    ndr_prover_free(p);
}

/* Cut anywhere it is not forged, but where a header may end. */
static void
test_cut(void **state)
{
    (void)state;
    static const char text[] = REMOTE FIELDS "\r\n";
    int set = 0;
    ndr_prover *p = bounce_prover(&set);
    for (size_t n = 0; n < sizeof text - 2; n++) {
        char cut[sizeof text];
        memcpy(cut, text, n);
        cut[n] = '\0';
        const bounce b = {
            .top = "", .fields = "", .end = cut, .flags = NDR_MSG_TRUNCATED};
        assert_int_equal(bounce_judge(p, &b).whose, UNKNOWN);
    }
    ndr_prover_free(p);
}

/* No other proof: a weak one that is believed no more is one all the same. */
static void
test_replay(void **state)
{
    (void)state;
    int set = SET_ID;
    ndr_prover *p = bounce_prover(&set);
    char to[32];
    for (int i = 0; i < 40; i++) {
        (void)snprintf(to, sizeof to, "u%d@b.example", i);
        const bounce b = {.failed = to};
        assert_int_not_equal(bounce_judge(p, &b).whose, FORGED);
    }
    ndr_prover_free(p);
}

/* Without keys no signature is verified, and what has one is not forged. */
static void
test_no_keys(void **state)
{
    (void)state;
    int set = 0;
    const ndr_dkim_keys *keys = bounce_identity.dkim;
    bounce_identity.dkim = NULL;
    ndr_prover *p = bounce_prover(&set);
    const bounce with = {.sign = "a.example s1 from"}, without = {.why = ""};
    assert_int_equal(bounce_judge(p, &with).whose, UNKNOWN);
    assert_int_equal(bounce_judge(p, &without).whose, FORGED);
    ndr_prover_free(p);
    bounce_identity.dkim = keys;
}

int
main(void)
{
    bounce_set_up();
    ADD_ROWS(rows, bounce_test);
    ADD_ROWS(judged_rows, judged_test);
    add_test("a header that is cut anywhere is not forged", test_cut);
    add_test("what is replayed is not forged", test_replay);
    add_test("without keys", test_no_keys);
    const int rc = run_added(__FILE__);
    bounce_tear_down();
    return rc;
}
