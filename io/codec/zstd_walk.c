/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zstd_walk.c - where do the frames of a zstd file begin and end? (RFC 8878, 3.1)
 *
 * A block says how long it is stored, so one step a block is enough, and only
 * its header is read. The seek table of zstd's seekable format would save the
 * steps; but they cost little, are taken beside the decoding, and cannot say
 * what the frames do not.
 */
#include "zstd_frames.h"

#include "ndr_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    WINDOW_LOG_MAX = 27, /* as the decoder has it */
    MAGIC = 4,
    BLOCK_HEADER = 3,
    BLOCK_MOST = 1 << 17, /* content of one block */
    CHECKSUM = 4,
};

void
ndr_zstd_walk_begin(ndr_zstd_walk *w, int fd, uint64_t file_bytes)
{
    w->fd = fd;
    w->file_bytes = file_bytes;
    w->at = w->base = 0;
    w->have = 0;
    w->asks = false;
}

void
ndr_zstd_walk_ask(ndr_zstd_walk *w, uint64_t until)
{
    w->asks = ndr_mount_shared(w->fd) != NULL;
    ndr_fetcher_begin(&w->ahead, w->fd, until < w->file_bytes ? until : w->file_bytes);
}

/* The n bytes (a handful) at file offset `at`; NULL when they are not there. */
static const unsigned char *
look(ndr_zstd_walk *w, uint64_t at, size_t n)
{
    if (at >= w->base && at - w->base <= w->have && w->have - (at - w->base) >= n)
        return w->head + (at - w->base);
    if (at > w->file_bytes || w->file_bytes - at < n)
        return NULL;
    if (w->asks && at < w->ahead.file_bytes)
        (void)ndr_fetcher_at(&w->ahead, at);
    w->base = at;
    w->have = 0;
    while (w->have < n) {
        const ssize_t got = pread(w->fd, w->head + w->have, sizeof w->head - w->have,
                                  (off_t)(at + w->have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return NULL; /* whoever decodes it meets that, too, and tells */
        w->have += (size_t)got;
    }
    return w->head;
}

static uint64_t
little(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = n; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

/* Behind the frame header at `at`: its length; 0 when there is none. Content that it
 * tells goes to *ret_told, UINT64_MAX when it tells none. *ret_wide: its window is over
 * the limit, which would not count where it is decoded in one piece. */
static size_t
frame_header(ndr_zstd_walk *w, uint64_t at, bool *ret_checksum, bool *ret_wide,
             uint64_t *ret_told)
{
    static const unsigned char dict_bytes[] = {0, 1, 2, 4};
    const unsigned char *p = look(w, at, MAGIC + 1);
    if (p == NULL)
        return 0;
    const unsigned descriptor = p[MAGIC];
    const bool single = (descriptor & 0x20u) != 0;
    const size_t size_bytes =
        descriptor >> 6 == 0 ? (single ? 1 : 0) : (size_t)1 << (descriptor >> 6);
    const size_t size_at = MAGIC + (single ? 1u : 2u) + dict_bytes[descriptor & 3u];
    *ret_checksum = (descriptor & 0x04u) != 0;
    *ret_told = UINT64_MAX;
    p = look(w, at, size_at + size_bytes);
    if (p == NULL)
        return 0;
    *ret_wide = !single && 10 + (unsigned)(p[MAGIC + 1] >> 3) >=
                               WINDOW_LOG_MAX + ((p[MAGIC + 1] & 7u) == 0 ? 1u : 0u);
    if (size_bytes > 0)
        *ret_told = little(p + size_at, size_bytes) + (size_bytes == 2 ? 256 : 0);
    return size_at + size_bytes;
}

/* As ndr_zstd_walk_frame; false, too, as soon as it is seen that the frame may hold more
 * than `limit`: the way to the end of a long one is long. */
static bool
walk_frame(ndr_zstd_walk *w, uint64_t limit, uint64_t *ret_end, uint64_t *ret_content)
{
    const unsigned char *p = look(w, w->at, MAGIC);
    if (p == NULL)
        return false;
    const uint64_t magic = little(p, MAGIC);
    *ret_content = 0;
    if ((magic & 0xfffffff0u) == 0x184d2a50u) {
        p = look(w, w->at, MAGIC + 4);
        if (p == NULL)
            return false;
        const uint64_t len = MAGIC + 4 + little(p + MAGIC, 4);
        if (w->file_bytes - w->at < len)
            return false;
        *ret_end = w->at += len;
        return true;
    }
    if (magic != 0xfd2fb528u)
        return false;
    bool checksum, wide;
    uint64_t told;
    const size_t header = frame_header(w, w->at, &checksum, &wide, &told);
    if (header == 0)
        return false;
    uint64_t at = w->at + header, most = 0;
    for (bool last = false; !last;) {
        p = look(w, at, BLOCK_HEADER);
        if (p == NULL)
            return false;
        const uint64_t block = little(p, BLOCK_HEADER);
        const uint64_t size = block >> 3;
        const unsigned type = (unsigned)(block >> 1) & 3u;
        if (type == 3)
            return false;
        wide = wide || size > BLOCK_MOST; /* zstd's ways differ in what they allow */
        last = (block & 1u) != 0;
        at += BLOCK_HEADER + (type == 1 ? 1 : size); /* 1: one byte, so many times */
        most += type == 2 ? BLOCK_MOST : size;
        if (most > limit && told > limit)
            return false;
    }
    at += checksum ? CHECKSUM : 0;
    if (at > w->file_bytes)
        return false;
    *ret_content = wide ? UINT64_MAX : told < most ? told : most;
    *ret_end = w->at = at;
    return true;
}

bool
ndr_zstd_walk_frame(ndr_zstd_walk *w, uint64_t *ret_end, uint64_t *ret_content)
{
    return walk_frame(w, UINT64_MAX, ret_end, ret_content);
}

uint64_t
ndr_zstd_walk_range(ndr_zstd_walk *w, uint64_t content_bytes, uint64_t *ret_content)
{
    const uint64_t begin = w->at;
    uint64_t sum = 0;
    for (;;) {
        const uint64_t before = w->at;
        uint64_t end, content;
        if (!ndr_zstd_walk_frame(w, &end, &content)) {
            w->at = w->file_bytes;
            *ret_content = UINT64_MAX;
            return w->at;
        }
        /* (sum is below content_bytes, and that may be any) */
        if (sum > 0 &&
            (sum >= NDR_ZSTD_HELD_BYTES || content > NDR_ZSTD_HELD_BYTES - sum)) {
            w->at = before;
            return w->at;
        }
        sum = content > UINT64_MAX - sum ? UINT64_MAX : sum + content;
        *ret_content = sum;
        /* many frames with nothing in them are handed out, too */
        if (sum >= content_bytes || w->at - begin >= NDR_ZSTD_HELD_BYTES)
            return w->at;
    }
}

/* ---- is it worth it? -------------------------------------------------------------- */

/* Whether the content's first bytes are an mbox's. */
static bool
holds_mbox(int fd, uint64_t file_bytes, enum ndr_format format, enum ndr_marks *ret)
{
    ndr_zstd_stored stored;
    ndr_feed *decoded;
    ndr_zstd_stored_init(&stored, fd, 0, file_bytes);
    if (ndr_zstd_open_at(&stored.feed, 0, &decoded, NULL) != 0)
        return false;
    ndr_peek *peek = ndr_peek_new(decoded);
    if (peek == NULL)
        return false;
    ndr_sniffed told;
    bool last = false;
    enum ndr_sniff what;
    while ((what = ndr_sniff(peek->bytes, peek->have, last, &told)) == NDR_SNIFF_MORE)
        last = !ndr_peek_more(peek);
    peek->feed.close(&peek->feed);
    *ret = told.marks;
    /* with --format mbox anything is one, but for what has layers of its own */
    return what == NDR_SNIFF_MBOX ||
           (what == NDR_SNIFF_MESSAGE && format == NDR_FORMAT_MBOX);
}

bool
ndr_zstd_is_split(int fd, uint64_t file_bytes, enum ndr_format format,
                  uint64_t content_bytes, enum ndr_marks *ret)
{
    if (format != NDR_FORMAT_AUTO && format != NDR_FORMAT_MBOX)
        return false;
    ndr_zstd_walk w;
    uint64_t end, content = 0;
    ndr_zstd_walk_begin(&w, fd, file_bytes);
    ndr_zstd_walk_ask(&w, NDR_ZSTD_HELD_BYTES);
    while (content == 0)
        if (!walk_frame(&w, NDR_ZSTD_HELD_BYTES, &end, &content))
            return false;
    if (content > NDR_ZSTD_HELD_BYTES) /* of a window over the limit */
        return false;
    ndr_zstd_walk_begin(&w, fd, file_bytes);
    return ndr_zstd_walk_range(&w, content_bytes, &content) < file_bytes &&
           holds_mbox(fd, file_bytes, format, ret);
}
