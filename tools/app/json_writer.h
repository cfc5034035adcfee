/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json_writer.h - how does the command write JSON? (RFC 8259)
 *
 * Values one after the other, appended: a comma goes before each that is not the first,
 * which is told by what stands before it; a line end asks for none. `name` is a member's,
 * ASCII without quotes; NULL for what stands in a list, or alone. Records of mail are the
 * library's (io/sink/sink_jsonl.c): strings are written as it writes them.
 */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include "ndrscan.h"

/* An object, '{', or a list, '[', begins; json_end is given the bracket that ends it. */
void json_begin(ndr_buffer *out, const char *name, char bracket);
void json_end(ndr_buffer *out, char bracket);

void json_put_text(ndr_buffer *out, const char *name, ndr_slice text);
/* NUL-terminated; null for NULL. */
void json_put_word(ndr_buffer *out, const char *name, const char *word);
void json_put_bool(ndr_buffer *out, const char *name, bool yes);
void json_put_null(ndr_buffer *out, const char *name);
void json_put_count(ndr_buffer *out, const char *name, uint64_t n);
void json_put_integer(ndr_buffer *out, const char *name, int64_t n);
void json_put_decimal(ndr_buffer *out, const char *name, double value, int digits);
/* What is JSON already, such as an object of another file. */
void json_put_whole(ndr_buffer *out, ndr_slice value);
/* "2008-05-13T08:00:00Z"; null for what is not known or has no end. */
void json_put_time(ndr_buffer *out, const char *name, int64_t at);

#endif
