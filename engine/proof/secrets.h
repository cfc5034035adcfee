/* SPDX-License-Identifier: BSD-3-Clause */
/* secrets.h - with which secret was a tag made? */
#ifndef NDR_SECRETS_H
#define NDR_SECRETS_H

#include "ndrscan_proof.h"

enum {
    NDR_ADDRESS_BYTES = 1024, /* of an address that can be tagged */
    NDR_MAC_BYTES = 20,
};

enum ndr_mac { NDR_MAC_SHA1, NDR_MAC_MD5 };

/* Is this the MAC that was wanted? `arg` is the caller's. */
typedef bool ndr_mac_match(const unsigned char mac[NDR_MAC_BYTES], const void *arg);

/* Does any secret of key number `number` (NDR_SECRET_ANY: any secret) make a MAC of the
 * bytes that matches? */
bool ndr_secrets_made(const ndr_secrets *s, int number, enum ndr_mac mac, ndr_slice bytes,
                      ndr_mac_match *match, const void *arg);

/* "local@domain" in pieces: the local part without the quotes around it. */
typedef struct ndr_tagged {
    unsigned char local[NDR_ADDRESS_BYTES];
    size_t local_len;
    ndr_slice domain;
    bool quoted;
} ndr_tagged;

/* False for no address, or one that is too long. */
bool ndr_tagged_split(ndr_slice address, ndr_tagged *ret);

static inline unsigned char
ndr_tag_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/* The day of a time, counted from 1970, UTC. */
static inline int64_t
ndr_tag_day(int64_t at)
{
    return at / 86400 - (at % 86400 < 0 ? 1 : 0);
}

#endif
