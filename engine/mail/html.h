/* SPDX-License-Identifier: BSD-3-Clause */
/* html.h - what would a reader of this HTML read? */
#ifndef NDR_HTML_H
#define NDR_HTML_H

#include "ndrscan.h"

/*
 * Append the text of `html` (UTF-8): tags and comments taken off, script and
 * style left out, br a line end, other block tags an empty line, character
 * references replaced (by number, and by the names of HTML that end in a semicolon).
 * Linear.
 */
void ndr_html_text(ndr_slice html, ndr_buffer *out);

#endif
