/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config.h - which defaults do the files of settings give to a verb's options?
 *
 * ndrscan.yaml of the system's settings, then the user's own: what this says of an option
 * takes the place of what that says.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "ndrscan_rules.h"
#include "opts.h"

enum { CONFIG_FILES = 2 };

/* One file. */
typedef struct config_file {
    char path[4096];
    ndr_settings *settings; /* owned; NULL: it is not there */
} config_file;

/* For opts_find_defaults. */
int config_defaults(const verb *v, const opts_default **ret, size_t *count);
/*
 * The files, checked against the tables of options; each is to be freed by
 * ndr_settings_free. 0, or an ndr_code: not in order, or, for one of the system's, not
 * root's alone to write to.
 */
int config_read(config_file file[CONFIG_FILES], ndr_error *err);
/* The same of one file, wherever it lies, that may be anybody's. */
int config_read_one(config_file *file, ndr_error *err);

#endif
