/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * slow_mount.c - what is a folder like on a server that is some milliseconds away?
 *
 * slow_mount MILLISECONDS FOLDER MOUNTPOINT
 * As root: shows FOLDER at MOUNTPOINT, to be read only, in the foreground until that is
 * unmounted. Each question of the kernel (a name, attributes, open, read, a part of a
 * listing) is answered so much later, up to 64 of them at once, as many as an NFS client
 * has slots; close is not waited for. It speaks FUSE itself: libfuse does not let names
 * of one folder be looked up side by side, as NFS and SMB do.
 * Source: linux/fuse.h.
 */
#define _DEFAULT_SOURCE /* DTTOIF, seekdir */
#define MEASURE_NAME    "slow_mount"
#include "limits/limit_threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    SLOTS = 64,
    READ_BYTES = 1 << 17, /* the most that is asked for at once */
    ASKED_BYTES = READ_BYTES + 4096,
    NAME_SECONDS = 3600, /* which are dropped with the page cache */
    ATTR_SECONDS = 3,    /* as NFS believes them at first */
};

/* A question, and what it is about. */
typedef struct question {
    const struct fuse_in_header *head;
    const void *body;
    const char *path; /* below the folder */
} question;

static int device, root;
static struct timespec delay;

static void
answer(const question *q, int code, const void *body, size_t n)
{
    const struct fuse_out_header head = {
        .len = (uint32_t)(sizeof head + n), .error = code, .unique = q->head->unique};
    struct iovec part[2] = {
        {.iov_base = (void *)(uintptr_t)&head, .iov_len = sizeof head},
        {.iov_base = (void *)(uintptr_t)body, .iov_len = n}};
    (void)!writev(device, part, 2); /* who asked may be gone */
}

static void
attributes(const struct stat *st, struct fuse_attr *ret)
{
    *ret = (struct fuse_attr){
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .blocks = (uint64_t)st->st_blocks,
        .mtime = (uint64_t)st->st_mtim.tv_sec,
        .mtimensec = (uint32_t)st->st_mtim.tv_nsec,
        .ctime = (uint64_t)st->st_ctim.tv_sec,
        .ctimensec = (uint32_t)st->st_ctim.tv_nsec,
        .mode = st->st_mode,
        .nlink = (uint32_t)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .blksize = (uint32_t)st->st_blksize,
    };
}

/* The number of a name is where its path lies, until the kernel forgets it. */
static void
look_up(const question *q)
{
    const char *name = q->body;
    char *path = need(malloc(strlen(q->path) + strlen(name) + 2));
    (void)sprintf(path, "%s/%s", q->path, name);
    struct stat st;
    if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        answer(q, -errno, NULL, 0);
        free(path);
        return;
    }
    struct fuse_entry_out out = {.nodeid = (uint64_t)(uintptr_t)path,
                                 .entry_valid = NAME_SECONDS,
                                 .attr_valid = ATTR_SECONDS};
    attributes(&st, &out.attr);
    answer(q, 0, &out, sizeof out);
}

static void
tell_attributes(const question *q)
{
    struct stat st;
    struct fuse_attr_out out = {.attr_valid = ATTR_SECONDS};
    if (fstatat(root, q->path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        answer(q, -errno, NULL, 0);
        return;
    }
    attributes(&st, &out.attr);
    answer(q, 0, &out, sizeof out);
}

static void
open_it(const question *q, int flags)
{
    const int fd = openat(root, q->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags);
    DIR *d = fd >= 0 && flags != 0 ? fdopendir(fd) : NULL;
    if (fd < 0 || (flags != 0 && d == NULL)) {
        answer(q, -errno, NULL, 0);
        return;
    }
    const struct fuse_open_out out = {.fh = d != NULL ? (uint64_t)(uintptr_t)d
                                                      : (uint64_t)fd,
                                      .open_flags = FOPEN_KEEP_CACHE};
    answer(q, 0, &out, sizeof out);
}

static void
read_file(const question *q)
{
    const struct fuse_read_in *in = q->body;
    unsigned char bytes[READ_BYTES];
    const size_t room = in->size < READ_BYTES ? in->size : READ_BYTES;
    const ssize_t n = pread((int)in->fh, bytes, room, (off_t)in->offset);
    answer(q, n < 0 ? -errno : 0, bytes, n < 0 ? 0 : (size_t)n);
}

static void
read_folder(const question *q)
{
    const struct fuse_read_in *in = q->body;
    DIR *d = (DIR *)(uintptr_t)in->fh;
    unsigned char bytes[READ_BYTES] = {0};
    const size_t room = in->size < READ_BYTES ? in->size : READ_BYTES;
    size_t at = 0;
    if (in->offset == 0)
        rewinddir(d);
    else
        seekdir(d, (long)in->offset);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        const size_t len = strlen(e->d_name);
        const struct fuse_dirent one = {.ino = e->d_ino,
                                        .off = (uint64_t)telldir(d),
                                        .namelen = (uint32_t)len,
                                        .type = e->d_type};
        const size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + len);
        if (size > room - at)
            break;
        memcpy(bytes + at, &one, FUSE_NAME_OFFSET);
        memcpy(bytes + at + FUSE_NAME_OFFSET, e->d_name, len);
        at += size;
    }
    answer(q, 0, bytes, at);
}

static void
begin(const question *q)
{
    const struct fuse_init_in *in = q->body;
    const struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor =
            FUSE_KERNEL_MINOR_VERSION < in->minor ? FUSE_KERNEL_MINOR_VERSION : in->minor,
        .max_readahead = in->max_readahead,
        .flags = FUSE_ASYNC_READ | FUSE_PARALLEL_DIROPS,
        .max_background = SLOTS,
        .congestion_threshold = SLOTS,
        .max_write = READ_BYTES,
        .time_gran = 1,
    };
    answer(q, 0, &out, sizeof out);
}

static void
forget_many(const question *q)
{
    const struct fuse_batch_forget_in *in = q->body;
    const struct fuse_forget_one *one = (const void *)(in + 1);
    for (uint32_t i = 0; i < in->count; i++)
        free((void *)(uintptr_t)one[i].nodeid);
}

/* What is answered at once, or not at all. False: it travels. */
static bool
at_once(const question *q)
{
    const struct fuse_release_in *in = q->body;
    switch (q->head->opcode) {
    case FUSE_INIT:
        begin(q);
        return true;
    case FUSE_FORGET:
        free((void *)(uintptr_t)q->head->nodeid);
        return true;
    case FUSE_BATCH_FORGET:
        forget_many(q);
        return true;
    case FUSE_INTERRUPT:
        return true;
    case FUSE_RELEASE:
        answer(q, close((int)in->fh) != 0 ? -errno : 0, NULL, 0);
        return true;
    case FUSE_RELEASEDIR:
        answer(q, closedir((DIR *)(uintptr_t)in->fh) != 0 ? -errno : 0, NULL, 0);
        return true;
    default:
        return false;
    }
}

static void
travel(const question *q)
{
    static const struct fuse_statfs_out no_numbers;
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL); /* no signal is caught */
    switch (q->head->opcode) {
    case FUSE_LOOKUP:
        look_up(q);
        break;
    case FUSE_GETATTR:
        tell_attributes(q);
        break;
    case FUSE_OPEN:
        open_it(q, 0);
        break;
    case FUSE_OPENDIR:
        open_it(q, O_DIRECTORY);
        break;
    case FUSE_READ:
        read_file(q);
        break;
    case FUSE_READDIR:
        read_folder(q);
        break;
    case FUSE_STATFS:
        answer(q, 0, &no_numbers, sizeof no_numbers);
        break;
    default:
        answer(q, -ENOSYS, NULL, 0); /* the kernel does not ask again, or does without */
    }
}

static void *
serve(void *unused)
{
    (void)unused;
    unsigned char *asked = need(malloc(ASKED_BYTES));
    for (;;) {
        const ssize_t n = read(device, asked, ASKED_BYTES);
        if (n < 0 && errno == ENODEV) /* it was unmounted */
            break;
        if (n < (ssize_t)sizeof(struct fuse_in_header))
            continue;
        const struct fuse_in_header *head = (const void *)asked;
        const question q = {
            head, head + 1,
            head->nodeid == FUSE_ROOT_ID ? "." : (const char *)(uintptr_t)head->nodeid};
        if (!at_once(&q))
            travel(&q);
    }
    free(asked);
    return NULL;
}

int
main(int argc, char **argv)
{
    const double ms = argc == 4 ? atof(argv[1]) : 0;
    char options[128];
    if (argc != 4 || ms <= 0 || ms >= 1000) {
        fputs("Usage: slow_mount MILLISECONDS FOLDER MOUNTPOINT\n", stderr);
        return 2;
    }
    delay.tv_nsec = (long)(ms * 1e6);
    root = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        die(argv[2], strerror(errno));
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0)
        die("/dev/fuse", strerror(errno));
    (void)snprintf(options, sizeof options,
                   "fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other", device,
                   (unsigned)getuid(), (unsigned)getgid());
    if (mount("slow_mount", argv[3], "fuse.slow_mount", MS_RDONLY | MS_NOSUID | MS_NODEV,
              options) != 0)
        die(argv[3], strerror(errno));
    run_threads(SLOTS, serve);
    return 0;
}
