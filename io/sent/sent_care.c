/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_care.c - what in a set is old, what is sound, and how do two become one? */
#include "sent_open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
ndr_sent_prune(const char *dir, int64_t now, int days, bool dry, ndr_sent_stats *ret,
               ndr_error *err)
{
    ndr_sent_folder f;
    ndr_sent_segments all = {0};
    *ret = (ndr_sent_stats){0};
    int rc = ndr_sent_folder_open(&f, dir, false, err);
    if (rc != 0)
        return rc;
    const int lock = ndr_sent_folder_lock(&f, err);
    rc = lock < 0 ? lock : ndr_sent_segments_open(&f, &all, NULL, NULL, err);
    const int today = ndr_sent_day(now);
    for (size_t i = 0; rc == 0 && i < all.count; i++) {
        const ndr_sent_segment *g = &all.segment[i];
        if ((int64_t)g->last >= (int64_t)today - days)
            continue;
        if (!dry && unlinkat(f.fd, g->name, 0) != 0 && errno != ENOENT)
            rc = ndr_fail(err, NDR_E_SYS, "delete '%s/%s'", f.shown, g->name);
        else
            ndr_sent_segments_count(g, ret);
    }
    ndr_sent_segments_close(&all);
    if (lock >= 0)
        (void)close(lock);
    ndr_sent_folder_close(&f);
    return rc;
}

int
ndr_sent_verify(const char *dir, ndr_sent_trouble *trouble, void *ctx,
                ndr_sent_stats *ret, ndr_error *err)
{
    ndr_sent_folder f;
    ndr_sent_segments all;
    *ret = (ndr_sent_stats){0};
    int rc = ndr_sent_folder_open(&f, dir, false, err);
    if (rc != 0)
        return rc;
    rc = ndr_sent_segments_open(&f, &all, trouble, ctx, err);
    if (rc == 0) {
        ret->bad = all.bad;
        for (size_t i = 0; i < all.count; i++) {
            ndr_error why = {0};
            if (ndr_sent_segment_check(&all.segment[i], &why) == 0) {
                ndr_sent_segments_count(&all.segment[i], ret);
                continue;
            }
            ret->bad++;
            if (trouble != NULL)
                trouble(ctx, all.segment[i].name, why.text);
        }
        ndr_sent_segments_close(&all);
    }
    ndr_sent_folder_close(&f);
    return rc;
}

/* ---- merging ---------------------------------------------------------------- */

/* A sound segment, from wherever it is. */
typedef struct piece {
    const ndr_sent_segment *segment;
    bool own; /* in the folder that is merged into */
} piece;

/* The folders of a merge, that which is merged into first, opened. */
typedef struct merge {
    ndr_sent_folder *folder;
    ndr_sent_segments *all;
    size_t opened;
    piece *piece;
    size_t count;
} merge;

static int
bucket_of(const piece *p)
{
    return p->segment->first / SENT_BUCKET_DAYS;
}

static int
by_place(const void *a, const void *b)
{
    const piece *x = a, *y = b;
    if (x->segment->key_id != y->segment->key_id)
        return x->segment->key_id < y->segment->key_id ? -1 : 1;
    if (x->segment->beside != y->segment->beside)
        return x->segment->beside ? 1 : -1;
    return bucket_of(x) < bucket_of(y) ? -1 : bucket_of(x) > bucket_of(y);
}

static int
gather(merge *m, const char *dir, const char *const *from, size_t count,
       ndr_sent_trouble *trouble, void *ctx, ndr_error *err)
{
    int rc = 0;
    size_t pieces = 0;
    for (size_t i = 0; i <= count && rc == 0; i++) {
        ndr_sent_folder *f = &m->folder[i];
        rc = ndr_sent_folder_open(f, i == 0 ? dir : from[i - 1], false, err);
        if (rc != 0)
            break;
        rc = ndr_sent_segments_open(f, &m->all[i], trouble, ctx, err);
        if (rc != 0)
            ndr_sent_folder_close(f);
        m->opened += rc == 0;
        pieces += rc == 0 ? m->all[i].count : 0;
    }
    m->piece = calloc(pieces > 0 ? pieces : 1, sizeof *m->piece);
    if (rc == 0 && m->piece == NULL)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory to merge %zu segments", pieces);
    for (size_t i = 0; i <= count && rc == 0; i++)
        for (size_t j = 0; j < m->all[i].count; j++) {
            const ndr_sent_segment *g = &m->all[i].segment[j];
            ndr_error why = {0};
            if (ndr_sent_segment_check(g, &why) == 0)
                m->piece[m->count++] = (piece){g, i == 0};
            else if (trouble != NULL)
                trouble(ctx, g->name, why.text);
        }
    if (m->count > 1)
        qsort(m->piece, m->count, sizeof *m->piece, by_place);
    return rc;
}

/* Those of one kind and bucket become one segment. */
static int
unite(const merge *m, const char *machine, const piece *p, size_t n, ndr_error *err)
{
    char name[SENT_NAME_BYTES];
    if (n == 1 && p->own)
        return 0;
    ndr_sent_run *runs = calloc(n, sizeof *runs);
    if (runs == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to merge %zu segments", n);
    for (size_t i = 0; i < n; i++)
        runs[i] = (ndr_sent_run){p[i].segment->record, p[i].segment->count};
    const ndr_sent_kind kind = {p->segment->key_id, p->segment->beside};
    const int rc =
        ndr_sent_segment_write(&m->folder[0], machine, kind, runs, n, name, err);
    free(runs);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (p[i].own)
            (void)unlinkat(m->folder[0].fd, p[i].segment->name, 0);
    return rc;
}

static int
write_all(merge *m, const char *machine, size_t count, ndr_error *err)
{
    int rc = 0;
    for (size_t i = 1; i <= count && rc == 0; i++)
        for (size_t j = 0; j < m->folder[i].key_count && rc == 0; j++)
            rc = ndr_sent_folder_add_key(&m->folder[0], &m->folder[i].key[j], err);
    for (size_t i = 0, end; i < m->count && rc == 0; i = end) {
        for (end = i + 1; end < m->count && by_place(&m->piece[i], &m->piece[end]) == 0;)
            end++;
        rc = unite(m, machine, m->piece + i, end - i, err);
    }
    return rc;
}

int
ndr_sent_merge(const char *dir, const char *machine, const char *const *from,
               size_t count, ndr_sent_trouble *trouble, void *ctx, ndr_error *err)
{
    char name[SENT_MACHINE_BYTES];
    (void)snprintf(name, sizeof name, "%s", machine);
    ndr_sent_machine_name(name);
    int rc = 0;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) /* keys come from the others */
        return ndr_fail(err, NDR_E_SYS, "make the folder '%s'", dir);
    merge m = {.folder = calloc(count + 1, sizeof *m.folder),
               .all = calloc(count + 1, sizeof *m.all)};
    ndr_sent_folder held;
    int lock = -1;
    if (m.folder == NULL || m.all == NULL) {
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory to merge %zu sets", count);
    } else {
        rc = ndr_sent_folder_open(&held, dir, false, err);
        if (rc == 0) {
            lock = ndr_sent_folder_lock(&held, err);
            rc = lock < 0 ? lock : 0;
            ndr_sent_folder_close(&held);
        }
    }
    if (rc == 0)
        rc = gather(&m, dir, from, count, trouble, ctx, err);
    if (rc == 0)
        rc = write_all(&m, name, count, err);
    if (lock >= 0)
        (void)close(lock);
    for (size_t i = 0; i < m.opened; i++) {
        ndr_sent_segments_close(&m.all[i]);
        ndr_sent_folder_close(&m.folder[i]);
    }
    free(m.piece);
    free(m.folder);
    free(m.all);
    return rc;
}
