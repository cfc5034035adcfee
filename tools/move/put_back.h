/* SPDX-License-Identifier: BSD-3-Clause */
/* put_back.h - which messages of a Maildir did an undo put back, to stay? */
#ifndef PUT_BACK_H
#define PUT_BACK_H

#include "ndrscan_move.h"

typedef struct put_back_row {
    const char *tree, *name; /* the journal's */
    const ndr_journal_run *run;
    uint64_t number; /* of the move, in its run */
    bool stays;
} put_back_row;

typedef struct put_back {
    put_back_row *all; /* by tree and base; of each message what happened last */
    size_t count;
    size_t from, to; /* of the Maildir at hand */
} put_back;

/* Look through the journal, once. 0 or NDR_E_NOMEM. */
int put_back_begin(put_back *p, ndr_journal *journal, ndr_error *err);
/* Those of the Maildir `full` from now on. */
void put_back_in(put_back *p, const char *full);
/* The undo that put back the message at `rel`, whatever folder it is in and whatever its
 * flags are now; NULL: none. Thread: any. */
const ndr_journal_run *put_back_by(const put_back *p, const char *rel);
void put_back_free(put_back *p);

#endif
