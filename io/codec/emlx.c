/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * emlx.c - which bytes of an Apple Mail .emlx file are the message?
 *
 *   1234      LF      the message's length in bytes, blanks behind it
 *   the message
 *   <?xml ...         a property list of flags and dates
 */
#include "feed.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_LINE_MOST = 32 };

typedef struct emlx_feed {
    ndr_feed feed;
    ndr_feed *in;
    uint64_t left;
} emlx_feed;

/* Where the message begins; 0: this is no such file. */
static size_t
length_line(const unsigned char *p, size_t n, uint64_t *ret)
{
    const size_t most = n < LENGTH_LINE_MOST ? n : LENGTH_LINE_MOST;
    size_t i = 0;
    *ret = 0;
    while (i < most && i < 12 && p[i] >= '0' && p[i] <= '9')
        *ret = *ret * 10 + (uint64_t)(p[i++] - '0');
    if (i == 0)
        return 0;
    while (i < most && p[i] == ' ')
        i++;
    if (i < most && p[i] == '\r')
        i++;
    return i < most && p[i] == '\n' ? i + 1 : 0;
}

bool
ndr_emlx_bid(const unsigned char *p, size_t n)
{
    uint64_t length;
    const size_t at = length_line(p, n, &length);
    return at > 0 && length > 0 && ndr_begins_field(p + at, n - at);
}

static int64_t
emlx_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    emlx_feed *f = (emlx_feed *)feed;
    if (f->left == 0)
        return 0;
    const int64_t n =
        f->in->read(f->in, to, room < f->left ? room : (size_t)f->left, wait, err);
    if (n > 0)
        f->left -= (uint64_t)n;
    if (n == 0)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "truncated .emlx file: %llu bytes of its message are missing",
                        (unsigned long long)f->left);
    return n;
}

static void
emlx_close(ndr_feed *feed)
{
    emlx_feed *f = (emlx_feed *)feed;
    f->in->close(f->in);
    free(f);
}

int
ndr_emlx_open(ndr_peek *in, ndr_feed **ret, uint64_t *ret_at, ndr_error *err)
{
    emlx_feed *f = malloc(sizeof *f);
    if (f == NULL) {
        in->feed.close(&in->feed);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read a file");
    }
    *f = (emlx_feed){.feed = {.read = emlx_read, .close = emlx_close}, .in = &in->feed};
    in->at = length_line(in->bytes, in->have, &f->left);
    *ret_at = in->at;
    *ret = &f->feed;
    return 0;
}
