/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fold.h - how do letters beyond ASCII compare without case?
 *
 * Both sides are folded, canonical text and patterns, so that Hyperscan works
 * on bytes alone: its own Unicode mode compiles and scans many times slower.
 * ASCII letters stay as they are, Hyperscan compares those without case for free.
 */
#ifndef NDR_FOLD_H
#define NDR_FOLD_H

#include "ndrscan.h"

/*
 * Turn letters beyond ASCII to lower case in place; lengths do not change.
 * `p` is well-formed UTF-8. Below U+0800, and from U+1000 to U+1FFF: Latin, Greek,
 * Cyrillic, Armenian and others, see fold_ranges.h.
 */
void ndr_fold(unsigned char *p, size_t n);

/*
 * A pattern as it is written to one that works on folded bytes, appended to
 * `out` with a NUL: letters folded, a character beyond ASCII in front of a
 * quantifier grouped. NDR_E_SYNTAX: not UTF-8, or one in a character class.
 */
int ndr_fold_pattern(const char *match, ndr_buffer *out, ndr_error *err);

#endif
