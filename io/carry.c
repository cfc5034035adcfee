/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * carry.c - how does a stream fall into messages without a byte being lost?
 *
 *   bytes.ptr[0] ... at (given already) ... end of the message ... bytes.len
 *
 * A mark within NDR_UNPROVED_BYTES of the end may still turn out to be one, so a message
 * that is larger than the limit is given up to there, and then goes on piece by piece.
 */
#include "feed.h"

#include "frame.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 16, MORE_BYTES = 1 << 20 };

struct ndr_carry {
    ndr_carry_opts opts;
    ndr_fd_feed stored;
    ndr_unpack unpack;
    bool begun, end;
    bool mbox;
    bool larger; /* the message given last is not whole yet */
    ndr_buffer bytes;
    size_t at;       /* bytes before it were given */
    uint64_t offset; /* of bytes.ptr[0] in the stream */
    uint64_t index;  /* of the next message */
};

int
ndr_carry_open(const ndr_carry_opts *opts, ndr_carry **ret, ndr_error *err)
{
    enum { MESSAGE_MIB = 64 };
    ndr_carry *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open the input");
    c->opts = *opts;
    if (opts->message_limit_bytes == 0)
        c->opts.message_limit_bytes = (size_t)MESSAGE_MIB << 20;
    else if (opts->message_limit_bytes > SIZE_MAX / 4)
        c->opts.message_limit_bytes = SIZE_MAX / 4;
    ndr_fd_feed_init(&c->stored, opts->fd, false, NULL);
    c->stored.keep = true;
    if (opts->unpack)
        ndr_unpack_open(&c->unpack, &c->stored.feed, &c->stored, 0, opts->format, 0);
    *ret = c;
    return 0;
}

void
ndr_carry_close(ndr_carry *c)
{
    if (c == NULL)
        return;
    if (c->opts.unpack)
        ndr_unpack_close(&c->unpack);
    ndr_buffer_free(&c->bytes);
    free(c);
}

/* Up to `most` bytes more; c->end when there are none. 0 or an ndr_code. */
static int
read_some(ndr_carry *c, size_t most, ndr_error *err)
{
    if (!ndr_buffer_reserve(&c->bytes, most))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    unsigned char *to = c->bytes.ptr + c->bytes.len;
    const int64_t n = c->opts.unpack
                          ? ndr_unpack_read(&c->unpack, to, most, true, err)
                          : c->stored.feed.read(&c->stored.feed, to, most, true, err);
    if (n < 0)
        return (int)n;
    c->bytes.len += (size_t)n;
    c->end = n == 0;
    return 0;
}

/* What is this stream? 1; 0: there is nothing in it; or an ndr_code. */
static int
begin(ndr_carry *c, ndr_error *err)
{
    const enum ndr_format format = c->opts.format;
    c->begun = true;
    if (c->opts.unpack) {
        const int got = ndr_unpack_next(&c->unpack, err);
        if (got == 1 && (c->unpack.tar != NULL || c->unpack.framing == NDR_FRAME_CL2))
            return ndr_fail(err, NDR_E_SYNTAX, "is an archive, not a mailbox");
        c->mbox = c->unpack.framing == NDR_FRAME_MBOX;
        return got;
    }
    const ndr_codec *ignored;
    enum ndr_sniff what = NDR_SNIFF_MORE;
    while (!c->end && what == NDR_SNIFF_MORE) {
        const int code = read_some(c, CHUNK_BYTES, err);
        if (code != 0)
            return code;
        what = ndr_sniff(c->bytes.ptr, c->bytes.len, c->end, &ignored);
    }
    c->mbox = format == NDR_FORMAT_MBOX ||
              (format == NDR_FORMAT_AUTO && what == NDR_SNIFF_MBOX);
    return c->bytes.len > 0;
}

/* Forget what was given, but for `keep` bytes of it. */
static void
drop_given(ndr_carry *c, size_t keep)
{
    if (c->at <= keep)
        return;
    const size_t drop = c->at - keep;
    memmove(c->bytes.ptr, c->bytes.ptr + drop, c->bytes.len - drop);
    c->bytes.len -= drop;
    c->at = keep;
    c->offset += drop;
}

/*
 * Read until the end of the message is seen, or it holds more than `most` bytes that are
 * surely its own: *ret_end is the end of those. A mark is looked for at or behind `from`.
 */
static int
find_end(ndr_carry *c, size_t from, bool at_start, size_t most, size_t chunk,
         size_t *ret_end, ndr_error *err)
{
    for (;;) {
        const size_t n = c->bytes.len;
        int64_t ignored;
        const size_t next =
            c->mbox && from < n
                ? ndr_mbox_next(c->bytes.ptr, n, from, at_start, c->end, &ignored)
                : n;
        *ret_end = next;
        c->larger = false;
        if (next < n || c->end)
            return 0;
        const size_t unproved = c->mbox ? (size_t)NDR_UNPROVED_BYTES : 0;
        if (n >= unproved && n - unproved > most) {
            *ret_end = n - unproved;
            c->larger = true;
            return 0;
        }
        if (n > unproved && n - unproved > from)
            from = n - unproved;
        const int code = read_some(c,
                                   chunk > n        ? chunk
                                   : n < MORE_BYTES ? n
                                                    : MORE_BYTES,
                                   err);
        if (code != 0)
            return code;
    }
}

int
ndr_carry_next(ndr_carry *c, ndr_message *m, ndr_slice *ret_bytes, ndr_error *err)
{
    const size_t limit = c->opts.message_limit_bytes;
    if (!c->begun) {
        const int got = begin(c, err);
        if (got != 1)
            return got;
    }
    drop_given(c, 0);
    if (c->bytes.len == 0) {
        const int code = c->end ? 0 : read_some(c, CHUNK_BYTES, err);
        if (code != 0)
            return code;
        if (c->bytes.len == 0)
            return 0;
    }
    size_t line = 0;
    if (c->mbox && c->offset == 0) {
        while ((line = ndr_mbox_blank(c->bytes.ptr, c->bytes.len)) == c->bytes.len &&
               !c->end && line < limit) {
            const int code = read_some(c, CHUNK_BYTES, err);
            if (code != 0)
                return code;
        }
    }
    size_t end;
    const int code = find_end(c, line + 1, true, limit, CHUNK_BYTES, &end, err);
    if (code != 0)
        return code;

    const unsigned char *p = c->bytes.ptr;
    *m = (ndr_message){.framed = NDR_TIME_UNKNOWN,
                       .file_time = NDR_TIME_UNKNOWN,
                       .source = c->opts.name,
                       .index = c->index++};
    size_t raw = line;
    int64_t time;
    if (line < end && ndr_mbox_mark(p, end, line, true, &time)) {
        m->framed = time;
        raw = ndr_mbox_line(p, end, line, &m->envelope);
    }
    const size_t stop = c->mbox && !c->larger ? ndr_mbox_end(p, raw, end) : end;
    m->offset = c->offset + raw;
    m->length = stop - raw;
    m->raw = (ndr_slice){p + raw, stop - raw < limit ? stop - raw : limit};
    if (c->larger || m->raw.len < m->length)
        m->flags |= NDR_MSG_TRUNCATED;
    *ret_bytes = (ndr_slice){p, end};
    c->at = end;
    return 1;
}

int
ndr_carry_more(ndr_carry *c, ndr_slice *ret_bytes, ndr_error *err)
{
    if (!c->larger)
        return 0;
    drop_given(c, NDR_LOOKBACK_BYTES);
    const size_t at = c->at;
    size_t end;
    const int code = find_end(c, at, false, at + MORE_BYTES, MORE_BYTES, &end, err);
    if (code != 0)
        return code;
    *ret_bytes = (ndr_slice){c->bytes.ptr + at, end - at};
    c->at = end;
    return end > at;
}
