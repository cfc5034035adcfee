/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_view.c - what did a file of counts hold of some domains, at one moment? */
#include "counts.h"

#include <stdlib.h>

struct ndr_counts_view {
    sqlite3 *db;
    sqlite3_stmt *steps, *whose; /* whose: NULL where it was never asked */
    int64_t begin, fresh;
};

static bool
has_table(ndr_counts_view *v, const char *name)
{
    return sqlite3_table_column_metadata(v->db, NULL, name, NULL, NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

static int
prepare(ndr_counts_view *v, const char *text, sqlite3_stmt **ret, ndr_error *err)
{
    return sqlite3_prepare_v2(v->db, text, -1, ret, NULL) == SQLITE_OK
               ? 0
               : ndr_counts_fail(v->db, "", "read", err);
}

#define OF_DOMAIN                                                                        \
    "WHERE domain = (SELECT id FROM domain WHERE name = ?1) AND step >= ?2 AND step < "  \
    "?3 "

static int
prepare_all(ndr_counts_view *v, ndr_error *err)
{
    int rc = 0;
    if (!has_table(v, "count")) /* whoever made it was stopped before */
        return 0;
    rc = ndr_counts_number(v->db, "SELECT min(step) FROM count", NDR_TIME_UNKNOWN,
                           &v->begin, err);
    if (rc == 0)
        rc = ndr_counts_number(v->db, "SELECT fresh FROM state", 0, &v->fresh, err);
    if (rc == 0)
        rc = prepare(v,
                     "SELECT step, sum(bounces), sum(junk) FROM count " OF_DOMAIN
                     "GROUP BY step ORDER BY step",
                     &v->steps, err);
    if (rc == 0 && has_table(v, "whose"))
        rc = prepare(
            v, "SELECT step, whose, bounces FROM whose " OF_DOMAIN "ORDER BY step, whose",
            &v->whose, err);
    return rc;
}

int
ndr_counts_view_open(const char *path, ndr_counts_view **ret, ndr_error *err)
{
    ndr_counts_view *v = calloc(1, sizeof *v);
    if (v == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    v->begin = NDR_TIME_UNKNOWN;
    int rc =
        ndr_counts_database(path, SQLITE_OPEN_READONLY, NDR_COUNTS_BUSY_MS, &v->db, err);
    if (rc == 0) {
        if (sqlite3_exec(v->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
            rc = ndr_counts_fail(v->db, "", "read", err);
        if (rc == 0)
            rc = prepare_all(v, err);
        if (rc < 0)
            ndr_error_prefix(err, "statistics '%s'", path);
    }
    if (rc < 0) {
        ndr_counts_view_close(v);
        return rc;
    }
    *ret = v;
    return 0;
}

void
ndr_counts_view_close(ndr_counts_view *v)
{
    if (v == NULL)
        return;
    (void)sqlite3_finalize(v->steps);
    (void)sqlite3_finalize(v->whose);
    (void)sqlite3_close(v->db); /* was only read */
    free(v);
}

int64_t
ndr_counts_view_begin(const ndr_counts_view *v)
{
    return v->begin;
}

int64_t
ndr_counts_view_fresh(const ndr_counts_view *v)
{
    return v->fresh;
}

static void
bind(sqlite3_stmt *st, const char *domain, int64_t from, int64_t until)
{
    (void)sqlite3_bind_text(st, 1, domain, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 2, from);
    (void)sqlite3_bind_int64(st, 3, until);
}

/* What it says when `got` is no row and no end. */
static int
ended(ndr_counts_view *v, sqlite3_stmt *st, int got, ndr_error *err)
{
    const int rc = got == SQLITE_DONE || got == SQLITE_ROW
                       ? 0
                       : ndr_counts_fail(v->db, "", "read", err);
    (void)sqlite3_reset(st);
    return rc;
}

static uint64_t
column(sqlite3_stmt *st, int i)
{
    const int64_t n = sqlite3_column_int64(st, i);
    return n > 0 ? (uint64_t)n : 0;
}

int
ndr_counts_view_busy(ndr_counts_view *v, int64_t from, uint64_t least,
                     int (*tell)(void *ctx, const char *domain, uint64_t came), void *ctx,
                     ndr_error *err)
{
    sqlite3_stmt *st = NULL;
    int got = SQLITE_DONE, answer = 0;
    if (v->steps == NULL)
        return 0;
    int rc = prepare(v,
                     "SELECT name, (SELECT sum(bounces) FROM count WHERE count.domain = "
                     "domain.id AND step >= ?1) AS came FROM domain WHERE came >= ?2 "
                     "ORDER BY name",
                     &st, err);
    if (rc == 0) {
        (void)sqlite3_bind_int64(st, 1, from);
        (void)sqlite3_bind_int64(st, 2, least > INT64_MAX ? INT64_MAX : (int64_t)least);
        while (answer == 0 && (got = sqlite3_step(st)) == SQLITE_ROW)
            answer = tell(ctx, (const char *)sqlite3_column_text(st, 0), column(st, 1));
        rc = answer != 0 ? answer : ended(v, st, got, err);
    }
    (void)sqlite3_finalize(st);
    return rc;
}

static bool
add_row(ndr_proof_series *s, size_t *cap, ndr_step_proof row)
{
    if (s->count == *cap) {
        const size_t more = *cap == 0 ? 64 : *cap * 2;
        ndr_step_proof *longer = more > SIZE_MAX / sizeof *longer
                                     ? NULL
                                     : realloc(s->row, more * sizeof *longer);
        if (longer == NULL)
            return false;
        s->row = longer;
        *cap = more;
    }
    s->row[s->count++] = row;
    return true;
}

/* Add one row of the table `whose` to its step's. */
static void
add_whose(ndr_step_proof *row, int64_t whose, uint64_t n)
{
    row->judged += whose != NDR_WHOSE_UNKNOWN ? n : 0;
    row->ours += whose == NDR_WHOSE_OURS || whose == NDR_WHOSE_FORWARDED ? n : 0;
    row->forged += whose == NDR_WHOSE_FORGED ? n : 0;
}

int
ndr_counts_view_proofs(ndr_counts_view *v, const char *domain, int64_t from,
                       int64_t until, ndr_proof_series *ret, ndr_error *err)
{
    size_t cap = 0, at = 0;
    int got = SQLITE_DONE, rc = 0;
    *ret = (ndr_proof_series){0};
    if (v->steps == NULL)
        return 0;
    bind(v->steps, domain, from, until);
    while (rc == 0 && (got = sqlite3_step(v->steps)) == SQLITE_ROW)
        if (!add_row(ret, &cap,
                     (ndr_step_proof){.step = sqlite3_column_int64(v->steps, 0),
                                      .bounces = column(v->steps, 1),
                                      .junk = column(v->steps, 2)}))
            rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
    rc = rc == 0 ? ended(v, v->steps, got, err) : rc;
    if (rc == 0 && v->whose != NULL) {
        bind(v->whose, domain, from, until);
        while ((got = sqlite3_step(v->whose)) == SQLITE_ROW) {
            const int64_t step = sqlite3_column_int64(v->whose, 0);
            while (at < ret->count && ret->row[at].step < step)
                at++;
            if (at < ret->count && ret->row[at].step == step)
                add_whose(&ret->row[at], sqlite3_column_int64(v->whose, 1),
                          column(v->whose, 2));
        }
        rc = ended(v, v->whose, got, err);
    }
    if (rc < 0)
        ndr_proof_series_clear(ret);
    return rc;
}

void
ndr_proof_series_clear(ndr_proof_series *s)
{
    free(s->row);
    *s = (ndr_proof_series){0};
}
