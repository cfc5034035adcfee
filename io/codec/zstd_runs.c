/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zstd_runs.c - which runs of frames can be decoded by different machines?
 *
 * Found by stepping through all of the file's blocks, or told by the seek table at its
 * end (zstd's seekable format). Where a run ends depends on where frames end as they are
 * stored, so both come to the same runs.
 */
#include "read_at.h"
#include "zstd_frames.h"

#include <stdlib.h>

/* zstd, contrib/seekable_format/zstd_seekable_compression_format.md */
enum {
    FOOTER_BYTES = 9,
    HEADER_BYTES = 8,
    ENTRY_BYTES = 8,
    CHECKSUM_BYTES = 4,
    HAS_CHECKSUM = 0x80,
    RESERVED = 0x7c,
    FRAMES_MAX = 0x8000000, /* the format's own limit */
};
static const uint32_t table_magic = 0x184d2a5e, footer_magic = 0x8f92eab1;

/* What is being cut into runs. */
typedef struct cut {
    ndr_zstd_runs *runs;
    uint64_t run_bytes, content_limit, content;
    uint64_t begin; /* of the run at hand */
    uint64_t last;  /* the last frame with content in it */
    bool any;
} cut;

static int
begin_run(cut *c, uint64_t at)
{
    ndr_zstd_runs *r = c->runs;
    if (r->count == r->cap) {
        const size_t cap = r->cap > 0 ? r->cap * 2 : 64;
        ndr_zstd_run *run = realloc(r->run, cap * sizeof *run);
        if (run == NULL)
            return NDR_E_NOMEM;
        r->run = run;
        r->cap = cap;
    }
    r->run[r->count++] = (ndr_zstd_run){.from = at, .lead = c->last};
    c->begin = at;
    return 1;
}

/* The frame at [at, end), of `content` at most: 1; 0 when what is in the file may come to
 * the limit; NDR_E_NOMEM. */
static int
take_frame(cut *c, uint64_t at, uint64_t end, uint64_t content)
{
    int code = 1;
    if (!c->any || at - c->begin >= c->run_bytes)
        code = begin_run(c, at);
    c->any = true;
    if (content > 0)
        c->last = at;
    if (content > c->content_limit - c->content || end < at)
        return code < 0 ? code : 0;
    c->content += content;
    return code;
}

int
ndr_zstd_runs_walk(int fd, uint64_t file_bytes, uint64_t run_bytes,
                   uint64_t content_limit, ndr_zstd_runs *ret)
{
    ndr_zstd_walk w;
    cut c = {.runs = ret, .run_bytes = run_bytes, .content_limit = content_limit};
    ndr_zstd_walk_begin(&w, fd, file_bytes);
    int code = 1;
    for (uint64_t at = 0, end, content; code == 1 && at < file_bytes; at = end) {
        if (!ndr_zstd_walk_frame(&w, &end, &content))
            break; /* what is there goes with the last run, as damage or not */
        code = take_frame(&c, at, end, content);
    }
    return code;
}

static uint32_t
little(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static bool
read_at(int fd, unsigned char *to, size_t n, uint64_t at)
{
    return ndr_read_at(fd, to, n, at) == (int64_t)n;
}

/* The table's entries, to be freed, and how many; NULL when there is no table. */
static unsigned char *
read_table(int fd, uint64_t file_bytes, uint32_t *ret_count, size_t *ret_entry)
{
    unsigned char footer[FOOTER_BYTES], header[HEADER_BYTES];
    if (file_bytes < FOOTER_BYTES + HEADER_BYTES ||
        !read_at(fd, footer, sizeof footer, file_bytes - FOOTER_BYTES) ||
        little(footer + 5) != footer_magic || (footer[4] & RESERVED) != 0)
        return NULL;
    *ret_count = little(footer);
    *ret_entry = ENTRY_BYTES + ((footer[4] & HAS_CHECKSUM) != 0 ? CHECKSUM_BYTES : 0u);
    const uint64_t entries = (uint64_t)*ret_count * *ret_entry;
    const uint64_t whole = HEADER_BYTES + entries + FOOTER_BYTES;
    if (*ret_count == 0 || *ret_count > FRAMES_MAX || whole > file_bytes ||
        !read_at(fd, header, sizeof header, file_bytes - whole) ||
        little(header) != table_magic || little(header + 4) != entries + FOOTER_BYTES)
        return NULL;
    unsigned char *table = malloc((size_t)entries);
    if (table != NULL &&
        !read_at(fd, table, (size_t)entries, file_bytes - whole + HEADER_BYTES)) {
        free(table);
        table = NULL;
    }
    return table;
}

int
ndr_zstd_runs_table(int fd, uint64_t file_bytes, uint64_t run_bytes,
                    uint64_t content_limit, ndr_zstd_runs *ret)
{
    uint32_t count;
    size_t entry;
    unsigned char *table = read_table(fd, file_bytes, &count, &entry);
    cut c = {.runs = ret, .run_bytes = run_bytes, .content_limit = content_limit};
    int code = table != NULL;
    uint64_t at = 0;
    for (uint32_t i = 0; code == 1 && i < count; i++) {
        const unsigned char *p = table + i * entry;
        const uint64_t end = at + little(p);
        code = end > file_bytes ? 0 : take_frame(&c, at, end, little(p + 4));
        at = end;
    }
    if (code == 1) { /* the table is a frame, too, and with what follows it the last */
        const uint64_t whole = HEADER_BYTES + (uint64_t)count * entry + FOOTER_BYTES;
        if (at + whole != file_bytes)
            code = 0;
        else
            code = take_frame(&c, at, file_bytes, 0);
    }
    free(table);
    return code;
}

void
ndr_zstd_runs_free(ndr_zstd_runs *r)
{
    free(r->run);
    *r = (ndr_zstd_runs){0};
}
