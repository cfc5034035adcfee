/* SPDX-License-Identifier: BSD-3-Clause */
/* list.c - which is the next path of a list that is read as it comes? */
#include "work.h"

#include <string.h>

enum { PATH_BYTES_MAX = 1 << 16, CHUNK_BYTES = 1 << 16 };

void
ndr_list_open(ndr_list *l, int fd, bool keep, bool nul, const ndr_wake *wake)
{
    *l = (ndr_list){.separator = nul ? '\0' : '\n'};
    ndr_fd_feed_init(&l->in, fd, true, wake);
    l->in.keep = keep;
}

void
ndr_list_close(ndr_list *l)
{
    if (l->in.feed.close != NULL)
        l->in.feed.close(&l->in.feed);
    ndr_buffer_free(&l->bytes);
}

/* A path of `n` bytes at `at`, its separator made a NUL; false for an empty one. */
static bool
take(ndr_list *l, size_t n, char **ret)
{
    unsigned char *p = l->bytes.ptr + l->at;
    p[n] = '\0';
    l->at += n + 1;
    *ret = (char *)p;
    return n > 0;
}

int
ndr_list_next(ndr_list *l, bool wait, char **ret, ndr_error *err)
{
    for (;;) {
        const size_t left = l->bytes.len - l->at;
        const unsigned char *p = left > 0 ? l->bytes.ptr + l->at : NULL;
        const unsigned char *end = left > 0 ? memchr(p, l->separator, left) : NULL;
        if (end != NULL && l->skipping) {
            l->skipping = false;
            l->at += (size_t)(end - p) + 1;
            continue;
        }
        if (end != NULL) {
            if (take(l, (size_t)(end - p), ret))
                return 1;
            continue;
        }
        if (l->end) {
            if (left == 0 || l->skipping)
                return 0;
            if (!ndr_buffer_reserve(&l->bytes, 1))
                return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
            l->bytes.len++;
            return take(l, left, ret) ? 1 : 0;
        }
        if (l->at > 0) {
            memmove(l->bytes.ptr, l->bytes.ptr + l->at, left);
            l->bytes.len = left;
            l->at = 0;
        }
        if (left > PATH_BYTES_MAX) {
            const bool first = !l->skipping;
            l->bytes.len = 0;
            l->skipping = true;
            if (first)
                return ndr_fail(err, NDR_E_LIMIT, "holds a path over %d bytes",
                                (int)PATH_BYTES_MAX);
            continue;
        }
        if (!ndr_buffer_reserve(&l->bytes, CHUNK_BYTES))
            return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
        const int64_t n = l->in.feed.read(&l->in.feed, l->bytes.ptr + l->bytes.len,
                                          CHUNK_BYTES, wait, err);
        if (n < 0)
            return (int)n;
        l->bytes.len += (size_t)n;
        l->end = n == 0;
    }
}
