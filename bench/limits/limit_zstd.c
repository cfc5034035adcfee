/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit_zstd.c - how fast can an archive be decompressed, with nothing else done?
 *
 * limit_zstd FILE...
 * One thread, frames one after the other, into one buffer that is thrown away.
 */
#define MEASURE_NAME "limit_zstd"
#include "measure.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

int
main(int argc, char **argv)
{
    enum { IN_BYTES = 1 << 20, OUT_BYTES = 1 << 20 };
    if (argc < 2) {
        fputs("Usage: limit_zstd FILE...\n", stderr);
        return 2;
    }
    char *in_buffer = malloc(IN_BYTES);
    char *out_buffer = malloc(OUT_BYTES);
    ZSTD_DCtx *z = ZSTD_createDCtx();
    if (in_buffer == NULL || out_buffer == NULL || z == NULL)
        die("start", "out of memory");
    uint64_t packed = 0;
    uint64_t bytes = 0;
    const double begin = now();
    for (int i = 1; i < argc; i++) {
        const int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            die(argv[i], "cannot open");
        size_t left = 0;
        ssize_t n;
        while ((n = read(fd, in_buffer, IN_BYTES)) > 0) {
            ZSTD_inBuffer in = {in_buffer, (size_t)n, 0};
            packed += (uint64_t)n;
            while (in.pos < in.size) {
                ZSTD_outBuffer out = {out_buffer, OUT_BYTES, 0};
                left = ZSTD_decompressStream(z, &out, &in);
                if (ZSTD_isError(left))
                    die(argv[i], ZSTD_getErrorName(left));
                bytes += out.pos;
            }
        }
        if (n < 0)
            die(argv[i], "cannot read");
        while (left > 0) { /* what the decoder still holds */
            ZSTD_inBuffer in = {NULL, 0, 0};
            ZSTD_outBuffer out = {out_buffer, OUT_BYTES, 0};
            left = ZSTD_decompressStream(z, &out, &in);
            if (ZSTD_isError(left) || (left > 0 && out.pos == 0))
                die(argv[i], "ends within a frame");
            bytes += out.pos;
        }
        close(fd);
    }
    const double seconds = now() - begin;
    printf("limit_zstd packed=%llu bytes=%llu seconds=%.4f GB/s=%.3f\n",
           (unsigned long long)packed, (unsigned long long)bytes, seconds,
           (double)bytes / seconds / 1e9);
    ZSTD_freeDCtx(z);
    free(in_buffer);
    free(out_buffer);
    return 0;
}
