/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connections.h - who is connected to the server, and whose question is whole?
 *
 *   connected -> head within 3 s -> rest of the question -> waits -> a worker answers it
 *
 * One thread reads all of them, so that who asks nothing, or slowly, costs a descriptor
 * and no worker. No user has all of anything: of connections half, of workers and of the
 * places for large messages all but one.
 */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include "wire.h"

/* One question. What it says is whole when a worker gets it. */
typedef struct connection {
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
    struct connection *next;
} connection;

typedef struct connections connections;

/* Read from `listener`, which does not block, until `stop_fd` is readable; both are
 * borrowed. 0 and *ret, or NDR_E_NOMEM or NDR_E_SYS. */
int connections_new(int listener, int stop_fd, unsigned workers,
                    size_t message_limit_bytes, connections **ret, ndr_error *err);
/* The reading. Returns when stopped and each question that was begun is whole or cut off.
 * Thread: one, for nothing else. */
void connections_read(connections *g);
/* The next question, to be answered: waits; NULL: there will be none. Thread: workers. */
connection *connections_take(connections *g);
/* It was answered: ends the connection. */
void connections_done(connections *g, connection *one);
/* After all threads have ended. NULL allowed. */
void connections_free(connections *g);

#endif
