/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * room.c - see room.h. Large messages are rare and take milliseconds to scan, and a
 * signal handler may end the wait: so waiting is looking again, without a lock.
 */
#include "room.h"

#include <time.h>

static void
nap(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
}

void
ndr_room_init(ndr_room *r, const atomic_bool *stop)
{
    atomic_init(&r->holders, 0);
    atomic_init(&r->lent, 0);
    r->stop = stop;
}

void
ndr_room_lend(ndr_room *r)
{
    (void)atomic_fetch_add(&r->lent, 1);
}

void
ndr_room_return(ndr_room *r)
{
    (void)atomic_fetch_sub(&r->lent, 1);
}

void
ndr_room_take(ndr_room *r)
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
ndr_room_take_to_fill(ndr_room *r)
{
    while (atomic_load(&r->lent) > 0 && !atomic_load(r->stop))
        nap();
    ndr_room_take(r);
}

void
ndr_room_give(ndr_room *r)
{
    (void)atomic_fetch_sub(&r->holders, 1);
}
