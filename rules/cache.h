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

#include <sys/types.h>

enum { NDR_CACHE_KEPT = 8 }; /* files of other keys that stay, newest first */

/* The key of these files for ndr_platform or ndr_platform_any_cpu. Check ret->failed. */
void ndr_cache_key(const ndr_files *files, const char *platform, ndr_buffer *ret);
/* The name of the file that a folder of many keeps for `key`. */
enum { NDR_CACHE_NAME_BYTES = 40 };
void ndr_cache_file_name(ndr_slice key, char ret[NDR_CACHE_NAME_BYTES]);

/*
 * The blob kept for `key` in the file `name` of `dir`: true and *home, a mapping to be
 * given back, in which *blob lies as ndr_ruleset_load wants it. Only a regular file is
 * looked into that is trusted in a folder that is (trust.h). False: not there, cut,
 * another key's or not to be had; note says which.
 */
bool ndr_cache_get(const char *dir, const char *name, ndr_slice key, ndr_blob_owner *home,
                   ndr_slice *blob, char note[NDR_CACHE_NOTE_BYTES]);

/*
 * Keep `blob` for `key` in a folder of many, whole or not at all; take away the oldest of
 * too many. A failure only sets the note.
 */
void ndr_cache_put(const char *dir, ndr_slice key, ndr_slice blob,
                   char note[NDR_CACHE_NOTE_BYTES]);
/* The same in the file `name` of an open folder, of that mode whatever the umask. 0, or
 * NDR_E_SYS, NDR_E_NOMEM. */
int ndr_cache_write(int folder, const char *name, mode_t mode, ndr_slice key,
                    ndr_slice blob, ndr_error *err);

#endif
