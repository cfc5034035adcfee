/* SPDX-License-Identifier: BSD-3-Clause */
/* reader.c - which messages are in a batch? The worker's half of reading. */
#include "reader.h"

#include <stdlib.h>

ndr_reader *
ndr_reader_new(const ndr_limits *limits)
{
    ndr_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->limits = limits;
    r->fd = -1;
    ndr_mbox_range_init(&r->view, limits->message_bytes, limits->range_bytes,
                        limits->room);
    return r;
}

void
ndr_reader_free(ndr_reader *r)
{
    if (r == NULL)
        return;
    ndr_reader_close_file(r);
    ndr_mbox_range_free(&r->view);
    ndr_zstd_range_free(&r->frames);
    ndr_buffer_free(&r->path);
    ndr_packer_free(&r->packer);
    ndr_work_free(&r->own);
    ndr_stored_sum_free(&r->sum);
    free(r);
}

/* A file that fails is trouble; only the lack of memory ends a run. */
int
ndr_reader_note(ndr_reader *r, const char *name, int code, ndr_error *why, ndr_error *err)
{
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why->text);
    ndr_batch_trouble(r->batch, name, why);
    return 0;
}

/* What the work names was read, and was not in the page cache before. */
static void
drop_read(const ndr_reader *r)
{
    const ndr_work *w = r->work;
    const uint64_t bytes = w->until - w->from;
    if (w->cold && ndr_page_cache_is_full(r->limits->cache, bytes))
        ndr_page_cache_drop(w->place->fd, w->from, bytes);
}

/* ---- sums of stored bytes, for a plan ------------------------------------------------
 */

/* The blocks that begin in the work's part of a file. */
static int
sum_part(ndr_reader *r, ndr_error *err)
{
    ndr_work *w = r->work;
    ndr_error why = {0};
    const int code = ndr_stored_sum_read(&r->sum, w->place->fd, w->sum_from, w->sum_until,
                                         w->from, w->until, w->sum_source, &w->sum, &why);
    return code == 0 ? 0 : ndr_reader_note(r, w->place->path, code, &why, err);
}

/* A range has been read: its bytes were seen on the way, or are read again. */
static int
sum_range(ndr_reader *r, ndr_error *err)
{
    ndr_work *w = r->work;
    if (!w->planned || w->kind != NDR_WORK_RANGE)
        return 0;
    return ndr_stored_sum_seen_all(&r->sum, &w->sum) ? 0 : sum_part(r, err);
}

/* The trouble of frames is told at once: it is behind all messages of the batch. */
static int
begin_frames(ndr_reader *r, ndr_error *err)
{
    ndr_work *w = r->work;
    ndr_zstd_range *z = &r->frames;
    ndr_error why = {0};
    int code = ndr_zstd_range_begin(z, w->place->fd, w->from, w->until, w->content_most,
                                    w->file_bytes, w->content_limit, w->link_before,
                                    w->link_own, r->limits->stop, &why);
    w->broken = code < 0;
    w->content = z->size;
    if (w->planned && sum_part(r, err) != 0)
        return NDR_E_NOMEM;
    if (code < 0 && ndr_reader_note(r, w->place->path, code, &why, err) != 0)
        return NDR_E_NOMEM;
    drop_read(r);
    r->view.read = ndr_zstd_range_read;
    r->view.of = z;
    ndr_mbox_range_begin(&r->view, -1, z->start - z->lookback_len);
    r->view.until = 0;
    if (z->size == 0)
        return 0;
    code = ndr_mbox_range_mbox(&r->view, w->marks, z->start, z->start + z->size, err);
    return code;
}

/* The range has been read: does it lack bytes that the file had? Who sees it first tells.
 */
static int
check_range(ndr_reader *r, ndr_error *err)
{
    const ndr_mbox_range *v = &r->view;
    const ndr_work *w = r->work;
    if (w->kind != NDR_WORK_RANGE || !v->end || v->base + v->have >= w->until)
        return 0;
    ndr_error why = {0};
    const int code = ndr_feed_shrunk(v->base + v->have, w->file_bytes, &why);
    return atomic_exchange(&w->place->told_shorter, true)
               ? 0
               : ndr_reader_note(r, w->place->path, code, &why, err);
}

/* What runs into the place where decoding broke off, or a file ends early, is damaged. */
static void
flag_cut(const ndr_reader *r, ndr_message *m)
{
    const ndr_mbox_range *v = &r->view;
    const bool ends = v->end && !v->marked && !v->moved && !v->open;
    if (ends && v->base + v->have < (r->work->kind == NDR_WORK_RANGE ? r->work->file_bytes
                                     : r->work->kind == NDR_WORK_NAMES ? r->planned
                                                                       : 0))
        m->flags |= NDR_MSG_DAMAGED;
    if (r->work->kind != NDR_WORK_FRAMES || !r->frames.cut || v->marked ||
        (m->flags & NDR_MSG_OPEN) != 0)
        return;
    if (v->moved ? v->after == r->frames.end : v->end)
        m->flags |= NDR_MSG_DAMAGED;
}

int
ndr_reader_begin(ndr_reader *r, ndr_batch *b, ndr_error *err)
{
    ndr_reader_close_file(r);
    r->batch = b;
    r->work = b->work;
    r->index = 0;
    r->piece = r->piece_at = 0;
    r->name_at = r->name = 0;
    r->pieces = r->work;
    r->view.read = NULL;
    r->view.seen = NULL;
    if (r->work->kind == NDR_WORK_FRAMES)
        return begin_frames(r, err);
    if (r->work->kind != NDR_WORK_RANGE)
        return 0;
    const uint64_t from = r->work->from;
    ndr_mbox_range_begin(&r->view, r->work->place->fd,
                         from > NDR_LOOKBACK_BYTES ? from - NDR_LOOKBACK_BYTES : 0);
    if (r->work->planned) {
        if (!ndr_stored_sum_watch(&r->sum, r->work->sum_from, from, r->work->until,
                                  r->work->sum_source))
            return ndr_fail(err, NDR_E_NOMEM, "no memory to sum up a file");
        r->view.seen = ndr_stored_sum_seen;
        r->view.by = &r->sum;
    }
    ndr_error why = {0};
    const int code =
        ndr_mbox_range_mbox(&r->view, r->work->marks, from, r->work->until, &why);
    if (code < 0) {
        r->view.until = 0;
        return ndr_reader_note(r, r->work->place->path, code, &why, err);
    }
    return 0;
}

/* ---- all -----------------------------------------------------------------------------
 */

static int
next_of_any(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    switch (r->work->kind) {
    case NDR_WORK_NONE:
        break;
    case NDR_WORK_RANGE:
    case NDR_WORK_FRAMES: {
        ndr_error why = {0};
        const int got = ndr_mbox_range_next(&r->view, m, &why);
        const int short_code = got == 0 ? check_range(r, err) : 0;
        if (got != 1)
            ndr_mbox_range_rest(&r->view);
        if (got == 0 && sum_range(r, err) != 0)
            return NDR_E_NOMEM;
        if (got != 1 && r->work->kind == NDR_WORK_RANGE)
            drop_read(r);
        if (short_code < 0)
            return short_code;
        if (got < 0) {
            r->view.until = 0;
            return ndr_reader_note(r, r->work->place->path, got, &why, err);
        }
        if (got == 1) {
            m->source = r->work->place->path;
            m->index = r->index++;
            m->offset -= r->work->origin;
            flag_cut(r, m);
        }
        return got;
    }
    case NDR_WORK_PIECES:
        if (ndr_reader_next_in_pieces(r, m) == 0) {
            ndr_work_drop(r->work, r->limits->batch_bytes);
            ndr_pool_give(r->limits->pool, &r->work->bytes);
            return 0;
        }
        m->source = r->work->place->path;
        return 1;
    case NDR_WORK_NAMES:
        return ndr_reader_next_of_names(r, m, err);
    }
    return 0;
}

int
ndr_reader_next(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    const int got = next_of_any(r, m, err);
    if (got != 1 && ndr_work_takes_room(r->work))
        ndr_large_slot_return(r->limits->room);
    return got;
}

int
ndr_reader_extend(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    if ((m->flags & NDR_MSG_OPEN) == 0)
        return 0;
    ndr_error why = {0};
    const int code = r->work->kind == NDR_WORK_NAMES
                         ? ndr_reader_extend_file(r, m, &why)
                         : ndr_mbox_range_extend(&r->view, m, &why);
    if (code == 0) {
        flag_cut(r, m);
        return 0;
    }
    /* what was read before still stands */
    m->flags = (m->flags & ~(unsigned)NDR_MSG_OPEN) | NDR_MSG_DAMAGED;
    return ndr_reader_note(r, m->source, code, &why, err);
}
