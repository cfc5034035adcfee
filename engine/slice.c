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

bool
ndr_slice_equal_nocase(ndr_slice a, ndr_slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
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
