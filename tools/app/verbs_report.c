/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_report.c - which options does the verb take that tells of storms? */
#include "rows.h"

/* clang-format off */

static const option_row report_rows[] = {
    {OPT_STATS, 0, "stats", "DB", NULL,
     "the file of statistics (stats.db)",
     "What *ndrscan scan --stats* keeps. " STATS_BY_DEFAULT},
    ROW_WINDOWS,
    ROW_NO_WINDOWS,
    {OPT_SINCE, 0, "since", "TIME", NULL,
     "begin at TIME, or so long ago: 08:00, 12h, 7d (1d)",
     "A time as *ndrscan-block*(1) has it, or a length: 12h, 7d."},
    ROW_AT,
    {OPT_OUTPUT, 0, "output", "FORMAT", "text|json",
     "what to print: text or json (text)",
     NULL},
    {OPT_BARS, 0, "bars", "KIND", "auto|blocks|ascii",
     "what bars are made of: auto, blocks or ascii (auto)",
     "_blocks_: Unicode's block characters, in UTF-8. _auto_: those on a terminal whose "
     "locale is UTF-8, ASCII otherwise."},
    {OPT_HTML, 0, "html", "FILE", NULL,
     "write a page with plots to FILE instead",
     "It stands alone: no script, nothing loaded from elsewhere. A file of that name is "
     "replaced, whole or not at all."},
    {OPT_SUGGEST, 0, "suggest", NULL, NULL,
     "print the windows that it would open and close",
     "As a windows file; those to be closed as comments. Nothing is opened by it."},
    END,
};
const verb verb_report = {
    "report", "[DOMAIN...]",
    "storms of bounces by domain, and whether they are over",
    "From the statistics that 'ndrscan scan --stats' keeps; of all domains, worst\n"
    "first, or of those named.\n",
    report_rows,
};
