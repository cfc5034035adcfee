/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * publish.c - how does a file come to be whole under its name, or not at all?
 *
 * Written, brought to the disk, named, and the name brought to the disk: in this
 * order, so a crash in between leaves the old file or none.
 */
#define _GNU_SOURCE /* O_TMPFILE: a file without a name */
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0600, TRIES = 100 };

static const char *
base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int
open_folder(const char *path, ndr_error *err)
{
    const size_t len = (size_t)(base_of(path) - path);
    char *folder = len > 0 ? strndup(path, len) : strdup(".");
    if (folder == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    const int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        (void)ndr_fail(err, NDR_E_SYS, "open the folder of '%s'", path);
    free(folder);
    return dir >= 0 ? dir : NDR_E_SYS;
}

/* The n-th name to try that no one else is likely to take. */
static void
hidden_name(publish *p, unsigned n)
{
    (void)snprintf(p->hidden, sizeof p->hidden, ".ndrscan-%ld-%u.part", (long)getpid(),
                   n);
}

static int
begin_named(publish *p)
{
    for (unsigned n = 0; n < TRIES; n++) {
        hidden_name(p, n);
        p->fd = openat(p->dir, p->hidden, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
        p->named = p->fd >= 0;
        if (p->fd >= 0 || errno != EEXIST)
            break;
    }
    return p->fd;
}

static int
there_already(const char *path, ndr_error *err)
{
    return ndr_fail(err, NDR_E_SYNTAX,
                    "'%s' is there already; choose another name, or replace it with "
                    "--force",
                    path);
}

int
publish_begin(publish *p, const char *path, bool force, ndr_error *err)
{
    *p = (publish){.path = path, .fd = -1, .dir = -1};
    struct stat st;
    const char *base = base_of(path);
    if (base[0] == '\0')
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is a folder; name a file", path);
    const bool there = lstat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is a folder; name a file", path);
    if (there && !force)
        return there_already(path, err);
    if (there && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", path);
    p->dir = open_folder(path, err);
    if (p->dir < 0)
        return p->dir;
    p->fd = openat(p->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);
    if (p->fd < 0 && begin_named(p) < 0) {
        const int code = ndr_fail(err, NDR_E_SYS, "create '%s'", path);
        publish_drop(p);
        return code;
    }
    return 0;
}

/* Give a file without a name one that is not there: `name`. */
static int
link_as(const publish *p, const char *name)
{
    char self[64];
    if (p->named)
        return linkat(p->dir, p->hidden, p->dir, name, 0);
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", p->fd);
    return linkat(AT_FDCWD, self, p->dir, name, AT_SYMLINK_FOLLOW);
}

static int
name_it(publish *p, bool force, ndr_error *err)
{
    const char *base = base_of(p->path);
    if (link_as(p, base) == 0)
        return 0;
    if (errno == EEXIST && !force)
        return there_already(p->path, err);
    for (unsigned n = 0; !p->named && errno == EEXIST && n < TRIES; n++) {
        hidden_name(p, n);
        p->named = link_as(p, p->hidden) == 0;
    }
    if (p->named && force && renameat(p->dir, p->hidden, p->dir, base) == 0) {
        p->named = false;
        return 0;
    }
    return ndr_fail(err, NDR_E_SYS, "name '%s'", p->path);
}

/* Let in who may read it, while it has no name that anybody knows. */
static int
open_up(const publish *p, const ndr_privacy *privacy, ndr_error *err)
{
    ndr_privacy own;
    struct stat st;
    if (privacy == NULL) {
        const mode_t mask = umask(077);
        (void)umask(mask);
        return fchmod(p->fd, 0666 & ~mask) == 0
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "chmod of '%s'", p->path);
    }
    own = *privacy;
    if (fstatat(p->dir, base_of(p->path), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(st.st_mode))
        ndr_privacy_limit(&own, st.st_mode);
    const int code = ndr_privacy_apply(&own, p->fd, err);
    if (code != 0)
        ndr_error_prefix(err, "'%s'", p->path);
    return code;
}

int
publish_commit(publish *p, bool force, const ndr_privacy *privacy, ndr_error *err)
{
    int code = open_up(p, privacy, err);
    if (code == 0 && fsync(p->fd) != 0)
        code = ndr_fail(err, NDR_E_SYS, "bring '%s' to the disk", p->path);
    if (code == 0)
        code = name_it(p, force, err);
    /* some file systems cannot sync a folder: the file is whole in any case */
    if (code == 0 && fsync(p->dir) != 0 && errno != EINVAL && errno != ENOTSUP)
        code = ndr_fail(err, NDR_E_SYS, "bring the name of '%s' to the disk", p->path);
    publish_drop(p);
    return code;
}

void
publish_drop(publish *p)
{
    if (p->named)
        (void)unlinkat(p->dir, p->hidden, 0); /* what is left is in nobody's way */
    if (p->fd >= 0)
        (void)close(p->fd); /* it was synced, or is nobody's any more */
    if (p->dir >= 0)
        (void)close(p->dir); /* was only looked at */
    p->named = false;
    p->fd = p->dir = -1;
}
