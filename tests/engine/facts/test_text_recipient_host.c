/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/text_recipient_host.h"

#include "harness.h"

typedef struct host_row {
    const char *why, *text, *remote, *reporting;
} host_row;

static const host_row rows[] = {
    {"nothing at all", "", "", ""},
    {"one letter", "h", "", ""},
    {"a host behind its word", "host mx.example.com[192.0.2.1] said: no",
     "mx.example.com", ""},
    {"the word's case does not count", "Connected to MX.example.com but",
     "MX.example.com", ""},
    {"a cue's letters inside a word are no cue", "ghost mx.example.com[192.0.2.1]", "",
     ""},
    {"a cue behind a dash", "the-host mx.example.com: no", "mx.example.com", ""},
    {"a cue that wants a bracket or colon does without none", "by mx.example.com for", "",
     ""},
    {"a name without a dot is none", "giving up on localhost", "", ""},
    {"the dot that ends a sentence is none of a name", "Giving up on it.", "", ""},
    {"a host in front of its verb", "so mx.example.com said: 550 no", "mx.example.com",
     ""},
    {"a verb joined to its host", "192.0.2.1_does_not_like_recipient.", "192.0.2.1", ""},
    {"a host with its number", "then mx.example.com [192.0.2.1]: 550", "mx.example.com",
     ""},
    {"the number wants its colon", "then mx.example.com [192.0.2.1] 550", "", ""},
    {"an address is no host", "u@mx.example.com said: 550", "", ""},
    {"nor is a name that begins with a dash", "-mx.example.com said: 550", "", ""},
    {"the first one counts, by what is behind it",
     "a.example.org said: 550\nconnected to b.example.org", "a.example.org", ""},
    {"the first one counts, by what is in front",
     "connected to b.example.org\na.example.org said: 550", "b.example.org", ""},
    {"names that nothing gives away are passed over",
     "a.example.org, b.example.org and c.example.org said: no", "c.example.org", ""},
    {"the one that writes", "This is the mail system at host mx.example.com.", "",
     "mx.example.com"},
    {"the one that writes, by field", "Reporting-MTA: dns; mx.example.net", "",
     "mx.example.net"},
    {"a host at the very end", "server at a.example", "a.example", ""},
};

static void
host_test(void **state)
{
    const host_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    const ndr_slice text = {p, n};
    assert_true(
        ndr_slice_equal(ndr_text_recipient_remote_host(text), ndr_slice_of(row->remote)));
    assert_true(ndr_slice_equal(ndr_text_recipient_reporting_host(text),
                                ndr_slice_of(row->reporting)));
    free(p);
}

int
main(void)
{
    ADD_ROWS(rows, host_test);
    return run_added("prose_host");
}
