/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_hand.c - how do workers note what is to be counted, and who takes it over? */
#include "counts_state.h"

#include <stdlib.h>

static bool
hand_room(ndr_counts_hand *h)
{
    if (h->count < h->cap)
        return true;
    const size_t cap = h->cap == 0 ? 1024 : h->cap * 2;
    ndr_counts_item *longer =
        cap > SIZE_MAX / sizeof *longer ? NULL : realloc(h->item, cap * sizeof *longer);
    if (longer == NULL)
        return false;
    h->item = longer;
    h->cap = cap;
    return true;
}

/* Where the name stands among the hand's names; names.failed when there is no memory. */
static size_t
keep_name(ndr_counts_hand *h, ndr_slice domain)
{
    const ndr_counts_item *last = h->count > 0 ? &h->item[h->count - 1] : NULL;
    if (last != NULL &&
        ndr_slice_equal((ndr_slice){h->names.ptr + last->name, last->name_len}, domain))
        return last->name;
    const size_t at = h->names.len;
    ndr_buffer_add(&h->names, domain);
    return at;
}

/* Keep it until it is written; its lock is held. */
static int
keep(ndr_counts_hand *h, const ndr_counted *one, ndr_error *err)
{
    if (!hand_room(h))
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    const size_t name = keep_name(h, one->domain);
    if (h->names.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    h->item[h->count++] = (ndr_counts_item){
        .step = one->step,
        .id = one->id,
        .name = name,
        .name_len = (uint32_t)one->domain.len,
        .what = one->what,
    };
    return 0;
}

int
ndr_counts_look(ndr_counts *c, unsigned worker, const ndr_message *m,
                const ndr_verdict *v, ndr_error *err)
{
    if (v->decision == NDR_NONE)
        return 0;
    ndr_counts_hand *h = &c->hand[worker];
    ndr_counted one;
    int rc = 0;
    const bool dated = ndr_counted_of(m, v, &one);
    (void)pthread_mutex_lock(&h->lock);
    if (dated)
        rc = keep(h, &one, err);
    else
        h->undated++;
    (void)pthread_mutex_unlock(&h->lock);
    return rc;
}

int
ndr_counts_keep(ndr_counts *c, const ndr_counted *one, ndr_error *err)
{
    ndr_counts_hand *h = &c->hand[0];
    c->filling = one->step;
    (void)pthread_mutex_lock(&h->lock);
    const int rc = keep(h, one, err);
    (void)pthread_mutex_unlock(&h->lock);
    return rc;
}

void
ndr_counts_begin_order(ndr_counts *c, int64_t at)
{
    c->at = at;
    c->filling = INT64_MIN;
}

void
ndr_counts_end_order(ndr_counts *c)
{
    c->filling = INT64_MAX;
}

/* All of `from` into `to`, so that it does not count which worker met what. */
static bool
join(ndr_counts_hand *to, const ndr_counts_hand *from)
{
    const size_t base = to->names.len, count = to->count + from->count;
    if (from->count == 0)
        return true;
    ndr_counts_item *longer = count > SIZE_MAX / sizeof *longer
                                  ? NULL
                                  : realloc(to->item, count * sizeof *longer);
    if (longer == NULL)
        return false;
    to->item = longer;
    ndr_buffer_add(&to->names, (ndr_slice){from->names.ptr, from->names.len});
    for (size_t i = 0; i < from->count; i++) {
        to->item[to->count] = from->item[i];
        to->item[to->count++].name += base;
    }
    return !to->names.failed;
}

int
ndr_counts_take_notes(ndr_counts *c, ndr_error *err)
{
    bool joined = true;
    c->taken = calloc(1, sizeof *c->taken);
    if (c->taken == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (unsigned i = 0; i < c->hands; i++) {
        ndr_counts_hand *h = &c->hand[i], had;
        (void)pthread_mutex_lock(&h->lock);
        had = (ndr_counts_hand){.item = h->item, .count = h->count, .names = h->names};
        c->taken->undated += h->undated;
        h->item = NULL;
        h->count = h->cap = 0;
        h->names = (ndr_buffer){0};
        h->undated = 0;
        (void)pthread_mutex_unlock(&h->lock);
        if (c->taken->item == NULL) {
            ndr_buffer_free(&c->taken->names);
            c->taken->item = had.item;
            c->taken->count = had.count;
            c->taken->names = had.names;
            continue;
        }
        joined = joined && join(c->taken, &had);
        free(had.item);
        ndr_buffer_free(&had.names);
    }
    return joined ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
}

void
ndr_counts_drop_taken(ndr_counts *c)
{
    if (c->taken != NULL) {
        free(c->taken->item);
        ndr_buffer_free(&c->taken->names);
    }
    free(c->taken);
    c->taken = NULL;
}
