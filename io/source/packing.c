/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packing.c - how do bytes of an item become a piece of a batch?
 *
 * Of a message over the limit the rest is read through a small buffer, to find
 * its end and so its length.
 */
#include "packing.h"

#include <string.h>

enum { SKIM_BYTES = 1 << 18 };

/* ---- bytes ----------------------------------------------------------------------- */

/* What is to be read makes a large message of it: there must be room. */
static void
take_room(const ndr_packer *k, ndr_work *w)
{
    ndr_large_slot *room = k->limits->room;
    if (room == NULL || w->room != NULL)
        return;
    if (k->to_fill)
        ndr_large_slot_take_to_fill(room, &w->bytes);
    else
        ndr_large_slot_take(room);
    w->room = room;
}

/* Read behind `b`, at most `most` bytes; as ndr_feed.read. */
static int64_t
read_into(ndr_packer *k, ndr_buffer *b, size_t most, bool wait, ndr_error *err)
{
    if (!ndr_buffer_reserve(b, most))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
    const int64_t n = ndr_unpack_read(&k->unpack, b->ptr + b->len, most, wait, err);
    if (n > 0)
        b->len += (size_t)n;
    return n;
}

int64_t
ndr_pack_read(ndr_packer *k, ndr_work *w, size_t most, bool wait, ndr_error *err)
{
    if (w->bytes.len + most > 2 * k->limits->batch_bytes)
        take_room(k, w);
    return read_into(k, &w->bytes, most, wait, err);
}

int
ndr_pack_no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
}

static int
set_carry(ndr_packer *k, const unsigned char *p, size_t n, ndr_error *err)
{
    ndr_buffer_clear(&k->carry);
    ndr_buffer_add(&k->carry, (ndr_slice){p, n});
    return k->carry.failed ? ndr_pack_no_memory(err) : 0;
}

int
ndr_pack_take_carry(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    ndr_buffer_add(&w->bytes, (ndr_slice){k->carry.ptr, k->carry.len});
    if (w->bytes.failed)
        return ndr_pack_no_memory(err);
    ndr_buffer_clear(&k->carry);
    return 0;
}

int
ndr_pack_leave_from(ndr_packer *k, ndr_work *w, size_t at, ndr_error *err)
{
    const int code = set_carry(k, w->bytes.ptr + at, w->bytes.len - at, err);
    w->bytes.len = at;
    return code != 0 ? code : NDR_PACK_FULL;
}

ndr_piece *
ndr_pack_piece(ndr_packer *k, ndr_work *w, size_t at, size_t len,
               enum ndr_framing framing)
{
    if (k->unpack.member != NULL && k->member == SIZE_MAX) {
        const size_t member = w->text.len;
        ndr_buffer_add(&w->text, (ndr_slice){(const unsigned char *)k->unpack.member,
                                             strlen(k->unpack.member) + 1});
        if (w->text.failed)
            return NULL;
        k->member = member;
    }
    ndr_piece *piece = ndr_work_piece(w);
    if (piece == NULL)
        return NULL;
    piece->at = at;
    piece->len = len;
    piece->member = k->member;
    piece->offset = k->offset;
    piece->framing = framing;
    piece->marks = k->unpack.marks;
    piece->framed = k->unpack.member != NULL ? k->unpack.framed : k->framed;
    piece->file_time = NDR_TIME_UNKNOWN;
    if (k->unpack.framing == NDR_FRAME_ONE)
        piece->file_time = k->unpack.member != NULL ? k->unpack.file_time : k->file_time;
    return piece;
}

int
ndr_pack_last(ndr_packer *k, ndr_work *w, size_t begin, enum ndr_framing framing,
              int code, ndr_error *err)
{
    const size_t len = w->bytes.len - begin;
    if (len > 0) {
        ndr_piece *piece = ndr_pack_piece(k, w, begin, len, framing);
        if (piece == NULL)
            return ndr_pack_no_memory(err);
        if (code < 0)
            piece->flags = NDR_MSG_DAMAGED;
        k->offset += len;
    }
    return code < 0 ? code : NDR_PACK_DONE;
}

size_t
ndr_pack_most(const ndr_packer *k, size_t begin)
{
    return begin + k->limits->message_bytes + NDR_UNPROVED_BYTES;
}

/* ---- messages over the limit ------------------------------------------------------- */

/* Where in the skimmed bytes, from `from` on, a mark stands; their length: nowhere. */
static size_t
skimmed_mark(const ndr_packer *k, size_t from, bool last)
{
    int64_t ignored;
    return ndr_mark_next(k->unpack.marks, k->skim.ptr, k->skim.len, from > 0 ? from : 1,
                         false, last, &ignored);
}

/*
 * Read through k->skim, whose first byte is the item's byte *base, until a mark stands in
 * it (`marks`), or the item ends: k->skimmed_to_end, and *ret_code is how. *ret_end is
 * where in it the message is over. 0 or NDR_E_NOMEM.
 */
static int
skim(ndr_packer *k, bool marks, uint64_t *base, size_t *ret_end, int *ret_code,
     ndr_error *err)
{
    ndr_buffer *s = &k->skim;
    size_t from = 0;
    for (;;) {
        *ret_end = marks && s->len > 0 ? skimmed_mark(k, from, false) : s->len;
        if (*ret_end < s->len)
            return 0;
        if (s->len > SKIM_BYTES) {
            const size_t back = NDR_UNPROVED_BYTES;
            memmove(s->ptr, s->ptr + s->len - back, back);
            *base += s->len - back;
            s->len = back;
        }
        from = s->len > NDR_MARK_BYTES ? s->len - NDR_MARK_BYTES : 0;
        if (from < 4)
            from = 0;
        const int64_t n = read_into(k, s, SKIM_BYTES, true, err);
        if (n == NDR_E_NOMEM)
            return NDR_E_NOMEM;
        if (n > 0)
            continue;
        *ret_code = (int)n;
        k->skimmed_to_end = true;
        /* the last line may be a mark without its line end */
        *ret_end = marks ? skimmed_mark(k, from, true) : s->len;
        return 0;
    }
}

/* Bytes that are kept of the message at p[0], with the line in front of it. */
static size_t
most_kept(const ndr_packer *k, const unsigned char *p, size_t n)
{
    const enum ndr_marks kind = k->unpack.marks;
    ndr_slice envelope;
    int64_t ignored;
    const size_t raw = ndr_mark_at(kind, p, n, 0, false, &ignored)
                           ? ndr_mark_line(kind, p, n, 0, &envelope)
                           : 0;
    return raw + k->limits->message_bytes;
}

int
ndr_pack_over(ndr_packer *k, ndr_work *w, size_t begin, bool marks, int then,
              ndr_error *err)
{
    const unsigned char *p = w->bytes.ptr + begin;
    const size_t have = w->bytes.len - begin, most = most_kept(k, p, have);
    const size_t back = have < NDR_UNPROVED_BYTES ? have : (size_t)NDR_UNPROVED_BYTES;
    ndr_buffer *s = &k->skim;
    ndr_buffer_clear(s);
    ndr_buffer_add(s, (ndr_slice){p + have - back, back});
    uint64_t base = k->offset + have - back;
    size_t end;
    int code = 0;
    if (skim(k, marks, &base, &end, &code, err) != 0)
        return NDR_E_NOMEM;

    const uint64_t stop =
        base + (marks ? ndr_mark_end(k->unpack.marks, s->ptr, 0, end) : end);
    const uint64_t length = stop - k->offset; /* with the From_ line */
    const size_t kept = length < most ? (size_t)length : most;
    ndr_piece *piece = ndr_pack_piece(k, w, begin, kept, NDR_FRAME_ONE);
    if (piece == NULL)
        return ndr_pack_no_memory(err);
    piece->beyond = length - kept;
    piece->flags = piece->beyond > 0 ? NDR_MSG_TRUNCATED : 0u;
    if (code < 0)
        piece->flags |= NDR_MSG_DAMAGED;
    w->bytes.len = begin + kept;
    k->offset = base + end;
    const int failed = set_carry(k, s->ptr + end, s->len - end, err);
    return failed != 0 ? failed : code < 0 ? code : then;
}
