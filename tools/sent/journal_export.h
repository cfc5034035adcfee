/* SPDX-License-Identifier: BSD-3-Clause */
/* journal_export.h - which lines would a log have of what `journalctl -o export` writes?
 */
#ifndef JOURNAL_EXPORT_H
#define JOURNAL_EXPORT_H

#include "ndrscan.h"

/* An entry that is being read. All zero: none yet. */
typedef struct journal_export {
    ndr_buffer held; /* what was not read yet */
    int64_t at_us;   /* since 1970; 0: unknown */
    ndr_buffer host, program, pid, message;
} journal_export;

/* Is that how it begins? Pure. */
bool journal_export_is(ndr_slice first);
/*
 * Append to `out` a line "2026-01-31T00:00:00+00:00 HOST PROGRAM[PID]: MESSAGE" for each
 * entry that ends in these bytes, which may be cut anywhere; line ends in it become
 * blanks. Entries without program, message or time are passed over. 0; NDR_E_DAMAGED for
 * a field of over 1 MiB, or none; NDR_E_NOMEM.
 * Source: systemd, Journal Export Format.
 */
int
journal_export_add(journal_export *j, ndr_slice bytes, ndr_buffer *out, ndr_error *err);
void journal_export_free(journal_export *j);

#endif
