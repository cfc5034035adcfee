/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_pieces.c - which options does the verb take that joins the pieces of a scan? */
#include "rows.h"

/* clang-format off */

static const option_row merge_rows[] = {
    {OPT_OUTPUT_FILE, 'o', "output", "FILE", NULL,
     "write into FILE, which is whole or not there", NULL},
    {OPT_FORCE, 'f', "force", NULL, NULL,
     "replace FILE", NULL},
    {OPT_PLAN, 0, "plan", "DIR|FILE", NULL,
     "which plan, where several are in the DIRs",
     "The folder of *ndrscan scan --plan*, or a file plan-... of an --out-dir."},
    {OPT_UNORDERED, 0, "unordered", NULL, NULL,
     "in the order in which results lie", NULL},
    {OPT_STATS, 0, "stats", "DB", NULL,
     "count into DB, too, as stats merge does",
     "Before anything is written. *default* is the file where *report* and the console look."},
    {OPT_HTML, 0, "html", "FILE", NULL,
     "write a page with plots of all to FILE, too",
     "The page of *ndrscan report* *--html*, from the first bounce that was counted to the last, with the windows of the scan. "
     "Of what *--stats* names; without it, of these results alone, counted in a file in TMPDIR, or /var/tmp, which is "
     "removed. A file of that name is replaced, whole or not at all."},
    ROW_QUIET,
    END,
};
const verb verb_merge = {
    "merge", "DIR...",
    "one output of the results of many workers",
    "Each DIR is one of ndrscan scan --out-dir. Together they must hold the result\n"
    "of every piece, made in the same way; nothing is written else.\n",
    merge_rows,
};

static const option_row stats_merge_rows[] = {
    {OPT_STATS, 0, "stats", "DB", NULL,
     "the file of statistics: made, or added to",
     "On a disk of this machine. A file that is not there is whole or not made; one that is "
     "there gets what it has not. *default* is the file where *report* and the console look."},
    {OPT_PLAN, 0, "plan", "DIR|FILE", NULL,
     "which plan, where several are in the DIRs",
     "The folder of *ndrscan scan --plan*, or a file plan-... of an --out-dir."},
    ROW_QUIET_COUNTS,
    END,
};
const verb verb_stats_merge = {
    "stats merge", "DIR...",
    "statistics of what many workers found",
    "Each DIR is one of ndrscan scan --out-dir. Together they must hold the result\n"
    "of every piece. What was counted before is not counted twice.\n",
    stats_merge_rows,
};
