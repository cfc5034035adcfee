/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * path_run.h - which paths come next, of those that were named one by one?
 *
 * Operands, lists and plans name files without a folder in common. Some thousands of them
 * are known before their turn, so that a crew reads them ahead as it does a folder's.
 * Thread: fill.
 */
#ifndef NDR_PATH_RUN_H
#define NDR_PATH_RUN_H

#include "ahead.h"

#include "ndrscan.h"

/* Paths in the order in which they were named. */
typedef struct ndr_path_run {
    struct ndr_paths
        *paths;       /* what is lent to who reads ahead; NULL: no run is at hand */
    size_t count, at; /* `at` is the next one */
    ndr_ahead_folder *ahead; /* reads them, or NULL */
} ndr_path_run;

/* Leave the run at hand and begin an empty one. 0 or NDR_E_NOMEM. */
int ndr_path_run_begin(ndr_path_run *r, ndr_error *err);
/* Does the run at hand take more? */
bool ndr_path_run_has_room(const ndr_path_run *r);
/* One more path, which is copied. 0 or NDR_E_NOMEM. */
int ndr_path_run_add(ndr_path_run *r, const char *path, ndr_error *err);
/* All are added: have `crew` (NULL: nobody) read them, if they look cold. `named`: as in
 * ndr_ahead_begin. */
void ndr_path_run_start(ndr_path_run *r, ndr_ahead *crew, bool named);
/* Path `at`, until the next run begins. */
const char *ndr_path_run_path(const ndr_path_run *r, size_t at);
/* Leave the run at hand. */
void ndr_path_run_leave(ndr_path_run *r);

#endif
