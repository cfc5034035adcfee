/* SPDX-License-Identifier: BSD-3-Clause */
/* settle.h - which windows end because it is calm? */
#ifndef SETTLE_H
#define SETTLE_H

#include "ndrscan.h"

#define SETTLE_NOTE "calm again" /* why, in the history */

/*
 * End the windows of the folder `dir` that have until_calm and whose storm is over by the
 * statistics in file `stats`, as `ndrscan unblock` would, and keep it in the history in
 * the name of `who` (NULL: the user). What was done is appended to `told`, a line each,
 * and counted in *ret. No folder, or no statistics, ends nothing. 0; or an ndr_code
 * (NDR_E_SYS with EAGAIN: another program edits the windows), and nothing was changed.
 */
int settle(const char *dir, const char *stats, const char *who, int64_t now,
           ndr_buffer *told, size_t *ret, ndr_error *err);
/* The same for all folders in which a user who names none may end windows. */
int settle_all(const char *stats, const char *who, int64_t now, ndr_buffer *told,
               size_t *ret, ndr_error *err);

#endif
