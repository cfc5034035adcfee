/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit_frames.c - how fast can an archive of many frames be decompressed, on all CPUs?
 *
 * limit_frames [-j THREADS] FILE...
 * Threads take frames in turn and decompress each into a buffer of their own, that is
 * thrown away.
 */
#define MEASURE_NAME "limit_frames"
#include "limit_threads.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER; /* guards these */
static const char *next;
static size_t left;
static uint64_t bytes, frames;

/* The next frame, and how much came out of the one before. */
static const char *
take(size_t *ret_n, uint64_t made)
{
    pthread_mutex_lock(&mu);
    bytes += made;
    const char *frame = left > 0 ? next : NULL;
    if (frame != NULL) {
        *ret_n = ZSTD_findFrameCompressedSize(next, left);
        if (ZSTD_isError(*ret_n))
            die("frame", ZSTD_getErrorName(*ret_n));
        next += *ret_n;
        left -= *ret_n;
        frames++;
    }
    pthread_mutex_unlock(&mu);
    return frame;
}

static void *
work(void *unused)
{
    enum { OUT_BYTES = 1 << 20 };
    (void)unused;
    ZSTD_DCtx *z = ZSTD_createDCtx();
    char *buffer = malloc(OUT_BYTES);
    if (z == NULL || buffer == NULL)
        die("start", "out of memory");
    const char *frame;
    size_t n;
    uint64_t made = 0;
    while ((frame = take(&n, made)) != NULL) {
        ZSTD_inBuffer in = {frame, n, 0};
        size_t more = 1;
        made = 0;
        while (more > 0) {
            ZSTD_outBuffer out = {buffer, OUT_BYTES, 0};
            more = ZSTD_decompressStream(z, &out, &in);
            if (ZSTD_isError(more))
                die("frame", ZSTD_getErrorName(more));
            made += out.pos;
        }
    }
    ZSTD_freeDCtx(z);
    free(buffer);
    return NULL;
}

int
main(int argc, char **argv)
{
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    for (int c; (c = getopt(argc, argv, "j:")) != -1;)
        if (c == 'j')
            threads = atol(optarg);
        else
            return 2;
    if (optind == argc || threads < 1 || threads > THREADS_MOST) {
        fputs("Usage: limit_frames [-j THREADS] FILE...\n", stderr);
        return 2;
    }
    const double begin = now();
    for (int i = optind; i < argc; i++) {
        struct stat st;
        const int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0)
            die(argv[i], "cannot open, or empty");
        void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
            die(argv[i], "cannot map");
        next = map;
        left = (size_t)st.st_size;
        run_threads(threads, work);
        munmap(map, (size_t)st.st_size);
        close(fd);
    }
    const double seconds = now() - begin;
    printf("limit_frames threads=%ld frames=%llu bytes=%llu seconds=%.4f GB/s=%.3f\n",
           threads, (unsigned long long)frames, (unsigned long long)bytes, seconds,
           (double)bytes / seconds / 1e9);
    return 0;
}
