/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_report.h - what does the page tell of all that the workers found? */
#ifndef MERGE_REPORT_H
#define MERGE_REPORT_H

#include "merge.h"

/*
 * Count the bounces of all pieces, which were checked, into the file of statistics
 * `stats`, NULL: one for this alone, which is gone afterwards; and write the page of all
 * that is in it as the file `page` (NULL: none), with the plan's windows. 0, or the exit
 * status, told. Thread: main.
 */
int merge_report(const merge *m, const char *stats, const char *page, bool quiet);

#endif
