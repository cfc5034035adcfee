/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_write.c - what would one run have written? */
#define _GNU_SOURCE /* qsort_r */
#include "merge.h"

#include "app/diag.h"
#include "ndr_hash.h"
#include "ndr_piece_file.h"
#include "pieces_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PENDING_BYTES = 1 << 17 }; /* in a core's cache, too */

typedef struct writing {
    const merge *m;
    ndr_piece_reader *reader;
    ndr_hasher *hasher;
    piece_text text;
    ndr_buffer pending;
    int (*put)(void *ctx, ndr_slice bytes, ndr_error *err);
    void *ctx;
} writing;

static int
flush(writing *w, ndr_error *err)
{
    if (w->pending.len == 0)
        return 0;
    const int code = w->put(w->ctx, (ndr_slice){w->pending.ptr, w->pending.len}, err);
    ndr_buffer_clear(&w->pending);
    return code;
}

static int
open_result(const merge *m, const ndr_plan_piece *k, const merge_piece *p, int *ret,
            ndr_error *err)
{
    char name[RESULT_NAME_BYTES];
    result_name(k, settings_outputs[m->output], p->zstd, name);
    *ret = openat(m->dir[p->dir], name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*ret < 0)
        return ndr_fail(err, NDR_E_SYS, "%s/%s", m->path[p->dir], name);
    (void)posix_fadvise(*ret, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice only */
    return 0;
}

/* A piece's records, held against their hash. */
static int
write_records(writing *w, const merge_piece *p, ndr_error *err)
{
    const bool same = piece_text_is_same(&w->text);
    uint64_t bytes = 0;
    ndr_slice some;
    int code;
    ndr_hasher_begin(w->hasher, 0);
    while ((code = ndr_piece_reader_next(w->reader, &some, err)) == 1) {
        ndr_hasher_add(w->hasher, some);
        bytes += some.len;
        if (same) {
            code = flush(w, err);
            if (code == 0)
                code = w->put(w->ctx, some, err);
        } else {
            code = piece_text_join(&w->text, some, &w->pending, err);
            if (code == 0 && w->pending.len >= PENDING_BYTES)
                code = flush(w, err);
        }
        if (code != 0)
            return code;
    }
    if (code == 0)
        code = piece_text_end(&w->text, err);
    if (code == 0 &&
        (bytes != p->records_bytes || ndr_hasher_end(w->hasher) != p->records_hash))
        code =
            ndr_fail(err, NDR_E_DAMAGED, "its records are not those that were written");
    return code;
}

static int
write_piece(writing *w, size_t at, ndr_error *err)
{
    const merge *m = w->m;
    const ndr_plan *plan = &m->plan.plan;
    const ndr_plan_piece *k = &plan->piece[at];
    const merge_piece *p = &m->piece[at];
    int fd = -1;
    if (p->dropped || p->records_bytes == 0)
        return 0;
    w->text.index = k->partial;
    w->text.offset = k->partial && plan->source[k->first].what == NDR_PLAN_FRAMES;
    w->text.index_base = p->index_base;
    w->text.offset_base = p->offset_base;
    piece_text_next(&w->text);
    int code = open_result(m, k, p, &fd, err);
    if (code == 0)
        code = ndr_piece_reader_begin(w->reader, fd, p->zstd, p->until, err);
    if (code == 0) {
        code = write_records(w, p, err);
        if (code == NDR_E_DAMAGED) {
            char name[RESULT_NAME_BYTES];
            result_name(k, settings_outputs[m->output], p->zstd, name);
            ndr_error_prefix(err, "%s/%s", m->path[p->dir], name);
        }
    }
    if (fd >= 0)
        (void)close(fd); /* was only read */
    return code;
}

/* By folder and name: as the results lie. */
static int
by_place(const void *a, const void *b, void *merge_)
{
    const merge *m = merge_;
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    const uint64_t *p = m->plan.plan.piece[x].id, *q = m->plan.plan.piece[y].id;
    if (m->piece[x].dir != m->piece[y].dir)
        return m->piece[x].dir < m->piece[y].dir ? -1 : 1;
    return p[0] != q[0] ? (p[0] < q[0] ? -1 : 1) : (p[1] > q[1]) - (p[1] < q[1]);
}

int
merge_write(const merge *m, bool unordered,
            int (*put)(void *ctx, ndr_slice bytes, ndr_error *err), void *ctx)
{
    const size_t count = m->plan.plan.piece_count;
    ndr_error err = {0};
    writing w = {.m = m,
                 .text = {.output = m->output},
                 .put = put,
                 .ctx = ctx,
                 .reader = ndr_piece_reader_new(),
                 .hasher = ndr_hasher_new()};
    size_t *order = calloc(count > 0 ? count : 1, sizeof *order);
    int code = 0;
    if (order == NULL || w.reader == NULL || w.hasher == NULL)
        code = ndr_fail(&err, NDR_E_NOMEM, "no memory to join results");
    for (size_t i = 0; code == 0 && i < count; i++)
        order[i] = i;
    if (code == 0 && unordered)
        qsort_r(order, count, sizeof *order, by_place, (void *)(uintptr_t)m);
    if (m->output == NDR_OUTPUT_TSV && count == 0 &&
        code == 0) /* a header all the same */
        piece_text_begin(&w.text, &w.pending);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = write_piece(&w, order[i], &err);
    if (code == 0)
        code = flush(&w, &err);
    ndr_buffer_free(&w.pending);
    piece_text_free(&w.text);
    ndr_piece_reader_free(w.reader);
    ndr_hasher_free(w.hasher);
    free(order);
    if (code == 0)
        return 0;
    if (code == NDR_E_DAMAGED) {
        diag("%s; make that piece again: remove the file, and run its shard", err.text);
        return EXIT_REFUSED;
    }
    if (code == NDR_E_SYS && err.sys_errno == EPIPE)
        return -1;
    diag("%s", err.text);
    return pieces_status(&err);
}
