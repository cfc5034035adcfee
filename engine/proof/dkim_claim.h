/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_claim.h - what does a DKIM-Signature field claim? (RFC 6376 3.5) */
#ifndef NDR_DKIM_CLAIM_H
#define NDR_DKIM_CLAIM_H

#include "dkim_tags.h"
#include "ndrscan_proof.h"

enum {
    NDR_DKIM_SIGNED_NAMES = 512, /* names in h= */
    NDR_DKIM_SIGNATURE_BYTES = 1024,
};

/* Slices are borrowed from the field. */
typedef struct ndr_dkim_claim {
    const char *why;  /* what is wrong with it, in static words; NULL: well-formed */
    char domain[256]; /* d= in lower-case A-labels; "" when it cannot be read */
    ndr_slice selector;
    bool weak; /* rsa-sha1, and nothing else is wrong */
    enum ndr_dkim_algorithm algorithm;
    bool relaxed_header, relaxed_body;
    bool below;      /* the domain of i= is below d= */
    ndr_slice names; /* h= */
    ndr_slice span;  /* of b=: what is taken out of the field before it is hashed */
    unsigned char signature[NDR_DKIM_SIGNATURE_BYTES];
    size_t signature_len; /* 0 when b= cannot be read */
    unsigned char body_hash[32];
    int64_t body_limit;            /* l= in bytes; INT64_MAX without one */
    int64_t signed_at, expires_at; /* t=, x=, or NDR_TIME_UNKNOWN */
} ndr_dkim_claim;

/* Read the value of a field, behind its colon. Always fills *ret as far as it can be
 * read. Tags that it does not know count for nothing. Pure. */
void ndr_dkim_claim_read(ndr_slice value, ndr_dkim_claim *ret);

#endif
