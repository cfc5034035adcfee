/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_exim.c - what does Exim write back? */
#include "gen_message.h"

#include <stdio.h>

static void
failed_recipients(gen_message *m)
{
    for (m->fail_at = 0; m->fail_at < m->fail_count; m->fail_at++)
        fill(m, m->fail_at == 0 ? "X-Failed-Recipients: {fail}" : ",\n  {fail}");
    m->fail_at = 0;
    text_char(m->out, '\n');
}

static const char refused[] =
    "  {fail}\n    host {remote} [{remoteip}]\n"
    "    SMTP error from remote mail server after RCPT TO:<{fail}>:\n    {reply}\n";
static const char unrouteable[] = "  {fail}\n    Unrouteable address\n";
static const char unrouteable_local[] = "  {fail}\n    No such person at this address\n";

void
put_exim(gen_message *m)
{
    const uint32_t luck = rng_below(&m->r, 10);
    begin_bounce(m);
    FILL_FIELD(m, qid, "1{&5}-00{%4}-{@2}");
    FILL_FIELD(m, b1, "{epoch}-eximdsn-{%9}");
    fill(m, "Received: from Debian-exim by {mta} with local (Exim 4.94.2)\n"
            "\tid {qid}\n\tfor {to}; {date}\n");
    failed_recipients(m);
    fill(m,
         "Auto-Submitted: auto-replied\n"
         "From: Mail Delivery System <Mailer-Daemon@{mta}>\nTo: {to}\n"
         "References: <{omid}>\n"
         "Content-Type: multipart/report; report-type=delivery-status; "
         "boundary={b1}\nMIME-Version: 1.0\n"
         "Subject: Mail delivery failed: returning message to sender\n"
         "Message-Id: <E{qid}@{mta}>\nDate: {date}\n\n--{b1}\n"
         "Content-type: text/plain; charset=us-ascii\n\n"
         "This message was created automatically by mail delivery software.\n\n"
         "A message that you sent could not be delivered to one or more of its\n"
         "recipients. This is a permanent error. The following address(es) failed:\n\n");
    fill_each(m, luck < 7 ? refused : luck < 9 ? unrouteable : unrouteable_local);
    fill(m, "\n--{b1}\nContent-type: message/delivery-status\n\n"
            "Reporting-MTA: dns; {mta}\n");
    fill_each(m, luck < 7 ? "\nAction: failed\nFinal-Recipient: rfc822;{fail}\n"
                            "Status: 5.0.0\nRemote-MTA: dns; {remote}\n"
                            "Diagnostic-Code: smtp; {reply}\n"
                          : "\nAction: failed\nFinal-Recipient: rfc822;{fail}\n"
                            "Status: 5.0.0\n");
    if (m->opts->storm_sizes || rng_percent(&m->r, 80)) {
        fill(m, "\n--{b1}\nContent-type: message/rfc822\n\n");
        put_returned(m);
    } else {
        fill(m, "\n--{b1}\nContent-type: text/rfc822-headers\n\n");
        put_returned_header(m);
    }
    fill(m, "\n--{b1}--\n");
}

void
put_exim_text(gen_message *m)
{
    begin_bounce(m);
    FILL_FIELD(m, qid, "1{&5}-00{%4}-{@2}");
    fill(m, "Received: from mail by {mta} with local (Exim 4.69)\n"
            "\tid {qid}\n\tfor {to}; {date}\n");
    failed_recipients(m);
    fill(m,
         "Auto-Submitted: auto-replied\n"
         "From: Mail Delivery System <Mailer-Daemon@{mta}>\nTo: {to}\n"
         "Subject: Mail delivery failed: returning message to sender\n"
         "Message-Id: <E{qid}@{mta}>\nDate: {date}\n\n"
         "This message was created automatically by mail delivery software.\n\n"
         "A message that you sent could not be delivered to one or more of its\n"
         "recipients. This is a permanent error. The following address(es) failed:\n\n");
    fill_each(m, rng_percent(&m->r, 80)
                     ? "  {fail}\n    SMTP error from remote mail server after RCPT TO:"
                       "<{fail}>:\n    host {remote} [{remoteip}]: {reply}\n"
                     : unrouteable);
    fill(m,
         "\n------ This is a copy of the message, including all the headers. ------\n\n");
    put_returned(m);
}

void
put_exim_delayed(gen_message *m)
{
    char subject[96];
    begin_bounce(m);
    FILL_FIELD(m, qid, "1{&5}-00{%4}-{@2}");
    FILL_FIELD(m, oqid, "1{&5}-00{%4}-{@2}");
    FILL_FIELD(m, b1, "{epoch}-eximdsn-{%9}");
    fill(m, "Received: from Debian-exim by {mta} with local (Exim 4.94.2)\n"
            "\tid {qid}\n\tfor {to}; {date}\n"
            "Auto-Submitted: auto-replied\n"
            "From: Mail Delivery System <Mailer-Daemon@{mta}>\nTo: {to}\n"
            "References: <{omid}>\n"
            "Content-Type: multipart/report; report-type=delivery-status; "
            "boundary={b1}\nMIME-Version: 1.0\n");
    snprintf(subject, sizeof subject, "Warning: message %s delayed 4 hours", m->oqid);
    fill(m, "Subject: ");
    text_str(m->out, subject);
    fill(m, "\nMessage-Id: <E{qid}@{mta}>\nDate: {date}\n\n--{b1}\n"
            "Content-type: text/plain; charset=us-ascii\n\n"
            "This message was created automatically by mail delivery software.\n"
            "A message that you sent has not yet been delivered to one or more of its\n"
            "recipients after more than 4 hours on the queue on {mta}.\n\n"
            "The message identifier is:     {oqid}\n"
            "The date of the message is:    {odate}\n");
    fill(m,
         m->fail_count > 1
             ? "\nThe addresses to which the message has not yet been delivered are:\n\n"
             : "\nThe address to which the message has not yet been delivered is:\n\n");
    fill_each(m, "  {fail}\n    host {remote} [{remoteip}]\n"
                 "    Delay reason: SMTP error from remote mail server after RCPT TO:"
                 "<{fail}>:\n    {reply}\n");
    fill(m, "\nNo action is required on your part. Delivery attempts will continue for\n"
            "some time, and this warning may be repeated at intervals if the message\n"
            "remains undelivered. Eventually the mail delivery software will give up,\n"
            "and when that happens, the message will be returned to you.\n"
            "\n--{b1}\nContent-type: message/delivery-status\n\n"
            "Reporting-MTA: dns; {mta}\n");
    fill_each(m, "\nAction: delayed\nFinal-Recipient: rfc822;{fail}\nStatus: 4.0.0\n"
                 "Remote-MTA: dns; {remote}\nDiagnostic-Code: smtp; {reply}\n");
    fill(m, "\n--{b1}\nContent-type: text/rfc822-headers\n\n");
    put_returned_header(m);
    fill(m, "\n--{b1}--\n");
}
