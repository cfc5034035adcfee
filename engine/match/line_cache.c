/* SPDX-License-Identifier: BSD-3-Clause */
/* line_cache.c - see memo.h. */
#include "line_cache.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 1024, /* in pairs: a line may be kept in either row of its pair */
    TAGS =
        4096, /* of lines that were met, a few bits each: an error keeps one too early */
};

struct ndr_memo {
    ndr_known row[ROWS];
    uint16_t met[TAGS];
};

ndr_memo *
ndr_memo_new(void)
{
    return calloc(1, sizeof(ndr_memo));
}

void
ndr_memo_free(ndr_memo *m)
{
    free(m);
}

static uint64_t
load8(const unsigned char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* Bytes that collide on purpose only cost a scan: lines are compared. */
static uint64_t
hash_of(uint32_t matcher, ndr_slice s)
{
    uint64_t h = (0x9e3779b97f4a7c15u ^ matcher) + s.len;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        h = (h ^ load8(s.ptr + i)) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    uint64_t rest = 0;
    if (i < s.len && s.len >= 8)
        rest = load8(s.ptr + s.len - 8); /* with bytes that were taken */
    else
        for (; i < s.len; i++)
            rest = rest << 8 | s.ptr[i];
    h = (h ^ rest) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 29);
}

static bool
is_line(const ndr_known *k, uint64_t hash, uint32_t matcher, ndr_slice line)
{
    return k->hash == hash && k->len == line.len && k->matcher == matcher &&
           memcmp(k->line, line.ptr, line.len) == 0;
}

enum ndr_memo_state
ndr_memo_find(ndr_memo *m, uint32_t matcher, ndr_slice line, ndr_known **row)
{
    if (line.len == 0 || line.len > NDR_MEMO_LINE_BYTES)
        return NDR_MEMO_NEW;
    const uint64_t hash = hash_of(matcher, line);
    ndr_known *pair = &m->row[hash % (ROWS / 2) * 2];
    for (int i = 0; i < 2; i++)
        if (is_line(&pair[i], hash, matcher, line)) {
            pair[i].is_recent = true;
            pair[1 - i].is_recent = false;
            *row = &pair[i];
            return NDR_MEMO_KNOWN;
        }
    uint16_t *met = &m->met[(hash >> 16) % TAGS];
    const uint16_t tag = (uint16_t)(hash >> 48 | 1);
    if (*met != tag) {
        *met = tag;
        return NDR_MEMO_NEW;
    }
    ndr_known *k = &pair[pair[0].is_recent ? 1 : 0];
    k->hash = hash;
    k->matcher = matcher;
    k->len = k->count = 0;
    *row = k;
    return NDR_MEMO_AGAIN;
}

void
ndr_memo_keep(ndr_known *row, ndr_slice line)
{
    memcpy(row->line, line.ptr, line.len);
    row->len = (uint8_t)line.len;
}
