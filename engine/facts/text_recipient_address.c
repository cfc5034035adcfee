/* SPDX-License-Identifier: BSD-3-Clause */
/* text_recipient_address.c - see text_recipient_address.h. */
#include "text_recipient_address.h"

#include "text_words.h"

enum { LIST_BYTES = 2000 }; /* of a field that names addresses */

static bool
is_local(unsigned char c)
{
    return is_word(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

bool
ndr_text_recipient_local(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '@' || !is_local(s.ptr[i]))
            return false;
    return s.len > 0 && s.len <= 64;
}

/* Where the local part in front of the sign at text[at] begins; false: there is none. */
static bool
find_begin(ndr_slice text, size_t at, size_t *ret)
{
    size_t b = at;
    if (b > 0 && text.ptr[b - 1] == '"') { /* "john doe"@example.com */
        for (b--;
             b > 0 && text.ptr[b - 1] != '"' && text.ptr[b - 1] != '\n' && at - b < 66;)
            b--;
        if (b == 0 || text.ptr[b - 1] != '"')
            return false;
        b--;
    } else {
        while (b > 0 && is_local(text.ptr[b - 1]) && at - b < 256)
            b--;
        const bool bracketed = b > 0 && text.ptr[b - 1] == '<'; /* all of it is his */
        while (!bracketed && b < at && strchr("'`*=/.-|{}~^?!&$%", text.ptr[b]) != NULL)
            b++;
    }
    static const char *const keys[] = {
        "smtp=", "recipient=", "sender=", "from=", "to=", NULL};
    for (const char *const *k = keys; *k != NULL; k++)
        if (begins(cut(text, b, at), *k)) {
            b += strlen(*k);
            break;
        }
    *ret = b;
    return b < at;
}

/* Where the domain behind the sign at text[at] ends; at + 1: there is none. */
static size_t
find_end(ndr_slice text, size_t at)
{
    size_t e = at + 1;
    if (e < text.len && text.ptr[e] == '[') {
        while (e < text.len && text.ptr[e] != ']' && text.ptr[e] != ' ' &&
               text.ptr[e] != '\n')
            e++;
        e += e < text.len && text.ptr[e] == ']';
    } else {
        while (e < text.len && e - at < 254 &&
               (is_word(text.ptr[e]) || strchr(".-_", text.ptr[e]) != NULL) &&
               text.ptr[e] != '\0')
            e++;
        while (e > at + 1 && !is_word(text.ptr[e - 1]))
            e--;
    }
    return e;
}

bool
ndr_text_recipient_address(ndr_slice text, size_t at, size_t *begin, size_t *end)
{
    size_t b;
    if (!find_begin(text, at, &b))
        return false;
    *begin = b;
    *end = find_end(text, at);
    return *end > at + 1;
}

bool
ndr_text_recipient_in(ndr_slice address, ndr_slice list)
{
    if (address.len == 0)
        return false;
    list = head(list, LIST_BYTES);
    for (size_t i = 0; i + address.len <= list.len; i++)
        if (lower(list.ptr[i]) == lower(address.ptr[0]) &&
            (i == 0 || !is_local(list.ptr[i - 1])) &&
            ndr_slice_equal_nocase((ndr_slice){list.ptr + i, address.len}, address) &&
            (i + address.len == list.len || !is_local(list.ptr[i + address.len])))
            return true;
    return false;
}
