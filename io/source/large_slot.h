/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * large_slot.h - may one more large message be held in memory?
 *
 * One at a time, however many workers there are: whoever needs more than the usual
 * buffer for a message takes the room and gives it back when the message is done. A
 * worker waits only for workers that are at it. The fill thread, whose message lies in a
 * batch until a worker takes it up, waits until no batch is under way whose worker could
 * wait for the room: so nobody waits for a batch that nobody has.
 *
 * When the run is to stop nobody waits: memory is then the smaller trouble.
 */
#ifndef NDR_LARGE_SLOT_H
#define NDR_LARGE_SLOT_H

#include "ndrscan.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct ndr_large_slot {
    atomic_uint holders;
    atomic_uint lent;        /* batches that were filled, may need it, and are not done */
    const atomic_bool *stop; /* borrowed */
    pthread_mutex_t mu;      /* guards `spare` */
    ndr_buffer spare;        /* of the last large message in a batch: no new pages for the
                                next */
} ndr_large_slot;

void ndr_large_slot_init(ndr_large_slot *r, const atomic_bool *stop);
void ndr_large_slot_done(ndr_large_slot *r);
/* A batch that may need the room goes to the workers; one comes back. Threads: fill;
 * worker. */
void ndr_large_slot_lend(ndr_large_slot *r);
void ndr_large_slot_return(ndr_large_slot *r);
/* Wait for the room, as a worker, and take it. */
void ndr_large_slot_take(ndr_large_slot *r);
/* The same as the fill thread; `b` may become a larger buffer, that holds the same. */
void ndr_large_slot_take_to_fill(ndr_large_slot *r, ndr_buffer *b);
/* Thread: any; once for each time it was taken. */
void ndr_large_slot_give(ndr_large_slot *r);
/* The same, and `b`, which the fill thread took it for, becomes a smaller one. */
void ndr_large_slot_give_filled(ndr_large_slot *r, ndr_buffer *b);

#endif
