/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * open_own.c - may root open this file, whoever could have laid it there?
 *
 * A folder of windows, rules or counts may belong to the user whom a service runs as. A
 * link that he lays there names files that only root reads, and what is found wrong in
 * them is told with its line. So the path is walked part by part: rejected was opening
 * with the owner's rights, for a service then needs the right to take any user's.
 */
#define _GNU_SOURCE /* O_PATH, AT_EMPTY_PATH */
#include "ndrscan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS_MAX = 40 };

/* A path on its way to its file. */
typedef struct walk {
    const char *shown; /* how errors name all of it */
    int at;            /* the folder reached so far */
    char rest[2 * PATH_MAX];
    unsigned links;
    ndr_error *err;
} walk;

static void
go_to(walk *w, int fd)
{
    (void)close(w->at); /* was only walked through */
    w->at = fd;
}

/* The next part into `part`, off the front of rest; false when that was the last. */
static bool
take_part(walk *w, char part[NAME_MAX + 1], int *rc)
{
    const char *p = w->rest + strspn(w->rest, "/");
    const size_t n = strcspn(p, "/");
    if (n > NAME_MAX) {
        errno = ENAMETOOLONG;
        *rc = ndr_fail(w->err, NDR_E_SYS, "open '%s'", w->shown);
        return false;
    }
    memcpy(part, n > 0 ? p : ".", n > 0 ? n : 1);
    part[n > 0 ? n : 1] = '\0';
    p += n;
    p += strspn(p, "/");
    const bool more = *p != '\0';
    memmove(w->rest, p, strlen(p) + 1);
    return more;
}

static int
fail_sys(const walk *w)
{
    return ndr_fail(w->err, NDR_E_SYS, "open '%s'", w->shown);
}

/* Does only root decide what is in this folder? */
static bool
is_roots(const struct stat *folder)
{
    return folder->st_uid == 0;
}

/* Put what the link `part` says in front of rest. */
static int
follow(walk *w, const char *part, const struct stat *folder, const struct stat *link)
{
    char to[PATH_MAX];
    if (link->st_uid != 0 || (!is_roots(folder) && link->st_nlink > 1))
        return ndr_fail(w->err, NDR_E_SYNTAX,
                        "'%s': '%s' in it is a link of user %u, which root does not "
                        "follow: put the file there itself, or make the link root's",
                        w->shown, part, (unsigned)link->st_uid);
    const ssize_t n = readlinkat(w->at, part, to, sizeof to);
    if (n < 0)
        return fail_sys(w);
    const size_t rest = strlen(w->rest);
    if (++w->links > LINKS_MAX || (size_t)n + rest + 2 > sizeof w->rest) {
        errno = ELOOP;
        return fail_sys(w);
    }
    memmove(w->rest + n + 1, w->rest, rest + 1);
    memcpy(w->rest, to, (size_t)n);
    w->rest[n] = '/';
    if (to[0] != '/')
        return 0;
    const int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return fail_sys(w);
    go_to(w, top);
    return 0;
}

/* A link of /proc names what is open, and cannot be read as a path. */
static bool
is_magic(const walk *w)
{
    struct statfs fs;
    return fstatfs(w->at, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* The file at the end: its folder's owner put it there, or root did. */
static int
open_last(walk *w, const char *part, int flags, const struct stat *folder)
{
    struct stat st;
    const int fd = openat(w->at, part, flags | O_NOFOLLOW, 0600);
    if (fd < 0 || fstat(fd, &st) != 0) {
        const int rc = fail_sys(w);
        if (fd >= 0)
            (void)close(fd); /* nothing was done with it */
        return rc;
    }
    const bool his = is_roots(folder) || st.st_uid == folder->st_uid ||
                     (st.st_uid == 0 && st.st_nlink == 1);
    if (his || S_ISDIR(st.st_mode))
        return fd;
    (void)close(fd); /* nothing was done with it */
    return ndr_fail(w->err, NDR_E_SYNTAX,
                    "'%s' belongs to user %u, and its folder to user %u: root does not "
                    "open it; give it to either of them, under one name",
                    w->shown, (unsigned)st.st_uid, (unsigned)folder->st_uid);
}

/* One part. Below zero: an error; else *ret_fd, or -1 to go on. */
static int
step(walk *w, int flags, int *ret_fd)
{
    char part[NAME_MAX + 1];
    struct stat folder, st;
    int rc = 0;
    const bool more = take_part(w, part, &rc);
    if (rc < 0)
        return rc;
    if (fstat(w->at, &folder) != 0)
        return fail_sys(w);
    const int fd = openat(w->at, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (more || errno != ENOENT || (flags & O_CREAT) == 0))
        return fail_sys(w);
    if (fd >= 0 && fstat(fd, &st) != 0)
        rc = fail_sys(w);
    else if (fd >= 0 && S_ISLNK(st.st_mode) && !more && (flags & O_NOFOLLOW) != 0) {
        errno = ELOOP;
        rc = fail_sys(w);
    } else if (fd >= 0 && S_ISLNK(st.st_mode) && !is_magic(w))
        rc = follow(w, part, &folder, &st);
    else if (fd >= 0 && S_ISLNK(st.st_mode)) {
        const int next = openat(w->at, part, more ? O_PATH | O_CLOEXEC : flags, 0600);
        rc = next < 0 ? fail_sys(w) : 0;
        if (next >= 0 && more)
            go_to(w, next);
        else
            *ret_fd = next;
    } else if (more) {
        go_to(w, fd);
        return 0;
    } else {
        rc = open_last(w, part, flags, &folder);
        *ret_fd = rc;
    }
    if (fd >= 0)
        (void)close(fd); /* was only looked at */
    return rc < 0 ? rc : 0;
}

int
ndr_open_own(int dir, const char *path, const char *shown, int flags, ndr_error *err)
{
    walk w; /* rest[] is large, and most of it never read: not cleared */
    w.shown = shown;
    w.at = -1;
    w.links = 0;
    w.err = err;
    flags |= O_CLOEXEC;
    if (geteuid() != 0) {
        const int fd = openat(dir, path, flags, 0600);
        return fd >= 0 ? fd : ndr_fail(err, NDR_E_SYS, "open '%s'", shown);
    }
    if (strlen(path) >= PATH_MAX || path[0] == '\0') {
        errno = path[0] == '\0' ? ENOENT : ENAMETOOLONG;
        return ndr_fail(err, NDR_E_SYS, "open '%s'", shown);
    }
    memcpy(w.rest, path, strlen(path) + 1);
    w.at = path[0] == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)
                          : openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (w.at < 0)
        return fail_sys(&w);
    int fd = -1, rc = 0;
    while (rc == 0 && fd < 0)
        rc = step(&w, flags, &fd);
    (void)close(w.at); /* was only walked through */
    return rc < 0 ? rc : fd;
}
