/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packer.c - how does a file that is read as it comes fall into batches?
 *
 * A file is one item or, an archive, several; what an item is says how it is packed.
 */
#include "packing.h"

#include <string.h>

enum { READ_LEAST = 1 << 12 };

static int
pack_one(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    const size_t begin = w->bytes.len;
    k->skimmed_to_end = false;
    for (;;) {
        const size_t len = w->bytes.len - begin;
        if (w->bytes.len >= ndr_pack_most(k, begin))
            return ndr_pack_over(k, w, begin, false, NDR_PACK_DONE, err);
        size_t most = len < READ_LEAST * 4 ? READ_LEAST * 4 : len;
        if (most > ndr_pack_most(k, begin) - w->bytes.len)
            most = ndr_pack_most(k, begin) - w->bytes.len;
        const int64_t n = ndr_pack_read(k, w, most, true, err);
        if (n == NDR_E_NOMEM)
            return NDR_E_NOMEM;
        if (n == NDR_E_STOPPED) {
            w->bytes.len = begin;
            return NDR_E_STOPPED;
        }
        if (n <= 0)
            return ndr_pack_last(k, w, begin, NDR_FRAME_ONE, (int)n, err);
    }
}

/* ---- the whole file
 * -------------------------------------------------------------------- */

void
ndr_packer_open(ndr_packer *k, const ndr_limits *limits, int fd, bool keep, bool waits,
                const ndr_wake *wake, uint64_t stored_bytes, enum ndr_format format)
{
    k->limits = limits;
    k->to_fill = wake != NULL;
    ndr_fd_feed_init(&k->stored, fd, waits, wake);
    k->stored.keep = keep;
    k->stored.planned = stored_bytes;
    ndr_unpack_open(&k->unpack, &k->stored.feed, &k->stored, stored_bytes, format,
                    limits->expanded_bytes);
    k->open = k->ended = k->skimmed_to_end = false;
    k->offset = k->counted = 0;
    k->file_time = k->framed = NDR_TIME_UNKNOWN;
    ndr_buffer_clear(&k->carry);
}

static int
pack_item(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    switch (k->unpack.framing) {
    case NDR_FRAME_MBOX:
        return ndr_pack_mbox(k, w, err);
    case NDR_FRAME_CL2:
        return ndr_pack_cl2(k, w, err);
    case NDR_FRAME_ONE:
        break;
    }
    return pack_one(k, w, err);
}

/* Open the next item: NDR_PACK_MORE, NDR_PACK_DONE at the file's end, or an ndr_code. */
static int
open_item(ndr_packer *k, ndr_error *err)
{
    k->offset = 0;
    k->member = SIZE_MAX;
    k->skimmed_to_end = k->uneven = k->went_on = false;
    k->told = NDR_ENDING_NONE;
    ndr_buffer_clear(&k->carry);
    const int code = ndr_unpack_next(&k->unpack, err);
    k->open = code == 1;
    k->ended = code == 0;
    k->offset = k->unpack.item_at;
    return code == 1 ? NDR_PACK_MORE : code;
}

int
ndr_packer_begin(ndr_packer *k, ndr_error *err)
{
    const int code = open_item(k, err);
    if (code < 0)
        k->ended = true;
    return code;
}

/* A message that went on behind what was told of it may deserve another verdict. */
static void
note_went_on(ndr_packer *k, ndr_batch *b, const char *name)
{
    if (!k->went_on)
        return;
    k->went_on = false;
    ndr_error why;
    (void)ndr_fail(&why, NDR_E_DAMAGED,
                   "the message at byte %llu went on when the input had rested behind an "
                   "empty line in it: its verdict is of what was there then",
                   (unsigned long long)k->went_on_at);
    ndr_batch_trouble(b, name, &why);
}

/* A worker's file was counted by its size; an archive's bytes may be read twice. */
static void
count_bytes(ndr_packer *k, ndr_batch *b)
{
    uint64_t taken = k->stored.taken;
    if (k->unpack.stored_bytes > 0 && taken > k->unpack.stored_bytes)
        taken = k->unpack.stored_bytes;
    if (k->to_fill)
        b->bytes += taken - k->counted;
    k->counted = taken;
}

int
ndr_packer_fill(ndr_packer *k, ndr_batch *b, ndr_work *w, const char *name,
                ndr_error *err)
{
    k->member = SIZE_MAX;
    w->kind = NDR_WORK_PIECES;
    int code = NDR_PACK_MORE;
    while (code != NDR_PACK_FULL && !k->ended && w->count < NDR_PIECES_MAX &&
           w->bytes.len < k->limits->batch_bytes) {
        ndr_error why = {0};
        if (!k->open) {
            code = open_item(k, &why);
        } else {
            code = pack_item(k, w, &why);
            k->open = code == NDR_PACK_FULL;
            note_went_on(k, b, name);
        }
        if (code >= 0)
            continue;
        k->ended = code == NDR_E_STOPPED || code == NDR_E_NOMEM || k->unpack.broken;
        if (code == NDR_E_NOMEM)
            return ndr_fail(err, code, "%s", why.text);
        if (code == NDR_E_STOPPED)
            break;
        if (k->unpack.member != NULL && !k->unpack.broken)
            ndr_error_prefix(&why, "member '%s'", k->unpack.member);
        ndr_batch_trouble(b, name, &why);
    }
    count_bytes(k, b);
    return k->ended ? 0 : 1;
}

void
ndr_packer_close(ndr_packer *k)
{
    if (k->unpack.in != NULL)
        ndr_unpack_close(&k->unpack);
    k->open = false;
    k->ended = true;
    if (k->carry.cap > 4 * k->limits->batch_bytes)
        ndr_buffer_free(&k->carry);
}

void
ndr_packer_free(ndr_packer *k)
{
    if (k->limits != NULL)
        ndr_packer_close(k);
    ndr_buffer_free(&k->carry);
    ndr_buffer_free(&k->skim);
}
