/* SPDX-License-Identifier: BSD-3-Clause */
/* text.h - how do numbers, times and other people's bytes look on a terminal? */
#ifndef TEXT_H
#define TEXT_H

#include "ndrscan.h"

typedef char number[32];

/* 1,234,567 */
const char *text_count(number ret, uint64_t n);
/* 512 bytes, 4.6 MB: powers of 1,000, three digits */
const char *text_bytes(number ret, uint64_t bytes);
/* 0.42 s, 12.3 s, 3m 12s, 1h 02m */
const char *text_seconds(number ret, double seconds);
/* 3 h 10 min, 2 d 4 h, 12 min; "less than a minute" below that */
const char *text_span(number ret, int64_t seconds);
/* 2008-05-13 08:00 in the process's time zone */
const char *text_local(number ret, int64_t at);
/* The same with the zone behind it: 2008-05-13 08:00 CEST */
const char *text_local_zone(number ret, int64_t at);

/*
 * Bytes from mail or from a path so that no terminal obeys them: control
 * characters (C0, DEL, C1, direction marks) and bytes that are not UTF-8 become
 * \xNN, line ends and tabs a blank. Appended.
 */
void text_safe(ndr_buffer *out, ndr_slice bytes);
/* UTF-8 with a blank for each UTF-16 unit of what nobody sees or a terminal would obey
 * (ndr_char_hidden): as wide as JSON's escapes make it. Appended. */
void text_blank(ndr_buffer *out, ndr_slice text);
/* Columns that UTF-8 text takes on a terminal. */
size_t text_columns(ndr_slice text);

/*
 * Words of `text` (made safe on the way) in lines of `width` columns. The
 * first line goes on at column `at`; the others are indented by `indent`. A word
 * too long for a line is broken. Ends with \n. Appended.
 */
void text_wrap(ndr_buffer *out, ndr_slice text, size_t at, size_t indent, size_t width);

/* As much of `text`, made safe, as fits `columns`; " ..." at its end when it is cut.
 * Appended. */
void text_cut(ndr_buffer *out, ndr_slice text, size_t columns);

/* What `part` has no memory for, `out`, which was made with it, lacks, too. Frees part.
 */
void text_end(ndr_buffer *out, ndr_buffer *part);

/* Blanks up to column `column`, from column `at`; at least one. */
void text_pad(ndr_buffer *out, size_t at, size_t column);

#endif
