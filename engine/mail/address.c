/* SPDX-License-Identifier: BSD-3-Clause */
/* address.c - see address.h. */
#include "address.h"

#include <string.h>

enum { DOMAIN_BYTES = 255 }; /* RFC 1035 2.3.4 */

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

/* Behind the string that the quote at `at` opens; behind the quote when none closes it.
 */
static size_t
skip_quoted(ndr_slice text, size_t at)
{
    for (size_t i = at + 1; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            return i + 1;
    }
    return at + 1;
}

/* Behind the comment that opens at `at` (RFC 5322 3.2.2); `at` when none closes it. */
static size_t
skip_comment(ndr_slice text, size_t at)
{
    int depth = 0;
    for (size_t i = at; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '(')
            depth++;
        else if (text.ptr[i] == ')' && --depth == 0)
            return i + 1;
    }
    return at;
}

/* Where the last '@' stands; s.len: there is none. */
static size_t
last_at(ndr_slice s)
{
    for (size_t i = s.len; i-- > 0;)
        if (s.ptr[i] == '@')
            return i;
    return s.len;
}

/* The domain behind an '@': an address literal whole, else up to what ends one. */
static ndr_slice
domain_of(ndr_slice s)
{
    const unsigned char *close =
        s.len > 0 && s.ptr[0] == '[' ? memchr(s.ptr, ']', s.len) : NULL;
    if (close != NULL)
        return (ndr_slice){s.ptr, (size_t)(close - s.ptr) + 1};
    const unsigned char *query = s.len > 0 ? memchr(s.ptr, '?', s.len) : NULL;
    if (query != NULL) /* "mailto:a@example.com?subject=x" (RFC 6068 2) */
        s.len = (size_t)(query - s.ptr);
    while (s.len > 0 && (is_wrapping(s.ptr[s.len - 1]) || s.ptr[s.len - 1] == '.'))
        s.len--;
    for (size_t i = 0; i < s.len; i++)
        if (is_stop(s.ptr[i]) || s.ptr[i] == '"' || s.ptr[i] == '@')
            return (ndr_slice){0};
    return s;
}

/* A mailbox as most are written, with nothing around it and nothing quoted in it: told by
 * one look at each byte. False: it may be one all the same. */
static bool
take_plain(ndr_slice s, ndr_address *ret)
{
#define SIGN(c) (UINT64_C(1) << (c))
    /* below '@', blanks and what has a meaning around a mailbox or in it */
    const uint64_t signs = (SIGN(' ' + 1) - 1) | SIGN('"') | SIGN('\'') | SIGN('(') |
                           SIGN(')') | SIGN(',') | SIGN(':') | SIGN(';') | SIGN('<') |
                           SIGN('>') | SIGN('?');
#undef SIGN
    size_t at = s.len;
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = s.ptr[i];
        if (c < '@' ? (signs >> c & 1) != 0 : c == '[' || c == ']')
            return false;
        if (c != '@')
            continue;
        if (at < s.len)
            return false;
        at = i;
    }
    if (at == 0 || at + 1 >= s.len || s.len - at - 1 > DOMAIN_BYTES ||
        s.ptr[s.len - 1] == '.')
        return false;
    *ret =
        (ndr_address){.local = {s.ptr, at}, .domain = {s.ptr + at + 1, s.len - at - 1}};
    return true;
}

static ndr_address
split(ndr_slice s)
{
    ndr_address plain;
    if (take_plain(s, &plain))
        return plain;
    while (s.len > 0 && s.ptr[s.len - 1] != ']' && is_wrapping(s.ptr[s.len - 1]))
        s.len--;
    const bool quoted = s.len > 0 && s.ptr[0] == '"' && skip_quoted(s, 0) > 1;
    while (!quoted && s.len > 0 && is_wrapping(s.ptr[0]))
        s = (ndr_slice){s.ptr + 1, s.len - 1};
    size_t at = last_at(s);
    if (at == s.len)
        return (ndr_address){0};
    /* no local part without quotes holds a colon: a source route (RFC 5321 4.1.2),
     * "mailto:" or an address type stands in front of it */
    for (size_t i = at; !quoted && i-- > 0;)
        if (s.ptr[i] == ':') {
            s = (ndr_slice){s.ptr + i + 1, s.len - i - 1};
            at -= i + 1;
            break;
        }
    const ndr_slice domain = domain_of((ndr_slice){s.ptr + at + 1, s.len - at - 1});
    if (at == 0 || domain.len == 0 || domain.len > DOMAIN_BYTES)
        return (ndr_address){0};
    for (size_t i = 0; !quoted && i < at; i++) /* a blank may be there by mistake */
        if (is_stop(s.ptr[i]) && s.ptr[i] > ' ')
            return (ndr_address){0};
    return (ndr_address){.local = {s.ptr, at}, .domain = domain};
}

/* What of a value is passed over. */
typedef struct how {
    bool comments; /* a comment that nothing closes is none, nor is any behind it */
} how;

/* Behind the quoted string or comment at `at`; `at` when neither stands there. */
static size_t
skip_aside(ndr_slice text, size_t at, how *h)
{
    if (text.ptr[at] == '"')
        return skip_quoted(text, at);
    if (text.ptr[at] != '(' || !h->comments)
        return at;
    const size_t behind = skip_comment(text, at);
    h->comments = behind > at;
    return behind;
}

static bool
ends_word(unsigned char c)
{
    return c <= ' ' || c == ',' || c == ';';
}

/* The first word that is a mailbox. A quoted string is part of a word, a comment none. */
static ndr_address
find_word(ndr_slice text, how h)
{
    ndr_address a = {0};
    for (size_t i = 0; a.domain.len == 0 && i < text.len;) {
        const size_t begin = i;
        size_t aside = i;
        while (i < text.len && !ends_word(text.ptr[i])) {
            aside = skip_aside(text, i, &h);
            if (aside > i && text.ptr[i] == '(')
                break;
            i = aside > i ? aside : i + 1;
        }
        a = split((ndr_slice){text.ptr + begin, i - begin});
        i = i < text.len && aside > i ? aside : i + 1;
    }
    return a;
}

/* The first mailbox in angle brackets. A quoted name is whatever its writer likes. */
static ndr_address
find_bracketed(ndr_slice text, how h)
{
    for (size_t i = 0; i < text.len;) {
        const size_t aside = skip_aside(text, i, &h);
        if (aside > i) {
            i = aside;
            continue;
        }
        if (text.ptr[i++] != '<')
            continue;
        size_t end = i;
        while (end < text.len && text.ptr[end] != '>')
            end = text.ptr[end] == '"' ? skip_quoted(text, end) : end + 1;
        end = end < text.len ? end : text.len;
        const ndr_slice inside = {text.ptr + i, end - i};
        ndr_address a = split(inside);
        if (a.domain.len == 0)
            a = find_word(inside, h);
        if (a.domain.len > 0)
            return a;
        i = end;
    }
    return (ndr_address){0};
}

ndr_address
ndr_address_find(ndr_slice text)
{
    ndr_address a = {0};
    if (take_plain(text, &a))
        return a;
    for (int round = 0; a.domain.len == 0 && round < 2; round++) {
        const how h = {.comments = round == 0};
        a = find_bracketed(text, h);
        if (a.domain.len == 0)
            a = find_word(text, h);
    }
    return a;
}

/* Is it quoted for nothing: a dot-string between its quotes (RFC 5321 4.1.2)? */
static bool
needs_no_quotes(ndr_slice local)
{
    if (local.len < 3 || local.ptr[0] != '"' || local.ptr[local.len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < local.len; i++) {
        const unsigned char c = local.ptr[i];
        if (is_wrapping(c) || c == '\\' || c == '@' || c == 0x7f ||
            (c == '.' && (i == 1 || i + 2 == local.len || local.ptr[i - 1] == '.')))
            return false;
    }
    return true;
}

ndr_slice
ndr_address_text(ndr_address a, ndr_arena *arena)
{
    if (needs_no_quotes(a.local))
        a.local = (ndr_slice){a.local.ptr + 1, a.local.len - 2};
    unsigned char *p =
        a.domain.len > 0 ? ndr_arena_take(arena, a.local.len + 1 + a.domain.len) : NULL;
    if (p == NULL)
        return (ndr_slice){0};
    if (a.local.len > 0)
        memcpy(p, a.local.ptr, a.local.len);
    p[a.local.len] = '@';
    memcpy(p + a.local.len + 1, a.domain.ptr, a.domain.len);
    return (ndr_slice){p, a.local.len + 1 + a.domain.len};
}
