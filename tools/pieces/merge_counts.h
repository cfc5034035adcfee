/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_counts.h - which bounces did the workers find, all pieces together? */
#ifndef MERGE_COUNTS_H
#define MERGE_COUNTS_H

#include "merge.h"

/*
 * Count the bounces of all pieces, which were checked, into the file of statistics at
 * `path`: made whole or not at all, or added to. What was new is told unless `quiet`. 0,
 * or the exit status, told; 65 too where a piece's bounces are not those it was made
 * with. Thread: main.
 */
int merge_counts(const merge *m, const char *path, bool quiet);

#endif
