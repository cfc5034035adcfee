/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cache.h - a compiled ruleset kept between runs.
 *
 *   "ndrscan cache 1\n" | key length | blob length | key | 0 to 15 NULs | blob | hash
 *
 * Lengths and hash are 64 bits in this machine's order; the hash is of all
 * before it. The key is all that the blob depends on, so it is compared byte
 * for byte: a file's name, a hash of its key, only finds it.
 */
#ifndef NDR_CACHE_H
#define NDR_CACHE_H

#include "files.h"
#include "ndrscan_rules.h"

enum { NDR_CACHE_KEPT = 8 }; /* files of other keys that stay, newest first */

/* The key of these files on this machine. Check ret->failed. */
void ndr_cache_key(const ndr_files *files, ndr_buffer *ret);

/*
 * The blob kept for `key` in `dir`: true and *file (ndr_buffer_free it), in
 * which *blob lies. Only a regular file of ours in a folder of ours, neither
 * writable by others, is looked into. False: not there, torn, another key's
 * (note "") or not to be had (note says why).
 */
bool ndr_cache_get(const char *dir, ndr_slice key, ndr_buffer *file, ndr_slice *blob,
                   char note[NDR_CACHE_NOTE_BYTES]);

/*
 * Keep `blob` for `key`, whole or not at all; take away the oldest of too many.
 * A failure only sets the note.
 */
void ndr_cache_put(const char *dir, ndr_slice key, ndr_slice blob,
                   char note[NDR_CACHE_NOTE_BYTES]);

#endif
