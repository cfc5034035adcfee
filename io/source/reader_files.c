/* SPDX-License-Identifier: BSD-3-Clause */
/* reader_files.c - which messages are in the files of a batch, one name after the other?
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 1 << 16 }; /* of a message file, before it is left open */

void
ndr_reader_close_file(ndr_reader *r)
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

/* The file of a name has been read. */
static int
sum_file(ndr_reader *r, ndr_error *err)
{
    ndr_work *w = r->work;
    const ndr_mbox_range *v = &r->view;
    if (!w->planned || w->finding == NDR_FOUND_MAILDIR ||
        (r->fd < 0 && r->handed.bytes == NULL))
        return 0;
    const uint32_t source = w->sum_source + (uint32_t)r->name;
    if (r->handed.bytes != NULL) { /* all of the file, and shorter than a block */
        w->sum +=
            ndr_stored_sum_block((ndr_slice){r->handed.bytes, r->handed.len}, source);
        return 0;
    }
    ndr_error why = {0};
    if (v->read == NULL && v->base == 0 && v->have == r->planned &&
        v->have <= NDR_PLAN_BLOCK_BYTES) {
        w->sum += ndr_stored_sum_block((ndr_slice){v->bytes, v->have}, source);
        return 0;
    }
    const int code = ndr_stored_sum_read(&r->sum, r->fd, 0, r->planned, 0, r->planned,
                                         source, &w->sum, &why);
    return code == 0 ? 0 : ndr_reader_note(r, (const char *)r->path.ptr, code, &why, err);
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
        if (ndr_reader_note(r, (const char *)r->path.ptr, code, err, err) != 0)
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
    const size_t raw = ndr_reader_take_line(NDR_MARKS_DATED, v->bytes, v->have, 0, m);
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

/* The same as extend_one, of a message whose length only its end tells. */
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
extend_one(ndr_reader *r, ndr_message *m, ndr_error *err)
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
            if (ndr_reader_next_in_pieces(r, m) == 1)
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

int
ndr_reader_next_of_names(ndr_reader *r, ndr_message *m, ndr_error *err)
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
            ndr_reader_close_file(r);
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
            ndr_reader_close_file(r);
            r->name_at += strlen(current_name(r)) + 1;
            r->name++;
        }
        if (code < 0 &&
            ndr_reader_note(r, (const char *)r->path.ptr, code, &why, err) != 0)
            return NDR_E_NOMEM;
    }
}

int
ndr_reader_extend_file(ndr_reader *r, ndr_message *m, ndr_error *err)
{
    return r->inner == INNER_ONE      ? extend_one(r, m, err)
           : r->inner == INNER_PACKED ? extend_packed(r, m, err)
                                      : ndr_mbox_range_extend(&r->view, m, err);
}
