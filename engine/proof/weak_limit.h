/* SPDX-License-Identifier: BSD-3-Clause */
/* weak_limit.h - for how many recipients did an instance come back?
 *
 *   id -> { latest, count, up to 20 hashes of recipients, sorted }
 *
 * An instance over the limit needs no hashes any more: it stays over. The sum of all
 * counts, each at most 21, is the same in any order, and so is whether they are full; of
 * what is added to full ones none but what is over is counted. */
#ifndef NDR_WEAK_LIMIT_H
#define NDR_WEAK_LIMIT_H

#include "ndrscan_proof.h"

#include <string.h>

enum { NDR_WEAK_OVER = NDR_WEAK_RECIPIENTS + 1 };

typedef struct ndr_weak_entry {
    ndr_instance instance;
    int64_t latest;    /* its last bounce; NDR_TIME_UNKNOWN is the oldest */
    uint16_t count;    /* of recipients; NDR_WEAK_OVER: over, and `hashes` NULL */
    uint16_t room;     /* in `hashes` */
    uint32_t believed; /* verdicts that were given by it here; never saved */
    uint64_t single;   /* the only recipient, as most have one */
    uint64_t *hashes;
} ndr_weak_entry;

struct ndr_weak_limit {
    ndr_weak_entry *entries; /* open addressing; count 0: free */
    size_t slots, used;
    size_t pairs, most;
    bool full;
    int64_t refused; /* the latest that was not counted */
};

/*
 * Where in a table of `slots`, a power of two, an instance is put if that is free. Saved
 * counts are sorted by the ids' first bytes, which a growing table must not be filled by:
 * all that begin alike would be put at one place. So it is others that are taken.
 */
static inline size_t
ndr_weak_home(const ndr_instance *id, size_t slots)
{
    uint64_t hash;
    memcpy(&hash, id->id + 8, sizeof hash);
    return (size_t)hash & (slots - 1);
}
/* The entry of an instance; NULL: none. */
const ndr_weak_entry *ndr_weak_find(const ndr_weak_limit *w, const ndr_instance *id);
/* Its hashes, entry->count of them, or NULL when it is over. */
static inline const uint64_t *
ndr_weak_hashes(const ndr_weak_entry *e)
{
    return e->count == 1 ? &e->single : e->hashes;
}
/* Count `count` hashes for an instance; NDR_WEAK_OVER with hashes NULL: it is over. 0 or
 * NDR_E_NOMEM. */
int ndr_weak_count(ndr_weak_limit *w, const ndr_instance *id, int64_t latest,
                   const uint64_t *hashes, uint32_t count, ndr_error *err);
/* A verdict was given by an instance that is counted. */
void ndr_weak_believe(ndr_weak_limit *w, const ndr_instance *id);
/* How many were, by instances that are over now? */
uint64_t ndr_weak_taken_back(const ndr_weak_limit *w);
/* Note that it was full elsewhere. */
void ndr_weak_refuse(ndr_weak_limit *w, int64_t at);

#endif
