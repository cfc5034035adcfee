/* SPDX-License-Identifier: BSD-3-Clause */
/* proof_counts.h - how often was a weak proof believed, by all runs of this user? */
#ifndef PROOF_COUNTS_H
#define PROOF_COUNTS_H

#include "ndrscan_proof.h"

/*
 * Counts of weak proofs between runs: a file below the state place. A filter that is
 * started for each message would else believe a captured message for ever.
 */
typedef struct proof_counts {
    char path[4096];  /* "": no place for them, so each run counts for itself */
    ndr_buffer known; /* the file as it was last read or written */
    bool told;        /* that they cannot be kept */
    bool told_full;   /* that they are full */
} proof_counts;

/* Read what was counted into `p`; NULL: there is nothing to count. What cannot be read is
 * told, and counts as nothing. */
void proof_counts_begin(proof_counts *c, ndr_prover *p);
/*
 * Write what `p` counted since, if anything, united with what others wrote meanwhile;
 * of more than 4 MiB what is over two months old by `now` is forgotten, and of full
 * counts the oldest, as little as frees them. Waits for others a second at most. Trouble
 * is told once, and so is that they are full. NULL: there is nothing to count.
 */
void proof_counts_keep(proof_counts *c, ndr_prover *p, int64_t now);
void proof_counts_end(proof_counts *c);
/* For who judges and keeps nothing: what was counted, into `p`, which may be NULL. */
void proof_counts_read(ndr_prover *p);

#endif
