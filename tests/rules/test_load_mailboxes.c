/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#include "scratch.h"

#include <stdio.h>

typedef struct row {
    const char *why, *text;
    const char *want; /* "PATH DOMAIN; ...", or what the error has */
    bool good;
} row;

static const row rows[] = {
    {"a line a mailbox", "/home/anna a.example\n/home/bert b.example\n",
     "/home/anna a.example; /home/bert b.example; ", true},
    {"sorted, what is in a folder right behind it",
     "/home/u2 c.example\n/home/u/x b.example\n/home/u a.example\n",
     "/home/u a.example; /home/u/x b.example; /home/u2 c.example; ", true},
    {"tabs, blanks in a row, and none at the end", "\t /home/anna \t a.example",
     "/home/anna a.example; ", true},
    {"lines of Windows", "/home/anna a.example\r\n\r\n/home/bert b.example\r\n",
     "/home/anna a.example; /home/bert b.example; ", true},
    {"a byte order mark", "\xef\xbb\xbf/home/anna a.example\n", "/home/anna a.example; ",
     true},
    {"comments and empty lines", "# map\n\n  # more\n/home/anna a.example\n",
     "/home/anna a.example; ", true},
    {"slashes and points", "//home/./anna// a.example\n/home/bert/. b.example\n",
     "/home/anna a.example; /home/bert b.example; ", true},
    {"the root", "/ a.example\n", " a.example; ", true},
    {"domains as everywhere",
     "/a A.Example.\n/b b\xc3\xbc"
     "cher.example\n",
     "/a a.example; /b xn--bcher-kva.example; ", true},
    {"several domains are none", "/home/two a.example b.example\n", "/home/two ; ", true},
    {"twice the same is one", "/home/a a.example A.EXAMPLE a.example.\n",
     "/home/a a.example; ", true},
    {"the same line again", "/home/a a.example\n/home/b b.example\n/home/a/ a.example\n",
     "/home/a a.example; /home/b b.example; ", true},
    {"quotes", "\"/srv/my mail\" a.example\n\"/srv/x\"\tb.example\n",
     "/srv/my mail a.example; /srv/x b.example; ", true},
    {"quotes and backslashes in them", "\"/srv/\\\"a\\\\b\" a.example\n",
     "/srv/\"a\\b a.example; ", true},
    {"bytes that are no UTF-8, and a hash", "/srv/\xe4#1 a.example\n",
     "/srv/\xe4#1 a.example; ", true},
    {"empty", "", "map names no mailbox", false},
    {"comments alone", "# nobody\n\n", "map names no mailbox", false},
    {"relative", "/a a.example\nhome/anna a.example\n", "map:2: 'home/anna' is no path",
     false},
    {"quoted, and relative", "\"home/anna\" a.example\n", "map:1: 'home/anna' is no path",
     false},
    {"the domain first", "a.example /home/anna\n", "map:1: 'a.example' is no path",
     false},
    {"..", "/home/../anna a.example\n", "map:1: '/home/../anna' has ..", false},
    {"no domain", "# x\n/home/anna\n", "map:2: no domain behind the path", false},
    {"no domain, blanks alone", "/home/anna  \r\n", "map:1: no domain behind", false},
    {"a bad domain", "/home/anna a..example\n", "map:1: 'a..example' has an empty label",
     false},
    {"an address", "/home/anna anna@a.example\n", "map:1: 'anna@a.example' is an address",
     false},
    {"a number", "/home/anna 192.0.2.1\n", "map:1: '192.0.2.1' is an IP address", false},
    {"all below", "/home/anna *.a.example\n", "map:1: '*.a.example': a mailbox is of one",
     false},
    {"a path with blanks without quotes", "/srv/my mail/x a.example\n",
     "map:1: 'mail/x' is no domain: a path with blanks stands in double quotes", false},
    {"a comment behind a line", "/srv/x a.example # his\n", "map:1: '#' is no domain",
     false},
    {"a quote that does not end", "\"/srv/my mail a.example\n", "map:1: the path has no",
     false},
    {"a quote that ends too early", "\"/srv/my\"mail a.example\n",
     "map:1: a blank has to follow", false},
    {"another domain for the same path", "/b b.example\n/a a.example\n/b/./ c.example\n",
     "map:3: '/b' is of c.example here, and of b.example in line 1", false},
    {"one of them of several", "/b b.example c.example\n/b b.example\n",
     "map:2: '/b' is of b.example here, and of several domains in line 1", false},
    {"and the other way round", "/b b.example\n/b b.example c.example\n",
     "map:2: '/b' is of several domains here, and of b.example in line 1", false},
};

static void
row_test(void **state)
{
    const row *r = *state;
    ndr_mailbox_table *t = NULL;
    ndr_error err = {0};
    const size_t n = strlen(r->text);
    unsigned char *text = exact_copy(r->text, n);
    const int rc = ndr_mailboxes_parse("map", (ndr_slice){text, n}, &t, &err);
    free(text);
    if (!r->good) {
        assert_int_equal(rc, NDR_E_SYNTAX);
        if (strstr(err.text, r->want) != err.text)
            assert_string_equal(err.text, r->want);
        return;
    }
    assert_int_equal(rc, 0);
    ndr_buffer got = {0};
    const ndr_mailboxes *m = ndr_mailbox_table_rows(t);
    for (size_t i = 0; i < m->count; i++)
        ndr_buffer_printf(&got, "%.*s %.*s; ", (int)m->row[i].path.len,
                          (const char *)m->row[i].path.ptr, (int)m->row[i].domain.len,
                          (const char *)m->row[i].domain.ptr);
    ndr_buffer_byte(&got, '\0');
    assert_string_equal((const char *)got.ptr, r->want);
    ndr_buffer_free(&got);
    ndr_mailbox_table_free(t);
}

/* The way up from each row. */
static void
above_test(void **state)
{
    (void)state;
    ndr_mailbox_table *t = NULL;
    ndr_error err = {0};
    assert_int_equal(
        ndr_mailboxes_parse("map",
                            ndr_slice_of("/a/b/c/d d.example\n/a/b b.example\n"
                                         "/a/b/c2 c.example\n/a/b/c e.example\n"
                                         "/z z.example\n/a/bb x.example\n"),
                            &t, &err),
        0);
    static const size_t want[] = {0, 1, 2, 1, 0, 0};
    const ndr_mailboxes *m = ndr_mailbox_table_rows(t);
    assert_int_equal(m->count, 6);
    for (size_t i = 0; i < m->count; i++)
        assert_int_equal(m->row[i].above, want[i]);
    ndr_mailbox_table_free(t);
}

static void
nul_test(void **state)
{
    (void)state;
    static const unsigned char text[] = "/a\0b a.example\n";
    ndr_mailbox_table *t = NULL;
    ndr_error err = {0};
    assert_int_equal(
        ndr_mailboxes_parse("map", (ndr_slice){text, sizeof text - 1}, &t, &err),
        NDR_E_SYNTAX);
    assert_string_equal(err.text, "map:1: a NUL byte: this is no text");
}

/* Many, in no order: each is found, and so is what is in it. */
static void
many_test(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    ndr_buffer text = {0};
    ndr_mailbox_table *t = NULL;
    ndr_error err = {0};
    for (unsigned i = 0, n = 1; i < MANY; i++, n = (n + 77773) % MANY)
        ndr_buffer_printf(&text, "/var/spool/mail/u%u d%u.example\n", n, n % 2000);
    assert_false(text.failed);
    assert_int_equal(
        ndr_mailboxes_parse("map", (ndr_slice){text.ptr, text.len}, &t, &err), 0);
    const ndr_mailboxes *m = ndr_mailbox_table_rows(t);
    assert_int_equal(m->count, MANY);
    for (unsigned i = 0; i < MANY; i += 7) {
        char path[64], want[32], got[256];
        (void)snprintf(path, sizeof path, "/var/spool/mail/u%u/cur/1", i);
        (void)snprintf(want, sizeof want, "d%u.example", i % 2000);
        assert_true(ndr_mailboxes_domain(m, path, got));
        assert_string_equal(got, want);
    }
    ndr_mailbox_table_free(t);
    ndr_buffer_free(&text);
}

static void
file_test(void **state)
{
    (void)state;
    ndr_mailbox_table *t = NULL;
    ndr_error err = {0};
    scratch_begin();
    const char *path = scratch_text("mailboxes", "/a a.example\nb b.example\n");
    char want[300];
    (void)snprintf(want, sizeof want, "%s:2: 'b' is no path", path);
    assert_int_equal(ndr_mailboxes_load(path, &t, &err), NDR_E_SYNTAX);
    assert_memory_equal(err.text, want, strlen(want));
    assert_int_equal(ndr_mailboxes_load("/nowhere/mailboxes", &t, &err), NDR_E_SYS);
    assert_non_null(strstr(err.text, "open '/nowhere/mailboxes'"));
    assert_int_equal(ndr_mailboxes_load("/", &t, &err), NDR_E_SYNTAX);
    assert_string_equal(err.text, "'/' is no regular file");
    assert_int_equal(ndr_mailboxes_load("/dev/null", &t, &err), NDR_E_SYNTAX);
    scratch_end();
}

int
main(void)
{
    ADD_ROWS(rows, row_test);
    add_test("the way up from each row", above_test);
    add_test("a NUL byte", nul_test);
    add_test("100,000 mailboxes", many_test);
    add_test("a file", file_test);
    return run_added("load_mailboxes");
}
