/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guests.h - who is connected to the server, and whose question is whole?
 *
 *   connected -> head within 3 s -> rest of the question -> waits -> a worker answers it
 *
 * One thread reads all of them, so that who asks nothing, or slowly, costs a descriptor
 * and no worker. No user has all of anything: of connections half, of workers and of the
 * places for large messages all but one.
 */
#ifndef GUESTS_H
#define GUESTS_H

#include "wire.h"

/* One question. What it says is whole when a worker gets it. */
typedef struct guest {
    int fd;
    unsigned uid;
    bool odd; /* its head is no question of this version */
    wire_question q;
    ndr_slice names, envelope, message; /* in `bytes`; the message up to the limit */
    ndr_buffer bytes;
    unsigned char head[WIRE_QUESTION_BYTES];
    size_t got;    /* bytes of head and what is kept behind it */
    size_t kept;   /* bytes that are kept behind the head */
    uint64_t over; /* bytes still to come that are not looked at */
    bool waits;    /* for a place, to be large in */
    bool large;    /* has it */
    int64_t came_ms, until_ms, stalls_ms;
    struct guest *next;
} guest;

typedef struct guests guests;

/* Read from `listener`, which does not block, until `stop_fd` is readable; both are
 * borrowed. 0 and *ret, or NDR_E_NOMEM or NDR_E_SYS. */
int guests_new(int listener, int stop_fd, unsigned workers, size_t message_limit_bytes,
               guests **ret, ndr_error *err);
/* The reading. Returns when stopped and each question that was begun is whole or cut off.
 * Thread: one, for nothing else. */
void guests_read(guests *g);
/* The next question, to be answered: waits; NULL: there will be none. Thread: workers. */
guest *guests_take(guests *g);
/* It was answered: ends the connection. */
void guests_done(guests *g, guest *one);
/* After all threads have ended. NULL allowed. */
void guests_free(guests *g);

#endif
