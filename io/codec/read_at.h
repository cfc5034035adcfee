/* SPDX-License-Identifier: BSD-3-Clause */
/* read_at.h - which bytes stand there in a file? */
#ifndef NDR_READ_AT_H
#define NDR_READ_AT_H

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

/* The bytes at [at, at + n), or as many of them as are there: how many; -1 and errno.
 * The file's offset stays. Thread: any. */
static inline int64_t
ndr_read_at(int fd, unsigned char *to, size_t n, uint64_t at)
{
    size_t have = 0;
    while (have < n) {
        const ssize_t got = pread(fd, to + have, n - have, (off_t)(at + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (int64_t)have;
}

#endif
