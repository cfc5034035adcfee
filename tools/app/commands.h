/* SPDX-License-Identifier: BSD-3-Clause */
/* commands.h - what each verb does; one file a verb. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "opts.h"

/* Exit statuses, the same for every verb. */
enum {
    EXIT_READ = 0,        /* all was read */
    EXIT_DAMAGED = 1,     /* some source was not, an example came out wrong, or a domain
                             that was unblocked stays blocked by other people's windows */
    EXIT_NOT_RUN = 2,     /* usage, rules, windows, output */
    EXIT_TERMINATED = 75, /* stopped by SIGTERM; what was in flight was written */
    EXIT_BUSY = 75,       /* another program edits the windows: try again */
    EXIT_INTERRUPTED = 130,
};

/* Each takes a parse that has begun, and returns the exit status. */
int cmd_scan(opts *o);
int cmd_explain(opts *o);
int cmd_merge(opts *o);
int cmd_stats_merge(opts *o);
int cmd_rules_check(opts *o);
int cmd_rules_list(opts *o);
int cmd_rules_stats(opts *o);
int cmd_rules_suggest(opts *o);
int cmd_rules_compile(opts *o);
int cmd_config(opts *o);
int cmd_config_check(opts *o);
int cmd_block(opts *o);
int cmd_unblock(opts *o);
int cmd_windows(opts *o);
int cmd_windows_history(opts *o);
int cmd_windows_check(opts *o);
int cmd_windows_settle(opts *o);
int cmd_report(opts *o);
int cmd_pack(opts *o);
int cmd_filter(opts *o);
int cmd_check(opts *o);
int cmd_split(opts *o);
int cmd_program(opts *o);
int cmd_apply(opts *o);
int cmd_undo(opts *o);
int cmd_runs(opts *o);
int cmd_watch(opts *o);
int cmd_sent_add(opts *o);
int cmd_sent_stats(opts *o);
int cmd_sent_prune(opts *o);
int cmd_sent_check(opts *o);
int cmd_sent_merge(opts *o);
int cmd_identity_init(opts *o);
int cmd_identity_check(opts *o);
int cmd_identity_list(opts *o);
int cmd_identity_test(opts *o);

#endif
