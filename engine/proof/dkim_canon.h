/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_canon.h - which bytes are hashed for a signature? (RFC 6376 3.4) */
#ifndef NDR_DKIM_CANON_H
#define NDR_DKIM_CANON_H

#include "dkim_claim.h"
#include "dkim_fields.h"

/* Where canonical bytes go, a piece at a time; lines end in CRLF in them, whatever ended
 * them in the message. */
typedef struct ndr_dkim_sink {
    void (*put)(void *to, ndr_slice bytes);
    void *to;
    size_t used;
    unsigned char hold[4096];
} ndr_dkim_sink;

/* Give what is held to `put`. */
void ndr_dkim_sink_flush(ndr_dkim_sink *s);

/* One field with its line end, as stored (3.4.1) or relaxed (3.4.2). */
void ndr_dkim_canon_field(ndr_dkim_sink *s, ndr_slice raw, size_t name_len, size_t colon,
                          bool relaxed);

/* Told of each field that h= takes: its place in the header, at its turn. */
typedef void ndr_dkim_taken(void *arg, const ndr_dkim_field *f);

/*
 * The header of a signature: for each name of h= the lowest field of that name that was
 * not taken yet, nothing when there is none left, never `own`; then `own` itself with the
 * span of b= taken out and without a line end. `taken` has a byte for each field.
 * Source: RFC 6376 3.7, 5.4.2.
 */
void ndr_dkim_canon_header(ndr_dkim_sink *s, const ndr_dkim_fields *fields, size_t own,
                           const ndr_dkim_claim *claim, unsigned char *taken,
                           ndr_dkim_taken *tell, void *arg);

/*
 * The first `limit` canonical bytes of a body (3.4.3, 3.4.4, l= of 3.5); how many there
 * are in all. Linear.
 */
uint64_t
ndr_dkim_canon_body(ndr_dkim_sink *s, ndr_slice body, bool relaxed, int64_t limit);

#endif
