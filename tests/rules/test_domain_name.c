/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#define L60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 L60 "aaa"
#define BAD "is no domain; write letters, digits, hyphens and dots, like example.com"

typedef struct domain_row {
    const char *why, *text;
    const char *want; /* NULL: refused */
    const char *fault;
} domain_row;

static const domain_row domains[] = {
    {"a plain domain", "example.com", "example.com", NULL},
    {"capitals", "Example.COM", "example.com", NULL},
    {"a trailing dot", "example.com.", "example.com", NULL},
    {"digits and hyphens", "a-1.2b.example.org", "a-1.2b.example.org", NULL},
    {"an underscore", "_mail.example.com", "_mail.example.com", NULL},
    {"one label", "localhost", "localhost", NULL},
    {"U-labels",
     "b\xc3\xbc"
     "cher.example.com",
     "xn--bcher-kva.example.com", NULL},
    {"U-labels in capitals",
     "B\xc3\x9c"
     "CHER.Example.com",
     "xn--bcher-kva.example.com", NULL},
    {"U-labels, decomposed",
     "bu\xcc\x88"
     "cher.example.com",
     "xn--bcher-kva.example.com", NULL},
    {"the same as A-labels", "XN--BCHER-KVA.example.com", "xn--bcher-kva.example.com",
     NULL},
    {"U-labels with a trailing dot",
     "b\xc3\xbc"
     "cher.example.",
     "xn--bcher-kva.example", NULL},
    {"sharp s stays itself",
     "stra\xc3\x9f"
     "e.example",
     "xn--strae-oqa.example", NULL},
    {"an ideographic full stop",
     "\xe4\xbe\x8b\xe3\x80\x82"
     "example",
     "xn--fsq.example", NULL},
    {"a label of 63", L63 ".example", L63 ".example", NULL},
    {"253 bytes", L63 "." L63 "." L63 "." L60 "a", L63 "." L63 "." L63 "." L60 "a", NULL},
    {"253 bytes and a dot", L63 "." L63 "." L63 "." L60 "a.",
     L63 "." L63 "." L63 "." L60 "a", NULL},

    {"254 bytes", L63 "." L63 "." L63 "." L60 "aa", NULL,
     "is longer than a domain can be (253 bytes)"},
    {"a thousand bytes", L63 L63 L63 L63 L63 L63 L63 L63 L63 L63 L63 L63 L63 L63 L63 L63,
     NULL, "is longer than a domain can be (253 bytes)"},
    {"a label of 64", L63 "a.example", NULL, "has a label longer than 63 bytes"},
    {"nothing", "", NULL, "is empty; write a domain like example.com"},
    {"two dots", "example..com", NULL,
     "has an empty label; take the superfluous dot out"},
    {"two trailing dots", "example.com..", NULL,
     "has an empty label; take the superfluous dot out"},
    {"a leading dot", ".example.com", NULL,
     "'.example.com': write the domain alone, and subdomains: true for the names below "
     "it"},
    {"a star", "*.example.com", NULL,
     "'*.example.com': write the domain alone, and subdomains: true for the names below "
     "it"},
    {"an address", "jo@example.com", NULL,
     "'jo@example.com' is an address; write what is behind the @"},
    {"an address literal", "[192.0.2.1]", NULL, BAD},
    {"an IP address", "192.0.2.1", NULL,
     "is an IP address; write a domain like example.com"},
    {"a URL", "http://example.com/", NULL, BAD},
    {"a blank", "example com", NULL, BAD},
    {"a blank in front", " example.com", NULL, BAD},
    {"a hyphen in front", "-a.example.com", NULL,
     "has a label that begins or ends with a hyphen"},
    {"a hyphen at the end of a label", "a-.example.com", NULL,
     "has a label that begins or ends with a hyphen"},
    {"a hyphen at the very end", "example.com-", NULL,
     "has a label that begins or ends with a hyphen"},
    {"a hyphen alone", "-", NULL, "has a label that begins or ends with a hyphen"},
    {"bytes that are not UTF-8",
     "b\xfc"
     "cher.example",
     NULL, "is no domain (string encoding error)"},
    {"a character no name has", "\xe2\x99\xa5.example", NULL, "is no domain ("},
};

static void
domain_test(void **state)
{
    const domain_row *row = *state;
    char *copy = (char *)exact_copy(row->text, strlen(row->text) + 1);
    ndr_error err = {0};
    char got[256] = "";
    const int rc = ndr_domain_to_ascii(copy, got, &err);
    free(copy);
    if (row->want != NULL) {
        assert_string_equal(rc == 0 ? got : err.text, row->want);
        return;
    }
    assert_int_equal(rc, NDR_E_SYNTAX);
    if (strstr(err.text, row->fault) == NULL)
        assert_string_equal(err.text, row->fault);
}

typedef struct show_row {
    const char *why, *domain, *want;
} show_row;
static const show_row shows[] = {
    {"as it is", "example.com", "example.com"},
    {"as it is read", "xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example (xn--bcher-kva.example)"},
    {"below others", "mail.xn--bcher-kva.example",
     "mail.b\xc3\xbc"
     "cher.example (mail.xn--bcher-kva.example)"},
    {"an A-label that is none", "xn--0.example", "xn--0.example"},
    {"an A-label for a character that no name has", "xn--g6h.example", "xn--g6h.example"},
    {"longer than a name", /* 260 bytes */
     "xn--"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa",
     NULL},
    {"nothing", "", ""},
};

static void
show_test(void **state)
{
    const show_row *row = *state;
    const size_t n = strlen(row->domain);
    unsigned char *copy = exact_copy(row->domain, n);
    ndr_buffer got = {0};
    ndr_domain_show((ndr_slice){copy, n}, &got);
    free(copy);
    ndr_buffer_byte(&got, '\0');
    assert_false(got.failed);
    assert_string_equal((const char *)got.ptr,
                        row->want != NULL ? row->want : row->domain);
    ndr_buffer_free(&got);
}

int
main(void)
{
    ADD_ROWS(domains, domain_test);
    ADD_ROWS(shows, show_test);
    return run_added("domain");
}
