/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_counts.c - see domain_counts.h. */
#include "domain_counts.h"

#include "ndr_hash.h"

#include <stdlib.h>
#include <string.h>

enum { FULL = NDR_DOMAIN_COUNTS_ROWS / 4 * 3, NAMES_BYTES = 1 << 20 };

int
ndr_domain_counts_init(ndr_domain_counts *t, size_t window_count, ndr_error *err)
{
    *t = (ndr_domain_counts){.window_count = window_count};
    t->row = calloc(NDR_DOMAIN_COUNTS_ROWS, sizeof *t->row);
    t->junk_by_window = calloc(window_count > 0 ? window_count : 1, sizeof(uint64_t));
    if (t->row == NULL || t->junk_by_window == NULL) {
        ndr_domain_counts_done(t);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for counts");
    }
    return 0;
}

void
ndr_domain_counts_done(ndr_domain_counts *t)
{
    free(t->row);
    free(t->junk_by_window);
    ndr_buffer_free(&t->names);
    *t = (ndr_domain_counts){0};
}

static ndr_slice
name_of(const ndr_domain_counts *t, const ndr_domain_counts_row *row)
{
    return (ndr_slice){t->names.ptr + row->name_at, row->name_len};
}

/* The row of `domain`, or the free row where it belongs. */
static ndr_domain_counts_row *
find(const ndr_domain_counts *t, uint64_t hash, ndr_slice domain)
{
    for (size_t i = hash % NDR_DOMAIN_COUNTS_ROWS;;
         i = (i + 1) % NDR_DOMAIN_COUNTS_ROWS) {
        ndr_domain_counts_row *row = &t->row[i];
        if (row->bounces == 0 ||
            (row->hash == hash && ndr_slice_equal(name_of(t, row), domain)))
            return row;
    }
}

/* Fold the rarest into `other` until half the table, and half the room for
 * names, is free; false: no memory. */
static bool
thin_out(ndr_domain_counts *t)
{
    ndr_domain_counts_row *old = t->row;
    ndr_buffer old_names = t->names;
    ndr_domain_counts_row *fresh = calloc(NDR_DOMAIN_COUNTS_ROWS, sizeof *fresh);
    if (fresh == NULL)
        return false;
    uint64_t floor = 0;
    for (size_t kept = t->used, bytes = t->names.len;
         kept > FULL / 2 || bytes > NAMES_BYTES / 2;) {
        floor = floor == 0 ? 1 : 2 * floor;
        kept = bytes = 0;
        for (size_t i = 0; i < NDR_DOMAIN_COUNTS_ROWS; i++) {
            kept += old[i].bounces > floor;
            bytes += old[i].bounces > floor ? old[i].name_len : 0;
        }
    }
    t->row = fresh;
    t->names = (ndr_buffer){0};
    t->used = 0;
    for (size_t i = 0; i < NDR_DOMAIN_COUNTS_ROWS; i++) {
        const ndr_slice name = {old_names.ptr + old[i].name_at, old[i].name_len};
        if (old[i].bounces == 0)
            continue;
        if (old[i].bounces <= floor || !ndr_buffer_reserve(&t->names, name.len)) {
            t->other += old[i].bounces;
            continue;
        }
        ndr_domain_counts_row *row = find(t, old[i].hash, name);
        *row = old[i];
        row->name_at = (uint32_t)t->names.len;
        ndr_buffer_add(&t->names, name);
        t->used++;
    }
    free(old);
    ndr_buffer_free(&old_names);
    return true;
}

void
ndr_domain_counts_add(ndr_domain_counts *t, const ndr_windows *windows,
                      const ndr_verdict *v)
{
    const bool junk = v->decision == NDR_JUNK;
    if (junk && windows != NULL && v->window != NULL)
        t->junk_by_window[v->window - windows->row]++;
    if ((t->used >= FULL || t->names.len > NAMES_BYTES) && !thin_out(t)) {
        t->other++;
        return;
    }
    const uint64_t hash = ndr_hash(v->domain, 0);
    ndr_domain_counts_row *row = find(t, hash, v->domain);
    if (row->bounces == 0) {
        if (v->domain.len > 255 || !ndr_buffer_reserve(&t->names, v->domain.len)) {
            t->other++;
            return;
        }
        row->hash = hash;
        row->name_at = (uint32_t)t->names.len;
        row->name_len = (uint32_t)v->domain.len;
        ndr_buffer_add(&t->names, v->domain);
        t->used++;
    }
    row->bounces++;
    row->junk += junk;
}

static int
by_name(const void *a, const void *b)
{
    const ndr_domain_count *x = a, *y = b;
    return strcmp(x->domain, y->domain);
}

static int
by_bounces(const void *a, const void *b)
{
    const ndr_domain_count *x = a, *y = b;
    if (x->bounces != y->bounces)
        return x->bounces < y->bounces ? 1 : -1;
    return strcmp(x->domain, y->domain);
}

int
ndr_domain_counts_merge(ndr_domain_counts *t, size_t count, ndr_stats *ret,
                        ndr_error *err)
{
    size_t rows = 0, windows = count > 0 ? t[0].window_count : 0;
    for (size_t i = 0; i < count; i++)
        rows += t[i].used;
    ret->junk_by_window = windows > 0 ? calloc(windows, sizeof(uint64_t)) : NULL;
    ret->domain = calloc(rows > 0 ? rows : 1, sizeof *ret->domain);
    if (ret->domain == NULL || (windows > 0 && ret->junk_by_window == NULL))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for counts");

    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        ret->other_domains += t[i].other;
        for (size_t w = 0; w < windows; w++)
            ret->junk_by_window[w] += t[i].junk_by_window[w];
        for (size_t k = 0; t[i].row != NULL && k < NDR_DOMAIN_COUNTS_ROWS; k++) {
            const ndr_domain_counts_row *row = &t[i].row[k];
            if (row->bounces == 0)
                continue;
            const ndr_slice name = name_of(&t[i], row);
            if (name.len > 0)
                memcpy(ret->domain[n].domain, name.ptr, name.len);
            ret->domain[n].bounces = row->bounces;
            ret->domain[n++].junk = row->junk;
        }
    }
    qsort(ret->domain, n, sizeof *ret->domain, by_name);
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (out > 0 && strcmp(ret->domain[out - 1].domain, ret->domain[i].domain) == 0) {
            ret->domain[out - 1].bounces += ret->domain[i].bounces;
            ret->domain[out - 1].junk += ret->domain[i].junk;
        } else {
            ret->domain[out++] = ret->domain[i];
        }
    }
    qsort(ret->domain, out, sizeof *ret->domain, by_bounces);
    ret->domain_count = out;
    return 0;
}

void
ndr_stats_clear(ndr_stats *st)
{
    free(st->junk_by_window);
    free(st->domain);
    *st = (ndr_stats){0};
}
