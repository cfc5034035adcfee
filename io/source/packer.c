/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packer.c - how does a stream fall into batches of whole messages?
 *
 *   |carry|      read      |   one piece, cut at the last mark in it;
 *   |------ piece ----|tail|   the tail is carried into the next batch
 *
 * Only the last mark is looked for here, backwards; workers find the others. When a
 * pipe rests, the tail is handed out, too, if it looks whole: see frame_rest.c.
 * Of a message over the limit the rest is read through a small buffer, to find
 * its end and so its length.
 */
#include "ndr_clock.h"
#include "work.h"

#include <stdlib.h>
#include <string.h>

enum {
    READ_LEAST = 1 << 12,
    SKIM_BYTES = 1 << 18,
    PIECES_MAX = 1024,
    GATHER_MS = 5, /* more may come so soon that it fills the batch */
    REST_MS = 20,  /* so long nothing comes from a pipe that rests */
    DONE = 0,      /* the item has ended */
    MORE = 1,      /* the item goes on, room too */
    FULL = 2,      /* hand out what is there */
};

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

/* The same behind the work's bytes. */
static int64_t
read_work(ndr_packer *k, ndr_work *w, size_t most, bool wait, ndr_error *err)
{
    if (w->bytes.len + most > 2 * k->limits->batch_bytes)
        take_room(k, w);
    return read_into(k, &w->bytes, most, wait, err);
}

static int
set_carry(ndr_packer *k, const unsigned char *p, size_t n, ndr_error *err)
{
    ndr_buffer_clear(&k->carry);
    ndr_buffer_add(&k->carry, (ndr_slice){p, n});
    return k->carry.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a batch") : 0;
}

/* One more piece, from `at` on; NULL: no memory. */
static ndr_piece *
add_piece(ndr_packer *k, ndr_work *w, size_t at, size_t len, enum ndr_framing framing)
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

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
}

/* ---- messages over the limit ------------------------------------------------------- */

/*
 * The message at bytes[begin], all that was read since, is over the limit.
 * Keep what the limit allows, read on until its end is seen and put what is
 * behind it into the carry. `marks` says whether a mark ends it, too. A code
 * of the input is left in *ret_code, the piece is made all the same.
 */
static int
pass_over(ndr_packer *k, ndr_work *w, size_t begin, bool marks, int *ret_code,
          ndr_error *err)
{
    const unsigned char *p = w->bytes.ptr + begin;
    const size_t have = w->bytes.len - begin;
    ndr_slice envelope;
    int64_t ignored;
    const enum ndr_marks kind = k->unpack.marks;
    const size_t raw = ndr_mark_at(kind, p, have, 0, false, &ignored)
                           ? ndr_mark_line(kind, p, have, 0, &envelope)
                           : 0;
    const size_t keep = raw + k->limits->message_bytes;

    ndr_buffer *s = &k->skim;
    ndr_buffer_clear(s);
    const size_t back = have < NDR_UNPROVED_BYTES ? have : (size_t)NDR_UNPROVED_BYTES;
    ndr_buffer_add(s, (ndr_slice){p + have - back, back});
    uint64_t base = k->offset + have - back; /* of s->ptr[0] in the item */
    size_t from = 0, end;
    *ret_code = 0;
    for (;;) {
        end = marks && s->len > 0
                  ? ndr_mark_next(kind, s->ptr, s->len, from > 0 ? from : 1, false, false,
                                  &ignored)
                  : s->len;
        if (end < s->len)
            break;
        if (s->len > SKIM_BYTES) {
            const size_t keep_back = NDR_UNPROVED_BYTES;
            memmove(s->ptr, s->ptr + s->len - keep_back, keep_back);
            base += s->len - keep_back;
            s->len = keep_back;
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
        end = s->len;
        if (marks) /* the last line may be a mark without its line end */
            end = ndr_mark_next(kind, s->ptr, s->len, from > 0 ? from : 1, false, true,
                                &ignored);
        break;
    }

    const uint64_t mark = base + end;
    uint64_t stop = mark;
    if (marks)
        stop = base + ndr_mark_end(kind, s->ptr, 0, end);
    const uint64_t length = stop - k->offset; /* with the From_ line */
    const size_t kept = length < keep ? (size_t)length : keep;
    ndr_piece *piece = add_piece(k, w, begin, kept, NDR_FRAME_ONE);
    if (piece == NULL)
        return no_memory(err);
    piece->beyond = length - kept;
    piece->flags = piece->beyond > 0 ? NDR_MSG_TRUNCATED : 0u;
    if (*ret_code < 0)
        piece->flags |= NDR_MSG_DAMAGED;
    w->bytes.len = begin + kept;
    k->offset = mark;
    return set_carry(k, s->ptr + end, s->len - end, err);
}

/* ---- one item --------------------------------------------------------------------- */

/* The rest of an item whose bytes end at w->bytes.len; `code` is how reading ended. */
static int
last_piece(ndr_packer *k, ndr_work *w, size_t begin, enum ndr_framing framing, int code,
           ndr_error *err)
{
    const size_t len = w->bytes.len - begin;
    if (len > 0) {
        ndr_piece *piece = add_piece(k, w, begin, len, framing);
        if (piece == NULL)
            return no_memory(err);
        if (code < 0)
            piece->flags = NDR_MSG_DAMAGED;
        k->offset += len;
    }
    return code < 0 ? code : DONE;
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
    if (cut > 0 && add_piece(k, w, begin, cut, NDR_FRAME_MBOX) == NULL)
        return no_memory(err);
    return NDR_E_STOPPED;
}

/* How long reads that need not wait may do so all the same, from now on. */
static void
be_patient(ndr_packer *k, int64_t ms)
{
    if (k->stored.waits)
        k->stored.patience_ms = ndr_now_ms() + ms;
}

/* How far bytes may go before a message that begins at `begin` is over the limit. */
static size_t
most_of(const ndr_packer *k, size_t begin)
{
    return begin + k->limits->message_bytes + NDR_UNPROVED_BYTES;
}

/* The input rests, and bytes[begin] on look like a whole message: it goes. */
static int
tell(ndr_packer *k, ndr_work *w, size_t begin, enum ndr_ending ending, ndr_error *err)
{
    const size_t len = w->bytes.len - begin;
    if (add_piece(k, w, begin, len, NDR_FRAME_MBOX) == NULL)
        return no_memory(err);
    k->told = ending;
    k->told_at = k->offset;
    k->offset += len;
    return FULL;
}

/*
 * What came behind a message that was told begins at bytes[begin]. Up to the next
 * mark it is that message's: it is dropped, and *went_on if it is more than empty
 * lines. True when a message begins there now, or nothing will; false when that
 * cannot be said yet.
 */
static bool
pass_told(ndr_packer *k, ndr_work *w, size_t begin, bool ended, bool *went_on)
{
    unsigned char *p = w->bytes.ptr + begin;
    size_t len = w->bytes.len - begin;
    size_t drop = *went_on ? 0 : ndr_mbox_blank(p, len), hit = len;
    if (drop < len) {
        int64_t ignored;
        hit = ndr_mark_next(k->unpack.marks, p, len, drop, !*went_on, ended, &ignored);
        const bool proved = hit < len || ended || len - drop >= NDR_UNPROVED_BYTES;
        *went_on = *went_on || (proved && hit != drop);
        if (proved)
            drop = hit == len && !ended ? len - NDR_UNPROVED_BYTES : hit;
    }
    memmove(p, p + drop, len - drop);
    w->bytes.len -= drop;
    k->offset += drop;
    return hit < len || ended;
}

static int
pack_mbox(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    const size_t begin = w->bytes.len;
    ndr_buffer_add(&w->bytes, (ndr_slice){k->carry.ptr, k->carry.len});
    if (w->bytes.failed)
        return no_memory(err);
    ndr_buffer_clear(&k->carry);
    size_t target = k->limits->batch_bytes, searched = 1;
    if (k->skimmed_to_end) {
        k->skimmed_to_end = false;
        return last_piece(k, w, begin, NDR_FRAME_MBOX, 0, err);
    }
    bool wait = false, rests = false, went_on = false;
    be_patient(k, GATHER_MS);
    for (;;) {
        if (w->bytes.len < target) {
            const int64_t n = read_work(k, w, target - w->bytes.len, wait, err);
            if (n == NDR_E_NOMEM)
                return NDR_E_NOMEM;
            if (n == NDR_E_STOPPED)
                return cut_at_stop(k, w, begin, err);
            if (wait)
                be_patient(k, GATHER_MS);
            wait = false;
            if (n > 0)
                rests = false;
            const bool ended = n <= 0 && n != NDR_FEED_WAIT;
            if (k->told != NDR_ENDING_NONE) {
                if (!pass_told(k, w, begin, ended, &went_on)) {
                    wait = n == NDR_FEED_WAIT;
                    if (target - begin < 2 * NDR_UNPROVED_BYTES)
                        target = begin + 2 * NDR_UNPROVED_BYTES;
                    continue;
                }
                k->went_on = went_on && k->told == NDR_ENDING_LIKELY;
                k->went_on_at = k->told_at;
                k->told = NDR_ENDING_NONE;
            }
            if (n > 0)
                continue;
            if (ended)
                return last_piece(k, w, begin, NDR_FRAME_MBOX, (int)n, err);
        }
        const size_t len = w->bytes.len - begin;
        const unsigned char *p = w->bytes.ptr + begin;
        size_t cut =
            len > searched ? ndr_mark_last(k->unpack.marks, p, len, searched, true) : len;
        const bool full = w->bytes.len >= target;
        if (cut == len && w->count > 0)
            cut = 0; /* earlier pieces go; this message has not begun to fill a batch */
        if (cut < len || (len == 0 && w->count > 0)) {
            if (cut > 0 && cut < len &&
                add_piece(k, w, begin, cut, NDR_FRAME_MBOX) == NULL)
                return no_memory(err);
            if (cut == len)
                cut = 0;
            k->offset += cut;
            const int code = set_carry(k, w->bytes.ptr + begin + cut, len - cut, err);
            w->bytes.len = begin + cut;
            return code != 0 ? code : FULL;
        }
        if (len > NDR_UNPROVED_BYTES && len - NDR_UNPROVED_BYTES > searched)
            searched = len - NDR_UNPROVED_BYTES;
        if (!full && !rests && len > 0) {
            rests = true; /* unless something comes soon */
            be_patient(k, REST_MS);
            continue;
        }
        if (!full) {
            const enum ndr_ending ending =
                len > 0 ? ndr_mbox_ending(k->unpack.marks, p, len) : NDR_ENDING_NONE;
            if (ending == NDR_ENDING_SURE || (ending == NDR_ENDING_LIKELY && !k->uneven))
                return tell(k, w, begin, ending, err);
            if (len > 0)
                k->uneven = true;
            wait = true;
            continue;
        }
        if (w->bytes.len >= most_of(k, begin)) {
            int code;
            const int failed = pass_over(k, w, begin, true, &code, err);
            return failed != 0 ? failed : code < 0 ? code : FULL;
        }
        target = w->bytes.len > SIZE_MAX / 2 ? SIZE_MAX : w->bytes.len * 2;
        if (target > most_of(k, begin))
            target = most_of(k, begin);
    }
}

static int
pack_one(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    const size_t begin = w->bytes.len;
    k->skimmed_to_end = false;
    for (;;) {
        const size_t len = w->bytes.len - begin;
        if (w->bytes.len >= most_of(k, begin)) {
            int code;
            const int failed = pass_over(k, w, begin, false, &code, err);
            return failed != 0 ? failed : code < 0 ? code : DONE;
        }
        size_t most = len < READ_LEAST * 4 ? READ_LEAST * 4 : len;
        if (most > most_of(k, begin) - w->bytes.len)
            most = most_of(k, begin) - w->bytes.len;
        const int64_t n = read_work(k, w, most, true, err);
        if (n == NDR_E_NOMEM)
            return NDR_E_NOMEM;
        if (n == NDR_E_STOPPED) {
            w->bytes.len = begin;
            return NDR_E_STOPPED;
        }
        if (n <= 0)
            return last_piece(k, w, begin, NDR_FRAME_ONE, (int)n, err);
    }
}

/* ---- Content-Length -----------------------------------------------------------------
 */

/* Where the message at p[0] ends and the next begins; false: more bytes are needed. */
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

static int
pack_cl2(ndr_packer *k, ndr_work *w, ndr_error *err)
{
    const size_t begin = w->bytes.len;
    ndr_buffer_add(&w->bytes, (ndr_slice){k->carry.ptr, k->carry.len});
    if (w->bytes.failed)
        return no_memory(err);
    ndr_buffer_clear(&k->carry);
    int64_t n = k->skimmed_to_end ? 0 : 1;
    k->skimmed_to_end = false;
    for (size_t at = begin, tried = 0;;) {
        const size_t len = w->bytes.len - at;
        size_t end, next;
        /* tried again only when much has come, so that it stays linear */
        if ((n <= 0 || len / 2 >= tried) && len > 0) {
            const unsigned char *p = w->bytes.ptr + at;
            tried = len;
            if (cl2_end(p, len, n <= 0, &end, &next)) {
                if (at > begin || k->offset > 0 || ndr_mbox_blank(p, end) < end) {
                    const bool cut = n < 0 && next == len;
                    ndr_piece *piece = add_piece(k, w, at, end, NDR_FRAME_ONE);
                    if (piece == NULL)
                        return no_memory(err);
                    piece->flags = cut ? NDR_MSG_DAMAGED : 0u;
                }
                k->offset += next;
                at += next;
                tried = 0;
                if (n <= 0 || (at < k->limits->batch_bytes && w->count < PIECES_MAX))
                    continue;
                const int code = set_carry(k, w->bytes.ptr + at, w->bytes.len - at, err);
                w->bytes.len = at;
                return code != 0 ? code : FULL;
            }
        }
        if (n <= 0)
            return n < 0 ? (int)n : DONE;
        if (w->bytes.len >= most_of(k, at)) {
            int code;
            const int failed = pass_over(k, w, at, true, &code, err);
            return failed != 0 ? failed : code < 0 ? code : FULL;
        }
        size_t most = k->limits->batch_bytes;
        if (most > most_of(k, at) - w->bytes.len)
            most = most_of(k, at) - w->bytes.len;
        n = read_work(k, w, most, w->count == 0, err);
        if (n == NDR_FEED_WAIT) {
            const int code = set_carry(k, w->bytes.ptr + at, w->bytes.len - at, err);
            w->bytes.len = at;
            return code != 0 ? code : FULL;
        }
        if (n == NDR_E_NOMEM)
            return NDR_E_NOMEM;
        if (n == NDR_E_STOPPED) {
            w->bytes.len = at;
            return NDR_E_STOPPED;
        }
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
        return pack_mbox(k, w, err);
    case NDR_FRAME_CL2:
        return pack_cl2(k, w, err);
    case NDR_FRAME_ONE:
        break;
    }
    return pack_one(k, w, err);
}

/* Open the next item: MORE, DONE at the file's end, or an ndr_code. */
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
    return code == 1 ? MORE : code;
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
    int code = MORE;
    while (code != FULL && !k->ended && w->count < PIECES_MAX &&
           w->bytes.len < k->limits->batch_bytes) {
        ndr_error why = {0};
        if (!k->open) {
            code = open_item(k, &why);
        } else {
            code = pack_item(k, w, &why);
            k->open = code == FULL;
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
