/* SPDX-License-Identifier: BSD-3-Clause */
/* reader_pieces.c - which messages are in bytes that were read in order? */
#include "reader.h"

/* The mark at p[at], when there is one. Returns where the header begins. */
size_t
ndr_reader_take_line(enum ndr_marks marks, const unsigned char *p, size_t n, size_t at,
                     ndr_message *m)
{
    int64_t time;
    if (!ndr_mark_at(marks, p, n, at, true, &time))
        return at;
    m->framed = time;
    return ndr_mark_line(marks, p, n, at, &m->envelope);
}

/* The next message of r->pieces: 1 or 0. */
int
ndr_reader_next_in_pieces(ndr_reader *r, ndr_message *m)
{
    while (r->piece < r->pieces->count) {
        const ndr_piece *e = &r->pieces->piece[r->piece];
        const unsigned char *p = r->pieces->bytes.ptr + e->at;
        const size_t n = e->len;
        size_t at = r->piece_at;
        if (at == 0 && e->framing == NDR_FRAME_MBOX)
            at = ndr_mbox_blank(p, n);
        if (at >= n) {
            r->piece++;
            r->piece_at = 0;
            continue;
        }

        *m = (ndr_message){.framed = NDR_TIME_UNKNOWN, .file_time = e->file_time};
        const size_t raw = ndr_reader_take_line(e->marks, p, n, at, m);
        size_t next = n, end = n;
        if (e->framing == NDR_FRAME_MBOX) {
            int64_t ignored;
            next = ndr_mark_next(e->marks, p, n, raw > at ? raw : at + 1, true, true,
                                 &ignored);
            end = ndr_mark_end(e->marks, p, raw, next);
        }
        if (end == raw && e->marks == NDR_MARKS_MMDF) { /* what ends the mailbox */
            r->piece_at = next;
            continue;
        }
        if (e->framed != NDR_TIME_UNKNOWN) {
            m->framed = e->framed;
            m->framed_by_name = true;
        }
        if (e->member != SIZE_MAX)
            m->member = (const char *)r->pieces->text.ptr + e->member;
        m->offset = e->offset + raw;
        m->length = end - raw;
        if (next == n) {
            m->length += e->beyond;
            m->flags |= e->flags;
        }
        m->raw = (ndr_slice){p + raw, end - raw};
        if (m->raw.len > r->limits->message_bytes)
            m->raw.len = r->limits->message_bytes;
        if (m->raw.len < m->length)
            m->flags |= NDR_MSG_TRUNCATED;
        m->index = r->index++;
        r->piece_at = next;
        return 1;
    }
    return 0;
}
