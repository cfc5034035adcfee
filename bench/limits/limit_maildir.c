/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit_maildir.c - how fast can a Maildir's files be opened, read and closed?
 *
 * limit_maildir [-j THREADS] [-b BYTES] MAILDIR
 * Names of cur/ and new/ are listed first, outside of the time; then threads take runs of
 * names. At most BYTES of each file are read, with one call when it is smaller.
 */
#define MEASURE_NAME "limit_maildir"
#include "limit_threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN = 64 };

typedef struct entry {
    int dir;
    char *name;
} entry;

static entry *entries;
static size_t count, capacity;
static size_t limit = 1 << 20;
static atomic_uint_fast64_t next_entry, bytes;

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
            entries = realloc(entries, capacity * sizeof *entries);
            if (entries == NULL)
                die("realloc", strerror(errno));
        }
        entries[count++] = (entry){dir, strdup(e->d_name)};
    }
    closedir(d);
}

static void *
work(void *unused)
{
    (void)unused;
    char *buffer = malloc(limit);
    if (buffer == NULL)
        die("malloc", strerror(errno));
    uint64_t total = 0;
    for (;;) {
        const size_t first = atomic_fetch_add(&next_entry, RUN);
        if (first >= count)
            break;
        const size_t last = first + RUN < count ? first + RUN : count;
        for (size_t i = first; i < last; i++) {
            const int fd = openat(entries[i].dir, entries[i].name,
                                  O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
            if (fd < 0)
                die(entries[i].name, strerror(errno));
            const ssize_t n = read(fd, buffer, limit);
            if (n < 0)
                die(entries[i].name, strerror(errno));
            total += (uint64_t)n;
            close(fd);
        }
    }
    atomic_fetch_add(&bytes, total);
    free(buffer);
    return NULL;
}

int
main(int argc, char **argv)
{
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    for (int c; (c = getopt(argc, argv, "j:b:")) != -1;)
        if (c == 'j')
            threads = atol(optarg);
        else if (c == 'b')
            limit = (size_t)atol(optarg);
        else
            return 2;
    if (optind + 1 != argc || threads < 1 || threads > THREADS_MOST || limit == 0) {
        fputs("Usage: limit_maildir [-j THREADS] [-b BYTES] MAILDIR\n", stderr);
        return 2;
    }
    const int maildir = open(argv[optind], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (maildir < 0)
        die(argv[optind], strerror(errno));
    list(maildir, "cur");
    list(maildir, "new");
    const double begin = now();
    run_threads(threads, work);
    const double seconds = now() - begin;
    printf("limit_maildir threads=%ld files=%zu bytes=%llu seconds=%.4f GB/s=%.3f "
           "us/file=%.2f\n",
           threads, count, (unsigned long long)atomic_load(&bytes), seconds,
           (double)atomic_load(&bytes) / seconds / 1e9,
           count > 0 ? seconds * 1e6 / (double)count : 0.0);
    for (size_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
    return 0;
}
