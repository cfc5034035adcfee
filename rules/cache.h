/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cache.h - a compiled ruleset kept between runs.
 *
 *   "ndrscan cache 2\n" | key length | blob length | key | 0 to 63 NULs | blob
 *
 * Lengths are 64 bits in this machine's order. The key is all that the blob depends on,
 * so it is compared byte for byte: a file's name, a hash of its key, only finds it. The
 * blob has a checksum of its own, which ndr_ruleset_load goes by. The file is mapped, and
 * the rules are used where they lie in it: it is never written again under its name.
 */
#ifndef NDR_CACHE_H
#define NDR_CACHE_H

#include "files.h"
#include "ndrscan_rules.h"

enum { NDR_CACHE_KEPT = 8 }; /* files of other keys that stay, newest first */

/* The key of these files on this machine. Check ret->failed. */
void ndr_cache_key(const ndr_files *files, ndr_buffer *ret);

/*
 * The blob kept for `key` in `dir`: true and *home, a mapping to be given back, in
 * which *blob lies as ndr_ruleset_load wants it. Only a regular file of ours in a folder
 * of ours, neither writable by others, is looked into. False: not there, cut, another
 * key's or not to be had; note says which.
 */
bool ndr_cache_get(const char *dir, ndr_slice key, ndr_blob_owner *home, ndr_slice *blob,
                   char note[NDR_CACHE_NOTE_BYTES]);

/*
 * Keep `blob` for `key`, whole or not at all; take away the oldest of too many.
 * A failure only sets the note.
 */
void ndr_cache_put(const char *dir, ndr_slice key, ndr_slice blob,
                   char note[NDR_CACHE_NOTE_BYTES]);

#endif
