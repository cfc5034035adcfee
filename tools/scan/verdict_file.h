/* SPDX-License-Identifier: BSD-3-Clause */
/* verdict_file.h - which messages did a scan that was kept call junk? */
#ifndef KEPT_SCAN_H
#define KEPT_SCAN_H

#include "ndrscan.h"

typedef struct verdict_file verdict_file;

/* The junk of a file of `ndrscan scan` records. NDR_E_SYS, or NDR_E_SYNTAX that names
 * the line. */
int verdict_file_load(const char *path, verdict_file **ret, ndr_error *err);
void verdict_file_free(verdict_file *k);
/* The next message of the Maildir `full`, relative to it; *at begins with 0. NULL: no
 * more. */
const char *verdict_file_next(const verdict_file *k, const char *full, size_t *at);

enum kept { KEPT_NONE, KEPT_SAME, KEPT_OTHER };
/* Is this the message of a record? *ret_why: that record's reason. */
enum kept verdict_file_match(const verdict_file *k, const char *full, const char *rel,
                             ndr_slice message_id, uint64_t length, bool whole_file,
                             const char **ret_why);

#endif
