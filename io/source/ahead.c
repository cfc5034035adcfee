/* SPDX-License-Identifier: BSD-3-Clause */
/* ahead.c - see ahead.h. Source: io_uring(7), preadv2(2). */
#define _GNU_SOURCE /* preadv2, RWF_NOWAIT */

#include "ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef NDR_HAVE_URING
#include <liburing.h>

enum { DEPTH = 128, FRONT_BYTES = 1 << 16 };

static const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;

/* Would a read of this file wait for the disk? */
static bool
is_cold(int dir, const char *name)
{
    const int fd = openat(dir, name, flags);
    if (fd < 0)
        return false;
    struct stat st;
    unsigned char byte;
    const struct iovec to = {.iov_base = &byte, .iov_len = 1};
    const bool cold = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                      preadv2(fd, &to, 1, 0, RWF_NOWAIT) < 0 && errno == EAGAIN;
    (void)close(fd); /* was only read */
    return cold;
}

/* Set up when it is first wanted; false: not to be had here. */
static bool
is_ready(ndr_ahead *a)
{
    if (a->ring != NULL || a->off)
        return !a->off;
    a->off = true;
    struct io_uring *ring = malloc(sizeof *ring);
    a->scratch = malloc(FRONT_BYTES);
    if (ring == NULL || a->scratch == NULL || io_uring_queue_init(DEPTH, ring, 0) < 0) {
        free(ring);
        return false;
    }
    a->ring = ring;
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    a->off = probe == NULL || !io_uring_opcode_supported(probe, IORING_OP_OPENAT) ||
             !io_uring_opcode_supported(probe, IORING_OP_READ);
    io_uring_free_probe(probe);
    return !a->off;
}

/* Submit `n` and take what comes of each into result[]; false: the ring fails. */
static bool
go(struct io_uring *ring, size_t n, int result[DEPTH])
{
    if (n == 0)
        return true;
    if (io_uring_submit(ring) < 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct io_uring_cqe *done;
        int rc;
        do
            rc = io_uring_wait_cqe(ring, &done);
        while (rc == -EINTR);
        if (rc < 0)
            return false;
        result[io_uring_cqe_get_data64(done)] = done->res;
        io_uring_cqe_seen(ring, done);
    }
    return true;
}

/* Up to DEPTH names; *names is put behind them. How many were read, or -1. */
static int
read_some(ndr_ahead *a, int dir, const char **names, size_t count, size_t bytes)
{
    struct io_uring *ring = a->ring;
    int fd[DEPTH], got[DEPTH];
    for (size_t i = 0; i < count; i++) {
        fd[i] = -1;
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
        io_uring_prep_openat(sqe, dir, *names, flags, 0);
        io_uring_sqe_set_data64(sqe, i);
        *names += strlen(*names) + 1;
    }
    bool sound = go(ring, count, fd);
    size_t asked = 0;
    for (size_t i = 0; sound && i < count; i++) {
        struct stat st;
        got[i] = -1;
        if (fd[i] < 0 || fstat(fd[i], &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
        io_uring_prep_read(sqe, fd[i], a->scratch, (unsigned)bytes, 0);
        io_uring_sqe_set_data64(sqe, i);
        asked++;
    }
    sound = sound && go(ring, asked, got);
    int read = 0;
    for (size_t i = 0; i < count; i++) {
        if (fd[i] >= 0)
            (void)close(fd[i]); /* was only read */
        read += sound && got[i] >= 0;
    }
    return sound ? read : -1;
}

size_t
ndr_ahead_read(ndr_ahead *a, int dir, const char *names, size_t count, size_t bytes)
{
    if (a->off || count < 2 || !is_cold(dir, names) || !is_ready(a))
        return 0;
    if (bytes > FRONT_BYTES)
        bytes = FRONT_BYTES;
    size_t read = 0;
    while (count > 0) {
        const size_t n = count < DEPTH ? count : DEPTH;
        const int got = read_some(a, dir, &names, n, bytes);
        if (got < 0) {
            a->off = true;
            return read;
        }
        read += (size_t)got;
        count -= n;
    }
    return read;
}

void
ndr_ahead_free(ndr_ahead *a)
{
    if (a->ring != NULL)
        io_uring_queue_exit(a->ring);
    free(a->ring);
    free(a->scratch);
    *a = (ndr_ahead){0};
}

#else

void
ndr_ahead_free(ndr_ahead *a)
{
    (void)a;
}

size_t
ndr_ahead_read(ndr_ahead *a, int dir, const char *names, size_t count, size_t bytes)
{
    (void)a;
    (void)dir;
    (void)names;
    (void)count;
    (void)bytes;
    return 0;
}
#endif
