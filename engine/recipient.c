/* SPDX-License-Identifier: BSD-3-Clause */
/* recipient.c - see recipient.h. */
#include "recipient.h"

#include <string.h>

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

ndr_address
ndr_received_for(ndr_slice v)
{
    int depth = 0;
    for (size_t i = 0; i < v.len; i++) {
        const unsigned char c = v.ptr[i];
        if (c == '(') {
            depth++;
        } else if (c == ')' && depth > 0) {
            depth--;
        } else if (depth == 0 && (c | 0x20) == 'f' && v.len - i > 4 &&
                   (i == 0 || is_blank(v.ptr[i - 1])) && (v.ptr[i + 1] | 0x20) == 'o' &&
                   (v.ptr[i + 2] | 0x20) == 'r' && is_blank(v.ptr[i + 3])) {
            const unsigned char *semi = memchr(v.ptr + i, ';', v.len - i);
            const size_t end = semi != NULL ? (size_t)(semi - v.ptr) : v.len;
            return ndr_address_find((ndr_slice){v.ptr + i + 4, end - i - 4});
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
