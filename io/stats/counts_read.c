/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_read.c - which series does a file of counts hold? */
#include "counts.h"
#include "ndr_count_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
ndr_series_list_clear(ndr_series_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->series[i].row);
    free(list->series);
    *list = (ndr_series_list){0};
}

/* The series of `domain`, which comes behind all others. NULL: no memory. */
static ndr_series *
series_of(ndr_series_list *list, const char *domain, size_t *cap)
{
    ndr_series *last = list->count > 0 ? &list->series[list->count - 1] : NULL;
    if (last != NULL && strcmp(last->domain, domain) == 0)
        return last;
    if (list->count == *cap) {
        const size_t more = *cap == 0 ? 64 : *cap * 2;
        ndr_series *longer = more > SIZE_MAX / sizeof *longer
                                 ? NULL
                                 : realloc(list->series, more * sizeof *longer);
        if (longer == NULL)
            return NULL;
        list->series = longer;
        *cap = more;
    }
    ndr_series *s = &list->series[list->count++];
    *s = (ndr_series){0};
    (void)snprintf(s->domain, sizeof s->domain, "%s", domain);
    return s;
}

/* Room grows by doubling: full at powers of two from 16 on. */
static bool
add_row(ndr_series *s, ndr_step_count row)
{
    const size_t n = s->count;
    if (n == 0 || (n >= 16 && (n & (n - 1)) == 0)) {
        const size_t cap = n == 0 ? 16 : n * 2;
        ndr_step_count *longer = cap > SIZE_MAX / sizeof *longer
                                     ? NULL
                                     : realloc(s->row, cap * sizeof *longer);
        if (longer == NULL)
            return false;
        s->row = longer;
    }
    s->row[s->count++] = row;
    return true;
}

static uint64_t
not_below_zero(int64_t n)
{
    return n > 0 ? (uint64_t)n : 0;
}

static int
read_rows(sqlite3 *db, sqlite3_stmt *st, unsigned kinds, ndr_series_list *ret,
          ndr_error *err)
{
    size_t cap = 0;
    int got;
    while ((got = sqlite3_step(st)) == SQLITE_ROW) {
        const int64_t kind = sqlite3_column_int64(st, 2);
        if (kinds != 0 && (kind < 0 || kind >= NDR_KIND_COUNT ||
                           (kinds & NDR_KIND_BIT((unsigned)kind)) == 0))
            continue;
        const char *name = (const char *)sqlite3_column_text(st, 0);
        const ndr_step_count row = {sqlite3_column_int64(st, 1),
                                    not_below_zero(sqlite3_column_int64(st, 3)),
                                    not_below_zero(sqlite3_column_int64(st, 4))};
        if (row.bounces == 0)
            continue;
        ndr_series *s = series_of(ret, name == NULL ? "" : name, &cap);
        if (s != NULL && s->count > 0 && s->row[s->count - 1].step == row.step) {
            s->row[s->count - 1].bounces += row.bounces;
            s->row[s->count - 1].junk += row.junk;
        } else if (s == NULL || !add_row(s, row)) {
            return ndr_fail(err, NDR_E_NOMEM, "no memory");
        }
    }
    return got == SQLITE_DONE ? 0 : ndr_counts_fail(db, "", "read", err);
}

static int
read_bounds(sqlite3 *db, ndr_series_list *ret, ndr_error *err)
{
    sqlite3_stmt *st = NULL;
    int rc = 0;
    if (sqlite3_prepare_v2(db,
                           "SELECT (SELECT min(step) FROM count), (SELECT max(step) FROM "
                           "count), (SELECT fresh FROM state)",
                           -1, &st, NULL) != SQLITE_OK ||
        sqlite3_step(st) != SQLITE_ROW) {
        rc = ndr_counts_fail(db, "", "read", err);
    } else {
        const bool empty = sqlite3_column_type(st, 0) == SQLITE_NULL;
        ret->begin = empty ? NDR_TIME_UNKNOWN : sqlite3_column_int64(st, 0);
        ret->end = empty ? NDR_TIME_UNKNOWN : sqlite3_column_int64(st, 1);
        ret->fresh = sqlite3_column_int64(st, 2);
    }
    (void)sqlite3_finalize(st);
    return rc;
}

int
ndr_counts_read(const char *path, int64_t from, int64_t until, unsigned kinds,
                const char *domain, ndr_series_list *ret, ndr_error *err)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    *ret = (ndr_series_list){.begin = NDR_TIME_UNKNOWN, .end = NDR_TIME_UNKNOWN};
    int rc =
        ndr_counts_database(path, SQLITE_OPEN_READONLY, NDR_COUNTS_BUSY_MS, &db, err);
    if (rc < 0)
        return rc;
    /* whoever made it was stopped before its tables were there */
    if (sqlite3_table_column_metadata(db, NULL, "count", NULL, NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK &&
        (sqlite3_errcode(db) & 0xff) == SQLITE_ERROR) {
        (void)sqlite3_close(db);
        return 0;
    }
    /* one moment's view, though another program writes */
    if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(
            db,
            "SELECT name, step, kind, bounces, junk FROM domain JOIN count "
            "ON count.domain = domain.id WHERE step >= ?1 AND step < ?2 AND "
            "(?3 IS NULL OR name = ?3) ORDER BY name, step",
            -1, &st, NULL) != SQLITE_OK) {
        rc = ndr_counts_fail(db, "", "read", err);
    } else {
        (void)sqlite3_bind_int64(st, 1, from);
        (void)sqlite3_bind_int64(st, 2, until);
        if (domain != NULL)
            (void)sqlite3_bind_text(st, 3, domain, -1, SQLITE_STATIC);
        rc = read_rows(db, st, kinds, ret, err);
    }
    (void)sqlite3_finalize(st);
    if (rc == 0)
        rc = read_bounds(db, ret, err);
    (void)sqlite3_close(db);
    if (rc < 0) {
        ndr_error_prefix(err, "statistics '%s'", path);
        ndr_series_list_clear(ret);
    }
    return rc;
}

int
ndr_counts_whose(const char *path, int64_t from, int64_t until, const char *domain,
                 uint64_t ret[NDR_WHOSE_COUNT], ndr_error *err)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        ret[k] = 0;
    int rc =
        ndr_counts_database(path, SQLITE_OPEN_READONLY, NDR_COUNTS_BUSY_MS, &db, err);
    if (rc < 0)
        return rc;
    if (sqlite3_table_column_metadata(db, NULL, "whose", NULL, NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK &&
        (sqlite3_errcode(db) & 0xff) == SQLITE_ERROR) {
        (void)sqlite3_close(db); /* it was never asked */
        return 0;
    }
    if (sqlite3_prepare_v2(db,
                           "SELECT whose, sum(bounces) FROM whose WHERE step >= ?1 AND "
                           "step < ?2 AND domain = (SELECT id FROM domain WHERE name = "
                           "?3) GROUP BY whose",
                           -1, &st, NULL) != SQLITE_OK) {
        rc = ndr_counts_fail(db, "", "read", err);
    } else {
        (void)sqlite3_bind_int64(st, 1, from);
        (void)sqlite3_bind_int64(st, 2, until);
        (void)sqlite3_bind_text(st, 3, domain, -1, SQLITE_STATIC);
        int got;
        while ((got = sqlite3_step(st)) == SQLITE_ROW) {
            const int64_t whose = sqlite3_column_int64(st, 0);
            const uint64_t n = not_below_zero(sqlite3_column_int64(st, 1));
            if (whose >= 0 && whose <= NDR_COUNTS_TELLABLE)
                ret[whose == NDR_COUNTS_TELLABLE ? NDR_WHOSE_UNKNOWN : whose] += n;
        }
        if (got != SQLITE_DONE)
            rc = ndr_counts_fail(db, "", "read", err);
    }
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    if (rc < 0)
        ndr_error_prefix(err, "statistics '%s'", path);
    return rc;
}

int
ndr_counts_horizon(const char *path, int64_t *ret, ndr_error *err)
{
    sqlite3 *db = NULL;
    *ret = INT64_MIN;
    int rc =
        ndr_counts_database(path, SQLITE_OPEN_READONLY, NDR_COUNTS_BUSY_MS, &db, err);
    if (rc < 0)
        return rc;
    if (sqlite3_table_column_metadata(db, NULL, "state", NULL, NULL, NULL, NULL, NULL,
                                      NULL) == SQLITE_OK)
        rc = ndr_counts_number(db, "SELECT horizon FROM state", INT64_MIN, ret, err);
    (void)sqlite3_close(db); /* was only read */
    if (*ret <= -INT64_MAX)  /* as tables are made */
        *ret = INT64_MIN;
    if (rc < 0)
        ndr_error_prefix(err, "statistics '%s'", path);
    return rc;
}
