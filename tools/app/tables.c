/* SPDX-License-Identifier: BSD-3-Clause */
/* tables.c - which verbs are there? */
#include "rows.h"

/* clang-format off */

static const option_row none_rows[] = {END};
const verb verb_help = {
    "help", "[VERB]", "help on a verb, the same as VERB --help", "", none_rows,
};
const verb verb_version = {
    "version", "", "the versions of ndrscan and of Hyperscan", "", none_rows,
};

const verb *const all_verbs[] = {
    &verb_scan, &verb_merge, &verb_stats_merge, &verb_explain, &verb_rules_check, &verb_rules_list,
    &verb_rules_stats, &verb_rules_suggest, &verb_rules_compile,
    &verb_block, &verb_unblock, &verb_windows, &verb_windows_history, &verb_windows_check, &verb_windows_settle,
    &verb_report,
    &verb_apply, &verb_undo, &verb_runs, &verb_watch,
    &verb_filter, &verb_check, &verb_split, &verb_client, &verb_milter,
    &verb_sent_add, &verb_sent_stats, &verb_sent_prune, &verb_sent_check, &verb_sent_merge,
    &verb_identity_init, &verb_identity_check, &verb_identity_list, &verb_identity_test,
    &verb_config, &verb_config_check, &verb_pack, &verb_notify, &verb_console, &verb_console_passwd, &verb_help, &verb_version, NULL,
};
