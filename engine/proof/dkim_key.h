/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_key.h - which public key does a record or a PEM text hold? (RFC 6376 3.6.1) */
#ifndef NDR_DKIM_KEY_H
#define NDR_DKIM_KEY_H

#include "crypto_lib.h"
#include "ndrscan_proof.h"

/* Owns its key. */
typedef struct ndr_dkim_key {
    EVP_PKEY *pkey; /* NULL when revoked */
    ndr_dkim_key_about about;
    bool strict; /* t=s: i= may not be below d= */
    bool usable; /* for mail, with SHA-256 (s=, h=) */
} ndr_dkim_key;

/* 0, or what ndr_dkim_keys_add says of the text; *ret is then empty. */
int ndr_dkim_key_read(ndr_slice text, ndr_dkim_key *ret, ndr_error *err);

/* The key of a domain and selector, and whether the domain has any at all. */
const ndr_dkim_key *ndr_dkim_keys_find(const ndr_dkim_keys *keys, const char *domain,
                                       ndr_slice selector, size_t *index);
/* The domain as the keys have it, borrowed from them; empty when they have none of it. */
ndr_slice ndr_dkim_keys_domain(const ndr_dkim_keys *keys, const char *domain);
size_t ndr_dkim_keys_count(const ndr_dkim_keys *keys);

#endif
