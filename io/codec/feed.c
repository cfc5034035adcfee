/* SPDX-License-Identifier: BSD-3-Clause */
/* feed.c - how do bytes come out of a descriptor, without waiting and with? */
#include "feed.h"

#include "ndr_clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long to wait for input, as poll wants it. */
static int
timeout_of(const ndr_fd_feed *f, bool wait)
{
    if (wait)
        return -1;
    const int64_t left = f->patience_ms > 0 ? f->patience_ms - ndr_now_ms() : 0;
    return left > 0 ? (int)left : 0;
}

/* 1: there is something to read (or the end); NDR_FEED_WAIT; or an ndr_code. */
static int
await(const ndr_fd_feed *f, bool wait, ndr_error *err)
{
    for (;;) {
        struct pollfd fds[2] = {
            {.fd = f->fd, .events = POLLIN},
            {.fd = f->wake != NULL ? f->wake->fd : -1, .events = POLLIN},
        };
        const int n = poll(fds, 2, timeout_of(f, wait));
        if (n < 0 && errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "poll");
        if (f->wake != NULL && atomic_load(&f->wake->set))
            return ndr_fail(err, NDR_E_STOPPED, "stopped");
        if (n > 0 && fds[0].revents != 0)
            return 1;
        if (n == 0)
            return NDR_FEED_WAIT;
    }
}

int64_t
ndr_feed_lend(ndr_feed *f, unsigned char *own, size_t room, const unsigned char **ret,
              bool wait, ndr_error *err)
{
    if (f->lend != NULL)
        return f->lend(f, ret, wait, err);
    *ret = own;
    return f->read(f, own, room, wait, err);
}

int
ndr_feed_shrunk(uint64_t bytes, uint64_t planned, ndr_error *err)
{
    return ndr_fail(err, NDR_E_DAMAGED,
                    "became shorter while it was read: it ended at byte %llu of %llu",
                    (unsigned long long)bytes, (unsigned long long)planned);
}

/* See that f->block holds something: 1; 0 at the end; or an ndr_code. */
static int64_t
next_block(ndr_fd_feed *f, ndr_error *err)
{
    if (f->wake != NULL && atomic_load(&f->wake->set))
        return ndr_fail(err, NDR_E_STOPPED, "stopped");
    if (f->block_len > 0)
        return 1;
    const int64_t n = ndr_prefetch_next(f->ahead, &f->block, err);
    if (n > 0)
        f->block_len = (size_t)n;
    if (n == 0 && f->taken < f->planned)
        return ndr_feed_shrunk(f->taken, f->planned, err);
    return n < 1 ? n : 1;
}

static int64_t
fd_lend(ndr_feed *feed, const unsigned char **ret, bool wait, ndr_error *err)
{
    ndr_fd_feed *f = (ndr_fd_feed *)feed;
    (void)wait; /* a file never blocks */
    const int64_t code = next_block(f, err);
    if (code != 1)
        return code;
    const size_t n = f->block_len;
    *ret = f->block;
    f->block_len = 0;
    f->taken += n;
    return (int64_t)n;
}

static int64_t
ahead_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    ndr_fd_feed *f = (ndr_fd_feed *)feed;
    (void)wait;
    const int64_t code = next_block(f, err);
    if (code != 1)
        return code;
    const size_t n = room < f->block_len ? room : f->block_len;
    memcpy(to, f->block, n);
    f->block += n;
    f->block_len -= n;
    f->taken += n;
    return (int64_t)n;
}

void
ndr_fd_feed_ahead(ndr_fd_feed *f, ndr_page_cache *cache)
{
    f->ahead = ndr_prefetch_new(f->fd, cache);
    if (f->ahead == NULL)
        return;
    f->feed.read = ahead_read;
    f->feed.lend = fd_lend;
}

static int64_t
fd_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    ndr_fd_feed *f = (ndr_fd_feed *)feed;
    for (;;) {
        if (f->wake != NULL && atomic_load(&f->wake->set))
            return ndr_fail(err, NDR_E_STOPPED, "stopped");
        if (f->waits) {
            const int ready = await(f, wait, err);
            if (ready != 1)
                return ready;
        }
        const ssize_t n = read(f->fd, to, room);
        /* who seeks in it may see its end with little taken: its place decides */
        const off_t at = n == 0 && f->planned > 0 ? lseek(f->fd, 0, SEEK_CUR) : -1;
        if (at >= 0 && (uint64_t)at < f->planned)
            return ndr_feed_shrunk((uint64_t)at, f->planned, err);
        if (n >= 0) {
            f->taken += (uint64_t)n;
            return n;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            f->waits = true;
        else if (errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "read");
    }
}

static void
fd_close(ndr_feed *feed)
{
    ndr_fd_feed *f = (ndr_fd_feed *)feed;
    ndr_prefetch_free(f->ahead);
    f->ahead = NULL;
    if (f->fd >= 0 && !f->keep)
        (void)close(f->fd); /* was only read */
    f->fd = -1;
}

void
ndr_fd_feed_init(ndr_fd_feed *f, int fd, bool waits, const ndr_wake *wake)
{
    *f = (ndr_fd_feed){.feed = {.read = fd_read, .close = fd_close},
                       .fd = fd,
                       .waits = waits,
                       .wake = wake};
}

/* How a peek's feed ended. */
static int
peek_end(const ndr_peek *p, ndr_error *err)
{
    if (p->code != 0 && err != NULL)
        *err = p->err;
    return p->code;
}

static int64_t
peek_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    ndr_peek *p = (ndr_peek *)feed;
    if (p->at < p->have) {
        const size_t n = room < p->have - p->at ? room : p->have - p->at;
        memcpy(to, p->bytes + p->at, n);
        p->at += n;
        return (int64_t)n;
    }
    return p->end ? peek_end(p, err) : p->in->read(p->in, to, room, wait, err);
}

static int64_t
peek_lend(ndr_feed *feed, const unsigned char **ret, bool wait, ndr_error *err)
{
    ndr_peek *p = (ndr_peek *)feed;
    if (p->at < p->have) {
        const size_t n = p->have - p->at;
        *ret = p->bytes + p->at;
        p->at = p->have;
        return (int64_t)n;
    }
    return p->end ? peek_end(p, err) : p->in->lend(p->in, ret, wait, err);
}

static void
peek_close(ndr_feed *feed)
{
    ndr_peek *p = (ndr_peek *)feed;
    p->in->close(p->in);
    free(p);
}

ndr_peek *
ndr_peek_new(ndr_feed *in)
{
    ndr_peek *p = malloc(sizeof *p);
    if (p == NULL) {
        in->close(in);
        return NULL;
    }
    p->feed = (ndr_feed){.read = peek_read,
                         .close = peek_close,
                         .lend = in->lend != NULL ? peek_lend : NULL};
    p->in = in;
    p->at = p->have = 0;
    p->end = false;
    p->code = 0;
    p->err = (ndr_error){0};
    return p;
}

bool
ndr_peek_more(ndr_peek *p)
{
    if (p->end || p->have == NDR_PEEK_BYTES)
        return false;
    const int64_t n =
        p->in->read(p->in, p->bytes + p->have, NDR_PEEK_BYTES - p->have, true, &p->err);
    if (n > 0) {
        p->have += (size_t)n;
        return true;
    }
    p->end = true;
    p->code = (int)n;
    return false;
}
