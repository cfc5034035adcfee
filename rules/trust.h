/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trust.h - who else could have put this here?
 *
 * Trusted are root and ourselves: what either owns, and nobody else can write to.
 */
#ifndef NDR_TRUST_H
#define NDR_TRUST_H

#include "ndrscan_common.h"

#include <sys/stat.h>

/* Does root own it, or do we, and can neither group nor others write to it? */
bool ndr_is_trusted(const struct stat *st);

/*
 * Open a folder that is trusted, as all those above it are, so that nobody else can put
 * another in its place. Above it, one where others may write is trusted if it is sticky,
 * as /tmp is. -1 and errno; of one that is not trusted EPERM, and in `ret_who` which it
 * is ("" else; PATH_MAX bytes are enough for it).
 */
int ndr_open_trusted(const char *folder, char *ret_who, size_t size);

#endif
