/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover.h - who moves mail and changes windows for the console?
 *
 *   console (no rights over either) --request, pipe's end--> mover --exec--> ndrscan
 *      ^------------------------ lines of the pipe --------------------------'
 *
 * The mover is forked before the console gives up its rights. It knows nine requests and
 * builds the command line itself, so whoever takes over the console can ask for nothing
 * but a preview, an apply or an undo over the folders that were configured, for the
 * list of runs, and for windows in one folder to be opened and ended. Who it is for is
 * held against admins.yaml, which the mover reads itself: what is asked in a person's
 * name is done with that person's domains alone, whatever the request says, and is
 * stopped when the file says something else of them. Nothing is done for a person who
 * comes by a password alone, nor for the operator, until the process that compares
 * passwords and tokens has said that this one's was shown: the console cannot say so.
 */
#ifndef MOVER_H
#define MOVER_H

#include "ndr_admins.h"
#include "ndrscan.h"

enum mover_what {
    MOVER_PREVIEW,
    MOVER_APPLY,
    MOVER_UNDO,
    MOVER_RUNS,
    MOVER_BLOCK,
    MOVER_UNBLOCK,
    MOVER_SETTLE,   /* end what was to end when it is calm: nobody's wish */
    MOVER_AUTO_ON,  /* windows of a domain open themselves, */
    MOVER_AUTO_OFF, /* and no longer */
    MOVER_WHATS
};

enum { MOVER_WORDS_BYTES = 4096 };

/* What the mover works with. */
typedef struct mover_opts {
    const char *ndrscan;     /* path of the command */
    const char *const *mail; /* folders, each a tree of Maildirs */
    size_t mail_count;       /* 0: no mail is moved */
    const char *journal;
    bool as_owner;
    const char *windows_dir, *stats;
    bool windows_alone; /* it was named: no others count */
    const char *admins; /* admins.yaml, or NULL: the operator alone */
    /* whose a Maildir is: by a template, or by a map; all NULL: by headers, never with
     * admins. With admins the map is the one that is watched, not that of the path */
    const char *recipient_path, *recipient_map;
    ndr_mailboxes_watch *mailboxes;
} mover_opts;

/* For whom something is asked. All zero: the operator, for all there is. */
typedef struct mover_for {
    const char *person;  /* name in admins.yaml; NULL or "": the operator */
    uint64_t generation; /* of the rights that the console saw */
    const char *domain;  /* of a person's; NULL or "": all of them. Lower-case A-labels */
    bool below;          /* with what is below it */
    /* of a change of windows, for its history, as the console saw them; NULL: nothing */
    const char *way, *peer, *address;
} mover_for;

/* Of what was shown, for how long it counts: as long as a session lasts. */
enum { MOVER_SHOWN_S = 12 * 3600 };

typedef struct mover mover;

/* Fork it. Everything `o` points to is used by the child. 0, or NDR_E_SYS. Thread: the
 * only one there is. */
int mover_start(const mover_opts *o, mover **ret, ndr_error *err);
/* End it; a child that moves mail is asked to stop and waited for. */
void mover_stop(mover *m);

/* Where the process that compares passwords sends the hash of one that was right, or
 * WORKER_TOKEN for the operator's token, a packet each. The caller's from now on; -1 when
 * it was given away, or `m` is NULL. */
int mover_shown_fd(mover *m);

/*
 * Start one job, or have it wait for its turn. `words`: for MOVER_PREVIEW a window file
 * in YAML, tried beside the others, for a person in their place; for MOVER_BLOCK one of
 * one window, of `whose` domain and so far below; for MOVER_UNBLOCK why, or nothing; for
 * MOVER_AUTO_ON what it takes; for MOVER_UNDO a run's id; else empty. *ret_fd is the read
 * end of what it says: what the command prints, then one line "exit N". Of a change of
 * windows it is why not, and N one of MOVER_EXIT_*. To a person that is records and
 * counts alone: what else there is to say goes to standard error, under a number that the
 * person is told. 0, NDR_E_LIMIT (too long), NDR_E_SYS.
 */
int mover_ask(mover *m, enum mover_what what, const mover_for *whose, ndr_slice words,
              int *ret_fd, ndr_error *err);

enum { MOVER_EXIT_SYNTAX = 2, MOVER_EXIT_LIMIT = 3, MOVER_EXIT_NOT_RUN = 75 };

/* Is this a run's id? Letters, digits, '-', '.', '_', at most 64: what the mover lets
 * through. Pure. */
bool mover_is_run(ndr_slice id);

#endif
