/* SPDX-License-Identifier: BSD-3-Clause */
/* keep.c - see keep.h. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "keep.h"

#include <stdlib.h>
#include <string.h>

typedef struct ndr_keep_block {
    struct ndr_keep_block *next;
    size_t size;
    _Alignas(16) unsigned char bytes[];
} block;

void *
ndr_keep_room(ndr_keep *k, size_t n, size_t size)
{
    if (size != 0 && n > (SIZE_MAX - sizeof(block)) / size)
        return NULL;
    block *b = calloc(1, sizeof *b + n * size);
    if (b == NULL)
        return NULL;
    b->next = k->blocks;
    b->size = n * size;
    k->blocks = b;
    return b->bytes;
}

bool
ndr_keep_copy(ndr_keep *k, ndr_slice bytes, bool lower, ndr_slice *ret)
{
    *ret = (ndr_slice){0};
    if (bytes.len == 0)
        return true;
    unsigned char *p = ndr_keep_room(k, bytes.len, 1);
    if (p == NULL)
        return false;
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = bytes.ptr[i];
        p[i] = lower && c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
    }
    *ret = (ndr_slice){p, bytes.len};
    return true;
}

void
ndr_keep_free(ndr_keep *k)
{
    while (k->blocks != NULL) {
        block *b = k->blocks;
        k->blocks = b->next;
        explicit_bzero(b->bytes, b->size);
        free(b);
    }
}
