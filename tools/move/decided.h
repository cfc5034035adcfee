/* SPDX-License-Identifier: BSD-3-Clause */
/* decided.h - which messages of a Maildir did an undo put back, to stay? */
#ifndef DECIDED_H
#define DECIDED_H

#include "ndrscan_move.h"

typedef struct decided_row {
    const char *tree, *name; /* the journal's */
    const ndr_journal_run *run;
    uint64_t number; /* of the move, in its run */
    bool stays;
} decided_row;

typedef struct decided {
    decided_row *all; /* by tree and base; of each message what happened last */
    size_t count;
    size_t from, to; /* of the Maildir at hand */
} decided;

/* Look through the journal, once. 0 or NDR_E_NOMEM. */
int decided_begin(decided *d, ndr_journal *journal, ndr_error *err);
/* Those of the Maildir `full` from now on. */
void decided_in(decided *d, const char *full);
/* The undo that put back the message at `rel`, whatever folder it is in and whatever its
 * flags are now; NULL: none. Thread: any. */
const ndr_journal_run *decided_by(const decided *d, const char *rel);
void decided_free(decided *d);

#endif
