/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_write.c - how is what was noted written whole, and what is forgotten for it? */
#include "counts_state.h"

#include <stdio.h>

static int
sql(ndr_counts *c, const char *text, const char *what, ndr_error *err)
{
    return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : ndr_counts_fail(c->db, "", what, err);
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

int
ndr_counts_write(ndr_counts *c, ndr_counts_hand *h, bool *busy, ndr_error *err)
{
    int rc = sql(c, "BEGIN IMMEDIATE", "begin to write", err);
    const bool begun = rc == 0;
    const ndr_counts_added told = c->told;
    if (rc == 0)
        rc = read_state(c, err);
    if (rc == 0)
        rc = ndr_counts_prepare_whose(c, h, err);
    if (rc == 0)
        rc = ndr_counts_write_rows(c, h, err);
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
