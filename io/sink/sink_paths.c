/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sink_paths.c - how do other tools get the paths of what was found?
 *
 * As a list of paths, each behind the other with a line end (or a NUL) that no
 * path may hold, so nothing is escaped: but on a terminal, which no tool reads. The
 * messages of one source follow each other: within a batch a path that stands at the end
 * already is not added again, and commit leaves out a first path that the batch before
 * ended in.
 */
#include "append.h"
#include "sinks.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct paths_sink {
    ndr_sink port;
    int fd;
    unsigned char end; /* behind each path: '\n' or NUL */
    bool terminal;
    ndr_buffer last; /* the path written last, with its end; empty before the first */
} paths_sink;

/* True when the last of the paths in `out` is `path`. */
static bool
ends_in(ndr_slice out, ndr_slice path, unsigned char end)
{
    if (out.len <= path.len)
        return false;
    const unsigned char *p = out.ptr + (out.len - 1 - path.len);
    return (p == out.ptr || p[-1] == end) && memcmp(p, path.ptr, path.len) == 0;
}

static int
render(const ndr_sink *s, ndr_batch *b, const ndr_message *m, const ndr_verdict *v,
       ndr_error *err)
{
    const paths_sink *p = (const paths_sink *)s;
    ndr_slice path = ndr_slice_of(m->source);
    ndr_buffer seen = {0};
    (void)v;
    if (p->end == '\n' && memchr(path.ptr, '\n', path.len) != NULL) {
        /* half of it would be another file's name: it is told, not written */
        ndr_error why;
        (void)ndr_fail(&why, NDR_E_SYNTAX, "path holds a line end; use --output paths0");
        ndr_batch_trouble(b, m->source, &why);
        return 0;
    }
    if (p->terminal) {
        ndr_put_visible(&seen, path, false);
        b->out.failed |= seen.failed;
        path = (ndr_slice){seen.ptr, seen.len};
    }
    if (!ends_in((ndr_slice){b->out.ptr, b->out.len}, path, p->end)) {
        append_bytes(&b->out, path.ptr, path.len);
        append_bytes(&b->out, &p->end, 1);
    }
    ndr_buffer_free(&seen);
    return b->out.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a record") : 0;
}

static int
commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    paths_sink *p = (paths_sink *)s;
    ndr_slice out = {b->out.ptr, b->out.len};
    (void)base;
    if (b->out.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for records");
    if (out.len == 0)
        return 0;

    if (p->last.len > 0 && p->last.len <= out.len &&
        memcmp(out.ptr, p->last.ptr, p->last.len) == 0) {
        out.ptr += p->last.len;
        out.len -= p->last.len;
    }
    if (out.len == 0)
        return 0;

    size_t begin = out.len - 1;
    while (begin > 0 && out.ptr[begin - 1] != p->end)
        begin--;
    ndr_buffer_clear(&p->last);
    append_bytes(&p->last, out.ptr + begin, out.len - begin);
    if (p->last.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    return ndr_write_whole(p->fd, out, err);
}

static int
close_sink(ndr_sink *s, ndr_error *err)
{
    paths_sink *p = (paths_sink *)s;
    (void)err;
    ndr_buffer_free(&p->last);
    free(p);
    return 0;
}

static int
open_sink(int fd, unsigned char end, ndr_sink **ret, ndr_error *err)
{
    paths_sink *p = malloc(sizeof *p);
    if (p == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the output");
    *p = (paths_sink){.port = {NDR_SIZED(ndr_sink), render, commit, close_sink},
                      .fd = fd,
                      .end = end,
                      .terminal = isatty(fd) == 1};
    *ret = &p->port;
    return 0;
}

int
ndr_sink_paths_open(int fd, ndr_sink **ret, ndr_error *err)
{
    return open_sink(fd, '\n', ret, err);
}

int
ndr_sink_paths0_open(int fd, ndr_sink **ret, ndr_error *err)
{
    return open_sink(fd, '\0', ret, err);
}
