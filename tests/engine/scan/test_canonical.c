/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan.h"
#include "rules.h"

static const char mail[] =
    "From: =?utf-8?q?M=C3=BCller?= <mueller@example.net>\nSubject: Over\n two  lines\n"
    "X-Odd: one\nX-Odd:\nx-odd: two\nContent-Type: multipart/report; boundary=b\n\n"
    "--b\n\nSome\nwords.\n\nMore \xc3\x84.\n--b\nContent-Type: "
    "message/delivery-status\n\n"
    "Action: failed\n--b--\n";
static const char other[] = "From: a@example.org\nSubject: lunch\n\nwords\n";

typedef struct canonical_row {
    const char *why, *mail, *target, *want; /* want NULL: no target */
} canonical_row;

static const canonical_row rows[] = {
    {"a field, unfolded", mail, "subject", "Over two lines\n"},
    {"a field, decoded", mail, "from", "M\xc3\xbcller <mueller@example.net>\n"},
    {"each occurrence, empty ones left out", mail, "header:x-ODD", "one\ntwo\n"},
    {"a field that is not there", mail, "sender", ""},
    {"the parts", mail, "part",
     "multipart/report\ntext/plain\nmessage/delivery-status\n"},
    {"the report's fields", mail, "status", "action: failed\n"},
    {"the text, beyond ASCII in lower case", mail, "text",
     "Some words.\nMore \xc3\xa4.\n"},
    {"a message whose body was not looked at has fields", other, "subject", "lunch\n"},
    {"but no text", other, "text", ""},
    {"and no parts", other, "part", ""},
    {"a word that is no target", other, "sunject", NULL},
    {"a field without a name", other, "header:", NULL},
};

static void
canonical_test(void **state)
{
    const canonical_row *row = *state;
    const ndr_signal_spec report = {.target = "content-type",
                                    .match = "^multipart/report"};
    ndr_error err = {0};
    ndr_ruleset *rules = NULL;
    ndr_builder *b = ndr_builder_new();
    assert_non_null(b);
    assert_int_equal(ndr_builder_candidate(b, &report, "test", &err), 0);
    const ndr_signal_spec never = {.target = "subject", .match = "^never$"};
    assert_int_equal(
        ndr_builder_rule(b,
                         &(ndr_rule_spec){NDR_SIZED(ndr_rule_spec), .id = "never",
                                          .kind = NDR_KIND_FAILED, .all = &never,
                                          .all_count = 1},
                         &err),
        0);
    assert_int_equal(ndr_builder_compile(b, &rules, &err), 0);
    ndr_builder_free(b);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(&opts, &s, &err), 0);
    const size_t n = strlen(row->mail);
    unsigned char *p = exact_copy(row->mail, n);
    ndr_message m = make_message((ndr_slice){p, n});
    ndr_verdict v;
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, &err), 0);
    ndr_buffer out = {0};
    const int rc = ndr_scan_canonical(s, &m, row->target, &out, &err);
    if (row->want == NULL) {
        assert_int_equal(rc, NDR_E_SYNTAX);
    } else {
        assert_int_equal(rc, 0);
        ndr_buffer_byte(&out, '\0');
        assert_string_equal((const char *)out.ptr, row->want);
    }
    ndr_buffer_free(&out);
    free(p);
    ndr_scanner_free(s);
    ndr_ruleset_free(rules);
}

int
main(void)
{
    ADD_ROWS(rows, canonical_test);
    return run_added("canonical");
}
