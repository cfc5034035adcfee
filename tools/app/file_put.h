/* SPDX-License-Identifier: BSD-3-Clause */
/* file_put.h - how does a tool keep a few bytes, whole or not at all? */
#ifndef FILE_PUT_H
#define FILE_PUT_H

#include "ndr_file.h"

/*
 * Bring these bytes to the disk as `name` in `dir`, in the place of what has that name if
 * `replace`. `beside` is its name until then, as ndr_new_file_begin takes it, or NULL.
 * It has this mode whatever the umask: who reads it may be another user.
 * False and errno; EEXIST: it is there.
 */
bool file_put(int dir, const char *name, const char *beside, mode_t mode, bool replace,
              ndr_slice bytes);

#endif
