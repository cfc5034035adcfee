/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ahead.h - how do the files of a cold Maildir come into memory at once, not one by one?
 *
 * A worker opens and reads its names in turn; where neither their inodes nor their bytes
 * are in memory each waits for the disk twice. Before it begins, all of a batch are
 * opened and the front of each is read through io_uring, many at a time, and what was
 * read is thrown away: it is in the page cache then, where the worker's own calls find
 * it. So what is read, and how trouble is told, is the same with and without.
 *
 * Warm files are left alone: one name of each batch is asked for first, without waiting.
 * Where the kernel refuses io_uring, or liburing was not there at build time, nothing is
 * read ahead.
 */
#ifndef NDR_AHEAD_H
#define NDR_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

/* A worker's own; all zero is ready. */
typedef struct ndr_ahead {
    void *ring; /* a struct io_uring; NULL: not set up */
    bool off;   /* it was refused */
    unsigned char *scratch;
} ndr_ahead;

void ndr_ahead_free(ndr_ahead *a);
/*
 * Read ahead the first `bytes` (up to 64 KiB) of `count` files of the folder `dir`, if
 * they look cold. `names` are NUL-terminated, behind each other. Only regular files are
 * read, and no link is followed. How many were read: 0 as well where nothing was tried.
 */
size_t
ndr_ahead_read(ndr_ahead *a, int dir, const char *names, size_t count, size_t bytes);

#endif
