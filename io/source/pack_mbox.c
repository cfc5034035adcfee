/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pack_mbox.c - how does a mailbox that is read as it comes fall into batches?
 *
 *   |carry|      read      |   one piece, cut at the last mark in it;
 *   |------ piece ----|tail|   the tail is carried into the next batch
 *
 * Only the last mark is looked for here, backwards; workers find the others. When a
 * pipe rests, the tail is handed out, too, if it looks whole: see frame_rest.c.
 */
#include "ndr_clock.h"
#include "packing.h"

#include <string.h>

enum {
    GATHER_MS = 5, /* more may come so soon that it fills the batch */
    REST_MS = 20,  /* so long nothing comes from a pipe that rests */
};

/*
 * How bytes are read on. Whatever comes leads back to GATHER; while nothing does:
 *
 *   GATHER --no mark in what is there--> REST --not whole yet--> WAIT
 *                                          `---whole: it is told
 *
 * Behind a message that was told (k->told) it goes from GATHER to WAIT at once, until
 * it is known where the next one begins.
 */
enum pace {
    GATHER, /* more may come soon: be patient for GATHER_MS */
    REST,   /* nothing came: be patient for REST_MS, then it rests */
    WAIT,   /* it rests: read until something comes */
};

/* A mailbox while one batch is filled from it. */
typedef struct mbox {
    size_t begin;    /* of what is at hand, in the work's bytes */
    size_t target;   /* read until they are so many */
    size_t searched; /* behind `begin`: no mark in front of it */
    enum pace pace;
    bool went_on; /* what was told has gone on, by more than empty lines */
} mbox;

/* How long reads that need not wait may do so all the same, from now on. */
static void
be_patient(ndr_packer *k, int64_t ms)
{
    if (k->stored.waits)
        k->stored.patience_ms = ndr_now_ms() + ms;
}

/* Stopped while waiting: messages that are whole count, the one begun does not. */
static int
cut_at_stop(ndr_packer *k, ndr_work *w, size_t begin, ndr_error *err)
{
    const size_t len = w->bytes.len - begin;
    if (k->told != NDR_ENDING_NONE) { /* none begins here that is known of */
        w->bytes.len = begin;
        return NDR_E_STOPPED;
    }
    size_t cut = ndr_mark_last(k->unpack.marks, w->bytes.ptr + begin, len, 1, true);
    if (cut == len)
        cut = 0;
    w->bytes.len = begin + cut;
    if (cut > 0 && ndr_pack_piece(k, w, begin, cut, NDR_FRAME_MBOX) == NULL)
        return ndr_pack_no_memory(err);
    return NDR_E_STOPPED;
}

/* The input rests, and what is at hand looks like a whole message: it goes. */
static int
tell(ndr_packer *k, ndr_work *w, const mbox *m, enum ndr_ending ending, ndr_error *err)
{
    const size_t len = w->bytes.len - m->begin;
    if (ndr_pack_piece(k, w, m->begin, len, NDR_FRAME_MBOX) == NULL)
        return ndr_pack_no_memory(err);
    k->told = ending;
    k->told_at = k->offset;
    k->offset += len;
    return NDR_PACK_FULL;
}

/*
 * What came behind a message that was told begins at bytes[begin]. Up to the next
 * mark it is that message's: it is dropped. True when a message begins there now, or
 * nothing will; false when that cannot be said yet.
 */
static bool
pass_told(ndr_packer *k, ndr_work *w, mbox *m, bool ended)
{
    unsigned char *p = w->bytes.ptr + m->begin;
    const size_t len = w->bytes.len - m->begin;
    size_t drop = m->went_on ? 0 : ndr_mbox_blank(p, len), hit = len;
    if (drop < len) {
        int64_t ignored;
        hit = ndr_mark_next(k->unpack.marks, p, len, drop, !m->went_on, ended, &ignored);
        const bool proved = hit < len || ended || len - drop >= NDR_UNPROVED_BYTES;
        m->went_on = m->went_on || (proved && hit != drop);
        if (proved)
            drop = hit == len && !ended ? len - NDR_UNPROVED_BYTES : hit;
    }
    memmove(p, p + drop, len - drop);
    w->bytes.len -= drop;
    k->offset += drop;
    if (hit == len && !ended)
        return false;
    k->went_on = m->went_on && k->told == NDR_ENDING_LIKELY;
    k->went_on_at = k->told_at;
    k->told = NDR_ENDING_NONE;
    return true;
}

/* Read once. NDR_PACK_LOOK: nothing comes now, and a message begins at m->begin. */
static int
read_mbox(ndr_packer *k, ndr_work *w, mbox *m, ndr_error *err)
{
    const bool wait = m->pace == WAIT;
    const int64_t n = ndr_pack_read(k, w, m->target - w->bytes.len, wait, err);
    if (n == NDR_E_NOMEM)
        return NDR_E_NOMEM;
    if (n == NDR_E_STOPPED)
        return cut_at_stop(k, w, m->begin, err);
    if (wait)
        be_patient(k, GATHER_MS);
    if (wait || n > 0)
        m->pace = GATHER;
    const bool ended = n <= 0 && n != NDR_FEED_WAIT;
    if (k->told != NDR_ENDING_NONE && !pass_told(k, w, m, ended)) {
        if (n == NDR_FEED_WAIT)
            m->pace = WAIT;
        if (m->target - m->begin < 2 * NDR_UNPROVED_BYTES)
            m->target = m->begin + 2 * NDR_UNPROVED_BYTES;
        return NDR_PACK_MORE;
    }
    if (ended)
        return ndr_pack_last(k, w, m->begin, NDR_FRAME_MBOX, (int)n, err);
    return n > 0 ? NDR_PACK_MORE : NDR_PACK_LOOK;
}

/* Nothing comes, and what is at hand, if anything, is one message: whole, or begun? */
static int
rest_mbox(ndr_packer *k, ndr_work *w, mbox *m, ndr_error *err)
{
    const size_t len = w->bytes.len - m->begin;
    if (len > 0 && m->pace == GATHER) {
        m->pace = REST;
        be_patient(k, REST_MS);
        return NDR_PACK_MORE;
    }
    const enum ndr_ending ending =
        len > 0 ? ndr_mbox_ending(k->unpack.marks, w->bytes.ptr + m->begin, len)
                : NDR_ENDING_NONE;
    if (ending == NDR_ENDING_SURE || (ending == NDR_ENDING_LIKELY && !k->uneven))
        return tell(k, w, m, ending, err);
    if (len > 0)
        k->uneven = true;
    m->pace = WAIT;
    return NDR_PACK_MORE;
}

/* One message fills all that was to be read: read more of it, or pass over the rest. */
static int
grow_mbox(ndr_packer *k, ndr_work *w, mbox *m, ndr_error *err)
{
    const size_t most = ndr_pack_most(k, m->begin);
    if (w->bytes.len >= most)
        return ndr_pack_over(k, w, m->begin, true, NDR_PACK_FULL, err);
    m->target = w->bytes.len > SIZE_MAX / 2 ? SIZE_MAX : w->bytes.len * 2;
    if (m->target > most)
        m->target = most;
    return NDR_PACK_MORE;
}

/* Hand out what is in front of the last mark; without one, see what this message does. */
static int
cut_mbox(ndr_packer *k, ndr_work *w, mbox *m, ndr_error *err)
{
    const size_t len = w->bytes.len - m->begin;
    size_t cut = len;
    if (len > m->searched)
        cut = ndr_mark_last(k->unpack.marks, w->bytes.ptr + m->begin, len, m->searched,
                            true);
    if (cut < len && ndr_pack_piece(k, w, m->begin, cut, NDR_FRAME_MBOX) == NULL)
        return ndr_pack_no_memory(err);
    if (cut < len) {
        k->offset += cut;
        return ndr_pack_leave_from(k, w, m->begin + cut, err);
    }
    if (w->count > 0) /* earlier pieces go; this message has not begun to fill a batch */
        return ndr_pack_leave_from(k, w, m->begin, err);
    if (len > NDR_UNPROVED_BYTES && len - NDR_UNPROVED_BYTES > m->searched)
        m->searched = len - NDR_UNPROVED_BYTES;
    return w->bytes.len >= m->target ? grow_mbox(k, w, m, err) : rest_mbox(k, w, m, err);
}

int
ndr_pack_mbox(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    mbox m = {.begin = w->bytes.len,
              .target = k->limits->batch_bytes,
              .searched = 1,
              .pace = GATHER};
    int code = ndr_pack_take_carry(k, w, err);
    if (code != 0)
        return code;
    if (k->skimmed_to_end) {
        k->skimmed_to_end = false;
        return ndr_pack_last(k, w, m.begin, NDR_FRAME_MBOX, 0, err);
    }
    be_patient(k, GATHER_MS);
    do {
        code = w->bytes.len < m.target ? read_mbox(k, w, &m, err) : NDR_PACK_LOOK;
        if (code == NDR_PACK_LOOK)
            code = cut_mbox(k, w, &m, err);
    } while (code == NDR_PACK_MORE);
    return code;
}
