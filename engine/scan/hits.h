/* SPDX-License-Identifier: BSD-3-Clause */
/* hits.h - which signals hit, and which rules does that leave? */
#ifndef NDR_HITS_H
#define NDR_HITS_H

#include "scan.h"

/* Say that lines[begin..end) are `target`'s, in ascending order; false: no memory. */
bool ndr_hits_span(ndr_scanner *s, size_t begin, size_t end, uint32_t target);
/* Fold and scan the canonical text of one area; what is hit is noted. */
int ndr_hits_scan(ndr_scanner *s, enum ndr_area area, ndr_buffer *b, ndr_error *err);
/* Hit what is told by a field being there or not. */
void ndr_hits_presence(ndr_scanner *s);
/* Touch the rules that name what was hit since the last call. */
void ndr_hits_spread(ndr_scanner *s);

/* After the header: could this rule still match? */
bool ndr_hits_open(const ndr_scanner *s, uint32_t rule);
/* Before the text: has a rule matched that no text can outrank or undo? */
bool ndr_hits_settled(const ndr_scanner *s);
/* The rule that is named by what was hit so far, or NULL. Once s->not_system is set,
 * those that ask for a mail system's word are passed over. */
const ndr_rule *ndr_hits_rule(const ndr_scanner *s);

/*
 * Is one of the text signals in all or any of `rule` found in `text`, which is canonical
 * and folded? Of all rules that ask who says it, when `rule` is NULL. Nothing is noted as
 * hit. 1, 0, or below 0 with *err.
 */
int ndr_hits_within(ndr_scanner *s, const ndr_rule *rule, ndr_slice text, ndr_error *err);

#endif
