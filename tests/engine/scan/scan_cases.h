/* SPDX-License-Identifier: BSD-3-Clause */
/* scan_cases.h - rules that use every target and every list, and messages that they know.
 */
#ifndef SCAN_CASES_H
#define SCAN_CASES_H

#include "bytes.h"
#include "rules.h"

/* A small set that uses every target and every list. */
static const ndr_rule_spec specs[] = {
    {NDR_SIZED(ndr_rule_spec), .id = "header.only", .kind = NDR_KIND_AUTO_REPLY,
     .rank = 5,
     .all = (const ndr_signal_spec[]){{.target = "subject", .match = "^out of office"},
                                      {.target = "auto-submitted",
                                       .match = "^auto-replied"}},
     .all_count = 2},
    {NDR_SIZED(ndr_rule_spec), .id = "postfix.undelivered", .system = "Postfix",
     .kind = NDR_KIND_FAILED, .rank = 5,
     .all =
         (const ndr_signal_spec[]){
             {.target = "subject", .match = "^undelivered mail returned to sender$"},
             {.target = "text", .match = "this is the (mail|postfix) system at host"}},
     .all_count = 2},
    {NDR_SIZED(ndr_rule_spec), .id = "report.any", .kind = NDR_KIND_FAILED, .rank = 1,
     .all =
         (const ndr_signal_spec[]){
             {.target = "content-type", .match = "^multipart/report"},
             {.target = "part", .match = "^message/delivery-status$"}},
     .all_count = 2},
    {NDR_SIZED(ndr_rule_spec), .id = "status.gone", .kind = NDR_KIND_FAILED, .rank = 2,
     .all =
         (const ndr_signal_spec[]){{.target = "status", .match = "^status: 5\\.1\\.1"}},
     .all_count = 1},
    {NDR_SIZED(ndr_rule_spec), .id = "text.alone", .kind = NDR_KIND_FAILED, .rank = 3,
     .all = (const ndr_signal_spec[]){{.target = "text",
                                       .match = "^hi\\. this is the qmail-send"}},
     .all_count = 1,
     .none = (const ndr_signal_spec[]){{.target = "header:x-list", .match = "announce"}},
     .none_count = 1},
    {NDR_SIZED(ndr_rule_spec), .id = "no.subject", .kind = NDR_KIND_DELAYED, .rank = 4,
     .all = (const ndr_signal_spec[]){{.target = "subject", .absent = true},
                                      {.target = "from", .match = "mailer-daemon"}},
     .all_count = 2},
    {NDR_SIZED(ndr_rule_spec), .id = "umlaut", .kind = NDR_KIND_REJECTED_CONTENT,
     .rank = 4,
     .any =
         (const ndr_signal_spec[]){{.target = "subject",
                                    .match = "ZUR\xc3\x9c"
                                             "CKGEWIESEN"},
                                   {.target = "text", .match = "nicht m\xc3\xb6glich"}},
     .any_count = 2,
     .all = (const ndr_signal_spec[]){{.target = "from", .match = "postmaster@"}},
     .all_count = 1},
};

enum { SPECS = sizeof specs / sizeof specs[0] };

static ndr_ruleset *rules;

static inline void
build(void **state)
{
    (void)state;
    rules = make_rules(specs, SPECS);
}

static inline void
drop(void **state)
{
    (void)state;
    ndr_ruleset_free(rules);
}

#define QMAIL "Hi. This is the qmail-send program at a.\n"

typedef struct scan_row {
    const char *why, *rule; /* rule "": not a bounce */
    enum ndr_kind kind;
    const char *mail;
} scan_row;

#define REPORT(action)                                                                   \
    "From: postmaster@mx.example.net\nContent-Type: multipart/report; boundary=b\n\n"    \
    "--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\n"                       \
    "Reporting-MTA: dns; mx.example.net\n\n"                                             \
    "Final-Recipient: rfc822; u@example.net\nAction: " action                            \
    "\nStatus: 4.0.0\n\n--b--\n"

static const scan_row rows[] = {
    {"ham ends at the header", "", NDR_KIND_NONE,
     "Subject: lunch\nFrom: a@example.org\n\nHi\n"},
    {"a rule on fields alone", "header.only", NDR_KIND_AUTO_REPLY,
     "Subject: Out of Office: x\nAuto-Submitted: auto-replied (vacation)\n\nbye\n"},
    {"half of all is not all", "", NDR_KIND_NONE, "Subject: Out of Office: x\n\nbye\n"},
    {"subject and text", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\n\nThis is the mail\nsystem   at host "
     "a.b.\n"},
    {"an encoded subject", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: =?utf-8?Q?Undelivered_Mail_?=\n =?utf-8?B?UmV0dXJuZWQgdG8gU2VuZGVy?=\n\n"
     "This is the Postfix system at host\n"},
    {"base64 text", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Transfer-Encoding: base64\n\n"
     "VGhpcyBpcyB0aGUgbWFpbCBzeXN0ZW0gYXQgaG9zdA==\n"},
    {"html text", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Type: text/html\n\n"
     "<html><style>p{}</style><p>This is&nbsp;the <b>mail</b> system<br>at host a</p>\n"},
    {"anchors are the field's ends", "", NDR_KIND_NONE,
     "Subject: Re: Undelivered Mail Returned to Sender\n\nThis is the mail system at "
     "host\n"},
    {"a pattern in the wrong field", "", NDR_KIND_NONE,
     "X-Comment: x\nFrom: undelivered mail returned to sender\n\nThis is the mail system "
     "at host\n"},
    {"the text of the returned message is not text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/mixed; "
     "boundary=b\n\n"
     "--b\n\nhello\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n"
     "This is the mail system at host\n--b--\n"},
    {"a pasted returned message is not text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\n\nhello\n\n--- copy below\n\n"
     "Received: from a by b; Tue, 13 May 2008 09:31:02 +0200\nFrom: a@example.com\n\n"
     "This is the mail system at host\n"},
    {"a report", "report.any", NDR_KIND_FAILED, REPORT("failed")},
    {"structure says the kind", "report.any", NDR_KIND_DELAYED, REPORT("delayed")},
    {"an action with a comment", "report.any", NDR_KIND_DELIVERED,
     REPORT("relayed (to x)")},
    {"text alone wants a candidate", "", NDR_KIND_NONE,
     "Subject: failure notice\n\nHi. This is the qmail-send program at a.\n"},
    {"text alone on a candidate", "text.alone", NDR_KIND_FAILED,
     "Return-Path: <>\nSubject: failure notice\n\nHi. This is the qmail-send program at "
     "a.\n"},
    {"none rules it out", "", NDR_KIND_NONE,
     "Return-Path: <>\nX-List: announce\n\nHi. This is the qmail-send program at a.\n"},
    {"an absent field", "no.subject", NDR_KIND_DELAYED, "From: MAILER-DAEMON\n\nx\n"},
    {"an empty field is absent", "no.subject", NDR_KIND_DELAYED,
     "Subject:  \nFrom: MAILER-DAEMON\n\nx\n"},
    {"UTF-8 without case", "umlaut", NDR_KIND_REJECTED_CONTENT,
     "Subject: =?iso-8859-1?q?zur=FCckgewiesen?=\nFrom: postmaster@example.net\n\nx\n"},
    {"raw 8-bit fields are windows-1252", "umlaut", NDR_KIND_REJECTED_CONTENT,
     "Subject: Zur\xfc"
     "ckgewiesen\nFrom: postmaster@example.net\n\nx\n"},
    {"charset of the text", "umlaut", NDR_KIND_REJECTED_CONTENT,
     "From: postmaster@example.net\nContent-Type: text/plain; charset=iso-8859-15\n"
     "Content-Transfer-Encoding: quoted-printable\n\nZustellung nicht m=F6glich\n"},
    {"lone CR line ends", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\r\rThis is the mail\rsystem at host "
     "a.b.\r"},
    {"CRLF", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail\r\n Returned to Sender\r\n\r\nThis is the mail\r\nsystem "
     "at host\r\n"},
    {"no body at all", "", NDR_KIND_NONE, "Return-Path: <>\nSubject: failure notice"},
    {"nothing at all", "", NDR_KIND_NONE, ""},
    {"a header that never ends", "", NDR_KIND_NONE, "Return-Path: <>\n x\n x\n x"},
    {"an unclosed multipart", "report.any", NDR_KIND_FAILED,
     "Content-Type: multipart/report; boundary=\"b b\"\n\n--b b\nContent-Type:\n "
     "message/delivery-status\n\nStatus: 5.0.0\nAction: failed"},
    {"a byte order mark", "postfix.undelivered", NDR_KIND_FAILED,
     "\xef\xbb\xbfSubject: Undelivered Mail Returned to Sender\n\nThis is the mail "
     "system at host\n"},
    {"a From_ line between two fields", "postfix.undelivered", NDR_KIND_FAILED,
     "X-A: b\nFrom x Tue May 13 09:31:02 2008\nSubject: Undelivered Mail Returned to "
     "Sender\n\n"
     "This is the mail system at host\n"},
    {"an attachment is no text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\nContent-Disposition: attachment\n\n"
     "This is the mail system at host\n"},
    {"an encoding with a comment", "postfix.undelivered", NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Transfer-Encoding: base64 "
     "(yes)\n\n"
     "VGhpcyBpcyB0aGUgbWFpbCBzeXN0ZW0gYXQgaG9zdA==\n"},
    {"a multipart whose boundary is nowhere is text", "postfix.undelivered",
     NDR_KIND_FAILED,
     "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/mixed; "
     "boundary=x\n\n"
     "This is the mail system at host\n"},
    {"html behind plain text is no text", "", NDR_KIND_NONE,
     "Subject: Undelivered Mail Returned to Sender\n"
     "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\n"
     "Content-Type: text/html\n\nThis is the mail system at host\n--b--\n"},
    {"lone CRs in a decoded text", "text.alone", NDR_KIND_FAILED,
     "Return-Path: <>\nContent-Transfer-Encoding: quoted-printable\n\n"
     "x=0D=0DHi. This is the qmail-send=0Dprogram\n"},
    {"a returned message behind lone CRs", "", NDR_KIND_NONE,
     "Return-Path: <>\nContent-Transfer-Encoding: quoted-printable\n\n"
     "x=0D=0DReceived: a=0DFrom: b=0D=0DHi. This is the qmail-send=0Dprogram\n"},
    {"a type of odd bytes spoils no line behind it", "status.gone", NDR_KIND_FAILED,
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
     "Content-Type: text/\xc3\n\n--b\nContent-Type: message/delivery-status\n\nStatus: "
     "5.1.1\n"
     "--b--\n"},
    {"a boundary in pieces (RFC 2231)", "report.any", NDR_KIND_FAILED,
     "Content-Type: multipart/report; boundary*0*=us-ascii'en'%3D_a;\n boundary*2=x;"
     " boundary*1=\"b c\"\n\n--=_ab c\nContent-Type: message/delivery-status\n\n"
     "Action: failed\n--=_ab c--\n"},
    {"a boundary of one encoded piece", "report.any", NDR_KIND_FAILED,
     "Content-Type: multipart/report; boundary*=''%62\n\n--b\nContent-Type: "
     "message/delivery-status\n\nAction: failed\n--b--\n"},
    {"a boundary that is a prefix of another", "status.gone", NDR_KIND_FAILED,
     "Return-Path: <>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
     "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n"
     "Content-Type: message/delivery-status\n\nStatus: 5.1.1\n--b--\n"},
};

#endif
