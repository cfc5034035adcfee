/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_hash.h - which number stands for these bytes?
 *
 * For the rooms and the tools; not installed. XXH3, 64 bits: for tables in memory, whose
 * rows are compared, and against torn files; who chooses the bytes can choose two of one
 * hash. What is kept on disk by it says so in its version. Pure; from any thread.
 * Source: xxHash, doc/xxhash_spec.md (XXH3).
 */
#ifndef NDR_HASH_H
#define NDR_HASH_H

#include "ndrscan_common.h"

/* `seed` tells apart what has the same bytes; several runs of bytes are one by the hash
 * of the first as the seed of the next. */
NDR_API uint64_t ndr_hash(ndr_slice bytes, uint64_t seed);
/* ASCII letters of either case are the same. */
NDR_API uint64_t ndr_hash_nocase(ndr_slice bytes, uint64_t seed);

/* ndr_hash of bytes that come bit by bit. Begin, add at will, end; again. Thread: one. */
typedef struct ndr_hasher ndr_hasher;
NDR_API ndr_hasher *ndr_hasher_new(void); /* NULL: no memory */
NDR_API void ndr_hasher_begin(ndr_hasher *h, uint64_t seed);
NDR_API void ndr_hasher_add(ndr_hasher *h, ndr_slice bytes);
NDR_API uint64_t ndr_hasher_end(const ndr_hasher *h);
NDR_API void ndr_hasher_free(ndr_hasher *h); /* NULL allowed */

#endif
