/* SPDX-License-Identifier: BSD-3-Clause */
/* load_windows.h - windows from files that were read, for those who edit them. */
#ifndef NDR_LOAD_WINDOWS_H
#define NDR_LOAD_WINDOWS_H

#include "files.h"
#include "ndrscan_rules.h"
#include "yaml_file.h"

/*
 * The windows of one file in the order of the file, each with its lines in
 * `yaml`. Returns 0, *ret (ndr_window_table_free it) and *yaml (ndr_yaml_free
 * it), or what ndr_windows_load says.
 */
int ndr_windows_of_file(const ndr_file *file, ndr_window_table **ret, ndr_yaml *yaml,
                        ndr_error *err);

/* As ndr_windows_load, of files that were read. */
int ndr_windows_of_files(const ndr_files *files, const ndr_windows_warn *warn,
                         ndr_window_table **ret, ndr_error *err);

#endif
