/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * copy.c - how does a new file come about whole, or not at all?
 *
 * Without a name in the folder where it will be (or, where there is no such thing, under
 * another name), synced, and then named. What it replaces changes names with it, and is
 * there again when a later step fails.
 */
#define _GNU_SOURCE /* renameat2, O_TMPFILE */
#include "ndr_file.h"
#include "ndrscan_io.h"
#include "sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

enum { OUT_BYTES = 1 << 18, TRIES = 100, END_DIGITS = 6 };

struct ndr_copy {
    int fd;
    bool replace;
    bool replaced, named; /* named: it stands under `path` */
    ZSTD_CCtx *zstd;      /* NULL: as it is */
    ndr_buffer out;       /* what is not written yet */
    char *path;
    char *temporary; /* NULL: it has no name yet, so that nothing can leave it behind */
};

/* Close it, and remove what has no name, or what was replaced. */
void
ndr_copy_free(ndr_copy *c)
{
    if (c == NULL)
        return;
    if (c->fd >= 0)
        (void)close(c->fd); /* a failed one is removed; a good one was closed before */
    if (c->temporary != NULL && (!c->named || c->replaced))
        (void)unlink(c->temporary);
    (void)ZSTD_freeCCtx(c->zstd); /* cannot fail */
    ndr_buffer_free(&c->out);
    free(c->path);
    free(c->temporary);
    free(c);
}

const char *
ndr_copy_temporary(const ndr_copy *c)
{
    return c->temporary;
}

/* FOLDER/.NAME.XXXXXX */
static char *
temporary_of(const char *path)
{
    static const char end[] = ".XXXXXX";
    const char *slash = strrchr(path, '/');
    const size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    const size_t n = strlen(path);
    char *t = malloc(n + 1 + sizeof end);
    if (t == NULL)
        return NULL;
    memcpy(t, path, folder);
    t[folder] = '.';
    memcpy(t + folder + 1, path + folder, n - folder);
    memcpy(t + n + 1, end, sizeof end);
    return t;
}

/* The name by which a file without one can be given one. */
static const char *
own_name(int fd, char *to, size_t room)
{
    (void)snprintf(to, room, "/proc/self/fd/%d", fd);
    return to;
}

/* A file without a name in the folder of `path`, where there is such a thing; -1. */
static int
open_nameless(const char *path)
{
    char self[64];
    const char *slash = strrchr(path, '/');
    char *folder =
        slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (folder == NULL)
        return -1;
    int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    free(folder);
    if (fd >= 0 && access(own_name(fd, self, sizeof self), F_OK) != 0) {
        (void)close(fd); /* it could not be named; nothing is in it */
        fd = -1;
    }
    return fd;
}

/* Open the new file, without a name or under another. 0 or an ndr_code. */
static int
open_new(ndr_copy *c, ndr_error *err)
{
    c->fd = open_nameless(c->path);
    if (c->fd >= 0)
        return 0;
    char *temporary = temporary_of(c->path);
    if (temporary == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to write '%s'", c->path);
    c->fd = mkostemp(temporary, O_CLOEXEC);
    if (c->fd < 0) {
        free(temporary);
        return ndr_fail(err, NDR_E_SYS, "%s: cannot be made", c->path);
    }
    c->temporary = temporary;
    return 0;
}

int
ndr_copy_new(const char *path, const ndr_privacy *privacy, bool replace, ndr_copy **ret,
             ndr_error *err)
{
    struct stat st;
    const size_t n = strlen(path);
    ndr_privacy own = *privacy;
    const bool there = lstat(path, &st) == 0;
    if (there && !S_ISREG(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "%s: is there and is no regular file", path);
    if (there)
        ndr_privacy_limit(&own, st.st_mode);
    if (!replace && there) {
        errno = EEXIST;
        return ndr_fail(err, NDR_E_SYS, "%s: not replaced", path);
    }
    ndr_copy *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to write '%s'", path);
    c->fd = -1;
    c->replace = replace;
    c->path = strdup(path);
    int code = 0;
    if (c->path == NULL || !ndr_buffer_reserve(&c->out, OUT_BYTES))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory to write '%s'", path);
    if (code == 0 && n > 4 && strcmp(path + n - 4, ".zst") == 0) {
        c->zstd = ZSTD_createCCtx();
        if (c->zstd == NULL ||
            ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1)) != 0)
            code = ndr_fail(err, NDR_E_NOMEM, "no memory to compress '%s'", path);
    }
    if (code == 0)
        code = open_new(c, err);
    if (code == 0) {
        code = ndr_privacy_apply(&own, c->fd, err); /* nothing is in it yet */
        if (code != 0)
            ndr_error_prefix(err, "%s", path);
    }
    if (code != 0) {
        ndr_copy_free(c);
        return code;
    }
    *ret = c;
    return 0;
}

static int
write_out(ndr_copy *c, ndr_error *err)
{
    const int code = ndr_write_whole(c->fd, (ndr_slice){c->out.ptr, c->out.len}, err);
    ndr_buffer_clear(&c->out);
    if (code != 0)
        ndr_error_prefix(err, "%s", c->path);
    return code;
}

/* Compress `bytes` into what is to be written; `last` ends the frame. */
static int
compress(ndr_copy *c, ndr_slice bytes, bool last, ndr_error *err)
{
    ZSTD_inBuffer in = {bytes.ptr, bytes.len, 0};
    for (;;) {
        ZSTD_outBuffer out = {c->out.ptr + c->out.len, c->out.cap - c->out.len, 0};
        const size_t left =
            ZSTD_compressStream2(c->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) != 0)
            return ndr_fail(err, NDR_E_NOMEM, "%s: zstd: %s", c->path,
                            ZSTD_getErrorName(left));
        c->out.len += out.pos;
        if (last ? left == 0 : in.pos == in.size)
            return 0;
        const int code = write_out(c, err);
        if (code != 0)
            return code;
    }
}

int
ndr_copy_add(ndr_copy *c, ndr_slice bytes, ndr_error *err)
{
    if (c->zstd != NULL)
        return compress(c, bytes, false, err);
    int code = 0;
    if (bytes.len > c->out.cap - c->out.len)
        code = write_out(c, err);
    if (code == 0 && bytes.len > c->out.cap) {
        code = ndr_write_whole(c->fd, bytes, err);
        if (code != 0)
            ndr_error_prefix(err, "%s", c->path);
        return code;
    }
    if (code == 0)
        ndr_buffer_add(&c->out, bytes);
    return code;
}

int
ndr_copy_finish(ndr_copy *c, ndr_error *err)
{
    int code = 0;
    if (c->zstd != NULL)
        code = compress(c, (ndr_slice){0}, true, err);
    if (code == 0)
        code = write_out(c, err);
    if (code == 0 && fsync(c->fd) != 0)
        code = ndr_fail(err, NDR_E_SYS, "%s: fsync", c->path);
    if (code != 0 ||
        c->temporary == NULL) /* what has no name is there while it is open */
        return code;
    const int fd = c->fd;
    c->fd = -1;
    return close(fd) == 0 ? 0 : ndr_fail(err, NDR_E_SYS, "%s: close", c->path);
}

/* Sync the folder that `path` is in, so that its names last. */
static int
sync_folder(const char *path, ndr_error *err)
{
    const char *base;
    const int fd = ndr_folder_of(path, &base);
    int code = 0;
    if (fd < 0 || ndr_folder_sync(fd) != 0)
        code = ndr_fail(err, NDR_E_SYS, "%s: sync the folder", path);
    if (fd >= 0)
        (void)close(fd); /* was only synced */
    return code;
}

/* Give what has no name the one that it is to have, or, `beside`, another first. */
static int
link_nameless(ndr_copy *c, bool beside, ndr_error *err)
{
    char self[64];
    (void)own_name(c->fd, self, sizeof self);
    if (!beside)
        return linkat(AT_FDCWD, self, AT_FDCWD, c->path, AT_SYMLINK_FOLLOW) == 0
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "%s: cannot get its name", c->path);
    char *temporary = temporary_of(c->path);
    if (temporary == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to write '%s'", c->path);
    const size_t n = strlen(temporary);
    int rc = -1;
    for (unsigned k = 0; rc != 0 && k < TRIES; k++) {
        (void)snprintf(temporary + n - END_DIGITS, END_DIGITS + 1, "%06x",
                       ((unsigned)getpid() * TRIES + k) & 0xffffffu);
        rc = linkat(AT_FDCWD, self, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW);
        if (rc != 0 && errno != EEXIST)
            break;
    }
    if (rc != 0) {
        free(temporary);
        return ndr_fail(err, NDR_E_SYS, "%s: cannot get its name", c->path);
    }
    c->temporary = temporary;
    return 0;
}

int
ndr_copy_name(ndr_copy *c, ndr_error *err)
{
    struct stat st;
    const bool there = c->replace && lstat(c->path, &st) == 0;
    if (c->temporary == NULL) {
        const int code = link_nameless(c, there, err);
        if (code != 0)
            return code;
        if (!there) {
            c->named = true;
            return sync_folder(c->path, err);
        }
    }
    const unsigned how = there ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    int rc = renameat2(AT_FDCWD, c->temporary, AT_FDCWD, c->path, how);
    if (rc != 0 && errno == EINVAL) { /* a file system that has neither */
        if (there)
            return ndr_fail(err, NDR_E_SYS,
                            "%s: this file system cannot replace it "
                            "safely; remove it first",
                            c->path);
        rc = link(c->temporary, c->path);
        if (rc == 0)
            (void)unlink(c->temporary); /* one name too many does no harm */
    }
    if (rc != 0)
        return ndr_fail(err, NDR_E_SYS, "%s: cannot get its name", c->path);
    c->named = true;
    c->replaced = there;
    return sync_folder(c->path, err);
}

void
ndr_copy_unname(ndr_copy *c)
{
    if (!c->named)
        return;
    if (c->temporary == NULL) {
        c->named = unlink(c->path) != 0;
        return;
    }
    int rc = renameat2(AT_FDCWD, c->path, AT_FDCWD, c->temporary,
                       c->replaced ? RENAME_EXCHANGE : RENAME_NOREPLACE);
    if (rc != 0 && errno == EINVAL && !c->replaced &&
        link(c->path, c->temporary) == 0) /* as it got its name */
        rc = unlink(c->path);
    /* if even that fails, the new file stays; it is whole */
    if (rc == 0) {
        c->named = false;
        c->replaced = false;
    }
}
