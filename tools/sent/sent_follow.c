/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sent_follow.c - what does a log tell as it grows?
 *
 * Rotation gives the log another name and begins a new one, at once or, as Postfix does,
 * with the next line. Who writes it may be told minutes later, as logrotate does after it
 * has packed other logs, and by then it may be rotated again. So the file that has the
 * name is held as the next, and the one before it is read until something is in the next
 * or that has been renamed, too, and a look longer. A log that became shorter begins
 * again.
 */
#include "app/commands.h"
#include "app/diag.h"
#include "app/stop.h"
#include "sent_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 << 10, KEEP_SECONDS = 2, LOOK_MS = 500 };

typedef struct following {
    sent_read *r;
    const char *path;
    int fd;   /* is read; -1: there is none */
    int next; /* is read when that is over; -1: there is none yet */
    bool begun, over;
    uint64_t unkept; /* bytes since the set was written */
    int64_t kept;
    unsigned char *piece;
} following;

/* Its bytes up to the end. 0 and *ret_any, or an ndr_code. */
static int
read_on(following *f, bool *ret_any, ndr_error *err)
{
    *ret_any = false;
    for (;;) {
        const ssize_t n = read(f->fd, f->piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "cannot be read");
        if (n == 0)
            return 0;
        const ndr_slice bytes = {f->piece, (size_t)n};
        int rc = f->r->log == NULL ? sent_read_open_log(f->r, bytes, err) : 0;
        if (rc == 0 && !f->begun)
            ndr_sent_log_begin(f->r->log, (int64_t)time(NULL));
        f->begun = true;
        if (rc == 0)
            rc = ndr_sent_log_add(f->r->log, bytes, err);
        if (rc != 0)
            return rc;
        *ret_any = true;
        f->unkept += (uint64_t)n;
    }
}

/* Is the file that has the path now this one? */
static bool
is_at_path(const following *f, int fd)
{
    struct stat now, held;
    return stat(f->path, &now) == 0 && fstat(fd, &held) == 0 &&
           held.st_ino == now.st_ino && held.st_dev == now.st_dev;
}

static int
open_log(const following *f)
{
    struct stat st;
    const int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
        return fd;
    (void)close(fd); /* was not even read */
    return -1;
}

/* Was the file that is read emptied where it is? Then it begins again. */
static void
look_if_emptied(following *f)
{
    struct stat held;
    const off_t at = lseek(f->fd, 0, SEEK_CUR);
    if (fstat(f->fd, &held) == 0 && at > held.st_size && lseek(f->fd, 0, SEEK_SET) == 0)
        f->begun = false;
}

/* Which file is to be read from now on? `was_read`: the one at hand still gave something.
 */
static void
look_for_file(following *f, bool was_read)
{
    struct stat next;
    if (f->fd < 0 || (f->next < 0 && is_at_path(f, f->fd))) {
        if (f->fd >= 0)
            look_if_emptied(f);
        else if ((f->fd = open_log(f)) >= 0)
            f->begun = false;
        return;
    }
    if (f->next < 0)
        f->next = open_log(f);
    const bool over = f->next >= 0 && fstat(f->next, &next) == 0 &&
                      (next.st_size > 0 || !is_at_path(f, f->next));
    if (!over || was_read || !f->over) {
        f->over = over;
        return; /* once more, then the next one */
    }
    (void)close(f->fd); /* was only read */
    f->fd = f->next;
    f->next = -1;
    f->begun = f->over = false;
}

static int
keep(following *f)
{
    const int64_t now = (int64_t)time(NULL);
    if (f->unkept == 0 || (now >= f->kept && now - f->kept < KEEP_SECONDS))
        return 0;
    f->kept = now;
    f->unkept = 0;
    return sent_read_keep(f->r);
}

int
sent_follow(sent_read *r, const char *path)
{
    ndr_error err = {0};
    following f = {
        .r = r, .path = path, .fd = -1, .next = -1, .piece = malloc(PIECE_BYTES)};
    int status = f.piece != NULL ? 0 : EXIT_NOT_RUN;
    stop_on_signals(NULL);
    look_for_file(&f, false);
    if (status == 0 && f.fd < 0)
        diag("'%s' is not there yet; waiting for it", path);
    while (status == 0 && stop_signal() == 0) {
        bool any = false;
        if (f.fd >= 0 && read_on(&f, &any, &err) != 0) {
            diag("%s: %s", path, err.text);
            status = EXIT_NOT_RUN;
            break;
        }
        look_for_file(&f, any);
        status = keep(&f);
        if (!any)
            (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
    if (status == 0)
        status = sent_read_keep(r);
    if (f.fd >= 0)
        (void)close(f.fd);
    if (f.next >= 0)
        (void)close(f.next);
    free(f.piece);
    return status;
}
