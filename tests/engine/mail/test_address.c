/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/address.h"

#include "bytes.h"

typedef struct address_row {
    const char *why, *text;
    const char *local, *domain; /* both "": none */
} address_row;

static const address_row rows[] = {
    {"a bare address", "a@example.com", "a", "example.com"},
    {"in angle brackets", "<a@example.com>", "a", "example.com"},
    {"behind a name", "Bob <a@example.com>", "a", "example.com"},
    {"behind a quoted name with a comma", "\"Bob, x\" <a@example.com>", "a",
     "example.com"},
    {"behind a name that looks like one", "b@example.org <a@example.com>", "a",
     "example.com"},
    {"angle brackets come before words", "b@example.org, Bob <a@example.com>", "a",
     "example.com"},
    {"the first of two in brackets", "<a@example.com>, <b@example.org>", "a",
     "example.com"},
    {"the first of two words", "a@example.com, b@example.org", "a", "example.com"},
    {"an empty path first", "<>, <a@example.com>", "a", "example.com"},
    {"brackets without an address, then a word", "<x> a@example.com", "a", "example.com"},
    {"a source route", "<@b.example.org,@c.example.org:a@example.com>", "a",
     "example.com"},
    {"the last @ is the domain's", "a@b@example.com", "a@b", "example.com"},
    {"words end at semicolons", "x;a@example.com;y", "a", "example.com"},
    {"quotes around it", "'a@example.com'", "a", "example.com"},
    {"square brackets around it", "[a@example.com]", "a", "example.com"},
    {"parentheses around it", "(a@example.com)", "a", "example.com"},
    {"a colon behind it", "a@example.com: no", "a", "example.com"},
    {"a name and colon in front", "mailto: a@example.com", "a", "example.com"},
    {"a final dot goes", "a@example.com.", "a", "example.com"},
    {"a quoted local part", "<\"a b\"@example.com>", "\"a b\"", "example.com"},
    {"a quoted local part without brackets", "\"a b\"@example.com", "\"a b\"",
     "example.com"},
    {"a quoted name that holds a mailbox", "\"Bob <b@example.org>\" <a@example.com>", "a",
     "example.com"},
    {"a quote that nothing closes", "5\" Bob <a@example.com>", "a", "example.com"},
    {"a quoted address", "\"a@example.com\"", "a", "example.com"},
    {"a quoted name behind a mailbox", "a@example.com, \"b@example.org\"", "a",
     "example.com"},
    {"an unclosed bracket", "<a@example.com", "a", "example.com"},
    {"a bracket in a bracket", "<<a@example.com>>", "a", "example.com"},
    {"letters beyond ASCII", "<a@\xc3\xa4.example>", "a", "\xc3\xa4.example"},
    {"no domain", "a@", "", ""},
    {"a domain of dots", "a@...", "", ""},
    {"no local part", "@example.com", "", ""},
    {"no @", "a b c", "", ""},
    {"a group of nobody", "undisclosed-recipients:;", "", ""},
    {"a comment in front", "(Bob) a@example.com", "a", "example.com"},
    {"a comment with a mailbox in front", "(<b@example.org>) a@example.com", "a",
     "example.com"},
    {"a comment behind it", "a@example.com(b@example.org)", "a", "example.com"},
    {"a comment in a comment", "(b (x) b@example.org) <a@example.com>", "a",
     "example.com"},
    {"a comment in angle brackets", "<a@example.com (b@example.org)>", "a",
     "example.com"},
    {"a parenthesis that nothing closes", ":( a@example.com", "a", "example.com"},
    {"a quoted name with an escaped quote", "\"B\\\" <b@example.org>\" <a@example.com>",
     "a", "example.com"},
    {"a bracket in a quoted local part", "<\"a>b\"@example.com>", "\"a>b\"",
     "example.com"},
    {"mailto", "mailto:a@example.com", "a", "example.com"},
    {"mailto with a query", "<mailto:a@example.com?subject=x>", "a", "example.com"},
    {"an address type with a colon", "SMTP:a@example.com", "a", "example.com"},
    {"a source route without brackets", "@b.example.org,@c.example.org:a@example.com",
     "a", "example.com"},
    {"an address literal", "<a@[192.0.2.1]>", "a", "[192.0.2.1]"},
    {"an address literal of IPv6", "a@[IPv6:2001:db8::1], b@example.org", "a",
     "[IPv6:2001:db8::1]"},
    {"a semicolon behind it", "a@example.com;", "a", "example.com"},
    {"a colon in a quoted local part", "\"a:b\"@example.com", "\"a:b\"", "example.com"},
    {"a group", "Us: a@example.com, b@example.org;", "a", "example.com"},
    {"nothing", "", "", ""},
    {"a blank in brackets ends a word", "<a@exam ple.com>", "a", "exam"},
};

static void
address_test(void **state)
{
    const address_row *row = *state;
    const ndr_slice text = slice_copy(row->text);
    const ndr_address a = ndr_address_find(text);
    assert_slice(a.local, row->local);
    assert_slice(a.domain, row->domain);
    drop_slice(text);
}

static void
cut_test(void **state)
{
    const address_row *row = *state;
    for (size_t n = 0; n <= strlen(row->text); n++) {
        const ndr_slice text = {exact_copy(row->text, n), n};
        const ndr_address a = ndr_address_find(text);
        assert_int_equal(a.domain.len > 0, a.local.len > 0);
        drop_slice(text);
    }
}

static void
length_test(void **state)
{
    (void)state;
    char text[400];
    for (size_t n = 250; n < 260; n++) {
        memset(text, 'a', sizeof text);
        text[1] = '@';
        const ndr_address a =
            ndr_address_find((ndr_slice){(const unsigned char *)text, 2 + n});
        assert_int_equal(a.domain.len, n <= 255 ? n : 0);
    }
}

typedef struct text_row {
    const char *why, *text, *want;
} text_row;

static const text_row texts[] = {
    {"as it is written", "Bob <A@Example.COM>", "A@Example.COM"},
    {"quotes that it does not need", "<\"a.b\"@example.com>", "a.b@example.com"},
    {"quotes that it needs for a blank", "\"a b\"@example.com", "\"a b\"@example.com"},
    {"quotes that it needs for dots", "\"a..b\"@example.com", "\"a..b\"@example.com"},
    {"no address", "Bob", ""},
};

static void
text_test(void **state)
{
    const text_row *row = *state;
    const ndr_slice text = slice_copy(row->text);
    ndr_arena arena = {0};
    const ndr_slice got = ndr_address_text(ndr_address_find(text), &arena);
    drop_slice(text);
    assert_slice(got, row->want);
    ndr_arena_free(&arena);
}

int
main(void)
{
    ADD_ROWS(texts, text_test);
    ADD_ROWS(rows, address_test);
    ADD_ROWS(rows, cut_test);
    add_test("a domain has 255 bytes at the most", length_test);
    return run_added("address");
}
