/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * piece_proofs.h - which weak proofs do the bounces of a piece lean on, and for whom?
 *
 *   DIR/ab/abcdef....proofs     what ndr_weak_limit_save writes, and an end record
 *
 * Workers meet the batches of several pieces at once, so each has a prover of its own,
 * and what that counted in a batch goes to the batch's piece. The order does not matter:
 * counts are sets.
 */
#ifndef PIECE_PROOFS_H
#define PIECE_PROOFS_H

#include "app/setup.h"

#define PIECE_PROOFS "proofs" /* in the place of an output's word */

/* The pieces of a run that counts. Thread: any. */
typedef struct piece_proofs piece_proofs;
/* `s` is borrowed, and has a prover. 0 or an ndr_code. */
int piece_proofs_new(const setup *s, size_t pieces, piece_proofs **ret, ndr_error *err);
void piece_proofs_free(piece_proofs *p); /* NULL allowed */

/* What one worker counts in a batch. All zero, then begin; free its prover. */
typedef struct proof_hand {
    ndr_prover *prover;
    bool counted; /* something may have been */
} proof_hand;
int proof_hand_begin(const piece_proofs *p, proof_hand *ret, ndr_error *err);
/* As ndr_prover_judge. Thread: the worker's. */
int proof_hand_judge(proof_hand *h, ndr_slice header, const ndr_returned_bytes *returned,
                     const ndr_verdict *v, ndr_evidence *ret, ndr_error *err);

/* A batch of the piece ends: take what the worker counted away from it. 0 or an ndr_code.
 */
int piece_proofs_take(piece_proofs *p, size_t piece, proof_hand *from, ndr_error *err);
/* All batches of the piece have ended: append its counts, nothing where there are none,
 * and forget them. */
void piece_proofs_end(piece_proofs *p, size_t piece, ndr_buffer *out);

#endif
