/* SPDX-License-Identifier: BSD-3-Clause */
/* junked.h - which messages in a Maildir's Junk folder did ndrscan put there? */
#ifndef JUNKED_H
#define JUNKED_H

#include "ndrscan_move.h"

/* A message in Junk that ndrscan put there. */
typedef struct junked_row {
    char rel[512]; /* where it lies now */
    const ndr_journal_run *run;
    ndr_move *move;
} junked_row;

typedef struct junked {
    /* all moves to Junk that stand, by Maildir */
    struct junked_move {
        const char *tree;
        const ndr_journal_run *run;
        ndr_move *move;
    } * all;
    size_t all_count;
    /* the Maildir at hand: those that are still there, by rel */
    junked_row *row;
    size_t count, cap;
} junked;

/* Look through the journal, once. 0 or an ndr_code. */
int junked_begin(junked *j, ndr_journal *journal, ndr_error *err);
/* Find those of the Maildir `full`, in which the mover is at work, whatever its Junk
 * folder was called then. 0 or an ndr_code. */
int junked_find(junked *j, ndr_mover *m, const char *full, ndr_error *err);
/* The one at `rel`, or NULL. */
const junked_row *junked_at(const junked *j, const char *rel);
void junked_free(junked *j);

#endif
