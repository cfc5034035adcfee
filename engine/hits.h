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
/* The rule that is named by what was hit so far, or NULL. */
const ndr_rule *ndr_hits_rule(const ndr_scanner *s);

#endif
