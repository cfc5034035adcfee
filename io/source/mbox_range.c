/* SPDX-License-Identifier: BSD-3-Clause */
/* mbox_range.c - which messages begin in one stretch of a plain mbox? */
#include "mbox_range.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 1 << 18, /* read at once: a good part of a second-level cache */
    AHEAD_BYTES = 1 << 15, /* read past a stretch before its last message is left open */
};

void
ndr_mbox_range_init(ndr_mbox_range *v, size_t limit_bytes, size_t usual_bytes,
                    ndr_large_slot *room)
{
    *v = (ndr_mbox_range){.limit_bytes = limit_bytes,
                          .room = room,
                          .usual_bytes = usual_bytes + CHUNK_BYTES + AHEAD_BYTES,
                          .fd = -1};
}

void
ndr_mbox_range_free(ndr_mbox_range *v)
{
    ndr_mbox_range_rest(v);
    free(v->bytes);
    ndr_buffer_free(&v->skim);
}

static void
give_room(ndr_mbox_range *v)
{
    if (v->has_room)
        ndr_large_slot_give(v->room);
    v->has_room = false;
}

static bool
is_large(const ndr_mbox_range *v, size_t cap)
{
    return cap / 2 > v->usual_bytes;
}

void
ndr_mbox_range_rest(ndr_mbox_range *v)
{
    if (is_large(v, v->cap)) {
        free(v->bytes);
        v->bytes = NULL;
        v->cap = v->have = v->keep = v->scan = v->at = v->raw = 0;
    }
    give_room(v);
}

void
ndr_mbox_range_begin(ndr_mbox_range *v, int fd, uint64_t base)
{
    ndr_mbox_range_rest(v);
    v->fd = fd;
    v->base = base;
    v->have = v->keep = v->scan = v->at = v->raw = 0;
    v->end = v->marked = v->unmarked = v->open = v->moved = false;
}

/* Drop what is not needed any more, but for the bytes that tell an empty line. */
static void
slide(ndr_mbox_range *v)
{
    const size_t drop = v->keep > NDR_LOOKBACK_BYTES ? v->keep - NDR_LOOKBACK_BYTES : 0;
    if (drop == 0)
        return;
    memmove(v->bytes, v->bytes + drop, v->have - drop);
    v->base += drop;
    v->have -= drop;
    v->keep -= drop;
    v->scan -= drop;
    v->at -= v->at < drop ? v->at : drop;
    v->raw -= v->raw < drop ? v->raw : drop;
}

static int
make_room(ndr_mbox_range *v, size_t more, ndr_error *err)
{
    if (v->cap - v->have >= more)
        return 0;
    if (v->have - v->keep <= v->cap / 2)
        slide(v);
    if (v->cap - v->have >= more)
        return 0;
    size_t cap = v->cap < v->usual_bytes ? v->usual_bytes : v->cap * 2;
    if (cap - v->have < more)
        cap = v->have + more;
    if (is_large(v, cap) && v->room != NULL && !v->has_room) {
        ndr_large_slot_take(v->room);
        v->has_room = true;
    }
    unsigned char *bytes = realloc(v->bytes, cap);
    if (bytes == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    v->bytes = bytes;
    v->cap = cap;
    return 0;
}

/* pread, again when interrupted; an ndr_code. */
static int64_t
read_at(const ndr_mbox_range *v, unsigned char *to, size_t room, uint64_t at,
        ndr_error *err)
{
    if (v->read != NULL)
        return v->read(v->of, to, room, at, err);
    for (;;) {
        const ssize_t n = pread(v->fd, to, room, (off_t)at);
        if (n > 0 && v->seen != NULL)
            v->seen(v->by, (ndr_slice){to, (size_t)n}, at);
        if (n >= 0)
            return n;
        if (errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "read at byte %llu", (unsigned long long)at);
    }
}

int
ndr_mbox_range_read(ndr_mbox_range *v, size_t most, ndr_error *err)
{
    if (make_room(v, most, err) != 0)
        return NDR_E_NOMEM;
    const int64_t n = read_at(v, v->bytes + v->have, most, v->base + v->have, err);
    if (n < 0)
        return (int)n;
    v->have += (size_t)n;
    v->end = n == 0;
    return 0;
}

/* a + b, or as far as numbers go */
static uint64_t
plus(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/*
 * Find the first mark at or behind bytes[scan], reading on as far as file
 * offset `stop`. 1: it is at `scan`; 0: there is none that is proved there, and
 * `scan` is where to go on (`have` at the file's end); or an ndr_code. Bytes
 * that were passed stay in the window only with `keep`.
 */
static int
find_mark(ndr_mbox_range *v, uint64_t stop, bool keep, ndr_error *err)
{
    for (;;) {
        if (!keep)
            v->keep = v->scan;
        if (v->scan < v->have) {
            const size_t hit = ndr_mark_next(v->marks, v->bytes, v->have, v->scan,
                                             v->base == 0, v->end, &v->time);
            if (hit < v->have) {
                v->scan = hit;
                return 1;
            }
            if (v->have > NDR_MARK_BYTES && v->have - NDR_MARK_BYTES > v->scan)
                v->scan = v->have - NDR_MARK_BYTES;
        }
        if (v->end) {
            v->scan = v->have;
            return 0;
        }
        const uint64_t shown = v->base + v->have;
        if (shown >= stop)
            return 0;
        const uint64_t left = stop - shown;
        const int code =
            ndr_mbox_range_read(v, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, err);
        if (code != 0)
            return code;
    }
}

/* The file's start: empty lines are passed over; what follows without a From_
 * line is a message all the same, and belongs to whoever has the first byte. */
static int
begin_file(ndr_mbox_range *v, ndr_error *err)
{
    for (;;) {
        if (v->have > v->scan)
            v->scan += ndr_mbox_blank(v->bytes + v->scan, v->have - v->scan);
        v->keep = v->scan;
        if (v->end || v->have - v->scan >= NDR_UNPROVED_BYTES)
            break;
        const uint64_t stop = plus(v->until, AHEAD_BYTES), shown = v->base + v->have;
        const uint64_t left = stop > shown ? stop - shown : NDR_UNPROVED_BYTES;
        const int code =
            ndr_mbox_range_read(v, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, err);
        if (code != 0)
            return code;
    }
    if (v->scan == v->have)
        return 0;
    v->marked = ndr_mark_at(v->marks, v->bytes, v->have, v->scan, v->end, &v->time);
    v->unmarked = !v->marked && v->marks != NDR_MARKS_MMDF;
    return 0;
}

int
ndr_mbox_range_mbox(ndr_mbox_range *v, enum ndr_marks marks, uint64_t from,
                    uint64_t until, ndr_error *err)
{
    v->marks = marks;
    v->until = until;
    v->scan = v->keep = (size_t)(from - v->base);
    v->open = v->marked = v->unmarked = false;
    return from == 0 ? begin_file(v, err) : 0;
}

/* Show the message's bytes as far as they are there and wanted. */
static void
show(const ndr_mbox_range *v, ndr_message *m, uint64_t length)
{
    size_t len = v->have - v->raw;
    if (length < len)
        len = (size_t)length;
    if (len > v->limit_bytes)
        len = v->limit_bytes;
    m->raw = (ndr_slice){v->bytes + v->raw, len};
    if (m->envelope.len > 0) /* the last line in front of the header */
        m->envelope.ptr = v->bytes + v->at + v->lead;
    m->length = length;
}

static void
show_whole(ndr_mbox_range *v, ndr_message *m, int found)
{
    v->marked = found == 1;
    v->open = false;
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    show(v, m, ndr_mark_end(v->marks, v->bytes, v->raw, v->scan) - v->raw);
    if (m->length > v->limit_bytes)
        m->flags |= NDR_MSG_TRUNCATED;
}

/* A large message has been looked at: keep what is behind it, in the usual memory. */
static void
shrink(ndr_mbox_range *v)
{
    if (!is_large(v, v->cap) || v->have - v->keep > v->usual_bytes / 2)
        return;
    slide(v);
    unsigned char *bytes = realloc(v->bytes, v->usual_bytes);
    if (bytes == NULL)
        return; /* it stays large */
    v->bytes = bytes;
    v->cap = v->usual_bytes;
    give_room(v);
}

int
ndr_mbox_range_next(ndr_mbox_range *v, ndr_message *m, ndr_error *err)
{
    if (v->moved) { /* what is shown is far behind: begin anew at the mark */
        const uint64_t until = v->until, back = NDR_LOOKBACK_BYTES;
        const uint64_t after = v->after;
        ndr_mbox_range_begin(v, v->fd, after > back ? after - back : 0);
        v->until = until;
        v->scan = (size_t)(after - v->base);
    }
    v->keep = v->scan;
    shrink(v);
    v->open = false;
    if (!v->marked && !v->unmarked) {
        if (v->base + v->scan >= v->until)
            return 0;
        const int found = find_mark(v, plus(v->until, NDR_UNPROVED_BYTES), false, err);
        if (found <= 0)
            return found;
    }
    if (!v->unmarked && v->base + v->scan >= v->until)
        return 0;
    *m = (ndr_message){.framed = v->unmarked ? NDR_TIME_UNKNOWN : v->time,
                       .file_time = NDR_TIME_UNKNOWN};
    v->at = v->raw = v->scan;
    if (!v->unmarked)
        v->raw = ndr_mark_line(v->marks, v->bytes, v->have, v->at, &m->envelope);
    v->lead = v->raw > v->at ? (size_t)(m->envelope.ptr - (v->bytes + v->at)) : 0;
    m->offset = v->base + v->raw;
    v->scan = v->raw > v->at ? v->raw : v->at + 1;
    v->marked = v->unmarked = false;

    /* beyond the limit, or far enough behind the stretch, it is left open */
    uint64_t stop = plus(v->until, AHEAD_BYTES);
    const uint64_t most = v->base + v->raw + v->limit_bytes + NDR_UNPROVED_BYTES;
    const int found = find_mark(v, stop < most ? stop : most, true, err);
    if (found < 0)
        return found;
    if (found == 1 || v->end) {
        show_whole(v, m, found);
        return 1;
    }
    v->open = true;
    m->flags = NDR_MSG_OPEN;
    show(v, m, v->have - v->raw);
    return 1;
}

/*
 * Find the end of a message over the limit, past what is shown, without
 * keeping what is read: *ret_length, and the view goes on at the mark.
 */
static int
pass_over(ndr_mbox_range *v, uint64_t *ret_length, ndr_error *err)
{
    ndr_buffer *s = &v->skim;
    const uint64_t raw = v->base + v->raw;
    uint64_t base = v->base + v->have - NDR_UNPROVED_BYTES;
    size_t from = NDR_LOOKBACK_BYTES;
    int64_t time;
    ndr_buffer_clear(s);
    ndr_buffer_add(
        s, (ndr_slice){v->bytes + v->have - NDR_UNPROVED_BYTES, NDR_UNPROVED_BYTES});
    for (bool end = false;;) {
        if (s->failed || !ndr_buffer_reserve(s, CHUNK_BYTES))
            return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
        const size_t hit =
            ndr_mark_next(v->marks, s->ptr, s->len, from, false, end, &time);
        if (hit < s->len || end) {
            *ret_length = base + ndr_mark_end(v->marks, s->ptr, 0, hit) - raw;
            v->after = base + hit;
            v->moved = true;
            return 0;
        }
        if (s->len > NDR_UNPROVED_BYTES) {
            const size_t drop = s->len - NDR_UNPROVED_BYTES;
            memmove(s->ptr, s->ptr + drop, NDR_UNPROVED_BYTES);
            base += drop;
            s->len = NDR_UNPROVED_BYTES;
        }
        const int64_t n = read_at(v, s->ptr + s->len, CHUNK_BYTES, base + s->len, err);
        if (n < 0)
            return (int)n;
        s->len += (size_t)n;
        end = n == 0;
    }
}

int
ndr_mbox_range_extend(ndr_mbox_range *v, ndr_message *m, ndr_error *err)
{
    if (!v->open)
        return 0;
    v->keep = v->at;
    const uint64_t most = v->base + v->raw + v->limit_bytes + NDR_UNPROVED_BYTES;
    const int found = find_mark(v, most, true, err);
    if (found < 0)
        return found;
    if (found == 1 || v->end) {
        show_whole(v, m, found);
        return 0;
    }
    uint64_t length = 0;
    const int code = pass_over(v, &length, err);
    if (code != 0)
        return code;
    v->open = false;
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    show(v, m, length);
    if (length > v->limit_bytes)
        m->flags |= NDR_MSG_TRUNCATED;
    return 0;
}
