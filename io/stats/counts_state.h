/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_state.h - what is held of counts that are being written, and who works on it? */
#ifndef NDR_COUNTS_STATE_H
#define NDR_COUNTS_STATE_H

#include "counts.h"

#include <pthread.h>
#include <time.h>

/* One bounce that waits. */
typedef struct ndr_counts_item {
    int64_t step;
    ndr_count_id id;
    size_t name; /* of its domain, in the hand's names */
    uint32_t name_len;
    uint32_t what; /* as of ndr_counted */
} ndr_counts_item;

/* What one worker noted. */
typedef struct ndr_counts_hand {
    pthread_mutex_t lock;
    ndr_counts_item *item; /* owned */
    size_t count, cap;
    ndr_buffer names;
    uint64_t undated;
} ndr_counts_hand;

struct ndr_counts {
    char *path;
    sqlite3 *db; /* NULL: another program kept it so far */
    sqlite3_stmt *add_domain, *find_domain, *add_seen, *find_seen, *set_seen, *add_count;
    sqlite3_stmt *add_whose; /* NULL until it is needed */
    ndr_counts_hand *hand;
    unsigned hands;
    ndr_counts_hand *taken; /* from them, not written yet: another program was writing */
    time_t written;
    int64_t horizon; /* steps before it are not counted any more */
    int64_t former;  /* those up to it may be known by their former identity */
    int64_t seen;    /* rows of that table */
    uint64_t seen_max;
    int64_t filling; /* from this step on nothing is forgotten */
    int64_t at;      /* of which moment it knows; 0: of now */
    bool passing;    /* what another program's writing holds up is not counted */
    int wait_ms;     /* for it, in the end */
    int failed;      /* what a flush answered; kept with its words */
    ndr_error failure;
    ndr_counts_added told;
};

/* counts_hand.c: take over what the workers noted, so that they go on meanwhile, when
 * nothing is taken. 0 or NDR_E_NOMEM. */
int ndr_counts_take_notes(ndr_counts *c, ndr_error *err);
void ndr_counts_drop_taken(ndr_counts *c);
/* counts_rows.c: make the tables and the statements of an open file. 0, or what
 * ndr_counts_open says; to be finalized in either case. */
int ndr_counts_prepare(ndr_counts *c, ndr_error *err);
void ndr_counts_finalize(ndr_counts *c);
/* Make the table of whose mail came back when something has to be written to it: files
 * that never hold any stay what older programs know. Within a transaction. */
int ndr_counts_prepare_whose(ndr_counts *c, const ndr_counts_hand *h, ndr_error *err);
/* Bring what the workers noted into order and write it, within a transaction. */
int ndr_counts_write_rows(ndr_counts *c, ndr_counts_hand *h, ndr_error *err);
/* counts_write.c: the same as a transaction of its own, whole or not at all. *busy:
 * another program is writing, nothing is amiss. */
int ndr_counts_write(ndr_counts *c, ndr_counts_hand *h, bool *busy, ndr_error *err);

#endif
