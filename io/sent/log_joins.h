/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log_joins.h - which lines of a log are about one message?
 *
 * A join is one message on its way through one queue, known by host and queue id, from
 * the line that says where it came in to the one that says it is gone. Only mail that is
 * ours, or that may turn out to be, has one. Queue ids are used again: a join ends where
 * the next begins.
 */
#ifndef LOG_JOINS_H
#define LOG_JOINS_H

#include "ndrscan_sent.h"

enum {
    JOIN_QUEUE_ID = 28,
    JOIN_HOST = 64,
    JOIN_IDS = 4,
    JOIN_RECIPIENTS = 20000,
    JOIN_STRANGERS = 1 << 16,
    JOIN_STRANGER_SECONDS = 3600
};

enum join_class {
    JOIN_OPEN, /* back from a filter, or so it seems: ours if what went there was */
    JOIN_WEAK, /* ours by where it came from, unless a stranger's mail has its id */
    JOIN_OURS,
};

typedef struct ndr_join {
    char host[JOIN_HOST], queue_id[JOIN_QUEUE_ID];
    char next[JOIN_QUEUE_ID]; /* what it became behind a filter, or "" */
    enum join_class class;
    int64_t begun;
    bool gone;       /* JOIN_OPEN: removed, and not known yet */
    bool has_from;   /* the sender is known */
    bool left;       /* something but a filter was handed it */
    bool told;       /* counted as a message of ours */
    ndr_buffer from; /* the sender's domain */
    ndr_buffer id[JOIN_IDS];
    size_t id_count;
    ndr_buffer to; /* recipients not told yet, a line end behind each */
    size_t to_count;
} ndr_join;

typedef struct ndr_joins {
    ndr_join **slot; /* open addressing; NULL: free */
    size_t cap, count;
    int64_t latest; /* time of the newest join */
    /* Ids of strangers' mail: what comes back through a pipe is not ours for it. */
    struct ndr_stranger {
        uint64_t hash;
        int64_t at;
    } * stranger; /* JOIN_STRANGERS of them, by hash; NULL until there is one */
    /* Where filters listen, as relay= has it: "127.0.0.1[127.0.0.1]:10024" */
    ndr_buffer filters;
} ndr_joins;

void ndr_joins_free(ndr_joins *j);
/* NULL when there is none. */
ndr_join *ndr_joins_find(const ndr_joins *j, ndr_slice host, ndr_slice queue_id);
/*
 * A new join, in place of one of that id. 1 and *ret; 0: host or id are longer than any,
 * or very many are open, and it is passed over; NDR_E_NOMEM.
 */
int ndr_joins_begin(ndr_joins *j, ndr_slice host, ndr_slice queue_id,
                    enum join_class class, int64_t at, ndr_join **ret, ndr_error *err);
void ndr_joins_drop(ndr_joins *j, ndr_join *join);
/* Forget what never ended, and strangers of long ago. */
void ndr_joins_sweep(ndr_joins *j);

/* Add to a join; more than it holds is passed over. */
void ndr_join_id(ndr_join *join, ndr_slice id);
void ndr_join_from(ndr_join *join, ndr_slice address);
void ndr_join_to(ndr_join *join, ndr_slice address);
/*
 * Tell what is known of a join that is ours, and not told yet. 0; NDR_E_NOMEM; or what
 * `found` answers.
 */
int ndr_join_tell(ndr_join *join, const ndr_sent_log_opts *opts, uint64_t *messages,
                  ndr_error *err);

/* A stranger's message has this id. */
void ndr_joins_stranger(ndr_joins *j, ndr_slice id, int64_t at);
bool ndr_joins_is_strangers(const ndr_joins *j, ndr_slice id, int64_t at);

/* A filter listens at `relay`. */
void ndr_joins_filter(ndr_joins *j, ndr_slice relay);
bool ndr_joins_is_filter(const ndr_joins *j, ndr_slice relay);

/* All of it as text, and back. False: it is not what was written, or no memory. */
void ndr_joins_write(const ndr_joins *j, ndr_buffer *out);
bool ndr_joins_read(ndr_joins *j, ndr_slice text);

#endif
