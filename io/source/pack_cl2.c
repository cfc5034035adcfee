/* SPDX-License-Identifier: BSD-3-Clause */
/* pack_cl2.c - how does a mailbox fall into messages in which Content-Length counts? */
#include "packing.h"

/* Where the message at p[0] ends and the next begins; false: bytes are missing. */
static bool
cl2_end(const unsigned char *p, size_t n, bool last, size_t *ret_end, size_t *ret_next)
{
    int64_t ignored;
    ndr_slice envelope;
    size_t raw = 0;
    if (ndr_mbox_mark(p, n, 0, last, &ignored))
        raw = ndr_mbox_line(p, n, 0, &envelope);
    uint64_t end;
    bool whole;
    const bool counted = ndr_mboxcl2_length(p, n, raw, &end, &whole);
    if (!whole && !last)
        return false;
    if (counted && !last && (n < NDR_UNPROVED_BYTES || end > n - NDR_UNPROVED_BYTES))
        return false;
    if (counted && end <= n && ndr_mboxcl2_fits(p, n, (size_t)end, last, ret_next)) {
        *ret_end = (size_t)end;
        return true;
    }
    *ret_next =
        ndr_mbox_next(NDR_MARKS_DATED, p, n, raw > 0 ? raw : 1, true, last, &ignored);
    if (*ret_next == n && !last)
        return false;
    *ret_end = ndr_mbox_end(p, raw, *ret_next);
    return true;
}

/* Such a mailbox while one batch is filled from it. */
typedef struct counted {
    size_t begin, at; /* of the batch's share and of the next message, in the bytes */
    size_t tried;     /* so many bytes did not tell where that message ends */
    int64_t n;        /* what the last read gave; 0 or less: the item has ended */
} counted;

/* Cut off what is whole: NDR_PACK_MORE when bytes are missing, NDR_PACK_FULL, or a code.
 */
static int
cut_cl2(ndr_packer *k, ndr_work *w, counted *c, ndr_error *err)
{
    const bool ended = c->n <= 0;
    size_t len, end, next;
    /* tried again only when much has come, so that it stays linear */
    while ((len = w->bytes.len - c->at) > 0 && (ended || len / 2 >= c->tried)) {
        const unsigned char *p = w->bytes.ptr + c->at;
        c->tried = len;
        if (!cl2_end(p, len, ended, &end, &next))
            return NDR_PACK_MORE;
        if (c->at > c->begin || k->offset > 0 || ndr_mbox_blank(p, end) < end) {
            ndr_piece *piece = ndr_pack_piece(k, w, c->at, end, NDR_FRAME_ONE);
            if (piece == NULL)
                return ndr_pack_no_memory(err);
            piece->flags = c->n < 0 && next == len ? NDR_MSG_DAMAGED : 0u;
        }
        k->offset += next;
        c->at += next;
        c->tried = 0;
        if (!ended && (c->at >= k->limits->batch_bytes || w->count >= NDR_PIECES_MAX))
            return ndr_pack_leave_from(k, w, c->at, err);
    }
    return NDR_PACK_MORE;
}

/* Read once, unless the message at hand is over the limit, or nothing comes any more. */
static int
read_cl2(ndr_packer *k, ndr_work *w, counted *c, ndr_error *err)
{
    if (c->n <= 0)
        return c->n < 0 ? (int)c->n : NDR_PACK_DONE;
    if (w->bytes.len >= ndr_pack_most(k, c->at))
        return ndr_pack_over(k, w, c->at, true, NDR_PACK_FULL, err);
    size_t most = k->limits->batch_bytes;
    if (most > ndr_pack_most(k, c->at) - w->bytes.len)
        most = ndr_pack_most(k, c->at) - w->bytes.len;
    c->n = ndr_pack_read(k, w, most, w->count == 0, err);
    if (c->n == NDR_FEED_WAIT)
        return ndr_pack_leave_from(k, w, c->at, err);
    if (c->n == NDR_E_NOMEM)
        return NDR_E_NOMEM;
    if (c->n == NDR_E_STOPPED) {
        w->bytes.len = c->at;
        return NDR_E_STOPPED;
    }
    return NDR_PACK_MORE;
}

int
ndr_pack_cl2(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    counted c = {.begin = w->bytes.len, .at = w->bytes.len};
    int code = ndr_pack_take_carry(k, w, err);
    if (code != 0)
        return code;
    c.n = k->skimmed_to_end ? 0 : 1;
    k->skimmed_to_end = false;
    do {
        code = cut_cl2(k, w, &c, err);
        if (code == NDR_PACK_MORE)
            code = read_cl2(k, w, &c, err);
    } while (code == NDR_PACK_MORE);
    return code;
}
