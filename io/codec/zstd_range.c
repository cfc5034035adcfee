/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zstd_range.c - what does a run of zstd frames hold, and where is that in the whole?
 *
 * Content is held while it is framed, if there is not too much of it. Else it is
 * decoded once to see how long and how sound it is and again to be framed: what
 * comes behind must not wait for the scan, and memory stays bounded.
 */
#include "zstd_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PASS_BYTES = 1 << 18,
    SKIP_BYTES = 1 << 14,
    LOOK_MS = 200,
    LOOKS_AT_STOP = 50, /* 10 s: whoever is at the range before can end it by then */
};

/* ---- links ------------------------------------------------------------------------ */

ndr_zstd_link *
ndr_zstd_link_new(void)
{
    ndr_zstd_link *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    atomic_init(&l->refs, 1);
    (void)pthread_mutex_init(&l->mu, NULL); /* cannot fail with these attributes */
    (void)pthread_cond_init(&l->told, NULL);
    return l;
}

void
ndr_zstd_link_leave(ndr_zstd_link *l)
{
    if (l == NULL)
        return;
    (void)pthread_mutex_lock(&l->mu);
    if (!l->done) {
        l->done = l->broken = true;
        (void)pthread_cond_broadcast(&l->told);
    }
    (void)pthread_mutex_unlock(&l->mu);
}

ndr_zstd_link *
ndr_zstd_link_ref(ndr_zstd_link *l)
{
    atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
    return l;
}

void
ndr_zstd_link_unref(ndr_zstd_link *l)
{
    if (l == NULL || atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1)
        return;
    (void)pthread_cond_destroy(&l->told);
    (void)pthread_mutex_destroy(&l->mu);
    free(l);
}

bool
ndr_zstd_link_broken(ndr_zstd_link *l)
{
    if (l == NULL)
        return false;
    (void)pthread_mutex_lock(&l->mu);
    const bool broken = l->done && l->broken;
    (void)pthread_mutex_unlock(&l->mu);
    return broken;
}

/* One look at the clock later; l->mu is held. */
static void
wait_a_little(ndr_zstd_link *l)
{
    struct timespec until = {0};
    (void)clock_gettime(CLOCK_REALTIME, &until); /* is there on every Linux */
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&l->told, &l->mu, &until); /* who is told looks again */
}

/* Wait until it is told; *ret_broken. NULL is the file's start. */
static void
await(ndr_zstd_range *r, ndr_zstd_link *l, const atomic_bool *stop, bool *ret_broken)
{
    r->start = 0;
    r->lookback_len = 0;
    *ret_broken = false;
    if (l == NULL)
        return;
    (void)pthread_mutex_lock(&l->mu);
    for (int looks = 0; !l->done && looks < LOOKS_AT_STOP;) {
        wait_a_little(l);
        looks += stop != NULL && atomic_load(stop) ? 1 : 0;
    }
    *ret_broken = l->broken || !l->done;
    r->start = l->end;
    r->lookback_len = l->tail_len;
    memcpy(r->lookback, l->tail, l->tail_len);
    (void)pthread_mutex_unlock(&l->mu);
}

/* The last bytes of `a`, then `b`. */
static size_t
last_of(unsigned char *to, const unsigned char *a, size_t a_len, const unsigned char *b,
        size_t b_len)
{
    const size_t most = NDR_LOOKBACK_BYTES;
    const size_t of_b = b_len < most ? b_len : most;
    const size_t of_a = a_len < most - of_b ? a_len : most - of_b;
    if (of_a > 0)
        memmove(to, a + a_len - of_a, of_a);
    if (of_b > 0)
        memcpy(to + of_a, b + b_len - of_b, of_b);
    return of_a + of_b;
}

/* ---- decoding --------------------------------------------------------------------- */

static int64_t
stored_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    (void)wait; /* a file never blocks */
    ndr_zstd_stored *s = (ndr_zstd_stored *)feed;
    const uint64_t left = s->until - s->at;
    const size_t want = room < left ? room : (size_t)left;
    for (;;) {
        const ssize_t n = want > 0 ? pread(s->fd, to, want, (off_t)s->at) : 0;
        if (n >= 0) {
            s->at += (uint64_t)n;
            return n;
        }
        if (errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "read");
    }
}

static void
stored_close(ndr_feed *feed)
{
    (void)feed; /* the descriptor is the place's */
}

void
ndr_zstd_stored_init(ndr_zstd_stored *s, int fd, uint64_t at, uint64_t until)
{
    *s = (ndr_zstd_stored){.feed = {.read = stored_read, .close = stored_close},
                           .fd = fd,
                           .at = at,
                           .until = until};
}

static int
rewind_to_start(ndr_zstd_range *r, uint64_t until, ndr_error *err)
{
    r->stored.at = r->from;
    r->stored.until = until;
    r->over = false;
    if (r->decoded == NULL)
        return ndr_zstd_open_at(&r->stored.feed, r->from, &r->decoded, err);
    ndr_zstd_again(r->decoded, r->from);
    return 0;
}

/* Room for all of the content, or to pass it through. */
static int
make_room(ndr_zstd_range *r, uint64_t most, ndr_error *err)
{
    /* some bytes more, so that the end is met with room left, and few sizes */
    const size_t want = most <= NDR_ZSTD_HELD_BYTES
                            ? ((size_t)most / PASS_BYTES + 1) * PASS_BYTES
                            : PASS_BYTES;
    if (want <= r->cap)
        return 0;
    free(r->bytes);
    r->bytes = malloc(want);
    r->cap = r->bytes != NULL ? want : 0;
    return r->bytes != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory to decode zstd");
}

/*
 * All of it at once, from memory to memory: without the window that a stream of frames
 * is decoded through, and the copy out of it. False when that does not go
 * well: how much is sound is then found out step by step.
 */
static bool
decode_at_once(ndr_zstd_range *r, uint64_t until, uint64_t most)
{
    const uint64_t n = until - r->from;
    if (most > NDR_ZSTD_HELD_BYTES || n > NDR_ZSTD_HELD_BYTES)
        return false;
    ndr_buffer_clear(&r->packed);
    if (!ndr_buffer_reserve(&r->packed, (size_t)n + 1)) {
        r->packed.failed = false;
        return false; /* the other way takes less */
    }
    while (r->packed.len < n) {
        const int64_t got = stored_read(&r->stored.feed, r->packed.ptr + r->packed.len,
                                        (size_t)n - r->packed.len, true, NULL);
        if (got <= 0)
            return false;
        r->packed.len += (size_t)got;
    }
    const size_t size =
        ndr_zstd_at_once(r->decoded, r->bytes, r->cap, r->packed.ptr, r->packed.len);
    if (size == SIZE_MAX)
        return false;
    r->held = size;
    r->size = size;
    return true;
}

/* All of it, once: its size, and its last bytes into `tail`. */
static int
decode(ndr_zstd_range *r, unsigned char *tail, size_t *ret_tail, ndr_error *err)
{
    size_t at = 0;
    int64_t n = 0;
    r->size = 0;
    *ret_tail = 0;
    while (r->size <= r->limit) {
        if (at == r->cap) { /* too much to hold: it only passes through */
            *ret_tail = last_of(tail, r->bytes, 0, r->bytes, at);
            at = 0;
        }
        n = r->decoded->read(r->decoded, r->bytes + at, r->cap - at, true, err);
        if (n <= 0)
            break;
        r->size += (uint64_t)n;
        at += (size_t)n;
    }
    unsigned char before[NDR_LOOKBACK_BYTES];
    const size_t before_len = *ret_tail;
    memcpy(before, tail, before_len);
    *ret_tail = last_of(tail, before, before_len, r->bytes, at);
    r->held = r->size == at ? at : 0;
    return n < 0 ? (int)n : 0;
}

static int
hold(ndr_zstd_range *r, uint64_t until, uint64_t most, unsigned char *tail,
     size_t *ret_tail, ndr_error *err)
{
    int code = make_room(r, most, err);
    if (code == 0)
        code = rewind_to_start(r, until, err);
    if (code != 0)
        return code;
    if (decode_at_once(r, until, most)) {
        ndr_zstd_again(r->decoded, until); /* what comes behind is read on from there */
        *ret_tail = last_of(tail, r->bytes, 0, r->bytes, r->held);
        return 0;
    }
    code = rewind_to_start(r, until, err);
    return code != 0 ? code : decode(r, tail, ret_tail, err);
}

int
ndr_zstd_range_begin(ndr_zstd_range *r, int fd, uint64_t from, uint64_t until,
                     uint64_t most, uint64_t file_bytes, uint64_t limit,
                     ndr_zstd_link *before, ndr_zstd_link *own, const atomic_bool *stop,
                     ndr_error *err)
{
    unsigned char tail[NDR_LOOKBACK_BYTES];
    size_t tail_len = 0;
    ndr_zstd_stored_init(&r->stored, fd, from, until);
    r->from = from;
    r->file_bytes = file_bytes;
    r->limit = limit;
    r->held = 0;
    r->size = 0;
    r->cut = false;
    int code =
        ndr_zstd_link_broken(before) ? 0 : hold(r, until, most, tail, &tail_len, err);
    bool broken;
    await(r, before, stop, &broken);
    if (broken) {
        r->size = r->held = 0;
        code = 0;
    }
    const uint64_t room = r->limit > r->start ? r->limit - r->start : 0;
    if (r->size > room) {
        r->size = room;
        if (r->held > room)
            r->held = (size_t)room;
        code = ndr_fail(err, NDR_E_LIMIT, "expands to more than %llu bytes",
                        (unsigned long long)r->limit);
    }
    r->at = r->start + r->size;
    r->over = code != 0 || broken;
    r->cut = r->over;
    r->end = r->at;

    (void)pthread_mutex_lock(&own->mu);
    own->done = true;
    own->broken = broken || code != 0;
    own->end = r->start + r->size;
    own->tail_len = last_of(own->tail, r->lookback, r->lookback_len, tail, tail_len);
    (void)pthread_cond_broadcast(&own->told);
    (void)pthread_mutex_unlock(&own->mu);
    return code;
}

int
ndr_zstd_link_at(int fd, uint64_t lead, uint64_t at, uint64_t end, ndr_zstd_link **ret,
                 ndr_error *err)
{
    ndr_zstd_range r = {0};
    ndr_zstd_link *l = ndr_zstd_link_new();
    if (l == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to decode zstd");
    int code = ndr_zstd_range_begin(&r, fd, lead, at, UINT64_MAX, at, UINT64_MAX, NULL, l,
                                    NULL, err);
    ndr_zstd_range_free(&r);
    if (code == 0 && l->tail_len < NDR_LOOKBACK_BYTES && lead > 0) {
        ndr_zstd_link_unref(l); /* frames with next to nothing in them */
        return ndr_zstd_link_at(fd, 0, at, end, ret, err);
    }
    if (code < 0) {
        ndr_zstd_link_unref(l);
        return code;
    }
    l->end = end; /* nobody else has it yet */
    *ret = l;
    return 0;
}

/* ---- reading ---------------------------------------------------------------------- */

/* From the decoder, at r->at; its end or damage is an end. */
static int64_t
decode_on(ndr_zstd_range *r, unsigned char *to, size_t room, ndr_error *err)
{
    unsigned char one;
    const bool at_limit = !r->cut && r->at >= r->limit; /* is one byte more there? */
    const uint64_t most = r->cut ? r->end : at_limit ? r->at + 1 : r->limit;
    if (r->at >= most)
        return 0;
    if (at_limit)
        to = &one;
    const uint64_t left = most - r->at;
    ndr_error why = {0};
    const int64_t n =
        r->decoded->read(r->decoded, to, room < left ? room : (size_t)left, true, &why);
    if (n > 0 && !at_limit) {
        r->at += (uint64_t)n;
        return n;
    }
    r->over = true;
    if (n == NDR_E_NOMEM)
        return ndr_fail(err, NDR_E_NOMEM, "%s", why.text);
    if (n != 0) { /* it is another range's trouble, or was told */
        r->cut = true;
        r->end = r->at;
    }
    return 0;
}

int64_t
ndr_zstd_range_read(void *range, unsigned char *to, size_t room, uint64_t at,
                    ndr_error *err)
{
    ndr_zstd_range *r = range;
    if (at < r->start) {
        const size_t behind = (size_t)(r->start - at);
        if (behind > r->lookback_len)
            return 0; /* nobody looks further back */
        const size_t n = behind < room ? behind : room;
        memcpy(to, r->lookback + r->lookback_len - behind, n);
        return (int64_t)n;
    }
    if (at - r->start < r->held) {
        const size_t skip = (size_t)(at - r->start);
        const size_t n = r->held - skip < room ? r->held - skip : room;
        memcpy(to, r->bytes + skip, n);
        return (int64_t)n;
    }
    if (r->cut && at >= r->end)
        return 0;
    if (at == r->at && r->over)
        return 0;
    r->stored.until = r->file_bytes;
    if (at < r->at) {
        const int code = rewind_to_start(r, r->file_bytes, err);
        if (code != 0)
            return code;
        r->at = r->start;
    }
    while (r->at < at) {
        unsigned char skipped[SKIP_BYTES];
        const uint64_t left = at - r->at;
        const int64_t n = decode_on(
            r, skipped, left < sizeof skipped ? (size_t)left : sizeof skipped, err);
        if (n <= 0)
            return n;
    }
    return decode_on(r, to, room, err);
}

void
ndr_zstd_range_free(ndr_zstd_range *r)
{
    if (r->decoded != NULL)
        r->decoded->close(r->decoded);
    free(r->bytes);
    ndr_buffer_free(&r->packed);
    *r = (ndr_zstd_range){0};
}
