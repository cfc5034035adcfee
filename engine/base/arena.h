/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arena.h - where do one message's facts live?
 *
 * Bump memory that is taken back all at once. What it gave stays where it is
 * until the reset. All zero is an empty arena.
 */
#ifndef NDR_ARENA_H
#define NDR_ARENA_H

#include "ndrscan.h"

typedef struct ndr_arena {
    struct ndr_arena_chunk *first, *now;
    size_t used; /* of `now` */
    bool failed; /* there was no memory since the reset */
} ndr_arena;

/* `size` zeroed bytes aligned for any type; NULL, and `failed`: no memory. */
void *ndr_arena_take(ndr_arena *a, size_t size);
/* A copy of `s`; empty when there is no memory. */
ndr_slice ndr_arena_copy(ndr_arena *a, ndr_slice s);
/* Everything given is dead; up to the first chunk is kept for reuse. */
void ndr_arena_reset(ndr_arena *a);
void ndr_arena_free(ndr_arena *a);

#endif
