/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * archive_write.c - how do bytes of an mbox become frames that can be read in parallel?
 *
 *   slots  | written | compressed | at a worker | ... | being filled |
 *
 * A frame ends before a From_ line, so a reader of one has whole messages, and the
 * table behind them (zstd's seekable format, version 0.1.0: a skippable frame) tells
 * where each is. One thread reads and writes; that keeps frames in order without
 * another queue, and neither takes long beside compression.
 */
#include "archiving.h"
#include "codec/zstd_frames.h"
#include "frame/frame.h"
#include "sink/sinks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

enum {
    TABLE_MAGIC = 0x184d2a5e,
    FRAMES_MOST = 0x8000000,
    STEP_BYTES = 1 << 17, /* more that comes before a mark is looked for again */
};
static const uint32_t footer_magic = UINT32_C(0x8f92eab1);

enum state { FREE, FILLED, TAKEN, DONE };

typedef struct slot {
    enum state state; /* guarded by `mu` of the archive */
    ndr_buffer in, out;
    size_t code; /* zstd's */
} slot;

struct ndr_archive {
    const ndr_pack_opts *opts;
    int fd;
    size_t frame_bytes, tried; /* no mark was found up to there */
    ndr_buffer fill;           /* of the next frame */
    unsigned char tail[4];     /* the last bytes added */
    ndr_buffer table;
    ndr_pack_stats stats;
    pthread_mutex_t mu;
    pthread_cond_t filled, done;
    bool ended; /* guarded, like the slots' state */
    slot *slot;
    size_t slots, next, oldest; /* counted on; a slot is found by the rest */
    pthread_t *thread;
    unsigned threads;
};

/* ---- compression ------------------------------------------------------------------ */

static ZSTD_CCtx *
new_context(const ndr_archive *a)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    if (z != NULL && (ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel,
                                                          a->opts->level)) ||
                      ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)))) {
        (void)ZSTD_freeCCtx(z); /* cannot fail on what it created */
        return NULL;
    }
    return z;
}

static void
compress(ZSTD_CCtx *z, slot *s)
{
    s->code = (size_t)-1; /* as zstd says that something went wrong */
    ndr_buffer_clear(&s->out);
    if (z == NULL || !ndr_buffer_reserve(&s->out, ZSTD_compressBound(s->in.len)))
        return;
    s->code = ZSTD_compress2(z, s->out.ptr, s->out.cap, s->in.ptr, s->in.len);
    if (!ZSTD_isError(s->code))
        s->out.len = s->code;
}

static slot *
take(ndr_archive *a)
{
    slot *s = NULL;
    (void)pthread_mutex_lock(&a->mu);
    for (;;) {
        for (size_t i = a->oldest; s == NULL && i < a->next; i++)
            if (a->slot[i % a->slots].state == FILLED)
                s = &a->slot[i % a->slots];
        if (s != NULL || a->ended)
            break;
        (void)pthread_cond_wait(&a->filled, &a->mu);
    }
    if (s != NULL)
        s->state = TAKEN;
    (void)pthread_mutex_unlock(&a->mu);
    return s;
}

static void *
work(void *arg)
{
    ndr_archive *a = arg;
    ZSTD_CCtx *z = new_context(a);
    slot *s;
    while ((s = take(a)) != NULL) {
        compress(z, s);
        (void)pthread_mutex_lock(&a->mu);
        s->state = DONE;
        (void)pthread_mutex_unlock(&a->mu);
        (void)pthread_cond_signal(&a->done);
    }
    (void)ZSTD_freeCCtx(z); /* takes NULL */
    return NULL;
}

/* ---- frames ----------------------------------------------------------------------- */

static void
add_le32(ndr_buffer *b, uint64_t v)
{
    for (unsigned i = 0; i < 4; i++)
        ndr_buffer_byte(b, (unsigned char)(v >> 8 * i));
}

/* Write out the oldest frame, when it is compressed. */
static int
write_oldest(ndr_archive *a, ndr_error *err)
{
    slot *s = &a->slot[a->oldest % a->slots];
    (void)pthread_mutex_lock(&a->mu);
    while (s->state != DONE)
        (void)pthread_cond_wait(&a->done, &a->mu);
    s->state = FREE;
    a->oldest++;
    (void)pthread_mutex_unlock(&a->mu);
    if (ZSTD_isError(s->code)) /* its input and parameters are sound */
        return ndr_fail(err, NDR_E_NOMEM, "no memory to compress a frame");
    if (a->stats.frames == FRAMES_MOST)
        return ndr_fail(err, NDR_E_LIMIT, "more than %d frames: take larger ones",
                        (int)FRAMES_MOST);
    add_le32(&a->table, s->out.len);
    add_le32(&a->table, s->in.len);
    if (a->table.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the table of frames");
    a->stats.frames++;
    a->stats.stored_bytes += s->out.len;
    return ndr_write_whole(a->fd, (ndr_slice){s->out.ptr, s->out.len}, err);
}

/* Hand out the first `n` bytes gathered. */
static int
end_frame(ndr_archive *a, size_t n, ndr_error *err)
{
    if (a->next - a->oldest == a->slots) {
        const int code = write_oldest(a, err);
        if (code != 0)
            return code;
    }
    slot *s = &a->slot[a->next % a->slots]; /* free: nobody else looks at it */
    const ndr_buffer full = a->fill;
    a->fill = s->in;
    ndr_buffer_clear(&a->fill);
    ndr_buffer_add(&a->fill, (ndr_slice){full.ptr + n, full.len - n});
    s->in = full;
    s->in.len = n;
    a->tried = 1;
    if (a->fill.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a frame");
    (void)pthread_mutex_lock(&a->mu);
    s->state = FILLED;
    a->next++;
    (void)pthread_mutex_unlock(&a->mu);
    (void)pthread_cond_signal(&a->filled);
    return 0;
}

/* Hand out a frame, now that there is enough for it, if a message begins late enough. */
static int
cut(ndr_archive *a, ndr_error *err)
{
    const size_t n = a->fill.len;
    const size_t mark = ndr_mbox_last(NDR_MARKS_DATED, a->fill.ptr, n, a->tried, false);
    if (mark < n)
        return end_frame(a, mark, err);
    a->tried = n > NDR_UNPROVED_BYTES ? n - NDR_UNPROVED_BYTES : 1;
    /* one message goes into several frames, rather than no worker can hold it */
    return n >= NDR_ZSTD_HELD_BYTES ? end_frame(a, NDR_ZSTD_HELD_BYTES, err) : 0;
}

int
ndr_archive_add(ndr_archive *a, ndr_slice bytes, ndr_error *err)
{
    a->stats.content_bytes += bytes.len;
    const size_t last = bytes.len < sizeof a->tail ? bytes.len : sizeof a->tail;
    memmove(a->tail, a->tail + last, sizeof a->tail - last);
    if (last > 0)
        memcpy(a->tail + sizeof a->tail - last, bytes.ptr + bytes.len - last, last);
    for (size_t at = 0; at < bytes.len;) {
        /* where it is tried must not hang on how much came at once */
        const size_t least = a->frame_bytes, len = a->fill.len;
        const size_t stop =
            len < least ? least : least + ((len - least) / STEP_BYTES + 1) * STEP_BYTES;
        const size_t left = bytes.len - at;
        const size_t n = left < stop - len ? left : stop - len;
        ndr_buffer_add(&a->fill, (ndr_slice){bytes.ptr + at, n});
        if (a->fill.failed)
            return ndr_fail(err, NDR_E_NOMEM, "no memory for a frame");
        const int code = a->fill.len == stop ? cut(a, err) : 0;
        if (code != 0)
            return code;
        at += n;
    }
    return 0;
}

int
ndr_archive_part(ndr_archive *a, ndr_error *err)
{
    const unsigned char *t = a->tail;
    if (a->stats.content_bytes == 0)
        return 0;
    const bool crlf = t[2] == '\r' && t[3] == '\n';
    const ndr_slice eol = crlf ? NDR_SLICE("\r\n") : NDR_SLICE("\n");
    int code = 0;
    if (t[3] != '\n')
        code = ndr_archive_add(a, eol, err);
    else if (t[2] == '\n' || (crlf && t[1] == '\n'))
        return 0;
    return code != 0 ? code : ndr_archive_add(a, eol, err);
}

/* The table: a skippable frame of entries and a footer. Source: zstd's
 * zstd_seekable_compression_format.md. */
static int
write_table(ndr_archive *a, ndr_error *err)
{
    ndr_buffer out = {0};
    add_le32(&out, TABLE_MAGIC);
    add_le32(&out, a->table.len + 9);
    ndr_buffer_add(&out, (ndr_slice){a->table.ptr, a->table.len});
    add_le32(&out, a->stats.frames);
    ndr_buffer_byte(&out, 0); /* entries have no checksums: frames have them */
    add_le32(&out, footer_magic);
    const int code = out.failed
                         ? ndr_fail(err, NDR_E_NOMEM, "no memory for the table")
                         : ndr_write_whole(a->fd, (ndr_slice){out.ptr, out.len}, err);
    a->stats.stored_bytes += out.len;
    ndr_buffer_free(&out);
    return code;
}

int
ndr_archive_finish(ndr_archive *a, ndr_pack_stats *ret, ndr_error *err)
{
    int code = 0;
    /* an empty archive is a frame with nothing in it, so that zstd knows it */
    if (a->fill.len > 0 || a->next == 0)
        code = end_frame(a, a->fill.len, err);
    while (code == 0 && a->oldest < a->next)
        code = write_oldest(a, err);
    if (code == 0)
        code = write_table(a, err);
    *ret = a->stats;
    return code;
}

/* ---- begin and end ---------------------------------------------------------------- */

void
ndr_archive_free(ndr_archive *a)
{
    if (a == NULL)
        return;
    (void)pthread_mutex_lock(&a->mu);
    a->ended = true;
    (void)pthread_mutex_unlock(&a->mu);
    (void)pthread_cond_broadcast(&a->filled);
    for (unsigned i = 0; i < a->threads; i++)
        (void)pthread_join(a->thread[i], NULL);
    for (size_t i = 0; a->slot != NULL && i < a->slots; i++) {
        ndr_buffer_free(&a->slot[i].in);
        ndr_buffer_free(&a->slot[i].out);
    }
    ndr_buffer_free(&a->fill);
    ndr_buffer_free(&a->table);
    (void)pthread_cond_destroy(&a->filled);
    (void)pthread_cond_destroy(&a->done);
    (void)pthread_mutex_destroy(&a->mu);
    free(a->slot);
    free(a->thread);
    free(a);
}

int
ndr_archive_new(const ndr_pack_opts *opts, int fd, ndr_archive **ret, ndr_error *err)
{
    ndr_archive *a = calloc(1, sizeof *a);
    if (a == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to pack");
    const unsigned threads = opts->threads > 0 ? opts->threads : 1;
    a->opts = opts;
    a->fd = fd;
    a->frame_bytes = opts->frame_bytes > 0 ? opts->frame_bytes : NDR_PACK_FRAME_BYTES;
    if (a->frame_bytes > NDR_ZSTD_HELD_BYTES)
        a->frame_bytes = NDR_ZSTD_HELD_BYTES;
    a->tried = 1;
    (void)pthread_mutex_init(&a->mu, NULL); /* cannot fail with these attributes */
    (void)pthread_cond_init(&a->filled, NULL);
    (void)pthread_cond_init(&a->done, NULL);
    a->slots = (size_t)threads + 2;
    a->slot = calloc(a->slots, sizeof *a->slot);
    a->thread = calloc(threads, sizeof *a->thread);
    if (a->slot == NULL || a->thread == NULL) {
        ndr_archive_free(a);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to pack");
    }
    while (a->threads < threads &&
           pthread_create(&a->thread[a->threads], NULL, work, a) == 0)
        a->threads++; /* fewer than asked for do, too */
    if (a->threads == 0) {
        ndr_archive_free(a);
        return ndr_fail(err, NDR_E_NOMEM, "no thread to compress on");
    }
    *ret = a;
    return 0;
}
