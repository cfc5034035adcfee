/* SPDX-License-Identifier: BSD-3-Clause */
/* zstd_file.h - zstd frames behind each other, as a file has them. */
#ifndef ZSTD_FILE_H
#define ZSTD_FILE_H

#include "file_of.h"
#include "ndrscan.h"

#include <zstd.h>

static const char zstd_mail[] =
    "From a@example.com Tue May 13 09:31:02 2008\nSubject: x\n\nsome text of it\n\n";

/* `told`: the frame says how much it holds. */
static inline void
add_frame(ndr_buffer *b, const void *bytes, size_t n, bool checksum, bool told)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    assert_non_null(c);
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, checksum)));
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, told)));
    assert_true(ndr_buffer_reserve(b, ZSTD_compressBound(n)));
    const size_t got = ZSTD_compress2(c, b->ptr + b->len, b->cap - b->len, bytes, n);
    assert_false(ZSTD_isError(got));
    b->len += got;
    (void)ZSTD_freeCCtx(c);
}

/* A frame of `n` bytes that decoders pass over, and eight before them. */
static inline void
add_skippable(ndr_buffer *b, unsigned n)
{
    const unsigned char head[8] = {0x5a,
                                   0x2a,
                                   0x4d,
                                   0x18,
                                   (unsigned char)n,
                                   (unsigned char)(n >> 8),
                                   (unsigned char)(n >> 16),
                                   (unsigned char)(n >> 24)};
    ndr_buffer_add(b, (ndr_slice){head, sizeof head});
    for (unsigned i = 0; i < n; i++)
        ndr_buffer_byte(b, 'x');
}

#endif
