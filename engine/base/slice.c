/* SPDX-License-Identifier: BSD-3-Clause */
/* slice.c - how are borrowed bytes compared? */
#include "ndrscan.h"

#include <string.h>

ndr_slice
ndr_slice_of(const char *text)
{
    return text == NULL ? (ndr_slice){0}
                        : (ndr_slice){(const unsigned char *)text, strlen(text)};
}

bool
ndr_slice_equal(ndr_slice a, ndr_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/* The same bytes but for the case of letters, eight at p and q? Most that differ do so
 * in more than the bit of the case, and need no look at what is a letter. */
static inline bool
same8(const unsigned char *p, const unsigned char *q)
{
    const uint64_t every = 0x0101010101010101u;
    uint64_t a, b;
    memcpy(&a, p, sizeof a);
    memcpy(&b, q, sizeof b);
    const uint64_t differ = a ^ b;
    if ((differ & ~(0x20 * every)) != 0)
        return false;
    if (differ == 0)
        return true;
    const uint64_t low = (a | 0x20 * every) & (0x7f * every);
    const uint64_t from_a = low + (0x80 - 'a') * every;
    const uint64_t above_z = low + (0x7f - 'z') * every;
    const uint64_t letter = (from_a & ~above_z) & ~a & (0x80 * every);
    return (differ & ~(letter >> 2)) == 0;
}

bool
ndr_slice_equal_nocase(ndr_slice a, ndr_slice b)
{
    if (a.len != b.len)
        return false;
    size_t i = 0;
    if (a.len >= 8) {
        for (; i + 8 <= a.len; i += 8)
            if (!same8(a.ptr + i, b.ptr + i))
                return false;
        /* the rest with bytes that are known to be equal */
        return i == a.len || same8(a.ptr + a.len - 8, b.ptr + a.len - 8);
    }
    for (; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int
ndr_slice_compare(ndr_slice a, ndr_slice b)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    const int c = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);
    return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}
