/* SPDX-License-Identifier: BSD-3-Clause */
/* hostile_shapes.c - see hostile_shapes.h. */
#include "hostile_shapes.h"

#include <string.h>

/* A header that makes the body looked at: null sender, daemon, a subject of bounces. */
#define NAMES                                                                            \
    "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"       \
    "To: user@example.com\n"
#define H             NAMES "Subject: Undelivered mail\nMIME-Version: 1.0\n"
#define TEXT(type)    H "Content-Type: " type "\n\n"
#define CHARSET(name) TEXT("text/plain; charset=" name)
#define CODED(how)    TEXT("text/plain\nContent-Transfer-Encoding: " how)
#define MIXED         TEXT("multipart/mixed; boundary=level-0")
#define REPORT        TEXT("multipart/report; report-type=delivery-status; boundary=b")
#define STATUS        "--b\nContent-Type: message/delivery-status\n\n"
#define STATUS_MTA    STATUS "Reporting-MTA: dns; mx.example.net\n\n"
#define WORDS         "--b\n\nI was not able to deliver your message.\n\n"
#define BASE64_LINE                                                                      \
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\n"
#define PLAIN_LINE "a line of text that says nothing of any interest to anybody at all\n"
#define ATTACHED(disp)                                                                   \
    "--level-0\n\nHello.\n\n--level-0\nContent-Type: "                                   \
    "application/zip\nContent-Transfer-Encoding: base64\n"                               \
    "Content-Disposition: " disp "\n\n"

const hostile_shape hostile_shapes[] = {
    {"bounce", REPORT,
     WORDS STATUS_MTA "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: "
                      "5.1.1\n\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\n",
     BASE64_LINE, "\n--b--\n", 0, 0},
    {"ham-attachment",
     "From: a@example.org\nTo: b@example.com\nSubject: the minutes\nContent-Type: "
     "multipart/mixed; boundary=level-0\n\n",
     ATTACHED("attachment; filename=x.zip"), BASE64_LINE, "--level-0--\n", 0, 0},
    {"attachment", MIXED, ATTACHED("attachment; filename=x.zip"), BASE64_LINE,
     "--level-0--\n", 0, 0},
    {"headers-100000", H, "", "X-Field: y\n", "\n", 100000, 0},
    {"headers", H, "", "X-Field-%d: y\n", "\n", 0, 0},
    {"header-line", H, "X-A: ", "aaaaaaaaaaaaaaaa", "", 0, 0},
    {"header-folds", H, "X-A: ", "\n a", "", 0, 0},
    {"subject-line", NAMES, "Subject: ", "aaaaaaaaaaaaaaaa", "\n\n", 0, 0},
    {"received-100000", H, "",
     "Received: from a by b for <user@example.com>; Tue, 13 May 2008 09:31:02 +0000\n",
     "\n", 100000, 0},
    {"subjects-100000", NAMES, "", "Subject: failure notice no. %d\n", "\n", 100000, 0},
    {"words-100000", NAMES "Subject:", "", " =?utf-8?q?a=C3=A4?=", "\n\n", 100000, 0},
    {"words-unclosed", NAMES "Subject:", "", " =?koi8-r?q?=C1", "\n\n", 100000, 0},
    {"words-subjects", NAMES, "", "Subject: =?iso-2022-jp?b?GyRCJCIbKEI=?= %d\n", "\n",
     100000, 0},
    {"from-lines", H, "", "From x\n", "\n", 0, 0},
    {"junk-header", H, "", "no field at all\n", "\n", 0, 0},
    {"boundary-line", MIXED, "--level-", "0000000000000000", "\n", 0, 0},
    {"boundaries", MIXED, "", "--level-0\n", "", 0, 0},
    {"boundaries-end", MIXED, "", "--level-0--\n", "", 0, 0},
    {"hyphens", MIXED, "--level-0\n\n", "--\n", "", 0, 0},
    {"like-boundaries", MIXED, "", "--level-%d-none\n", "", 0, 99},
    {"like-boundaries-same", MIXED, "", "--level-5x\n", "", 0, 99},
    {"like-boundaries-html", MIXED, "Content-Type: text/html\n\n", "--level-999\n", "", 0,
     98},
    {"parts-10000", MIXED, "", "--level-0\n\na\n", "--level-0--\n", 10000, 0},
    {"parts", MIXED, "", "--level-0\nContent-Type: text/plain\n\na word\n",
     "--level-0--\n", 0, 0},
    {"parts-html", MIXED, "",
     "--level-0\nContent-Type: text/html; charset=koi8-r\n\n<b>\xc1 word</b>\n",
     "--level-0--\n", 0, 0},
    {"parts-koi8", MIXED, "",
     "--level-0\nContent-Type: text/plain; charset=koi8-r\n\n\xc1\n", "--level-0--\n", 0,
     0},
    {"parts-html-10000", MIXED, "", "--level-0\nContent-Type: text/html\n\n<p>a\n",
     "--level-0--\n", 10000, 0},
    {"parts-status", MIXED, "",
     "--level-0\nContent-Type: message/delivery-status\n\nFinal-Recipient: "
     "rfc822;a%d@example.org\nAction: failed\n\n",
     "--level-0--\n", 0, 0},
    {"parts-types", MIXED, "",
     "--level-0\nContent-Type: x-%d/y; charset=\"a\"; boundary=c; name=\"d e\"\n\n",
     "--level-0--\n", 0, 0},
    {"depth-10000", MIXED, "",
     "--level-0\nContent-Type: multipart/mixed; boundary=level-0\n\n", "", 10000, 0},
    {"doors", MIXED, "",
     "--level-0\nContent-Type: multipart/alternative; boundary=c%d\n\n--c%d\n\nx\n", "",
     0, 0},
    {"messages-nested", TEXT("message/rfc822"), "",
     "Subject: a\nContent-Type: message/rfc822\n\n", "", 0, 0},
    {"messages-parts", MIXED, "",
     "--level-0\nContent-Type: message/rfc822\n\nSubject: a\n\nb\n", "--level-0--\n", 0,
     0},
    {"uuencode", TEXT("text/plain"), "begin 644 x\n",
     "M86)C9&5F9VAI:FML;6YO<'%R<W1U=G=X>7IA8F-D969G:&EJ:VQM;F]P<7)S\n", "end\n", 0, 0},
    {"base64", CODED("base64"), "", BASE64_LINE, "", 0, 0},
    {"base64-junk", CODED("base64"), "", "!\xff%&", "", 0, 0},
    {"base64-mixed", CODED("base64"), "", "Q!U.J D-", "", 0, 0},
    {"qp-soft", CODED("quoted-printable"), "", "=\n", "", 0, 0},
    {"qp-blanks", CODED("quoted-printable"), "", "=          ", "", 0, 0},
    {"qp-bytes", CODED("quoted-printable"), "", "=FF=0A", "", 0, 0},
    {"utf-7", CHARSET("utf-7"), "", "+\xff-+!", "", 0, 0},
    {"utf-7-letters", CHARSET("utf-7"), "", "+AOQ-", "", 0, 0},
    {"iso-2022-jp", CHARSET("iso-2022-jp"), "", "\x1b$B\x1b(B", "", 0, 0},
    {"iso-2022-jp-bad", CHARSET("iso-2022-jp"), "", "\x1b$B\xff\x1b(Q", "", 0, 0},
    {"iso-2022-kr", CHARSET("iso-2022-kr"), "", "\x0e\xff\x0f", "", 0, 0},
    {"gb18030", CHARSET("gb18030"), "", "\xff", "", 0, 0},
    {"gb18030-four", CHARSET("gb18030"), "", "\x81\x30\x81\x30", "", 0, 0},
    {"gb18030-now-and-then", CHARSET("gb2312"), "", "aaaaaaa\xff", "", 0, 0},
    {"gb2312-text", CHARSET("gb2312"), "", "\xc4\xe3\xba\xc3", "", 0, 0},
    {"big5", CHARSET("big5"), "", "\x80\xff", "", 0, 0},
    {"euc-kr", CHARSET("euc-kr"), "", "\xa1\xff", "", 0, 0},
    {"shift_jis", CHARSET("shift_jis"), "", "\x81\x20", "", 0, 0},
    {"euc-jp", CHARSET("euc-jp"), "", "\x8f\xff\xa1", "", 0, 0},
    {"euc-tw", CHARSET("euc-tw"), "", "\x8e\xff", "", 0, 0},
    {"utf-16", CHARSET("utf-16"), "", "\xd8\x01", "", 0, 0},
    {"utf-32", CHARSET("utf-32"), "", "\xff\xff\xff\xff", "", 0, 0},
    {"windows-1255", CHARSET("windows-1255"), "", "\xe0\xc8", "", 0, 0},
    {"windows-1258", CHARSET("windows-1258"), "", "a\xcc", "", 0, 0},
    {"viscii", CHARSET("viscii"), "", "\xa4", "", 0, 0},
    {"tcvn", CHARSET("tcvn"), "", "a\xb0", "", 0, 0},
    {"johab", CHARSET("johab"), "", "\xff\x20", "", 0, 0},
    {"utf-8-bad", CHARSET("utf-8"), "", "\xc3\xff", "", 0, 0},
    {"utf-8-cyrillic", CHARSET("utf-8"), "", "\xd0\x94\xd0\xb0 ", "", 0, 0},
    {"windows-1252", CHARSET("windows-1252"), "", "\x80\xe4", "", 0, 0},
    {"html-tags", TEXT("text/html"), "", "<b>", "", 0, 0},
    {"html-blocks", TEXT("text/html"), "", "<p>a", "", 0, 0},
    {"html-angles", TEXT("text/html"), "", "<", "", 0, 0},
    {"html-entities", TEXT("text/html"), "", "&euro;", "", 0, 0},
    {"html-ampersands", TEXT("text/html"), "", "&", "", 0, 0},
    {"html-numbers", TEXT("text/html"), "", "&#1;", "", 0, 0},
    {"html-comments", TEXT("text/html"), "", "<!--", "", 0, 0},
    {"html-comment-ends", TEXT("text/html"), "<!--", "--", "", 0, 0},
    {"html-scripts", TEXT("text/html"), "", "<script></scrip", "", 0, 0},
    {"addresses", TEXT("text/plain"), "", "<a%d@example.org>: 550 5.1.1 no\n", "", 0, 0},
    {"addresses-line", TEXT("text/plain"), "", "a@b.cd ", "", 0, 0},
    {"signs", TEXT("text/plain"), "", "@", "", 0, 0},
    {"codes", TEXT("text/plain"), "",
     "550 5.1.1 550-5.1.1 (5.1.1) #5.1.1 host said: ", "", 0, 0},
    {"dots", TEXT("text/plain"), "", "a.", "", 0, 0},
    {"hosts", TEXT("text/plain"), "", "host mx.example.org ", "", 0, 0},
    {"fields-in-text", TEXT("text/plain"), "", "From: a\n\n", "", 0, 0},
    {"dividers", TEXT("text/plain"), "", "--- a: b\nFrom: c\n", "", 0, 0},
    {"folds-in-text", TEXT("text/plain"), "", "A: b\n c\n --\n", "", 0, 0},
    {"quotes", TEXT("text/plain"), "", "> > > From: a\n> > > \n", "", 0, 0},
    {"recipients-100000", REPORT, WORDS STATUS_MTA,
     "Final-Recipient: rfc822; user%d@example.org\nAction: failed\nStatus: 5.1.1\n"
     "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n",
     "--b--\n", 100000, 0},
    {"status-lines", REPORT, WORDS STATUS, "a:\n", "--b--\n", 0, 0},
    {"status-junk", REPORT, WORDS STATUS, "x\n", "--b--\n", 0, 0},
    {"status-same", REPORT, WORDS STATUS, "Status: 5.1.1\n", "--b--\n", 0, 0},
    {"status-groups", REPORT, WORDS STATUS, "Action: failed\n\n", "--b--\n", 0, 0},
    {"returned-headers", REPORT, WORDS STATUS_MTA "--b\nContent-Type: message/rfc822\n\n",
     "X-Field-%d: y\n", "--b--\n", 0, 0},
    {"returned-junk", REPORT, WORDS STATUS_MTA "--b\nContent-Type: message/rfc822\n\n",
     "no field\n", "--b--\n", 0, 0},
    {"text-lines", TEXT("text/plain"), "", PLAIN_LINE, "", 0, 0},
    {"cr-only", "Return-Path: <>\rSubject: failure notice\r\r", "", "\r", "", 0, 0},
    {"cr-lines", "Return-Path: <>\rSubject: failure notice\r\r", "", "a word\r", "", 0,
     0},
    {"lf-only", TEXT("text/plain"), "", "\n", "", 0, 0},
    {"controls", TEXT("text/plain"), "", "\x01", "", 0, 0},
    {"nuls", TEXT("text/plain"), "", "%z", "", 0, 0},
    {"nuls-alone", "", "", "%z", "", 0, 0},
};
const size_t hostile_shape_count = sizeof hostile_shapes / sizeof hostile_shapes[0];

/* Append a unit, its "%d" the number, its "%z" a NUL. */
static void
add_unit(const char *unit, size_t number, ndr_buffer *out)
{
    for (const char *percent; (percent = strchr(unit, '%')) != NULL; unit = percent + 2) {
        const size_t n = (size_t)(percent - unit);
        ndr_buffer_add(out, (ndr_slice){(const unsigned char *)unit, n});
        if (percent[1] == 'd') {
            ndr_buffer_printf(out, "%zu", number);
        } else if (percent[1] == 'z') {
            ndr_buffer_byte(out, '\0');
        } else {
            ndr_buffer_byte(out, '%');
            percent--;
        }
    }
    ndr_buffer_text(out, unit);
}

void
hostile_make(const hostile_shape *shape, size_t bytes, ndr_buffer *out)
{
    const size_t begin = out->len;
    ndr_buffer_text(out, shape->header);
    for (unsigned i = 0; i < shape->nest; i++)
        ndr_buffer_printf(out,
                          "--level-%u\nContent-Type: multipart/mixed; "
                          "boundary=level-%u\n\n",
                          i, i + 1);
    if (shape->nest > 0)
        ndr_buffer_printf(out, "--level-%u\n", shape->nest);
    ndr_buffer_text(out, shape->before);
    for (size_t i = 0; out->len - begin < bytes && !out->failed; i++) {
        if (shape->most == 0 || i < shape->most)
            add_unit(shape->unit, i, out);
        else if (i == shape->most)
            ndr_buffer_text(out, shape->behind);
        else
            ndr_buffer_text(out, PLAIN_LINE);
    }
    ndr_buffer_text(out, shape->behind);
}
