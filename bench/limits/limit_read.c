/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit_read.c - how fast can a file be read, with nothing else done?
 *
 * limit_read [-j THREADS] [-b BYTES] [-r REPEATS] FILE...
 * Threads take pieces of BYTES in turn and pread them into a buffer of their own.
 */
#define MEASURE_NAME "limit_read"
#include "limit_threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fd;
static size_t piece = 1 << 20;
static atomic_uint_fast64_t next_offset, bytes;

static void *
work(void *unused)
{
    (void)unused;
    char *buffer = malloc(piece);
    if (buffer == NULL)
        die("malloc", strerror(errno));
    for (;;) {
        const uint64_t at = atomic_fetch_add(&next_offset, piece);
        size_t got = 0;
        while (got < piece) {
            const ssize_t n = pread(fd, buffer + got, piece - got, (off_t)(at + got));
            if (n < 0)
                die("pread", strerror(errno));
            if (n == 0)
                break;
            got += (size_t)n;
        }
        atomic_fetch_add(&bytes, got);
        if (got < piece)
            break;
    }
    free(buffer);
    return NULL;
}

int
main(int argc, char **argv)
{
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    long repeats = 1;
    for (int c; (c = getopt(argc, argv, "j:b:r:")) != -1;)
        if (c == 'j')
            threads = atol(optarg);
        else if (c == 'b')
            piece = (size_t)atol(optarg);
        else if (c == 'r')
            repeats = atol(optarg);
        else
            return 2;
    if (optind == argc || threads < 1 || threads > THREADS_MOST || piece == 0) {
        fputs("Usage: limit_read [-j THREADS] [-b BYTES] [-r REPEATS] FILE...\n", stderr);
        return 2;
    }
    const double begin = now();
    for (long r = 0; r < repeats; r++)
        for (int i = optind; i < argc; i++) {
            fd = open(argv[i], O_RDONLY | O_CLOEXEC);
            if (fd < 0)
                die(argv[i], strerror(errno));
            atomic_store(&next_offset, 0);
            run_threads(threads, work);
            close(fd);
        }
    const double seconds = now() - begin;
    printf("limit_read threads=%ld piece=%zu bytes=%llu seconds=%.4f GB/s=%.3f\n",
           threads, piece, (unsigned long long)atomic_load(&bytes), seconds,
           (double)atomic_load(&bytes) / seconds / 1e9);
    return 0;
}
