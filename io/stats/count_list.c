/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count_list.c - in which order are bounces counted that many machines found?
 *
 *   records -> as many as memory holds, in order -> a run in a file -> all runs joined
 *
 * A file of counts that is asked of each in no order would read all of itself again and
 * again; in order it is written from front to back.
 */
#define _GNU_SOURCE /* qsort_r */
#include "count_record.h"
#include "counts.h"
#include "ndr_count_list.h"
#include "ndr_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROOM_BYTES = 32 << 20,
    READ_BYTES = 1 << 17, /* of a run at a time; more than a record */
    FLUSH_EACH = 4096,    /* records */
};

/* Records in their order, in the file or, of the last ones, in memory. */
typedef struct run {
    uint64_t at, end; /* what is left of it in the file */
    unsigned char *bytes;
    size_t have, used;
    bool owned;
} run;

struct ndr_count_list {
    int dir;
    size_t room;
    ndr_buffer records;
    size_t *start; /* of each record in `records` */
    size_t count, cap;
    ndr_new_file file; /* fd -1: all is in memory */
    uint64_t written;
    run *run;
    size_t runs;
};

int
ndr_count_list_new(int dir, size_t room_bytes, ndr_count_list **ret, ndr_error *err)
{
    ndr_count_list *l = calloc(1, sizeof *l);
    if (l == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    l->dir = dir;
    l->room = room_bytes > 0 ? room_bytes : ROOM_BYTES;
    l->file.fd = -1;
    *ret = l;
    return 0;
}

void
ndr_count_list_free(ndr_count_list *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->runs; i++)
        if (l->run[i].owned)
            free(l->run[i].bytes);
    free(l->run);
    free(l->start);
    ndr_buffer_free(&l->records);
    ndr_new_file_drop(&l->file);
    free(l);
}

/* ---- taking them ---------------------------------------------------------------- */

static int
compare_starts(const void *a, const void *b, void *records)
{
    const unsigned char *all = records;
    return ndr_counted_compare(all + *(const size_t *)a, all + *(const size_t *)b);
}

static bool
add_run(ndr_count_list *l, const run *r)
{
    run *more = realloc(l->run, (l->runs + 1) * sizeof *more);
    if (more == NULL)
        return false;
    l->run = more;
    l->run[l->runs++] = *r;
    return true;
}

/* The records in memory, in order, appended to `out`. */
static void
put_sorted(ndr_count_list *l, ndr_buffer *out)
{
    if (l->count > 0)
        qsort_r(l->start, l->count, sizeof *l->start, compare_starts, l->records.ptr);
    for (size_t i = 0; i < l->count; i++) {
        const unsigned char *record = l->records.ptr + l->start[i];
        const size_t len = (size_t)record[0] << 8 | record[1];
        ndr_buffer_add(out, (ndr_slice){record, len});
    }
    ndr_buffer_clear(&l->records);
    l->count = 0;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory to bring bounces into order");
}

/* Into the file, as a run. */
static int
spill(ndr_count_list *l, ndr_error *err)
{
    ndr_buffer sorted = {0};
    if (l->file.fd < 0 && !ndr_new_file_begin(&l->file, l->dir, NULL, 0600))
        return ndr_fail(err, NDR_E_SYS, "make a file for what memory cannot hold");
    put_sorted(l, &sorted);
    const run r = {.at = l->written, .end = l->written + sorted.len};
    int code = 0;
    if (sorted.failed || !add_run(l, &r))
        code = no_memory(err);
    else if (!ndr_write_all(l->file.fd, (ndr_slice){sorted.ptr, sorted.len}))
        code = ndr_fail(err, NDR_E_SYS, "write what memory cannot hold");
    l->written += sorted.len;
    ndr_buffer_free(&sorted);
    return code;
}

static bool
add_start(ndr_count_list *l, size_t at)
{
    if (l->count == l->cap) {
        const size_t cap = l->cap > 0 ? l->cap * 2 : 1024;
        size_t *more = realloc(l->start, cap * sizeof *more);
        if (more == NULL)
            return false;
        l->start = more;
        l->cap = cap;
    }
    l->start[l->count++] = at;
    return true;
}

int
ndr_count_list_add(ndr_count_list *l, ndr_slice records, ndr_error *err)
{
    while (records.len > 0) {
        const size_t len = ndr_count_record_length(records);
        if (len == 0)
            return ndr_fail(err, NDR_E_DAMAGED, "a bounce to be counted is not whole");
        if (l->records.len + len > l->room && l->count > 0) {
            const int code = spill(l, err);
            if (code != 0)
                return code;
        }
        const size_t at = l->records.len;
        ndr_buffer_add(&l->records, (ndr_slice){records.ptr, len});
        if (l->records.failed || !add_start(l, at))
            return no_memory(err);
        records.ptr += len;
        records.len -= len;
    }
    return 0;
}

/* ---- joining ---------------------------------------------------------------------- */

/* Have a whole record at hand, if there is one left: 1, 0, or an ndr_code. */
static int
fill(const ndr_count_list *l, run *r, ndr_error *err)
{
    const ndr_slice rest = {r->bytes + r->used, r->have - r->used};
    if (ndr_count_record_length(rest) > 0)
        return 1;
    if (r->at == r->end)
        return rest.len == 0 ? 0 : ndr_fail(err, NDR_E_DAMAGED, "a bounce is not whole");
    memmove(r->bytes, rest.ptr, rest.len);
    r->have = rest.len;
    r->used = 0;
    while (r->have < READ_BYTES && r->at < r->end) {
        const size_t room = READ_BYTES - r->have;
        const uint64_t left = r->end - r->at;
        const ssize_t n = pread(l->file.fd, r->bytes + r->have,
                                left < room ? (size_t)left : room, (off_t)r->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ndr_fail(err, NDR_E_SYS, "read what memory could not hold");
        r->have += (size_t)n;
        r->at += (uint64_t)n;
    }
    return fill(l, r, err);
}

static bool
is_before(const run *a, const run *b)
{
    return ndr_counted_compare(a->bytes + a->used, b->bytes + b->used) < 0;
}

/* A heap of runs, the first record on top: put [at] where it belongs among those below.
 */
static void
sink(run *heap, size_t count, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t k = 2 * at + 1; k <= 2 * at + 2 && k < count; k++)
            if (is_before(&heap[k], &heap[least]))
                least = k;
        if (least == at)
            return;
        const run r = heap[at];
        heap[at] = heap[least];
        heap[least] = r;
        at = least;
    }
}

/* The last records as a run in memory, and a first record at hand of each. */
static int
begin_join(ndr_count_list *l, ndr_buffer *last, ndr_error *err)
{
    put_sorted(l, last);
    const run r = {.bytes = last->ptr, .have = last->len};
    if (last->failed || (last->len > 0 && !add_run(l, &r)))
        return no_memory(err);
    for (size_t i = 0; i < l->runs; i++) {
        if (l->run[i].bytes == NULL) {
            l->run[i].bytes = malloc(READ_BYTES);
            l->run[i].owned = true;
        }
        if (l->run[i].bytes == NULL)
            return no_memory(err);
        const int code = fill(l, &l->run[i], err);
        if (code < 0)
            return code;
    }
    for (size_t i = l->runs; i-- > 0;)
        sink(l->run, l->runs, i);
    return 0;
}

/* Forget the run on top: it has ended. */
static void
drop_top(ndr_count_list *l)
{
    const run gone = l->run[0];
    if (gone.owned)
        free(gone.bytes);
    l->run[0] = l->run[--l->runs];
}

static int
count_all(ndr_counts *c, ndr_count_list *l, const ndr_stop *stop, ndr_error *err)
{
    int code = 0;
    for (uint64_t n = 1; code == 0 && l->runs > 0; n++) {
        run *top = &l->run[0];
        ndr_counted one;
        top->used += ndr_counted_take(
            (ndr_slice){top->bytes + top->used, top->have - top->used}, &one);
        code = ndr_counts_keep(c, &one, err);
        if (code == 0 && n % FLUSH_EACH == 0) {
            code = stop != NULL && ndr_stop_asked(stop)
                       ? ndr_fail(err, NDR_E_STOPPED, "stopped")
                       : ndr_counts_flush(c, err);
        }
        const int more = code == 0 ? fill(l, top, err) : code;
        if (more == 0)
            drop_top(l);
        else if (more < 0)
            code = more;
        sink(l->run, l->runs, 0);
    }
    return code;
}

int
ndr_counts_take_list(ndr_counts *c, ndr_count_list *l, int64_t at, const ndr_stop *stop,
                     ndr_error *err)
{
    ndr_buffer last = {0};
    ndr_counts_begin_order(c, at);
    int code = begin_join(l, &last, err);
    if (code == 0)
        code = count_all(c, l, stop, err);
    ndr_counts_end_order(c);
    ndr_buffer_free(&last);
    return code;
}
