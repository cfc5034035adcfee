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
    OPT_JOURNAL,
    OPT_AS_OWNER,
    OPT_DRY_RUN,
    OPT_MOVE_OUTPUT,
    OPT_JUNK_ONLY,
    OPT_RELEASE_ONLY,
    OPT_JUNK_FOLDER,
    OPT_FROM_VERDICTS,
};

extern const verb verb_scan, verb_explain, verb_rules_check, verb_rules_list,
    verb_rules_stats, verb_rules_suggest, verb_windows_check, verb_apply,
    verb_undo, verb_runs, verb_help, verb_version;
/* All of them, in the order help lists them; ends with NULL. */
extern const verb *const all_verbs[];

#endif
