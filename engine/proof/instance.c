/* SPDX-License-Identifier: BSD-3-Clause */
/* instance.c - see instance.h. */
#include "instance.h"

#include "crypto_lib.h"

#include <string.h>

enum { BYTES_MOST = 2048 };

bool
ndr_instance_of(const char *word, ndr_slice bytes, bool lower, ndr_instance *ret)
{
    unsigned char all[BYTES_MOST];
    const size_t n = strlen(word) + 1;
    if (bytes.len > sizeof all - n)
        return false;
    memcpy(all, word, n);
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = bytes.ptr[i];
        all[n + i] = lower && c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
    }
    return SHA256(all, n + bytes.len, ret->id) != NULL;
}
