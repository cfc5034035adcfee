/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_frames.c - does the walk over a zstd file step from frame to frame as zstd does?
 */
#include "codec/zstd_frames.h"
#include "fuzz_scratch.h"

#include <zstd.h>

enum { BYTES_LIMIT = 64 << 10, CONTENT_LIMIT = 1 << 20 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_scratch_begin();
    return 0;
}

static const uint64_t nothing = UINT64_MAX - 1; /* can be made of it */

/* What one frame holds, as far as it is sound and not too much. */
static void
check_content(const uint8_t *p, size_t n, uint64_t most)
{
    unsigned char *to = malloc(CONTENT_LIMIT);
    LAW(to != NULL, "no memory");
    const size_t got = ZSTD_decompress(to, CONTENT_LIMIT, p, n);
    LAW(ZSTD_isError(got) || (most != nothing && got <= most), "%zu bytes of %llu", got,
        (unsigned long long)most);
    free(to);
}

static void
check_frames(const uint8_t *bytes, size_t n, int fd)
{
    ndr_zstd_walk w;
    uint64_t end, content, at = 0;
    ndr_zstd_walk_begin(&w, fd, n);
    while (ndr_zstd_walk_frame(&w, &end, &content)) {
        const size_t told = ZSTD_findFrameCompressedSize(bytes + at, n - at);
        LAW(end > at && end <= n && w.at == end, "end %llu", (unsigned long long)end);
        LAW(ZSTD_isError(told) || told == end - at, "at %llu: %llu, zstd: %zu",
            (unsigned long long)at, (unsigned long long)(end - at), told);
        check_content(bytes + at, (size_t)(end - at), content);
        at = end;
    }
    LAW(w.at == at, "a step that was none");
    /* what it stops at, no decoder passes either; formats before 0.8 are not read */
    const size_t told = ZSTD_findFrameCompressedSize(bytes + at, n - at);
    const bool old = n - at >= 4 && bytes[at] != 0x28 && (bytes[at] & 0xf0u) != 0x50;
    if (at < n && !ZSTD_isError(told) && !old)
        check_content(bytes + at, told, nothing);
}

static void
check_ranges(size_t n, int fd, uint64_t content_bytes)
{
    ndr_zstd_walk w;
    uint64_t at = 0, content = 0;
    ndr_zstd_walk_begin(&w, fd, n);
    while (at < n) {
        const uint64_t end = ndr_zstd_walk_range(&w, content_bytes, &content);
        LAW(end > at && end <= n && w.at == end, "range from %llu to %llu",
            (unsigned long long)at, (unsigned long long)end);
        at = end;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0 || n > BYTES_LIMIT)
        return -1;
    fuzz_scratch_write(bytes, n);
    const int fd = open(fuzz_path, O_RDONLY | O_CLOEXEC);
    LAW(fd >= 0, "%s", fuzz_path);
    check_frames(bytes, n, fd);
    check_ranges(n, fd, 1 + fuzz_choice(bytes, n));
    enum ndr_marks marks;
    (void)ndr_zstd_is_split(fd, n, NDR_FORMAT_AUTO, 1 + fuzz_choice(bytes, n) % 999,
                            &marks);
    LAW(close(fd) == 0, "close");
    return 0;
}
