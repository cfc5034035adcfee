/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_count_list.h - how are bounces counted that many machines found?
 *
 *   each: a bounce -> a record -> a file;   once: all files -> in order -> a file of
 * counts
 *
 * A record is a bounce, known by the same identity as in a file of counts: united in one
 * order, the same records come to the same counts, however they were shared out. Counts
 * themselves are never added. For the tools; not installed.
 */
#ifndef NDR_COUNT_LIST_H
#define NDR_COUNT_LIST_H

#include "ndrscan_stats.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ndr_count_noted {
    NDR_COUNT_NOTHING, /* it is no bounce */
    NDR_COUNT_NOTED,
    NDR_COUNT_NOT, /* a bounce without a time of arrival: it cannot be */
};
/* Append the record of a verdict (out->failed: no memory). As for ndr_counts_look, the
 * scanner must hold windows against the arrival. Thread: any. */
NDR_API enum ndr_count_noted
ndr_count_note(const ndr_message *m, const ndr_verdict *v, ndr_buffer *out);
/* How long the record at the beginning of `bytes` is; 0: there is no whole one. */
NDR_API size_t ndr_count_record_length(ndr_slice bytes);

/* Records, brought into their order: what memory cannot hold waits in a file. */
typedef struct ndr_count_list ndr_count_list;
/* That file comes into the folder `dir`, borrowed, where it has no name; room_bytes 0: as
 * much in memory as is good. 0 or NDR_E_NOMEM. */
NDR_API int
ndr_count_list_new(int dir, size_t room_bytes, ndr_count_list **ret, ndr_error *err);
/* Add whole records. 0; NDR_E_DAMAGED: they are none; NDR_E_SYS; NDR_E_NOMEM. */
NDR_API int ndr_count_list_add(ndr_count_list *l, ndr_slice records, ndr_error *err);
/*
 * Count all of them, once, in a file that was opened for one worker, whose time becomes
 * `at`, the last moment of which the records know, if it is older. 0, NDR_E_STOPPED, or
 * as ndr_counts_flush.
 */
NDR_API int ndr_counts_take_list(ndr_counts *c, ndr_count_list *l, int64_t at,
                                 const ndr_stop *stop, ndr_error *err);
NDR_API void ndr_count_list_free(ndr_count_list *l); /* NULL allowed */

/*
 * The step from which on a file can tell a new bounce from one that it has: of steps
 * before it bounces that were met later are not counted. INT64_MIN: it can of all. 0, or
 * as ndr_counts_read.
 */
NDR_API int ndr_counts_horizon(const char *path, int64_t *ret, ndr_error *err);

#ifdef __cplusplus
}
#endif

#endif
