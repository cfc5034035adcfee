/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/text_recipient_address.h"

#include "harness.h"

typedef struct address_row {
    const char *why, *text, *want; /* around the first '@'; "": none */
} address_row;

static const address_row rows[] = {
    {"alone", "bob@example.com", "bob@example.com"},
    {"in brackets", "to <bob@example.com>: no", "bob@example.com"},
    {"in quotes", "'bob@example.com' was", "bob@example.com"},
    {"a quoted local part", "<\"bob b\"@example.com>", "\"bob b\"@example.com"},
    {"a quote that nothing opens", "bob\"@example.com", ""},
    {"a quoted local part does not pass a line", "\"bob\nb\"@example.com", ""},
    {"behind a key", "smtp=bob@example.com", "bob@example.com"},
    {"the point that ends a sentence", "to bob@example.com.", "bob@example.com"},
    {"a number for a domain", "bob@[192.0.2.1]: no", "bob@[192.0.2.1]"},
    {"marks in front are none of it", "**bob@example.com**", "bob@example.com"},
    {"but in brackets they are", "<*bob@example.com>", "*bob@example.com"},
    {"nobody", "@example.com", ""},
    {"nowhere", "bob@", ""},
    {"nowhere but punctuation", "bob@.-_", ""},
};

static void
address_test(void **state)
{
    const address_row *row = *state;
    const size_t n = strlen(row->text), at = (size_t)(strchr(row->text, '@') - row->text);
    unsigned char *p = exact_copy(row->text, n);
    size_t begin = 0, end = 0;
    const bool got = ndr_text_recipient_address((ndr_slice){p, n}, at, &begin, &end);
    assert_int_equal(got, row->want[0] != '\0');
    if (got)
        assert_true(ndr_slice_equal((ndr_slice){p + begin, end - begin},
                                    ndr_slice_of(row->want)));
    free(p);
}

static void
local_test(void **state)
{
    (void)state;
    assert_true(ndr_text_recipient_local(NDR_SLICE("bob")));
    assert_true(ndr_text_recipient_local(NDR_SLICE("bob.b+c=d_e")));
    assert_false(ndr_text_recipient_local(NDR_SLICE("")));
    assert_false(ndr_text_recipient_local(NDR_SLICE("bob b")));
    assert_false(ndr_text_recipient_local(NDR_SLICE("bob@example.com")));
    char most[66];
    memset(most, 'a', sizeof most);
    assert_true(ndr_text_recipient_local((ndr_slice){(unsigned char *)most, 64}));
    assert_false(ndr_text_recipient_local((ndr_slice){(unsigned char *)most, 65}));
}

static void
in_test(void **state)
{
    (void)state;
    const ndr_slice bob = NDR_SLICE("bob@example.com");
    assert_true(
        ndr_text_recipient_in(bob, NDR_SLICE("Bob <BOB@Example.com>, x@example.org")));
    assert_true(ndr_text_recipient_in(bob, bob));
    assert_false(ndr_text_recipient_in(bob, NDR_SLICE("abob@example.com")));
    assert_false(ndr_text_recipient_in(bob, NDR_SLICE("bob@example.com.au")));
    assert_false(ndr_text_recipient_in(bob, NDR_SLICE("bob@example.co")));
    assert_false(ndr_text_recipient_in((ndr_slice){0}, bob));
    assert_false(ndr_text_recipient_in(bob, (ndr_slice){0}));
}

int
main(void)
{
    ADD_ROWS(rows, address_test);
    add_test("what may be a local part", local_test);
    add_test("an address is in a field when all of it is", in_test);
    return run_added("prose_address");
}
