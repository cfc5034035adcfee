/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * waits.h - which requests wait for the mover, and for what it says?
 *
 *   request --asks the mover--> wait ... the mover has said all --> the request again
 *
 * The loop serves everybody, so nothing in it waits. A request that needs to know what
 * the mover says asks it and is put aside; when all was said it is answered from its
 * beginning once more, and finds the words here. It waits for one thing at the most.
 */
#ifndef WAITS_H
#define WAITS_H

#include "mover.h"
#include "sessions.h"

#include <poll.h>

enum { WAITS_MAX = 256, WAITS_OF_ONE = 16, WAIT_SECONDS = 30 };

/* What a function says that has put its request aside: neither 0 nor an ndr_code. */
enum { WAIT_LATER = 1 };

typedef struct asked_wait {
    uint64_t ticket; /* of the request; 0: free */
    int fd;          /* of the mover's words; -1: it has said all, or takes too long */
    ndr_buffer said;
    int64_t since_ms;
    bool told;     /* its request was begun again */
    bool looks;    /* it wants windows to be looked at anew before that */
    uint64_t look; /* by which look */
    char person[NDR_ADMIN_NAME_BYTES];
    secret session; /* that began with the request, or "" */
} asked_wait;

typedef struct waits {
    asked_wait row[WAITS_MAX];
    size_t count;
} waits;

/* The one of a request, or NULL. */
asked_wait *waits_find(waits *all, uint64_t ticket);
/* May one more request of a person (NULL: the operator's) wait? */
bool waits_room(const waits *all, const char *person);
/* Put a request of a person (NULL: the operator's) aside until `fd` has said all; it is
 * closed then, here. NULL and closed: too many wait. */
asked_wait *waits_begin(waits *all, uint64_t ticket, int fd, const char *person);
/* Its request is answered. NULL allowed. */
void waits_end(waits *all, asked_wait *w);
/* Fill `fds` (room for WAITS_MAX) with what to poll; how many. */
size_t waits_poll(const waits *all, struct pollfd *fds);
/* Read what there is. */
void waits_read(waits *all, int64_t now_ms);
/* What the mover's change of a window came to: 0, or the ndr_code that it told. */
int wait_outcome(const asked_wait *w, ndr_error *err);
void waits_free(waits *all);

#endif
