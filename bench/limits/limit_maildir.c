/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit_maildir.c - how fast can a Maildir's files be listed, opened, read and closed?
 *
 * limit_maildir [-j THREADS] [-b BYTES] [-o ORDER] [-w WAY] MAILDIR
 * ORDER: found (as the folder gives them), name, inode, window (in the order of inodes
 * within runs of 2,048 names). WAY: read (threads open, read and close), stat (threads
 * look at a run's inodes first), uring (one thread, a ring of depth 128 and THREADS
 * workers of the kernel). At most BYTES of each file are read, with one call when it is
 * smaller.
 */
#define MEASURE_NAME "limit_maildir"
#include "limit_threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef NDR_HAVE_URING
#include <liburing.h>
#endif

enum { RUN = 64, WINDOW = 2048, DEPTH = 128 };

typedef struct entry {
    int dir;
    uint64_t inode;
    char *name;
} entry;

static entry *entries;
static size_t count, capacity;
static size_t limit = 1 << 20;
static bool stat_first;
static atomic_uint_fast64_t next_entry, bytes;
static const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW;

static void
list(int maildir, const char *folder)
{
    const int dir = openat(maildir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int walk = openat(maildir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = dir >= 0 && walk >= 0 ? fdopendir(walk) : NULL;
    if (d == NULL)
        die(folder, strerror(errno));
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        if (count == capacity) {
            capacity = capacity == 0 ? 4096 : capacity * 2;
            entries = need(realloc(entries, capacity * sizeof *entries));
        }
        entries[count++] = (entry){dir, e->d_ino, need(strdup(e->d_name))};
    }
    closedir(d);
}

static int
by_name(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return x->dir != y->dir ? x->dir - y->dir : strcmp(x->name, y->name);
}

static int
by_inode(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

/* False for a word that is none. */
static bool
order(const char *word)
{
    if (strcmp(word, "found") == 0)
        return true;
    if (strcmp(word, "inode") == 0) {
        qsort(entries, count, sizeof *entries, by_inode);
        return true;
    }
    const bool windows = strcmp(word, "window") == 0;
    if (!windows && strcmp(word, "name") != 0)
        return false;
    qsort(entries, count, sizeof *entries, by_name);
    for (size_t at = 0; windows && at < count; at += WINDOW)
        qsort(entries + at, count - at < WINDOW ? count - at : WINDOW, sizeof *entries,
              by_inode);
    return true;
}

static uint64_t
read_entry(const entry *e, char *buffer)
{
    const int fd = openat(e->dir, e->name, flags);
    if (fd < 0)
        die(e->name, strerror(errno));
    const ssize_t n = read(fd, buffer, limit);
    if (n < 0)
        die(e->name, strerror(errno));
    close(fd);
    return (uint64_t)n;
}

static void *
work(void *unused)
{
    (void)unused;
    char *buffer = need(malloc(limit));
    uint64_t total = 0;
    for (;;) {
        const size_t first = atomic_fetch_add(&next_entry, RUN);
        if (first >= count)
            break;
        const size_t last = first + RUN < count ? first + RUN : count;
        struct stat st;
        for (size_t i = first; stat_first && i < last; i++)
            if (fstatat(entries[i].dir, entries[i].name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                die(entries[i].name, strerror(errno));
        for (size_t i = first; i < last; i++)
            total += read_entry(&entries[i], buffer);
    }
    atomic_fetch_add(&bytes, total);
    free(buffer);
    return NULL;
}

#ifdef NDR_HAVE_URING
typedef struct slot {
    int fd; /* -1: being opened */
    const entry *entry;
    char *buffer;
} slot;

static void
submit_open(struct io_uring *ring, slot *s, const entry *e)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    *s = (slot){-1, e, s->buffer};
    io_uring_prep_openat(sqe, e->dir, e->name, flags, 0);
    io_uring_sqe_set_data(sqe, s);
}

/* An opened file is read; one that was read makes room for the next. */
static void
go_on(struct io_uring *ring, slot *s, int result, size_t *at, size_t *left)
{
    if (result < 0)
        die(s->entry->name, strerror(-result));
    if (s->fd < 0) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
        s->fd = result;
        io_uring_prep_read(sqe, s->fd, s->buffer, (unsigned)limit, 0);
        io_uring_sqe_set_data(sqe, s);
        return;
    }
    close(s->fd);
    atomic_fetch_add(&bytes, (uint64_t)result);
    (*left)--;
    if (*at < count)
        submit_open(ring, s, &entries[(*at)++]);
}

static void
read_by_ring(unsigned workers)
{
    struct io_uring ring;
    slot slots[DEPTH] = {0};
    unsigned most[2] = {workers, workers};
    int code = io_uring_queue_init(2 * DEPTH, &ring, 0);
    if (code == 0)
        code = io_uring_register_iowq_max_workers(&ring, most);
    if (code < 0)
        die("io_uring", strerror(-code));
    size_t at = 0, left = count;
    for (size_t i = 0; i < DEPTH && at < count; i++) {
        slots[i].buffer = need(malloc(limit));
        submit_open(&ring, &slots[i], &entries[at++]);
    }
    while (left > 0) {
        struct io_uring_cqe *done;
        code = io_uring_submit_and_wait(&ring, 1);
        if (code < 0 && code != -EINTR)
            die("io_uring", strerror(-code));
        while (io_uring_peek_cqe(&ring, &done) == 0) {
            slot *s = io_uring_cqe_get_data(done);
            const int result = done->res;
            io_uring_cqe_seen(&ring, done);
            go_on(&ring, s, result, &at, &left);
        }
    }
    for (size_t i = 0; i < DEPTH; i++)
        free(slots[i].buffer);
    io_uring_queue_exit(&ring);
}
#else
static void
read_by_ring(unsigned workers)
{
    (void)workers;
    die("uring", "built without it");
}
#endif

static int
usage(void)
{
    fputs("Usage: limit_maildir [-j THREADS] [-b BYTES] [-o found|name|inode|window] "
          "[-w read|stat|uring] MAILDIR\n",
          stderr);
    return 2;
}

int
main(int argc, char **argv)
{
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    const char *in_order = "found", *way = "read";
    for (int c; (c = getopt(argc, argv, "j:b:o:w:")) != -1;)
        if (c == 'j')
            threads = atol(optarg);
        else if (c == 'b')
            limit = (size_t)atol(optarg);
        else if (c == 'o')
            in_order = optarg;
        else if (c == 'w')
            way = optarg;
        else
            return usage();
    const bool ring = strcmp(way, "uring") == 0;
    stat_first = strcmp(way, "stat") == 0;
    if (optind + 1 != argc || threads < 1 || threads > THREADS_MOST || limit == 0 ||
        (!ring && !stat_first && strcmp(way, "read") != 0))
        return usage();
    const int maildir = open(argv[optind], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (maildir < 0)
        die(argv[optind], strerror(errno));
    const double begin = now();
    list(maildir, "cur");
    list(maildir, "new");
    if (!order(in_order))
        return usage();
    if (ring)
        read_by_ring((unsigned)threads);
    else
        run_threads(threads, work);
    const double seconds = now() - begin;
    printf("limit_maildir way=%s order=%s threads=%ld files=%zu bytes=%llu seconds=%.4f "
           "GB/s=%.3f us/file=%.2f\n",
           way, in_order, threads, count, (unsigned long long)atomic_load(&bytes),
           seconds, (double)atomic_load(&bytes) / seconds / 1e9,
           count > 0 ? seconds * 1e6 / (double)count : 0.0);
    for (size_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
    return 0;
}
