/* SPDX-License-Identifier: BSD-3-Clause */
/* tally.c - see tally.h. */
#include "tally.h"

#include "ndr_hash.h"

#include <stdlib.h>
#include <string.h>

/* Double the slots and put all rows into them anew. */
static bool
grow_slots(tally *t)
{
    const size_t slots = t->slots > 0 ? t->slots * 2 : 64;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        size_t at = t->row[i].hash & (slots - 1);
        while (slot[at] != 0)
            at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)i + 1;
    }
    free(t->slot);
    t->slot = slot;
    t->slots = slots;
    return true;
}

static bool
grow_rows(tally *t)
{
    const size_t cap = t->cap > 0 ? t->cap * 2 : 32;
    tally_row *row = realloc(t->row, cap * sizeof *row);
    if (row == NULL)
        return false;
    t->row = row;
    t->cap = cap;
    return true;
}

void
tally_add(tally *t, ndr_slice domain, uint64_t bounces, uint64_t junk)
{
    if (t->slots < 2 * (t->count + 1) && !grow_slots(t)) {
        t->failed = true;
        return;
    }
    const uint64_t hash = ndr_hash(domain, 0);
    size_t at = hash & (t->slots - 1);
    for (; t->slot[at] != 0; at = (at + 1) & (t->slots - 1)) {
        tally_row *r = &t->row[t->slot[at] - 1];
        if (r->hash == hash &&
            ndr_slice_equal((ndr_slice){t->names.ptr + r->name, r->len}, domain)) {
            r->bounces += bounces;
            r->junk += junk;
            return;
        }
    }
    if (t->count >= TALLY_MOST || domain.len > 255) {
        t->other += bounces;
        return;
    }
    if (t->count == t->cap && !grow_rows(t)) {
        t->failed = true;
        return;
    }
    t->row[t->count] = (tally_row){.name = t->names.len,
                                   .len = (uint32_t)domain.len,
                                   .hash = hash,
                                   .bounces = bounces,
                                   .junk = junk};
    ndr_buffer_add(&t->names, domain);
    t->failed = t->failed || t->names.failed;
    t->slot[at] = (uint32_t)++t->count;
}

void
tally_add_window(tally *t, size_t window, size_t windows, uint64_t junk)
{
    if (t->windows < windows) {
        uint64_t *more = realloc(t->window, windows * sizeof *more);
        if (more == NULL) {
            t->failed = true;
            return;
        }
        memset(more + t->windows, 0, (windows - t->windows) * sizeof *more);
        t->window = more;
        t->windows = windows;
    }
    if (window < t->windows)
        t->window[window] += junk;
}

void
tally_join(tally *t, const tally *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const tally_row *r = &from->row[i];
        tally_add(t, (ndr_slice){from->names.ptr + r->name, r->len}, r->bounces, r->junk);
    }
    for (size_t i = 0; i < from->windows; i++)
        tally_add_window(t, i, from->windows, from->window[i]);
    t->other += from->other;
    t->failed = t->failed || from->failed;
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
tally_stats(const tally *t, ndr_stats *ret, ndr_error *err)
{
    ret->domain = calloc(t->count > 0 ? t->count : 1, sizeof *ret->domain);
    ret->junk_by_window = t->windows > 0 ? calloc(t->windows, sizeof(uint64_t)) : NULL;
    if (t->failed || ret->domain == NULL ||
        (t->windows > 0 && ret->junk_by_window == NULL))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for counts");
    for (size_t i = 0; i < t->count; i++) {
        const tally_row *r = &t->row[i];
        if (r->len > 0)
            memcpy(ret->domain[i].domain, t->names.ptr + r->name, r->len);
        ret->domain[i].bounces = r->bounces;
        ret->domain[i].junk = r->junk;
    }
    qsort(ret->domain, t->count, sizeof *ret->domain, by_bounces);
    ret->domain_count = t->count;
    ret->other_domains = t->other;
    if (t->windows > 0)
        memcpy(ret->junk_by_window, t->window, t->windows * sizeof(uint64_t));
    return 0;
}

void
tally_clear(tally *t)
{
    ndr_buffer_clear(&t->names);
    if (t->slots > 0)
        memset(t->slot, 0, t->slots * sizeof *t->slot);
    if (t->windows > 0)
        memset(t->window, 0, t->windows * sizeof *t->window);
    t->count = 0;
    t->other = 0;
    t->failed = false;
}

void
tally_free(tally *t)
{
    ndr_buffer_free(&t->names);
    free(t->row);
    free(t->slot);
    free(t->window);
    *t = (tally){0};
}
