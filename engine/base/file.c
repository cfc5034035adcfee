/* SPDX-License-Identifier: BSD-3-Clause */
/* file.c - see ndr_file.h. */
#define _GNU_SOURCE /* O_TMPFILE: a file without a name */
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TRIES = 100 };

bool
ndr_write_all(int fd, ndr_slice bytes)
{
    while (bytes.len > 0) {
        const ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n > 0) {
            bytes.ptr += n;
            bytes.len -= (size_t)n;
        } else if (n == 0) {
            errno = EIO;
            return false;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (poll(&wait, 1, -1) < 0 && errno != EINTR)
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

int
ndr_read_all(int fd, size_t most, ndr_buffer *out)
{
    enum { MORE = 1 << 16 };
    for (size_t all = 0;;) {
        if (!ndr_buffer_reserve(out, MORE)) {
            errno = ENOMEM;
            return NDR_E_NOMEM;
        }
        const ssize_t n = read(fd, out->ptr + out->len, out->cap - out->len);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NDR_E_SYS;
        if ((size_t)n > most - all) {
            out->len += most - all;
            errno = EFBIG;
            return NDR_E_LIMIT;
        }
        all += (size_t)n;
        out->len += (size_t)n;
    }
}

/* ---- folders --------------------------------------------------------------------- */

bool
ndr_yaml_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return name[0] != '.' && dot != NULL &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

int
ndr_folder_each(int fd, int (*take)(void *ctx, const struct dirent *e), void *ctx)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *e = NULL;
    int code = dir == NULL ? 1 : 0;
    while (code == 0 && (errno = 0, e = readdir(dir)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            code = take(ctx, e);
    if (code == 0 && errno != 0)
        code = 1;
    const int why = errno;
    if (dir != NULL)
        (void)closedir(dir); /* was only read */
    else if (fd >= 0)
        (void)close(fd);
    errno = why;
    return code;
}

int
ndr_folder_of(const char *path, const char **ret_base)
{
    const char *slash = strrchr(path, '/');
    *ret_base = slash != NULL ? slash + 1 : path;
    char *folder =
        slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (folder == NULL)
        return -1;
    const int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    return dir;
}

int
ndr_folder_sync(int dir)
{
    int rc;
    while ((rc = fsync(dir)) != 0 && errno == EINTR)
        ;
    /* some file systems cannot, and need not */
    return rc == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : -1;
}

/* Make the folder if it is not there: 0, or -1 and errno. */
static int
make_one(const char *path, mode_t mode, bool synced)
{
    const char *base;
    if (mkdir(path, mode) != 0) {
        const int why = errno; /* of which access() would tell less */
        if (why == EEXIST || access(path, F_OK) == 0)
            return 0;
        errno = why;
        return -1;
    }
    const int dir = synced ? ndr_folder_of(path, &base) : -1;
    const int rc = synced && (dir < 0 || ndr_folder_sync(dir) != 0) ? -1 : 0;
    const int why = errno;
    if (dir >= 0)
        (void)close(dir); /* was only synced */
    errno = why;
    return rc;
}

int
ndr_folders_make(const char *path, size_t from, mode_t mode, bool synced, ndr_error *err)
{
    char *copy = strdup(path);
    if (copy == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    int code = 0;
    const size_t n = strlen(copy);
    for (size_t i = from > 0 ? from : 1; code == 0 && i <= n; i++) {
        if ((copy[i] != '/' && copy[i] != '\0') || copy[i - 1] == '/')
            continue;
        const char was = copy[i];
        copy[i] = '\0';
        if (make_one(copy, mode, synced) != 0)
            code = ndr_fail(err, NDR_E_SYS, "make the folder '%s'", copy);
        copy[i] = was;
    }
    free(copy);
    return code;
}

/* ---- new files --------------------------------------------------------------------- */

/* The name by which a file without one can be given one. */
static const char *
own_name(int fd, char *to, size_t room)
{
    (void)snprintf(to, room, "/proc/self/fd/%d", fd);
    return to;
}

/* The n-th name to try that no one else is likely to take. */
static void
unique_name(ndr_new_file *f, unsigned n)
{
    (void)snprintf(f->beside, sizeof f->beside,
                   NDR_NEW_FILE_BEGIN "%ld-%u" NDR_NEW_FILE_END, (long)getpid(), n);
}

static void
open_named(ndr_new_file *f, mode_t mode)
{
    f->fd = openat(f->dir, f->beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    f->named = f->fd >= 0;
}

bool
ndr_new_file_begin(ndr_new_file *f, int dir, const char *beside, mode_t mode)
{
    char self[64];
    *f = (ndr_new_file){.fd = -1, .dir = dir};
    if (beside != NULL) {
        (void)snprintf(f->beside, sizeof f->beside, "%s", beside);
        (void)unlinkat(dir, beside, 0); /* of a run that was killed */
        open_named(f, mode);
        return f->fd >= 0;
    }
    f->fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (f->fd >= 0 && access(own_name(f->fd, self, sizeof self), F_OK) != 0) {
        (void)close(f->fd); /* it could not be named; nothing is in it */
        f->fd = -1;
    }
    for (unsigned n = 0; f->fd < 0 && n < TRIES; n++) {
        unique_name(f, n);
        open_named(f, mode);
        if (f->fd < 0 && errno != EEXIST)
            break;
    }
    return f->fd >= 0;
}

static int
link_as(const ndr_new_file *f, const char *name)
{
    char self[64];
    return f->named ? linkat(f->dir, f->beside, f->dir, name, 0)
                    : linkat(AT_FDCWD, own_name(f->fd, self, sizeof self), f->dir, name,
                             AT_SYMLINK_FOLLOW);
}

static bool
name_it(ndr_new_file *f, const char *name, bool replace)
{
    if (!(replace && f->named)) {
        if (link_as(f, name) == 0)
            return true;
        if (errno != EEXIST || !replace)
            return false;
        for (unsigned n = 0; !f->named && errno == EEXIST && n < TRIES; n++) {
            unique_name(f, n);
            f->named = link_as(f, f->beside) == 0;
        }
    }
    if (!f->named || renameat(f->dir, f->beside, f->dir, name) != 0)
        return false;
    f->named = false;
    return true;
}

enum ndr_new_file_step
ndr_new_file_put(ndr_new_file *f, const char *name, bool replace)
{
    enum ndr_new_file_step step = NDR_NEW_FILE_DONE;
    if (fsync(f->fd) != 0)
        step = NDR_NEW_FILE_SYNC;
    else if (!name_it(f, name, replace))
        step = NDR_NEW_FILE_NAME;
    else if (ndr_folder_sync(f->dir) != 0)
        step = NDR_NEW_FILE_FOLDER;
    ndr_new_file_drop(f);
    return step;
}

void
ndr_new_file_drop(ndr_new_file *f)
{
    const int why = errno;
    if (f->named)
        (void)unlinkat(f->dir, f->beside, 0); /* what is left is in nobody's way */
    if (f->fd >= 0)
        (void)close(f->fd); /* it was synced, or is nobody's any more */
    f->named = false;
    f->fd = -1;
    errno = why;
}

const char *
ndr_mount_shared(int fd)
{
    static const struct {
        unsigned type;
        const char *name;
    } known[] = {
        {0x6969, "NFS"},      {0x517b, "SMB"},        {0xfe534d42, "SMB"},
        {0xff534d42, "CIFS"}, {0x00c36400, "Ceph"},   {0x0bd00bd0, "Lustre"},
        {0x47504653, "GPFS"}, {0x19830326, "BeeGFS"}, {0x5346414f, "AFS"},
        {0x01161970, "GFS2"}, {0x7461636f, "OCFS2"},  {0xaad7aaea, "PanFS"},
        {0x65735546, "FUSE"},
    };
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((unsigned)fs.f_type == known[i].type)
            return known[i].name;
    return NULL;
}
