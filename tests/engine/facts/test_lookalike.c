/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/lookalike.h"

#include "harness.h"

#define OWN "user@example.com"

typedef struct lookalike_row {
    const char *why, *text, *own;
    bool nothing;
} lookalike_row;

static const lookalike_row rows[] = {
    {"no text", "", OWN, true},
    {"words alone", "5 messages could not be delivered", OWN, true},
    {"its own address", "mail to user@example.com is on hold", OWN, true},
    {"its own address, in capitals", "mail to USER@EXAMPLE.COM is on hold", OWN, true},
    {"another of its own domain", "write to help@example.com", OWN, true},
    {"a failed address", "mail to bob@example.org was not delivered", OWN, false},
    {"a failed address behind its own", "user@example.com, bob@example.org", OWN, false},
    {"a domain that begins as its own", "bob@example.com.example.org", OWN, false},
    {"its own at a sentence's end", "It is user@example.com.", OWN, true},
    {"an address at the end", "bob@example", OWN, false},
    {"an @ alone", "meet @ noon, a@ b, @", OWN, true},
    {"a reply", "it said: 550 no such user", OWN, false},
    {"a status", "failed (5.1.1)", OWN, false},
    {"any address, when its own is not known", "user@example.com", "", false},
};

static void
lookalike_test(void **state)
{
    const lookalike_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    assert_int_equal(ndr_states_nothing((ndr_slice){p, n}, ndr_slice_of(row->own)),
                     row->nothing);
    free(p);
}

typedef struct link_row {
    const char *why, *part;
    bool link;
} link_row;

static const link_row links[] = {
    {"nothing", "", false},
    {"three letters", "htt", false},
    {"words", "a link to nowhere", false},
    {"an address of the web", "see http://example.org/", true},
    {"an address without its scheme", "see www.example.org", true},
    {"a link of HTML", "<a HREF='//example.org'>here</a>", true},
};

static void
link_test(void **state)
{
    const link_row *row = *state;
    const size_t n = strlen(row->part);
    unsigned char *p = exact_copy(row->part, n);
    assert_int_equal(ndr_holds_link((ndr_slice){p, n}), row->link);
    free(p);
}

int
main(void)
{
    ADD_ROWS(rows, lookalike_test);
    ADD_ROWS(links, link_test);
    return run_added("lure");
}
