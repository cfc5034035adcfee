/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yaml_files.h - which files does a path of rules or windows stand for?
 *
 * The same that loading takes: a file, or those of a folder in the byte order of their
 * names (ndr_yaml_name). A folder in it is passed over.
 */
#ifndef YAML_FILES_H
#define YAML_FILES_H

#include "ndrscan.h"

/* Takes `fd` over. 0, or an ndr_code. */
typedef int (*yaml_file_taker)(void *ctx, const char *shown, int fd, ndr_error *err);

/* Open each, as ndr_open_own lets, and give it away until one answers other than 0. 0,
 * what was answered, or an ndr_code that names the path. */
int yaml_files_each(const char *path, yaml_file_taker take, void *ctx, ndr_error *err);

#endif
