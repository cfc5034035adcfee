/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover.h - who moves mail for the console?
 *
 *   console (no rights over mail) --request, pipe's end--> mover --exec--> ndrscan
 *      ^------------------------ lines of the pipe --------------------------'
 *
 * The mover is forked before the console gives up its rights. It knows four requests and
 * builds the command line itself, so whoever takes over the console can ask for nothing
 * but a preview, an apply or an undo over the folders that were configured, and for the
 * list of runs.
 */
#ifndef MOVER_H
#define MOVER_H

#include "ndrscan.h"

enum mover_what { MOVER_PREVIEW, MOVER_APPLY, MOVER_UNDO, MOVER_RUNS };

enum { MOVER_WORDS_BYTES = 4096 };

/* What the mover works with. */
typedef struct mover_opts {
    const char *ndrscan;     /* path of the command */
    const char *const *mail; /* folders, each a tree of Maildirs */
    size_t mail_count;
    const char *journal;
    bool as_owner;
    const char *windows_dir;
} mover_opts;

typedef struct mover mover;

/* Fork it. Everything `o` points to is used by the child. 0, or NDR_E_SYS. Thread: the
 * only one there is. */
int mover_start(const mover_opts *o, mover **ret, ndr_error *err);
/* End it; a child that moves mail is asked to stop and waited for. */
void mover_stop(mover *m);

/*
 * Start one job. `words`: for MOVER_PREVIEW a window file in YAML, tried beside the
 * others; for MOVER_UNDO a run's id; else empty. *ret_fd is the read end of what it says:
 * what the command prints, then one line "exit N". 0, NDR_E_LIMIT (too long), NDR_E_SYS.
 */
int
mover_ask(mover *m, enum mover_what what, ndr_slice words, int *ret_fd, ndr_error *err);

/* Is this a run's id? Letters, digits, '-', '.', '_', at most 64: what the mover lets
 * through. Pure. */
bool mover_is_run(ndr_slice id);

#endif
