/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_filter.c - what do gzip, bzip2 and xz files hold? (RFC 1952; bzip2; the .xz
 * format)
 *
 * All that can be decoded before the damage is given, and then the damage is told.
 * Streams follow each other, and NULs may stand behind one, as tapes and xz pad them; any
 * other bytes there are damage: what they were would be lost without a word.
 */
#include "codec_lib.h"
#include "feed.h"

#include <stdlib.h>
#include <string.h>

enum { IN_BYTES = 1 << 16, GZIP_WINDOW = 15 + 16 };
static const uint64_t xz_memory = UINT64_C(160) << 20; /* -9 takes 65 MiB of it */

enum step { STEP_ON, STEP_END, STEP_DAMAGED, STEP_NOMEM, STEP_WIDE };

typedef struct filter_feed filter_feed;
typedef struct coder {
    const char *name; /* of the codec */
    enum ndr_codec_library library;
    unsigned char magic; /* the first byte of a stream */
    enum step (*begin)(filter_feed *f);
    /* Decode from f->at into f->to, as far as they go. */
    enum step (*step)(filter_feed *f);
    void (*end)(filter_feed *f);
} coder;

struct filter_feed {
    ndr_feed feed;
    ndr_feed *in;
    const char *name;
    const coder *coder;
    union {
        z_stream gzip;
        bz_stream bzip2;
        lzma_stream xz;
    } of;
    bool inside;      /* a stream is open */
    bool held;        /* the decoder may have output left that found no room */
    bool in_end;      /* nothing comes behind at[left - 1] */
    enum step failed; /* told when what was decoded before has been given */
    const char *why;  /* of the library, or NULL */
    uint64_t base;    /* offset in `in` of *at */
    const unsigned char *at;
    size_t left;
    unsigned char *to;
    size_t room;
    unsigned char bytes[IN_BYTES];
};

static void
take(filter_feed *f, size_t in_left, size_t out_left)
{
    const size_t used = f->left - in_left;
    f->at += used;
    f->base += used;
    f->left = in_left;
    f->to += f->room - out_left;
    f->room = out_left;
}

/* What libraries count in is less than a size_t. */
static unsigned
few(size_t n)
{
    enum { MOST = 1 << 30 };
    return n < MOST ? (unsigned)n : (unsigned)MOST;
}

/* The libraries take, for bytes that they only read, what is not const. */
static unsigned char *
only_read(const unsigned char *p)
{
    return (unsigned char *)(uintptr_t)p;
}

/* ---- gzip -------------------------------------------------------------------------- */

static enum step
gzip_begin(filter_feed *f)
{
    f->of.gzip = (z_stream){0};
    const int code = ndr_codec_lib.inflateInit2_(&f->of.gzip, GZIP_WINDOW, ZLIB_VERSION,
                                                 (int)sizeof f->of.gzip);
    return code == Z_OK ? STEP_ON : code == Z_MEM_ERROR ? STEP_NOMEM : STEP_DAMAGED;
}

static enum step
gzip_step(filter_feed *f)
{
    z_stream *z = &f->of.gzip;
    const unsigned in = few(f->left), out = few(f->room);
    z->next_in = only_read(f->at);
    z->avail_in = in;
    z->next_out = f->to;
    z->avail_out = out;
    const int code = ndr_codec_lib.inflate(z, Z_NO_FLUSH);
    take(f, f->left - (in - z->avail_in), f->room - (out - z->avail_out));
    f->why = z->msg;
    return code == Z_STREAM_END                  ? STEP_END
           : code == Z_OK || code == Z_BUF_ERROR ? STEP_ON
           : code == Z_MEM_ERROR                 ? STEP_NOMEM
                                                 : STEP_DAMAGED;
}

static void
gzip_end(filter_feed *f)
{
    (void)ndr_codec_lib.inflateEnd(&f->of.gzip); /* cannot fail on what it began */
}

/* ---- bzip2 ------------------------------------------------------------------------- */

static enum step
bzip2_begin(filter_feed *f)
{
    f->of.bzip2 = (bz_stream){0};
    return ndr_codec_lib.BZ2_bzDecompressInit(&f->of.bzip2, 0, 0) == BZ_OK ? STEP_ON
                                                                           : STEP_NOMEM;
}

static enum step
bzip2_step(filter_feed *f)
{
    bz_stream *z = &f->of.bzip2;
    const unsigned in = few(f->left), out = few(f->room);
    z->next_in = (char *)only_read(f->at);
    z->avail_in = in;
    z->next_out = (char *)f->to;
    z->avail_out = out;
    const int code = ndr_codec_lib.BZ2_bzDecompress(z);
    take(f, f->left - (in - z->avail_in), f->room - (out - z->avail_out));
    return code == BZ_STREAM_END  ? STEP_END
           : code == BZ_OK        ? STEP_ON
           : code == BZ_MEM_ERROR ? STEP_NOMEM
                                  : STEP_DAMAGED;
}

static void
bzip2_end(filter_feed *f)
{
    (void)ndr_codec_lib.BZ2_bzDecompressEnd(&f->of.bzip2); /* nor can this */
}

/* ---- xz ---------------------------------------------------------------------------- */

static enum step
xz_begin(filter_feed *f)
{
    f->of.xz = (lzma_stream)LZMA_STREAM_INIT;
    return ndr_codec_lib.lzma_stream_decoder(&f->of.xz, xz_memory, 0) == LZMA_OK
               ? STEP_ON
               : STEP_NOMEM;
}

static enum step
xz_step(filter_feed *f)
{
    lzma_stream *z = &f->of.xz;
    z->next_in = f->at;
    z->avail_in = f->left;
    z->next_out = f->to;
    z->avail_out = f->room;
    const lzma_ret code = ndr_codec_lib.lzma_code(z, LZMA_RUN);
    take(f, z->avail_in, z->avail_out);
    return code == LZMA_STREAM_END                     ? STEP_END
           : code == LZMA_OK || code == LZMA_BUF_ERROR ? STEP_ON
           : code == LZMA_MEM_ERROR                    ? STEP_NOMEM
           : code == LZMA_MEMLIMIT_ERROR               ? STEP_WIDE
                                                       : STEP_DAMAGED;
}

static void
xz_end(filter_feed *f)
{
    ndr_codec_lib.lzma_end(&f->of.xz);
}

/* ---- the feed ---------------------------------------------------------------------- */

static int
filter_fail(const filter_feed *f, ndr_error *err)
{
    const unsigned long long at = f->base;
    if (f->failed == STEP_NOMEM)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to decode %s", f->name);
    if (f->failed == STEP_WIDE)
        return ndr_fail(err, NDR_E_LIMIT,
                        "%s data that needs over %llu MiB to decode: decode it with '%s "
                        "-dc' and scan its output",
                        f->name, (unsigned long long)(xz_memory >> 20), f->name);
    return ndr_fail(err, NDR_E_DAMAGED, "damaged %s data near byte %llu%s%s", f->name, at,
                    f->why != NULL ? ": " : "", f->why != NULL ? f->why : "");
}

static int
cut(const filter_feed *f, ndr_error *err)
{
    return ndr_fail(err, NDR_E_DAMAGED,
                    "truncated %s data: it ends at byte %llu, inside a stream", f->name,
                    (unsigned long long)f->base);
}

/* Between two streams: 1 when one begins; 0 at the end, or when more must be read; or an
 * ndr_code. */
static int
next_stream(filter_feed *f, ndr_error *err)
{
    while (f->left > 0 && f->base > 0 && *f->at == '\0')
        take(f, f->left - 1, f->room);
    if (f->left == 0)
        return 0;
    if (*f->at != f->coder->magic)
        return ndr_fail(err, NDR_E_DAMAGED, "no %s stream at byte %llu", f->name,
                        (unsigned long long)f->base);
    f->why = NULL;
    f->failed = f->coder->begin(f);
    f->inside = f->failed == STEP_ON;
    return f->inside ? 1 : filter_fail(f, err);
}

/* See that there is input: 1; 0 at its end; or as ndr_feed.read. */
static int64_t
fetch(filter_feed *f, bool wait, ndr_error *err)
{
    if (f->left > 0 || f->in_end)
        return f->left > 0;
    const int64_t n = ndr_feed_lend(f->in, f->bytes, IN_BYTES, &f->at, wait, err);
    f->in_end = n == 0;
    f->left = n > 0 ? (size_t)n : 0;
    return n > 0 ? 1 : n;
}

static int64_t
filter_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    filter_feed *f = (filter_feed *)feed;
    f->to = to;
    f->room = room;
    while (f->failed == STEP_ON) {
        const int64_t got = f->held ? 1 : fetch(f, wait, err);
        if (got < 0)
            return got;
        if (!f->inside) {
            const int begun = next_stream(f, err);
            if (begun < 0)
                return begun;
            if (begun == 0 && f->in_end)
                return 0;
            if (begun == 0)
                continue;
        }
        const size_t left = f->left;
        const enum step step = f->coder->step(f);
        f->held = step == STEP_ON && f->room == 0;
        if (step == STEP_END) {
            f->coder->end(f);
            f->inside = false;
        } else if (step != STEP_ON) {
            f->failed = step;
        }
        if (f->room < room)
            return (int64_t)(room - f->room);
        if (step == STEP_ON && got == 0 && left == f->left)
            return cut(f, err);
    }
    return filter_fail(f, err);
}

static void
filter_close(ndr_feed *feed)
{
    filter_feed *f = (filter_feed *)feed;
    if (f->inside)
        f->coder->end(f);
    f->in->close(f->in);
    free(f);
}

static const coder coders[] = {
    {"gzip", NDR_LIB_ZLIB, 0x1f, gzip_begin, gzip_step, gzip_end},
    {"bzip2", NDR_LIB_BZIP2, 'B', bzip2_begin, bzip2_step, bzip2_end},
    {"xz", NDR_LIB_LZMA, 0xfd, xz_begin, xz_step, xz_end},
};

static const coder *
find(const char *name)
{
    for (size_t i = 0; i < sizeof coders / sizeof coders[0]; i++)
        if (strcmp(coders[i].name, name) == 0)
            return &coders[i];
    return NULL;
}

int
ndr_filter_open(const ndr_codec *c, ndr_feed *in, ndr_feed **ret, ndr_error *err)
{
    const coder *of = find(c->name);
    const int rc = of != NULL ? ndr_codec_load(of->library, err)
                              : ndr_fail(err, NDR_E_INVAL, "no coder for %s", c->name);
    filter_feed *f = rc == 0 ? malloc(sizeof *f) : NULL;
    if (f == NULL) {
        in->close(in);
        return rc != 0 ? rc
                       : ndr_fail(err, NDR_E_NOMEM, "no memory to decode %s", c->name);
    }
    f->feed = (ndr_feed){.read = filter_read, .close = filter_close};
    f->in = in;
    f->name = c->name;
    f->coder = of;
    f->inside = f->held = f->in_end = false;
    f->failed = STEP_ON;
    f->why = NULL;
    f->base = 0;
    f->at = f->bytes;
    f->left = 0;
    *ret = &f->feed;
    return 0;
}
