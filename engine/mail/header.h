/* SPDX-License-Identifier: BSD-3-Clause */
/* header.h - which fields does a message header hold, and what do they say? (RFC
 * 5322 2.2) */
#ifndef NDR_HEADER_H
#define NDR_HEADER_H

#include "charset.h"
#include "ndrscan.h"

/* One field as stored; borrowed from the message. */
typedef struct ndr_field {
    ndr_slice name;  /* without the colon and blanks before it */
    ndr_slice value; /* behind the colon, folds and all, without the last line end */
} ndr_field;

/*
 * The field at *at. 1 and *f, with *at moved on; 0 when the header has ended,
 * *at then being where the body begins (behind the empty line, or at the
 * first line that is no field). A byte order mark in front, and "From " and
 * ">From " lines anywhere, are passed over. So are up to four lines that are no field
 * when a field follows them whose name no prose has, as mail programs go on to the empty
 * line; a delimiter ("--") is none of these. A parameter that was not folded behind a
 * value that ends in a semicolon ("boundary=...") goes on with the value. Start with
 * *at = 0, or with ndr_header_begin. Pure.
 */
int ndr_header_next(ndr_slice raw, size_t *at, ndr_field *f);
/* The same for fields that stand in a body: the first line that is none ends them. */
int ndr_fields_next(ndr_slice raw, size_t *at, ndr_field *f);
/* Of a header that ended at `at`, not behind an empty line: would it end there whatever
 * follows the bytes? */
bool ndr_header_is_sure(ndr_slice raw, size_t at);

/* Is this the field of that name, given in lower case? */
static inline bool
ndr_field_is(const ndr_field *f, ndr_slice lower)
{
    return f->name.len == lower.len && (f->name.ptr[0] | 0x20) == lower.ptr[0] &&
           ndr_slice_equal_nocase(f->name, lower);
}

/* No more of one field's value is read. */
enum { NDR_HEADER_VALUE_BYTES = 16 << 10 };

/*
 * Append a field's value in canonical form: unfolded, encoded words decoded
 * (RFC 2047), well-formed UTF-8, each run of white space and control
 * characters one space, ends trimmed. No line end behind it.
 */
void
ndr_header_value(ndr_charsets *c, ndr_slice value, ndr_buffer *work, ndr_buffer *out);
/* The same for values that hold no encoded words, such as a report's fields. */
void ndr_header_plain(ndr_slice value, ndr_buffer *out);

#endif
