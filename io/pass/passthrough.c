/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * passthrough.c - how does a stream fall into messages without a byte being lost?
 *
 *   bytes.ptr[0] ... at (given already) ... end of the message ... bytes.len
 *
 * A mark within NDR_UNPROVED_BYTES of the end may still turn out to be one, so a message
 * that is larger than the limit is given up to there, and then goes on piece by piece.
 */
#include "passthrough.h"
#include "codec/feed.h"
#include "frame/frame.h"
#include "ndr_sized.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 16, MORE_BYTES = 1 << 20 };

struct ndr_passthrough {
    ndr_passthrough_opts opts;
    ndr_passthrough_port
        *port; /* what is read, when it is not the descriptor as it stands */
    bool begun, end;
    bool mbox;
    bool larger; /* the message given last is not whole yet */
    ndr_buffer bytes;
    size_t at;       /* bytes before it were given */
    uint64_t offset; /* of bytes.ptr[0] in the stream */
    uint64_t index;  /* of the next message */
    off_t planned;   /* size of the file that is read as it stands; 0: it is none */
};

int
ndr_passthrough_of(const ndr_passthrough_opts *opts, ndr_passthrough_port *port,
                   ndr_passthrough **ret, ndr_error *err)
{
    ndr_passthrough_opts own;
    const int code = NDR_SIZED_TAKE(ndr_passthrough_opts, name, &own, opts, err);
    if (code != 0)
        return code;
    ndr_passthrough *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open the input");
    c->opts = own;
    c->port = port;
    if (own.message_limit_bytes == 0)
        c->opts.message_limit_bytes = (size_t)NDR_MESSAGE_BYTES;
    else if (own.message_limit_bytes > SIZE_MAX / 4)
        c->opts.message_limit_bytes = SIZE_MAX / 4;
    *ret = c;
    return 0;
}

int
ndr_passthrough_open(const ndr_passthrough_opts *opts, ndr_passthrough **ret,
                     ndr_error *err)
{
    return ndr_passthrough_of(opts, NULL, ret, err);
}

void
ndr_passthrough_close(ndr_passthrough *c)
{
    if (c == NULL)
        return;
    if (c->port != NULL)
        c->port->close(c->port);
    ndr_buffer_free(&c->bytes);
    free(c);
}

static int64_t
read_descriptor(int fd, unsigned char *to, size_t most, ndr_error *err)
{
    for (;;) {
        const ssize_t n = read(fd, to, most);
        if (n >= 0)
            return n;
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            (void)poll(&wait, 1, -1); /* then read says what is the matter */
        else if (errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "read");
    }
}

/* Up to `most` bytes more; c->end when there are none. 0 or an ndr_code. */
static int
read_some(ndr_passthrough *c, size_t most, ndr_error *err)
{
    if (!ndr_buffer_reserve(&c->bytes, most))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    unsigned char *to = c->bytes.ptr + c->bytes.len;
    const int64_t n = c->port != NULL ? c->port->read(c->port, to, most, err)
                                      : read_descriptor(c->opts.fd, to, most, err);
    if (n < 0)
        return (int)n;
    c->bytes.len += (size_t)n;
    c->end = n == 0;
    const off_t at = c->end && c->planned > 0 ? lseek(c->opts.fd, 0, SEEK_CUR) : -1;
    return at >= 0 && at < c->planned
               ? ndr_feed_shrunk((uint64_t)at, (uint64_t)c->planned, err)
               : 0;
}

/* What is this stream? 1; 0: there is nothing in it; or an ndr_code. */
static int
begin(ndr_passthrough *c, ndr_error *err)
{
    const enum ndr_format format = c->opts.format;
    c->begun = true;
    if (c->port != NULL)
        return c->port->begin(c->port, &c->mbox, err);
    struct stat st;
    if (fstat(c->opts.fd, &st) == 0 && S_ISREG(st.st_mode))
        c->planned = st.st_size;
    int mbox = -1;
    while (!c->end && mbox < 0) {
        const int code = read_some(c, CHUNK_BYTES, err);
        if (code != 0)
            return code;
        mbox = ndr_mbox_begins(c->bytes.ptr, c->bytes.len, c->end);
    }
    c->mbox = format == NDR_FORMAT_MBOX || (format == NDR_FORMAT_AUTO && mbox == 1);
    return c->bytes.len > 0;
}

/* Forget what was given, but for `keep` bytes of it. */
static void
drop_given(ndr_passthrough *c, size_t keep)
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
find_end(ndr_passthrough *c, size_t from, bool at_start, size_t most, size_t chunk,
         size_t *ret_end, ndr_error *err)
{
    for (;;) {
        const size_t n = c->bytes.len;
        int64_t ignored;
        const size_t next = c->mbox && from < n
                                ? ndr_mbox_next(NDR_MARKS_DATED, c->bytes.ptr, n, from,
                                                at_start, c->end, &ignored)
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
ndr_passthrough_next(ndr_passthrough *c, ndr_message *m, ndr_slice *ret_bytes,
                     ndr_error *err)
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
ndr_passthrough_more(ndr_passthrough *c, ndr_slice *ret_bytes, ndr_error *err)
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
