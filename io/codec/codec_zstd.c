/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_zstd.c - what do zstd frames hold? (RFC 8878)
 *
 * Frames follow each other and skippable frames may stand between; the end of
 * the file inside a frame is damage, not an end.
 */
#include "zstd_frames.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MAX = 27, IN_BYTES = 1 << 17, HEADER_BYTES = 5, BLOCK_HEADER = 3 };

typedef struct zstd_feed {
    ndr_feed feed;
    ndr_feed *in;
    ZSTD_DCtx *ctx;
    ZSTD_inBuffer pending; /* of `bytes` or lent, not yet decoded */
    uint64_t base;         /* offset in `in` of its first byte */
    uint64_t frame_at;     /* where the current frame begins */
    bool inside;           /* a frame is open */
    bool held;             /* the decoder has output left that found no room */
    size_t next;           /* bytes that the decoder wants at once, to the next block */
    unsigned char bytes[IN_BYTES];
} zstd_feed;

static uint32_t
le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

bool
ndr_zstd_bid(const unsigned char *p, size_t n, bool last)
{
    static const unsigned char magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    if (n < 4) /* a file that was cut this short is still told */
        return last && n >= 2 && memcmp(p, magic, n) == 0;
    return memcmp(p, magic, 4) == 0 || (le32(p) & 0xfffffff0u) == 0x184d2a50u;
}

static int
zstd_fail(const zstd_feed *z, size_t code, ndr_error *err)
{
    const unsigned long long at = z->base + z->pending.pos;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return ndr_fail(err, NDR_E_NOMEM, "no memory to decode zstd");
    case ZSTD_error_frameParameter_windowTooLarge:
        return ndr_fail(err, NDR_E_LIMIT,
                        "zstd frame at byte %llu needs a window over 128 MiB: decode it "
                        "with 'zstd -dc --long=31' and scan its output",
                        (unsigned long long)z->frame_at);
    case ZSTD_error_prefix_unknown:
        return ndr_fail(err, NDR_E_DAMAGED, "no zstd frame at byte %llu",
                        (unsigned long long)z->frame_at);
    default:
        return ndr_fail(err, NDR_E_DAMAGED,
                        "damaged zstd frame at byte %llu (near byte %llu: %s)",
                        (unsigned long long)z->frame_at, at, ZSTD_getErrorName(code));
    }
}

/* What to give it next, when it says that it wants `left`: it asks for the header of the
 * next block along with the block, and that would be looked at in the same call. */
static size_t
next_of(size_t left)
{
    return left == 0                     ? (size_t)HEADER_BYTES
           : left > (size_t)BLOCK_HEADER ? left - BLOCK_HEADER
                                         : left;
}

static int64_t
zstd_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    zstd_feed *z = (zstd_feed *)feed;
    for (;;) {
        if (z->pending.pos == z->pending.size && !z->held) {
            const unsigned char *bytes;
            const int64_t n = ndr_feed_lend(z->in, z->bytes, IN_BYTES, &bytes, wait, err);
            if (n < 0)
                return n;
            z->base += z->pending.size;
            z->pending = (ZSTD_inBuffer){z->bytes, 0, 0};
            if (n == 0 && z->inside)
                return ndr_fail(err, NDR_E_DAMAGED,
                                "truncated zstd frame at byte %llu: the file ends inside "
                                "it, at byte %llu",
                                (unsigned long long)z->frame_at,
                                (unsigned long long)z->base);
            if (n == 0)
                return 0;
            z->pending = (ZSTD_inBuffer){bytes, (size_t)n, 0};
        }
        if (!z->inside)
            z->frame_at = z->base + z->pending.pos;
        /* No more than a block, and nothing while one is still being given: an error
         * takes back what else the same call gave. So all blocks before the damage are
         * given, and it costs the same bytes whatever room is. */
        ZSTD_outBuffer out = {to, room, 0};
        ZSTD_inBuffer in = z->pending;
        const size_t most = z->held ? 0 : z->next;
        if (in.size - in.pos > most)
            in.size = in.pos + most;
        const size_t left = ZSTD_decompressStream(z->ctx, &out, &in);
        z->pending.pos = in.pos;
        if (ZSTD_isError(left))
            return zstd_fail(z, left, err);
        z->inside = left != 0;
        z->next = next_of(left);
        z->held = z->inside && out.pos == out.size;
        if (out.pos > 0)
            return (int64_t)out.pos;
    }
}

static void
zstd_close(ndr_feed *feed)
{
    zstd_feed *z = (zstd_feed *)feed;
    (void)ZSTD_freeDCtx(z->ctx); /* cannot fail on what it created */
    z->in->close(z->in);
    free(z);
}

void
ndr_zstd_again(ndr_feed *feed, uint64_t base)
{
    zstd_feed *z = (zstd_feed *)feed;
    (void)ZSTD_DCtx_reset(z->ctx, ZSTD_reset_session_only); /* of its own context */
    z->pending = (ZSTD_inBuffer){z->bytes, 0, 0};
    z->base = z->frame_at = base;
    z->inside = z->held = false;
    z->next = HEADER_BYTES;
}

size_t
ndr_zstd_at_once(ndr_feed *feed, unsigned char *to, size_t room, const unsigned char *p,
                 size_t n)
{
    zstd_feed *z = (zstd_feed *)feed;
    const size_t got = ZSTD_decompressDCtx(z->ctx, to, room, p, n);
    return ZSTD_isError(got) ? SIZE_MAX : got;
}

int
ndr_zstd_open(const ndr_codec *c, ndr_feed *in, ndr_feed **ret, ndr_error *err)
{
    (void)c;
    return ndr_zstd_open_at(in, 0, ret, err);
}

int
ndr_zstd_open_at(ndr_feed *in, uint64_t base, ndr_feed **ret, ndr_error *err)
{
    zstd_feed *z = malloc(sizeof *z);
    ZSTD_DCtx *ctx = ZSTD_createDCtx();
    if (z == NULL || ctx == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(ctx, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        (void)ZSTD_freeDCtx(ctx); /* takes NULL */
        free(z);
        in->close(in);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to decode zstd");
    }
    z->feed = (ndr_feed){.read = zstd_read, .close = zstd_close};
    z->in = in;
    z->ctx = ctx;
    ndr_zstd_again(&z->feed, base);
    *ret = &z->feed;
    return 0;
}
