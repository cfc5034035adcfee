/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "mail/mailboxes.h"

#include <stdio.h>

static void
assert_slice(ndr_slice got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.len > 0 ? got.ptr : (const unsigned char *)"", want, got.len);
}

typedef struct plain_row {
    const char *why, *base, *path, *want; /* NULL: it is none */
} plain_row;

static const plain_row plains[] = {
    {"a plain path", NULL, "/var/vmail/a/cur/1", "/var/vmail/a/cur/1"},
    {"doubled slashes", NULL, "//var///vmail//a", "/var/vmail/a"},
    {"points", NULL, "/./var/./vmail/a/.", "/var/vmail/a"},
    {"names that begin with a point", NULL, "/var/.a/..b/...", "/var/.a/..b/..."},
    {"a slash at the end stays, once", NULL, "/var/vmail//", "/var/vmail/"},
    {"the root", NULL, "/", "/"},
    {"above the root is the root", NULL, "/../../var", "/var"},
    {"behind a name, it may lead anywhere", NULL, "/var/link/../vmail", NULL},
    {"and at the end", NULL, "/var/..", NULL},
    {"relative", "/var/vmail", "a/cur/1", "/var/vmail/a/cur/1"},
    {"relative, with a point", "/var/vmail", "./a//cur", "/var/vmail/a/cur"},
    {"the folder itself", "/var/vmail", ".", "/var/vmail"},
    {"and with a slash", "/var/vmail", "./", "/var/vmail/"},
    {"above it", "/var/vmail", "../mail/x", "/var/mail/x"},
    {"far above it", "/var/vmail", "./.././../../srv", "/srv"},
    {"above it, and then behind a name", "/var/vmail", "../mail/../x", NULL},
    {"relative to the root", "/", "x", "/x"},
    {"relative to nowhere", NULL, "x", NULL},
    {"a base counts for relative ones alone", "/var/vmail", "/x", "/x"},
    {"standard input is no path", "/var/vmail", "-", NULL},
    {"but a file of that name is", "/var/vmail", "./-", "/var/vmail/-"},
};

static void
plain_test(void **state)
{
    const plain_row *row = *state;
    char room[NDR_PATH_BYTES];
    char *path = (char *)exact_copy(row->path, strlen(row->path) + 1);
    assert_int_equal(ndr_path_plain(row->base, path, room), row->want != NULL);
    if (row->want != NULL)
        assert_string_equal(room, row->want);
    free(path);
}

/* Every length up to beyond the room, so that the sanitizers see where it ends. */
static void
long_test(void **state)
{
    (void)state;
    for (size_t n = NDR_PATH_BYTES - 8; n < NDR_PATH_BYTES + 8; n++)
        for (int slash = 0; slash < 2; slash++) {
            char *path = malloc(n + 2), *room = malloc(NDR_PATH_BYTES);
            memset(path, 'a', n);
            path[0] = '/';
            (void)strcpy(path + n, slash ? "/" : "");
            const bool good = ndr_path_plain(NULL, path, room);
            assert_int_equal(good, n + 2 <= NDR_PATH_BYTES);
            if (good)
                assert_string_equal(room, path);
            free(path);
            free(room);
        }
}

typedef struct order_row {
    const char *why, *a, *b; /* a comes first */
} order_row;

static const order_row orders[] = {
    {"a folder, then what is in it", "/home/u", "/home/u/x"},
    {"what is in it, then its neighbour", "/home/u/x", "/home/u-2"},
    {"however low that one's letter is", "/home/u/~", "/home/u!"},
    {"by bytes", "/home/a", "/home/b"},
    {"without a sign", "/home/a", "/home/\xc3\xa4"},
    {"the root", "", "/a"},
};

static void
order_test(void **state)
{
    const order_row *row = *state;
    assert_true(ndr_path_compare(ndr_slice_of(row->a), ndr_slice_of(row->b)) < 0);
    assert_true(ndr_path_compare(ndr_slice_of(row->b), ndr_slice_of(row->a)) > 0);
    assert_int_equal(ndr_path_compare(ndr_slice_of(row->a), ndr_slice_of(row->a)), 0);
}

#define ROW(path, domain, above)                                                         \
    {                                                                                    \
        {(const unsigned char *)(path), sizeof(path) - 1},                               \
            {(const unsigned char *)(domain), sizeof(domain) - 1}, (above)               \
    }
static const ndr_mailbox rows[] = {
    ROW("/home", "hosts.example", 0),
    ROW("/home/anna", "a.example", 1),
    ROW("/home/anna/Maildir/.shared", "s.example", 2),
    ROW("/home/anna2", "b.example", 1),
    ROW("/home/two", "", 1),
    ROW("/home/two/own", "c.example", 5),
    ROW("/var/mail/anna", "a.example", 0),
};
static const ndr_mailboxes table = {
    .row = rows, .count = sizeof rows / sizeof rows[0], .base = "/home/anna"};

typedef struct find_row {
    const char *why, *path, *want;
} find_row;

static const find_row finds[] = {
    {"what is in the folder", "/home/anna/Maildir/cur/1", "a.example"},
    {"the folder itself", "/home/anna", "a.example"},
    {"with a slash", "/home/anna/", "a.example"},
    {"a file", "/var/mail/anna", "a.example"},
    {"what is in a folder further in", "/home/anna/Maildir/.shared/cur/1", "s.example"},
    {"behind that one again the outer", "/home/anna/Maildir/.t/cur/1", "a.example"},
    {"in front of it, too", "/home/anna/Maildir/.a/cur/1", "a.example"},
    {"names are whole", "/home/anna2/x", "b.example"},
    {"a longer name is another folder", "/home/anna3/x", "hosts.example"},
    {"a shorter one too", "/home/ann/x", "hosts.example"},
    {"one whose letter is below the slash", "/home/anna!/x", "hosts.example"},
    {"several domains tell none, not the outer one", "/home/two/cur/1", ""},
    {"in which one is again of one domain", "/home/two/own/1", "c.example"},
    {"nothing on its way", "/var/mail/bert", ""},
    {"the folder above", "/var/mail", ""},
    {"behind all", "/zzz", ""},
    {"in front of all", "/a", ""},
    {"slashes and points", "//home/./anna//x", "a.example"},
    {"relative", "Maildir/.shared/1", "s.example"},
    {"above the base", "../anna2/1", "b.example"},
    {"no telling where", "/home/anna/../anna2/1", ""},
    {"standard input", "-", ""},
};

static void
find_test(void **state)
{
    const find_row *row = *state;
    char room[NDR_PATH_BYTES], domain[256];
    char *path = (char *)exact_copy(row->path, strlen(row->path) + 1);
    const ndr_address a = ndr_mailboxes_find(&table, path, room);
    assert_slice(a.domain, row->want);
    assert_slice(a.local, "");
    assert_int_equal(ndr_mailboxes_domain(&table, path, domain), row->want[0] != '\0');
    free(path);
}

typedef struct below_row {
    const char *why, *path;
    size_t first, count;
} below_row;

static const below_row belows[] = {
    {"the root has all", "/", 0, 7},
    {"a folder and what is in it", "/home/anna", 1, 2},
    {"with a slash", "/home/anna/", 1, 2},
    {"further in", "/home/anna/Maildir", 2, 1},
    {"not the neighbour", "/home/anna2", 3, 1},
    {"nothing there", "/home/anna/Maildir/cur", 3, 0},
    {"the folder above", "/var", 6, 1},
    {"the base", ".", 1, 2},
};

static void
below_test(void **state)
{
    const below_row *row = *state;
    size_t first = 99;
    assert_int_equal(ndr_mailboxes_below(&table, row->path, &first), row->count);
    if (row->count > 0)
        assert_int_equal(first, row->first);
}

typedef struct template_row {
    const char *why, *pattern, *path, *want;
} template_row;

static const template_row templates[] = {
    {"a plain path", "/home/{domain}/{user}/", "/home/a.example/u/1", "a.example"},
    {"doubled slashes", "/home/{domain}/{user}/", "//home//a.example///u//1",
     "a.example"},
    {"points", "/home/{domain}/{user}/", "/home/./a.example/./u/1", "a.example"},
    {"relative", "/home/anna/{domain}/{user}/", "a.example/u/1", "a.example"},
    {"relative, with a point", "/home/anna/{domain}/{user}/", "./a.example/u/1",
     "a.example"},
    {"from above", "/home/{domain}/{user}/", "../a.example/u/1", "a.example"},
    {"no telling where", "/home/{domain}/{user}/", "/home/a.example/../b.example/u/1",
     ""},
    {"at any folder", "v/{domain}/{user}/", "x//v/./a.example/u/1", "a.example"},
    {"not at one above what was named", "anna/{domain}/", "a.example/1", ""},
    {"a point is no folder", "{domain}/{user}/", "./a.example/u/1", "a.example"},
    {"at any folder, above", "{domain}/{user}/", "a.example/../b.example/u/1",
     "b.example"},
    {"standard input", "{domain}", "-", ""},
};

static void
template_test(void **state)
{
    const template_row *row = *state;
    char domain[256] = "";
    const ndr_mailboxes m = {.pattern = row->pattern, .base = "/home/anna"};
    assert_int_equal(ndr_mailboxes_domain(&m, row->path, domain), row->want[0] != '\0');
    assert_string_equal(domain, row->want);
}

/* All answers of a table made by chance against those of looking at each row. */
static void
chance_test(void **state)
{
    (void)state;
    unsigned seed = 7;
    static const char letters[] = "/!0ab/";
    for (int round = 0; round < 300; round++) {
        char text[40][24];
        ndr_mailbox row[40];
        size_t count = 0;
        for (int i = 0; i < 40; i++) {
            char raw[16], plain[NDR_PATH_BYTES];
            size_t n = 0;
            raw[n++] = '/';
            for (seed = seed * 1103515245 + 12345; n < 2 + (seed >> 16) % 10; n++)
                raw[n] = letters[((seed = seed * 1103515245 + 12345) >> 16) % 6];
            raw[n] = '\0';
            assert_true(ndr_path_plain(NULL, raw, plain));
            size_t len = strlen(plain);
            while (len > 0 && plain[len - 1] == '/')
                len--;
            (void)snprintf(text[i], sizeof text[i], "%.*s", (int)len, plain);
            size_t at = 0;
            while (at < count &&
                   ndr_path_compare(row[at].path, ndr_slice_of(text[i])) < 0)
                at++;
            if (i >= 20 ||
                (at < count && ndr_slice_equal(row[at].path, ndr_slice_of(text[i]))))
                continue; /* half of them are asked for alone */
            memmove(&row[at + 1], &row[at], (count++ - at) * sizeof *row);
            row[at] = (ndr_mailbox){.path = ndr_slice_of(text[i])};
        }
        for (size_t i = 0; i < count; i++) {
            row[i].domain = row[i].path;
            row[i].above = 0;
            for (size_t k = 0; k < i; k++)
                if (strncmp((const char *)row[k].path.ptr, (const char *)row[i].path.ptr,
                            row[k].path.len) == 0 &&
                    row[i].path.ptr[row[k].path.len] == '/')
                    row[i].above = k + 1;
        }
        const ndr_mailboxes m = {.row = row, .count = count};
        for (int i = 0; i < 40; i++) {
            char room[NDR_PATH_BYTES];
            ndr_slice want = {0};
            for (size_t k = 0; k < count; k++)
                if (strncmp((const char *)row[k].path.ptr, text[i], row[k].path.len) ==
                        0 &&
                    strchr("/", text[i][row[k].path.len]) != NULL &&
                    row[k].path.len >= want.len)
                    want = row[k].path;
            const ndr_address got =
                ndr_mailboxes_find(&m, text[i][0] != '\0' ? text[i] : "/", room);
            assert_true(ndr_slice_equal(got.domain, want));
        }
    }
}

int
main(void)
{
    ADD_ROWS(plains, plain_test);
    add_test("the longest path", long_test);
    ADD_ROWS(orders, order_test);
    ADD_ROWS(finds, find_test);
    ADD_ROWS(belows, below_test);
    ADD_ROWS(templates, template_test);
    add_test("as looking at each row finds it", chance_test);
    return run_added("mailboxes");
}
