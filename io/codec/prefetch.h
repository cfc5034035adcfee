/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prefetch.h - what comes next in a file, read by a thread of its own.
 *
 *   thread: read -> block -> ... -> block -> next: whoever decodes
 *
 * For a compressed file that one thread decodes: it has nothing to do but that.
 */
#ifndef NDR_PREFETCH_H
#define NDR_PREFETCH_H

#include "page_cache.h"

#include "ndrscan.h"

typedef struct ndr_prefetch ndr_prefetch;

/* Read on from fd's offset; nobody else reads it. `cache` says when what was read is
 * dropped (NULL: never). Both are borrowed. NULL: no memory or no thread, and nothing was
 * read. */
ndr_prefetch *ndr_prefetch_new(int fd, ndr_page_cache *cache);
/*
 * The next bytes, borrowed until the next call: how many; 0 at the end; or NDR_E_SYS,
 * when what was read before has been given. Asked again after that, it says the same.
 * Thread: one.
 */
int64_t ndr_prefetch_next(ndr_prefetch *p, const unsigned char **ret, ndr_error *err);
void ndr_prefetch_free(ndr_prefetch *p); /* NULL allowed */

#endif
