/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_file.h - what does one YAML file of rules say? */
#ifndef NDR_RULE_FILE_H
#define NDR_RULE_FILE_H

#include "files.h"
#include "ndrscan.h"
#include "signal_names.h"
#include "yaml_file.h"

/* What the YAML holds; NULL, 0 or false where a key is absent. */
typedef struct ndr_examples_entry {
    char **hit, **miss; /* whole messages */
    unsigned hit_count, miss_count;
} ndr_examples_entry;

typedef struct ndr_rule_entry {
    char *id, *kind, *system, *sender;
    int *rank;
    bool *enabled;
    ndr_signal_entry *all, *any, *none;
    unsigned all_count, any_count, none_count;
    ndr_examples_entry *examples;
} ndr_rule_entry;

/* Of which rules it is asked who says it. */
typedef struct ndr_ask_entry {
    char **kinds;
    unsigned kinds_count;
    int *highest_rank;
} ndr_ask_entry;

typedef struct ndr_rule_document {
    ndr_signal_entry *signals, *candidates;
    ndr_ask_entry *asks;
    ndr_rule_entry *rules;
    unsigned signals_count, candidates_count, asks_count, rules_count;
} ndr_rule_document;

/* The files of one set, parsed. All zero: none. */
typedef struct ndr_rulebook {
    const ndr_file *file; /* borrowed */
    ndr_yaml *yaml;       /* one for each; its data is an ndr_rule_document or NULL */
    size_t count;
    ndr_signal_names names;
} ndr_rulebook;

/*
 * Parse all files and hand what they state to `b`, in order. Returns 0, or
 * NDR_E_SYNTAX with file, line and rule. ndr_rulebook_free it in either case.
 */
int ndr_rulebook_read(const ndr_files *files, ndr_builder *b, ndr_rulebook *ret,
                      ndr_error *err);
void ndr_rulebook_free(ndr_rulebook *book);

/*
 * "FILE:LINE" of an entry of a file's list ("rules", "candidates", "signals"), as the
 * builder was told of rules; of item `item` of its `key` unless NULL. Into ret.
 */
enum { NDR_WHERE_MAX = 240 };
void
ndr_rulebook_where(const ndr_rulebook *book, size_t file, const char *list, size_t entry,
                   const char *key, size_t item, char ret[NDR_WHERE_MAX]);

#endif
