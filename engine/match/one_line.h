/* SPDX-License-Identifier: BSD-3-Clause */
/* one_line.h - does a pattern see one line at a time? */
#ifndef NDR_ONE_LINE_H
#define NDR_ONE_LINE_H

#include <stdbool.h>

/*
 * True when nothing that the pattern matches can hold a line feed or depends on what
 * stands before or behind its line, so that lines may be scanned in any order and by
 * themselves. False when in doubt: for \s, \W, [^x] without \n, (?s), \A, \x0a and the
 * like. `match` is a Hyperscan pattern (its syntax, PCRE's), scanned with multi-line
 * anchors. Pure.
 */
bool ndr_pattern_one_line(const char *match);

#endif
