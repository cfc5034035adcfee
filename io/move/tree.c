/* SPDX-License-Identifier: BSD-3-Clause */
/* tree.c - which folders of a Maildir are open, and which names are in them? */
#define _GNU_SOURCE /* statx, flock, and the numbers of system calls */
#include "tree.h"

#include "ndr_file.h"
#include "ndr_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *const half_name[2] = {"cur", "new"};

/* ---- opening --------------------------------------------------------------------- */

/* Part by part, for kernels before 5.6: no part may be a link, "..", or, with `stay`, on
 * another file system. Takes `fd` over. */
static int
open_by_parts(int fd, const char *rel, bool stay)
{
    struct stat first, st;
    if (fd >= 0 && fstat(fd, &first) != 0) {
        (void)close(fd); /* was only read */
        return -1;
    }
    while (fd >= 0 && *rel != '\0') {
        const size_t n = strcspn(rel, "/");
        char part[NDR_NAME_BYTES];
        if (n >= sizeof part || (n == 2 && memcmp(rel, "..", 2) == 0)) {
            (void)close(fd);
            errno = n == 2 ? EXDEV : ENAMETOOLONG;
            return -1;
        }
        memcpy(part, rel, n);
        part[n] = '\0';
        rel += n + (rel[n] == '/');
        if (n == 0)
            continue;
        const int next = openat(
            fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        const int why = errno;
        (void)close(fd);
        errno = why;
        fd = next;
        if (fd >= 0 && stay && (fstat(fd, &st) != 0 || st.st_dev != first.st_dev)) {
            (void)close(fd);
            errno = EXDEV;
            return -1;
        }
    }
    return fd;
}

static int
open_folder(int dir, const char *rel, unsigned long long resolve)
{
    struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK,
        .resolve = resolve | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd;
    do
        fd = syscall(SYS_openat2, dir, rel, &how, sizeof how);
    while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    return (int)fd;
}

int
ndr_open_beneath(int dir, const char *rel)
{
    if (*rel == '\0')
        rel = ".";
    const int fd = open_folder(dir, rel, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
    /* EPERM: a container's filter that does not know the call */
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
    return open_by_parts(fcntl(dir, F_DUPFD_CLOEXEC, 0), rel, true);
}

int
ndr_open_unlinked(const char *path)
{
    const int fd = open_folder(AT_FDCWD, path, 0);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
    return open_by_parts(
        open(path[0] == '/' ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), path,
        false);
}

/* ---- which folder it is ------------------------------------------------------------ */

/* A birth lasts as long as the folder; the number of a device only as long as it is
 * mounted, and file systems that have an id have it for good. */
static int
tell_place(int fd, ndr_place *ret)
{
    struct stat st;
    struct statx more;
    struct statfs fs;
    if (fstat(fd, &st) != 0)
        return -1;
    *ret = (ndr_place){.known = true, .device = st.st_dev, .inode = st.st_ino};
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &more) == 0 &&
        (more.stx_mask & STATX_BTIME) != 0) {
        ret->born_s = more.stx_btime.tv_sec;
        ret->born_ns = more.stx_btime.tv_nsec;
    }
    if (fstatfs(fd, &fs) == 0 && sizeof fs.f_fsid >= sizeof ret->file_system)
        memcpy(&ret->file_system, &fs.f_fsid, sizeof ret->file_system);
    return 0;
}

static bool
has_birth(const ndr_place *p)
{
    return p->born_s != 0 || p->born_ns != 0;
}

bool
ndr_place_same(const ndr_place *a, const ndr_place *b)
{
    if (!a->known || !b->known || a->inode != b->inode)
        return false;
    if (has_birth(a) && has_birth(b))
        return a->born_s == b->born_s && a->born_ns == b->born_ns;
    /* without a device of its own (NFS) a file system gets another number each time */
    return a->device == b->device || major(a->device) == 0 || major(b->device) == 0 ||
           (a->file_system != 0 && a->file_system == b->file_system);
}

bool
ndr_tree_is(ndr_tree *t, const ndr_place *place)
{
    if (place->known)
        return ndr_place_same(place, &t->place);
    /* what may not be looked into is there */
    return ndr_tree_folder(t, "") != NULL || errno != ENOENT;
}

int
ndr_tree_open(ndr_tree *t, const char *path, bool lock, ndr_error *err)
{
    *t = (ndr_tree){.fd = -1};
    t->fd = ndr_open_unlinked(path);
    if (t->fd < 0 || tell_place(t->fd, &t->place) != 0) {
        const int code = ndr_fail(err, NDR_E_SYS, "open Maildir '%s'", path);
        ndr_tree_close(t);
        return code;
    }
    int locked = 0;
    while (lock && (locked = flock(t->fd, LOCK_EX | LOCK_NB)) != 0 && errno == EINTR)
        ;
    if (locked != 0) {
        const int code = ndr_fail(err, NDR_E_SYS, "lock Maildir '%s'", path);
        ndr_tree_close(t);
        return code;
    }
    t->path = strdup(path);
    if (t->path == NULL) {
        ndr_tree_close(t);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a Maildir");
    }
    return 0;
}

static void
folder_free(ndr_mail_folder *f)
{
    for (int h = 0; h < 2; h++)
        if (f->fd[h] >= 0)
            (void)close(f->fd[h]); /* was only read */
    free(f->rel);
    free(f->entry);
    free(f->bucket);
    ndr_buffer_free(&f->names);
    free(f);
}

void
ndr_tree_close(ndr_tree *t)
{
    for (size_t i = 0; i < t->folder_count; i++)
        folder_free(t->folder[i]);
    free(t->folder);
    free(t->path);
    if (t->fd >= 0)
        (void)close(t->fd); /* lets the lock go */
    *t = (ndr_tree){.fd = -1};
}

ndr_mail_folder *
ndr_tree_folder(ndr_tree *t, const char *rel)
{
    for (size_t i = 0; i < t->folder_count; i++)
        if (strcmp(t->folder[i]->rel, rel) == 0)
            return t->folder[i];
    if (t->folder_count == t->folder_cap) {
        const size_t cap = t->folder_cap > 0 ? t->folder_cap * 2 : 8;
        ndr_mail_folder **more = realloc(t->folder, cap * sizeof(ndr_mail_folder *));
        if (more == NULL)
            return NULL;
        t->folder = more;
        t->folder_cap = cap;
    }
    ndr_mail_folder *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->fd[0] = f->fd[1] = -1;
    f->rel = strdup(rel);
    int why = f->rel == NULL ? ENOMEM : 0;
    for (int h = 0; h < 2 && why == 0; h++) {
        char path[520];
        (void)snprintf(path, sizeof path, "%s%s%s", rel, rel[0] != '\0' ? "/" : "",
                       half_name[h]);
        f->fd[h] = ndr_open_beneath(t->fd, path);
        if (f->fd[h] < 0 && errno != ENOENT)
            why = errno; /* one half alone is a folder too */
    }
    if (why == 0 && f->fd[0] < 0 && f->fd[1] < 0)
        why = ENOENT;
    if (why != 0) {
        folder_free(f);
        errno = why;
        return NULL;
    }
    t->folder[t->folder_count++] = f;
    return f;
}

/* ---- all of it --- */

enum { DEPTH = 8 };

static int open_below(ndr_tree *t, const char *rel, int depth, ndr_error *err);

/* A folder, and those in it; what is no folder of mail is passed over. */
static int
open_one(ndr_tree *t, const char *rel, int depth, ndr_error *err)
{
    if (ndr_tree_folder(t, rel) == NULL && errno != ENOENT && errno != ELOOP &&
        errno != ENOTDIR)
        return ndr_fail(err, NDR_E_SYS, "look into '%s/%s'", t->path, rel);
    return depth < DEPTH ? open_below(t, rel, depth + 1, err) : 0;
}

typedef struct below {
    ndr_tree *tree;
    const char *rel;
    int depth;
    ndr_error *err;
} below;

static int
open_entry(void *ctx, const struct dirent *e)
{
    const below *b = ctx;
    char path[512];
    const char *name = e->d_name;
    const bool half = strcmp(name, half_name[0]) == 0 ||
                      strcmp(name, half_name[1]) == 0 || strcmp(name, "tmp") == 0;
    if (half || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN) ||
        snprintf(path, sizeof path, "%s%s%s", b->rel, b->rel[0] != '\0' ? "/" : "",
                 name) >= (int)sizeof path)
        return 0;
    return open_one(b->tree, path, b->depth, b->err);
}

static int
open_below(ndr_tree *t, const char *rel, int depth, ndr_error *err)
{
    const int fd = ndr_open_beneath(t->fd, rel);
    /* a file, a link, another file system, or gone meanwhile */
    if (depth > 0 && fd < 0 &&
        (errno == ENOTDIR || errno == ELOOP || errno == EXDEV || errno == ENOENT))
        return 0;
    const int code = ndr_folder_each(fd, open_entry, &(below){t, rel, depth, err});
    return code > 0 ? ndr_fail(err, NDR_E_SYS, "list '%s/%s'", t->path, rel) : code;
}

int
ndr_tree_holds(ndr_tree *t, const char *name, ndr_error *err)
{
    int code = t->all ? 0 : open_one(t, "", 0, err);
    t->all = code == 0;
    for (size_t i = 0; i < t->folder_count && code == 0; i++) {
        code = ndr_folder_index(t->folder[i], err);
        if (code == 0 && ndr_folder_has_base(t->folder[i], name))
            return 1;
    }
    return code;
}

/* ---- making ------------------------------------------------------------------------ */

/* A folder in `dir` with that owner and mode: its descriptor, or -1 with errno. */
static int
make_folder(int dir, const char *name, const struct stat *like)
{
    const bool made = mkdirat(dir, name, 0700) == 0;
    if (!made && errno != EEXIST)
        return -1;
    const int fd = ndr_open_beneath(dir, name);
    if (fd < 0 || !made)
        return fd;
    struct stat st;
    if (fstat(fd, &st) == 0 &&
        ((st.st_uid == like->st_uid && st.st_gid == like->st_gid) ||
         fchown(fd, like->st_uid, like->st_gid) == 0) &&
        fchmod(fd, like->st_mode & 07777) == 0)
        return fd;
    const int why = errno;
    (void)close(fd);
    (void)unlinkat(dir, name, AT_REMOVEDIR); /* empty: it was just made */
    errno = why;
    return -1;
}

int
ndr_tree_make(ndr_tree *t, const char *name, ndr_error *err)
{
    struct stat like;
    if (fstat(t->fd, &like) != 0)
        return ndr_fail(err, NDR_E_SYS, "look at Maildir '%s'", t->path);
    const int fd = make_folder(t->fd, name, &like);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "make folder '%s' in '%s'", name, t->path);
    int code = 0;
    static const char *const part[3] = {"cur", "new", "tmp"};
    for (int i = 0; i < 3 && code == 0; i++) {
        const int half = make_folder(fd, part[i], &like);
        if (half < 0)
            code = ndr_fail(err, NDR_E_SYS, "make folder '%s/%s' in '%s'", name, part[i],
                            t->path);
        else
            (void)close(half); /* was only made */
    }
    /* Maildir++ marks its subfolders; a node, so that nothing is opened for writing */
    if (code == 0 && name[0] == '.' &&
        mknodat(fd, "maildirfolder", S_IFREG | 0600, 0) == 0)
        code = fchownat(fd, "maildirfolder", like.st_uid, like.st_gid,
                        AT_SYMLINK_NOFOLLOW) == 0 ||
                       errno == EPERM
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "give '%s/maildirfolder' its owner", name);
    if (code == 0 && (fsync(fd) != 0 || fsync(t->fd) != 0))
        code = ndr_fail(err, NDR_E_SYS, "sync folder '%s' in '%s'", name, t->path);
    (void)close(fd);
    return code;
}

int
ndr_tree_sync(ndr_tree *t, ndr_error *err)
{
    for (size_t i = 0; i < t->folder_count; i++)
        for (int h = 0; h < 2; h++) {
            ndr_mail_folder *f = t->folder[i];
            if (!f->dirty[h])
                continue;
            int rc;
            while ((rc = fsync(f->fd[h])) != 0 && errno == EINTR)
                ;
            if (rc != 0)
                return ndr_fail(err, NDR_E_SYS, "sync folder '%s/%s' of '%s'", f->rel,
                                half_name[h], t->path);
            f->dirty[h] = false;
        }
    return 0;
}

void
ndr_tree_refresh(ndr_tree *t)
{
    for (size_t i = 0; i < t->folder_count; i++)
        t->folder[i]->indexed = false;
}

/* ---- names ------------------------------------------------------------------------- */

/* Of the base. */
static size_t
hash(const char *name)
{
    const ndr_slice base = {(const unsigned char *)name, ndr_name_base(name)};
    return (size_t)ndr_hash(base, 0);
}

static bool
rehash(ndr_mail_folder *f)
{
    size_t count = 64;
    while (count < f->entry_count * 2)
        count *= 2;
    uint32_t *bucket = calloc(count, sizeof *bucket);
    if (bucket == NULL)
        return false;
    free(f->bucket);
    f->bucket = bucket;
    f->bucket_count = count;
    for (size_t i = 0; i < f->entry_count; i++) {
        uint32_t *b = &bucket[hash((char *)f->names.ptr + f->entry[i].at) & (count - 1)];
        f->entry[i].next = *b;
        *b = (uint32_t)i + 1;
    }
    return true;
}

static bool
add(ndr_mail_folder *f, int half, const char *name)
{
    if (f->entry_count == UINT32_MAX - 1)
        return false;
    if (f->entry_count == f->entry_cap) {
        const size_t cap = f->entry_cap > 0 ? f->entry_cap * 2 : 64;
        struct ndr_entry *more = realloc(f->entry, cap * sizeof *more);
        if (more == NULL)
            return false;
        f->entry = more;
        f->entry_cap = cap;
    }
    const size_t at = f->names.len;
    ndr_buffer_add(&f->names, (ndr_slice){(const unsigned char *)name, strlen(name) + 1});
    if (f->names.failed)
        return false;
    f->entry[f->entry_count++] = (struct ndr_entry){.at = at, .half = half};
    return true;
}

typedef struct listed {
    ndr_mail_folder *folder;
    int half;
    ndr_error *err;
} listed;

static int
list_entry(void *ctx, const struct dirent *e)
{
    const listed *l = ctx;
    return e->d_name[0] == '.' || add(l->folder, l->half, e->d_name)
               ? 0
               : ndr_fail(l->err, NDR_E_NOMEM, "no memory to list a folder");
}

static int
list_half(ndr_mail_folder *f, int half, ndr_error *err)
{
    if (f->fd[half] < 0)
        return 0;
    const int fd = openat(f->fd[half], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int code = ndr_folder_each(fd, list_entry, &(listed){f, half, err});
    return code > 0
               ? ndr_fail(err, NDR_E_SYS, "list folder '%s/%s'", f->rel, half_name[half])
               : code;
}

int
ndr_folder_index(ndr_mail_folder *f, ndr_error *err)
{
    if (f->indexed)
        return 0;
    ndr_buffer_clear(&f->names);
    f->entry_count = 0;
    int code = list_half(f, NDR_NEW, err); /* new first: mail moves from new to cur */
    if (code == 0)
        code = list_half(f, NDR_CUR, err);
    if (code == 0 && !rehash(f))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory to list a folder");
    f->indexed = code == 0;
    return code;
}

static struct ndr_entry *
first_of(ndr_mail_folder *f, const char *name)
{
    if (!f->indexed)
        return NULL;
    const uint32_t i = f->bucket[hash(name) & (f->bucket_count - 1)];
    return i > 0 ? &f->entry[i - 1] : NULL;
}

static bool
same_base(const char *a, const char *b)
{
    const size_t n = ndr_name_base(a);
    return n == ndr_name_base(b) && memcmp(a, b, n) == 0;
}

void
ndr_folder_note(ndr_mail_folder *f, int half, const char *name, bool come)
{
    if (!f->indexed)
        return;
    if (come) {
        /* without memory the list is made anew when it is next asked for */
        f->indexed = add(f, half, name);
        if (f->indexed && f->entry_count * 2 > f->bucket_count) {
            f->indexed = rehash(f);
        } else if (f->indexed) {
            uint32_t *b = &f->bucket[hash(name) & (f->bucket_count - 1)];
            f->entry[f->entry_count - 1].next = *b;
            *b = (uint32_t)f->entry_count;
        }
        return;
    }
    for (struct ndr_entry *e = first_of(f, name); e != NULL;
         e = e->next > 0 ? &f->entry[e->next - 1] : NULL)
        if (e->half == half && strcmp((char *)f->names.ptr + e->at, name) == 0)
            e->gone = true;
}

bool
ndr_folder_has_base(ndr_mail_folder *f, const char *name)
{
    for (struct ndr_entry *e = first_of(f, name); e != NULL;
         e = e->next > 0 ? &f->entry[e->next - 1] : NULL)
        if (!e->gone && same_base((char *)f->names.ptr + e->at, name))
            return true;
    return false;
}

int
ndr_folder_stat(const ndr_mail_folder *f, int half, const char *name, uint64_t *ret_inode)
{
    struct stat st;
    if (fstatat(f->fd[half], name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISLNK(st.st_mode) ? ELOOP : EINVAL;
        return -1;
    }
    *ret_inode = st.st_ino;
    return 0;
}

const char *
ndr_folder_find(ndr_mail_folder *f, const char *name, uint64_t inode, int *ret_half)
{
    int why = ENOENT;
    for (struct ndr_entry *e = first_of(f, name); e != NULL;
         e = e->next > 0 ? &f->entry[e->next - 1] : NULL) {
        const char *have = (char *)f->names.ptr + e->at;
        uint64_t is = 0;
        if (e->gone || !same_base(have, name))
            continue;
        if (ndr_folder_stat(f, e->half, have, &is) != 0) {
            if (errno != ENOENT && errno != ELOOP && errno != EINVAL)
                why = errno;
            continue;
        }
        if (inode != 0 && is != inode)
            continue;
        *ret_half = e->half;
        return have;
    }
    errno = why;
    return NULL;
}
