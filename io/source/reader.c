/* SPDX-License-Identifier: BSD-3-Clause */
/* reader.c - which messages are in a batch? The worker's half of reading. */
#include "mbox_range.h"
#include "stored_sum.h"
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 1 << 16 }; /* of a message file, before it is left open */

enum inner { INNER_NONE, INNER_ONE, INNER_PACKED, INNER_MBOX, INNER_PIECES };

struct ndr_reader {
    const ndr_limits *limits;
    ndr_batch *batch;
    ndr_work *work;
    uint64_t index; /* of the next message in the batch; with names, in its file */
    ndr_mbox_range view;
    ndr_zstd_range frames;

    const ndr_work *pieces; /* the batch's, or `own` */
    size_t piece, piece_at;

    /* with names */
    size_t name_at, name; /* in work->text; how many were taken */
    enum inner inner;     /* what the file at hand is */
    int fd;               /* of it, or -1 */
    uint64_t file_bytes;  /* UINT64_MAX: not known yet */
    uint64_t planned;     /* what it was when it was opened */
    bool broke_off;       /* it could not be unpacked further */
    ndr_buffer path;      /* of it, NUL-terminated */
    ndr_packer packer;
    bool packer_more;
    ndr_read_file handed; /* the file at hand was read ahead: all of it */
    ndr_work own;
    ndr_stored_sum sum; /* of what a plan has shared out */
};

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

static void
close_file(ndr_reader *r)
{
    ndr_mbox_range_rest(&r->view);
    if (r->inner == INNER_PIECES || r->inner == INNER_PACKED) {
        ndr_packer_close(&r->packer);
        ndr_work_drop(&r->own, r->limits->batch_bytes);
    }
    r->inner = INNER_NONE;
    free(r->handed.bytes);
    if (r->fd >= 0) {
        if (r->handed.cold && ndr_page_cache_is_full(r->limits->cache, r->planned))
            ndr_page_cache_drop(r->fd, 0, 0);
        (void)close(r->fd); /* was only read */
    }
    r->handed = (ndr_read_file){0};
    r->fd = -1;
}

void
ndr_reader_free(ndr_reader *r)
{
    if (r == NULL)
        return;
    close_file(r);
    ndr_mbox_range_free(&r->view);
    ndr_zstd_range_free(&r->frames);
    ndr_buffer_free(&r->path);
    ndr_packer_free(&r->packer);
    ndr_work_free(&r->own);
    ndr_stored_sum_free(&r->sum);
    free(r);
}

/* A file that fails is trouble; only the lack of memory ends a run. */
static int
note(ndr_reader *r, const char *name, int code, ndr_error *why, ndr_error *err)
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
    return code == 0 ? 0 : note(r, w->place->path, code, &why, err);
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

/* The file of a name has been read. */
static int
sum_file(ndr_reader *r, ndr_error *err)
{
    ndr_work *w = r->work;
    const ndr_mbox_range *v = &r->view;
    if (!w->planned || w->finding == NDR_FOUND_MAILDIR || r->fd < 0)
        return 0;
    const uint32_t source = w->sum_source + (uint32_t)r->name;
    ndr_error why = {0};
    if (v->read == NULL && v->base == 0 && v->have == r->planned &&
        v->have <= NDR_PLAN_BLOCK_BYTES) {
        w->sum += ndr_stored_sum_block((ndr_slice){v->bytes, v->have}, source);
        return 0;
    }
    const int code = ndr_stored_sum_read(&r->sum, r->fd, 0, r->planned, 0, r->planned,
                                         source, &w->sum, &why);
    return code == 0 ? 0 : note(r, (const char *)r->path.ptr, code, &why, err);
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
    if (code < 0 && note(r, w->place->path, code, &why, err) != 0)
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

/* The mbox of a name has been read to its end: 0, or that bytes were missing. */
static int
check_end(ndr_reader *r, ndr_error *err)
{
    const uint64_t bytes = r->view.base + r->view.have;
    if (bytes >= r->planned)
        return 0;
    const uint64_t planned = r->planned;
    r->planned = 0; /* told once */
    return ndr_feed_shrunk(bytes, planned, err);
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
               : note(r, w->place->path, code, &why, err);
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
    close_file(r);
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
        return note(r, r->work->place->path, code, &why, err);
    }
    return 0;
}

/* ---- pieces --------------------------------------------------------------------------
 */

/* The mark at p[at], when there is one. Returns where the header begins. */
static size_t
take_line(enum ndr_marks marks, const unsigned char *p, size_t n, size_t at,
          ndr_message *m)
{
    int64_t time;
    if (!ndr_mark_at(marks, p, n, at, true, &time))
        return at;
    m->framed = time;
    return ndr_mark_line(marks, p, n, at, &m->envelope);
}

/* The next message of r->pieces: 1 or 0. */
static int
next_in_pieces(ndr_reader *r, ndr_message *m)
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
        const size_t raw = take_line(e->marks, p, n, at, m);
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

/* ---- names ---------------------------------------------------------------------------
 */

static int
set_path(ndr_reader *r, const char *name, ndr_error *err)
{
    ndr_buffer_clear(&r->path);
    if (r->work->place != NULL) {
        const char *folder = r->work->place->path;
        ndr_buffer_text(&r->path, folder);
        if (folder[0] != '\0' && folder[strlen(folder) - 1] != '/')
            ndr_buffer_byte(&r->path, '/');
    }
    ndr_buffer_text(&r->path, name);
    ndr_buffer_byte(&r->path, '\0');
    return r->path.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a path") : 0;
}

/*
 * Open a file that is to be read: *ret is -1 when it is to be passed over in
 * silence. What must not be waited for (FIFOs) is opened without waiting.
 */
static int
open_file(const ndr_reader *r, const char *name, int *ret, struct stat *st,
          ndr_error *err)
{
    const ndr_work *w = r->work;
    const bool named = w->finding == NDR_FOUND_NAMED;
    *ret = -1;
    const int fd =
        openat(w->place != NULL ? w->place->fd : AT_FDCWD, name,
               O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW));
    if (fd < 0) {
        if (!named && (errno == ELOOP || errno == ENXIO))
            return 0; /* a link, a socket */
        if (w->finding == NDR_FOUND_MAILDIR && errno == ENOENT)
            return 0; /* moved by a mail reader */
        return ndr_fail(err, NDR_E_SYS, "not readable");
    }
    int code = 0;
    if (fstat(fd, st) != 0)
        code = ndr_fail(err, NDR_E_SYS, "fstat");
    else if (!S_ISREG(st->st_mode) && named)
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st->st_mode));
    if (code == 0 && S_ISREG(st->st_mode))
        *ret = fd;
    else
        (void)close(fd); /* was not even read */
    return code;
}

static enum inner
inner_of(const ndr_reader *r, enum ndr_sniff what)
{
    if (what == NDR_SNIFF_CODEC || what == NDR_SNIFF_EMLX ||
        r->limits->format == NDR_FORMAT_MBOXCL2)
        return INNER_PIECES;
    if (r->limits->format == NDR_FORMAT_MBOX)
        return what == NDR_SNIFF_ARCHIVE ? INNER_PIECES : INNER_MBOX;
    if (r->work->finding == NDR_FOUND_MAILDIR)
        return INNER_ONE;
    if (what == NDR_SNIFF_ARCHIVE)
        return INNER_PIECES;
    return what == NDR_SNIFF_MBOX && r->limits->format == NDR_FORMAT_AUTO ? INNER_MBOX
                                                                          : INNER_ONE;
}

/* What a compressed file holds, as pread gives it: in order, and each byte once. */
static int64_t
read_packed(void *of, unsigned char *to, size_t room, uint64_t at, ndr_error *err)
{
    ndr_reader *r = of;
    (void)at;
    return ndr_unpack_read(&r->packer.unpack, to, room, true, err);
}

/* Read the front of the file that is shown, `bytes` of it or to its end. */
static int
read_front(ndr_reader *r, uint64_t bytes, ndr_error *err)
{
    ndr_mbox_range *v = &r->view;
    while (v->have < FIRST_BYTES && !v->end && (v->have < bytes || v->have == 0)) {
        const uint64_t want = bytes > v->have ? bytes - v->have : 1;
        const int code = ndr_mbox_range_read(
            v, want < FIRST_BYTES - v->have ? (size_t)want : FIRST_BYTES - v->have, err);
        if (code != 0)
            return code;
    }
    return 0;
}

/*
 * A file that is unpacked. Where it is one message, no more of it than its front is,
 * until more is asked for: what a few bytes expand to costs nothing then. 1, 0 or an
 * ndr_code.
 */
static int
begin_packed(ndr_reader *r, uint64_t size, ndr_error *err)
{
    const bool maildir = r->work->finding == NDR_FOUND_MAILDIR;
    const enum ndr_format format = maildir && r->limits->format == NDR_FORMAT_AUTO
                                       ? NDR_FORMAT_MESSAGE
                                       : r->limits->format;
    ndr_packer_open(&r->packer, r->limits, r->fd, true, false, NULL, size, format);
    r->packer.unpack.expanded_least = r->work->expanded_least;
    ndr_work_clear(&r->own, r->limits->batch_bytes);
    r->pieces = &r->own;
    r->piece = r->piece_at = 0;
    r->packer_more = true;
    const int got = ndr_packer_begin(&r->packer, err);
    const ndr_unpack *u = &r->packer.unpack;
    if (got != 1 || u->framing != NDR_FRAME_ONE || u->archive != NULL)
        return got < 0 && u->broken ? got : got < 0 ? got : 1;
    r->inner = INNER_PACKED;
    ndr_mbox_range_begin(&r->view, -1, 0);
    r->view.until = 0;
    r->view.read = read_packed;
    r->view.of = r;
    const int code = read_front(r, UINT64_MAX, err);
    r->file_bytes = r->view.end ? r->view.have : UINT64_MAX;
    r->broke_off = code < 0;
    if (code < 0) { /* what was decoded before stands, and its last message is damaged */
        r->file_bytes = r->view.have;
        if (note(r, (const char *)r->path.ptr, code, err, err) != 0)
            return NDR_E_NOMEM;
    }
    return r->view.have > 0;
}

/* What was read ahead, as pread gives it. */
static int64_t
read_handed(void *of, unsigned char *to, size_t room, uint64_t at, ndr_error *err)
{
    const ndr_read_file *f = of;
    (void)err;
    const size_t left = at < f->len ? f->len - (size_t)at : 0;
    const size_t n = left < room ? left : room;
    memcpy(to, f->bytes + f->len - left, n);
    return (int64_t)n;
}

/* Have the bytes of a name at hand: from who read them ahead, or from the file itself. 1;
 * 0 when it is to be passed over; or an ndr_code. */
static int
show_file(ndr_reader *r, const char *name, uint64_t *ret_size, ndr_error *err)
{
    const ndr_work *w = r->work;
    ndr_mbox_range *v = &r->view;
    struct stat st;
    int code = 0;
    v->read = NULL;
    if (w->ahead != NULL &&
        ndr_ahead_take(w->ahead, w->ahead_first + r->name, &r->handed)) {
        v->read = read_handed;
        v->of = &r->handed;
        *ret_size = r->handed.len;
        r->packer.file_time = r->handed.mtime;
    } else {
        code = open_file(r, name, &r->fd, &st, err);
        if (code != 0 || r->fd < 0)
            return code;
        *ret_size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
        r->packer.file_time = (int64_t)st.st_mtime;
    }
    ndr_mbox_range_begin(v, r->fd, 0);
    v->until = 0;
    return 1;
}

/* When a Maildir's file came, by its name; the same whether it was named or found, or
 * who looks at one again would judge it by another time. */
static int64_t
time_of_name(const ndr_reader *r, const char *name)
{
    switch (r->work->finding) {
    case NDR_FOUND_MAILDIR:
        return ndr_maildir_time(name);
    case NDR_FOUND_NAMED:
        return ndr_maildir_path_time(name);
    case NDR_FOUND_FOLDER:
        break;
    }
    return NDR_TIME_UNKNOWN;
}

/* Take up the next name: 1; 0 when it holds nothing for us; or an ndr_code. */
static int
begin_file(ndr_reader *r, const char *name, ndr_error *err)
{
    uint64_t size = 0;
    int code = show_file(r, name, &size, err);
    if (code != 1)
        return code;
    ndr_mbox_range *v = &r->view;
    r->planned = size;
    /* a file that is as long as it said needs no second read to see its end */
    code = read_front(r, size, err);
    if (code != 0)
        return code;
    r->batch->bytes += size;
    r->file_bytes = v->end ? v->have : size > v->have ? size : v->have;
    if (v->have == 0)
        return size > 0 ? ndr_feed_shrunk(0, size, err) : 0;
    r->index = 0;
    r->broke_off = false;
    ndr_sniffed told;
    const enum ndr_sniff what = ndr_sniff(v->bytes, v->have, true, &told);
    if (what == NDR_SNIFF_ALIEN)
        return ndr_fail(err, NDR_E_SYNTAX, "%s", told.alien);
    const enum inner inner = inner_of(r, what);
    if (inner == INNER_PIECES && r->fd < 0) { /* who unpacks it reads from the file */
        struct stat st;
        code = open_file(r, name, &r->fd, &st, err);
        if (code != 0 || r->fd < 0)
            return code;
    }
    r->inner = inner;
    if (r->inner == INNER_MBOX) {
        code = ndr_mbox_range_mbox(v, told.marks, 0, UINT64_MAX, err);
    } else if (r->inner == INNER_PIECES) {
        const int64_t mtime = r->packer.file_time;
        code = begin_packed(r, size, err);
        r->packer.file_time = mtime;
        r->packer.framed = time_of_name(r, name);
        return code;
    }
    return code == 0 ? 1 : code;
}

/* The only message of the file at hand. */
static void
give_file(ndr_reader *r, const char *name, ndr_message *m)
{
    const ndr_mbox_range *v = &r->view;
    *m = (ndr_message){.framed = NDR_TIME_UNKNOWN, .file_time = r->packer.file_time};
    const size_t raw = take_line(NDR_MARKS_DATED, v->bytes, v->have, 0, m);
    const int64_t time = time_of_name(r, name);
    if (time != NDR_TIME_UNKNOWN) {
        m->framed = time;
        m->framed_by_name = true;
    }
    m->offset = raw;
    const bool open = r->file_bytes == UINT64_MAX; /* its length is not known yet */
    m->length = open ? v->have - raw : r->file_bytes - raw;
    m->raw = (ndr_slice){v->bytes + raw, v->have - raw};
    if (m->raw.len > r->limits->message_bytes)
        m->raw.len = r->limits->message_bytes;
    if (m->length > r->limits->message_bytes)
        m->flags |= NDR_MSG_TRUNCATED;
    if (open || (m->raw.len < m->length && m->raw.len < r->limits->message_bytes))
        m->flags |= NDR_MSG_OPEN;
    if (r->broke_off || (v->end && v->have < r->planned && r->inner == INNER_ONE))
        m->flags |= NDR_MSG_DAMAGED;
    m->index = r->index++;
}

/* The end of a message over the limit: only its length is wanted. */
static int
skim_packed(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    ndr_buffer *s = &r->packer.skim;
    ndr_buffer_clear(s);
    if (!ndr_buffer_reserve(s, FIRST_BYTES))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    int64_t n;
    while ((n = read_packed(r, s->ptr, FIRST_BYTES, 0, err)) > 0)
        m->length += (uint64_t)n;
    return (int)n;
}

/* The same as extend_file, of a message whose length only its end tells. */
static int
extend_packed(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    ndr_mbox_range *v = &r->view;
    const size_t raw = (size_t)m->offset, limit = r->limits->message_bytes;
    int code = 0;
    while (code == 0 && !v->end && v->have - raw < limit) {
        const size_t left = limit - (v->have - raw);
        code = ndr_mbox_range_read(v, left < v->have ? left : v->have, err);
    }
    m->length = v->have - raw;
    m->raw = (ndr_slice){v->bytes + raw, v->have - raw < limit ? v->have - raw : limit};
    if (m->envelope.len > 0)
        m->envelope.ptr = v->bytes;
    if (code == 0 && !v->end)
        code = skim_packed(r, m, err);
    if (m->length > limit)
        m->flags |= NDR_MSG_TRUNCATED;
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    return code;
}

static int
extend_file(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    ndr_mbox_range *v = &r->view;
    const size_t raw = (size_t)m->offset, limit = r->limits->message_bytes;
    while (!v->end && v->have - raw < limit && v->have < r->file_bytes) {
        uint64_t want = r->file_bytes - v->have;
        if (want > limit - (v->have - raw))
            want = limit - (v->have - raw);
        const int code = ndr_mbox_range_read(v, (size_t)want, err);
        if (code != 0)
            return code;
    }
    int code = 0;
    if (v->end) { /* it was cut meanwhile */
        m->length = v->have - raw;
        m->flags |= NDR_MSG_DAMAGED;
        code = ndr_feed_shrunk(v->have, r->planned, err);
    }
    m->raw = (ndr_slice){v->bytes + raw, v->have - raw < limit ? v->have - raw : limit};
    if (m->envelope.len > 0)
        m->envelope.ptr = v->bytes;
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    return code;
}

/* The next message of the file at hand: 1, 0 or an ndr_code. */
static int
next_in_file(ndr_reader *r, const char *name, ndr_message *m, ndr_error *err)
{
    switch (r->inner) {
    case INNER_NONE:
        break;
    case INNER_ONE:
    case INNER_PACKED:
        if (r->index > 0)
            return 0;
        give_file(r, name, m);
        return 1;
    case INNER_MBOX: {
        const int got = ndr_mbox_range_next(&r->view, m, err);
        if (got == 1)
            m->index = r->index++;
        return got == 0 ? check_end(r, err) : got;
    }
    case INNER_PIECES:
        for (;;) {
            if (next_in_pieces(r, m) == 1)
                return 1;
            if (!r->packer_more)
                return 0;
            ndr_work_clear(&r->own, r->limits->batch_bytes);
            r->piece = r->piece_at = 0;
            const int code = ndr_packer_fill(&r->packer, r->batch, &r->own,
                                             (const char *)r->path.ptr, err);
            if (code < 0)
                return code;
            r->packer_more = code == 1;
        }
    }
    return 0;
}

static const char *
current_name(const ndr_reader *r)
{
    return (const char *)r->work->text.ptr + r->name_at;
}

static int
next_of_names(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    for (;;) {
        ndr_error why = {0};
        int code = 0;
        if (r->inner != INNER_NONE) {
            code = next_in_file(r, current_name(r), m, &why);
            if (code == 1) {
                m->source = (const char *)r->path.ptr;
                return 1;
            }
            if (sum_file(r, err) != 0)
                return NDR_E_NOMEM;
            close_file(r);
            r->name_at += strlen(current_name(r)) + 1;
            r->name++;
        } else {
            if (r->name == r->work->count)
                return 0;
            if (set_path(r, current_name(r), err) != 0)
                return NDR_E_NOMEM;
            code = begin_file(r, current_name(r), &why);
            if (code == 1)
                continue;
            if (sum_file(r, err) != 0)
                return NDR_E_NOMEM;
            close_file(r);
            r->name_at += strlen(current_name(r)) + 1;
            r->name++;
        }
        if (code < 0 && note(r, (const char *)r->path.ptr, code, &why, err) != 0)
            return NDR_E_NOMEM;
    }
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
            return note(r, r->work->place->path, got, &why, err);
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
        if (next_in_pieces(r, m) == 0) {
            ndr_work_drop(r->work, r->limits->batch_bytes);
            ndr_pool_give(r->limits->pool, &r->work->bytes);
            return 0;
        }
        m->source = r->work->place->path;
        return 1;
    case NDR_WORK_NAMES:
        return next_of_names(r, m, err);
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
    const enum inner inner = r->work->kind == NDR_WORK_NAMES ? r->inner : INNER_MBOX;
    const int code = inner == INNER_ONE      ? extend_file(r, m, &why)
                     : inner == INNER_PACKED ? extend_packed(r, m, &why)
                                             : ndr_mbox_range_extend(&r->view, m, &why);
    if (code == 0) {
        flag_cut(r, m);
        return 0;
    }
    /* what was read before still stands */
    m->flags = (m->flags & ~(unsigned)NDR_MSG_OPEN) | NDR_MSG_DAMAGED;
    return note(r, m->source, code, &why, err);
}
