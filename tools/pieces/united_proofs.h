/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * united_proofs.h - which mail of ours came back for too many, in all pieces together?
 *
 *   DIR/proofs-HASH     of the plan: a line that says of which counts of pieces it was
 *                       made, and the XXH3 of what follows; those that are believed no
 *                       more (ndr_weak_limit_save_over)
 *
 * Made by the worker that counts last, else by the first that needs it: of what all
 * pieces counted, and of what had been counted before the plan was made. Whoever comes
 * later takes it, where it is whole and of the counts that lie there now: a worker that
 * was slow may have put one of counts that others have replaced. It is the same whoever makes it, however the work was shared
 * out.
 */
#ifndef UNITED_PROOFS_H
#define UNITED_PROOFS_H

#include "out_dir.h"

/*
 * Load them into `to`, which counts no more, from the folder `dir` (called `path`) of a
 * plan that is counted first; *ret is their XXH3. `remedy` says how to count. 0, or the
 * exit status, told by the names of pieces that were not counted, or in another way.
 */
int united_proofs_load(int dir, const char *path, const plan_file *plan,
                       const char *remedy, ndr_prover *to, uint64_t *ret);
/* Pieces are to be counted anew: what was united holds no more. 0 or NDR_E_SYS. */
int united_proofs_forget(int dir, const plan_file *plan, ndr_error *err);
/* Pieces were: unite all, if all are there. 0 or an ndr_code. */
int united_proofs_make(int dir, const plan_file *plan, ndr_error *err);

#endif
