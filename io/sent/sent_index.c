/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_index.c - see sent_index.h. */
#include "sent_index.h"

#include <stdlib.h>

enum { BUCKET_BITS = 6 }; /* of a bucket's records, 64 or more */

unsigned
ndr_sent_index_bits(uint64_t records)
{
    unsigned bits = 0;
    if (records > UINT32_MAX)
        return 0;
    while (records >> (bits + 1 + BUCKET_BITS) > 0)
        bits++;
    return bits;
}

bool
ndr_sent_index_begin(ndr_sent_index *x, uint64_t most)
{
    *x = (ndr_sent_index){.bits = ndr_sent_index_bits(most)};
    if (x->bits > 0)
        x->start = malloc((((size_t)1 << x->bits) + 1) * sizeof *x->start);
    return x->bits == 0 || x->start != NULL;
}

void
ndr_sent_index_add(ndr_sent_index *x, uint64_t hash, uint64_t at)
{
    while (x->bits > 0 && x->next <= sent_index_bucket(x->bits, hash))
        x->start[x->next++] = (uint32_t)at;
}

void
ndr_sent_index_end(ndr_sent_index *x, uint64_t count)
{
    while (x->bits > 0 && x->next <= (uint64_t)1 << x->bits)
        x->start[x->next++] = (uint32_t)count;
    const unsigned bits = ndr_sent_index_bits(count);
    if (bits >= x->bits)
        return;
    /* some were there twice: fewer buckets, each of several */
    for (uint64_t i = 0; i <= (uint64_t)1 << bits; i++)
        x->start[i] = x->start[i << (x->bits - bits)];
    x->bits = bits;
}

void
ndr_sent_index_free(ndr_sent_index *x)
{
    free(x->start);
    *x = (ndr_sent_index){0};
}
