/* SPDX-License-Identifier: BSD-3-Clause */
/* paragraph.h - what does a text say, whatever its line ends and wrapping? */
#ifndef NDR_PARAGRAPH_H
#define NDR_PARAGRAPH_H

#include "ndrscan.h"

/*
 * `text` with each CR that no LF follows made an LF, as ndr_paragraphs_add wants
 * it: itself when there is none, else a copy in `into` (check into->failed).
 */
ndr_slice ndr_lines_unify(ndr_slice text, ndr_buffer *into);

/*
 * Append the paragraphs of `text` (well-formed UTF-8, LF or CRLF), each a line: line
 * breaks inside a paragraph and runs of blanks become one space, empty lines end a
 * paragraph. The text ends where a returned message is pasted: at an unindented header
 * (ndr_returned_header_is) behind the start, an empty line or a line of dashes. Returns
 * that to the end of `text`, borrowed; empty when there is none. Linear.
 */
ndr_slice ndr_paragraphs_add(ndr_slice text, ndr_buffer *out);

#endif
