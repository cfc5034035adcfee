/* SPDX-License-Identifier: BSD-3-Clause */
/* line_cache.c - see line_cache.h. */
#include "line_cache.h"

#include "ndr_hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 1024, /* in pairs: a line may be kept in either row of its pair */
    TAGS =
        4096, /* of lines that were met, a few bits each: an error keeps one too early */
};

struct ndr_line_cache {
    ndr_known row[ROWS];
    uint16_t met[TAGS];
};

ndr_line_cache *
ndr_line_cache_new(void)
{
    return calloc(1, sizeof(ndr_line_cache));
}

void
ndr_line_cache_free(ndr_line_cache *m)
{
    free(m);
}

static bool
is_line(const ndr_known *k, uint64_t hash, uint32_t matcher, ndr_slice line)
{
    return k->hash == hash && k->len == line.len && k->matcher == matcher &&
           memcmp(k->line, line.ptr, line.len) == 0;
}

enum ndr_line_cache_state
ndr_line_cache_find(ndr_line_cache *m, uint32_t matcher, ndr_slice line, ndr_known **row)
{
    if (line.len == 0 || line.len > NDR_LINE_CACHE_LINE_BYTES)
        return NDR_LINE_CACHE_NEW;
    const uint64_t hash = ndr_hash(line, matcher); /* lines of one are compared */
    ndr_known *pair = &m->row[hash % (ROWS / 2) * 2];
    for (int i = 0; i < 2; i++)
        if (is_line(&pair[i], hash, matcher, line)) {
            pair[i].is_recent = true;
            pair[1 - i].is_recent = false;
            *row = &pair[i];
            return NDR_LINE_CACHE_KNOWN;
        }
    uint16_t *met = &m->met[(hash >> 16) % TAGS];
    const uint16_t tag = (uint16_t)(hash >> 48 | 1);
    if (*met != tag) {
        *met = tag;
        return NDR_LINE_CACHE_NEW;
    }
    ndr_known *k = &pair[pair[0].is_recent ? 1 : 0];
    k->hash = hash;
    k->matcher = matcher;
    k->len = k->count = 0;
    *row = k;
    return NDR_LINE_CACHE_AGAIN;
}

void
ndr_line_cache_keep(ndr_known *row, ndr_slice line)
{
    memcpy(row->line, line.ptr, line.len);
    row->len = (uint8_t)line.len;
}
