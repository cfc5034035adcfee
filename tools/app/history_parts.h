/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history_parts.h - of which files is a history, and when does a new one begin?
 *
 *   history.jsonl.1   history.jsonl.2   ...   history.jsonl
 *   the oldest lines                          the newest; lines are added here alone
 *
 * A file that is long gets the next number and stays as it is: no line is moved or
 * written again, so none is lost, and whoever reads has opened the last one first.
 */
#ifndef HISTORY_PARTS_H
#define HISTORY_PARTS_H

#include "ndrscan.h"

#include <sys/stat.h>

enum { HISTORY_PART_BYTES = 16 << 20, HISTORY_PART_MOST = 999999 };

/* The numbers of the parts of the history `path` that have one, in their order, into *ret
 * for the caller to free. None of a folder that is not there, or is not ours to list. 0,
 * NDR_E_SYS or NDR_E_NOMEM. */
int history_parts(const char *path, unsigned **ret, size_t *ret_count, ndr_error *err);
/* The path of one of them. False: it is too long. */
bool history_part_path(const char *path, unsigned number, char *ret, size_t size);
/* How many of those numbers, in their order, are of parts before the open file of `st`:
 * all, unless it has got a number since it was opened. */
size_t history_parts_before(const char *path, const unsigned *list, size_t count,
                            const struct stat *st);
/*
 * Give the file the next number, and begin a new one with its owner, group and mode; by
 * who holds its lock and knows it by `st`. At any moment there is a file at `path`: who
 * may add lines and not make files never finds none. False: it cannot be, and nothing was
 * changed: another user's folder or file, say.
 */
bool history_part_end(const char *path, const struct stat *st);
/* Does the path name the open file of `st` still? */
bool history_part_is(const char *path, const struct stat *st);

#endif
