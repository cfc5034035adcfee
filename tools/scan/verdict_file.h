/* SPDX-License-Identifier: BSD-3-Clause */
/* verdict_file.h - which messages did a scan that was kept call junk? */
#ifndef KEPT_SCAN_H
#define KEPT_SCAN_H

#include "ndrscan.h"

typedef struct kept_scan kept_scan;

/* The junk of a file of `ndrscan scan` records. NDR_E_SYS, or NDR_E_SYNTAX that names
 * the line. */
int kept_scan_load(const char *path, kept_scan **ret, ndr_error *err);
void kept_scan_free(kept_scan *k);
/* The next message of the Maildir `full`, relative to it; *at begins with 0. NULL: no
 * more. */
const char *kept_scan_next(const kept_scan *k, const char *full, size_t *at);

enum kept { KEPT_NONE, KEPT_SAME, KEPT_OTHER };
/* Is this the message of a record? *ret_why: that record's reason. */
enum kept kept_scan_match(const kept_scan *k, const char *full, const char *rel,
                          ndr_slice message_id, uint64_t length, bool whole_file,
                          const char **ret_why);

#endif
