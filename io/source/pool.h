/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pool.h - which buffer does the next batch of a stream get?
 *
 * The one that was given back last: its bytes are still in the cache, and only as many
 * buffers are in use as batches are under way.
 */
#ifndef NDR_POOL_H
#define NDR_POOL_H

#include "ndrscan.h"

#include <pthread.h>

enum { NDR_POOL_BUFFERS = 16 };

typedef struct ndr_pool {
    pthread_mutex_t mu; /* guards the rest */
    size_t count;
    ndr_buffer buffer[NDR_POOL_BUFFERS];
} ndr_pool;

void ndr_pool_init(ndr_pool *p);
void ndr_pool_done(ndr_pool *p);
/* Empty `*b` becomes a buffer of the pool, if it has one. Thread: any. */
void ndr_pool_take(ndr_pool *p, ndr_buffer *b);
/* *b goes into the pool, or is freed when that is full; and is empty. Thread: any. */
void ndr_pool_give(ndr_pool *p, ndr_buffer *b);

#endif
