/* SPDX-License-Identifier: BSD-3-Clause */
/* stored_sum.c - see stored_sum.h. */
#include "stored_sum.h"

#include "codec/read_at.h"

#include <stdlib.h>

enum { BLOCK_BITS = 40 };

static uint64_t
seed_of(uint32_t source, uint64_t base, uint64_t at)
{
    return ((uint64_t)source << BLOCK_BITS) + (at - base) / NDR_PLAN_BLOCK_BYTES;
}

int
ndr_stored_sum_read(ndr_stored_sum *s, int fd, uint64_t base, uint64_t end, uint64_t from,
                    uint64_t until, uint32_t source, uint64_t *sum, ndr_error *err)
{
    if (s->block == NULL && (s->block = malloc(NDR_PLAN_BLOCK_BYTES)) == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to sum up a file");
    const uint64_t over = (from - base) % NDR_PLAN_BLOCK_BYTES;
    uint64_t at = over > 0 ? from + (NDR_PLAN_BLOCK_BYTES - over) : from;
    for (; at < until && at < end; at += NDR_PLAN_BLOCK_BYTES) {
        const uint64_t left = end - at;
        const int64_t n = ndr_read_at(
            fd, s->block,
            left < NDR_PLAN_BLOCK_BYTES ? (size_t)left : NDR_PLAN_BLOCK_BYTES, at);
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "read behind byte %llu",
                            (unsigned long long)at);
        *sum += ndr_hash((ndr_slice){s->block, (size_t)n}, seed_of(source, base, at));
    }
    return 0;
}

uint64_t
ndr_stored_sum_block(ndr_slice bytes, uint32_t source)
{
    return ndr_hash(bytes, seed_of(source, 0, 0));
}

bool
ndr_stored_sum_watch(ndr_stored_sum *s, uint64_t base, uint64_t from, uint64_t until,
                     uint32_t source)
{
    if (s->hasher == NULL && (s->hasher = ndr_hasher_new()) == NULL)
        return false;
    ndr_hasher_begin(s->hasher, seed_of(source, base, from));
    s->at = from;
    s->until = until;
    return true;
}

void
ndr_stored_sum_seen(void *sum, ndr_slice bytes, uint64_t at)
{
    ndr_stored_sum *s = sum;
    if (s->at >= s->until || at > s->at || s->at - at >= bytes.len)
        return; /* before or behind it, or seen before */
    const size_t skip = (size_t)(s->at - at);
    size_t n = bytes.len - skip;
    if (n > s->until - s->at)
        n = (size_t)(s->until - s->at);
    ndr_hasher_add(s->hasher, (ndr_slice){bytes.ptr + skip, n});
    s->at += n;
}

bool
ndr_stored_sum_seen_all(ndr_stored_sum *s, uint64_t *sum)
{
    if (s->at < s->until)
        return false;
    *sum += ndr_hasher_end(s->hasher);
    return true;
}

void
ndr_stored_sum_free(ndr_stored_sum *s)
{
    ndr_hasher_free(s->hasher);
    free(s->block);
    *s = (ndr_stored_sum){0};
}
