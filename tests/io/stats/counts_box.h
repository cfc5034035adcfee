/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_box.h - a file of counts in a folder of its own, and looks at bounces, for
 * tests. */
#ifndef COUNTS_BOX_H
#define COUNTS_BOX_H

#include "harness.h"
#include "stats/counts.h"

#include <stdio.h>
#include <unistd.h>

static char folder[64], db[96];

static inline void
begin(void)
{
    strcpy(folder, "/tmp/ndr-counts-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(db, sizeof db, "%s/s.db", folder);
}

static inline void
end(void)
{
    (void)unlink(db);
    (void)rmdir(folder);
}

/* One look at one bounce. */
typedef struct look {
    const char *id, *local, *domain;
    int64_t arrived;
    enum ndr_kind kind;
    bool junk;
    const char *header;
} look;

static inline void
look_at(ndr_counts *c, unsigned worker, const look *l)
{
    const char *header = l->header == NULL ? "" : l->header;
    const size_t n = strlen(header);
    unsigned char *raw = exact_copy(header, n);
    const ndr_message m = {.raw = {raw, n}};
    const ndr_verdict v = {
        .decision = l->kind == NDR_KIND_NONE ? NDR_NONE
                    : l->junk                ? NDR_JUNK
                                             : NDR_KEEP,
        .kind = l->kind,
        .message_id = ndr_slice_of(l->id),
        .local = ndr_slice_of(l->local),
        .domain = ndr_slice_of(l->domain),
        .arrived = l->arrived,
    };
    assert_int_equal(ndr_counts_look(c, worker, &m, &v, NULL), 0);
    free(raw);
}

static inline void
count(const look *l, size_t n, ndr_counts_added *told)
{
    ndr_counts *c = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_open(db, 2, &c, &err), 0);
    for (size_t i = 0; i < n; i++)
        look_at(c, (unsigned)(i % 2), &l[i]);
    assert_int_equal(ndr_counts_close(c, told, &err), 0);
}

/* "domain step:bounces/junk …" of all, a line a domain. */
static inline void
show(unsigned kinds, char *text, size_t size)
{
    ndr_series_list list;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_read(db, -1000000, 1000000, kinds, NULL, &list, &err), 0);
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list.count; i++) {
        at += (size_t)snprintf(text + at, size - at, "%s%s", i > 0 ? "\n" : "",
                               list.series[i].domain);
        for (size_t j = 0; j < list.series[i].count; j++)
            at += (size_t)snprintf(
                text + at, size - at, " %d:%d/%d", (int)list.series[i].row[j].step,
                (int)list.series[i].row[j].bounces, (int)list.series[i].row[j].junk);
    }
    ndr_series_list_clear(&list);
}

#define F NDR_KIND_FAILED
#define D NDR_KIND_DELAYED

typedef struct crowd {
    ndr_counts *c;
    unsigned worker;
} crowd;

static inline void *
many_looks(void *arg)
{
    const crowd *w = arg;
    char id[16], domain[32];
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(id, sizeof id, "%u", i);
        (void)snprintf(domain, sizeof domain, "d%u.example", i % 7);
        look_at(w->c, w->worker,
                &(look){id, "x", domain, (int64_t)(i % 900), F, false, NULL});
    }
    return NULL;
}

/* Another program that begins to write, and ends. */
static inline sqlite3 *
other_begins(void)
{
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return other;
}

static inline void
other_ends(sqlite3 *other)
{
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

enum { TELLABLE = NDR_WHOSE_COUNT }; /* nothing proves it, and it would have shown */

/* Whose mail came back, a look for each: -1 where it is not asked. The file's version. */
static inline int64_t
count_whose(const int *whose, size_t n, bool junk, ndr_counts_added *told)
{
    ndr_counts *c = NULL;
    sqlite3 *file = NULL;
    int64_t version = 0;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_open(db, 2, &c, &err), 0);
    for (size_t i = 0; i < n; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "%zu", i);
        const bool tellable = whose[i] == TELLABLE;
        const ndr_evidence e = {
            .whose = (enum ndr_whose)(whose[i] < 0 || tellable ? 0 : whose[i]),
            .judged = tellable || whose[i] > 0};
        const ndr_verdict v = {.decision = junk ? NDR_JUNK : NDR_KEEP,
                               .kind = F,
                               .message_id = ndr_slice_of(id),
                               .local = NDR_SLICE("x"),
                               .domain = NDR_SLICE("b.example"),
                               .evidence = whose[i] < 0 ? NULL : &e,
                               .arrived = (int64_t)i % 2 * 300};
        assert_int_equal(
            ndr_counts_look(c, (unsigned)(i % 2), &(ndr_message){0}, &v, NULL), 0);
    }
    assert_int_equal(ndr_counts_close(c, told, &err), 0);
    assert_int_equal(sqlite3_open(db, &file), SQLITE_OK);
    assert_int_equal(ndr_counts_number(file, "PRAGMA user_version", 0, &version, &err),
                     0);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    return version;
}

static inline void
show_whose(int64_t from, int64_t until, const char *domain, const char *want)
{
    uint64_t n[NDR_WHOSE_COUNT];
    char got[80];
    assert_int_equal(ndr_counts_whose(db, from, until, domain, n, NULL), 0);
    (void)snprintf(got, sizeof got, "%d %d %d %d", (int)n[NDR_WHOSE_UNKNOWN],
                   (int)n[NDR_WHOSE_OURS], (int)n[NDR_WHOSE_FORWARDED],
                   (int)n[NDR_WHOSE_FORGED]);
    assert_string_equal(got, want);
}

#endif
