/* SPDX-License-Identifier: BSD-3-Clause */
/* arena.c - see arena.h. */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 << 10 };

struct ndr_arena_chunk {
    struct ndr_arena_chunk *next;
    size_t cap;
    alignas(max_align_t) unsigned char bytes[];
};

/* As ndr_arena_take, but with what bytes were there before. */
static void *
take(ndr_arena *a, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX / 2) {
        a->failed = true;
        return NULL;
    }
    size = (size + unit - 1) / unit * unit;
    if (a->now == NULL || a->now->cap - a->used < size) {
        const size_t cap = size > CHUNK_BYTES ? size : CHUNK_BYTES;
        struct ndr_arena_chunk *c = malloc(sizeof *c + cap);
        if (c == NULL) {
            a->failed = true;
            return NULL;
        }
        c->next = NULL;
        c->cap = cap;
        if (a->now == NULL)
            a->first = c;
        else
            a->now->next = c;
        a->now = c;
        a->used = 0;
    }
    void *p = a->now->bytes + a->used;
    a->used += size;
    return p;
}

void *
ndr_arena_take(ndr_arena *a, size_t size)
{
    void *p = take(a, size);
    if (p != NULL)
        memset(p, 0, size);
    return p;
}

ndr_slice
ndr_arena_copy(ndr_arena *a, ndr_slice s)
{
    unsigned char *p = s.len == 0 ? NULL : take(a, s.len);
    if (p == NULL)
        return (ndr_slice){0};
    memcpy(p, s.ptr, s.len);
    return (ndr_slice){p, s.len};
}

void
ndr_arena_reset(ndr_arena *a)
{
    a->failed = false;
    if (a->first == NULL)
        return;
    for (struct ndr_arena_chunk *c = a->first->next, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    a->first->next = NULL;
    a->now = a->first;
    a->used = 0;
}

void
ndr_arena_free(ndr_arena *a)
{
    ndr_arena_reset(a);
    free(a->first);
    *a = (ndr_arena){0};
}
