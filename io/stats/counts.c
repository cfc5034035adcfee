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
 *
 * Here it is opened, flushed and closed; workers note in counts_hand.c, and what they
 * noted is written by counts_write.c.
 */
#include "counts_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAITING = 50000, /* bounces that wait at most before they are written, */
    WAIT_S = 2,
    WAITING_MAX = 12 * WAITING, /* and while another program writes, */
    BUSY_SOON_MS = 500,         /* for which it is waited so long at a time; */
    RUN_BUSY_MS = 60000,        /* a run of hours waits a minute at its end */
    SEEN_MAX = 20000000,
};

/* ---- opening -------------------------------------------------------------------- */

static void
disconnect(ndr_counts *c)
{
    ndr_counts_finalize(c);
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
    if (rc == 0 && (rc = ndr_counts_prepare(c, err)) < 0) {
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
    return open_counts(path, workers, RUN_BUSY_MS, RUN_BUSY_MS, false, ret, err);
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

/* ---- flushing and closing -------------------------------------------------------- */

/* Nobody waits for what was taken any more. */
static void
miss_taken(ndr_counts *c)
{
    c->told.missed += c->taken->count;
    ndr_counts_drop_taken(c);
}

/* Write what was taken; what another program's writing held up stays taken. */
static int
write_taken(ndr_counts *c, int wait_ms, bool *busy, ndr_error *err)
{
    int rc = c->taken == NULL ? ndr_counts_take_notes(c, err) : 0;
    *busy = false;
    if (rc == 0 && (rc = connect(c, wait_ms, err)) < 0)
        *busy = is_busy(rc, err);
    if (rc == 0) {
        (void)sqlite3_busy_timeout(c->db, wait_ms);
        rc = ndr_counts_write(c, c->taken, busy, err);
    }
    if (!*busy)
        ndr_counts_drop_taken(c);
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
        ndr_counts_drop_taken(c);
        (void)ndr_counts_take_notes(c, &said);
        ndr_counts_drop_taken(c);
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
    ndr_counts_drop_taken(c);
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
