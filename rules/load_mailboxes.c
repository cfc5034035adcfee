/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * load_mailboxes.c - whose are the mailboxes, as an operator's map says it?
 *
 * A line each: the path, a blank, the domain. Lines as of SQL and of Postfix's tables,
 * not YAML, which takes minutes to read for as many. Only the first line of a file may
 * begin with a byte order mark.
 */
#include "keep.h"
#include "mailboxes_file.h"
#include "ndrscan_rules.h"
#include "quote.h"
#include "whole_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_BYTES = 200 };

struct ndr_mailbox_table {
    ndr_mailboxes rows;
    ndr_mailbox *row; /* what rows.row points to */
    ndr_keep keep;    /* what the rows point to */
};

void
ndr_mailbox_table_free(ndr_mailbox_table *t)
{
    if (t == NULL)
        return;
    ndr_keep_free(&t->keep); /* rows too */
    free(t);
}

const ndr_mailboxes *
ndr_mailbox_table_rows(const ndr_mailbox_table *t)
{
    return &t->rows;
}

/* ---- one line ------------------------------------------------------------------------
 */

/* A row and the line it stands in. */
typedef struct entry {
    ndr_mailbox mailbox;
    size_t line;
} entry;

/* A file that is being read. */
typedef struct reading {
    const char *shown;
    ndr_slice rest; /* of the line at hand */
    size_t line;    /* its number, from 1 */
    entry *row;
    size_t count;
    char *paths;            /* room for all that are to come */
    ndr_slice said, domain; /* of the line before, as it was written and as it is kept */
    ndr_keep *keep;
    ndr_error *err;
} reading;

/* Put "FILE:LINE: " in front of what was said. */
static int
fail_in(const reading *r, size_t line, int rc)
{
    ndr_error_prefix(r->err, "%s:%zu", r->shown, line);
    return rc;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for a map of mailboxes");
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(reading *r)
{
    while (r->rest.len > 0 && is_blank(r->rest.ptr[0]))
        r->rest = (ndr_slice){r->rest.ptr + 1, r->rest.len - 1};
}

/* Up to the next blank. */
static ndr_slice
take_word(reading *r)
{
    size_t n = 0;
    while (n < r->rest.len && !is_blank(r->rest.ptr[n]))
        n++;
    const ndr_slice word = {r->rest.ptr, n};
    r->rest = (ndr_slice){r->rest.ptr + n, r->rest.len - n};
    return word;
}

/* Between quotes, in which a backslash takes the next byte as it is. Into `to`. */
static int
take_quoted(const reading *r, ndr_slice *rest, char *to, size_t *ret_len)
{
    size_t n = 0, at = 1;
    for (; at < rest->len && rest->ptr[at] != '"'; at++) {
        if (rest->ptr[at] == '\\' && at + 1 < rest->len)
            at++;
        to[n++] = (char)rest->ptr[at];
    }
    if (at >= rest->len)
        return ndr_fail(r->err, NDR_E_SYNTAX,
                        "the path has no closing quote; write \\\" for a quote in it");
    *rest = (ndr_slice){rest->ptr + at + 1, rest->len - at - 1};
    if (rest->len > 0 && !is_blank(rest->ptr[0]))
        return ndr_fail(
            r->err, NDR_E_SYNTAX,
            "a blank has to follow the path's closing quote; write \\\" for a "
            "quote in it");
    *ret_len = n;
    return 0;
}

/* The path, plain, where r->paths points to, which is then behind it. */
static int
take_path(reading *r, ndr_slice *ret)
{
    char plain[NDR_PATH_BYTES], said[NDR_QUOTE_MAX];
    char *to = r->paths;
    size_t n = 0;
    int rc = 0;
    if (r->rest.ptr[0] == '"') {
        rc = take_quoted(r, &r->rest, to, &n);
    } else {
        const ndr_slice word = take_word(r);
        memcpy(to, word.ptr, word.len);
        n = word.len;
    }
    if (rc != 0)
        return rc;
    to[n] = '\0';
    ndr_quote((ndr_slice){(const unsigned char *)to, n}, said);
    if (to[0] != '/')
        return ndr_fail(r->err, NDR_E_SYNTAX,
                        "%s is no path from the root; begin the line with one, in double "
                        "quotes if it has blanks",
                        said);
    if (!ndr_path_plain(NULL, to, plain))
        return ndr_fail(r->err, NDR_E_SYNTAX,
                        "%s has .. in it or is too long; write the path without", said);
    n = strlen(plain);
    while (n > 0 && plain[n - 1] == '/')
        n--;
    memcpy(to, plain, n);
    *ret = (ndr_slice){(const unsigned char *)to, n};
    r->paths = to + n + 1;
    return 0;
}

/* A domain; that of the line before is not kept twice. */
static int
take_domain(reading *r, ndr_slice *ret)
{
    char text[1024], ascii[256], said[NDR_QUOTE_MAX];
    const ndr_slice word = take_word(r);
    *ret = r->domain;
    if (r->said.len > 0 && ndr_slice_equal(word, r->said))
        return 0;
    ndr_quote(word, said);
    if (word.len >= sizeof text)
        return ndr_fail(r->err, NDR_E_SYNTAX, "%s is longer than a domain can be", said);
    if (word.ptr[0] == '#' || memchr(word.ptr, '/', word.len) != NULL)
        return ndr_fail(
            r->err, NDR_E_SYNTAX,
            "%s is no domain: a path with blanks stands in double quotes, and "
            "a comment in a line of its own",
            said);
    if (word.ptr[0] == '*')
        return ndr_fail(r->err, NDR_E_SYNTAX,
                        "%s: a mailbox is of one domain, or of those that the line names",
                        said);
    memcpy(text, word.ptr, word.len);
    text[word.len] = '\0';
    const int rc = ndr_domain_to_ascii(text, ascii, r->err);
    if (rc != 0)
        return rc;
    if (!ndr_keep_copy(r->keep, ndr_slice_of(ascii), false, ret))
        return no_memory(r->err);
    r->said = word;
    r->domain = *ret;
    return 0;
}

static int
take_line(reading *r)
{
    skip_blanks(r);
    if (r->rest.len == 0 || r->rest.ptr[0] == '#')
        return 0;
    if (memchr(r->rest.ptr, '\0', r->rest.len) != NULL)
        return ndr_fail(r->err, NDR_E_SYNTAX, "a NUL byte: this is no text");
    entry *e = &r->row[r->count];
    *e = (entry){.line = r->line};
    int rc = take_path(r, &e->mailbox.path);
    skip_blanks(r);
    if (rc == 0 && r->rest.len == 0)
        rc = ndr_fail(r->err, NDR_E_SYNTAX,
                      "no domain behind the path; write /PATH DOMAIN, as in "
                      "/home/anna example.com");
    bool several = false;
    for (size_t i = 0; rc == 0 && r->rest.len > 0; i++) {
        ndr_slice domain;
        rc = take_domain(r, &domain);
        if (rc == 0 && i == 0)
            e->mailbox.domain = domain;
        several = several || (rc == 0 && !ndr_slice_equal(domain, e->mailbox.domain));
        skip_blanks(r);
    }
    if (several)
        e->mailbox.domain = (ndr_slice){0};
    r->count += rc == 0;
    return rc;
}

/* ---- the file ------------------------------------------------------------------------
 */

static size_t
count_lines(ndr_slice text)
{
    size_t n = 1;
    for (const unsigned char *at = text.ptr, *end = text.ptr + text.len;
         text.len > 0 && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        n++;
    return n;
}

static int
take_lines(reading *r, ndr_slice text)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
    int rc = 0;
    if (text.len >= sizeof mark && memcmp(text.ptr, mark, sizeof mark) == 0)
        text = (ndr_slice){text.ptr + sizeof mark, text.len - sizeof mark};
    while (text.len > 0 && rc == 0) {
        const unsigned char *end = memchr(text.ptr, '\n', text.len);
        const size_t n = end != NULL ? (size_t)(end - text.ptr) : text.len;
        r->rest = (ndr_slice){text.ptr, n};
        r->line++;
        rc = take_line(r);
        text = (ndr_slice){text.ptr + n, text.len - n};
        if (end != NULL)
            text = (ndr_slice){text.ptr + 1, text.len - 1};
    }
    return rc == 0 ? 0 : fail_in(r, r->line, rc);
}

static int
by_path(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    const int c = ndr_path_compare(x->mailbox.path, y->mailbox.path);
    return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

static void
sort(reading *r)
{
    size_t i = 1;
    while (i < r->count && by_path(&r->row[i - 1], &r->row[i]) < 0)
        i++;
    if (i < r->count) /* else whoever wrote it has sorted it */
        qsort(r->row, r->count, sizeof *r->row, by_path);
}

/* The same path twice, of one domain and another. */
static int
fail_twice(const reading *r, const entry *first, const entry *e)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(e->mailbox.path, said);
    const ndr_slice is = e->mailbox.domain, was = first->mailbox.domain;
    const int rc = ndr_fail(
        r->err, NDR_E_SYNTAX,
        "%s is of %.*s here, and of %.*s in line %zu; take one out, or put all its "
        "domains in one line",
        said, is.len > 0 ? (int)is.len : 15,
        is.len > 0 ? (const char *)is.ptr : "several domains",
        was.len > 0 ? (int)was.len : 15,
        was.len > 0 ? (const char *)was.ptr : "several domains", first->line);
    return fail_in(r, e->line, rc);
}

/* The sorted rows into the table, each path once, and the way up from each. */
static int
fill(const reading *r, ndr_mailbox_table *t)
{
    size_t n = 0;
    const entry *first = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const entry *e = &r->row[i];
        if (first != NULL && ndr_slice_equal(first->mailbox.path, e->mailbox.path)) {
            if (!ndr_slice_equal(first->mailbox.domain, e->mailbox.domain))
                return fail_twice(r, first, e);
            continue;
        }
        first = e;
        size_t above = n; /* the number of the row in front */
        while (above > 0) {
            const ndr_slice folder = t->row[above - 1].path;
            if (e->mailbox.path.len > folder.len &&
                (folder.len == 0 ||
                 memcmp(e->mailbox.path.ptr, folder.ptr, folder.len) == 0) &&
                e->mailbox.path.ptr[folder.len] == '/')
                break;
            above = t->row[above - 1].above;
        }
        t->row[n] = e->mailbox;
        t->row[n++].above = above;
    }
    t->rows = (ndr_mailboxes){.row = t->row, .count = n};
    return 0;
}

int
ndr_mailboxes_parse(const char *name, ndr_slice text, ndr_mailbox_table **ret,
                    ndr_error *err)
{
    const size_t lines = count_lines(text);
    ndr_mailbox_table *t = calloc(1, sizeof *t);
    reading r = {.shown = name, .err = err, .row = calloc(lines, sizeof *r.row)};
    int rc = t != NULL && r.row != NULL ? 0 : no_memory(err);
    if (rc == 0) {
        r.keep = &t->keep;
        t->row = ndr_keep_room(&t->keep, lines, sizeof *t->row);
        r.paths = ndr_keep_room(&t->keep, text.len + lines, 1);
        rc = t->row != NULL && r.paths != NULL ? take_lines(&r, text) : no_memory(err);
    }
    if (rc == 0 && r.count == 0)
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "%s names no mailbox; write a line for each: /PATH DOMAIN, as in "
                      "/home/anna example.com",
                      name);
    if (rc == 0) {
        sort(&r);
        rc = fill(&r, t);
    }
    free(r.row);
    if (rc != 0) {
        ndr_mailbox_table_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}

int
ndr_mailboxes_load(const char *path, ndr_mailbox_table **ret, ndr_error *err)
{
    static const int how = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    char shown[SHOWN_BYTES];
    struct stat st;
    ndr_slice text = {0};
    ndr_quote_path(path, shown, sizeof shown);
    const int fd = ndr_open_own(AT_FDCWD, path, shown, how, err);
    if (fd < 0)
        return fd;
    int rc = 0;
    if (fstat(fd, &st) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "stat '%s'", shown);
    else if (!S_ISREG(st.st_mode))
        rc = ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", shown);
    else
        rc = ndr_whole_file(fd, shown, NDR_MAILBOXES_MOST_BYTES, &text, err);
    (void)close(fd); /* was only read */
    if (rc == 0)
        rc = ndr_mailboxes_parse(shown, text, ret, err);
    free((void *)(uintptr_t)text.ptr);
    return rc;
}
