/* SPDX-License-Identifier: BSD-3-Clause */
/* log_joins.c - which lines of a log are about one message? */
#include "log_joins.h"

#include "log_line.h"
#include "ndr_hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    JOINS_MOST = 1 << 20,
    QUEUE_SECONDS = 10 * 86400, /* twice what mail waits in a queue */
    OPEN_SECONDS = 3600,        /* what a filter takes */
    FILTERS_BYTES = 4096,
};

static ndr_slice
text_of(const ndr_buffer *b)
{
    return (ndr_slice){b->ptr, b->len};
}

/* ---- the table --------------------------------------------------------------- */

static size_t
slot_of(const ndr_joins *j, ndr_slice host, ndr_slice queue_id)
{
    return (size_t)ndr_hash(queue_id, ndr_hash(host, 0)) & (j->cap - 1);
}

static bool
is_of(const ndr_join *join, ndr_slice host, ndr_slice queue_id)
{
    return strncmp(join->queue_id, (const char *)queue_id.ptr, queue_id.len) == 0 &&
           join->queue_id[queue_id.len] == '\0' &&
           strncmp(join->host, (const char *)host.ptr, host.len) == 0 &&
           join->host[host.len] == '\0';
}

/* No longer name than a join has. */
static bool
fits(ndr_slice host, ndr_slice queue_id)
{
    return queue_id.len > 0 && queue_id.len < JOIN_QUEUE_ID && host.len < JOIN_HOST;
}

static ndr_join **
place_of(const ndr_joins *j, ndr_slice host, ndr_slice queue_id)
{
    size_t i = slot_of(j, host, queue_id);
    while (j->slot[i] != NULL && !is_of(j->slot[i], host, queue_id))
        i = (i + 1) & (j->cap - 1);
    return &j->slot[i];
}

ndr_join *
ndr_joins_find(const ndr_joins *j, ndr_slice host, ndr_slice queue_id)
{
    if (j->count == 0 || !fits(host, queue_id))
        return NULL;
    return *place_of(j, host, queue_id);
}

static void
free_join(ndr_join *join)
{
    ndr_buffer_free(&join->from);
    for (size_t i = 0; i < join->id_count; i++)
        ndr_buffer_free(&join->id[i]);
    ndr_buffer_free(&join->to);
    free(join);
}

static bool
grow(ndr_joins *j)
{
    const ndr_joins old = *j;
    const size_t cap = old.cap > 0 ? old.cap * 2 : 1024;
    ndr_join **slot = calloc(cap, sizeof *slot);
    if (slot == NULL)
        return false;
    j->slot = slot;
    j->cap = cap;
    for (size_t i = 0; i < old.cap; i++)
        if (old.slot[i] != NULL)
            *place_of(j, ndr_slice_of(old.slot[i]->host),
                      ndr_slice_of(old.slot[i]->queue_id)) = old.slot[i];
    free(old.slot);
    return true;
}

int
ndr_joins_begin(ndr_joins *j, ndr_slice host, ndr_slice queue_id, enum join_class class,
                int64_t at, ndr_join **ret, ndr_error *err)
{
    if (!fits(host, queue_id))
        return 0;
    if (j->count >= JOINS_MOST)
        ndr_joins_sweep(j);
    if (j->count >= JOINS_MOST)
        return 0;
    ndr_join *join = calloc(1, sizeof *join);
    if (join == NULL || ((j->count + 1) * 2 > j->cap && !grow(j))) {
        free(join);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for messages that are under way");
    }
    ndr_join **place = place_of(j, host, queue_id);
    if (*place != NULL)
        free_join(*place);
    else
        j->count++;
    *place = join;
    memcpy(join->host, host.ptr, host.len);
    memcpy(join->queue_id, queue_id.ptr, queue_id.len);
    join->class = class;
    join->begun = at;
    if (at > j->latest)
        j->latest = at;
    *ret = join;
    return 1;
}

void
ndr_joins_drop(ndr_joins *j, ndr_join *join)
{
    ndr_join **place =
        place_of(j, ndr_slice_of(join->host), ndr_slice_of(join->queue_id));
    size_t hole = (size_t)(place - j->slot);
    free_join(join);
    j->slot[hole] = NULL;
    j->count--;
    /* those behind move up, unless their own place is behind the hole */
    for (size_t i = (hole + 1) & (j->cap - 1); j->slot[i] != NULL;
         i = (i + 1) & (j->cap - 1)) {
        const size_t own = slot_of(j, ndr_slice_of(j->slot[i]->host),
                                   ndr_slice_of(j->slot[i]->queue_id));
        if (((i - own) & (j->cap - 1)) < ((i - hole) & (j->cap - 1)))
            continue;
        j->slot[hole] = j->slot[i];
        j->slot[i] = NULL;
        hole = i;
    }
}

void
ndr_joins_free(ndr_joins *j)
{
    for (size_t i = 0; i < j->cap; i++)
        if (j->slot[i] != NULL)
            free_join(j->slot[i]);
    free(j->slot);
    free(j->stranger);
    ndr_buffer_free(&j->filters);
    *j = (ndr_joins){0};
}

static bool
is_stale(const ndr_joins *j, const ndr_join *join)
{
    const int64_t age = j->latest - join->begun;
    /* what never had a sender was turned away before it was in the queue */
    return age > QUEUE_SECONDS || (age > OPEN_SECONDS && (join->class == JOIN_OPEN ||
                                                          join->gone || !join->has_from));
}

void
ndr_joins_sweep(ndr_joins *j)
{
    ndr_join **slot = j->slot;
    const size_t cap = j->cap;
    if (j->count == 0)
        return;
    j->slot = calloc(cap, sizeof *slot);
    if (j->slot == NULL) {
        j->slot = slot;
        return; /* another time */
    }
    j->count = 0;
    for (size_t i = 0; i < cap; i++) {
        if (slot[i] == NULL)
            continue;
        if (is_stale(j, slot[i])) {
            free_join(slot[i]);
            continue;
        }
        *place_of(j, ndr_slice_of(slot[i]->host), ndr_slice_of(slot[i]->queue_id)) =
            slot[i];
        j->count++;
    }
    free(slot);
}

/* ---- one of them --------------------------------------------------------------- */

void
ndr_join_id(ndr_join *join, ndr_slice id)
{
    if (id.len > 0 && join->id_count < JOIN_IDS)
        ndr_buffer_add(&join->id[join->id_count++], id);
}

void
ndr_join_from(ndr_join *join, ndr_slice address)
{
    const size_t at = ndr_log_find(address, "@", true);
    ndr_buffer_clear(&join->from);
    if (at < address.len)
        ndr_buffer_add(&join->from,
                       (ndr_slice){address.ptr + at + 1, address.len - at - 1});
    join->has_from = true;
}

void
ndr_join_to(ndr_join *join, ndr_slice address)
{
    join->left = true;
    if (join->to_count >= JOIN_RECIPIENTS ||
        memchr(address.len > 0 ? address.ptr : (const unsigned char *)"", '@',
               address.len) == NULL)
        return;
    ndr_buffer_add(&join->to, address);
    ndr_buffer_byte(&join->to, '\n');
    join->to_count++;
}

static int
tell_one(const ndr_join *join, const ndr_sent_log_opts *opts, ndr_slice to,
         ndr_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < join->id_count && rc == 0; i++)
        rc = opts->found(opts->ctx, text_of(&join->id[i]), text_of(&join->from), to,
                         join->begun, err);
    return rc;
}

int
ndr_join_tell(ndr_join *join, const ndr_sent_log_opts *opts, uint64_t *messages,
              ndr_error *err)
{
    int rc = 0;
    if (join->class == JOIN_OPEN || !join->has_from || !join->left ||
        join->id_count == 0 || join->from.len == 0)
        return 0;
    if (!join->told) {
        (*messages)++;
        join->told = true;
        rc = tell_one(join, opts, (ndr_slice){0}, err);
    }
    ndr_slice rest = text_of(&join->to);
    while (rest.len > 0 && rc == 0) {
        const size_t n = ndr_log_find(rest, "\n", false);
        rc = tell_one(join, opts, (ndr_slice){rest.ptr, n}, err);
        rest.ptr += n + (n < rest.len);
        rest.len -= n + (n < rest.len);
    }
    if (rc == 0 && join->to.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for what a log says");
    ndr_buffer_clear(&join->to);
    join->to_count = 0;
    return rc;
}

/* ---- strangers and filters ------------------------------------------------------- */

static uint64_t
id_hash(ndr_slice id)
{
    return ndr_hash(id, 0);
}

void
ndr_joins_stranger(ndr_joins *j, ndr_slice id, int64_t at)
{
    if (id.len == 0 || at == NDR_TIME_UNKNOWN)
        return;
    if (j->stranger == NULL)
        j->stranger = calloc(JOIN_STRANGERS, sizeof *j->stranger);
    if (j->stranger == NULL)
        return;
    const uint64_t hash = id_hash(id);
    j->stranger[hash % JOIN_STRANGERS] = (struct ndr_stranger){hash, at};
}

bool
ndr_joins_is_strangers(const ndr_joins *j, ndr_slice id, int64_t at)
{
    if (j->stranger == NULL || id.len == 0)
        return false;
    const uint64_t hash = id_hash(id);
    const struct ndr_stranger *s = &j->stranger[hash % JOIN_STRANGERS];
    return s->hash == hash && at >= s->at && at - s->at <= JOIN_STRANGER_SECONDS;
}

bool
ndr_joins_is_filter(const ndr_joins *j, ndr_slice relay)
{
    for (ndr_slice rest = text_of(&j->filters); rest.len > 0;) {
        const size_t n = ndr_log_find(rest, "\n", false);
        if (ndr_slice_equal((ndr_slice){rest.ptr, n}, relay))
            return true;
        rest.ptr += n + (n < rest.len);
        rest.len -= n + (n < rest.len);
    }
    return false;
}

void
ndr_joins_filter(ndr_joins *j, ndr_slice relay)
{
    if (relay.len == 0 || j->filters.len + relay.len >= FILTERS_BYTES ||
        ndr_joins_is_filter(j, relay))
        return;
    ndr_buffer_add(&j->filters, relay);
    ndr_buffer_byte(&j->filters, '\n');
}
