/* SPDX-License-Identifier: BSD-3-Clause */
/* lookalike.c - see lure.h. */
#include "lookalike.h"

#include "codes.h"
#include "ndr_vector.h"
#include "text_words.h"

#include <string.h>

enum { TEXT_BYTES = 16 << 10 }; /* what a bounce says of recipients, it says early */

static ndr_slice
front(ndr_slice s)
{
    return (ndr_slice){s.ptr, s.len < TEXT_BYTES ? s.len : TEXT_BYTES};
}

bool
ndr_holds_link(ndr_slice part)
{
    static const char *const words[] = {"http", "HTTP", "href", "HREF", "www."};
    part = front(part);
    for (size_t i = 0; part.len > 0 && i < sizeof words / sizeof words[0]; i++)
        if (ndr_find(part.ptr, part.len, words[i], 4) < part.len)
            return true;
    return false;
}

/* Is the '@' at text.ptr[at] in an address of another domain than `own`? */
static bool
is_other(ndr_slice text, size_t at, ndr_slice own)
{
    const unsigned char *sign = own.len > 0 ? memchr(own.ptr, '@', own.len) : NULL;
    if (at == 0 || at + 1 == text.len || text.ptr[at - 1] <= ' ' ||
        text.ptr[at + 1] <= ' ')
        return false;
    if (sign == NULL)
        return true;
    const ndr_slice domain = {sign + 1, own.len - (size_t)(sign + 1 - own.ptr)};
    size_t n = 0; /* of the domain behind the '@' */
    const unsigned char *behind = text.ptr + at + 1;
    while (n < text.len - at - 1 &&
           (is_word(behind[n]) || behind[n] == '-' ||
            (behind[n] == '.' && n + 2 < text.len - at && is_word(behind[n + 1]))))
        n++;
    return !ndr_slice_equal_nocase((ndr_slice){behind, n}, domain);
}

bool
ndr_states_nothing(ndr_slice text, ndr_slice own)
{
    text = front(text);
    if (text.len == 0)
        return true; /* ptr may be NULL */
    ndr_codes c;
    if (ndr_codes_find(text, &c))
        return false;
    for (size_t at = 0; at < text.len; at++) {
        const unsigned char *sign = memchr(text.ptr + at, '@', text.len - at);
        if (sign == NULL)
            break;
        at = (size_t)(sign - text.ptr);
        if (is_other(text, at, own))
            return false;
    }
    return true;
}

/* Is the '@' at text.ptr[at] in the address `own`, written out? */
static bool
is_own(ndr_slice text, size_t at, ndr_slice own)
{
    const unsigned char *sign = memchr(own.ptr, '@', own.len);
    const size_t before = sign == NULL ? own.len : (size_t)(sign - own.ptr);
    return sign != NULL && at >= before && text.len - at >= own.len - before &&
           ndr_slice_equal_nocase((ndr_slice){text.ptr + at - before, own.len}, own);
}

enum ndr_named
ndr_named_by(ndr_slice text, ndr_slice own)
{
    enum ndr_named named = NDR_NAMED_NOBODY;
    text = front(text);
    for (size_t at = 0; at < text.len; at++) {
        const unsigned char *sign = memchr(text.ptr + at, '@', text.len - at);
        if (sign == NULL)
            break;
        at = (size_t)(sign - text.ptr);
        if (!is_other(text, at, (ndr_slice){0}))
            continue; /* no address */
        if (own.len == 0 || !is_own(text, at, own))
            return NDR_NAMED_OTHERS;
        named = NDR_NAMED_ITSELF;
    }
    return named;
}

bool
ndr_states_failure(ndr_slice text, ndr_slice own, ndr_slice from)
{
    text = front(text);
    ndr_codes c;
    if (text.len == 0 || !ndr_codes_find(text, &c))
        return false;
    for (size_t at = 0; at < text.len; at++) {
        const unsigned char *sign = memchr(text.ptr + at, '@', text.len - at);
        if (sign == NULL)
            break;
        at = (size_t)(sign - text.ptr);
        if (is_other(text, at, (ndr_slice){0}) &&
            (own.len == 0 || !is_own(text, at, own)) &&
            (from.len == 0 || !is_own(text, at, from)))
            return true;
    }
    return false;
}
