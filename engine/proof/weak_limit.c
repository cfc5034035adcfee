/* SPDX-License-Identifier: BSD-3-Clause */
/* weak_limit.c - see weak_limit.h. */
#include "weak_limit.h"

#include "crypto_lib.h"

#include <stdlib.h>

enum { SLOTS_FIRST = 64, MOST_USUAL = 1000000 };

int
ndr_weak_limit_new(size_t most, ndr_weak_limit **ret, ndr_error *err)
{
    const int rc = ndr_crypto_load(err);
    if (rc != 0)
        return rc;
    ndr_weak_limit *w = calloc(1, sizeof *w);
    if (w == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to count instances");
    w->most = most > 0 ? most : MOST_USUAL;
    w->refused = NDR_TIME_UNKNOWN;
    *ret = w;
    return 0;
}

void
ndr_weak_limit_free(ndr_weak_limit *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->slots; i++)
        free(w->entries[i].hashes);
    free(w->entries);
    free(w);
}

/* Where an instance is, or would be. There is a free slot. */
static size_t
slot_of(const ndr_weak_entry *entries, size_t slots, const ndr_instance *id)
{
    size_t at = ndr_weak_home(id, slots);
    while (entries[at].count > 0 &&
           memcmp(entries[at].instance.id, id->id, sizeof id->id) != 0)
        at = (at + 1) & (slots - 1);
    return at;
}

static ndr_weak_entry *
find(const ndr_weak_limit *w, const ndr_instance *id)
{
    if (w->slots == 0)
        return NULL;
    ndr_weak_entry *e = &w->entries[slot_of(w->entries, w->slots, id)];
    return e->count > 0 ? e : NULL;
}

const ndr_weak_entry *
ndr_weak_find(const ndr_weak_limit *w, const ndr_instance *id)
{
    return find(w, id);
}

/* Put all entries into a table of `slots`. */
static bool
rehash(ndr_weak_limit *w, size_t slots)
{
    ndr_weak_entry *grown = calloc(slots, sizeof *grown);
    if (grown == NULL)
        return false;
    for (size_t i = 0; i < w->slots; i++)
        if (w->entries[i].count > 0)
            grown[slot_of(grown, slots, &w->entries[i].instance)] = w->entries[i];
    free(w->entries);
    w->entries = grown;
    w->slots = slots;
    return true;
}

/* Room for so many more entries. */
static bool
reserve(ndr_weak_limit *w, size_t more)
{
    size_t slots = w->slots;
    while ((w->used + more) * 4 > slots * 3 + 3)
        slots = slots == 0 ? SLOTS_FIRST : slots * 2;
    return slots == w->slots || rehash(w, slots);
}

void
ndr_weak_refuse(ndr_weak_limit *w, int64_t at)
{
    w->full = true;
    w->refused = at > w->refused ? at : w->refused;
}

/* Room for one hash more in an entry that has at least one. */
static bool
make_room(ndr_weak_entry *e)
{
    if (e->count < e->room)
        return true;
    const uint16_t room = e->room == 0 ? 4 : (uint16_t)(e->room * 2);
    uint64_t *grown = realloc(e->hashes, room * sizeof *grown);
    if (grown == NULL)
        return false;
    if (e->count == 1)
        grown[0] = e->single;
    e->hashes = grown;
    e->room = room;
    return true;
}

static void
set_over(ndr_weak_limit *w, ndr_weak_entry *e)
{
    w->pairs += NDR_WEAK_OVER - e->count;
    e->count = NDR_WEAK_OVER;
    free(e->hashes);
    e->hashes = NULL;
    e->room = 0;
}

/* Put one hash in its place. False: no memory. */
static bool
add_hash(ndr_weak_limit *w, ndr_weak_entry *e, uint64_t hash)
{
    const uint64_t *hashes = ndr_weak_hashes(e);
    uint32_t at = 0;
    while (at < e->count && hashes[at] < hash)
        at++;
    if (at < e->count && hashes[at] == hash)
        return true;
    if (e->count == NDR_WEAK_RECIPIENTS) {
        set_over(w, e);
        return true;
    }
    if (e->count == 0) {
        e->single = hash;
    } else {
        if (!make_room(e))
            return false;
        memmove(e->hashes + at + 1, e->hashes + at, (e->count - at) * sizeof *e->hashes);
        e->hashes[at] = hash;
    }
    e->count++;
    w->pairs++;
    return true;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory to count instances");
}

int
ndr_weak_count(ndr_weak_limit *w, const ndr_instance *id, int64_t latest,
               const uint64_t *hashes, uint32_t count, ndr_error *err)
{
    /* What is over needs no hashes, and is taken up also when full: it stays over. */
    if (w->full && count < NDR_WEAK_OVER) {
        ndr_weak_entry *known = find(w, id);
        if (known != NULL && latest > known->latest)
            known->latest = latest; /* it still comes, so it is not forgotten */
        ndr_weak_refuse(w, latest);
        return 0;
    }
    if (!reserve(w, 1))
        return no_memory(err);
    ndr_weak_entry *e = &w->entries[slot_of(w->entries, w->slots, id)];
    if (e->count == 0) {
        *e = (ndr_weak_entry){.instance = *id, .latest = latest};
        w->used++;
    }
    if (count == NDR_WEAK_OVER && e->count < NDR_WEAK_OVER)
        set_over(w, e);
    for (uint32_t i = 0; i < count && e->count < NDR_WEAK_OVER; i++)
        if (!add_hash(w, e, hashes[i]))
            return no_memory(err); /* its first needs none, so the entry is in use */
    e->latest = latest > e->latest ? latest : e->latest;
    if (w->pairs > w->most)
        ndr_weak_refuse(w, latest);
    return 0;
}

int
ndr_weak_limit_add(ndr_weak_limit *w, const ndr_instance *instance, ndr_slice recipient,
                   int64_t at, ndr_error *err)
{
    unsigned char bytes[sizeof instance->id + 1024], made[32];
    uint64_t hash;
    size_t n = sizeof instance->id;
    memcpy(bytes, instance->id, n);
    for (size_t i = 0; i < recipient.len && n < sizeof bytes; i++) {
        const unsigned char c = recipient.ptr[i];
        bytes[n++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
    }
    (void)SHA256(bytes, n, made);
    memcpy(&hash, made, sizeof hash);
    return ndr_weak_count(w, instance, at, &hash, 1, err);
}

int
ndr_weak_limit_merge(ndr_weak_limit *w, const ndr_weak_limit *from, ndr_error *err)
{
    /* Entries come in the order of their places: a table that has room for a part of them
     * would have all of that part at one end. */
    if (from->used > 0 && !reserve(w, from->used))
        return no_memory(err);
    for (size_t i = 0; i < from->slots; i++) {
        const ndr_weak_entry *e = &from->entries[i];
        const int rc = e->count == 0 ? 0
                                     : ndr_weak_count(w, &e->instance, e->latest,
                                                      ndr_weak_hashes(e), e->count, err);
        if (rc != 0)
            return rc;
    }
    if (from->full)
        ndr_weak_refuse(w, from->refused);
    return 0;
}

void
ndr_weak_believe(ndr_weak_limit *w, const ndr_instance *id)
{
    ndr_weak_entry *e = find(w, id);
    if (e != NULL && e->believed < UINT32_MAX)
        e->believed++;
}

uint64_t
ndr_weak_taken_back(const ndr_weak_limit *w)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < w->slots; i++)
        if (w->entries[i].count == NDR_WEAK_OVER)
            sum += w->entries[i].believed;
    return sum;
}

bool
ndr_weak_limit_over(const ndr_weak_limit *w, const ndr_instance *instance)
{
    const ndr_weak_entry *e = ndr_weak_find(w, instance);
    return e != NULL && e->count == NDR_WEAK_OVER;
}

bool
ndr_weak_limit_full(const ndr_weak_limit *w)
{
    return w->full;
}

void
ndr_weak_limit_forget(ndr_weak_limit *w, int64_t before)
{
    /* Who stands behind one that goes may have been kept from that place: they are put in
     * again. None of them lands in front of it that was not looked at. */
    for (size_t i = 0; i < w->slots;) {
        ndr_weak_entry *e = &w->entries[i];
        if (e->count == 0 || e->latest >= before) {
            i++;
            continue;
        }
        w->pairs -= e->count;
        w->used--;
        free(e->hashes);
        *e = (ndr_weak_entry){0};
        for (size_t k = (i + 1) & (w->slots - 1); w->entries[k].count > 0;
             k = (k + 1) & (w->slots - 1)) {
            const ndr_weak_entry moved = w->entries[k];
            w->entries[k] = (ndr_weak_entry){0};
            w->entries[slot_of(w->entries, w->slots, &moved.instance)] = moved;
        }
    }
    /* What was refused meanwhile stays uncounted: counts that are never free again would
     * be worse. An eighth of room, or the next few would fill them. */
    if (w->full && w->pairs <= w->most - w->most / 8) {
        w->full = false;
        w->refused = NDR_TIME_UNKNOWN;
    }
}
