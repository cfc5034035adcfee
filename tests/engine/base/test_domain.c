/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"

typedef struct domain_row {
    const char *why, *domain;
    const char *want; /* NULL: it cannot be */
} domain_row;

static const domain_row domains[] = {
    {"small letters", "example.com", "example.com"},
    {"capitals become small", "EXAMPLE.Com", "example.com"},
    {"final dots go", "example.com..", "example.com"},
    {"letters beyond ASCII become A-labels",
     "b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example"},
    {"and without case",
     "B\xc3\x9c"
     "CHER.example",
     "xn--bcher-kva.example"},
    {"an A-label stays", "XN--bcher-kva.example", "xn--bcher-kva.example"},
    {"an underscore", "mail_1.example.com", "mail_1.example.com"},
    {"one label", "intranet", "intranet"},
    {"nothing", "", NULL},
    {"dots alone", "...", NULL},
    {"a path", "../../etc/passwd", NULL},
    {"a path below a domain", "example.com/../x", NULL},
    {"a spreadsheet's formula", "=cmd|'/c calc'!A1.example", NULL},
    {"a wildcard", "*.example", NULL},
    {"an option", "-rf.example", NULL},
    {"a label that ends in a hyphen", "a-.example", NULL},
    {"an empty label", "a..example", NULL},
    {"a blank", "exam ple.com", NULL},
    {"a control character", "exam\x1bple.com", NULL},
    {"a letter that A-labels make another sign of", "a\xe2\x84\x80.example", NULL},
    {"an address", "192.0.2.1", NULL},
    {"an address literal", "[192.0.2.1]", NULL},
    {"bytes that are no UTF-8",
     "b\xfc"
     "cher.example",
     NULL},
};

static void
domain_test(void **state)
{
    const domain_row *row = *state;
    const ndr_slice d = slice_copy(row->domain);
    char got[256] = "";
    assert_int_equal(ndr_domain_normal(d, got), row->want != NULL);
    if (row->want != NULL)
        assert_string_equal(got, row->want);
    drop_slice(d);
}

static void
long_domain_test(void **state)
{
    (void)state;
    unsigned char bytes[300];
    memset(bytes, 'a', sizeof bytes);
    char got[256];
    assert_false(ndr_domain_normal((ndr_slice){bytes, 64}, got)); /* a label too long */
    for (size_t i = 63; i < sizeof bytes; i += 64)
        bytes[i] = '.';
    assert_true(ndr_domain_normal((ndr_slice){bytes, 253}, got));
    assert_int_equal(strlen(got), 253);
    assert_false(ndr_domain_normal((ndr_slice){bytes, 254}, got));
    assert_false(ndr_domain_normal((ndr_slice){bytes, 256}, got));
    bytes[3] = '\0';
    assert_false(ndr_domain_normal((ndr_slice){bytes, 10}, got));
}

typedef struct below_row {
    const char *why, *domain, *parent;
    bool want;
} below_row;

static const below_row belows[] = {
    {"a name below", "mail.example.com", "example.com", true},
    {"far below", "a.b.c.example.com", "example.com", true},
    {"of one letter", "a.b", "b", true},
    {"itself", "example.com", "example.com", false},
    {"above", "example.com", "mail.example.com", false},
    {"a name that ends alike", "myexample.com", "example.com", false},
    {"no name in front of the dot", ".example.com", "example.com", false},
    {"beside it", "mail.example.org", "example.com", false},
    {"nothing is above all", "example.com", "", false},
    {"nothing is below nothing", "", "", false},
    {"nothing is below something", "", "example.com", false},
};

static void
below_test(void **state)
{
    const below_row *row = *state;
    const ndr_slice domain = slice_copy(row->domain), parent = slice_copy(row->parent);
    assert_int_equal(ndr_domain_is_below(domain, parent), row->want);
    drop_slice(domain);
    drop_slice(parent);
}

/* What is normal stays as it is. */
static void
again_test(void **state)
{
    const domain_row *row = *state;
    char got[256];
    if (row->want == NULL)
        return;
    assert_true(ndr_domain_normal(ndr_slice_of(row->want), got));
    assert_string_equal(got, row->want);
}

int
main(void)
{
    ADD_ROWS(domains, domain_test);
    ADD_ROWS(domains, again_test);
    add_test("a domain has 253 bytes, a label 63, and no NUL", long_domain_test);
    ADD_ROWS(belows, below_test);
    return run_added("domain");
}
