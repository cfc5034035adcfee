/* SPDX-License-Identifier: BSD-3-Clause */
/* piece_reader.c - see ndr_piece_file.h. */
#include "codec/read_at.h"
#include "ndr_piece_file.h"
#include "piece_frames.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum {
    /* so little that what is read is still in a core's cache when it is summed up and
     * written: from 256 KiB on the copy out of the page cache takes three times as long
     */
    IN_BYTES = 1 << 17,
    OUT_BYTES = 1 << 17,
    END_FIRST = 1 << 14, /* of an end record, read at first */
    END_MOST = 256 << 20,
};

struct ndr_piece_reader {
    int fd; /* borrowed */
    uint64_t at, until;
    ZSTD_DCtx *zstd; /* NULL until one is read */
    bool packed;
    bool full; /* the decoder may hold more than had room */
    unsigned char *in, *out;
    ZSTD_inBuffer left; /* read and not decoded */
};

static int
read_at(int fd, unsigned char *to, size_t n, uint64_t at, ndr_error *err)
{
    const int64_t got = ndr_read_at(fd, to, n, at);
    if (got < 0)
        return ndr_fail(err, NDR_E_SYS, "read");
    return got == (int64_t)n ? 0 : ndr_fail(err, NDR_E_DAMAGED, "is shorter than it was");
}

static int
no_end(ndr_error *err)
{
    return ndr_fail(err, NDR_E_DAMAGED, "has no end record");
}

/* The last line of a plain file; a NUL ends a line, too, where paths do. */
static int
read_plain_end(int fd, uint64_t size, ndr_buffer *end, uint64_t *ret_until,
               ndr_error *err)
{
    for (uint64_t n = END_FIRST;; n *= 4) {
        if (n > size)
            n = size;
        ndr_buffer_clear(end);
        if (!ndr_buffer_reserve(end, (size_t)n + 1))
            return ndr_fail(err, NDR_E_NOMEM, "no memory for an end record");
        const int code = read_at(fd, end->ptr, (size_t)n, size - n, err);
        if (code != 0)
            return code;
        if (n == 0 || end->ptr[n - 1] != '\n')
            return no_end(err);
        size_t at = (size_t)n - 1;
        while (at > 0 && end->ptr[at - 1] != '\n' && end->ptr[at - 1] != '\0')
            at--;
        if (at == 0 && n < size && n < END_MOST)
            continue;
        *ret_until = size - n + at;
        end->len = (size_t)n - 1 - at;
        memmove(end->ptr, end->ptr + at, end->len);
        return 0;
    }
}

static int
read_zstd_end(int fd, uint64_t size, ndr_buffer *end, uint64_t *ret_until, ndr_error *err)
{
    unsigned char footer[NDR_PIECE_FOOTER_BYTES];
    if (size < sizeof footer)
        return no_end(err);
    const uint64_t last = size - sizeof footer;
    int code = read_at(fd, footer, sizeof footer, last, err);
    if (code != 0)
        return code;
    if (!ndr_piece_footer_get(footer, ret_until) || *ret_until >= last ||
        last - *ret_until > END_MOST)
        return no_end(err);
    ndr_piece_reader *r = ndr_piece_reader_new();
    code = r == NULL ? ndr_fail(err, NDR_E_NOMEM, "no memory for an end record")
                     : ndr_piece_reader_begin(r, fd, true, last, err);
    if (code == 0)
        r->at = *ret_until;
    ndr_buffer_clear(end);
    ndr_slice bytes;
    while (code >= 0 && (code = ndr_piece_reader_next(r, &bytes, err)) == 1) {
        ndr_buffer_add(end, bytes);
        if (end->failed || end->len > END_MOST)
            code = ndr_fail(err, NDR_E_NOMEM, "no memory for an end record");
    }
    ndr_piece_reader_free(r);
    if (code == 0 && (end->len == 0 || end->ptr[--end->len] != '\n'))
        code = no_end(err);
    return code;
}

int
ndr_piece_end_read(int fd, bool zstd, ndr_buffer *end, uint64_t *ret_until,
                   ndr_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "fstat");
    const uint64_t size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
    const int code = zstd ? read_zstd_end(fd, size, end, ret_until, err)
                          : read_plain_end(fd, size, end, ret_until, err);
    if (code != 0)
        return code;
    const size_t n = sizeof NDR_PIECE_END - 1;
    return end->len > n && memcmp(end->ptr, NDR_PIECE_END, n) == 0 ? 0 : no_end(err);
}

ndr_piece_reader *
ndr_piece_reader_new(void)
{
    ndr_piece_reader *r = calloc(1, sizeof *r);
    if (r != NULL && (r->in = malloc(IN_BYTES)) == NULL) {
        free(r);
        return NULL;
    }
    return r;
}

int
ndr_piece_reader_begin(ndr_piece_reader *r, int fd, bool zstd, uint64_t until,
                       ndr_error *err)
{
    r->fd = fd;
    r->at = 0;
    r->until = until;
    r->packed = zstd;
    r->full = false;
    r->left = (ZSTD_inBuffer){r->in, 0, 0};
    if (!zstd)
        return 0;
    if (r->zstd == NULL)
        r->zstd = ZSTD_createDCtx();
    if (r->out == NULL)
        r->out = malloc(OUT_BYTES);
    if (r->zstd == NULL || r->out == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read a result");
    (void)ZSTD_DCtx_reset(r->zstd, ZSTD_reset_session_only); /* cannot fail */
    return 0;
}

/* As it is stored, up to `until`: 1, 0 or an ndr_code. */
static int
read_more(ndr_piece_reader *r, ndr_slice *ret, ndr_error *err)
{
    const uint64_t left = r->until - r->at;
    const size_t n = left < IN_BYTES ? (size_t)left : IN_BYTES;
    if (n == 0)
        return 0;
    const int code = read_at(r->fd, r->in, n, r->at, err);
    r->at += n;
    *ret = (ndr_slice){r->in, n};
    return code != 0 ? code : 1;
}

int
ndr_piece_reader_next(ndr_piece_reader *r, ndr_slice *ret, ndr_error *err)
{
    if (!r->packed)
        return read_more(r, ret, err);
    for (;;) {
        ndr_slice in;
        if (r->left.pos == r->left.size && !r->full) {
            const int got = read_more(r, &in, err);
            if (got <= 0)
                return got;
            r->left = (ZSTD_inBuffer){in.ptr, in.len, 0};
        }
        ZSTD_outBuffer out = {r->out, OUT_BYTES, 0};
        const size_t code = ZSTD_decompressStream(r->zstd, &out, &r->left);
        if (ZSTD_isError(code) != 0)
            return ndr_fail(err, NDR_E_DAMAGED, "zstd: %s", ZSTD_getErrorName(code));
        r->full = out.pos == out.size;
        if (out.pos > 0) {
            *ret = (ndr_slice){r->out, out.pos};
            return 1;
        }
    }
}

void
ndr_piece_reader_free(ndr_piece_reader *r)
{
    if (r == NULL)
        return;
    (void)ZSTD_freeDCtx(r->zstd); /* cannot fail */
    free(r->in);
    free(r->out);
    free(r);
}
