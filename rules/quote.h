/* SPDX-License-Identifier: BSD-3-Clause */
/* quote.h - how is text from a file shown in an error line? */
#ifndef NDR_QUOTE_H
#define NDR_QUOTE_H

#include "ndrscan.h"

enum { NDR_QUOTE_MAX = 72 };

/*
 * `text` between apostrophes, NUL-terminated: control characters as '?', cut
 * at a character's end behind some 60 bytes with "…". Cannot fail.
 */
void ndr_quote(ndr_slice text, char ret[NDR_QUOTE_MAX]);

/*
 * A path for the front of an error line, `size` bytes of `ret`: control
 * characters as '?', and of a very long one "…" and its tail. Cannot fail.
 */
void ndr_quote_path(const char *path, char *ret, size_t size);

/* "failed, delayed, …": every word a kind has, NUL-terminated. Cannot fail. */
enum { NDR_KIND_WORDS_MAX = 128 };
void ndr_kind_words(char ret[NDR_KIND_WORDS_MAX]);

#endif
