/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/delivery_report.h"

#include "bytes.h"

#define DSN "message/delivery-status"
#define MDN "message/disposition-notification"
#define ARF "message/feedback-report"

typedef struct report_row {
    const char *why, *type, *fields;
    const char *want;  /* "mta|final,original,action,status,diagnostic,remote;…" */
    const char *lines; /* NULL: not looked at */
    enum ndr_kind kind;
    bool has_action;
} report_row;

static const report_row rows[] = {
    {"nothing", DSN, "", "|", "", NDR_KIND_NONE, false},
    {"not a report", "text/plain", "Action: failed\n", "|", "", NDR_KIND_NONE, false},
    {"a whole report", DSN,
     "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; a@example.com\n"
     "Original-Recipient: rfc822;b@example.com\nAction: failed\nStatus: 5.1.1\n"
     "Remote-MTA: dns; c.example.com\nDiagnostic-Code: smtp; 550 5.1.1 no\n",
     "mx.example.net|a@example.com,b@example.com,failed,5.1.1,550 5.1.1 "
     "no,c.example.com;",
     "reporting-mta: dns; mx.example.net\nfinal-recipient: rfc822; a@example.com\n"
     "original-recipient: rfc822;b@example.com\naction: failed\nstatus: 5.1.1\n"
     "remote-mta: dns; c.example.com\ndiagnostic-code: smtp; 550 5.1.1 no\n",
     NDR_KIND_FAILED, true},
    {"CRLF", DSN,
     "Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; b@c\r\nAction: failed\r\n",
     "a|b@c,,failed,,,;", NULL, NDR_KIND_FAILED, true},
    {"fields in another order", DSN,
     "\nStatus: 4.0.0\nAction: delayed\nFinal-Recipient: rfc822; a@b\n",
     "|a@b,,delayed,4.0.0,,;", NULL, NDR_KIND_DELAYED, true},
    {"several recipients, failed outweighs", DSN,
     "\nFinal-Recipient: a@b\nAction: delivered\n\nFinal-Recipient: c@d\nAction: "
     "failed\n\n"
     "Final-Recipient: e@f\nAction: delayed\n",
     "|a@b,,delivered,,,;c@d,,failed,,,;e@f,,delayed,,,;", NULL, NDR_KIND_FAILED, true},
    {"delayed outweighs delivered", DSN,
     "Action: delivered\n\nAction: delayed\n\nAction: relayed\n",
     "|,,delivered,,,;,,delayed,,,;,,relayed,,,;", NULL, NDR_KIND_DELAYED, true},
    {"a line of white space ends a group", DSN,
     "Final-Recipient: a@b\n \t\nFinal-Recipient: c@d\n\xc2\xa0\nFinal-Recipient: e@f\n",
     "|a@b,,,,,;c@d,,,,,;e@f,,,,,;", NULL, NDR_KIND_NONE, false},
    {"empty lines in a row", DSN,
     "\n\n\nFinal-Recipient: a@b\n\n\n\nAction: failed\n\n\n", "|a@b,,failed,,,;", NULL,
     NDR_KIND_FAILED, true},
    {"a group without a recipient is none", DSN, "Status: 5.0.0\n\nX: y\n", "|",
     "status: 5.0.0\nx: y\n", NDR_KIND_NONE, false},
    {"all in one group", DSN,
     "Reporting-MTA: dns; a\nFinal-Recipient: b@c\nAction: expanded\n",
     "a|b@c,,expanded,,,;", NULL, NDR_KIND_DELIVERED, true},
    {"of two in a group the first counts", DSN, "Action: failed\nAction: delayed\n",
     "|,,failed,,,;", "action: failed\naction: delayed\n", NDR_KIND_FAILED, true},
    {"the first Reporting-MTA counts", DSN,
     "Reporting-MTA: dns; a\n\nReporting-MTA: dns; b\n", "a|", NULL, NDR_KIND_NONE,
     false},
    {"names in any case", DSN, "ACTION: FAILED\n", "|,,FAILED,,,;", "action: FAILED\n",
     NDR_KIND_FAILED, true},
    {"a word behind the action", DSN, "Action: relayed (to a list)\n", "|,,relayed,,,;",
     NULL, NDR_KIND_DELIVERED, true},
    {"a semicolon behind the action", DSN, "Action: failed; x\n", "|,,failed,,,;", NULL,
     NDR_KIND_FAILED, true},
    {"an odd action says nothing", DSN, "Action: failure\n", "|,,failure,,,;", NULL,
     NDR_KIND_NONE, false},
    {"an odd action beside a known one", DSN, "Action: lost\n\nAction: delivered\n",
     "|,,lost,,,;,,delivered,,,;", NULL, NDR_KIND_DELIVERED, true},
    {"an empty action says nothing", DSN, "Final-Recipient: a@b\nAction:\n", "|a@b,,,,,;",
     "final-recipient: a@b\naction: \n", NDR_KIND_NONE, false},
    {"values are unfolded", DSN,
     "Diagnostic-Code: smtp; 550\n\tno such\n  user\nAction: failed\n",
     "|,,failed,,550 no such user,;",
     "diagnostic-code: smtp; 550 no such user\naction: failed\n", NDR_KIND_FAILED, true},
    {"encoded words stay as they are", DSN,
     "Diagnostic-Code: =?utf-8?q?a?=\nAction: failed\n", "|,,failed,,=?utf-8?q?a?=,;",
     NULL, NDR_KIND_FAILED, true},
    {"8-bit values are windows-1252", DSN,
     "Diagnostic-Code: smtp; \xfc\nAction: failed\n", "|,,failed,,\xc3\xbc,;", NULL,
     NDR_KIND_FAILED, true},
    {"junk lines are passed over", DSN,
     "hello there\nAction: failed\n== x ==\nStatus: 5.0.0\n", "|,,failed,5.0.0,,;",
     "action: failed\nstatus: 5.0.0\n", NDR_KIND_FAILED, true},
    {"junk alone", DSN, "hello\nyou\n", "|", "", NDR_KIND_NONE, false},
    {"From_ lines are passed over", DSN, "From a\nAction: failed\nFrom b\nFrom c\nx\n",
     "|,,failed,,,;", "action: failed\n", NDR_KIND_FAILED, true},
    {"a From_ line does not swallow the end of its group", DSN,
     "Final-Recipient: a@b\nFrom x\n\nFinal-Recipient: c@d\n", "|a@b,,,,,;c@d,,,,,;",
     NULL, NDR_KIND_NONE, false},
    {"a continuation of nothing is junk", DSN, " x: y\nAction: failed\n", "|,,failed,,,;",
     "action: failed\n", NDR_KIND_FAILED, true},
    {"address types are taken off", DSN,
     "Final-Recipient: RFC822;<a@b>\nRemote-MTA: smtp; x\nDiagnostic-Code: X-Notes; y; "
     "z\n",
     "|a@b,,,,y; z,x;", NULL, NDR_KIND_NONE, false},
    {"no address type", DSN, "Final-Recipient: a@b;c\n", "|a@b,,,,,;", NULL,
     NDR_KIND_NONE, false},
    {"a mailbox with a name", DSN, "Final-Recipient: rfc822; Bob <a@b.example>\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"a comment in front", DSN, "Final-Recipient: rfc822; (was c@d) a@b.example\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"a comment behind it", DSN, "Final-Recipient: RFC822;a@b.example (Bob; c@d)\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"quotes around all of it", DSN, "Final-Recipient: rfc822;\"a@b.example\"\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"quotes around the local part", DSN, "Final-Recipient: rfc822;\"a\"@b.example\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"quotes that are needed", DSN, "Final-Recipient: rfc822; \"a b\"@b.example\n",
     "|\"a b\"@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"a source route", DSN, "Original-Recipient: rfc822;<@x.example,@y.example:a@b>\n",
     "|a@b,a@b,,,,;", NULL, NDR_KIND_NONE, false},
    {"mailto and a query", DSN, "Final-Recipient: mailto:a@b.example?subject=x;\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"an address type with a colon", DSN, "Final-Recipient: SMTP:a@b.example\n",
     "|a@b.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"what names no mailbox stays", DSN, "Final-Recipient: X400; /C=DE/S=Bob/;\n",
     "|/C=DE/S=Bob/,,,,,;", NULL, NDR_KIND_NONE, false},
    {"a local name", DSN, "Final-Recipient: rfc822; <bob>\n", "|bob,,,,,;", NULL,
     NDR_KIND_NONE, false},
    {"utf-8-addr-xtext", DSN, "Final-Recipient: utf-8; j\\x{FC}rgen@b\\x{fc}.example\n",
     "|j\xc3\xbcrgen@b\xc3\xbc.example,,,,,;", NULL, NDR_KIND_NONE, false},
    {"a point beyond the first plane", DSN, "Original-Recipient: UTF-8;\\x{1F600}@b\n",
     "|\xf0\x9f\x98\x80@b,\xf0\x9f\x98\x80@b,,,,;", NULL, NDR_KIND_NONE, false},
    {"an escaped backslash is one (utf-8-addr-unitext)", DSN,
     "Final-Recipient: utf-8; a\\x{5C}c\xc3\xa9@b\n", "|a\\c\xc3\xa9@b,,,,,;", NULL,
     NDR_KIND_NONE, false},
    {"no escape for a line end, half a pair, or without digits", DSN,
     "Final-Recipient: utf-8; a\\x{A}\\x{D800}\\x{}\\x{41@b\n",
     "|a\\x{A}\\x{D800}\\x{}\\x{41@b,,,,,;", NULL, NDR_KIND_NONE, false},
    {"no escapes in other types", DSN, "Final-Recipient: rfc822; a\\x{FC}@b\n",
     "|a\\x{FC}@b,,,,,;", NULL, NDR_KIND_NONE, false},
    {"Original-Recipient alone names the final one, too", DSN,
     "Original-Recipient: rfc822;a@b\nAction: failed\n", "|a@b,a@b,failed,,,;", NULL,
     NDR_KIND_FAILED, true},
    {"an empty line behind each field", DSN,
     "Reporting-MTA: dns; m\n\nFinal-Recipient: a@b\n\nAction: failed\n\nStatus: "
     "5.1.1\n\nRemote-MTA: dns; r\n\nFinal-Recipient: c@d\n\nAction: failed\n\nStatus: "
     "5.2.2\n",
     "m|a@b,,failed,5.1.1,,r;c@d,,failed,5.2.2,,;", NULL, NDR_KIND_FAILED, true},
    {"an empty line in the middle, and the action in front", DSN,
     "Action: failed\n\nFinal-Recipient: a@b\n\n\nAction: delayed\nFinal-Recipient: "
     "c@d\n\nStatus: 4.0.0\n",
     "|a@b,,failed,,,;c@d,,delayed,4.0.0,,;", NULL, NDR_KIND_FAILED, true},
    {"no empty line between two groups", DSN,
     "Original-Recipient: rfc822;x@b\nFinal-Recipient: a@b\nStatus: 5.1.1\n"
     "Original-Recipient: rfc822;y@d\nFinal-Recipient: c@d\nStatus: 5.2.2\n",
     "|a@b,x@b,,5.1.1,,;c@d,y@d,,5.2.2,,;", NULL, NDR_KIND_NONE, false},
    {"the same recipient twice in a group is one", DSN,
     "Final-Recipient: a@b\nFinal-Recipient: A@b\nStatus: 5.1.1\n", "|a@b,,,5.1.1,,;",
     NULL, NDR_KIND_NONE, false},
    {"a status with words behind it", DSN, "Status: 5.1.1 (bad)\nAction: failed\n",
     "|,,failed,5.1.1,,;", NULL, NDR_KIND_FAILED, true},
    {"a word is no status", DSN, "Status: unknown\nAction: failed\n", "|,,failed,,,;",
     NULL, NDR_KIND_FAILED, true},
    {"nor is a reply", DSN, "Status: 550\nAction: failed\n", "|,,failed,,,;", NULL,
     NDR_KIND_FAILED, true},
    {"nor half a code", DSN, "Status: 5.1\nAction: failed\n", "|,,failed,,,;", NULL,
     NDR_KIND_FAILED, true},
    {"nor an address or a class that there is not", DSN,
     "Status: 10.5.1.1 3.1.1 5.1.1.1 5.1111.1\nAction: failed\n", "|,,failed,,,;", NULL,
     NDR_KIND_FAILED, true},
    {"a reply in front of the code", DSN, "Status: 550 5.1.1\nAction: failed\n",
     "|,,failed,5.1.1,,;", NULL, NDR_KIND_FAILED, true},
    {"signs around the code", DSN, "Status: smtp; (#5.7.133).\nAction: failed\n",
     "|,,failed,5.7.133,,;", NULL, NDR_KIND_FAILED, true},
    {"no line end at the end", DSN, "Action: failed", "|,,failed,,,;", "action: failed\n",
     NDR_KIND_FAILED, true},
    {"the global form", "message/global-delivery-status", "Action: delayed\n",
     "|,,delayed,,,;", NULL, NDR_KIND_DELAYED, true},
    {"a receipt has no recipients", MDN,
     "Final-Recipient: rfc822;a@b\nDisposition: automatic-action; displayed\nAction: "
     "failed\n",
     "|",
     "final-recipient: rfc822;a@b\ndisposition: automatic-action; displayed\naction: "
     "failed\n",
     NDR_KIND_RECEIPT, false},
    {"the global receipt", "message/global-disposition-notification", "X: y\n", "|",
     "x: y\n", NDR_KIND_RECEIPT, false},
    {"feedback", ARF, "Feedback-Type: abuse\n", "|", "feedback-type: abuse\n",
     NDR_KIND_FEEDBACK, false},
};

static void
add_report(const ndr_report *r, ndr_buffer *got)
{
    ndr_buffer_add(got, r->reporting_mta);
    ndr_buffer_byte(got, '|');
    for (size_t i = 0; i < r->count; i++) {
        const ndr_recipient *p = &r->recipient[i];
        const ndr_slice all[] = {p->final,  p->original,   p->action,
                                 p->status, p->diagnostic, p->remote_mta};
        for (int k = 0; k < 6; k++) {
            ndr_buffer_add(got, all[k]);
            ndr_buffer_byte(got, k < 5 ? ',' : ';');
        }
    }
}

static void
report_test(void **state)
{
    const report_row *row = *state;
    const ndr_slice type = slice_copy(row->type), fields = slice_copy(row->fields);
    ndr_arena a = {0};
    ndr_buffer lines = {0}, got = {0};
    ndr_report r = {0};
    ndr_report_read(&r, type, fields, &a, &lines);
    drop_slice(fields);
    drop_slice(type);
    add_report(&r, &got);
    assert_buffer(&got, row->want);
    if (row->lines != NULL)
        assert_buffer(&lines, row->lines);
    assert_int_equal(r.kind, row->kind);
    assert_int_equal(r.has_action, row->has_action);
    ndr_buffer_free(&got);
    ndr_buffer_free(&lines);
    ndr_arena_free(&a);
}

static void
cut_test(void **state)
{
    const report_row *row = *state;
    for (size_t n = 0; n <= strlen(row->fields); n++) {
        const ndr_slice fields = {exact_copy(row->fields, n), n};
        ndr_arena a = {0};
        ndr_buffer lines = {0};
        ndr_report r = {0};
        ndr_report_read(&r, ndr_slice_of(row->type), fields, &a, &lines);
        assert_false(lines.failed);
        assert_true(lines.len == 0 || lines.ptr[lines.len - 1] == '\n');
        drop_slice(fields);
        ndr_buffer_free(&lines);
        ndr_arena_free(&a);
    }
}

typedef struct parts_row {
    const char *why;
    const char *type[2], *fields[2];
    enum ndr_kind kind;
} parts_row;

static const parts_row parts[] = {
    {"a receipt before a delivery report",
     {MDN, DSN},
     {"A: b\n", "Action: failed\n"},
     NDR_KIND_FAILED},
    {"a receipt behind a delivery report",
     {DSN, MDN},
     {"Action: delayed\n", "A: b\n"},
     NDR_KIND_DELAYED},
    {"a receipt behind a report without action",
     {DSN, MDN},
     {"Status: 5.0.0\n", "A: b\n"},
     NDR_KIND_RECEIPT},
    {"two delivery reports",
     {DSN, DSN},
     {"Action: delivered\n", "Action: failed\n"},
     NDR_KIND_FAILED},
    {"of a receipt and feedback the first",
     {ARF, MDN},
     {"A: b\n", "A: b\n"},
     NDR_KIND_FEEDBACK},
};

static void
parts_test(void **state)
{
    const parts_row *row = *state;
    ndr_arena a = {0};
    ndr_buffer lines = {0};
    ndr_report r = {0};
    for (int i = 0; i < 2; i++)
        ndr_report_read(&r, ndr_slice_of(row->type[i]), ndr_slice_of(row->fields[i]), &a,
                        &lines);
    assert_int_equal(r.kind, row->kind);
    ndr_buffer_free(&lines);
    ndr_arena_free(&a);
}

static void
limit_test(void **state)
{
    (void)state;
    ndr_buffer fields = {0}, lines = {0};
    for (int i = 0; i < NDR_RECIPIENT_LIMIT + 5; i++)
        ndr_buffer_printf(&fields, "Final-Recipient: u%d@example.com\n\n", i);
    ndr_buffer_text(&fields,
                    "Action: failed\n"); /* beyond the limit, but it still counts */
    ndr_arena a = {0};
    ndr_report r = {0};
    ndr_report_read(&r, NDR_SLICE(DSN), (ndr_slice){fields.ptr, fields.len}, &a, &lines);
    assert_int_equal(r.count, NDR_RECIPIENT_LIMIT);
    assert_slice(r.recipient[0].final, "u0@example.com");
    assert_slice(r.recipient[NDR_RECIPIENT_LIMIT - 1].final, "u9999@example.com");
    assert_int_equal(r.kind, NDR_KIND_FAILED);
    ndr_arena_free(&a);
    ndr_buffer_free(&lines);
    ndr_buffer_free(&fields);
}

static void
type_test(void **state)
{
    (void)state;
    assert_true(ndr_report_type(NDR_SLICE(DSN)));
    assert_true(ndr_report_type(NDR_SLICE(ARF)));
    assert_false(ndr_report_type(NDR_SLICE("message/rfc822")));
    assert_false(ndr_report_type(NDR_SLICE("message/delivery-statusx")));
    assert_false(ndr_report_type((ndr_slice){0}));
}

int
main(void)
{
    ADD_ROWS(rows, report_test);
    ADD_ROWS(rows, cut_test);
    ADD_ROWS(parts, parts_test);
    add_test("ten thousand recipients and no more", limit_test);
    add_test("the types of report", type_test);
    return run_added("report");
}
