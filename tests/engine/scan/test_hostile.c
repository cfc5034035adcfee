/* SPDX-License-Identifier: BSD-3-Clause */
/* What nobody sends by accident. No clock is read here: work that grew faster than
 * the message would run into the test's time limit. */
#include "base/utf8.h"
#include "bytes.h"
#include "rules.h"

enum { MIB = 1 << 20 };

static ndr_ruleset *rules;

static void
build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        {NDR_SIZED(ndr_rule_spec), .id = "header", .kind = NDR_KIND_FAILED, .rank = 5,
         ALL({.target = "subject", .match = "undeliverable"},
             {.target = "to", .absent = true})},
        {NDR_SIZED(ndr_rule_spec), .id = "text", .kind = NDR_KIND_FAILED, .rank = 5,
         ALL({.target = "text", .match = "could not be delivered"})},
        {NDR_SIZED(ndr_rule_spec), .id = "status", .kind = NDR_KIND_FAILED, .rank = 5,
         ALL({.target = "status", .match = "^status: 5"})},
        {NDR_SIZED(ndr_rule_spec), .id = "part", .kind = NDR_KIND_FAILED, .rank = 5,
         ALL({.target = "part", .match = "^message/delivery-status$"})},
        {NDR_SIZED(ndr_rule_spec), .id = "generic", .kind = NDR_KIND_FAILED, .rank = 1,
         ALL({.target = "text", .match = "\xc3\xa4rger"})},
    };
    rules = make_rules(specs, sizeof specs / sizeof specs[0]);
}

static void
drop(void **state)
{
    (void)state;
    ndr_ruleset_free(rules);
}

typedef struct shape {
    const char *why;
    const char *before;
    const char *unit; /* repeated … */
    size_t bytes;     /* … up to this many */
    const char *behind;
    const char *rule; /* what is named; NULL: does not matter */
} shape;

#define H          "Return-Path: <>\nTo: u@example.com\nSubject: x\n"
#define TEXT(type) H "Content-Type: " type "\n\n"
#define STATUS                                                                           \
    H "Content-Type: multipart/report; boundary=b\n\n--b\n"                              \
      "Content-Type: message/delivery-status\n\n"

static const shape shapes[] = {
    {"a bounce of 15 MB",
     H "Content-Type: multipart/report; boundary=b\n\n--b\n\nIt could not be "
       "delivered.\n--b\n"
       "Content-Type: message/delivery-status\n\nAction: failed\nStatus: 5.0.0\n\n--b\n"
       "Content-Type: message/rfc822\n\nSubject: y\n\n",
     "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\n", 15 * MIB,
     "\n--b--\n", "text"},
    {"15 MB of text", TEXT("text/plain"), "a word and another, and so on\n", 15 * MIB, "",
     ""},
    {"a hundred thousand fields", H, "X-Field: y\n", 1100000, "\n", ""},
    {"a hundred thousand wanted fields", H, "Subject: y\n", 1000000, "\n", ""},
    {"a hundred thousand Received", H, "Received: for for <a@b> for\n", 1000000, "\n",
     ""},
    {"a header line without end", H "X-A: ", "aaaaaaaa", 15 * MIB, "", ""},
    {"a name without end", H, "aaaaaaaa", 15 * MIB, "", ""},
    {"a subject without end", "Return-Path: <>\nSubject: ", "aaaaaaaa", 15 * MIB, "",
     NULL},
    {"a fold without end", "Return-Path: <>\nSubject: x\n", " \n", 4 * MIB, "", NULL},
    {"From_ lines without end", H, "From x\n", 2 * MIB, "\n", ""},
    {"a megabyte of open words", "Return-Path: <>\nSubject: ", "=?a?q?", MIB, "\n\n",
     NULL},
    {"a megabyte of unclosed words", "Return-Path: <>\n",
     "Subject: =?a?q?x=?a?q?x=?a?q?x\n", MIB, "\n", NULL},
    {"words of a thousand charsets", "Return-Path: <>\nSubject: ",
     "=?koi8-r?q?=C1?= =?big5?q?=A7A?= =?x-1?q?a?= =?cp437?q?=E1?= ", 16000, "\n\n",
     NULL},
    {"deep comments", H "To: ", "(", 500000, "\nDate: ((((((((((((((((\n\n", ""},
    {"deep comments in a type", H "Content-Type: ", "((\\", 500000, "\n\n", ""},
    {"parameters without end", H "Content-Type: text/plain", "; boundary=\"x; (", 500000,
     "\n\n", ""},
    {"angle brackets without end", "Return-Path: <>\nTo: ", "<", 500000, "\n\n", ""},
    {"CR alone", TEXT("text/plain"), "\r", MIB, "", ""},
    {"CR alone, from the first byte on", "Return-Path: <>\r\r", "a\r", MIB, "", NULL},
    {"empty lines", TEXT("text/plain"), "\n", MIB, "", ""},
    {"NULs", TEXT("text/plain"), " \x01", MIB, "", ""},
    {"uuencode", TEXT("text/plain"),
     "M86)C9&5F9VAI:FML;6YO<'%R<W1U=G=X>7IA8F-D969G:&EJ:VQM;F]P<7)S\n", 4 * MIB, "", ""},
    {"base64 without end", TEXT("text/plain\nContent-Transfer-Encoding: base64"), "QUJD",
     4 * MIB, "", ""},
    {"base64 of foreign bytes", TEXT("text/plain\nContent-Transfer-Encoding: base64"),
     "!\n", 4 * MIB, "", ""},
    {"soft line breaks", TEXT("text/plain\nContent-Transfer-Encoding: quoted-printable"),
     "=\n", 4 * MIB, "", ""},
    {"soft line breaks that are none",
     TEXT("text/plain\nContent-Transfer-Encoding: quoted-printable"), "=          ",
     4 * MIB, "", ""},
    {"bytes of no charset", TEXT("text/plain; charset=gb2312"), "\xff", MIB, "", ""},
    {"html of only <", TEXT("text/html"), "<", MIB, "", ""},
    {"html of open tags", TEXT("text/html"), "<a@", MIB, ">", ""},
    {"html of open comments", TEXT("text/html"), "<!--", MIB, "", ""},
    {"html of open scripts", TEXT("text/html"), "<script></scrip", MIB, "", ""},
    {"html of ampersands", TEXT("text/html"), "&#", MIB, "", ""},
    {"html of references", TEXT("text/html"), "&euro;", MIB, "", ""},
    {"fields with folded dividers", TEXT("text/plain"), "A: b\n --\n", MIB, "", ""},
    {"fields behind empty lines", TEXT("text/plain"), "From: a\n\n", MIB, "", ""},
    {"a status part of a million lines", STATUS, "a:\n", 3000000, "--b--\n", "part"},
    {"a status part of a million From_ lines", STATUS, "From \n", 5000000, "--b--\n",
     "part"},
    {"a status part of a million lines of junk", STATUS, "x\n", 2000000, "--b--\n",
     "part"},
    {"a status part of a million groups", STATUS, "Action: failed\n\n", 4000000,
     "--b--\n", "part"},
    {"a status part of one field", STATUS "Status: 5", "\n 1", 2000000, "\n--b--\n",
     "status"},
    {"boundaries without end", H "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n",
     4 * MIB, "", ""},
    {"ends without end", H "Content-Type: multipart/mixed; boundary=b\n\n", "--b--\n",
     4 * MIB, "", ""},
    {"hyphens without end", H "Content-Type: multipart/mixed; boundary=b\n\n", "\n--",
     4 * MIB, "", ""},
    {"the first levels of an endless nest",
     H "Content-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Type: multipart/mixed; boundary=b\n\n", 2 * MIB, "", ""},
};

/* Scan; every slice of the verdict is read and is UTF-8. */
static void
scan(const ndr_buffer *mail, const char *rule)
{
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .facts_always = true};
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(&opts, &s, NULL), 0);
    unsigned char *p = exact_copy(mail->ptr, mail->len);
    ndr_message m = make_message((ndr_slice){p, mail->len});
    ndr_verdict v;
    ndr_error err = {0};
    if (ndr_scan(s, &m, NULL, NULL, &v, &err) < 0)
        fail_msg("%s", err.text);
    free(p);
    if (rule != NULL)
        assert_string_equal(v.rule == NULL ? "" : v.rule->id, rule);
    const ndr_slice all[] = {v.recipient,           v.message_id,    v.reporting_mta,
                             v.returned.message_id, v.returned.from, v.returned.to,
                             v.returned.subject,    v.returned.date};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_true(ndr_is_utf8(all[i]));
    assert_true(v.recipient_count <= 10000);
    ndr_scanner_free(s);
}

static void
shape_test(void **state)
{
    const shape *row = *state;
    ndr_buffer mail = {0};
    ndr_buffer_text(&mail, row->before);
    const ndr_slice unit = ndr_slice_of(row->unit);
    assert_true(ndr_buffer_reserve(&mail, row->bytes + unit.len));
    for (size_t n = 0; n < row->bytes; n += unit.len)
        ndr_buffer_add(&mail, unit);
    ndr_buffer_text(&mail, row->behind);
    assert_false(mail.failed);
    scan(&mail, row->rule);
    ndr_buffer_free(&mail);
}

/* A hundred levels open, and then lines that look like a boundary of each. */
static void
levels_test(void **state)
{
    (void)state;
    static const char *const lines[] = {"--boundary-999\n", "--boundary-05\n", "--\n",
                                        "--boundary-099x\n", "--boundary-050 x\n"};
    for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++) {
        ndr_buffer mail = {0};
        ndr_buffer_text(&mail,
                        H "Content-Type: multipart/mixed; boundary=boundary-000\n\n");
        for (int i = 0; i < 99; i++)
            ndr_buffer_printf(&mail,
                              "--boundary-%03d\nContent-Type: multipart/mixed; "
                              "boundary=boundary-%03d\n\n",
                              i, i + 1);
        ndr_buffer_text(&mail, "--boundary-099\n\nIt could not be delivered.\n\n");
        while (mail.len < 4 * MIB)
            ndr_buffer_text(&mail, lines[k]);
        scan(&mail, "text");
        ndr_buffer_free(&mail);
    }
}

/* Levels that open and close as often as parts are counted. */
static void
doors_test(void **state)
{
    (void)state;
    ndr_buffer mail = {0};
    ndr_buffer_text(&mail, H "Content-Type: multipart/mixed; boundary=b\n\n");
    for (int i = 0; i < 20000; i++)
        ndr_buffer_printf(
            &mail,
            "--b\nContent-Type: multipart/alternative; boundary=c%d\n\n--c%d\n\nx\n", i,
            i);
    scan(&mail, "");
    ndr_buffer_free(&mail);
}

/* Bytes without any sense, and a header that makes them looked at in every way. */
static void
noise_test(void **state)
{
    (void)state;
    static const char *const types[] = {
        "text/plain",
        "text/html",
        "text/plain; charset=iso-2022-jp",
        "text/plain; charset=utf-16",
        "text/html; charset=utf-7",
        "message/delivery-status",
        "message/rfc822",
        "multipart/mixed; boundary=\"\"",
        "text/plain\nContent-Transfer-Encoding: base64",
        "message/feedback-report\nContent-Transfer-Encoding: quoted-printable"};
    static const char letters[] =
        "\n\n\r -=?<>&;:@().,AFRSabcdefqt0159/_\xc3\xa4\xff\x1b$\x01";
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 2000; round++) {
        ndr_buffer mail = {0};
        ndr_buffer_printf(&mail, H "Content-Type: %s\n", types[round % 10]);
        for (int i = 0; i < 600; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            ndr_buffer_byte(&mail,
                            (unsigned char)letters[(seed >> 33) % (sizeof letters - 1)]);
            if (i == 200)
                ndr_buffer_text(&mail, "\n\n");
        }
        scan(&mail, NULL);
        ndr_buffer_free(&mail);
    }
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(shapes, shape_test);
    add_test("lines like boundaries, a hundred levels deep", levels_test);
    add_test("containers that open and close", doors_test);
    add_test("noise", noise_test);
    add_test("the rules are freed", drop);
    return run_added("hostile");
}
