/* SPDX-License-Identifier: BSD-3-Clause */
/* files.h - which files do an operator's paths name, and what is in them? */
#ifndef NDR_FILES_H
#define NDR_FILES_H

#include "ndrscan.h"

enum { NDR_FILE_MAX_BYTES = 8 << 20, NDR_FILES_MAX_BYTES = 64 << 20 };

/* One file. */
typedef struct ndr_file {
    char *name; /* its path as error lines show it */
    unsigned char *ptr;
    size_t len;
} ndr_file;

typedef struct ndr_files {
    ndr_file *file;
    size_t count, cap;
    size_t bytes; /* of all of them */
} ndr_files;

/*
 * Read the files that `path` names, in order: each a file, or a folder whose
 * *.yaml and *.yml are taken in byte order of their names (hidden files, other
 * names and subfolders are not). Nothing is waited for: what is neither a
 * regular file nor a folder is refused, and so is a file over 8 MiB, and for root what
 * ndr_open_own refuses.
 * Returns 0 and *ret (ndr_files_free it), or NDR_E_SYS, NDR_E_LIMIT, NDR_E_NOMEM.
 */
int ndr_files_read(const char *const *path, size_t count, ndr_files *ret, ndr_error *err);
/* Behind those that `ret` has; where it fails it has none. */
int ndr_files_add(const char *const *path, size_t count, ndr_files *ret, ndr_error *err);
void ndr_files_free(ndr_files *f);

#endif
