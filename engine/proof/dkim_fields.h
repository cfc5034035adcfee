/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_fields.h - which fields does a returned header hold, byte for byte? (RFC 5322 2.2)
 *
 * A reader of its own: a signature is over what was sent, so nothing is mended here that
 * the engine's header.h would mend. */
#ifndef NDR_DKIM_FIELDS_H
#define NDR_DKIM_FIELDS_H

#include "ndrscan.h"

enum { NDR_DKIM_FIELDS = 1000 };

/* One field as stored, borrowed. */
typedef struct ndr_dkim_field {
    ndr_slice raw;     /* all of it, without its last line end */
    uint32_t name_len; /* without blanks in front of the colon */
    uint32_t colon;    /* where the colon stands */
    uint64_t hash;     /* of the name without case */
} ndr_dkim_field;

typedef struct ndr_dkim_fields {
    size_t count;
    ndr_dkim_field *fields; /* room for NDR_DKIM_FIELDS, the caller's */
    bool complete;          /* ended in an empty line */
    bool too_large;         /* over NDR_DKIM_HEADER_BYTES, or over NDR_DKIM_FIELDS */
    size_t body;            /* where the body begins, when complete */
} ndr_dkim_fields;

/* Split a header at its first byte; an mbox From_ line in front is passed over. It ends
 * at an empty line, at a line that is no field, or with its bytes. Pure, linear. */
void ndr_dkim_fields_split(ndr_slice header, ndr_dkim_fields *ret);
static inline ndr_slice
ndr_dkim_field_name(const ndr_dkim_field *f)
{
    return (ndr_slice){f->raw.ptr, f->name_len};
}
/* Behind the colon. */
static inline ndr_slice
ndr_dkim_field_value(const ndr_dkim_field *f)
{
    return (ndr_slice){f->raw.ptr + f->colon + 1, f->raw.len - f->colon - 1};
}
/* Is this a field of that name, whose ndr_hash_nocase it is? */
static inline bool
ndr_dkim_field_is(const ndr_dkim_field *f, ndr_slice name, uint64_t hash)
{
    return f->hash == hash && ndr_slice_equal_nocase(ndr_dkim_field_name(f), name);
}

/*
 * The lines of `header` with the prefix of the first one taken off each, up to the first
 * that does not have it: a run of '>', '|' and blanks, as quoting and indenting leave it.
 * A line that is the prefix alone, or its front without final blanks, is the empty line,
 * and the last. False, and `out` as it was, when the first line has no such prefix.
 * Linear. `out` may have failed.
 */
bool ndr_dkim_unquote(ndr_slice header, ndr_buffer *out);

#endif
