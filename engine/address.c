/* SPDX-License-Identifier: BSD-3-Clause */
/* address.c - see address.h. */
#include "address.h"

#include <string.h>

static bool
is_stop(unsigned char c)
{
    return c <= ' ' || c == ',' || c == ';' || c == '<' || c == '>' || c == '(' ||
           c == ')';
}

/* What is written around an address, but not in one. */
static bool
is_wrapping(unsigned char c)
{
    return is_stop(c) || c == '[' || c == ']' || c == '"' || c == '\'' || c == ':';
}

static ndr_address
split(ndr_slice s)
{
    while (s.len > 0 && is_wrapping(s.ptr[s.len - 1]))
        s.len--;
    const bool quoted =
        s.len > 0 && s.ptr[0] == '"' && memchr(s.ptr + 1, '"', s.len - 1) != NULL;
    while (!quoted && s.len > 0 && is_wrapping(s.ptr[0]))
        s = (ndr_slice){s.ptr + 1, s.len - 1};
    /* a source route ends in a colon (RFC 5321 4.1.2) */
    if (s.len > 0 && s.ptr[0] == '@') {
        const unsigned char *colon = memchr(s.ptr, ':', s.len);
        if (colon != NULL)
            s = (ndr_slice){colon + 1, s.len - (size_t)(colon + 1 - s.ptr)};
    }
    size_t at = s.len;
    for (size_t i = s.len; i-- > 0;)
        if (s.ptr[i] == '@') {
            at = i;
            break;
        }
    if (at == s.len || at == 0)
        return (ndr_address){0};
    ndr_slice domain = {s.ptr + at + 1, s.len - at - 1};
    while (domain.len > 0 && domain.ptr[domain.len - 1] == '.')
        domain.len--;
    if (domain.len == 0 || domain.len > 255)
        return (ndr_address){0};
    for (size_t i = 0; i < domain.len; i++)
        if (is_stop(domain.ptr[i]) || domain.ptr[i] == '"' || domain.ptr[i] == '@')
            return (ndr_address){0};
    return (ndr_address){.local = {s.ptr, at}, .domain = domain};
}

/* Behind the string that the quote at `at` opens; behind the quote when none closes it.
 */
static size_t
skip_quoted(ndr_slice text, size_t at)
{
    const unsigned char *close =
        at + 1 < text.len ? memchr(text.ptr + at + 1, '"', text.len - at - 1) : NULL;
    return close != NULL ? (size_t)(close - text.ptr) + 1 : at + 1;
}

/* The first mailbox in angle brackets. A quoted name is whatever its writer likes. */
static ndr_address
find_bracketed(ndr_slice text)
{
    for (size_t i = 0; i < text.len;) {
        if (text.ptr[i] == '"') {
            i = skip_quoted(text, i);
            continue;
        }
        if (text.ptr[i++] != '<')
            continue;
        const unsigned char *close =
            i < text.len ? memchr(text.ptr + i, '>', text.len - i) : NULL;
        const size_t end = close != NULL ? (size_t)(close - text.ptr) : text.len;
        const ndr_address a = split((ndr_slice){text.ptr + i, end - i});
        if (a.domain.len > 0)
            return a;
        i = end;
    }
    return (ndr_address){0};
}

static bool
ends_word(unsigned char c)
{
    return c <= ' ' || c == ',' || c == ';';
}

ndr_address
ndr_address_find(ndr_slice text)
{
    ndr_address a = find_bracketed(text);
    for (size_t i = 0; a.domain.len == 0 && i < text.len; i++) {
        const size_t begin = i;
        while (i < text.len && !ends_word(text.ptr[i]))
            i = text.ptr[i] == '"' ? skip_quoted(text, i) : i + 1;
        a = split((ndr_slice){text.ptr + begin, i - begin});
    }
    return a;
}
