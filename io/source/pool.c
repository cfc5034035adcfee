/* SPDX-License-Identifier: BSD-3-Clause */
/* pool.c - see pool.h. */
#include "pool.h"

void
ndr_pool_init(ndr_pool *p)
{
    p->count = 0;
    (void)pthread_mutex_init(&p->mu, NULL); /* cannot fail with these attributes */
}

void
ndr_pool_done(ndr_pool *p)
{
    while (p->count > 0)
        ndr_buffer_free(&p->buffer[--p->count]);
    (void)pthread_mutex_destroy(&p->mu);
}

void
ndr_pool_take(ndr_pool *p, ndr_buffer *b)
{
    if (b->ptr != NULL)
        return;
    (void)pthread_mutex_lock(&p->mu);
    if (p->count > 0)
        *b = p->buffer[--p->count];
    (void)pthread_mutex_unlock(&p->mu);
    ndr_buffer_clear(b);
}

void
ndr_pool_give(ndr_pool *p, ndr_buffer *b)
{
    if (b->ptr == NULL)
        return;
    (void)pthread_mutex_lock(&p->mu);
    const bool fits = p->count < NDR_POOL_BUFFERS;
    if (fits)
        p->buffer[p->count++] = *b;
    (void)pthread_mutex_unlock(&p->mu);
    if (!fits)
        ndr_buffer_free(b);
    *b = (ndr_buffer){0};
}
