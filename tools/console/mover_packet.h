/* SPDX-License-Identifier: BSD-3-Clause */
/* mover_packet.h - what goes from the console to the mover? One packet a request. */
#ifndef MOVER_PACKET_H
#define MOVER_PACKET_H

#include "mover.h"

#include <stddef.h>

/* The write end of a pipe rides along. Nothing in it is believed. */
typedef struct mover_packet {
    uint32_t what; /* enum mover_what */
    uint32_t below;
    uint64_t generation;
    char person[NDR_ADMIN_NAME_BYTES]; /* "": the operator */
    char domain[256];
    char way[16], peer[64], address[64]; /* of a change of windows */
    char words[MOVER_WORDS_BYTES];       /* up to the packet's end, without a NUL */
} mover_packet;

enum { MOVER_PACKET_HEAD = offsetof(mover_packet, words) };

/* In the mover: serve what comes from `fd` until its other end is closed or SIGTERM.
 * From `shown` come hashes of passwords, and the word for the token, that were shown. */
_Noreturn void mover_serve(int fd, int shown, const mover_opts *o);

/* ---- mover_shown.c: who has shown that they are who they are?
 * ---------------------------------------
 */

enum { SHOWN_KEPT = 1024 };

/* All zero: nobody. */
typedef struct mover_shown {
    struct {
        char hash[NDR_ADMIN_HASH_BYTES]; /* "": free */
        int64_t at_ms;
    } row[SHOWN_KEPT]; /* the oldest makes room */
    bool token;        /* the operator has */
    int64_t token_ms;
} mover_shown;

/* Take what came; what is no hash is passed over. */
void mover_shown_take(mover_shown *all, ndr_slice hash, int64_t now_ms);
/* May this person (NULL: the operator) be believed to be there: has the password, or the
 * token, been shown, or may a proxy have named them? */
bool mover_shown_by(const mover_shown *all, const ndr_admin *who, int64_t now_ms);

/* What is said where nothing is done. */
#define MOVER_REFUSED  "ndrscan: this is not yours to do\n"
#define MOVER_TOO_MUCH "ndrscan: too much at once; wait for something to end\n"

/* ---- mover_admit.c: may it be done? ------------------------------------------------ */

/* A request that may be done, with what it needs. */
typedef struct mover_order {
    enum mover_what what;
    char person[NDR_ADMIN_NAME_BYTES]; /* "": the operator */
    uint64_t generation;
    char domain[256]; /* "": all of the person's */
    bool below;
    char way[16], peer[64], address[64];
    size_t words_bytes;
    char words[MOVER_WORDS_BYTES]; /* NUL behind them */
} mover_order;

/* Is this a packet, and may its person, as `people` has him now (NULL: nobody), do that?
 * False: no, and nothing says why. Pure. */
bool mover_admit(const mover_packet *p, size_t bytes, const ndr_admins *people,
                 mover_order *ret);
/* And still? *ret_who: the person; NULL for the operator. Pure. */
bool
mover_admitted(const mover_order *o, const ndr_admins *people, const ndr_admin **ret_who);

/* ---- mover_turns.c: whose turn is it? ---------------------------------------------- */

enum { TURNS_WAITING = 256, TURNS_RUNNING = 16, TURNS_SERVED = 64 };

/* Something that waits, or runs. */
typedef struct mover_turn {
    mover_order *order; /* NULL: free */
    uint64_t number;    /* in the order in which they came */
} mover_turn;
typedef struct mover_turns {
    mover_turn waiting[TURNS_WAITING], running[TURNS_RUNNING];
    uint64_t last; /* number */
    struct {
        char person[NDR_ADMIN_NAME_BYTES];
        uint64_t at; /* when something of theirs began, counted */
    } served[TURNS_SERVED];
    uint64_t began;
} mover_turns;

/* Have it wait: its place; -1: too many of this person's wait, of its kind, or of all. */
int mover_turns_add(mover_turns *t, mover_order *o);
/* The place of what is to begin now; -1: nothing. One moves at a time, and a person has
 * one preview at a time; of those that may begin, one of the person who waited longest.
 */
int mover_turns_next(const mover_turns *t);
/* It begins: from `waiting` to `running`, whose place is the answer. */
int mover_turns_begin(mover_turns *t, int at);
/* What ran there has ended, or what waited there is given up. */
void mover_turns_end(mover_turn *turn);

/* ---- mover_job.c: how is it done? ---------------------------------------------------
 */

/* In a process of its own: run the command, and tell what it says to `out`. */
_Noreturn void mover_job(const mover_opts *opts, const mover_order *order,
                         ndr_admins_watch *people, int out);
/* A window file that has no name and lasts as long as the process, which its path is
 * of. False: no. */
bool mover_hold_windows(const mover_order *order, char path[32]);

/* ---- mover_switch.c: how is a window opened or ended? ------------------------------ */

/* Is it done there? */
bool mover_switches(enum mover_what what);
/* In a process of its own: change windows, and tell `out` why not. */
_Noreturn void mover_switch(const mover_opts *opts, const mover_order *order,
                            ndr_admins_watch *people, int out);

#endif
