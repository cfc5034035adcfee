/* SPDX-License-Identifier: BSD-3-Clause */
/* lookalike.c - see lookalike.h. */
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

/* Where the first '@' of an address stands in `text`, from `at` on; text.len: nowhere. */
static size_t
next_address(ndr_slice text, size_t at)
{
    for (; at < text.len; at++) {
        const unsigned char *sign = memchr(text.ptr + at, '@', text.len - at);
        if (sign == NULL)
            break;
        at = (size_t)(sign - text.ptr);
        if (at > 0 && at + 1 < text.len && sign[-1] > ' ' && sign[1] > ' ')
            return at;
    }
    return text.len;
}

/* Is the address around the '@' at text.ptr[at] of the domain of `own`? */
static bool
is_beside(ndr_slice text, size_t at, ndr_slice own)
{
    const unsigned char *sign = own.len > 0 ? memchr(own.ptr, '@', own.len) : NULL;
    if (sign == NULL)
        return false;
    const ndr_slice domain = {sign + 1, own.len - (size_t)(sign + 1 - own.ptr)};
    size_t n = 0; /* of the domain behind the '@' */
    const unsigned char *behind = text.ptr + at + 1;
    while (n < text.len - at - 1 &&
           (is_word(behind[n]) || behind[n] == '-' ||
            (behind[n] == '.' && n + 2 < text.len - at && is_word(behind[n + 1]))))
        n++;
    return ndr_slice_equal_nocase((ndr_slice){behind, n}, domain);
}

/* Is it `own`, written out? */
static bool
is_own(ndr_slice text, size_t at, ndr_slice own)
{
    const unsigned char *sign = own.len > 0 ? memchr(own.ptr, '@', own.len) : NULL;
    const size_t before = sign == NULL ? own.len : (size_t)(sign - own.ptr);
    return sign != NULL && at >= before && text.len - at >= own.len - before &&
           ndr_slice_equal_nocase((ndr_slice){text.ptr + at - before, own.len}, own);
}

bool
ndr_states_nothing(ndr_slice text, ndr_slice own)
{
    text = front(text);
    ndr_codes c;
    if (text.len > 0 && ndr_codes_find(text, &c))
        return false;
    size_t at = next_address(text, 0);
    while (at < text.len && is_beside(text, at, own))
        at = next_address(text, at + 1);
    return at >= text.len;
}

enum ndr_named
ndr_named_by(ndr_slice text, ndr_slice own)
{
    text = front(text);
    const size_t first = next_address(text, 0);
    size_t at = first;
    while (at < text.len && is_own(text, at, own))
        at = next_address(text, at + 1);
    return at < text.len      ? NDR_NAMED_OTHERS
           : first < text.len ? NDR_NAMED_ITSELF
                              : NDR_NAMED_NOBODY;
}

bool
ndr_states_failure(ndr_slice text, ndr_slice own, ndr_slice from)
{
    text = front(text);
    ndr_codes c;
    if (text.len == 0 || !ndr_codes_find(text, &c))
        return false;
    size_t at = next_address(text, 0);
    while (at < text.len && (is_own(text, at, own) || is_own(text, at, from)))
        at = next_address(text, at + 1);
    return at < text.len;
}
