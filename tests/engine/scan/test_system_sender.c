/* SPDX-License-Identifier: BSD-3-Clause */
/* Which signs are seen, as a trace tells them, and what they come to. */
#include "scan/system_sender.h"

#include "bytes.h"
#include "facts/sender.h"
#include "rules.h"

static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        {NDR_SIZED(ndr_rule_spec), .id = "dialect", .kind = NDR_KIND_FAILED, .rank = 5,
         .sender = NDR_ASK_SYSTEM,
         ALL({.target = "header:x-dialect", .present = true},
             {.target = "text", .match = "could not be delivered"})},
        {NDR_SIZED(ndr_rule_spec), .id = "system", .kind = NDR_KIND_FAILED, .rank = 3,
         .sender = NDR_ASK_SYSTEM, ALL({.target = "text", .match = "was not delivered"})},
        {NDR_SIZED(ndr_rule_spec), .id = "generic", .kind = NDR_KIND_FAILED, .rank = 1,
         .sender = NDR_ASK_SYSTEM, ALL({.target = "text", .match = "could not be sent"})},
        {NDR_SIZED(ndr_rule_spec), .id = "list", .kind = NDR_KIND_REJECTED_CONTENT,
         .rank = 3, .sender = NDR_ASK_SYSTEM,
         ALL({.target = "text", .match = "was refused by the list"})},
        {NDR_SIZED(ndr_rule_spec), .id = "whoever", .kind = NDR_KIND_AUTO_REPLY,
         .rank = 1, .sender = NDR_ASK_NOBODY,
         ALL({.target = "text", .match = "delivered|sent"})},
        {NDR_SIZED(ndr_rule_spec),
         .id = "look", /* at the body, where no empty path asks for it */
         .kind = NDR_KIND_FAILED, .rank = 9,
         ALL({.target = "header:x-look", .present = true},
             {.target = "text", .match = "never said"})},
    };
    rules = make_rules(specs, sizeof specs / sizeof specs[0]);
}

#define SAYS(name) (1u << NDR_SAYS_##name)
#define TO         "To: me@example.com\n"
#define PERSON     "X-Look: 1\nFrom: Bob <bob@example.net>\n" TO
#define DAEMON     "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\n" TO
#define PATH       "Return-Path: <>\nFrom: Mail <out@example.net>\n" TO
#define WORDS      "Your message to x@example.org was not delivered: 550 5.1.1 unknown.\n"
#define MIXED      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
#define RETURNED(fields)                                                                 \
    "\n--b\nContent-Type: message/rfc822\n\n" fields "\n\nHello\n--b--\n"

typedef struct system_row {
    const char *why, *mail;
    unsigned has, hasnt; /* signs, by NDR_SAYS */
    const char *rule;    /* that is named */
} system_row;

static const system_row rows[] = {
    {"a mail daemon begins with the words", DAEMON "\n" WORDS,
     SAYS(DAEMON) | SAYS(NULL_PATH) | SAYS(OPENS), SAYS(BELOW) | SAYS(BARE), "system"},
    {"a person says them: another rule may count", PERSON "\n" WORDS, SAYS(OPENS),
     SAYS(DAEMON) | SAYS(NULL_PATH), "whoever"},
    {"a person pastes them below his own",
     PERSON "\nHello Jim,\n\nlook at what I have got here today, it came this "
            "morning:\n\n" WORDS,
     SAYS(BELOW) | SAYS(GREETING), SAYS(OPENS), "whoever"},
    {"a person asks about them",
     PERSON "\nDo you know why my letter to you was not delivered this morning?\n",
     SAYS(BELOW), SAYS(OPENS), "whoever"},
    {"quoted lines are no opening", PERSON "\n> " WORDS, SAYS(QUOTED), SAYS(OPENS),
     "whoever"},
    {"what says nothing yet may stand before the words",
     PERSON
     "\nThis is an automatically generated message from the mail system.\n\n" WORDS,
     SAYS(OPENS), SAYS(BELOW), "whoever"},

    {"a message that was returned speaks for it",
     DAEMON MIXED WORDS RETURNED("From: me@example.com\nSubject: hi"), SAYS(RETURNED),
     SAYS(PASSED_ON), "system"},
    {"of a person, where the words stand first",
     PERSON MIXED WORDS RETURNED("From: a@example.net\nSubject: hi"),
     SAYS(RETURNED) | SAYS(OPENS), SAYS(PASSED_ON), "system"},
    {"and not where they stand below his own",
     PERSON MIXED
     "Hello Jim,\n\nthis came back here, look at it when there is time:\n\n" WORDS
         RETURNED("From: a@example.net\nSubject: hi"),
     SAYS(BELOW), SAYS(RETURNED) | SAYS(PASSED_ON), "whoever"},
    {"of a person, this mailbox's own",
     PERSON MIXED
     "Hello Jim,\n\nthis came back here, look at it when there is time:\n\n" WORDS
         RETURNED("From: me@example.com\nSubject: hi"),
     SAYS(BELOW) | SAYS(RETURNED), SAYS(PASSED_ON), "whoever"},
    {"a bounce that is passed on speaks against it",
     PERSON MIXED WORDS RETURNED("From: MAILER-DAEMON@example.net\nSubject: hi"),
     SAYS(PASSED_ON), SAYS(RETURNED), "whoever"},
    {"so does one with an empty return path",
     PERSON MIXED WORDS RETURNED("Return-Path: <>\nFrom: a@example.net"), SAYS(PASSED_ON),
     SAYS(RETURNED), "whoever"},
    {"unless it is this mailbox's own answer",
     DAEMON MIXED WORDS RETURNED("Return-Path: <>\nFrom: me@example.com"), SAYS(RETURNED),
     SAYS(PASSED_ON), "system"},

    {"a field that the rule asks for",
     PATH "X-Dialect: 1\n\nYour message to x@example.org could not be delivered: 550 "
          "5.1.1.\n",
     SAYS(FORM) | SAYS(OPENS), 0, "dialect"},
    {"rules that know no system have no such field", PATH "X-Dialect: 1\n\n" WORDS,
     SAYS(OPENS), SAYS(FORM), "system"},

    {"an empty path alone, and a code and an address: it is not bare",
     PATH "\nYour message to x@example.org could not be sent: 550 5.1.1 unknown.\n",
     SAYS(NULL_PATH) | SAYS(OPENS), SAYS(BARE), "generic"},
    {"without them it is", PATH "\nYour message could not be sent to the other side.\n",
     SAYS(NULL_PATH) | SAYS(OPENS) | SAYS(BARE), 0, "whoever"},

    {"a report is proven, and nothing else is asked",
     PERSON "Content-Type: multipart/report; boundary=b\n\n--b\n\n" WORDS
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
            "Final-Recipient: rfc822; x@example.org\nAction: failed\n--b--\n",
     0, ~0u, "system"},
    {"one that is not said to be sent counts, and is no proof",
     DAEMON MIXED WORDS
     "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
     "Final-Recipient: rfc822; x@example.org\nAction: failed\n--b--\n",
     SAYS(REPORT_PART) | SAYS(DAEMON), 0, "system"},
    {"one that is attached does not",
     DAEMON MIXED WORDS
     "--b\nContent-Type: message/delivery-status\nContent-Disposition: attachment\n\n"
     "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; x@example.org\n--b--\n",
     SAYS(DAEMON), SAYS(REPORT_PART), "system"},

    {"a link, and nothing that a bounce states",
     PATH "\nYour parcel was not delivered, see https://example.net/track today.\n",
     SAYS(LINK), SAYS(OWN), "whoever"},
    {"nobody but the mailbox is named",
     PATH "\nYour letter to me@example.com was not delivered.\n", SAYS(OWN), SAYS(LINK),
     "whoever"},
    {"a list may refuse its sender", DAEMON "\nYour letter was refused by the list.\n",
     SAYS(DAEMON) | SAYS(OPENS), SAYS(OWN), "list"},
};

typedef struct told {
    unsigned signs;
    bool proven;
} told;

static void
hear(void *ctx, const ndr_step *step)
{
    static const char front[] = "who says it: ";
    told *t = ctx;
    if (step->text == NULL || strncmp(step->text, front, sizeof front - 1) != 0)
        return;
    const char *what = step->text + sizeof front - 1;
    t->proven = t->proven || strstr(what, "proven by a multipart/report") != NULL;
    for (unsigned i = 0; i < NDR_SAYS_COUNT; i++)
        if (strncmp(what, ndr_sender_signs[i].what, strlen(ndr_sender_signs[i].what)) ==
                0 &&
            strncmp(what + strlen(ndr_sender_signs[i].what), " (", 2) == 0)
            t->signs |= 1u << i;
}

static void
system_test(void **state)
{
    const system_row *row = *state;
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    const ndr_slice raw = slice_copy(row->mail);
    for (int traced = 0; traced < 2; traced++) { /* a trace changes nothing */
        ndr_scanner *s = NULL;
        ndr_error err = {0};
        ndr_verdict v;
        told t = {0};
        ndr_message m = make_message(raw);
        assert_int_equal(ndr_scanner_new(&opts, &s, &err), 0);
        if (traced == 1)
            ndr_scanner_trace(s, hear, &t);
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0);
        assert_non_null(v.rule);
        if (traced == 1) {
            for (unsigned i = 0; i < NDR_SAYS_COUNT; i++)
                if (((row->has & ~t.signs) | (row->hasnt & t.signs)) & (1u << i))
                    print_error("%s\n", ndr_sender_signs[i].what);
            assert_int_equal(row->has & ~t.signs, 0);
            assert_int_equal(row->hasnt & t.signs, 0);
            assert_int_equal(t.proven, row->hasnt == ~0u);
            if (!t.proven)
                assert_int_equal(ndr_sender_is_system(t.signs),
                                 strcmp(row->rule, "whoever") != 0);
        }
        assert_string_equal(v.rule->id, row->rule);
        ndr_scanner_free(s);
    }
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
    ADD_ROWS(rows, system_test);
    add_test("all is freed", drop);
    return run_added("system_sender");
}
