/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_proof.h"

static const struct row {
    const char *why, *value, *asked;
    bool want;
} rows[] = {
    {"a bare address", " a@b.example", "a@b.example", true},
    {"behind a name", " Bob <a@b.example>", "a@b.example", true},
    {"the second of three", "x@b.example, a@b.example,y@b.example", "a@b.example", true},
    {"the last behind a fold", "x@b.example,\r\n\ta@b.example", "a@b.example", true},
    {"in another case", "A@B.Example", "a@b.example", true},
    {"asked in another case", "a@b.example", "A@B.EXAMPLE", true},
    {"quotes that it does not need", "\"a\"@b.example", "a@b.example", true},
    {"asked with quotes", "a@b.example", "\"a\"@b.example", true},
    {"a quoted blank", "\"a b\"@b.example", "\"a b\"@b.example", true},
    {"a quoted pair", "\"a\\\"b\"@b.example", "\"a\\\"b\"@b.example", true},
    {"an @ in quotes", "\"a@x\"@b.example", "\"a@x\"@b.example", true},
    {"in a group", "Us: x@b.example, a@b.example;", "a@b.example", true},
    {"behind a group", "Us: x@b.example;, a@b.example", "a@b.example", true},
    {"behind an empty group", "undisclosed:;, a@b.example", "a@b.example", true},
    {"comments in it", "a (c) @ (d) b.example (e)", "a@b.example", true},
    {"a source route", "<@x.example,@y.example:a@b.example>", "a@b.example", true},
    {"in UTF-8, asked in A-labels", "a@\xc3\xa4.example", "a@xn--4ca.example", true},
    {"an address literal", "a@[192.0.2.1]", "a@[192.0.2.1]", true},
    {"a semicolon between addresses", "x@b.example; a@b.example", "a@b.example", true},
    {"another local part", "aa@b.example", "a@b.example", false},
    {"another domain", "a@bb.example", "a@b.example", false},
    {"a domain above", "a@x.b.example", "a@b.example", false},
    {"in a name in quotes", "\"a@b.example\" <x@b.example>", "a@b.example", false},
    {"in a name", "a@b.example <x@b.example>", "a@b.example", false},
    {"in a comment", "(a@b.example) x@b.example", "a@b.example", false},
    {"in a comment behind it", "x@b.example (a@b.example)", "a@b.example", false},
    {"in a comment in a comment", "x@b.example ((y) a@b.example,)", "a@b.example", false},
    {"a list in a quoted name", "\"y, a@b.example, z\" <x@b.example>", "a@b.example",
     false},
    {"a list in a quoted local part", "\"x, a@b.example, y\"@b.example", "a@b.example",
     false},
    {"the route of another", "<@b.example:x@b.example>", "a@b.example", false},
    {"two @", "a@b.example@c.example", "a@b.example", false},
    {"a quote that nothing closes", "\"x, a@b.example", "a@b.example", false},
    {"a comment that nothing closes", "(x, a@b.example", "a@b.example", false},
    {"a bracket that nothing closes", "<a@b.example", "a@b.example", false},
    {"nothing", "", "a@b.example", false},
    {"no address is asked for", "a@b.example", "a", false},
    {"an empty one is asked for", "a@b.example", "", false},
    {"blanks are asked for", "a@b.example", " ", false},
};

static void
test_row(void **state)
{
    const struct row *row = *state;
    unsigned char *value = exact_copy(row->value, strlen(row->value));
    unsigned char *asked = exact_copy(row->asked, strlen(row->asked));
    ndr_dkim_signature s = {.result = NDR_DKIM_PASS, .recipient_fields = 2};
    s.recipients[0] = NDR_SLICE("other@c.example");
    s.recipients[1] = (ndr_slice){value, strlen(row->value)};
    const ndr_slice mailbox = {asked, strlen(row->asked)};
    assert_int_equal(ndr_dkim_signed_recipient(&s, mailbox), row->want);
    s.result = NDR_DKIM_FAIL;
    assert_false(ndr_dkim_signed_recipient(&s, mailbox));
    free(value);
    free(asked);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    return run_added(__FILE__);
}
