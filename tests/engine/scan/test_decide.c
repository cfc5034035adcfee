/* SPDX-License-Identifier: BSD-3-Clause */
#include "scan/decide.h"

#include "bytes.h"

#include <stdio.h>

typedef struct kind_row {
    const char *why;
    enum ndr_kind rule;
    int rank;
    enum ndr_kind report;
    bool has_action;
    enum ndr_kind want;
} kind_row;

static const kind_row kinds[] = {
    {"no report: the rule's kind", NDR_KIND_FAILED, 5, NDR_KIND_NONE, false,
     NDR_KIND_FAILED},
    {"an action outweighs the rule", NDR_KIND_FAILED, 5, NDR_KIND_DELAYED, true,
     NDR_KIND_DELAYED},
    {"an action outweighs a sure rule too", NDR_KIND_CHALLENGE, 9, NDR_KIND_FAILED, true,
     NDR_KIND_FAILED},
    {"a receipt outweighs failed", NDR_KIND_FAILED, 5, NDR_KIND_RECEIPT, false,
     NDR_KIND_RECEIPT},
    {"a receipt outweighs delayed", NDR_KIND_DELAYED, 5, NDR_KIND_RECEIPT, false,
     NDR_KIND_RECEIPT},
    {"feedback outweighs delivered", NDR_KIND_DELIVERED, 5, NDR_KIND_FEEDBACK, false,
     NDR_KIND_FEEDBACK},
    {"a receipt does not outweigh a challenge", NDR_KIND_CHALLENGE, 5, NDR_KIND_RECEIPT,
     false, NDR_KIND_CHALLENGE},
    {"a receipt does not outweigh an auto-reply of rank 2", NDR_KIND_AUTO_REPLY, 2,
     NDR_KIND_RECEIPT, false, NDR_KIND_AUTO_REPLY},
    {"a receipt outweighs a generic auto-reply", NDR_KIND_AUTO_REPLY, 1, NDR_KIND_RECEIPT,
     false, NDR_KIND_RECEIPT},
    {"rank 0 is generic too", NDR_KIND_REJECTED_CONTENT, 0, NDR_KIND_FEEDBACK, false,
     NDR_KIND_FEEDBACK},
    {"a generic rule without a report", NDR_KIND_FAILED, 1, NDR_KIND_NONE, false,
     NDR_KIND_FAILED},
};

static void
kind_test(void **state)
{
    const kind_row *row = *state;
    const ndr_rule rule = {.kind = row->rule, .rank = row->rank};
    const ndr_report report = {.kind = row->report, .has_action = row->has_action};
    assert_int_equal(ndr_decide_kind(&rule, &report), row->want);
}

static const ndr_rule postfix = {.id = "a", .system = "Postfix"},
                      nobody = {.id = "b", .system = ""};

static const ndr_window table[] = {
    {.domain = {(const unsigned char *)"example.com", 11},
     .from = 1000,
     .until = 2000,
     .kinds = NDR_KINDS_DEFAULT},
    {.domain = {(const unsigned char *)"example.net", 11},
     .from = 1000,
     .until = NDR_TIME_OPEN,
     .kinds = NDR_KINDS_DEFAULT},
};
static const ndr_windows windows = {table, 2};

typedef struct decide_row {
    const char *why;
    const ndr_rule *rule;
    enum ndr_kind kind;
    const char *domain;
    int64_t arrived;
    bool no_windows;
    enum ndr_decision want;
    const char *reason;
} decide_row;

static const decide_row decisions[] = {
    {"no rule", NULL, NDR_KIND_NONE, "example.com", 1500, false, NDR_NONE,
     "Not a bounce: no rule names it."},
    {"a window covers it", &postfix, NDR_KIND_FAILED, "example.com", 1500, false,
     NDR_JUNK,
     "Bounce (failed) from Postfix to u@example.com, arrived 1970-01-01T00:25:00Z: junk, "
     "by the "
     "window of example.com from 1970-01-01T00:16:40Z until 1970-01-01T00:33:20Z."},
    {"an open window covers it", &nobody, NDR_KIND_DELAYED, "example.net", 5000, false,
     NDR_JUNK,
     "Bounce (delayed) to u@example.net, arrived 1970-01-01T01:23:20Z: junk, by the "
     "window of "
     "example.net from 1970-01-01T00:16:40Z, still open."},
    {"from is inclusive", &nobody, NDR_KIND_FAILED, "example.com", 1000, false, NDR_JUNK,
     NULL},
    {"until is exclusive", &postfix, NDR_KIND_FAILED, "example.com", 2000, false,
     NDR_KEEP,
     "Bounce (failed) from Postfix to u@example.com, arrived 1970-01-01T00:33:20Z: kept, "
     "because "
     "no window covers it."},
    {"a kind that no window covers", &nobody, NDR_KIND_RECEIPT, "example.com", 1500,
     false, NDR_KEEP, NULL},
    {"another domain", &nobody, NDR_KIND_FAILED, "example.org", 1500, false, NDR_KEEP,
     NULL},
    {"no domain", &nobody, NDR_KIND_FAILED, "", 1500, false, NDR_KEEP,
     "Bounce (failed), arrived 1970-01-01T00:25:00Z: kept, because its recipient is not "
     "known."},
    {"no arrival", &nobody, NDR_KIND_FAILED, "example.com", NDR_TIME_UNKNOWN, false,
     NDR_KEEP,
     "Bounce (failed) to u@example.com: kept, because its arrival is not known."},
    {"neither", &nobody, NDR_KIND_CHALLENGE, "", NDR_TIME_UNKNOWN, false, NDR_KEEP,
     "Bounce (challenge): kept, because its recipient is not known."},
    {"no windows at all", &nobody, NDR_KIND_FAILED, "example.com", 1500, true, NDR_KEEP,
     "Bounce (failed) to u@example.com, arrived 1970-01-01T00:25:00Z: kept, because no "
     "window "
     "covers it."},
};

static void
decide_test(void **state)
{
    const decide_row *row = *state;
    char recipient[80];
    const int n = snprintf(recipient, sizeof recipient, "u@%s", row->domain);
    ndr_verdict v = {
        .rule = row->rule,
        .kind = row->kind,
        .recipient = {(const unsigned char *)recipient, (size_t)n},
        .local = {(const unsigned char *)recipient, 1},
        .domain = ndr_slice_of(row->domain),
        .arrived = row->arrived,
        .decision = NDR_JUNK, /* whatever was there before */
        .window = &table[0],
    };
    ndr_decide(&v, row->no_windows ? NULL : &windows);
    assert_int_equal(v.decision, row->want);
    assert_int_equal(v.window != NULL, row->want == NDR_JUNK);
    ndr_buffer reason = {0};
    ndr_verdict_reason(&v, &reason);
    if (row->reason != NULL)
        assert_buffer(&reason, row->reason);
    assert_true(reason.len > 0 && reason.ptr[reason.len - 1] == '.');
    ndr_buffer_free(&reason);
}

typedef struct codes_row {
    const char *why, *first, *second; /* status or reply of two recipients */
    int rank;
    bool from_text;
    const char *text;
    enum ndr_kind want;
} codes_row;

static const codes_row codes[] = {
    {"4xx alone, by a generic rule", "4.3.0", "", 1, true, "", NDR_KIND_DELAYED},
    {"a reply says it as well", "451", "4.7.1", 0, true, "", NDR_KIND_DELAYED},
    {"a system's own words know better", "4.3.0", "", 2, true, "", NDR_KIND_FAILED},
    {"one that failed", "4.3.0", "5.1.1", 1, true, "", NDR_KIND_FAILED},
    {"no code", "", "", 1, true, "", NDR_KIND_FAILED},
    {"the time is over", "4.4.7", "", 1, true, "", NDR_KIND_FAILED},
    {"the text gives up", "4.4.1", "", 1, true, "i'm giving up now", NDR_KIND_FAILED},
    {"a report without an action", "4.2.2", "4.4.1", 6, false, "", NDR_KIND_DELAYED},
    {"a report of success without an action", "2.0.0", "2.1.5", 6, false, "",
     NDR_KIND_DELIVERED},
    {"2.x.x in the text", "2.0.0", "", 1, true, "", NDR_KIND_FAILED},
};

static void
codes_test(void **state)
{
    const codes_row *row = *state;
    ndr_recipient two[2] = {{.status = ndr_slice_of(row->first)},
                            {.reply = ndr_slice_of(row->second)}};
    const ndr_report report = {.recipient = two, .count = 2, .from_text = row->from_text};
    const ndr_rule rule = {.kind = NDR_KIND_FAILED, .rank = row->rank};
    assert_int_equal(ndr_decide_codes(&rule, &report, ndr_slice_of(row->text)),
                     row->want);
}

/* ---- the operator's window, and one of the domain's own people ------------------------
 */

typedef struct both_row {
    const char *why;
    int operators, own; /* what each takes; NONE: there is none */
    enum ndr_whose whose;
    const char *want; /* whose window it is junk by, or is kept for */
} both_row;
enum { NONE = -1 };

static const both_row boths[] = {
    {"the operator's alone", NDR_TAKE_ALL, NONE, NDR_WHOSE_UNKNOWN, "junk operator"},
    {"their own alone", NONE, NDR_TAKE_USUAL, NDR_WHOSE_UNKNOWN, "junk own"},
    {"their own alone spares what is ours", NONE, NDR_TAKE_USUAL, NDR_WHOSE_OURS,
     "keep own"},
    {"a narrower one of theirs narrows nothing", NDR_TAKE_ALL, NDR_TAKE_FORGED,
     NDR_WHOSE_OURS, "junk operator"},
    {"a wider one takes what the operator's leaves", NDR_TAKE_FORGED, NDR_TAKE_USUAL,
     NDR_WHOSE_UNKNOWN, "junk own"},
    {"what is forged goes by the operator's", NDR_TAKE_FORGED, NDR_TAKE_USUAL,
     NDR_WHOSE_FORGED, "junk operator"},
    {"what both leave stays", NDR_TAKE_FORGED, NDR_TAKE_FORGED, NDR_WHOSE_UNKNOWN,
     "keep operator"},
    {"what is ours stays, whatever theirs says", NDR_TAKE_NOT_OURS, NDR_TAKE_ALL,
     NDR_WHOSE_OURS, "keep operator"},
    {"what was forwarded, too", NDR_TAKE_NOT_OURS, NDR_TAKE_ALL, NDR_WHOSE_FORWARDED,
     "keep operator"},
};

static void
both_test(void **state)
{
    const both_row *row = *state;
    ndr_window w[2];
    size_t n = 0;
    const ndr_window one = {.domain = NDR_SLICE("a.example"),
                            .from = 1,
                            .until = NDR_TIME_OPEN,
                            .kinds = NDR_KINDS_DEFAULT};
    if (row->operators != NONE) {
        w[n] = one;
        w[n++].take = (enum ndr_take)row->operators;
    }
    if (row->own != NONE) {
        w[n] = one;
        w[n].from = 2;
        w[n].delegated = true;
        w[n++].take = (enum ndr_take)row->own;
    }
    const ndr_windows all = {w, n};
    const ndr_evidence e = {.whose = row->whose, .decisive = -1};
    static const ndr_rule rule;
    ndr_verdict v = {.rule = &rule,
                     .kind = NDR_KIND_FAILED,
                     .domain = NDR_SLICE("a.example"),
                     .arrived = 5,
                     .evidence = &e};
    ndr_decide(&v, &all);
    const ndr_window *by = v.window != NULL ? v.window : v.spared;
    char got[32];
    (void)snprintf(got, sizeof got, "%s %s", ndr_decision_name(v.decision),
                   by == NULL      ? "none"
                   : by->delegated ? "own"
                                   : "operator");
    assert_string_equal(got, row->want);
}

int
main(void)
{
    ADD_ROWS(codes, codes_test);
    ADD_ROWS(kinds, kind_test);
    ADD_ROWS(decisions, decide_test);
    ADD_ROWS(boths, both_test);
    return run_added("decide");
}
