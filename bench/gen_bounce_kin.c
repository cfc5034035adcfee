/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_kin.c - which other mails come back because of a message? */
#include "gen_message.h"

#include <stdio.h>

/* Body of a text/plain part or message in the message's language. */
static void
body(gen_message *m, const char *tpl)
{
    const body_form f = message_form(m);
    put_content(m, "text/plain");
    text_char(m->out, '\n');
    fill_coded(m, f.cs, f.cte, tpl);
}

void
put_receipt(gen_message *m)
{
    const words *w = &lang_words[m->lang];
    const bool outlook = rng_percent(&m->r, 50);
    begin_bounce(m);
    m->fail_count = 1;
    fill(m, "Message-ID: <{#8}.{%7}@{faildomain}>\nDate: {date}\n"
            "From: {failname} <{fail}>\nTo: {to}\n");
    put_subject(m, outlook ? w->read_prefix : "Return Receipt (displayed) - ",
                m->osubject);
    fill(m, "References: <{omid}>\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=disposition-notification;\n"
            " boundary=\"{b2}\"\n\n--{b2}\n");
    body(m, outlook
                ? w->read_text
                : "This is a Return Receipt for the mail that you sent to {fail}.\n\n"
                  "Note: This Return Receipt only acknowledges that the message was "
                  "displayed on the recipient's computer. There is no guarantee that the "
                  "recipient has read or understood the message contents.\n");
    fill(m, "\n--{b2}\nContent-Type: message/disposition-notification; "
            "name=\"MDNPart2.txt\"\n"
            "Content-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\n");
    fill(m, outlook ? "Reporting-UA: {faildomain}; Microsoft Outlook 16.0\n"
                    : "Reporting-UA: {faildomain}; Thunderbird 102.6.0\n");
    fill(m, "Original-Recipient: rfc822;{fail}\nFinal-Recipient: rfc822;{fail}\n"
            "Original-Message-ID: <{omid}>\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\n"
            "\n--{b2}\nContent-Type: text/rfc822-headers; name=\"MDNPart3.txt\"\n"
            "Content-Transfer-Encoding: 7bit\nContent-Disposition: inline\n\n");
    put_returned_header(m);
    fill(m, "\n--{b2}--\n");
}

void
put_feedback(gen_message *m)
{
    put_trace(m, rng_percent(&m->r, 50) ? "fbl@feedback.example.net" : "");
    m->fail_count = 1;
    fill(m,
         "From: Feedback Loop <fbl@feedback.example.net>\nDate: {date}\n"
         "Subject: Email Feedback Report for IP {mxip}\nTo: {to}\n"
         "Message-ID: <{%14}.{#12}@feedback.example.net>\nMIME-Version: 1.0\n"
         "Content-Type: multipart/report; report-type=feedback-report;\n"
         "\tboundary=\"{b2}\"\n\n--{b2}\nContent-Type: text/plain; charset=\"US-ASCII\"\n"
         "Content-Transfer-Encoding: 7bit\n\n"
         "This is an email abuse report for an email message received from IP\n"
         "{mxip} on {odate}.\n"
         "For more information about this format please see RFC 5965.\n"
         "\n--{b2}\nContent-Type: message/feedback-report\n\n"
         "Feedback-Type: abuse\nUser-Agent: FeedbackLoop/1.4\nVersion: 1\n"
         "Original-Mail-From: <{to}>\nOriginal-Rcpt-To: <{fail}>\n"
         "Received-Date: {odate}\nSource-IP: {mxip}\nReported-Domain: {todomain}\n"
         "\n--{b2}\nContent-Type: message/rfc822\n\n");
    put_returned(m);
    fill(m, "\n--{b2}--\n");
}

void
put_vacation(gen_message *m)
{
    const words *w = &lang_words[m->lang];
    const uint32_t luck = rng_below(&m->r, 10);
    m->fail_count = 1;
    put_trace(m, rng_percent(&m->r, 60) ? "" : m->fail[0].addr);
    if (luck < 4) { /* Exchange */
        fill(m, "From: {failname} <{fail}>\nTo: {to}\n");
        put_subject(m, w->away_prefix, m->osubject);
        fill(m, "Thread-Topic: {#16}\nThread-Index: {$40}\nDate: {date}\n"
                "Message-ID: <{#32}@{mta}>\nIn-Reply-To: <{omid}>\nX-MS-Has-Attach:\n"
                "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\n"
                "X-MS-Exchange-Inbox-Rules-Loop: {fail}\n");
    } else if (luck < 8) { /* Sieve */
        fill(m, "X-Sieve: Pigeonhole Sieve 0.5.19 (4eae2f79)\n"
                "Message-ID: <dovecot-sieve-{epoch}-{%6}-0@{mta}>\nDate: {date}\n"
                "From: {failname} <{fail}>\nTo: <{to}>\n");
        put_subject(m, w->away_prefix, m->osubject);
        fill(m, "In-Reply-To: <{omid}>\nReferences: <{omid}>\n"
                "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n");
    } else { /* the vacation program */
        fill(m, "Date: {date}\nMessage-ID: <{%12}.{@8}@{mta}>\nTo: {to}\n"
                "From: {failname} <{fail}>\n");
        put_subject(m, "away from my mail: ", m->osubject);
        fill(m, "Auto-Submitted: auto-replied\nPrecedence: junk\n");
    }
    fill(m, "MIME-Version: 1.0\n");
    body(m, w->away_text);
}

static void
tmda(gen_message *m)
{
    fill(m,
         "Date: {date}\nFrom: {failname} <{faillocal}-confirm-{%10}.{#6}@{faildomain}>\n"
         "To: {to}\nMessage-ID: <{%14}.{%5}.TMDA@{faildomain}>\n"
         "X-Delivery-Agent: TMDA/1.1.12 (Macallan)\nPrecedence: bulk\n"
         "Auto-Submitted: auto-replied\n");
    fill(
        m,
        "Subject: Please confirm your message\nIn-Reply-To: <{omid}>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=\"us-ascii\"\n\n"
        "This message was created automatically by mail delivery software (TMDA).\n\n"
        "Your message attached below is being held because the address\n"
        "<{to}> has not been verified.\n\n"
        "To release your message for delivery, please send an empty message\n"
        "to the following address, or use your mailer's \"Reply\" feature.\n\n"
        "   {faillocal}-confirm-{%10}.{#6}@{faildomain}\n\n"
        "This confirmation verifies that your message is legitimate and not\n"
        "junk-mail. You should only have to confirm your address once.\n\n"
        "If you do not respond to this confirmation request within 14 days,\n"
        "your message will not be delivered.\n");
}

static void
boxbe(gen_message *m)
{
    char subject[300];
    snprintf(subject, sizeof subject, "%s (Action Required)", m->osubject);
    fill(m, "Date: {date}\nFrom: {failname} <notification@boxbe.com>\nTo: {to}\n"
            "Message-ID: <{%10}.{%4}.{epoch}.JavaMail.prod@app{%3}>\n");
    put_subject(m, "Re: ", subject);
    fill(
        m,
        "Auto-Submitted: auto-replied\nIn-Reply-To: <{omid}>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n\n"
        "Hello {tolocal},\n\n"
        "Your message about \"{osubject}\" was waitlisted.\n\n"
        "Please add yourself to my Guest List so your messages will be delivered to "
        "my Inbox. Use the link below.\n\n"
        "http://www.boxbe.com/crs?tc={%10}_{%9}\n\nThank you,\n{fail}\n\n"
        "About this Notice\n\n"
        "This courtesy notice is part of a free service to make email more reliable and "
        "useful. Boxbe (http://www.boxbe.com) uses your existing social network and your "
        "Guest List to keep your inbox clean.\n");
}

static void
spamarrest(gen_message *m)
{
    char subject[300];
    snprintf(subject, sizeof subject, "%s (verification)", m->osubject);
    fill(m, "Date: {date}\nFrom: {failname} <{fail}>\nTo: {to}\n"
            "Message-ID: <{%12}.{#8}@spamarrest.com>\n"
            "X-Mailer: Spam Arrest\nAuto-Submitted: auto-replied\n");
    put_subject(m, "Re: ", subject);
    fill(m, "In-Reply-To: <{omid}>\nMIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=utf-8\n\n"
            "{failname} here,\n\n"
            "I'm protecting myself from receiving junk mail.\n\n"
            "Just this once, click the link below so I can receive your emails.\n"
            "You won't have to do this again.\n\n"
            "http://www.spamarrest.com/a2?{@20}\n\n"
            "{failname}\n\nSpam Arrest - Take control of your inbox!\n");
}

void
put_challenge(gen_message *m)
{
    static void (*const systems[])(gen_message *) = {tmda, boxbe, spamarrest};
    m->fail_count = 1;
    put_trace(m, rng_percent(&m->r, 60) ? "" : m->fail[0].addr);
    systems[rng_below(&m->r, 3)](m);
}
