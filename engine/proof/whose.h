/* SPDX-License-Identifier: BSD-3-Clause */
/* whose.h - one bounce that is judged, and the proofs that look at it. */
#ifndef NDR_WHOSE_H
#define NDR_WHOSE_H

#include "dkim_fields.h"
#include "ndr_network.h"
#include "ndrscan_proof.h"
#include "whose_hop.h"

enum ndr_strength {
    NDR_STRONG, /* nobody else can have it for this recipient */
    NDR_WEAK,   /* can be had once and copied: goes as far as ndr_weak_limit says */
    NDR_HINT,   /* decides nothing */
};

enum {
    NDR_WHOSE_RECIPIENTS = 32, /* failed recipients that are looked at */
    NDR_WHOSE_HOPS = 100,      /* Received fields that are */
};

/* What was made of one domain's words. */
typedef struct ndr_whose_domain {
    ndr_secrets *batv, *srs; /* NULL: none */
    ndr_network *submitter;  /* as many as the identity's row has */
} ndr_whose_domain;

typedef struct ndr_pass {
    enum ndr_strength strength;
    enum ndr_whose says;
    int row;               /* of the evidence */
    ndr_instance instance; /* of a weak one */
} ndr_pass;

/* A bounce at hand. */
typedef struct ndr_whose_case {
    const ndr_identity *identity;
    const ndr_identity_domain *ours; /* the row of v->domain */
    const ndr_whose_domain *made;
    ndr_sent_fn *sent; /* NULL: none */
    void *sent_ctx;
    const ndr_verdict *v;
    ndr_dkim_fields bounce, returned; /* their headers */
    bool apart;                       /* what was returned has a part of its own */
    bool ended;         /* its header is there to its last field, as far as can be seen */
    bool ended_in_line; /* and its last line ends */
    const ndr_dkim_report *dkim; /* of it; NULL: there are no keys */
    int sent_answer;             /* what ndr_sent_fn said, -1: it was not asked */
    bool vouched; /* something of ours is in it that proves nothing, and yet */
    ndr_evidence *ret;
    size_t passes;
    ndr_pass pass[NDR_PROOFS];
} ndr_whose_case;

/*
 * Note what a proof found; returns the row, or -1 when there are too many. Of `format`'s
 * outcome what is not printable ASCII becomes '?', and what is too long is cut. `name`
 * and `result` are static.
 */
int ndr_whose_note(ndr_whose_case *c, const char *name, const char *result,
                   const char *format, ...) NDR_PRINTF(4, 5);
/* The same for one that holds. `instance` is a weak one's, else NULL. */
void ndr_whose_pass(ndr_whose_case *c, const char *name, enum ndr_strength strength,
                    enum ndr_whose says, const ndr_instance *instance, const char *format,
                    ...) NDR_PRINTF(6, 7);
/* For "%.*s". */
#define NDR_WHOSE_TEXT(s)                                                                \
    (int)((s).len < 100 ? (s).len : 100), (s).len > 0 ? (const char *)(s).ptr : ""

/* The failed recipient at *at, which moves on; final ones and originals. False: no more.
 */
bool ndr_whose_recipient(const ndr_whose_case *c, size_t *at, ndr_slice *ret);
/* The first field of that name, given in lower case; NULL: none. */
const ndr_dkim_field *ndr_whose_field(const ndr_dkim_fields *fields, const char *name);
/* The row of a domain; NULL: it is none of ours. `domain` is normal. */
const ndr_identity_domain *ndr_whose_ours(const ndr_identity *identity, ndr_slice domain);
/* Received fields, topmost first; at most `most`. */
size_t ndr_whose_hops(const ndr_dkim_fields *fields, ndr_hop *ret, size_t most);
/* Is it one of our hosts that are listed? */
bool ndr_whose_host(const ndr_whose_case *c, ndr_slice name);
/* Might we have made the bounce ourselves? Also where it cannot be told. */
bool ndr_whose_may_be_born_here(const ndr_whose_case *c);

/* The proofs. Each notes a row or more where it has something to look at. */
typedef void ndr_whose_proof(ndr_whose_case *c);
ndr_whose_proof ndr_whose_dkim_to, ndr_whose_dkim, ndr_whose_sent_to, ndr_whose_sent,
    ndr_whose_born_here, ndr_whose_batv, ndr_whose_srs, ndr_whose_relay;
/* Behind them, and behind the decision what they come to, "all-mail": is it forged? */
ndr_whose_proof ndr_whose_all_mail;
/* Had it been ours, would the signature of a key of ours have been there to see? */
bool ndr_whose_would_show(const ndr_whose_case *c);

#endif
