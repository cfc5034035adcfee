/* SPDX-License-Identifier: BSD-3-Clause */
/* counts.h - the file of counts, for those who read it and for its tests. */
#ifndef NDR_COUNTS_H
#define NDR_COUNTS_H

#include "count_record.h"
#include "ndrscan_stats.h"

#include <sqlite3.h>

#define NDR_COUNTS_BUSY_MS 10000 /* waits for another program that writes */
/* The row of the table `whose`, beside those of enum ndr_whose, of what nothing proves
 * though enough came back to tell. */
#define NDR_COUNTS_TELLABLE NDR_WHOSE_COUNT

/*
 * Open the database (flags of sqlite3_open_v2); it is one of counts, or empty. Made, mode
 * 0600, when it is to be written. Another program is waited for so long. Returns 0 and
 * *ret, or what ndr_counts_open says.
 */
int ndr_counts_database(const char *path, int flags, int wait_ms, sqlite3 **ret,
                        ndr_error *err);
/* Make its tables, when it has none. 0, or what ndr_counts_open says. */
int ndr_counts_tables(sqlite3 *db, ndr_error *err);
/* Make the table of whose mail came back, within a transaction: from then on the file is
 * of version 4. 0, or what ndr_counts_open says. */
int ndr_counts_whose_table(sqlite3 *db, ndr_error *err);
/* The number that a query of one row answers; `other` when it answers none or NULL. 0, or
 * what ndr_counts_open says. */
int ndr_counts_number(sqlite3 *db, const char *text, int64_t other, int64_t *ret,
                      ndr_error *err);
/* Fill `err` with what SQLite says of its last call; `path` may be "". An ndr_code. */
int ndr_counts_fail(sqlite3 *db, const char *path, const char *what, ndr_error *err);
/*
 * For who counts what is in order: between begin and end, each is of the step of the one
 * before or a later one, and of a step that is being filled nothing is forgotten. `at`:
 * of which moment the bounces know. One worker's. 0 or NDR_E_NOMEM.
 */
void ndr_counts_begin_order(ndr_counts *c, int64_t at);
int ndr_counts_keep(ndr_counts *c, const ndr_counted *one, ndr_error *err);
void ndr_counts_end_order(ndr_counts *c);
/* Remember `most` single bounces, not 20 million: for tests. */
void ndr_counts_remember(ndr_counts *c, uint64_t most);

#endif
