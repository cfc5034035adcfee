/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text_words.h - what does a stretch of running text begin with, end with, hold?
 *
 * Words to look for are lower case and ASCII; the text may be in any case. A slice that
 * is returned borrows from the one that was given.
 */
#ifndef NDR_TEXT_RECIPIENT_WORDS_H
#define NDR_TEXT_RECIPIENT_WORDS_H

#include "ndrscan.h"

#include <string.h>

static inline unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static inline bool
is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* True when `s` begins, or ends, with the lower-case `word`. */
static inline bool
begins(ndr_slice s, const char *word)
{
    size_t i = 0;
    for (; word[i] != '\0'; i++)
        if (i == s.len || lower(s.ptr[i]) != (unsigned char)word[i])
            return false;
    return true;
}

static inline bool
ends(ndr_slice s, const char *word)
{
    const size_t n = strlen(word);
    return s.len >= n && begins((ndr_slice){s.ptr + s.len - n, n}, word) &&
           (s.len == n || !is_word(s.ptr[s.len - n - 1]) ||
            !is_word((unsigned char)word[0]));
}

static inline bool
begins_any(ndr_slice s, const char *const *words)
{
    /* most words are told by their first letter */
    const unsigned char first = s.len > 0 ? lower(s.ptr[0]) : 0;
    for (; *words != NULL; words++)
        if ((unsigned char)(*words)[0] == first && begins(s, *words))
            return true;
    return false;
}

static inline bool
ends_any(ndr_slice s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (ends(s, *words))
            return true;
    return false;
}

static inline bool
holds_any(ndr_slice s, const char *const *words)
{
    for (size_t i = 0; i < s.len; i++)
        if ((i == 0 || !is_word(s.ptr[i - 1])) &&
            begins_any((ndr_slice){s.ptr + i, s.len - i}, words))
            return true;
    return false;
}

/* Without any of `set` in front, or at the end. */
static inline ndr_slice
skip(ndr_slice s, const char *set)
{
    while (s.len > 0 && s.ptr[0] != '\0' && strchr(set, s.ptr[0]) != NULL)
        s = (ndr_slice){s.ptr + 1, s.len - 1};
    return s;
}

static inline ndr_slice
drop(ndr_slice s, const char *set)
{
    while (s.len > 0 && s.ptr[s.len - 1] != '\0' && strchr(set, s.ptr[s.len - 1]) != NULL)
        s.len--;
    return s;
}

static inline ndr_slice
cut(ndr_slice text, size_t begin, size_t end)
{
    return (ndr_slice){text.ptr + begin, end > begin ? end - begin : 0};
}

/* The first `limit` bytes, characters whole. */
static inline ndr_slice
head(ndr_slice s, size_t limit)
{
    if (s.len <= limit)
        return s;
    while (limit > 0 && (s.ptr[limit] & 0xc0) == 0x80)
        limit--;
    return (ndr_slice){s.ptr, limit};
}

#endif
