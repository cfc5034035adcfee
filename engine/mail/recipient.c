/* SPDX-License-Identifier: BSD-3-Clause */
/* recipient.c - see recipient.h. */
#include "recipient.h"

#include <string.h>

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* No mailbox with its source route is longer. */
enum { MAILBOX_BYTES = 1024 };

/* The word at the start of `v`: "<…>", or up to a blank, comma or semicolon. */
static ndr_slice
first_word(ndr_slice v)
{
    if (v.len > MAILBOX_BYTES)
        v.len = MAILBOX_BYTES;
    while (v.len > 0 && is_blank(v.ptr[0]))
        v = (ndr_slice){v.ptr + 1, v.len - 1};
    const unsigned char *close =
        v.len > 0 && v.ptr[0] == '<' ? memchr(v.ptr, '>', v.len) : NULL;
    if (close != NULL)
        return (ndr_slice){v.ptr, (size_t)(close - v.ptr) + 1};
    size_t n = 0;
    while (n < v.len && !is_blank(v.ptr[n]) && v.ptr[n] != ',' && v.ptr[n] != ';')
        n++;
    return (ndr_slice){v.ptr, n};
}

/* Is the byte at `at` taken as it is, by the backslashes before it? */
static bool
is_escaped(ndr_slice v, size_t at)
{
    size_t n = 0;
    while (n < at && v.ptr[at - n - 1] == '\\')
        n++;
    return n % 2 == 1;
}

/* Where the string opens whose closing quote stands at `at`; `at` when nothing opens it.
 */
static size_t
quote_begin(ndr_slice v, size_t at)
{
    for (size_t i = at; i-- > 0;)
        if (v.ptr[i] == '"' && !is_escaped(v, i))
            return i;
    return at;
}

/* Where the comment opens that is closed at `at`; `at` when nothing opens it. What a
 * quoted string in it holds is not looked at: the sender's address may stand there. */
static size_t
comment_begin(ndr_slice v, size_t at)
{
    size_t depth = 1;
    for (size_t i = at; i-- > 0;) {
        const unsigned char c = v.ptr[i];
        if ((c != '(' && c != ')' && c != '"') || is_escaped(v, i))
            continue;
        if (c == '"')
            i = quote_begin(v, i);
        else if (c == ')')
            depth++;
        else if (--depth == 0)
            return i;
    }
    return at;
}

/* Is `word` (lower case) the word at `at`? */
static bool
is_word(ndr_slice v, size_t at, ndr_slice word)
{
    return at + word.len < v.len &&
           (is_blank(v.ptr[at + word.len]) || v.ptr[at + word.len] == '<') &&
           ndr_slice_equal_nocase((ndr_slice){v.ptr + at, word.len}, word);
}

ndr_address
ndr_received_for(ndr_slice v)
{
    /* from its end: what stands there is the system's own that wrote it, in front of its
     * "by" is what the sender calls himself */
    bool comments = true;
    for (size_t i = v.len; i-- > 1;) {
        const unsigned char c = v.ptr[i];
        if (c == '"' && !is_escaped(v, i)) {
            i = quote_begin(v, i);
        } else if (c == ')' && comments && !is_escaped(v, i)) {
            const size_t begin = comment_begin(v, i);
            comments = begin < i;
            i = begin;
        } else if (!is_blank(v.ptr[i - 1]) && v.ptr[i - 1] != ')') {
            continue;
        } else if (is_word(v, i, NDR_SLICE("by"))) {
            break;
        } else if (is_word(v, i, NDR_SLICE("for"))) {
            const ndr_address a =
                ndr_address_find(first_word((ndr_slice){v.ptr + i + 3, v.len - i - 3}));
            if (a.domain.len > 0) /* prose may say "for" as well */
                return a;
        }
    }
    return (ndr_address){0};
}

/* Match one place of the path; captures go to `a`. */
static bool
match_at(const char *pattern, const char *path, ndr_address *a)
{
    while (*pattern != '\0') {
        ndr_slice *into = NULL;
        if (strncmp(pattern, "{domain}", 8) == 0) {
            into = &a->domain;
            pattern += 8;
        } else if (strncmp(pattern, "{user}", 6) == 0) {
            into = &a->local;
            pattern += 6;
        }
        if (into == NULL) {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        /* up to what the pattern says next, within one folder's name */
        const size_t n = strcspn(path, *pattern == '\0' || *pattern == '/'
                                           ? "/"
                                           : (const char[]){*pattern, '/', '\0'});
        if (n == 0)
            return false;
        *into = (ndr_slice){(const unsigned char *)path, n};
        path += n;
    }
    return a->domain.len > 0;
}

ndr_address
ndr_recipient_of_path(const char *pattern, const char *path)
{
    ndr_address a = {0};
    if (pattern[0] == '/')
        return match_at(pattern, path, &a) ? a : (ndr_address){0};
    for (const char *at = path; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        a = (ndr_address){0};
        if (match_at(pattern, at, &a))
            return a;
    }
    return (ndr_address){0};
}
