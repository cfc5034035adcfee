/* SPDX-License-Identifier: BSD-3-Clause */
/* tables.h - which verbs are there, and which options does each take? */
#ifndef TABLES_H
#define TABLES_H

#include "opts.h"

/* One id for one meaning, whichever verb takes it. */
enum {
    OPT_RULES = 1,
    OPT_NO_SHIPPED_RULES,
    OPT_NO_CACHE,
    OPT_WINDOWS,
    OPT_CLOCK,
    OPT_RECIPIENT_PATH,
    OPT_MAX_MESSAGE,
    OPT_FORMAT,
    OPT_RECURSIVE,
    OPT_FILES_FROM,
    OPT_NULL,
    OPT_OUTPUT,
    OPT_EMIT,
    OPT_THREADS,
    OPT_PROGRESS,
    OPT_QUIET,
    OPT_INDEX,
    OPT_PACK_FILE,
    OPT_PACK_LEVEL,
    OPT_PACK_FRAME,
    OPT_RECIPIENT,
    OPT_COMPAT,
    OPT_JUNK,
    OPT_KEEP,
    OPT_FORCE,
    OPT_SERVE,
    OPT_SOCKET_MODE,
    OPT_SOCKET,
    OPT_TIMEOUT,
    OPT_JUNK_ACTION,
    OPT_NO_WINDOWS,
    OPT_TRY,
    OPT_WINDOWS_DIR,
    OPT_FOR,
    OPT_FROM,
    OPT_UNTIL,
    OPT_UNTIL_CALM,
    OPT_SUBDOMAINS,
    OPT_MAILBOX,
    OPT_KINDS,
    OPT_NOTE,
    OPT_AT,
    OPT_STATS,
    OPT_JOURNAL,
    OPT_AS_OWNER,
    OPT_DRY_RUN,
    OPT_PRUNE,
    OPT_MOVE_OUTPUT,
    OPT_AGAIN,
    OPT_JUNK_ONLY,
    OPT_RELEASE_ONLY,
    OPT_JUNK_FOLDER,
    OPT_FROM_VERDICTS,
    OPT_MAIL,
    OPT_LISTEN,
    OPT_HOST,
    OPT_TOKEN_FILE,
    OPT_REMOTE,
    OPT_USER,
    OPT_SINCE,
    OPT_HTML,
    OPT_SUGGEST,
    OPT_BARS,
    OPT_EVERY,
    OPT_POLL,
    OPT_VERBOSE,
    OPT_SET,
    OPT_MACHINE,
    OPT_SUBMITTERS,
    OPT_DOMAIN,
    OPT_YEAR,
    OPT_TZ,
    OPT_FOLLOW,
    OPT_DAYS,
    OPT_SENDER,
};

extern const verb verb_scan, verb_explain, verb_rules_check, verb_rules_list,
    verb_rules_stats, verb_rules_suggest, verb_windows_check, verb_windows,
    verb_windows_history, verb_block, verb_unblock, verb_help, verb_version;
extern const verb verb_filter, verb_check, verb_split, verb_client, verb_milter, verb_pack;
extern const verb verb_apply, verb_undo, verb_runs, verb_report, verb_windows_settle, verb_watch, verb_console;
extern const verb verb_sent_add, verb_sent_stats, verb_sent_prune, verb_sent_check, verb_sent_merge;
/* All of them, in the order help lists them; ends with NULL. */
extern const verb *const all_verbs[];

#endif
