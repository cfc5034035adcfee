/* SPDX-License-Identifier: BSD-3-Clause */
/* load_rules.h - rules from files to a ruleset, with or without their YAML at hand. */
#ifndef NDR_LOAD_RULES_H
#define NDR_LOAD_RULES_H

#include "ndrscan_rules.h"
#include "rule_file.h"

/* The files that `opts` names, those of `shipped` first; `bare`: these without their
 * folder. As ndr_files_read. */
int
ndr_rules_files(const ndr_rules_opts *opts, bool bare, ndr_files *ret, ndr_error *err);
/*
 * As ndr_rules_load, of files that were read. With `book` not NULL the YAML is
 * parsed whatever the cache holds, and left there (ndr_rulebook_free it,
 * whatever is answered).
 */
int ndr_rules_make(const ndr_files *files, const char *cache_dir, ndr_rulebook *book,
                   ndr_ruleset **ret, char *ret_cache_note, ndr_error *err);

#endif
