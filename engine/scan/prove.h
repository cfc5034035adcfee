/* SPDX-License-Identifier: BSD-3-Clause */
/* prove.h - whose mail came back, and does that keep a bounce from its window? */
#ifndef NDR_PROVE_H
#define NDR_PROVE_H

#include "scan.h"

/*
 * Ask whose mail came back, where that can change something or is always asked, and fill
 * evidence, decision, window and `spared` of `v`, which has the rest. s->raw is the
 * message. 0 or an ndr_code. Thread: the scanner's.
 */
int ndr_prove_and_decide(ndr_scanner *s, ndr_verdict *v, ndr_error *err);
/* The same for v->domain alone, without a decision: only the evidence is filled. */
int ndr_prove(ndr_scanner *s, ndr_verdict *v, ndr_error *err);
/* Does a window that covers a bounce take it? `evidence` may be NULL. Pure. */
bool ndr_window_takes(const ndr_window *w, const ndr_evidence *evidence);

#endif
