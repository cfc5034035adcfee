/* SPDX-License-Identifier: BSD-3-Clause */
/* secrets_file.h - which secrets does a file hold? */
#ifndef NDR_SECRETS_FILE_H
#define NDR_SECRETS_FILE_H

#include "keep.h"

enum { NDR_SECRETS_MOST = 32, NDR_SECRET_BYTES = 1024 }; /* what ndr_secrets_add takes */

/*
 * The secrets of `path`, one a line, the newest first; empty lines are passed over. They
 * are kept in `k`. What everybody may read or write is no secret.
 * 0, *ret and *count; NDR_E_SYS, NDR_E_SYNTAX, NDR_E_LIMIT or NDR_E_NOMEM.
 */
int ndr_secrets_read(const char *path, ndr_keep *k, const ndr_slice **ret, size_t *count,
                     ndr_error *err);

#endif
