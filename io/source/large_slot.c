/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * large_slot.c - see large_slot.h. Large messages are rare and take milliseconds to scan,
 * and a signal handler may end the wait: so waiting is looking again, without a lock.
 */
#include "large_slot.h"

#include <time.h>

static void
nap(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
}

void
ndr_large_slot_init(ndr_large_slot *r, const atomic_bool *stop)
{
    atomic_init(&r->holders, 0);
    atomic_init(&r->lent, 0);
    r->stop = stop;
    r->spare = (ndr_buffer){0};
    (void)pthread_mutex_init(&r->mu, NULL); /* cannot fail with these attributes */
}

void
ndr_large_slot_done(ndr_large_slot *r)
{
    ndr_buffer_free(&r->spare);
    (void)pthread_mutex_destroy(&r->mu);
}

void
ndr_large_slot_lend(ndr_large_slot *r)
{
    (void)atomic_fetch_add(&r->lent, 1);
}

void
ndr_large_slot_return(ndr_large_slot *r)
{
    (void)atomic_fetch_sub(&r->lent, 1);
}

static void
take(ndr_large_slot *r)
{
    for (unsigned none = 0; !atomic_compare_exchange_weak(&r->holders, &none, 1);
         none = 0) {
        if (atomic_load(r->stop)) {
            (void)atomic_fetch_add(&r->holders, 1);
            return;
        }
        nap();
    }
}

void
ndr_large_slot_take(ndr_large_slot *r)
{
    take(r);
    (void)pthread_mutex_lock(&r->mu); /* one large buffer at a time */
    ndr_buffer_free(&r->spare);
    (void)pthread_mutex_unlock(&r->mu);
}

void
ndr_large_slot_take_to_fill(ndr_large_slot *r, ndr_buffer *b)
{
    while (atomic_load(&r->lent) > 0 && !atomic_load(r->stop))
        nap();
    take(r);
    (void)pthread_mutex_lock(&r->mu);
    if (r->spare.cap > b->cap) {
        const ndr_buffer small = *b;
        *b = r->spare;
        ndr_buffer_clear(b);
        ndr_buffer_add(b, (ndr_slice){small.ptr, small.len});
        r->spare = small;
    }
    (void)pthread_mutex_unlock(&r->mu);
}

void
ndr_large_slot_give(ndr_large_slot *r)
{
    (void)atomic_fetch_sub(&r->holders, 1);
}

void
ndr_large_slot_give_filled(ndr_large_slot *r, ndr_buffer *b)
{
    (void)pthread_mutex_lock(&r->mu);
    const ndr_buffer small = r->spare;
    r->spare = *b;
    *b = small;
    ndr_buffer_clear(b);
    (void)pthread_mutex_unlock(&r->mu);
    ndr_large_slot_give(r);
}
