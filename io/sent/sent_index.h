/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sent_index.h - where among sorted records are those of a hash?
 *
 *   start[0] start[1] ... start[2^bits]     4 bytes each, lowest first, in the file
 *
 * start[i] is how many records have a hash whose first `bits` bits are below i: those of
 * a hash are in start[i] .. start[i + 1], which are 64 to 128 apart, and more where a
 * message had many recipients. A look-up has one place of the index to read and one among
 * the records, where interpolation alone has four or five, each a page that is not at
 * hand.
 */
#ifndef SENT_INDEX_H
#define SENT_INDEX_H

#include "sent_record.h"

#include <stddef.h>

enum { SENT_INDEX_BITS_MOST = 28, SENT_INDEX_START_BYTES = 4 };

/* For so many records; 0: they need none, or are more than a start can count. */
unsigned ndr_sent_index_bits(uint64_t records);
/* What an index takes in a file. */
static inline size_t
sent_index_bytes(unsigned bits)
{
    return bits == 0 ? 0 : (((size_t)1 << bits) + 1) * SENT_INDEX_START_BYTES;
}

/* The bucket of a hash; `bits` is not 0. */
static inline uint64_t
sent_index_bucket(unsigned bits, uint64_t hash)
{
    return hash >> (64 - bits);
}

static inline uint32_t
sent_index_start(const unsigned char *index, uint64_t bucket)
{
    const unsigned char *p = index + bucket * SENT_INDEX_START_BYTES;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* One that is made while records are written in order. */
typedef struct ndr_sent_index {
    uint32_t *start; /* owned; NULL: bits is 0 */
    unsigned bits;
    uint64_t next; /* bucket that has no start yet */
} ndr_sent_index;

/* For at most `most` records. False: no memory. */
bool ndr_sent_index_begin(ndr_sent_index *x, uint64_t most);
/* A record with this hash is number `at`. */
void ndr_sent_index_add(ndr_sent_index *x, uint64_t hash, uint64_t at);
/* There were `count`; the index becomes the one that so many have. */
void ndr_sent_index_end(ndr_sent_index *x, uint64_t count);
void ndr_sent_index_free(ndr_sent_index *x);

#endif
