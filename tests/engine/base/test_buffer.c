/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "ndrscan.h"

#include <errno.h>

static void
grow_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    for (int i = 0; i < 10000; i++) {
        ndr_buffer_byte(&b, (unsigned char)('a' + i % 26));
        if (i % 100 == 0)
            ndr_buffer_text(&b, "text");
    }
    assert_int_equal(b.len, 10400);
    assert_false(b.failed);
    assert_true(b.cap >= b.len);
    const size_t cap = b.cap;
    ndr_buffer_clear(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(b.cap, cap);
    ndr_buffer_add(&b, (ndr_slice){0});
    ndr_buffer_text(&b, NULL);
    assert_int_equal(b.len, 0);
    ndr_buffer_free(&b);
    assert_null(b.ptr);
}

static void
printf_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, "x");
    ndr_buffer_printf(&b, "%d-%s", 42, "y");
    assert_buffer(&b, "x42-y");
    for (int i = 0; i < 300; i++) /* across the first capacity */
        ndr_buffer_printf(&b, "%s", "0123456789");
    assert_int_equal(b.len, 3005);
    ndr_buffer_free(&b);
}

static void
fail_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, "kept");
    assert_false(ndr_buffer_reserve(&b, SIZE_MAX - 2));
    assert_true(b.failed);
    ndr_buffer_text(&b, "dropped");
    ndr_buffer_byte(&b, 'x');
    ndr_buffer_printf(&b, "%d", 1);
    assert_false(ndr_buffer_reserve(&b, 1));
    assert_int_equal(b.len, 4);
    ndr_buffer_clear(&b); /* and is good again */
    ndr_buffer_text(&b, "again");
    assert_buffer(&b, "again");
    ndr_buffer_free(&b);
}

static void
error_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    errno = ENOENT;
    assert_int_equal(ndr_fail(&err, NDR_E_SYS, "open '%s'", "x"), NDR_E_SYS);
    assert_int_equal(err.code, NDR_E_SYS);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_non_null(strstr(err.text, "open 'x': "));
    ndr_error_prefix(&err, "file %d", 3);
    assert_int_equal(strncmp(err.text, "file 3: open 'x': ", 18), 0);
    errno = ENOENT;
    assert_int_equal(ndr_fail(&err, NDR_E_SYNTAX, "plain"), NDR_E_SYNTAX);
    assert_string_equal(err.text, "plain");
    assert_int_equal(err.sys_errno, 0);
    assert_int_equal(ndr_fail(NULL, NDR_E_LIMIT, "nobody listens"), NDR_E_LIMIT);
    ndr_error_prefix(NULL, "nobody listens");
    char words[2 * sizeof err.text];
    memset(words, 'w', sizeof words);
    words[sizeof words - 1] = '\0';
    errno = EIO;
    ndr_fail(&err, NDR_E_SYS, "%s", words);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    ndr_error_prefix(&err, "%s", words);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

typedef struct compare_row {
    const char *why, *a, *b;
    int want;
    bool nocase;
} compare_row;

static const compare_row compares[] = {
    {"equal", "abc", "abc", 0, true},
    {"empty", "", "", 0, true},
    {"shorter is less", "ab", "abc", -1, false},
    {"nothing is least", "", "a", -1, false},
    {"bytes are unsigned", "\x7f", "\x80", -1, false},
    {"capitals come first", "B", "a", -1, false},
    {"without case", "aBc", "AbC", 1, true},
    {"signs have no case", "@", "`", -1, false},
    {"letters beyond ASCII keep their case", "\xc3\xa4", "\xc3\x84", 1, false},
};

static void
compare_test(void **state)
{
    const compare_row *row = *state;
    const ndr_slice a = slice_copy(row->a), b = slice_copy(row->b);
    const int got = ndr_slice_compare(a, b), back = ndr_slice_compare(b, a);
    assert_int_equal((got > 0) - (got < 0), row->want);
    assert_int_equal((back > 0) - (back < 0), -row->want);
    assert_int_equal(ndr_slice_equal(a, b), row->want == 0);
    assert_int_equal(ndr_slice_equal_nocase(a, b), row->nocase);
    drop_slice(a);
    drop_slice(b);
}

/* Every byte beside every other, alone and among the eight that are compared at once. */
static void
bytes_test(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const unsigned small = a >= 'A' && a <= 'Z' ? a + 32 : a;
            const unsigned other = b >= 'A' && b <= 'Z' ? b + 32 : b;
            for (size_t n = 1; n <= 11; n += 5) {
                unsigned char x[11] = "Subject: aB", y[11] = "sUBJECT: Ab";
                x[n / 2] = (unsigned char)a;
                y[n / 2] = (unsigned char)b;
                if (ndr_slice_equal_nocase((ndr_slice){x, n}, (ndr_slice){y, n}) !=
                    (small == other))
                    fail_msg("%#x and %#x in %zu bytes", a, b, n);
            }
        }
}

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

int
main(void)
{
    add_test("bytes and texts add up", grow_test);
    add_test("printf appends", printf_test);
    add_test("a failure drops what comes behind it", fail_test);
    add_test("errors have words, causes and places", error_test);
    ADD_ROWS(compares, compare_test);
    add_test("any two bytes are equal but for the case of letters", bytes_test);
    ADD_ROWS(domains, domain_test);
    add_test("a domain has 255 bytes and no NUL", long_domain_test);
    return run_added("buffer");
}
