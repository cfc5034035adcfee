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

ndr_address
ndr_received_for(ndr_slice v)
{
    for (size_t i = 1; i + 4 < v.len; i++) {
        if ((v.ptr[i] | 0x20) != 'f' || !is_blank(v.ptr[i - 1]) ||
            (v.ptr[i + 1] | 0x20) != 'o' || (v.ptr[i + 2] | 0x20) != 'r' ||
            !is_blank(v.ptr[i + 3]))
            continue;
        const ndr_address a =
            ndr_address_find(first_word((ndr_slice){v.ptr + i + 4, v.len - i - 4}));
        if (a.domain.len > 0) /* prose in a comment may say "for" as well */
            return a;
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
