/* SPDX-License-Identifier: BSD-3-Clause */
/* piece_counts.c - see piece_counts.h. */
#include "piece_counts.h"

#include "ndr_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_BYTES = 1 << 17, READ_BYTES = 1 << 18 };

void
piece_counts_name(const ndr_plan_piece *piece, char ret[PIECE_COUNTS_NAME_BYTES])
{
    (void)snprintf(ret, PIECE_COUNTS_NAME_BYTES,
                   "%02x/%016" PRIx64 "%016" PRIx64 ".counts",
                   (unsigned)(piece->id[0] >> 56), piece->id[0], piece->id[1]);
}

/* Those at the beginning that are whole, summed up: their bytes. */
static size_t
sum_up(ndr_slice records, piece_counted *to)
{
    size_t at = 0, len;
    while ((len = ndr_count_record_length(
                (ndr_slice){records.ptr + at, records.len - at})) > 0) {
        to->sum += ndr_hash((ndr_slice){records.ptr + at, len}, 0);
        to->count++;
        at += len;
    }
    to->bytes += at;
    return at;
}

/* ---- writing ------------------------------------------------------------------------
 */

static int
flush(piece_counts *w, int dir, ndr_error *err)
{
    if (w->pending.len == 0)
        return 0;
    if (!w->begun && !ndr_new_file_begin(&w->file, dir, NULL, 0600))
        return ndr_fail(err, NDR_E_SYS, "cannot be made");
    w->begun = true;
    const bool ok =
        ndr_write_all(w->file.fd, (ndr_slice){w->pending.ptr, w->pending.len});
    ndr_buffer_clear(&w->pending);
    return ok ? 0 : ndr_fail(err, NDR_E_SYS, "write");
}

int
piece_counts_add(piece_counts *w, int dir, ndr_slice records, ndr_error *err)
{
    (void)sum_up(records, &w->told);
    ndr_buffer_add(&w->pending, records);
    if (w->pending.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for bounces to be counted");
    return w->pending.len < WRITE_BYTES ? 0 : flush(w, dir, err);
}

int
piece_counts_end(piece_counts *w, int dir, const char *name, ndr_error *err)
{
    const int code = flush(w, dir, err);
    if (code != 0)
        return code;
    if (!w->begun) /* none: what an older result had goes */
        return unlinkat(dir, name, 0) == 0 || errno == ENOENT
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "remove the old one");
    w->begun = false;
    return ndr_new_file_put(&w->file, name, true) == NDR_NEW_FILE_DONE
               ? 0
               : ndr_fail(err, NDR_E_SYS, "bring it to the disk");
}

void
piece_counts_drop(piece_counts *w)
{
    if (w->begun)
        ndr_new_file_drop(&w->file);
    ndr_buffer_free(&w->pending);
    *w = (piece_counts){0};
}

/* ---- reading ------------------------------------------------------------------------
 */

/* Its file: a descriptor and *ret; -1: it is not there; or NDR_E_SYS below that. */
static int
open_counts(int dir, const ndr_plan_piece *piece, struct stat *ret, ndr_error *err)
{
    char name[PIECE_COUNTS_NAME_BYTES];
    piece_counts_name(piece, name);
    const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return -1;
    if (fd >= 0 && fstat(fd, ret) == 0)
        return fd;
    const int code = ndr_fail(err, NDR_E_SYS, "%s", name);
    if (fd >= 0)
        (void)close(fd); /* was only read */
    return code - 1;
}

int
piece_counts_there(int dir, const ndr_plan_piece *piece, const piece_counted *told,
                   ndr_error *err)
{
    struct stat st;
    if (told->bytes == 0)
        return 1;
    const int fd = open_counts(dir, piece, &st, err);
    if (fd < 0)
        return fd == -1 ? 0 : fd + 1;
    (void)close(fd); /* was only looked at */
    return S_ISREG(st.st_mode) && (uint64_t)st.st_size == told->bytes;
}

/* All of the file, block by block. */
static int
read_all(int fd, ndr_count_list *to, piece_counted *seen, ndr_buffer *block,
         ndr_error *err)
{
    for (;;) {
        const ssize_t n = read(fd, block->ptr + block->len, READ_BYTES - block->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "read");
        if (n == 0) {
            seen->bytes += block->len; /* of no record: more than was told */
            return 0;
        }
        block->len += (size_t)n;
        const size_t whole = sum_up((ndr_slice){block->ptr, block->len}, seen);
        const int code = ndr_count_list_add(to, (ndr_slice){block->ptr, whole}, err);
        if (code != 0)
            return code;
        if (whole == 0 && block->len == READ_BYTES) {
            seen->bytes += block->len; /* what stands there is none */
            return 0;
        }
        memmove(block->ptr, block->ptr + whole, block->len - whole);
        block->len -= whole;
    }
}

int
piece_counts_read(int dir, const ndr_plan_piece *piece, const piece_counted *told,
                  ndr_count_list *to, ndr_error *err)
{
    piece_counted seen = {0};
    ndr_buffer block = {0};
    struct stat st;
    if (told->count == 0)
        return 0;
    const int fd = open_counts(dir, piece, &st, err);
    if (fd < -1)
        return fd + 1;
    int code = 0;
    if (fd >= 0 && !ndr_buffer_reserve(&block, READ_BYTES))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory to read bounces");
    if (fd >= 0 && code == 0)
        code = read_all(fd, to, &seen, &block, err);
    if (fd >= 0)
        (void)close(fd); /* was only read */
    ndr_buffer_free(&block);
    if (code == 0 &&
        (seen.count != told->count || seen.bytes != told->bytes || seen.sum != told->sum))
        code = ndr_fail(err, NDR_E_DAMAGED,
                        "what is to be counted is not what was written with its result");
    return code;
}
