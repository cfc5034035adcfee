/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_postfix.c - what does Postfix write back? */
#include "gen_message.h"

static void
head(gen_message *m, const char *subject)
{
    begin_bounce(m);
    fill(m, "Received: by {mta} (Postfix)\n\tid {qid}; {date}\n"
            "Date: {date}\n"
            "From: MAILER-DAEMON@{mta} (Mail Delivery System)\nSubject: ");
    text_str(m->out, subject);
    fill(m, "\nTo: {to}\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n"
            "\tboundary=\"{b1}\"\n");
    if (rng_percent(&m->r, 40))
        fill(m, "Content-Transfer-Encoding: 8bit\n");
    fill(m, "Message-Id: <{%14}.{qid}@{mta}>\n\n"
            "This is a MIME-encapsulated message.\n\n--{b1}\n"
            "Content-Description: Notification\n"
            "Content-Type: text/plain; charset=us-ascii\n\n"
            "This is the mail system at host {mta}.\n\n");
}

static const char help[] = "For further assistance, please send mail to postmaster.\n\n"
                           "If you do so, please include this problem report. You can\n"
                           "delete your own text from the attached returned message.\n\n"
                           "                   The mail system\n\n";

static const char status_head[] =
    "\n--{b1}\nContent-Description: Delivery report\n"
    "Content-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; {mta}\nX-Postfix-Queue-ID: {oqid}\n"
    "X-Postfix-Sender: rfc822; {to}\nArrival-Date: {odate}\n";

static void
returned(gen_message *m, bool whole)
{
    fill(m, whole ? "\n--{b1}\nContent-Description: Undelivered Message\n"
                    "Content-Type: message/rfc822\n\n"
                  : "\n--{b1}\nContent-Description: Undelivered Message Headers\n"
                    "Content-Type: text/rfc822-headers\n\n");
    if (whole)
        put_returned(m);
    else
        put_returned_header(m);
    fill(m, "\n--{b1}--\n");
}

void
put_postfix(gen_message *m)
{
    static const char *const causes[][2] = {
        {"<{fail}>: host\n    {remote}[{remoteip}] said:\n    {reply}\n"
         "    (in reply to RCPT TO command)\n",
         "Remote-MTA: dns; {remote}\nDiagnostic-Code: smtp; {reply}\n"},
        {"<{fail}>: host\n    {remote}[{remoteip}] said:\n    {reply}\n"
         "    (in reply to end of DATA command)\n",
         "Remote-MTA: dns; {remote}\nDiagnostic-Code: smtp; {reply}\n"},
        {"<{fail}>: unknown user: \"{faillocal}\"\n",
         "Diagnostic-Code: x-unix; unknown user: \"{faillocal}\"\n"},
        {"<{fail}>: Host or domain name not found. Name service error for\n"
         "    name={faildomain} type=AAAA: Host not found\n",
         "Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error\n"
         "    for name={faildomain} type=AAAA: Host not found\n"},
    };
    const uint32_t luck = rng_below(&m->r, 20);
    const char *const *cause = causes[luck < 13 ? 0 : luck < 15 ? 1 : luck < 18 ? 2 : 3];
    head(m, "Undelivered Mail Returned to Sender");
    fill(m, "I'm sorry to have to inform you that your message could not\n"
            "be delivered to one or more recipients. It's attached below.\n\n");
    fill(m, help);
    fill_each(m, cause[0]);
    fill(m, status_head);
    for (m->fail_at = 0; m->fail_at < m->fail_count; m->fail_at++) {
        fill(m, "\nFinal-Recipient: rfc822; {fail}\n"
                "Original-Recipient: rfc822;{fail}\nAction: failed\nStatus: ");
        fill(m, luck < 15 ? "{status}\n" : luck < 18 ? "5.1.1\n" : "5.4.4\n");
        fill(m, cause[1]);
    }
    m->fail_at = 0;
    returned(m, m->opts->storm_sizes || rng_percent(&m->r, 85));
}

void
put_postfix_delayed(gen_message *m)
{
    head(m, "Delayed Mail (still being retried)");
    fill(m, "####################################################################\n"
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n"
            "####################################################################\n\n"
            "Your message could not be delivered for more than 4 hour(s).\n"
            "It will be retried until it is 5 day(s) old.\n\n");
    fill(m, help);
    const bool silent = rng_percent(&m->r, 50);
    fill_each(m, silent ? "<{fail}>: connect to {remote}[{remoteip}]:25:\n"
                          "    Connection timed out\n"
                        : "<{fail}>: host {remote}[{remoteip}] said:\n    {reply}\n"
                          "    (in reply to RCPT TO command)\n");
    put_status(m, status_head,
               silent ? "\nFinal-Recipient: rfc822; {fail}\nOriginal-Recipient: "
                        "rfc822;{fail}\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: "
                        "X-Postfix; connect to {remote}[{remoteip}]:25:\n    Connection "
                        "timed out\nWill-Retry-Until: {retry5}\n"
                      : "\nFinal-Recipient: rfc822; {fail}\nOriginal-Recipient: "
                        "rfc822;{fail}\nAction: delayed\nStatus: {status}\nRemote-MTA: "
                        "dns; {remote}\nDiagnostic-Code: smtp; {reply}\n"
                        "Will-Retry-Until: {retry5}\n");
    returned(m, false);
}

void
put_postfix_success(gen_message *m)
{
    head(m, "Successful Mail Delivery Report");
    fill(m, "Your message was successfully delivered to the destination(s)\n"
            "listed below. If the message was delivered to mailbox you will\n"
            "receive no further notifications. Otherwise you may still receive\n"
            "notifications of mail delivery errors from other systems.\n\n"
            "                   The mail system\n\n");
    fill_each(m, "<{fail}>: delivery via {remote}[{remoteip}]:25: 250 2.0.0 Ok:\n"
                 "    queued as {@11}\n");
    put_status(m, status_head,
               "\nFinal-Recipient: rfc822; {fail}\nOriginal-Recipient: rfc822;{fail}\n"
               "Action: relayed\nStatus: 2.0.0\nRemote-MTA: dns; {remote}\n"
               "Diagnostic-Code: smtp; 250 2.0.0 Ok: queued as {@11}\n");
    returned(m, false);
}
