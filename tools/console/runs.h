/* SPDX-License-Identifier: BSD-3-Clause */
/* runs.h - which runs of apply and undo are in the journal? */
#ifndef RUNS_H
#define RUNS_H

#include "ndrscan.h"

/* One run, as `ndrscan runs` tells it. */
typedef struct run_row {
    char id[65]; /* letters, digits, '-', '.', '_' */
    char verb[16];
    int64_t begun;
    bool ended;
    bool part;       /* of an undo: of some domains alone */
    char undoes[65]; /* the run that it puts back, or "" */
    bool undone; /* a later one put it back, to its end: nothing of it is left to do */
    uint64_t junked, released, put_back;
} run_row;

typedef struct runs {
    run_row *row; /* oldest first */
    size_t count;
} runs;

/*
 * Of what the mover said when it was asked for them (MOVER_RUNS). 0, the caller frees
 * *ret with runs_free; NDR_E_SYNTAX (what the command said instead), NDR_E_NOMEM. Pure.
 */
int runs_take(const ndr_buffer *said, runs *ret, ndr_error *err);
void runs_free(runs *r);
/* Is there anything that an undo of it would do? */
bool run_can_undo(const run_row *r);
/* NULL when there is none of that id. */
const run_row *runs_find(const runs *r, const char *id);

#endif
