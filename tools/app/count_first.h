/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count_first.h - which mail of ours came back for too many to be believed?
 *
 * A weak proof is believed for 20 recipients, and over that for none. Who judges as he
 * reads has believed the first 20 by then: which ones, hangs on the order. A reading that
 * gives no verdicts, before the one that does, leaves nothing to the order.
 */
#ifndef COUNT_FIRST_H
#define COUNT_FIRST_H

#include "progress.h"
#include "setup.h"

/* Can all sources be read twice? 0, or 2, told. */
int count_first_check(const opts *o, const ndr_input_opts *in);
/*
 * Read all mail that `in` names, and count for the prover of `s`, which was loaded, what
 * its windows let it ask, and it counts no more after that; nothing is read where it is
 * asked nothing. What cannot be read is told by the reading that follows. 0, or the exit
 * status of a run that ends here, told.
 */
int count_first(const setup *s, const ndr_input_opts *in, unsigned threads,
                enum progress_how how);
/* Tell of verdicts that were given by proofs which are believed no more. `p` may be NULL.
 */
void count_first_tell(ndr_prover *p, const char *remedy);

#endif
