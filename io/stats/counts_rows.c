/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_rows.c - which rows does a bounce that was noted make, or change? */
#define _GNU_SOURCE /* qsort_r */
#include "counts_state.h"

#include <stdlib.h>

enum {
    WHOSE_AT = NDR_COUNT_WHOSE_AT,
    BELOW_WHOSE = NDR_COUNT_BELOW_WHOSE,
    WHOSE_ROWS = NDR_COUNTS_TELLABLE + 1,
};

static int
prepare(ndr_counts *c, const char *text, sqlite3_stmt **ret, ndr_error *err)
{
    return sqlite3_prepare_v3(c->db, text, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) ==
                   SQLITE_OK
               ? 0
               : ndr_counts_fail(c->db, "", "prepare", err);
}

int
ndr_counts_prepare(ndr_counts *c, ndr_error *err)
{
    int rc = ndr_counts_tables(c->db, err);
    if (rc == 0)
        rc = prepare(c, "INSERT OR IGNORE INTO domain(name) VALUES(?1)", &c->add_domain,
                     err);
    if (rc == 0)
        rc = prepare(c, "SELECT id FROM domain WHERE name = ?1", &c->find_domain, err);
    if (rc == 0)
        rc = prepare(c, "INSERT INTO seen VALUES(?1, ?2, ?3)", &c->add_seen, err);
    if (rc == 0)
        rc = prepare(
            c,
            "SELECT id, what FROM seen WHERE step = ?1 AND id IN (?2, ?3, ?4, ?5) "
            "ORDER BY id = ?2 DESC LIMIT 1",
            &c->find_seen, err);
    if (rc == 0)
        rc = prepare(c, "UPDATE seen SET what = ?3 WHERE step = ?1 AND id = ?2",
                     &c->set_seen, err);
    if (rc == 0)
        rc = prepare(
            c,
            "INSERT INTO count VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE "
            "SET bounces = bounces + excluded.bounces, junk = junk + excluded.junk",
            &c->add_count, err);
    return rc;
}

int
ndr_counts_prepare_whose(ndr_counts *c, const ndr_counts_hand *h, ndr_error *err)
{
    bool asked = false;
    for (size_t k = 0; k < h->count && !asked; k++)
        asked = h->item[k].what > BELOW_WHOSE;
    if (!asked || c->add_whose != NULL)
        return 0;
    const int rc = ndr_counts_whose_table(c->db, err);
    return rc < 0 ? rc
                  : prepare(c,
                            "INSERT INTO whose VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO "
                            "UPDATE SET bounces = bounces + excluded.bounces",
                            &c->add_whose, err);
}

void
ndr_counts_finalize(ndr_counts *c)
{
    sqlite3_stmt **const all[] = {&c->add_domain, &c->find_domain, &c->add_seen,
                                  &c->find_seen,  &c->set_seen,    &c->add_count,
                                  &c->add_whose};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        (void)sqlite3_finalize(*all[i]);
        *all[i] = NULL;
    }
}

/* ---- from notes to rows ---------------------------------------------------------- */

/* By step, domain and identity: the order of the tables, and of what is summed up. Of one
 * bounce that was met as several things the same is the last, whoever met it first. */
static int
compare_items(const void *a, const void *b, void *names)
{
    const ndr_counts_item *x = a, *y = b;
    const unsigned char *text = names;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    const int c = ndr_slice_compare((ndr_slice){text + x->name, x->name_len},
                                    (ndr_slice){text + y->name, y->name_len});
    if (c != 0 || x->id.own != y->id.own)
        return c != 0 ? c : (x->id.own > y->id.own ? 1 : -1);
    return (x->what > y->what) - (x->what < y->what);
}

/* Run a statement that answers nothing. */
static int
run(ndr_counts *c, sqlite3_stmt *st, ndr_error *err)
{
    const int got = sqlite3_step(st);
    const int rc = got == SQLITE_DONE ? 0 : ndr_counts_fail(c->db, "", "write", err);
    (void)sqlite3_reset(st);
    return rc;
}

/* Run a statement that answers one number. */
static int
ask(ndr_counts *c, sqlite3_stmt *st, int64_t *ret, ndr_error *err)
{
    int rc = 0;
    if (sqlite3_step(st) == SQLITE_ROW)
        *ret = sqlite3_column_int64(st, 0);
    else
        rc = ndr_counts_fail(c->db, "", "read", err);
    (void)sqlite3_reset(st);
    return rc;
}

static int
domain_id(ndr_counts *c, ndr_slice name, int64_t *ret, ndr_error *err)
{
    const char *text = name.len > 0 ? (const char *)name.ptr : "";
    (void)sqlite3_bind_text(c->add_domain, 1, text, (int)name.len, SQLITE_STATIC);
    (void)sqlite3_bind_text(c->find_domain, 1, text, (int)name.len, SQLITE_STATIC);
    const int rc = run(c, c->add_domain, err);
    return rc < 0 ? rc : ask(c, c->find_domain, ret, err);
}

/* What is to be added to one domain's counts of one step. */
typedef struct deltas {
    int64_t bounces[NDR_KIND_COUNT], junk[NDR_KIND_COUNT], whose[WHOSE_ROWS];
} deltas;

static void
add_delta(deltas *d, uint32_t what, int64_t by)
{
    const uint32_t below = (what & BELOW_WHOSE) / 2, whose = what >> WHOSE_AT;
    const uint32_t kind = below < NDR_KIND_COUNT ? below : 0;
    d->bounces[kind] += by;
    d->junk[kind] += (what & 1) != 0 ? by : 0;
    if (whose > 0 && whose <= WHOSE_ROWS)
        d->whose[whose - 1] += by;
}

/* Was it counted before? Then *ret_id and *ret_what say as which and as what. */
static int
find_seen(ndr_counts *c, const ndr_counts_item *it, bool *ret, int64_t *ret_id,
          int64_t *ret_what, ndr_error *err)
{
    const uint64_t own = it->id.own;
    const bool before = it->step <= c->former;
    (void)sqlite3_bind_int64(c->find_seen, 1, it->step);
    (void)sqlite3_bind_int64(c->find_seen, 2, (int64_t)own);
    for (int i = 0; i < NDR_COUNT_BELOW; i++)
        (void)sqlite3_bind_int64(c->find_seen, 3 + i, (int64_t)it->id.below[i]);
    (void)sqlite3_bind_int64(c->find_seen, 5, (int64_t)(before ? it->id.former : own));
    const int got = sqlite3_step(c->find_seen);
    *ret = got == SQLITE_ROW;
    if (*ret) {
        *ret_id = sqlite3_column_int64(c->find_seen, 0);
        *ret_what = sqlite3_column_int64(c->find_seen, 1);
    }
    const int rc =
        *ret || got == SQLITE_DONE ? 0 : ndr_counts_fail(c->db, "", "read", err);
    (void)sqlite3_reset(c->find_seen);
    return rc;
}

static int
write_item(ndr_counts *c, const ndr_counts_item *it, deltas *d, ndr_error *err)
{
    bool known = false;
    int64_t id = (int64_t)it->id.own, was = 0;
    if (it->step < c->horizon) {
        c->told.old++;
        return 0;
    }
    const int rc = find_seen(c, it, &known, &id, &was, err);
    if (rc < 0)
        return rc;
    uint32_t what = it->what;
    if (known && what <= BELOW_WHOSE) /* what was found stays, when nobody asks again */
        what |= (uint32_t)was & ~(uint32_t)BELOW_WHOSE;
    const bool same = known && ((uint32_t)was & BELOW_WHOSE) == (what & BELOW_WHOSE);
    if (known && was == what) {
        c->told.known++;
        return 0;
    }
    sqlite3_stmt *st = known ? c->set_seen : c->add_seen;
    (void)sqlite3_bind_int64(st, 1, it->step);
    (void)sqlite3_bind_int64(st, 2, id);
    (void)sqlite3_bind_int64(st, 3, what);
    if (known) {
        *(same ? &c->told.known : &c->told.changed) += 1;
        add_delta(d, (uint32_t)was, -1);
    } else {
        c->told.counted++;
        c->seen++;
    }
    add_delta(d, what, 1);
    return run(c, st, err);
}

static int
write_deltas(ndr_counts *c, ndr_slice domain, int64_t step, const deltas *d,
             ndr_error *err)
{
    int64_t id = 0;
    int rc = 0;
    for (int k = 0; k < NDR_KIND_COUNT && rc == 0; k++) {
        if (d->bounces[k] == 0 && d->junk[k] == 0)
            continue;
        if (id == 0)
            rc = domain_id(c, domain, &id, err);
        if (rc < 0)
            break;
        (void)sqlite3_bind_int64(c->add_count, 1, id);
        (void)sqlite3_bind_int64(c->add_count, 2, step);
        (void)sqlite3_bind_int64(c->add_count, 3, k);
        (void)sqlite3_bind_int64(c->add_count, 4, d->bounces[k]);
        (void)sqlite3_bind_int64(c->add_count, 5, d->junk[k]);
        rc = run(c, c->add_count, err);
    }
    for (int k = 0; k < WHOSE_ROWS && rc == 0; k++) {
        if (d->whose[k] == 0)
            continue;
        if (id == 0)
            rc = domain_id(c, domain, &id, err);
        if (rc < 0)
            break;
        (void)sqlite3_bind_int64(c->add_whose, 1, id);
        (void)sqlite3_bind_int64(c->add_whose, 2, step);
        (void)sqlite3_bind_int64(c->add_whose, 3, k);
        (void)sqlite3_bind_int64(c->add_whose, 4, d->whose[k]);
        rc = run(c, c->add_whose, err);
    }
    return rc;
}

int
ndr_counts_write_rows(ndr_counts *c, ndr_counts_hand *h, ndr_error *err)
{
    if (h->count > 0)
        qsort_r(h->item, h->count, sizeof *h->item, compare_items, h->names.ptr);
    int rc = 0;
    for (size_t i = 0; i < h->count && rc == 0;) {
        const ndr_counts_item *first = &h->item[i];
        const ndr_slice domain = {h->names.ptr + first->name, first->name_len};
        deltas d = {0};
        for (; i < h->count && rc == 0 && h->item[i].step == first->step &&
               ndr_slice_equal(
                   (ndr_slice){h->names.ptr + h->item[i].name, h->item[i].name_len},
                   domain);
             i++)
            rc = write_item(c, &h->item[i], &d, err);
        if (rc == 0)
            rc = write_deltas(c, domain, first->step, &d, err);
    }
    c->told.undated += h->undated;
    return rc;
}
