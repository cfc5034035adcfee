/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sent_record.h - what is kept of a message that was sent?
 *
 *   0  8  SipHash-2-4 of kind, id, domain and recipient, highest byte first; with a
 *         recipient, 44 bits of it behind 20 of that without (sent_hash_beside)
 *   8  2  day since 1970-01-01 UTC, highest byte first
 *
 * so that records sorted as bytes are sorted by hash, then by day. The day has no time:
 * clocks of senders and of mail servers are not the same, and a forger knows no id before
 * the message was sent.
 */
#ifndef SENT_RECORD_H
#define SENT_RECORD_H

#include "ndrscan.h"
#include "siphash.h"

enum { SENT_RECORD_BYTES = 10, SENT_BUCKET_DAYS = 8, SENT_DAY_MOST = 65535 };

/*
 * So many bits of a hash with a recipient are the id's own: both records lie in one page,
 * and one wait for it answers both questions. 44 bits are left to tell recipients of one
 * id from each other.
 */
enum { SENT_SHARED_BITS = 20 };

typedef struct ndr_sent_key {
    unsigned char bytes[NDR_SIPHASH_KEY_BYTES];
    uint64_t id; /* the key's own hash: names it without telling it */
} ndr_sent_key;

/*
 * What is hashed, in the one form that adding and asking share: an id without brackets
 * and blanks, letters as they are; a domain in lower-case A-labels (as it is written, in
 * lower case, where it is no host name); a local part in lower case, for many give it
 * back so. Borrows from the arguments.
 */
typedef struct ndr_sent_name {
    ndr_slice id;
    char domain[256];
    ndr_slice local; /* of the recipient, any case */
    char recipient_domain[256];
    bool has_recipient;
} ndr_sent_name;

/* False when id or domain is missing. */
bool
ndr_sent_name_of(ndr_slice id, ndr_slice domain, ndr_slice recipient, ndr_sent_name *ret);
/* The hash of a name, with its recipient or without; the one with it is kept as
 * sent_hash_beside says. */
uint64_t
ndr_sent_hash(const ndr_sent_key *key, const ndr_sent_name *name, bool with_recipient);
/* The key's id from its bytes. */
uint64_t ndr_sent_key_id(const unsigned char bytes[NDR_SIPHASH_KEY_BYTES]);

/* Under which a recipient is kept: the hash `with` it, beside that of the `id` alone. */
static inline uint64_t
sent_hash_beside(uint64_t id, uint64_t with)
{
    return (id & ~(UINT64_MAX >> SENT_SHARED_BITS)) | with >> SENT_SHARED_BITS;
}

/* The day of a time; -1 when a record cannot have it. */
int ndr_sent_day(int64_t at);

static inline uint64_t
sent_record_hash(const unsigned char *p)
{
    /* without a loop compilers make one load of it */
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

static inline int
sent_record_day(const unsigned char *p)
{
    return p[8] << 8 | p[9];
}

static inline void
sent_record_put(unsigned char *p, uint64_t hash, int day)
{
    for (int i = 7; i >= 0; i--, hash >>= 8)
        p[i] = (unsigned char)hash;
    p[8] = (unsigned char)(day >> 8);
    p[9] = (unsigned char)day;
}

#endif
