/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/sender.h"

#include "harness.h"

#define BIT(name) (1u << NDR_SAYS_##name)

typedef struct header_row {
    const char *why, *header;
    unsigned signs;
} header_row;

#define PERSON "From: Anna Example <anna@example.org>\n"

static const header_row headers[] = {
    {"a person's letter says nothing", PERSON "To: bob@example.com\n\n", 0},
    {"an empty return path", "Return-Path: <>\n" PERSON "\n", BIT(NULL_PATH)},
    {"a daemon's return path", "Return-Path: <MAILER-DAEMON@a.example>\n" PERSON "\n",
     BIT(NULL_PATH)},
    {"the topmost return path counts",
     "Return-Path: <a@b.example>\nReturn-Path: <>\n" PERSON "\n", 0},
    {"a daemon's address", "From: MAILER-DAEMON@a.example\n\n", BIT(DAEMON)},
    {"a daemon's address without a domain", "From: MAILER-DAEMON (Mail System)\n\n",
     BIT(DAEMON)},
    {"a daemon's name is less", "From: Mail Delivery System <a@b.example>\n\n",
     BIT(DAEMON_NAME)},
    {"a list owner who calls himself a daemon",
     "From: \"MAILER-DAEMON list owner\" <anna@example.org>\n\n", BIT(DAEMON_NAME)},
    {"a post office's delivery service is none",
     "From: City Mail Delivery Service <noreply@post.example>\n\n", 0},
    {"nobody", "Subject: x\n\n", BIT(DAEMON_NAME)},
    {"an empty address", "From: <>\n\n", BIT(DAEMON)},
    {"a postmaster", "From: Anna <postmaster@a.example>\n\n", BIT(SYSTEM)},
    {"a postmaster and an empty return path",
     "Return-Path: <>\nFrom: postmaster@a.example\n\n",
     BIT(SYSTEM) | BIT(NULL_PATH) | BIT(BOTH)},
    {"a list program", "From: users-bounces@a.example\n\n", BIT(SYSTEM)},
    {"an automatic answer", PERSON "Auto-Submitted: auto-replied\n\n", BIT(REPLIED)},
    {"one that says that mail failed",
     PERSON "Auto-Submitted: auto-generated (failure)\n\n", BIT(REFUSED)},
    {"an automatic notice", PERSON "Auto-Submitted: auto-generated\n\n", 0},
    {"a report", PERSON "Content-Type: multipart/report; boundary=b\n\n", BIT(REPORT)},
    {"a report by its parameter",
     PERSON "Content-Type: multipart/mixed;\n report-type=delivery-status\n\n",
     BIT(REPORT)},
    {"a digest", PERSON "Content-Type: multipart/digest; boundary=b\n\n", BIT(DIGEST)},
    {"a field of bounces", PERSON "X-Failed-Recipients: bob@example.com\n\n", BIT(FIELD)},
    {"an answer", "Return-Path: <anna@example.org>\n" PERSON "In-Reply-To: <1@b>\n\n",
     BIT(ANSWER)},
    {"an answer of which no return path is known", PERSON "References: <1@b>\n\n",
     BIT(ANSWER)},
    {"a daemon may answer", "Return-Path: <>\n" PERSON "In-Reply-To: <1@b>\n\n",
     BIT(NULL_PATH)},
    {"a person's answer whose return path a gateway emptied",
     "Return-Path: <>\n" PERSON "In-Reply-To: <1@b>\nUser-Agent: Mutt/2.2.9\n\n",
     BIT(NULL_PATH) | BIT(ANSWER) | BIT(PROGRAM)},
    {"what a mail system is written in", PERSON "X-Powered-By: PHP/8.2\n\n", 0},
    {"a gateway", "From: Mail Gateway <noreply@a.example>\n\n", BIT(SYSTEM)},
    {"a company that calls itself one",
     "From: \"Gateway Tours\" <info@tours.example>\n\n", 0},
    {"a mailer whose name begins as a mail program's",
     PERSON "X-Mailer: SparkPost Import\n\n", 0},
    {"a mail program by a short name", PERSON "User-Agent: Pine.LNX.4.64\n\n",
     BIT(PROGRAM)},
    {"a mail program", PERSON "User-Agent: Mutt/2.2.9\n\n", BIT(PROGRAM)},
    {"a mail program, in X-Mailer", PERSON "X-Mailer: Apple Mail (2.3826)\n\n",
     BIT(PROGRAM)},
    {"a mail system's own mailer", PERSON "X-Mailer: <SMTP32 v8.05>\n\n", 0},
    {"a ticket system's mailer", PERSON "X-Mailer: Zammad Mail Service\n\n", BIT(TICKET)},
    {"a ticket system's fields", PERSON "X-RT-Loop-Prevention: a\nRT-Ticket: a #1\n\n",
     BIT(TICKET)},
    {"a ticket's number", PERSON "Subject: [desk #12] x\n\n", BIT(NUMBERED)},
    {"a digest", PERSON "Subject: Digest of the list users\n\n", BIT(DIGEST)},
    {"a number of something else", PERSON "Subject: we are #1 in town\n\n", 0},
    {"a list", PERSON "List-Id: <a.b.example>\n\n", BIT(LIST)},
    {"to where a list keeps bounces", PERSON "To: <users-bounces@a.example>\n\n",
     BIT(TO_BOUNCES)},
    {"to one recipient's bounces", PERSON "To: bounces+b=c.example@a.example\n\n",
     BIT(TO_BOUNCES)},
    {"to a list's owner", PERSON "To: users-owner@a.example\n\n", 0},
    {"to somebody called Bounces", PERSON "To: Bounces <b@a.example>\n\n", 0},
    {"to debounce", PERSON "To: debounce@a.example\n\n", 0},
    {"several recipients", PERSON "To: a@b.example, c@d.example\n\n", BIT(MANY)},
    {"one with a comma in its name", PERSON "To: \"Example, Bob\" <a@b.example>\n\n", 0},
    {"To and Cc", PERSON "To: a@b.example\nCc: c@d.example\n\n", BIT(MANY)},
    {"an empty field is an absent one", PERSON "In-Reply-To: \nUser-Agent:\n\n", 0},
};

static void
header_test(void **state)
{
    const header_row *row = *state;
    const size_t n = strlen(row->header);
    unsigned char *header = exact_copy(row->header, n);
    assert_int_equal(ndr_sender_of_header((ndr_slice){header, n}), row->signs);
    free(header);
}

typedef struct text_row {
    const char *why, *text;
    unsigned signs;
    const char *opening;
} text_row;

static const text_row texts[] = {
    {"no text", "", 0, ""},
    {"a bounce", "this is the mail system at a\nsorry\n", 0,
     "this is the mail system at a"},
    {"a greeting", "hello bob,\nlook at this\n", BIT(GREETING), "look at this"},
    {"a greeting in the line of the letter", "hello bob, look at this\n", BIT(GREETING),
     " look at this"},
    {"a greeting that names nobody", "dear sender,\nyour mail failed\n", 0,
     "your mail failed"},
    {"a greeting and no name", "hello,\nyour mail failed\n", 0, "your mail failed"},
    {"ladies and gentlemen", "sehr geehrte damen und herren,\nsie schrieben\n", 0,
     "sie schrieben"},
    {"a greeting in another script that names nobody", "您好，\n请看\n", 0, "请看"},
    {"a program that says hi", "hi. this is the qmail-send program at a.\n", 0,
     "hi. this is the qmail-send program at a."},
    {"an exclaiming program", "hi! this is the ezmlm program, at your service.\n", 0,
     "hi! this is the ezmlm program, at your service."},
    {"a greeting in another script", "尊敬的张三，\n请看\n", BIT(GREETING), "请看"},
    {"an end of a letter", "mail failed\nbest regards, anna\n", BIT(CLOSING),
     "mail failed"},
    {"a signature", "mail failed\n-- anna\n", BIT(CLOSING), "mail failed"},
    {"thanks at the beginning are no end", "thanks, mail failed\n", 0,
     "thanks, mail failed"},
    {"what sets text off is no text", "...\n-----\nmail failed\n", 0, "mail failed"},
    {"quoted lines", "look\n> mail failed > again\n", BIT(QUOTED), "look"},
    {"quoted lines behind who wrote them", "anna wrote: > mail failed\n", BIT(QUOTED),
     "anna wrote: > mail failed"},
    {"an SMTP session is no quotation", ">>> rcpt to:<a@b> <<< 550 no\n", 0,
     ">>> rcpt to:<a@b> <<< 550 no"},
    {"what a daemon wrote", "--- forwarded --- from: mail delivery system <m@b>\n",
     BIT(PASSED_ON), "--- forwarded --- from: mail delivery system <m@b>"},
    {"what a daemon wrote, in another language", "von: mailer-daemon@a gesendet: heute\n",
     BIT(PASSED_ON), "von: mailer-daemon@a gesendet: heute"},
    {"a daemon that is not behind a label", "mailer-daemon says: no\n", 0,
     "mailer-daemon says: no"},
    {"which message it is about", "to: a@b subject: x\ndid not reach c\n", 0,
     "did not reach c"},
    {"what is left of broken MIME", "--b1 content-type: text/plain\nmail failed\n", 0,
     "mail failed"},
};

static void
text_test(void **state)
{
    const text_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *text = exact_copy(row->text, n);
    assert_int_equal(ndr_sender_of_text((ndr_slice){text, n}), row->signs);
    const ndr_slice opening = ndr_sender_opening((ndr_slice){text, n});
    assert_int_equal(opening.len, strlen(row->opening));
    if (opening.len > 0)
        assert_memory_equal(opening.ptr, row->opening, opening.len);
    free(text);
}

typedef struct sum_row {
    const char *why;
    unsigned signs;
    bool is_system;
} sum_row;

static const sum_row sums[] = {
    {"nothing is said", 0, false},
    {"words alone", BIT(OPENS), false},
    {"words behind an empty return path", BIT(OPENS) | BIT(NULL_PATH), true},
    {"words behind an empty return path, and nobody who failed",
     BIT(OPENS) | BIT(NULL_PATH) | BIT(BARE), false},
    {"a daemon's address", BIT(DAEMON), true},
    {"a daemon that answers, through a list, politely",
     BIT(DAEMON) | BIT(LIST) | BIT(GREETING) | BIT(CLOSING), true},
    {"a person whose return path a gateway emptied", BIT(NULL_PATH) | BIT(BELOW), false},
    {"a postmaster's letter", BIT(SYSTEM) | BIT(OPENS) | BIT(GREETING), false},
    {"a postmaster's answer", BIT(SYSTEM) | BIT(OPENS) | BIT(ANSWER), false},
    {"a mail system's word below others",
     BIT(SYSTEM) | BIT(NULL_PATH) | BIT(BOTH) | BIT(BELOW), true},
    {"words alone, below others", BIT(BELOW), false},
    {"a ticket that a daemon's name opened", BIT(DAEMON_NAME) | BIT(OPENS) | BIT(TICKET),
     false},
    {"phish under a daemon's address", BIT(DAEMON) | BIT(OPENS) | BIT(LINK), false},
    {"a bounce that is handed on",
     BIT(SYSTEM) | BIT(NULL_PATH) | BIT(BOTH) | BIT(PASSED_ON), false},
};

static void
sum_test(void **state)
{
    const sum_row *row = *state;
    assert_int_equal(ndr_sender_is_system(row->signs), row->is_system);
}

static void
table_test(void **state)
{
    (void)state;
    for (int i = 0; i < NDR_SAYS_COUNT; i++) {
        assert_non_null(ndr_sender_signs[i].what);
        assert_true(ndr_sender_signs[i].weight != 0);
        assert_true((ndr_sender_signs[i].weight > 0) == (i < NDR_SAYS_ANSWER));
    }
}

int
main(void)
{
    ADD_ROWS(headers, header_test);
    ADD_ROWS(texts, text_test);
    ADD_ROWS(sums, sum_test);
    add_test("every sign has words and a weight, systems' first", table_test);
    return run_added("sender");
}
