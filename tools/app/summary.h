/* SPDX-License-Identifier: BSD-3-Clause */
/* summary.h - what did the run see, in one table? */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "ndrscan.h"

/*
 * The table, for 80 columns: messages, bounces by kind, junk by window, the
 * ten domains with most bounces, damaged sources, time and rate. Appended.
 *
 * windows    those of the run; NULL: there were none
 * stopped_by words for what ended it early, or NULL
 */
void summary_table(ndr_buffer *out, const ndr_stats *st, const ndr_windows *windows,
                   double seconds, const char *stopped_by);

#endif
