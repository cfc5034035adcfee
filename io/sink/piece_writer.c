/* SPDX-License-Identifier: BSD-3-Clause */
/* piece_writer.c - see ndr_piece_file.h. */
#include "ndr_file.h"
#include "ndr_hash.h"
#include "ndr_piece_file.h"
#include "piece_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

enum { OUT_BYTES = 1 << 18 };

struct ndr_piece_writer {
    ndr_new_file file;
    ZSTD_CCtx *zstd; /* NULL: as it is */
    ndr_buffer out;  /* what is not written yet */
    uint64_t stored; /* bytes that came out so far */
    uint64_t bytes;
    ndr_hasher *hasher;
};

int
ndr_piece_writer_new(int dir, bool zstd, ndr_piece_writer **ret, ndr_error *err)
{
    ndr_piece_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a result");
    w->file.fd = -1;
    w->hasher = ndr_hasher_new();
    w->zstd = zstd ? ZSTD_createCCtx() : NULL;
    int code = 0;
    if (w->hasher == NULL || (zstd && w->zstd == NULL) ||
        !ndr_buffer_reserve(&w->out, OUT_BYTES))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for a result");
    if (zstd && code == 0 &&
        ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1)) != 0)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for a result");
    if (code == 0 && !ndr_new_file_begin(&w->file, dir, NULL, 0600))
        code = ndr_fail(err, NDR_E_SYS, "cannot be made");
    if (code != 0) {
        ndr_piece_writer_free(w);
        return code;
    }
    ndr_hasher_begin(w->hasher, 0);
    *ret = w;
    return 0;
}

static int
write_out(ndr_piece_writer *w, ndr_slice bytes, ndr_error *err)
{
    w->stored += bytes.len;
    return ndr_write_all(w->file.fd, bytes) ? 0 : ndr_fail(err, NDR_E_SYS, "write");
}

static int
flush(ndr_piece_writer *w, ndr_error *err)
{
    const int code = write_out(w, (ndr_slice){w->out.ptr, w->out.len}, err);
    ndr_buffer_clear(&w->out);
    return code;
}

static int
put_plain(ndr_piece_writer *w, ndr_slice bytes, ndr_error *err)
{
    int code = 0;
    if (bytes.len > w->out.cap - w->out.len)
        code = flush(w, err);
    if (code == 0 && bytes.len > w->out.cap)
        return write_out(w, bytes, err);
    if (code == 0)
        ndr_buffer_add(&w->out, bytes);
    return code;
}

/* `last` ends the frame. */
static int
put_zstd(ndr_piece_writer *w, ndr_slice bytes, bool last, ndr_error *err)
{
    ZSTD_inBuffer in = {bytes.ptr, bytes.len, 0};
    for (;;) {
        ZSTD_outBuffer out = {w->out.ptr + w->out.len, w->out.cap - w->out.len, 0};
        const size_t left =
            ZSTD_compressStream2(w->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) != 0)
            return ndr_fail(err, NDR_E_NOMEM, "zstd: %s", ZSTD_getErrorName(left));
        w->out.len += out.pos;
        if (last ? left == 0 : in.pos == in.size)
            return 0;
        const int code = flush(w, err);
        if (code != 0)
            return code;
    }
}

int
ndr_piece_writer_add(ndr_piece_writer *w, ndr_slice bytes, ndr_error *err)
{
    if (bytes.len == 0)
        return 0;
    w->bytes += bytes.len;
    ndr_hasher_add(w->hasher, bytes);
    return w->zstd != NULL ? put_zstd(w, bytes, false, err) : put_plain(w, bytes, err);
}

uint64_t
ndr_piece_writer_bytes(const ndr_piece_writer *w)
{
    return w->bytes;
}

uint64_t
ndr_piece_writer_sum(const ndr_piece_writer *w)
{
    return ndr_hasher_end(w->hasher);
}

static int
put_end(ndr_piece_writer *w, ndr_slice end, ndr_error *err)
{
    const ndr_slice line_end = NDR_SLICE("\n");
    if (w->zstd == NULL) {
        const int code = put_plain(w, end, err);
        return code != 0 ? code : put_plain(w, line_end, err);
    }
    unsigned char footer[NDR_PIECE_FOOTER_BYTES];
    int code = put_zstd(w, (ndr_slice){0}, true, err);
    if (code == 0)
        code = flush(w, err);
    ndr_piece_footer_put(footer, w->stored);
    if (code == 0)
        code = put_zstd(w, end, false, err);
    if (code == 0)
        code = put_zstd(w, line_end, true, err);
    return code != 0 ? code : put_plain(w, (ndr_slice){footer, sizeof footer}, err);
}

int
ndr_piece_writer_end(ndr_piece_writer *w, ndr_slice end, const char *name, ndr_error *err)
{
    int code = put_end(w, end, err);
    if (code == 0)
        code = flush(w, err);
    if (code != 0)
        return code;
    switch (ndr_new_file_put(&w->file, name, true)) {
    case NDR_NEW_FILE_DONE:
        return 0;
    case NDR_NEW_FILE_SYNC:
        return ndr_fail(err, NDR_E_SYS, "sync");
    case NDR_NEW_FILE_NAME:
        return ndr_fail(err, NDR_E_SYS, "cannot get its name");
    case NDR_NEW_FILE_FOLDER:
        break;
    }
    return ndr_fail(err, NDR_E_SYS, "sync its folder");
}

void
ndr_piece_writer_free(ndr_piece_writer *w)
{
    if (w == NULL)
        return;
    ndr_new_file_drop(&w->file);
    (void)ZSTD_freeCCtx(w->zstd); /* cannot fail */
    ndr_hasher_free(w->hasher);
    ndr_buffer_free(&w->out);
    free(w);
}
