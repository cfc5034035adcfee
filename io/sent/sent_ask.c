/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_ask.c - was this message sent by that domain, to whom, and in time? */
#include "sent_open.h"

#include <errno.h>
#include <stdlib.h>

struct ndr_sent {
    ndr_sent_folder folder;
    ndr_sent_segments all;
};

void
ndr_sent_segments_close(ndr_sent_segments *all)
{
    for (size_t i = 0; i < all->count; i++)
        ndr_sent_segment_close(&all->segment[i]);
    free(all->segment);
    *all = (ndr_sent_segments){0};
}

/* One listing's segments. 1: one of them was gone by the time it was opened. */
static int
open_listed(const ndr_sent_folder *f, char **names, size_t count, ndr_sent_segments *ret,
            ndr_sent_trouble *trouble, void *ctx, ndr_error *err)
{
    *ret = (ndr_sent_segments){.segment =
                                   calloc(count > 0 ? count : 1, sizeof *ret->segment)};
    if (ret->segment == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for %zu segments", count);
    for (size_t i = 0; i < count; i++) {
        ndr_error why = {0};
        const int rc =
            ndr_sent_segment_open(f, names[i], &ret->segment[ret->count], &why);
        if (rc == NDR_E_SYS && why.sys_errno == ENOENT)
            return 1;
        ret->count += rc == 0;
        ret->bad += rc != 0;
        if (rc != 0 && trouble != NULL)
            trouble(ctx, names[i], why.text);
    }
    return 0;
}

int
ndr_sent_segments_open(const ndr_sent_folder *f, ndr_sent_segments *ret,
                       ndr_sent_trouble *trouble, void *ctx, ndr_error *err)
{
    enum { TRIES = 100 };
    int rc = 1;
    for (int i = 0; i < TRIES && rc == 1;
         i++) { /* somebody unites segments: look again */
        char **names = NULL;
        size_t count = 0;
        rc = ndr_sent_folder_list(f, ".seg", &names, &count, err);
        if (rc != 0)
            return rc;
        rc = open_listed(f, names, count, ret, trouble, ctx, err);
        ndr_sent_names_free(names, count);
        if (rc != 0)
            ndr_sent_segments_close(ret);
    }
    if (rc == 1)
        rc =
            ndr_fail(err, NDR_E_DAMAGED, "the set in '%s' does not hold still", f->shown);
    return rc;
}

int
ndr_sent_open(const char *dir, ndr_sent_trouble *trouble, void *ctx, ndr_sent **ret,
              ndr_error *err)
{
    ndr_sent *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open '%s'", dir);
    int rc = ndr_sent_folder_open(&s->folder, dir, false, err);
    if (rc == 0) {
        rc = ndr_sent_segments_open(&s->folder, &s->all, trouble, ctx, err);
        if (rc != 0)
            ndr_sent_folder_close(&s->folder);
    }
    if (rc != 0) {
        free(s);
        return rc;
    }
    *ret = s;
    return 0;
}

void
ndr_sent_close(ndr_sent *s)
{
    if (s == NULL)
        return;
    ndr_sent_segments_close(&s->all);
    ndr_sent_folder_close(&s->folder);
    free(s);
}

/* Days that an answer may be from, and the key of its hashes. */
typedef struct asked {
    const ndr_sent_key *key;
    int64_t from, to;
} asked;

static bool
may_have(const ndr_sent_segment *g, const asked *a)
{
    return g->key_id == a->key->id && g->last >= a->from && g->first <= a->to;
}

/* What is asked of a segment: the id alone, or with its recipient. */
typedef struct hashes {
    uint64_t id, with;
    bool has_with;
} hashes;

static uint64_t
with_of(const ndr_sent_segment *g, const hashes *h)
{
    return g->beside ? sent_hash_beside(h->id, h->with) : h->with;
}

/*
 * A look waits for a line of the index, then for some of the records, each in a page that
 * is not at hand. All segments' lines of one step are asked for before the first is read,
 * and the recipient's with the id's, so that they are waited for once, and not once each.
 */
static void
fetch_index(const ndr_sent *s, const asked *a, uint64_t id)
{
    for (size_t i = 0; i < s->all.count; i++)
        if (may_have(&s->all.segment[i], a))
            ndr_sent_segment_fetch_index(&s->all.segment[i], id);
}

static void
fetch(const ndr_sent *s, const asked *a, const hashes *h)
{
    for (size_t i = 0; i < s->all.count; i++) {
        const ndr_sent_segment *g = &s->all.segment[i];
        if (!may_have(g, a))
            continue;
        ndr_sent_segment_fetch(g, h->id);
        if (h->has_with)
            ndr_sent_segment_fetch(g, with_of(g, h));
    }
}

/* Is the hash there with a day that is asked for? */
static bool
has(const ndr_sent_segment *g, const asked *a, uint64_t hash)
{
    if (!may_have(g, a))
        return false;
    const unsigned char *end = g->record + g->count * SENT_RECORD_BYTES;
    const unsigned char *p =
        g->record + ndr_sent_segment_find(g, hash) * SENT_RECORD_BYTES;
    for (; p < end && sent_record_hash(p) == hash; p += SENT_RECORD_BYTES)
        if (sent_record_day(p) >= a->from && sent_record_day(p) <= a->to)
            return true;
    return false;
}

/* Has a segment the id alone, or with its recipient? */
static bool
any_has(const ndr_sent *s, const asked *a, const hashes *h, bool with)
{
    for (size_t i = 0; i < s->all.count; i++) {
        const ndr_sent_segment *g = &s->all.segment[i];
        if (has(g, a, with ? with_of(g, h) : h->id))
            return true;
    }
    return false;
}

enum ndr_sent_answer
ndr_sent_ask(const ndr_sent *s, ndr_slice id, ndr_slice domain, ndr_slice recipient,
             int64_t bounced, int days)
{
    ndr_sent_name name;
    const int to = ndr_sent_day(bounced);
    if (to < 0 || !ndr_sent_name_of(id, domain, recipient, &name))
        return NDR_SENT_NO;
    asked a = {.from = (int64_t)to - days, .to = to};
    bool known = false;
    for (size_t i = 0; i < s->folder.key_count; i++) {
        a.key = &s->folder.key[i];
        hashes h = {.id = ndr_sent_hash(a.key, &name, false)};
        fetch_index(s, &a, h.id);
        if (name.has_recipient) { /* hashed while those come */
            h.with = ndr_sent_hash(a.key, &name, true);
            h.has_with = true;
        }
        fetch(s, &a, &h);
        if (!any_has(s, &a, &h, false))
            continue; /* then it is not there with a recipient, either */
        known = true;
        if (h.has_with && any_has(s, &a, &h, true))
            return NDR_SENT_TO;
    }
    return known ? NDR_SENT_ID : NDR_SENT_NO;
}

void
ndr_sent_segments_count(const ndr_sent_segment *g, ndr_sent_stats *st)
{
    st->first = st->segments == 0 || g->first < st->first ? g->first : st->first;
    st->last = st->segments == 0 || g->last > st->last ? g->last : st->last;
    st->segments++;
    st->records += g->count;
    st->bytes += g->map_bytes;
}

ndr_sent_stats
ndr_sent_count(const ndr_sent *s)
{
    ndr_sent_stats st = {.bad = s->all.bad};
    for (size_t i = 0; i < s->all.count; i++)
        ndr_sent_segments_count(&s->all.segment[i], &st);
    return st;
}
