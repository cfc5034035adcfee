/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_lib.h - how are zlib, libbz2 and liblzma there only for those who meet their
 * files?
 *
 * As libarchive (archive_lib.h): loaded when the first one is met, and called through a
 * table. libarchive's own filters are no way: what they had decoded of a block is lost
 * when its end is damaged.
 */
#ifndef NDR_CODEC_LIB_H
#define NDR_CODEC_LIB_H

#include "ndrscan.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>

/* name, what zlib.h, bzlib.h and lzma.h declare; ndr_codec_calls has a pointer each */
#define NDR_ZLIB_CALLS(X) X(inflateInit2_) X(inflate) X(inflateReset) X(inflateEnd)
#define NDR_BZIP2_CALLS(X)                                                               \
    X(BZ2_bzDecompressInit) X(BZ2_bzDecompress) X(BZ2_bzDecompressEnd)
#define NDR_LZMA_CALLS(X) X(lzma_stream_decoder) X(lzma_code) X(lzma_end)

#define NDR_CODEC_MEMBER(name) __typeof__(&name) name;
typedef struct ndr_codec_calls {
    NDR_ZLIB_CALLS(NDR_CODEC_MEMBER)
    NDR_BZIP2_CALLS(NDR_CODEC_MEMBER)
    NDR_LZMA_CALLS(NDR_CODEC_MEMBER)
} ndr_codec_calls;

/* Filled by ndr_codec_load, a library at a time. */
extern ndr_codec_calls ndr_codec_lib;

enum ndr_codec_library { NDR_LIB_ZLIB, NDR_LIB_BZIP2, NDR_LIB_LZMA, NDR_LIBS };
/* Load one, once. NDR_E_LIMIT: it is not there. Thread: any. */
int ndr_codec_load(enum ndr_codec_library which, ndr_error *err);

#endif
