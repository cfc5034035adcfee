/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "paragraph.h"
#include "prose.h"

typedef struct prose_row {
    const char *why, *text;
    const char *want;      /* "final|reply|status|remote MTA|diagnostic\n" each */
    const char *reporting; /* NULL: none */
    const char *failed, *to;
} prose_row;

/* The bounce came to alice@example.com, from MAILER-DAEMON@mx.example.net. */
static const prose_row rows[] = {
    {.why = "Postfix",
     "This is the Postfix program at host mx.example.net.\n\n"
     "I'm sorry to have to inform you that your message could not be\n"
     "be delivered to one or more recipients. It's attached below.\n\n"
     "For further assistance, please send mail to <postmaster@mx.example.net>\n\n"
     "<bob@example.org>: host mail.example.org[192.0.2.26] said: 550 5.1.1\n"
     "    <bob@example.org>: Recipient address rejected: User unknown (in reply to\n"
     "    RCPT TO command)\n\n"
     "<carol@example.org>: Host or domain name not found. Name service error\n",
     "bob@example.org|550|5.1.1|mail.example.org|550 5.1.1 <bob@example.org>: Recipient "
     "address "
     "rejected: User unknown\n"
     "carol@example.org||||Host or domain name not found. Name service error\n",
     "mx.example.net"},
    {.why = "Exim, two addresses in one paragraph",
     "This message was created automatically by mail delivery software.\n\n"
     "A message that you sent could not be delivered to one or more of its\n"
     "recipients. The following address(es) failed:\n\n"
     "  bob@example.org\n"
     "    (generated from sales@example.org)\n"
     "    SMTP error from remote mail server after RCPT TO:<bob@example.org>:\n"
     "    host mail.example.org [192.0.2.26]: 550 5.2.1 mailbox closed\n"
     "  carol@example.net\n"
     "    Unrouteable address\n",
     "bob@example.org|550|5.2.1|mail.example.org|550 5.2.1 mailbox closed\n"
     "carol@example.net||||Unrouteable address\n"},
    {.why = "Exim says the recipients in a field",
     "A message that you sent could not be delivered.\n\n"
     "  bob@example.org\n    mailbox is full: retry timeout exceeded\n",
     "bob@example.org||||mailbox is full: retry timeout exceeded\n"
     "dave@example.org||||\n",
     NULL,
     "bob@example.org, dave@example.org",
     NULL},
    {.why = "Sendmail, with reasons",
     "The original message was received at Wed, 14 May 2008 09:01:55 +0200\n"
     "from client.example.com [192.0.2.7]\n\n"
     "   ----- The following addresses had permanent fatal errors -----\n"
     "<bob@example.org>\n"
     "    (reason: 550 5.1.1 <bob@example.org>... User unknown)\n\n"
     "   ----- Transcript of session follows -----\n"
     "... while talking to mail.example.org.:\n"
     ">>> DATA\n<<< 550 5.1.1 <bob@example.org>... User unknown\n"
     "550 5.1.1 <bob@example.org>... User unknown\n",
     "bob@example.org|550|5.1.1|mail.example.org|550 5.1.1 <bob@example.org>... User "
     "unknown\n"},
    {.why = "old Sendmail, the code in the transcript",
     "   ----- The following addresses had delivery problems -----\n"
     "<bob@example.org>  (unrecoverable error)\n\n"
     "   ----- Transcript of session follows -----\n"
     "... while talking to mail.example.org:\n"
     ">>> RCPT To:<bob@example.org>\n<<< 553 no such mailbox\n",
     "bob@example.org|553||mail.example.org|553 no such mailbox\n"},
    {.why = "qmail, refused by a host",
     "Hi. This is the qmail-send program at mx.example.net.\n"
     "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
     "<bob@example.org>:\n192.0.2.26 does not like recipient.\n"
     "Remote host said: 550 5.7.1 go away\nGiving up on 192.0.2.26.\n\n"
     "<carol@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
     "--- Below this line is a copy of the message.\n",
     "bob@example.org|550|5.7.1|192.0.2.26|550 5.7.1 go away\n"
     "carol@example.org||5.1.1||Sorry, no mailbox here by that name. (#5.1.1)\n",
     "mx.example.net"},
    {.why = "Exchange 5.5 and 2003",
     "Your message\n\n  To:      bob@example.org\n  Subject: Cheap watches\n"
     "  Sent:    Wed, 14 May 2008 09:01:55 +0200\n\n"
     "did not reach the following recipient(s):\n\n"
     "bob@example.org on Wed, 14 May 2008 09:02:10 +0200\n"
     "    The e-mail account does not exist at the organization this message\n"
     "    was sent to.\n"
     "    <exch.example.org #5.1.1>\n",
     "bob@example.org||5.1.1||on Wed, 14 May 2008 09:02:10 +0200 The e-mail account does "
     "not "
     "exist at the organization this message was sent to. <exch.example.org #5.1.1>\n"},
    {.why = "Exchange 2007 and later",
     "Delivery has failed to these recipients or distribution lists:\n\n"
     "bob@example.org\nThe recipient's e-mail address was not found.\n\n"
     "Diagnostic information for administrators:\n\n"
     "Generating server: exch.example.net\n\n"
     "bob@example.org\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n",
     "bob@example.org|550|5.1.1||550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n",
     "exch.example.net"},
    {.why = "Domino",
     "Your message\n\n  Subject: Cheap watches\n\nwas not delivered to:\n\n  "
     "bob@example.org\n\n"
     "because:\n\n  User bob (bob@example.org) not listed in Domino Directory\n",
     "bob@example.org||||User bob (bob@example.org) not listed in Domino Directory\n"},
    {.why = "Yahoo",
     "Message from  yahoo.com.\nUnable to deliver message to the following "
     "address(es).\n\n"
     "<bob@example.org>:\nThis user doesn't have an account (bob@example.org) [0]\n\n"
     "<carol@example.org>:\nRemote host said: 552 5.2.2 over quota\n\n"
     "--- Original message follows.\n",
     "bob@example.org||||This user doesn't have an account (bob@example.org) [0]\n"
     "carol@example.org|552|5.2.2||552 5.2.2 over quota\n",
     "yahoo.com"},
    {.why = "Courier",
     "This is a delivery status notification from mx.example.net,\n\n"
     "The original message was received from alice@example.com\n\n"
     "  UNDELIVERABLE MAIL\n\n"
     "Your message to the following recipients cannot be delivered:\n\n"
     "<bob@example.org>:\n     mail.example.org [192.0.2.26]:\n"
     "     >>> RCPT TO:<bob@example.org>\n     <<< 550 User unknown.\n",
     "bob@example.org|550||mail.example.org|550 User unknown.\n"},
    {.why = "Gmail",
     "Delivery to the following recipient failed permanently:\n\n     bob@example.org\n\n"
     "Technical details of permanent failure:\nGoogle tried to deliver your message, but "
     "it was\n"
     "rejected by the server for the recipient domain example.org by mail.example.org. "
     "[192.0.2.26].\n\n"
     "The error that the other server returned was:\n550 5.1.1 no such user\n",
     "bob@example.org|550|5.1.1|mail.example.org|550 5.1.1 no such user\n"},
    {.why = "IMail puts the words in front",
     "User mailbox exceeds allowed size: bob@example.org\n\n"
     "Original message follows.\n",
     "bob@example.org||||User mailbox exceeds allowed size\n"},
    {.why = "a content filter's arrow",
     "VIRUS ALERT\n\nOur content checker found a virus\nin email presumably from you "
     "<alice@example.com>\n"
     "to the following recipient:\n-> bob@example.org\n\nDelivery of the email was "
     "stopped!\n",
     "bob@example.org||||Delivery of the email was stopped!\n"},
    {.why = "fields of a report in the text",
     "Final-Recipient: RFC822; bob@example.org\nAction: failed\nStatus: 5.1.1\n"
     "Remote-MTA: DNS; mail.example.org\nDiagnostic-Code: SMTP; 550 5.1.1 unknown\n",
     "bob@example.org|550|5.1.1|mail.example.org|550 5.1.1 unknown\n"},
    {.why = "X.400 and its kind: the address after an equals sign",
     "The following recipients could not be reached:\n\nSMTP=bob@example.org\n  not "
     "known there\n",
     "bob@example.org||||not known there\n"},
    {.why = "Japanese, brackets without blanks",
     "\xe6\xac\xa1\xe3\x81\xae\xe3\x81\x82\xe3\x81\xa6\xe5\x85\x88<bob@example.org>"
     "\xe3\x81\xaf\xe4\xb8\x8d\xe6\x98\x8e\xe3\x81\xa7\xe3\x81\x99\n",
     "bob@example.org||||\xe3\x81\xaf\xe4\xb8\x8d\xe6\x98\x8e\xe3\x81\xa7\xe3\x81\x99\n"},
    {.why = "the code before the address",
     "Error 550 5.1.1 for <bob@example.org>\n",
     "bob@example.org|550|5.1.1||550 5.1.1 for <bob@example.org>\n"},
    {.why = "in angle brackets an odd first character is the address's own",
     "<=?utf-8?Q?bob?=@example.org>: unknown user\n",
     "=?utf-8?Q?bob?=@example.org||||unknown user\n"},
    {.why = "a quoted local part",
     "\"bob smith\"@example.org: unknown user\n",
     "\"bob smith\"@example.org||||unknown user\n"},
    {.why = "an address literal",
     "<bob@[192.0.2.1]>: unknown user\n",
     "bob@[192.0.2.1]||||unknown user\n"},
    {.why = "the one who gets the bounce is not who failed",
     "Your mail from alice@example.com to bob@example.org failed.\n",
     "bob@example.org||||failed.\n"},
    {.why = "unless nobody else is there",
     "<alice@example.com>: mail for you loops\n",
     "alice@example.com||||mail for you loops\n"},
    {.why = "nor is the daemon",
     "Questions? MAILER-DAEMON@mx.example.net knows.\n\n<bob@example.org>: unknown\n",
     "bob@example.org||||unknown\n"},
    {.why = "no address in the text: the one that the message went to",
     "Your mail was refused: 554 5.7.1 spam\n",
     "bob@example.org|554|5.7.1||554 5.7.1 spam\n",
     NULL,
     NULL,
     "Bob <bob@example.org>"},
    {.why = "but not one of many",
     "Your mail was refused: 554 5.7.1 spam\n",
     "",
     NULL,
     NULL,
     "bob@example.org, carol@example.org"},
    {.why = "no address anywhere", "Your mail was refused.\n", ""},
    {.why = "no text at all", "", ""},
    {.why = "an @ alone", "@ and a@ and @b and @@ <@> \"@\" @[", ""},
    {.why = "the same address twice is one recipient",
     "<bob@example.org>: unknown\n\n<BOB@example.org>: unknown\n",
     "bob@example.org||||unknown\n"},
    {.why = "a message-id is no address",
     "Message-ID: <1@example.com>\n\n<bob@example.org>: unknown\n",
     "bob@example.org||||unknown\n"},
};

static void
prose_test(void **state)
{
    const prose_row *row = *state;
    ndr_buffer text = {0}, got = {0};
    (void)ndr_paragraphs_add(ndr_slice_of(row->text), &text);
    assert_false(text.failed);
    unsigned char *p = exact_copy(text.ptr, text.len);
    const ndr_prose hints = {
        .text = {p, text.len},
        .own = NDR_SLICE("alice@example.com"),
        .daemon = NDR_SLICE("Mail System <MAILER-DAEMON@mx.example.net>"),
        .failed = ndr_slice_of(row->failed),
        .to = ndr_slice_of(row->to),
        .message_id = NDR_SLICE("1@example.com"),
    };
    ndr_arena arena = {0};
    ndr_report r = {0};
    ndr_prose_read(&hints, &arena, &r);
    free(p); /* nothing is borrowed from the text */
    for (size_t i = 0; i < r.count; i++) {
        const ndr_recipient *x = &r.recipient[i];
        const ndr_slice all[] = {x->final, x->reply, x->status, x->remote_mta,
                                 x->diagnostic};
        for (size_t k = 0; k < 5; k++) {
            if (k > 0)
                ndr_buffer_byte(&got, '|');
            ndr_buffer_add(&got, all[k]);
        }
        ndr_buffer_byte(&got, '\n');
    }
    ndr_buffer_byte(&got, '\0');
    assert_string_equal((const char *)got.ptr, row->want);
    assert_true(ndr_slice_equal(r.reporting_mta, ndr_slice_of(row->reporting)));
    ndr_buffer_free(&text);
    ndr_buffer_free(&got);
    ndr_arena_free(&arena);
}

typedef struct code_row {
    const char *why, *status, *diagnostic, *want_status, *want_reply;
} code_row;

static const code_row code_rows[] = {
    {"the status that the report states stays", "5.0.0", "550 5.1.1 unknown", "5.0.0",
     "550"},
    {"a missing status comes from the diagnostic", "", "550 5.1.1 unknown", "5.1.1",
     "550"},
    {"a diagnostic without codes", "", "unknown", "", ""},
    {"no diagnostic", "5.1.1", "", "5.1.1", ""},
};

static void
code_test(void **state)
{
    const code_row *row = *state;
    ndr_recipient one = {.status = ndr_slice_of(row->status),
                         .diagnostic = ndr_slice_of(row->diagnostic)};
    ndr_report r = {.recipient = &one, .count = 1};
    ndr_prose_codes(&r);
    assert_true(ndr_slice_equal(one.status, ndr_slice_of(row->want_status)));
    assert_true(ndr_slice_equal(one.reply, ndr_slice_of(row->want_reply)));
}

/* Many addresses, long lines: bounded work and nothing read beyond the end. */
static void
flood_test(void **state)
{
    (void)state;
    static const char *const units[] = {"a@b ",    "<u@example.org>: 550 5.1.1 x\n",
                                        "@",       "550 ",
                                        "\"@",     "a.a@b.b.",
                                        "5.1.1 ",  "host x.y [",
                                        "x=y@z=\n"};
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        ndr_buffer text = {0};
        while (text.len < 100000)
            ndr_buffer_text(&text, units[u]);
        unsigned char *p = exact_copy(text.ptr, text.len);
        ndr_arena arena = {0};
        ndr_report r = {0};
        ndr_prose_read(&(ndr_prose){.text = {p, text.len}}, &arena, &r);
        assert_true(r.count <= 64);
        ndr_prose_codes(&r);
        free(p);
        ndr_arena_free(&arena);
        ndr_buffer_free(&text);
    }
}

int
main(void)
{
    ADD_ROWS(rows, prose_test);
    ADD_ROWS(code_rows, code_test);
    add_test("floods of addresses and codes", flood_test);
    return run_added("prose");
}
