/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sent_batch.c - how does what was sent come into the set?
 *
 * What was added is sorted, cut at buckets of days, and each cut written as a segment,
 * united with those of the same machine and bucket that are at most GROWTH times as large
 * as what there is by then. So there are few segments, and a record is written again a
 * few times only, however often something is added.
 */
#include "sent_segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HELD_MOST = 4 << 20, GROWTH = 4, UNITED_MOST = 64 };

typedef struct entry {
    uint64_t hash;
    int day;
} entry;

struct ndr_sent_batch {
    ndr_sent_folder folder;
    char machine[SENT_MACHINE_BYTES];
    entry *entry;
    size_t count, cap;
    uint64_t added;
    entry last; /* the id that was added last: a message to many has it again and again */
};

int
ndr_sent_begin(const char *dir, const char *machine, ndr_sent_batch **ret, ndr_error *err)
{
    ndr_sent_batch *b = calloc(1, sizeof *b);
    if (b == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to add to '%s'", dir);
    (void)snprintf(b->machine, sizeof b->machine, "%s", machine);
    ndr_sent_machine_name(b->machine);
    const int rc = ndr_sent_folder_open(&b->folder, dir, true, err);
    if (rc != 0) {
        free(b);
        return rc;
    }
    *ret = b;
    return 0;
}

void
ndr_sent_batch_free(ndr_sent_batch *b)
{
    if (b == NULL)
        return;
    ndr_sent_folder_close(&b->folder);
    free(b->entry);
    free(b);
}

uint64_t
ndr_sent_added(const ndr_sent_batch *b)
{
    return b->added;
}

static int
hold(ndr_sent_batch *b, uint64_t hash, int day, ndr_error *err)
{
    if (b->count == b->cap) {
        const size_t cap = b->cap > 0 ? 2 * b->cap : 1024;
        entry *grown = realloc(b->entry, cap * sizeof *grown);
        if (grown == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory for what was sent");
        b->entry = grown;
        b->cap = cap;
    }
    b->entry[b->count++] = (entry){hash, day};
    b->added++;
    return 0;
}

int
ndr_sent_add(ndr_sent_batch *b, ndr_slice id, ndr_slice domain, ndr_slice recipient,
             int64_t sent, ndr_error *err)
{
    ndr_sent_name name;
    const int day = ndr_sent_day(sent);
    if (day < 0 || !ndr_sent_name_of(id, domain, recipient, &name))
        return 0;
    int rc = 0;
    if (b->count >= HELD_MOST)
        rc = ndr_sent_commit(b, err);
    const entry now = {ndr_sent_hash(&b->folder.key[0], &name, false), day};
    if (rc == 0 && (b->added == 0 || now.hash != b->last.hash || day != b->last.day))
        rc = hold(b, now.hash, day, err);
    if (rc == 0)
        b->last = now;
    if (rc == 0 && name.has_recipient)
        rc = hold(
            b, sent_hash_beside(now.hash, ndr_sent_hash(&b->folder.key[0], &name, true)),
            day, err);
    return rc;
}

/* ---- committing ----------------------------------------------------------- */

static int
by_bucket(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    const int bx = x->day / SENT_BUCKET_DAYS, by = y->day / SENT_BUCKET_DAYS;
    if (bx != by)
        return bx < by ? -1 : 1;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

/* Segments of this machine that may be united with what is new. */
typedef struct own {
    ndr_sent_segment segment[UNITED_MOST];
    size_t count;
} own;

static int
by_count(const void *a, const void *b)
{
    const ndr_sent_segment *x = a, *y = b;
    return (x->count > y->count) - (x->count < y->count);
}

static void
close_own(own *o)
{
    for (size_t i = 0; i < o->count; i++)
        ndr_sent_segment_close(&o->segment[i]);
    o->count = 0;
}

/* Of the bucket, smallest first. What cannot be used stays where it is, and what an older
 * program wrote, whose records are others. */
static int
open_own(const ndr_sent_batch *b, int bucket, own *o, ndr_error *err)
{
    char start[SENT_NAME_BYTES], **names = NULL;
    size_t count = 0;
    const int rc = ndr_sent_folder_list(&b->folder, ".seg", &names, &count, err);
    if (rc != 0)
        return rc;
    const int n = snprintf(start, sizeof start, "%s-%05d-%016" PRIx64 "-", b->machine,
                           bucket * SENT_BUCKET_DAYS, b->folder.key[0].id);
    for (size_t i = 0; i < count && o->count < UNITED_MOST; i++) {
        ndr_sent_segment *s = &o->segment[o->count];
        if (strncmp(names[i], start, (size_t)n) != 0 ||
            ndr_sent_segment_open(&b->folder, names[i], s, NULL) != 0)
            continue;
        if (s->beside)
            o->count++;
        else
            ndr_sent_segment_close(s);
    }
    ndr_sent_names_free(names, count);
    qsort(o->segment, o->count, sizeof o->segment[0], by_count);
    return 0;
}

/* Entries as records, none twice; how many. */
static uint64_t
put_records(const entry *e, size_t n, unsigned char *record)
{
    uint64_t put = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && e[i].hash == e[i - 1].hash && e[i].day == e[i - 1].day)
            continue;
        sent_record_put(record + put * SENT_RECORD_BYTES, e[i].hash, e[i].day);
        put++;
    }
    return put;
}

/* Does a segment have all of these already? Then nothing is to be written. */
static bool
has_all(const ndr_sent_segment *s, ndr_sent_run run)
{
    if (s->count < run.count)
        return false;
    for (; run.count > 0; run.count--, run.record += SENT_RECORD_BYTES) {
        uint64_t at = ndr_sent_segment_find(s, sent_record_hash(run.record));
        while (at < s->count && memcmp(s->record + at * SENT_RECORD_BYTES, run.record,
                                       SENT_RECORD_BYTES) < 0)
            at++;
        if (at == s->count || memcmp(s->record + at * SENT_RECORD_BYTES, run.record,
                                     SENT_RECORD_BYTES) != 0)
            return false;
    }
    return true;
}

static int
write_bucket(const ndr_sent_batch *b, const entry *e, size_t n, unsigned char *record,
             ndr_error *err)
{
    own o = {.count = 0};
    ndr_sent_run runs[UNITED_MOST + 1];
    runs[0] = (ndr_sent_run){record, put_records(e, n, record)};
    int rc = open_own(b, e[0].day / SENT_BUCKET_DAYS, &o, err);
    bool there = false;
    for (size_t i = 0; i < o.count && !there; i++)
        there = has_all(&o.segment[i], runs[0]);
    bool united[UNITED_MOST];
    size_t count = 1, taken = 0;
    uint64_t sum = runs[0].count;
    for (; rc == 0 && !there && taken < o.count; taken++) {
        const ndr_sent_segment *s = &o.segment[taken];
        if (s->count / GROWTH > sum)
            break;
        united[taken] = ndr_sent_segment_check(s, NULL) == 0;
        if (!united[taken])
            continue; /* it stays */
        runs[count++] = (ndr_sent_run){s->record, s->count};
        sum += s->count;
    }
    char name[SENT_NAME_BYTES];
    if (rc == 0 && !there)
        rc = ndr_sent_segment_write(&b->folder, b->machine,
                                    (ndr_sent_kind){b->folder.key[0].id, true}, runs,
                                    count, name, err);
    for (size_t i = 0; rc == 0 && i < taken; i++)
        if (united[i])
            (void)unlinkat(b->folder.fd, o.segment[i].name, 0);
    close_own(&o);
    return rc;
}

int
ndr_sent_commit(ndr_sent_batch *b, ndr_error *err)
{
    if (b->count == 0)
        return 0;
    unsigned char *record = malloc(b->count * SENT_RECORD_BYTES);
    if (record == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for what was sent");
    qsort(b->entry, b->count, sizeof *b->entry, by_bucket);
    const int lock = ndr_sent_folder_lock(&b->folder, err);
    int rc = lock < 0 ? lock : 0;
    if (rc == 0)
        ndr_sent_segment_tidy(&b->folder, b->machine);
    for (size_t i = 0, end; rc == 0 && i < b->count; i = end) {
        const int bucket = b->entry[i].day / SENT_BUCKET_DAYS;
        for (end = i; end < b->count && b->entry[end].day / SENT_BUCKET_DAYS == bucket;)
            end++;
        rc = write_bucket(b, b->entry + i, end - i, record, err);
    }
    if (lock >= 0)
        (void)close(lock);
    free(record);
    if (rc == 0)
        b->count = 0;
    return rc;
}
