/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/codes.h"
#include "harness.h"

typedef struct codes_row {
    const char *why, *text, *reply, *status;
    bool marked;
} codes_row;

static const codes_row rows[] = {
    {"reply and status side by side", "host said: 550 5.1.1 no such user", "550", "5.1.1",
     true},
    {"a multi-line reply", "550-5.1.1 The account does not exist", "550", "5.1.1", true},
    {"a reply said twice", "550 550 5.7.1 relaying denied", "550", "5.7.1", true},
    {"the pair outweighs a reply before it", "after 451 came 550 5.2.2 full", "550",
     "5.2.2", true},
    {"a status behind a hash", "<mx.example.net #5.1.1>", "", "5.1.1", true},
    {"a status behind a hash, then the reply", "<mx.example.net #5.1.1 smtp;550 unknown>",
     "550", "5.1.1", true},
    {"a status in brackets", "delivery failed (5.4.4)", "", "5.4.4", true},
    {"a reply with a status behind a hash", "552 #5.2.2 over quota", "552", "5.2.2",
     true},
    {"a status that is named", "Status: 4.4.7 gave up", "", "4.4.7", true},
    {"a bare status is not marked", "see 5.1.1 of it", "", "5.1.1", false},
    {"a reply alone", "SMTP error: 553 sorry", "553", "", false},
    {"a reply at the very end", "rejected with 554", "554", "", false},
    {"a reply ends a sentence", "It said 550.", "550", "", false},
    {"a reply behind a semicolon", "smtp;550 unknown", "550", "", false},
    {"a reply behind a dash", "SMTP server said -550 no", "550", "", false},
    {"details of three digits", "550 5.7.133 not authenticated", "550", "5.7.133", true},
    {"success is no failure", "250 2.1.5 ok", "", "", false},
    {"nothing at all", "", "", "", false},
    {"no codes", "your mail could not be delivered", "", "", false},
    {"an address of the network is no status", "host 5.1.1.7 refused", "", "", false},
    {"nor is its end", "host 192.5.1.1 refused", "", "", false},
    {"nor is a version", "program 4.80.1", "", "", false},
    {"nor a version with a letter", "client 5.1.1rc2", "", "", false},
    {"a size is no reply", "larger than 512 bytes, 450 KB or 421kb", "", "", false},
    {"a time is no reply", "tried for 450 minutes", "", "", false},
    {"a telephone number is no reply", "call +1-555-0100 or 555-0100", "", "", false},
    {"a part of a word is no reply", "mx550 and 550th and a550", "", "", false},
    {"an address is no reply", "550@example.com user.550@example.com", "", "", false},
    {"a price is no reply", "only $450 or 450.00", "", "", false},
    {"a longer number is no reply", "id 5501 and 1550", "", "", false},
    {"a number that no server says", "about 587 of them, 466 more", "", "", false},
};

static void
codes_test(void **state)
{
    const codes_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_codes c;
    const bool found = ndr_codes_find((ndr_slice){p, n}, &c);
    assert_int_equal(found, row->reply[0] != '\0' || row->status[0] != '\0');
    assert_true(ndr_slice_equal(c.reply, ndr_slice_of(row->reply)));
    assert_true(ndr_slice_equal(c.status, ndr_slice_of(row->status)));
    assert_int_equal(c.marked, row->marked);
    free(p);
}

int
main(void)
{
    ADD_ROWS(rows, codes_test);
    return run_added("codes");
}
