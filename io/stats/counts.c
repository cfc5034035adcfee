/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * counts.c - how many bounces came to which domain in which five minutes?
 *
 *   domain  id, name
 *   count   domain, step, kind -> bounces, junk
 *   seen    step, id -> what: each bounce that was counted, as 64 bits
 *   whose   domain, step, whose -> bounces: whose mail came back, once it was asked;
 *           NDR_WHOSE_COUNT where nothing proves it, though enough came back to tell
 *
 * A message is known again (count_id.c), wherever it is read from; the sum of a whole
 * source would double what lies in two. What a message was counted
 * as is kept with it, so a second look, with other windows or rules, corrects. `seen` is
 * bounded: what is older than it remembers is not counted any more, for it could be
 * the second time.
 */
#define _GNU_SOURCE /* qsort_r */
#include "counts.h"
#include "count_record.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WHOSE_AT = NDR_COUNT_WHOSE_AT,
    BELOW_WHOSE = NDR_COUNT_BELOW_WHOSE,
    WHOSE_ROWS = NDR_COUNTS_TELLABLE + 1,
    WAITING = 50000, /* bounces that wait at most before they are written, */
    WAIT_S = 2,
    WAITING_MAX = 12 * WAITING, /* and while another program writes, */
    BUSY_SOON_MS = 500,         /* for which it is waited so long at a time */
    SEEN_MAX = 20000000,
};

/* One bounce that waits. */
typedef struct item {
    int64_t step;
    ndr_count_id id;
    size_t name; /* of its domain, in the hand's names */
    uint32_t name_len;
    uint32_t what; /* as of ndr_counted */
} item;

/* What one worker noted. */
typedef struct hand {
    pthread_mutex_t lock;
    item *item; /* owned */
    size_t count, cap;
    ndr_buffer names;
    uint64_t undated;
} hand;

struct ndr_counts {
    char *path;
    sqlite3 *db; /* NULL: another program kept it so far */
    sqlite3_stmt *add_domain, *find_domain, *add_seen, *find_seen, *set_seen, *add_count;
    sqlite3_stmt *add_whose; /* NULL until it is needed */
    hand *hand;
    unsigned hands;
    hand *taken; /* from them, not written yet: another program was writing */
    time_t written;
    int64_t horizon; /* steps before it are not counted any more */
    int64_t former;  /* those up to it may be known by their former identity */
    int64_t seen;    /* rows of that table */
    uint64_t seen_max;
    int64_t filling; /* from this step on nothing is forgotten */
    int64_t at;      /* of which moment it knows; 0: of now */
    bool passing;    /* what another program's writing holds up is not counted */
    int wait_ms;     /* for it, in the end */
    int failed;      /* what a flush answered; kept with its words */
    ndr_error failure;
    ndr_counts_added told;
};

/* ---- SQLite ------------------------------------------------------------------ */

static int
sql(ndr_counts *c, const char *text, const char *what, ndr_error *err)
{
    return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : ndr_counts_fail(c->db, "", what, err);
}

static int
prepare(ndr_counts *c, const char *text, sqlite3_stmt **ret, ndr_error *err)
{
    return sqlite3_prepare_v3(c->db, text, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) ==
                   SQLITE_OK
               ? 0
               : ndr_counts_fail(c->db, "", "prepare", err);
}

static int
prepare_all(ndr_counts *c, ndr_error *err)
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

static void
disconnect(ndr_counts *c)
{
    sqlite3_stmt **const all[] = {&c->add_domain, &c->find_domain, &c->add_seen,
                                  &c->find_seen,  &c->set_seen,    &c->add_count,
                                  &c->add_whose};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        (void)sqlite3_finalize(*all[i]);
        *all[i] = NULL;
    }
    (void)sqlite3_close(c->db);
    c->db = NULL;
}

static bool
is_busy(int rc, const ndr_error *err)
{
    return rc == NDR_E_SYS && err->sys_errno == EAGAIN;
}

/* Open the file, if it is not. EAGAIN: another program keeps it. */
static int
connect(ndr_counts *c, int wait_ms, ndr_error *err)
{
    if (c->db != NULL)
        return 0;
    int rc = ndr_counts_database(c->path, SQLITE_OPEN_READWRITE, wait_ms, &c->db, err);
    if (rc == 0 && (rc = prepare_all(c, err)) < 0) {
        ndr_error_prefix(err, "statistics '%s'", c->path);
        disconnect(c);
    }
    return rc;
}

/* `now_ms` for opening it, `wait_ms` for all that follows; `soon`: or later. */
static int
open_counts(const char *path, unsigned workers, int now_ms, int wait_ms, bool soon,
            ndr_counts **ret, ndr_error *err)
{
    ndr_error said = {0};
    ndr_counts *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    c->seen_max = SEEN_MAX;
    c->filling = INT64_MAX;
    c->wait_ms = wait_ms;
    c->written = time(NULL);
    c->path = strdup(path);
    c->hand = calloc(workers, sizeof *c->hand);
    int rc = c->path == NULL || c->hand == NULL
                 ? ndr_fail(&said, NDR_E_NOMEM, "no memory")
                 : 0;
    for (; rc == 0 && c->hands < workers; c->hands++)
        if (pthread_mutex_init(&c->hand[c->hands].lock, NULL) != 0) {
            rc = ndr_fail(&said, NDR_E_NOMEM, "no memory");
            break;
        }
    if (rc == 0)
        rc = connect(c, now_ms, &said);
    if (rc < 0 && !(soon && is_busy(rc, &said))) {
        c->failed = rc; /* nothing waits, nothing is written */
        (void)ndr_counts_close(c, NULL, NULL);
        if (err != NULL)
            *err = said;
        return rc;
    }
    *ret = c;
    return 0;
}

int
ndr_counts_open(const char *path, unsigned workers, ndr_counts **ret, ndr_error *err)
{
    return open_counts(path, workers, NDR_COUNTS_BUSY_MS, NDR_COUNTS_BUSY_MS, false, ret,
                       err);
}

int
ndr_counts_open_in_passing(const char *path, unsigned workers, unsigned wait_ms,
                           ndr_counts **ret, ndr_error *err)
{
    const int rc =
        open_counts(path, workers, (int)wait_ms, (int)wait_ms, false, ret, err);
    if (rc == 0)
        (*ret)->passing = true;
    return rc;
}

int
ndr_counts_open_soon(const char *path, unsigned workers, unsigned wait_ms,
                     ndr_counts **ret, ndr_error *err)
{
    return open_counts(path, workers, (int)wait_ms, NDR_COUNTS_BUSY_MS, true, ret, err);
}

void
ndr_counts_remember(ndr_counts *c, uint64_t most)
{
    c->seen_max = most;
}

/* ---- taking note, on workers ---------------------------------------------------- */

static bool
hand_room(hand *h)
{
    if (h->count < h->cap)
        return true;
    const size_t cap = h->cap == 0 ? 1024 : h->cap * 2;
    item *longer =
        cap > SIZE_MAX / sizeof *longer ? NULL : realloc(h->item, cap * sizeof *longer);
    if (longer == NULL)
        return false;
    h->item = longer;
    h->cap = cap;
    return true;
}

/* Where the name stands among the hand's names; names.failed when there is no memory. */
static size_t
keep_name(hand *h, ndr_slice domain)
{
    const item *last = h->count > 0 ? &h->item[h->count - 1] : NULL;
    if (last != NULL &&
        ndr_slice_equal((ndr_slice){h->names.ptr + last->name, last->name_len}, domain))
        return last->name;
    const size_t at = h->names.len;
    ndr_buffer_add(&h->names, domain);
    return at;
}

/* Keep it until it is written; its lock is held. */
static int
keep(hand *h, const ndr_counted *one, ndr_error *err)
{
    if (!hand_room(h))
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    const size_t name = keep_name(h, one->domain);
    if (h->names.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    h->item[h->count++] = (item){
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
    hand *h = &c->hand[worker];
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
    hand *h = &c->hand[0];
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

/* ---- writing -------------------------------------------------------------------- */

/* By step, domain and identity: the order of the tables, and of what is summed up. Of one
 * bounce that was met as several things the same is the last, whoever met it first. */
static int
compare_items(const void *a, const void *b, void *names)
{
    const item *x = a, *y = b;
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
find_seen(ndr_counts *c, const item *it, bool *ret, int64_t *ret_id, int64_t *ret_what,
          ndr_error *err)
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
write_item(ndr_counts *c, const item *it, deltas *d, ndr_error *err)
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

/* What the workers noted, within a transaction. */
static int
write_hand(ndr_counts *c, hand *h, ndr_error *err)
{
    if (h->count > 0)
        qsort_r(h->item, h->count, sizeof *h->item, compare_items, h->names.ptr);
    int rc = 0;
    for (size_t i = 0; i < h->count && rc == 0;) {
        const item *first = &h->item[i];
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

/* Forget the oldest steps' bounces until a tenth of the room is free. */
static int
forget(ndr_counts *c, ndr_error *err)
{
    while ((uint64_t)c->seen > c->seen_max - c->seen_max / 10) {
        int64_t first = 0;
        int rc = ndr_counts_number(c->db, "SELECT min(step) FROM seen", INT64_MAX, &first,
                                   err);
        char text[128];
        /* a day at a time, from the oldest there is */
        int64_t until = first > INT64_MAX - 86400 ? INT64_MAX : first + 86400;
        if (until > c->filling) /* and none that more of is to come of */
            until = c->filling;
        (void)snprintf(text, sizeof text, "DELETE FROM seen WHERE step < %lld",
                       (long long)until);
        if (rc == 0)
            rc = sql(c, text, "write", err);
        if (rc < 0)
            return rc;
        const int gone = sqlite3_changes(c->db);
        if (gone == 0)
            return 0;
        c->seen -= gone;
        c->horizon = until;
    }
    return 0;
}

/* Another program may have written since: what is kept in the file counts. */
static int
read_state(ndr_counts *c, ndr_error *err)
{
    int rc = ndr_counts_number(c->db, "SELECT seen FROM state", 0, &c->seen, err);
    if (rc == 0)
        rc = ndr_counts_number(c->db, "SELECT horizon FROM state", INT64_MIN, &c->horizon,
                               err);
    if (rc == 0)
        rc = ndr_counts_number(c->db, "SELECT former FROM state", INT64_MIN, &c->former,
                               err);
    return rc;
}

/* Make the table of whose mail came back when something has to be written to it: files
 * that never hold any stay what older programs know. Within a transaction. */
static int
ready_whose(ndr_counts *c, const hand *h, ndr_error *err)
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

/* *busy: another program is writing, nothing is amiss. */
static int
write_all(ndr_counts *c, hand *h, bool *busy, ndr_error *err)
{
    int rc = sql(c, "BEGIN IMMEDIATE", "begin to write", err);
    const bool begun = rc == 0;
    const ndr_counts_added told = c->told;
    if (rc == 0)
        rc = read_state(c, err);
    if (rc == 0)
        rc = ready_whose(c, h, err);
    if (rc == 0)
        rc = write_hand(c, h, err);
    if (rc == 0 && (uint64_t)c->seen > c->seen_max)
        rc = forget(c, err);
    char text[160];
    (void)snprintf(
        text, sizeof text,
        "UPDATE state SET fresh = max(fresh, %lld), seen = %lld, horizon = %lld",
        (long long)(c->at != 0 ? c->at : (int64_t)time(NULL)), (long long)c->seen,
        (long long)c->horizon);
    if (rc == 0)
        rc = sql(c, text, "write", err);
    if (rc == 0)
        rc = sql(c, "COMMIT", "write", err);
    *busy = rc < 0 && (sqlite3_errcode(c->db) & 0xff) == SQLITE_BUSY;
    if (rc < 0 && begun) {
        c->told = told;
        (void)sqlite3_finalize(c->add_whose); /* its table may be gone again */
        c->add_whose = NULL;
        (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc;
}

/* All of `from` into `to`, so that it does not count which worker met what. */
static bool
join(hand *to, const hand *from)
{
    const size_t base = to->names.len, count = to->count + from->count;
    if (from->count == 0)
        return true;
    item *longer = count > SIZE_MAX / sizeof *longer
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

/* Take over what the workers noted, so that they go on meanwhile. */
static int
take(ndr_counts *c, ndr_error *err)
{
    bool joined = true;
    c->taken = calloc(1, sizeof *c->taken);
    if (c->taken == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (unsigned i = 0; i < c->hands; i++) {
        hand *h = &c->hand[i], had;
        (void)pthread_mutex_lock(&h->lock);
        had = (hand){.item = h->item, .count = h->count, .names = h->names};
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

static void
drop_taken(ndr_counts *c)
{
    if (c->taken != NULL) {
        free(c->taken->item);
        ndr_buffer_free(&c->taken->names);
    }
    free(c->taken);
    c->taken = NULL;
}

/* Nobody waits for what was taken any more. */
static void
miss_taken(ndr_counts *c)
{
    c->told.missed += c->taken->count;
    drop_taken(c);
}

/* Write what was taken; what another program's writing held up stays taken. */
static int
write_taken(ndr_counts *c, int wait_ms, bool *busy, ndr_error *err)
{
    int rc = c->taken == NULL ? take(c, err) : 0;
    *busy = false;
    if (rc == 0 && (rc = connect(c, wait_ms, err)) < 0)
        *busy = is_busy(rc, err);
    if (rc == 0) {
        (void)sqlite3_busy_timeout(c->db, wait_ms);
        rc = write_all(c, c->taken, busy, err);
    }
    if (!*busy)
        drop_taken(c);
    c->written = time(NULL);
    return rc;
}

static void
keep_failure(ndr_counts *c, int rc, const ndr_error *err)
{
    c->failed = rc;
    c->failure = *err;
}

int
ndr_counts_flush(ndr_counts *c, ndr_error *err)
{
    size_t waiting = 0;
    for (unsigned i = 0; i < c->hands; i++) {
        (void)pthread_mutex_lock(&c->hand[i].lock);
        waiting += c->hand[i].count;
        (void)pthread_mutex_unlock(&c->hand[i].lock);
    }
    const bool pressed =
        waiting >= WAITING && (c->taken == NULL || waiting >= WAITING_MAX);
    if ((waiting == 0 && c->taken == NULL) ||
        (!pressed && time(NULL) - c->written < WAIT_S))
        return 0;
    ndr_error said = {0};
    if (c->failed < 0) { /* nothing more is kept */
        drop_taken(c);
        (void)take(c, &said);
        drop_taken(c);
        return 0;
    }
    bool busy;
    const int rc =
        write_taken(c, waiting >= WAITING_MAX ? c->wait_ms : BUSY_SOON_MS, &busy, &said);
    if (rc == 0 || (busy && waiting < WAITING_MAX))
        return 0;
    keep_failure(c, rc, &said);
    if (err != NULL)
        *err = said;
    return rc;
}

int
ndr_counts_close(ndr_counts *c, ndr_counts_added *ret, ndr_error *err)
{
    ndr_error said = {0};
    bool busy;
    /* what was taken before, then the rest: a run without bounces is news too */
    for (bool more = true; more && c->failed == 0;) {
        more = c->taken != NULL;
        const int rc = write_taken(c, c->wait_ms, &busy, &said);
        if (rc < 0 && busy && c->passing)
            miss_taken(c);
        else if (rc < 0)
            keep_failure(c, rc, &said);
    }
    drop_taken(c);
    const int rc = c->failed;
    if (rc < 0 && err != NULL)
        *err = c->failure;
    if (ret != NULL)
        *ret = c->told;
    disconnect(c);
    for (unsigned i = 0; i < c->hands; i++) {
        free(c->hand[i].item);
        ndr_buffer_free(&c->hand[i].names);
        (void)pthread_mutex_destroy(&c->hand[i].lock);
    }
    free(c->hand);
    free(c->path);
    free(c);
    return rc;
}
