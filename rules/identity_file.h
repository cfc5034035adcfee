/* SPDX-License-Identifier: BSD-3-Clause */
/* identity_file.h - what does one file of identities say, and on which lines? */
#ifndef NDR_IDENTITY_FILE_H
#define NDR_IDENTITY_FILE_H

#include "files.h"
#include "ndrscan_rules.h"
#include "yaml_file.h"

/* What ndr_identity_load does with one file that was read. *yaml knows its lines and is
 * to be freed after it went well. */
int ndr_identity_of_file(const ndr_file *file, ndr_identity_table **ret, ndr_yaml *yaml,
                         ndr_error *err);
/* Which entry of its file is row `i` of ndr_identity_rows? From 0. */
size_t ndr_identity_entry(const ndr_identity_table *t, size_t i);

#endif
