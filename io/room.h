/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * room.h - may one more large message be held in memory?
 *
 * One at a time, however many workers there are: whoever needs more than the usual
 * buffer for a message takes the room and gives it back when the message is done. A
 * worker waits only for workers that are at it. The fill thread, whose message lies in a
 * batch until a worker takes it up, waits until no batch is under way whose worker could
 * wait for the room: so nobody waits for a batch that nobody has.
 *
 * When the run is to stop nobody waits: memory is then the smaller trouble.
 */
#ifndef NDR_ROOM_H
#define NDR_ROOM_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct ndr_room {
    atomic_uint holders;
    atomic_uint lent;        /* batches that were filled, may need it, and are not done */
    const atomic_bool *stop; /* borrowed */
} ndr_room;

void ndr_room_init(ndr_room *r, const atomic_bool *stop);
/* A batch that may need the room goes to the workers; one comes back. Threads: fill;
 * worker. */
void ndr_room_lend(ndr_room *r);
void ndr_room_return(ndr_room *r);
/* Wait for the room, as a worker or as the fill thread, and take it. */
void ndr_room_take(ndr_room *r);
void ndr_room_take_to_fill(ndr_room *r);
/* Thread: any; once for each time it was taken. */
void ndr_room_give(ndr_room *r);

#endif
