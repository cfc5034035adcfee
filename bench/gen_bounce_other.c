/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_other.c - what do Domino, amavis and the rest write back? */
#include "gen_message.h"

void
put_domino(gen_message *m)
{
    static const char *const causes[] = {
        "User {failname} ({fail}) not listed in Domino Directory",
        "User {failname} ({fail}) not listed in public Name & Address Book",
    };
    const char *cause = causes[rng_below(&m->r, 10) < 8 ? 0 : 1];
    const bool japanese = m->lang == LANG_JA;
    if (japanese)
        cause = "ユーザー {failname} ({fail}) は Domino ディレクトリに見つかりません";
    begin_bounce(m);
    m->fail_count = 1;
    FILL_FIELD(m, b1, "==IFJRGLKFGIR{%8}UHRUHIHD");
    char subject[400];
    fill_field(m, subject, sizeof subject, cause);
    fill(m, "Auto-Submitted: auto-generated\n"
            "From: Postmaster@{mtadomain}\nTo: {to}\n");
    if (japanese)
        m->form = 0;
    put_subject(m, "DELIVERY FAILURE: ", subject);
    fill(
        m,
        "Date: {date}\nMIME-Version: 1.0\nMessage-ID: <OF{@10}.{@8}-ON{@8}.{@8}@"
        "{mtadomain}>\nX-MIMETrack: Itemize by SMTP Server on HUB/Site(Release 9.0.1FP10|"
        "March 05, 2018) at\n {date},\n\tSerialize by Router on HUB/Site at {date}\n"
        "Content-Type: multipart/report; report-type=delivery-status; "
        "boundary=\"{b1}\"\n\n"
        "--{b1}\nContent-Type: text/plain; charset=");
    const enum charset cs = japanese ? CS_2022JP : CS_UTF8;
    text_str(m->out, charset_name(cs));
    fill(m, "\n\n");
    fill_coded(m, cs, '8',
               "Your message\n\n  Subject: {osubject}\n\nwas not delivered to:\n\n"
               "  {fail}\n\nbecause:\n\n  ");
    fill_coded(m, cs, '8', cause);
    fill(m, "\n\n\n--{b1}\nContent-Type: message/delivery-status\n\nReporting-MTA: "
            "dns;{mta}\n\n"
            "Final-Recipient: rfc822;{fail}\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: X-Notes; ");
    fill_coded(m, cs, '8', cause);
    fill(m, "\n\n--{b1}\nContent-Type: message/rfc822\n\n");
    put_returned(m);
    fill(m, "\n--{b1}--\n");
}

static void
report_end(gen_message *m)
{
    put_status(m,
               "\n--{b1}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns; {mta}\nArrival-Date: {odate}\n",
               "\nFinal-Recipient: rfc822; {fail}\nAction: failed\nStatus: {status}\n"
               "Remote-MTA: dns; {remote}\nDiagnostic-Code: smtp; {reply}\n");
    if (rng_percent(&m->r, 70)) {
        fill(m, "\n--{b1}\nContent-Type: message/rfc822\n\n");
        put_returned(m);
    } else {
        fill(m, "\n--{b1}\nContent-Type: text/rfc822-headers\n\n");
        put_returned_header(m);
    }
    fill(m, "\n--{b1}--\n");
}

static void
opensmtpd(gen_message *m)
{
    fill(m, "Date: {date}\nFrom: Mailer Daemon <MAILER-DAEMON@{mta}>\nTo: {to}\n"
            "Subject: Delivery status notification: error\nMIME-Version: 1.0\n"
            "Message-ID: <{#8}@{mta}>\n"
            "Content-Type: multipart/mixed; boundary=\"{b1}\"\n\n"
            "This is a MIME-encapsulated message.\n\n--{b1}\n"
            "Content-Description: Notification\nContent-Type: text/plain; "
            "charset=us-ascii\n\n    Hi!\n\n"
            "    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n"
            "    An error has occurred while attempting to deliver a message for\n"
            "    the following list of recipients:\n\n");
    fill_each(m, "{fail}: {reply}\n");
    fill(m, "\n    Below is a copy of the original message:\n");
}

static void
messaging_server(gen_message *m)
{
    fill(m,
         "Date: {date}\nFrom: postmaster@{mtadomain}\n"
         "Subject: Delivery Notification: Delivery has failed\nTo: {to}\n"
         "Message-id: <0{@12}@{mta}>\nMIME-version: 1.0\n"
         "Content-type: multipart/report; report-type=delivery-status;\n"
         " boundary=\"{b1}\"\n\n--{b1}\nContent-type: text/plain; charset=us-ascii\n"
         "Content-language: en-US\n\n"
         "This report relates to a message you sent with the following header fields:\n\n"
         "  Message-id: <{omid}>\n  Date: {odate}\n  From: {to}\n  To: {fail}\n\n"
         "Your message cannot be delivered to the following recipients:\n\n");
    fill_each(m, "  Recipient address: {fail}\n  Reason: Remote SMTP server has rejected "
                 "address\n  Diagnostic code: smtp;{reply}\n"
                 "  Remote system: dns;{remote} (TCP|10.0.0.1|{%5}|{remoteip}|25)\n\n");
}

static void
intermail(gen_message *m)
{
    fill(m,
         "From: Mail Administrator <Postmaster@{mtadomain}>\nTo: {to}\n"
         "Subject: Mail System Error - Returned Mail\nDate: {date}\n"
         "Message-ID: <{%14}.{@8}.{mta}@{mta}>\nMIME-Version: 1.0\n"
         "Content-Type: multipart/report; report-type=delivery-status;\n"
         "\tBoundary=\"{b1}\"\n\n--{b1}\nContent-Type: text/plain; charset=us-ascii\n\n"
         "This Message was undeliverable due to the following reason:\n\n"
         "Each of the following recipients was rejected by a remote mail server.\n"
         "The reasons given by the server are included to help you determine why\n"
         "each recipient was rejected.\n\n");
    fill_each(m, "    Recipient: <{fail}>\n    Reason:    {said}\n\n");
    fill(m, "\nPlease reply to <Postmaster@{mtadomain}>\n"
            "if you feel this message to be in error.\n");
}

static void
nameless(gen_message *m)
{
    fill(m, "From: \"Mail Delivery System\" <postmaster@{mtadomain}>\nTo: <{to}>\n"
            "Subject: Undeliverable mail\nDate: {date}\nMessage-ID: <dsn.{#16}@{mta}>\n"
            "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=\"delivery-status\";\n"
            " boundary=\"{b1}\"\n\n--{b1}\nContent-Type: text/plain; charset=utf-8\n\n"
            "Your message could not be delivered to the following recipients:\n\n");
    fill_each(m, "  {fail}: {reply}\n");
}

void
put_rfc3464(gen_message *m)
{
    static void (*const systems[])(gen_message *) = {opensmtpd, messaging_server,
                                                     intermail, nameless};
    begin_bounce(m);
    FILL_FIELD(m, b1, "Boundary_{&12}.{epoch}");
    systems[rng_below(&m->r, 4)](m);
    report_end(m);
}

static const char *const amavis_subjects[] = {
    "VIRUS (Eicar-Test-Signature) in mail FROM you",
    "BANNED contents from you (.exe,.exe-ms,invoice.exe)",
    "Considered UNSOLICITED BULK EMAIL, apparently from you",
};

static void
amavis_head(gen_message *m, uint32_t what)
{
    begin_bounce(m);
    FILL_FIELD(m, b1, "----------=_{epoch}-{%5}-{%1}");
    fill(m, "From: \"Content-filter at {mta}\" <postmaster@{mta}>\nSubject: ");
    text_str(m->out, amavis_subjects[what]);
    fill(m, "\nTo: <{to}>\nMessage-ID: <S{$2}{&10}@{mta}>\nDate: {date}\n"
            "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n");
}

static void
amavis_text(gen_message *m, uint32_t what)
{
    if (what == 0)
        fill(m, "VIRUS ALERT\n\nOur content checker found\n    virus: "
                "Eicar-Test-Signature\n\n"
                "in email presumably from you <{to}>\nto the following recipient:\n-> "
                "{fail}\n\n"
                "Our internal reference code for your message is {%5}-{%2}/{&12}\n\n"
                "First upstream SMTP client IP address: [203.0.113.1{%2}]\n\n"
                "Please check your system for viruses,\n"
                "or ask your system administrator to do so.\n\n");
    else if (what == 1)
        fill(m, "BANNED CONTENTS ALERT\n\nOur content checker found\n"
                "    banned name: .exe,.exe-ms,invoice.exe\n\n"
                "in email presumably from you <{to}>\nto the following recipient:\n-> "
                "{fail}\n\n"
                "Our internal reference code for your message is {%5}-{%2}/{&12}\n\n"
                "First upstream SMTP client IP address: [203.0.113.1{%2}]\n\n");
    else
        fill(m,
             "A message from <{to}> to:\n-> {fail}\n\n"
             "was considered unsolicited bulk e-mail (UBE).\n\n"
             "Our internal reference code for your message is {%5}-{%2}/{&12}\n\n"
             "The message carried your return address, so it was either a genuine mail\n"
             "from you, or a sender address was faked and your e-mail address abused\n"
             "by third party, in which case we apologize for undesired notification.\n\n"
             "We do try to minimize backscatter for more prominent cases of UBE and\n"
             "for infected mail, but for less obvious cases some balance between\n"
             "losing genuine mail and sending undesired backscatter is sought,\n"
             "and there can be some collateral damage on either side.\n\n"
             "First upstream SMTP client IP address: [203.0.113.1{%2}]\n\n");
    fill(m, "Return-Path: <{to}>\nMessage-ID: <{omid}>\n\n"
            "Delivery of the email was stopped!\n");
}

void
put_amavis(gen_message *m)
{
    const uint32_t what = rng_below(&m->r, 3);
    m->fail_count = 1;
    amavis_head(m, what);
    fill(m, "Content-Type: text/plain; charset=\"iso-8859-1\"\n"
            "Content-Transfer-Encoding: 7bit\n\n");
    amavis_text(m, what);
}

void
put_amavis_report(gen_message *m)
{
    static const char *const diagnoses[] = {"INFECTED: Eicar-Test-Signature",
                                            "BANNED: .exe,.exe-ms,invoice.exe", "SPAM"};
    const uint32_t what = rng_below(&m->r, 3);
    m->fail_count = 1;
    amavis_head(m, what);
    fill(m, "Content-Type: multipart/report; report-type=delivery-status;\n"
            " boundary=\"{b1}\"\n\nThis is a multi-part message in MIME format...\n\n"
            "--{b1}\nContent-Type: text/plain; charset=\"iso-8859-1\"\n"
            "Content-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\n");
    amavis_text(m, what);
    fill(m,
         "\n--{b1}\n"
         "Content-Type: message/delivery-status; name=\"dsn_status\"\n"
         "Content-Disposition: inline; filename=\"dsn_status\"\n"
         "Content-Transfer-Encoding: 7bit\nContent-Description: Delivery error report\n\n"
         "Reporting-MTA: dns; {mta}\nReceived-From-MTA: dns; {mta} ([127.0.0.1])\n"
         "Arrival-Date: {odate}\n\nOriginal-Recipient: rfc822;{fail}\n"
         "Final-Recipient: rfc822;{fail}\nAction: failed\nStatus: 5.7.0\n"
         "Diagnostic-Code: smtp; 554 5.7.0 Reject, id={%5}-{%2} - ");
    text_str(m->out, diagnoses[what]);
    fill(m, "\nLast-Attempt-Date: {date}\n\n--{b1}\n"
            "Content-Type: text/rfc822-headers; name=\"header\"\n"
            "Content-Disposition: inline; filename=\"header\"\n"
            "Content-Transfer-Encoding: 7bit\nContent-Description: Message header "
            "section\n\n");
    put_returned_header(m);
    fill(m, "\n--{b1}--\n");
}

void
put_mailscanner(gen_message *m)
{
    begin_bounce(m);
    m->fail_count = 1;
    fill(m, "From: \"MailScanner\" <postmaster@{mta}>\nTo: {to}\n"
            "Subject: Warning: E-mail viruses detected\nMessage-ID: <{%14}.{@8}@{mta}>\n"
            "Date: {date}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n"
            "Our virus detector has just been triggered by a message you sent:-\n"
            "  To: {fail}\n  Subject: {osubject}\n  Date: {odate}\n\n"
            "One or more of the attachments (invoice.exe) are on\n"
            "the list of unacceptable attachments for this site and will not have\n"
            "been delivered.\n\n"
            "Consider renaming the files or putting them into a \"zip\" file to avoid\n"
            "this constraint.\n\n"
            "The virus detector said this about the message:\n"
            "Report: Executable DOS/Windows programs are dangerous in email "
            "(invoice.exe)\n\n-- \nMailScanner\nEmail Virus Scanner\n");
}
