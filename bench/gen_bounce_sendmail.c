/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_sendmail.c - what do Sendmail, qmail and Courier write back? */
#include "gen_message.h"

static void
sendmail_head(gen_message *m, const char *subject, const char *submitted)
{
    begin_bounce(m);
    FILL_FIELD(m, qid, "x4D7{@4}{%6}");
    FILL_FIELD(m, b1, "{qid}.{epoch}/{mta}");
    fill(m, "Received: from localhost (localhost)\n"
            "\tby {mta} (8.15.2/8.15.2) id {qid};\n\t{date}\n"
            "Date: {date}\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@{mta}>\n"
            "Message-Id: <{%12}.{qid}@{mta}>\nTo: <{to}>\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n"
            "\tboundary=\"{b1}\"\n");
    text_str(m->out, subject);
    text_str(m->out, submitted);
    fill(m, "\nThis is a MIME-encapsulated message\n\n--{b1}\n\n");
}

static const char received_at[] =
    "The original message was received at {odate}\nfrom {mx} [{mxip}]\n\n";

void
put_sendmail(gen_message *m)
{
    sendmail_head(m, "Subject: Returned mail: see transcript for details\n",
                  "Auto-Submitted: auto-generated (failure)\n");
    fill(m, received_at);
    fill(m, "   ----- The following addresses had permanent fatal errors -----\n");
    fill_each(m, "<{fail}>\n    (reason: {reply})\n");
    fill(m, "\n   ----- Transcript of session follows -----\n"
            "... while talking to {remote}.:\n");
    fill_each(m, ">>> DATA\n<<< {reply}\n{code} {status} <{fail}>... User unknown\n");
    put_status(m,
               "\n--{b1}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns; {mta}\nReceived-From-MTA: DNS; {mx}\n"
               "Arrival-Date: {odate}\n",
               "\nFinal-Recipient: RFC822; {fail}\nAction: failed\nStatus: {status}\n"
               "Remote-MTA: DNS; {remote}\nDiagnostic-Code: SMTP; {reply}\n"
               "Last-Attempt-Date: {date}\n");
    if (m->opts->storm_sizes || rng_percent(&m->r, 75)) {
        fill(m, "\n--{b1}\nContent-Type: message/rfc822\n\n");
        put_returned(m);
    } else {
        fill(m, "\n--{b1}\nContent-Type: text/rfc822-headers\n\n");
        put_returned_header(m);
    }
    fill(m, "\n--{b1}--\n\n");
}

void
put_sendmail_text(gen_message *m)
{
    begin_bounce(m);
    fill(m, "Received: from localhost by {mta} (8.6.12/8.6.12)\n\tid {@8}; {date}\n"
            "Date: {date}\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@{mta}>\n"
            "Message-Id: <{%12}.{@8}@{mta}>\nTo: <{to}>\n"
            "Subject: Returned mail: User unknown\n\n");
    fill(m, received_at);
    fill(m, "   ----- The following addresses had delivery problems -----\n");
    fill_each(m, "<{fail}>  (unrecoverable error)\n");
    fill(m, "\n   ----- Transcript of session follows -----\n"
            "... while talking to {remote}.:\n");
    fill_each(m, ">>> RCPT To:<{fail}>\n<<< {reply}\n550 <{fail}>... User unknown\n");
    fill(m, "\n   ----- Original message follows -----\n\n");
    put_returned(m);
}

void
put_sendmail_delayed(gen_message *m)
{
    sendmail_head(m, "Subject: Warning: could not send message for past 4 hours\n",
                  "Auto-Submitted: auto-generated (warning-timeout)\n");
    fill(m, "    **********************************************\n"
            "    **      THIS IS A WARNING MESSAGE ONLY      **\n"
            "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n"
            "    **********************************************\n\n");
    fill(m, received_at);
    fill(m, "   ----- Transcript of session follows -----\n");
    fill_each(m, "<{fail}>... Deferred: Connection timed out with {remote}.\n");
    fill(m, "Warning: message still undelivered after 4 hours\n"
            "Will keep trying until message is 5 days old\n");
    put_status(m,
               "\n--{b1}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns; {mta}\nArrival-Date: {odate}\n",
               "\nFinal-Recipient: RFC822; {fail}\nAction: delayed\nStatus: 4.4.1\n"
               "Remote-MTA: DNS; {remote}\nLast-Attempt-Date: {date}\n"
               "Will-Retry-Until: {retry5}\n");
    fill(m, "\n--{b1}\nContent-Type: text/rfc822-headers\n\n");
    put_returned_header(m);
    fill(m, "\n--{b1}--\n\n");
}

void
put_qmail(gen_message *m)
{
    static const char *const causes[] = {
        "<{fail}>:\n{remoteip} does not like recipient.\nRemote host said: {reply}\n"
        "Giving up on {remoteip}.\n\n",
        "<{fail}>:\n{remoteip} failed after I sent the message.\nRemote host said: "
        "{reply}\n\n",
        "<{fail}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n",
        "<{fail}>:\nSorry, I couldn't find any host named {faildomain}. (#5.1.2)\n\n",
        "<{fail}>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
        "I'm not going to try again; this message has been in the queue too long.\n\n",
    };
    static const uint32_t weight[] = {50, 10, 20, 10, 10};
    begin_bounce(m);
    fill(m, "Received: (qmail {%5} invoked for bounce); ");
    text day = {0};
    text_date(&day, m->sent, 0);
    text_add(m->out, day.ptr + 5, day.len - 10);
    fill(m, "-0000\nDate: ");
    text_add(m->out, day.ptr + 5, day.len - 10);
    text_free(&day);
    fill(m, "-0000\nFrom: MAILER-DAEMON@{mta}\nTo: {to}\nSubject: failure notice\n\n"
            "Hi. This is the qmail-send program at {mta}.\n"
            "I'm afraid I wasn't able to deliver your message to the following "
            "addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n");
    fill_each(m, causes[rng_weighted(&m->r, weight, 5)]);
    fill(m, "--- Below this line is a copy of the message.\n\n");
    put_returned(m);
}

void
put_courier(gen_message *m)
{
    begin_bounce(m);
    FILL_FIELD(m, b1, "=_courier_{%1}");
    fill(m, "Received: from localhost (localhost [127.0.0.1])\n"
            "  by {mta} with dsn; {date}\n  id {#14}.{#8}.{#8}\n"
            "From: \"Courier mail server at {mta}\" <postmaster@{mta}>\n"
            "To: {to}\nSubject: NOTICE: mail delivery status.\nMime-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n"
            "    boundary=\"{b1}\"\nContent-Transfer-Encoding: 7bit\n"
            "Message-ID: <courier.{#16}.{#8}@{mta}>\nDate: {date}\n\n"
            "This is a MIME-formatted message.  If you see this text it means that your\n"
            "E-mail software does not support MIME-formatted messages.\n\n--{b1}\n"
            "Content-Transfer-Encoding: 7bit\n"
            "Content-Type: text/plain; charset=us-ascii\n\n\n"
            "This is a delivery status notification from {mta},\n"
            "running the Courier mail server, version 1.0.16.\n\n"
            "The original message was received on {odate}\nfrom {mx} ({mx} [{mxip}])\n\n"
            "---------------------------------------------------------------------------"
            "\n\n                           UNDELIVERABLE MAIL\n\n"
            "Your message to the following recipients cannot be delivered:\n\n");
    fill_each(m, "<{fail}>:\n    {remote} [{remoteip}]:\n>>> RCPT TO:<{fail}>\n"
                 "<<< {reply}\n\n");
    fill(m, "---------------------------------------------------------------------------"
            "\n\nIf your message was also sent to additional recipients, their delivery\n"
            "status is not included in this report.  You may or may not receive\n"
            "other delivery status notifications for additional recipients.\n\n"
            "The original message follows as a separate attachment.\n\n");
    put_status(
        m,
        "\n--{b1}\nContent-Type: message/delivery-status\n"
        "Content-Transfer-Encoding: 7bit\n\nReporting-MTA: dns; {mta}\n"
        "Arrival-Date: {odate}\nReceived-From-MTA: dns; {mx} ({mx} [{mxip}])\n",
        "\nFinal-Recipient: rfc822; {fail}\nAction: failed\nStatus: 5.0.0\n"
        "Remote-MTA: dns; {remote} [{remoteip}]\nDiagnostic-Code: smtp; {reply}\n");
    fill(m,
         "\n--{b1}\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\n");
    put_returned(m);
    fill(m, "\n--{b1}--\n");
}
