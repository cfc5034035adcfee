/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_admins.h"

#include <stdio.h>

typedef struct set_row {
    const char *why;
    const char *set; /* as a person's domains, with blanks between */
    const char *domain;
    bool below, want;
} set_row;

static const set_row rows[] = {
    {"the domain itself", "a.example", "a.example", false, true},
    {"another", "a.example", "b.example", false, false},
    {"nothing is in no set", "", "a.example", false, false},
    {"the domain of nobody is in no set", "*.a.example", "", false, false},
    {"what is below, without the right to it", "a.example", "x.a.example", false, false},
    {"what is below", "*.a.example", "x.a.example", false, true},
    {"what is far below", "*.a.example", "z.y.x.a.example", false, true},
    {"the domain, by the right to what is below", "*.a.example", "a.example", false,
     true},
    {"all that is below, by the right to one name", "a.example", "a.example", true,
     false},
    {"all that is below", "*.a.example", "a.example", true, true},
    {"all that is below what is below", "*.a.example", "x.a.example", true, true},
    {"the one above", "x.a.example", "a.example", false, false},
    {"the end of a name that is no name", "*.a.example", "ba.example", false, false},
    {"a name that begins so", "*.a.example", "a.example.org", false, false},
    {"between others", "c.example a.example b.example", "b.example", false, true},
    {"twice, once with what is below", "a.example *.a.example a.example", "x.a.example",
     false, true},
    {"a neighbour in the order of bytes", "a-b.example *.a.example a.example.org",
     "x.a.example", false, true},
};

static void
set_test(void **state)
{
    const set_row *row = *state;
    ndr_domain_right right[8];
    char name[8][256], text[256];
    size_t n = 0;
    (void)snprintf(text, sizeof text, "%s", row->set);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "), n++) {
        assert_int_equal(ndr_domain_right_parse(word, name[n], &right[n].below, NULL), 0);
        right[n].domain = ndr_slice_of(name[n]);
    }
    const ndr_domain_set set = {right, ndr_domain_set_sort(right, n)};
    const size_t len = strlen(row->domain);
    unsigned char *copy = exact_copy(row->domain, len);
    assert_int_equal(ndr_domain_set_holds(&set, (ndr_slice){copy, len}, row->below),
                     row->want);
    free(copy);
}

typedef struct word_row {
    const char *why, *word, *want;
} word_row;

static const word_row words[] = {
    {"a name", "Example.COM.", "example.com"},
    {"with what is below", "*.Example.com", "*.example.com"},
    {"in Unicode",
     "*.b\xc3\xbc"
     "cher.example",
     "*.xn--bcher-kva.example"},
    {"a star alone", "*", NULL},
    {"a star and a dot", "*.", NULL},
    {"two stars", "*.*.example.com", NULL},
    {"nothing", "", NULL},
};

static void
word_test(void **state)
{
    const word_row *row = *state;
    char name[256], got[300];
    bool below;
    const int rc = ndr_domain_right_parse(row->word, name, &below, NULL);
    assert_int_equal(rc, row->want != NULL ? 0 : NDR_E_SYNTAX);
    if (rc != 0)
        return;
    (void)snprintf(got, sizeof got, "%s%s", below ? "*." : "", name);
    assert_string_equal(got, row->want);
}

int
main(void)
{
    ADD_ROWS(rows, set_test);
    ADD_ROWS(words, word_test);
    return run_added("domain_set");
}
