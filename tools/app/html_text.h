/* SPDX-License-Identifier: BSD-3-Clause */
/* html_text.h - how do words get into a page without becoming part of it? */
#ifndef HTML_H
#define HTML_H

#include "ndrscan.h"

/* `text` as element content or as the value of a quoted attribute; what is not UTF-8
 * becomes U+FFFD, control characters a blank. Appended. Source: HTML Living Standard
 * 13.1.2. */
void html_text(ndr_buffer *out, ndr_slice text);
/*
 * printf for pages: only %s (escaped), %r (as it is), %d (int64_t), and %%. Every
 * argument of %s and %r is a NUL-terminated string. Appended.
 */
void html_printf(ndr_buffer *out, const char *format, ...);

#endif
