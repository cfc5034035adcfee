/* SPDX-License-Identifier: BSD-3-Clause */
/* proof_counts.c - see proof_counts.h. */
#define _DEFAULT_SOURCE /* flock */
#include "proof_counts.h"

#include "diag.h"
#include "file_put.h"
#include "ndr_file.h"
#include "places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_BYTES = 128 << 20, /* full counts are 93 million; a larger file is not ours */
    FORGET_BYTES = 4 << 20, /* of bounces that came of late such a file has few */
    FORGET_SECONDS = 60 * 86400,
    WAIT_MS = 1000,
};

static void
tell(proof_counts *c, const char *what)
{
    if (!c->told)
        diag("counts of weak proofs, '%s': %s: %s; they are kept for this run alone",
             c->path, what, strerror(errno));
    c->told = true;
}

static void
tell_full(proof_counts *c, ndr_prover *p)
{
    if (c->told_full || !ndr_prover_counts_full(p))
        return;
    c->told_full = true;
    diag("counts of weak proofs, '%s', are full: mail of ours that is new to them is "
         "believed however often it comes back, until the oldest are forgotten; what "
         "'ndrscan sent add' learns from logs names recipients, and leaves less to count",
         c->path[0] != '\0' ? c->path : "of this run");
}

/* Of full counts forget as little as frees them. */
static void
make_room(proof_counts *c, ndr_prover *p, int64_t now)
{
    tell_full(c, p);
    for (int64_t age = FORGET_SECONDS; age > 0 && ndr_prover_counts_full(p); age /= 2)
        ndr_prover_counts_forget(p, now - age);
}

/* The file's bytes into *out; a file that is not there has none. False and errno. */
static bool
read_file(const char *path, ndr_buffer *out)
{
    ndr_buffer_clear(out);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT;
    struct stat st;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MOST_BYTES;
    if (!good)
        errno = EINVAL;
    const int rc = good ? ndr_read_all(fd, MOST_BYTES, out) : 0;
    const int why = errno;
    good = good && rc == 0;
    (void)close(fd);
    errno = why;
    return good;
}

/* What the file says, added to what `p` counts. */
static void
take_up(proof_counts *c, ndr_prover *p)
{
    ndr_error err = {0};
    if (!read_file(c->path, &c->known)) {
        tell(c, "cannot be read");
        return;
    }
    if (c->known.len > 0 &&
        ndr_prover_counts_load(p, (ndr_slice){c->known.ptr, c->known.len}, &err) != 0)
        diag("counts of weak proofs, '%s': %s; what stands before that counts", c->path,
             err.text);
}

void
proof_counts_begin(proof_counts *c, ndr_prover *p)
{
    *c = (proof_counts){0};
    if (p == NULL)
        return;
    if (place_state("proofs.counts", c->path, sizeof c->path, NULL) != 0) {
        c->path[0] = '\0';
        return;
    }
    take_up(c, p);
    tell_full(c, p);
}

/* Hold the file's lock, which lies beside it; -1 and errno. */
static int
lock(const char *path)
{
    char name[4096 + 8];
    (void)snprintf(name, sizeof name, "%s.lock", path);
    const int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    for (int waited = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; waited += 10) {
        if (errno != EWOULDBLOCK || waited >= WAIT_MS) {
            const int why = errno;
            (void)close(fd);
            errno = why;
            return -1;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return fd;
}

static bool
write_file(const char *path, ndr_slice bytes)
{
    const char *base;
    const int dir = ndr_folder_of(path, &base);
    const bool good = dir >= 0 && file_put(dir, base, NULL, 0600, true, bytes);
    const int why = errno;
    if (dir >= 0)
        (void)close(dir);
    errno = why;
    return good;
}

void
proof_counts_keep(proof_counts *c, ndr_prover *p, int64_t now)
{
    ndr_buffer out = {0};
    if (p == NULL)
        return;
    make_room(c, p, now);
    if (c->path[0] == '\0')
        return;
    ndr_prover_counts_save(p, &out);
    const bool same = out.len == c->known.len &&
                      (out.len == 0 || memcmp(out.ptr, c->known.ptr, out.len) == 0);
    if (out.failed || same || place_make_above(c->path, 0700, NULL) != 0) {
        ndr_buffer_free(&out);
        return;
    }
    const int held = lock(c->path);
    if (held < 0) {
        tell(c, "cannot be locked");
    } else {
        take_up(c, p);
        make_room(c, p, now);
        ndr_buffer_clear(&out);
        ndr_prover_counts_save(p, &out);
        if (out.len > FORGET_BYTES) {
            ndr_prover_counts_forget(p, now - FORGET_SECONDS);
            ndr_buffer_clear(&out);
            ndr_prover_counts_save(p, &out);
        }
        if (!out.failed && !write_file(c->path, (ndr_slice){out.ptr, out.len}))
            tell(c, "cannot be written");
        (void)close(held);
    }
    ndr_buffer_free(&c->known);
    c->known = out;
}

void
proof_counts_end(proof_counts *c)
{
    ndr_buffer_free(&c->known);
    *c = (proof_counts){0};
}

void
proof_counts_read(ndr_prover *p)
{
    proof_counts c;
    proof_counts_begin(&c, p);
    proof_counts_end(&c);
}
