/* SPDX-License-Identifier: BSD-3-Clause */
/* returned_header.h - where in running text does the header of a returned message stand?
 */
#ifndef NDR_RETURNED_HEADER_H
#define NDR_RETURNED_HEADER_H

#include "ndrscan.h"

/* Could a header begin with this line, given without its end? Cheap: nearly every line
 * is asked. Pure. */
bool ndr_returned_header_may_begin(ndr_slice line);
/*
 * Is the block of fields at the start of `rest` the header of a message: has it two of
 * Received, Return-Path, Message-ID, From, Date, MIME-Version, one of them Received,
 * Return-Path or Message-ID? *end is behind the block when it is not: no later field of
 * it begins one either. Pure, linear.
 */
bool ndr_returned_header_is(ndr_slice rest, size_t *end);
/* May one stand behind this line that is not empty: "-----", "=====", also with words
 * behind? Pure. */
bool ndr_returned_header_divider(ndr_slice line);

/*
 * Append to `out` the first such header in `text` (LF or CRLF) that is quoted or
 * indented, as it was before: from each of its lines the prefix of the first one is
 * taken, a run of up to 64 marks ('>', '|', ':', '#', '%', '*', '+', '}') and blanks. It
 * begins where the text does, behind an empty line or a line of dashes, quoted or not, or
 * where the prefix is another than that of the line before; it ends where the prefix or
 * the fields do. False, and `out` empty, where there is none. out->failed is the
 * caller's to check. Linear.
 */
bool ndr_returned_header_quoted(ndr_slice text, ndr_buffer *out);

#endif
