/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_scratch.h - one scratch file for targets whose code under test opens paths. */
#ifndef NDR_FUZZ_SCRATCH_H
#define NDR_FUZZ_SCRATCH_H

#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

static char fuzz_path[64];

static inline void
fuzz_scratch_end(void)
{
    (void)unlink(fuzz_path);
}

/* A file in memory where there is such a folder, so that a run does not wear a disk. */
static inline void
fuzz_scratch_begin(void)
{
    (void)snprintf(fuzz_path, sizeof fuzz_path, "%s/ndr-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    const int fd = mkstemp(fuzz_path);
    LAW(fd >= 0 && close(fd) == 0, "%s", fuzz_path);
    (void)atexit(fuzz_scratch_end);
}

static inline void
fuzz_scratch_write(const void *bytes, size_t n)
{
    const int fd = open(fuzz_path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    LAW(fd >= 0, "%s", fuzz_path);
    LAW(n == 0 || write(fd, bytes, n) == (ssize_t)n, "%s", fuzz_path);
    LAW(close(fd) == 0, "%s", fuzz_path);
}

#endif
