/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * append.h - how do records grow by a few bytes at a time without a call for each?
 *
 * The same promise as ndr_buffer_add: a failed growth sets `failed`, and what
 * follows is dropped. Inline, so that a literal becomes a few stores.
 */
#ifndef NDR_APPEND_H
#define NDR_APPEND_H

#include "ndrscan.h"

#include <string.h>

/* Room for n bytes behind ptr[len]; false (and failed) when there is no memory. */
static inline bool
append_room(ndr_buffer *b, size_t n)
{
    return (!b->failed && n <= b->cap - b->len) || ndr_buffer_reserve(b, n);
}

static inline void
append_bytes(ndr_buffer *b, const void *bytes, size_t n)
{
    if (n == 0 || !append_room(b, n))
        return;
    memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
}

/* A string literal, without its NUL. */
#define APPEND(b, literal) append_bytes(b, "" literal, sizeof(literal) - 1)

/* A number in decimal. */
static inline void
append_number(ndr_buffer *b, uint64_t v)
{
    char digits[20]; /* of UINT64_MAX */
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    append_bytes(b, digits + at, sizeof digits - at);
}

#endif
