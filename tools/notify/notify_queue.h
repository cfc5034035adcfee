/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify_queue.h - which events wait, and which of them is due?
 *
 * A folder of events (events.h). When one was tried is known while the program runs; when
 * it came is its file's time.
 */
#ifndef NOTIFY_QUEUE_H
#define NOTIFY_QUEUE_H

#include "app/events.h"

enum {
    NOTIFY_FIRST_MS = 60000,   /* to the second try, then twice as long each time, */
    NOTIFY_MOST_MS = 3600000,  /* at most, */
    NOTIFY_GIVE_UP_S = 86400,  /* for a day */
    NOTIFY_SENT_S = 7 * 86400, /* what was sent or given up is kept for so long */
    NOTIFY_BYTES = 1 << 16,    /* of one event */
};

typedef struct waiting {
    char name[EVENT_ID_BYTES + 8];
    int64_t due_ms; /* monotonic */
    int64_t came;
    unsigned tries;
    bool seen; /* in the last look */
} waiting;

typedef struct notify_queue {
    int folder, fresh, sent, failed; /* descriptors; -1 */
    waiting *row;                    /* by when they came; owned */
    size_t count;
} notify_queue;

/* Open the folder, made when it is not there, alone: NDR_E_SYS with EWOULDBLOCK where
 * another one has it. 0, or NDR_E_SYS. */
int notify_queue_open(const char *folder, notify_queue *q, ndr_error *err);
void notify_queue_close(notify_queue *q);
/* See what is there now. 0, NDR_E_SYS or NDR_E_NOMEM. */
int notify_queue_look(notify_queue *q, ndr_error *err);
/* The text of one, appended; false: it is gone, or no event can be that long. */
bool notify_queue_read(const notify_queue *q, const waiting *w, ndr_buffer *out);
/* It was told. False and errno. */
bool notify_queue_done(notify_queue *q, waiting *w);
/* It was told to some: it waits with this text, which says to whom. False and errno; it
 * waits as it was. */
bool notify_queue_rewrite(const notify_queue *q, const waiting *w, ndr_slice text);
/* It was not: when is it due again? False: never, it was put away. */
bool notify_queue_again(notify_queue *q, waiting *w, int64_t now_ms, int64_t now);
/* It cannot be told, whatever comes. */
void notify_queue_drop(notify_queue *q, waiting *w);
/* Remove what was sent, or given up, long ago. */
void notify_queue_prune(const notify_queue *q, int64_t now);

#endif
