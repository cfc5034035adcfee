/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_windows.c - which options do the verbs take that are about windows? */
#include "rows.h"

/* clang-format off */

/* It tells what nobody can prove. */
#define ROW_WHO                                                                \
    {OPT_IDENTITY, 0, "identity", "FILE", NULL,                                \
     "who we are, for windows of what is forged alone",                        \
     "Without it, _identity.yaml_ beside _windows.d_. A window that takes only "\
     "what is forged is an error where it does not state *all-mail* for the "  \
     "domain, see *ndrscan-identity*(5)."}

#define ROW_TABLE_OUTPUT                                                       \
    {OPT_OUTPUT, 0, "output", "FORMAT", "table|jsonl",                         \
     "what to print: table or jsonl (table)", NULL}

static const option_row check_rows[] = {ROW_WHO, END};
const verb verb_windows_check = {
    "windows check", "FILE|DIR...",
    "check block windows, count those open now",
    "Exit status: 0 all right (entries that overlap are warned of), 2 an error.\n",
    check_rows,
};

static const option_row block_rows[] = {
    {OPT_FOR, 0, "for", "LENGTH", NULL,
     "end it after LENGTH: 30m, 12h, 2d, 1w (2d)",
     "Counted from now, or from the beginning when that is yet to come. Units may be "
     "joined, as in 1d12h; a day is 24 hours."},
    {OPT_UNTIL, 0, "until", "TIME", NULL,
     "end it at TIME; 08:00 is the next one",
     "See *TIMES*."},
    {OPT_UNTIL_CALM, 0, "until-calm", NULL, NULL,
     "end it when the storm has been over for at\nleast 30 minutes; --for or --until the\nlatest (24h)",
     "The window gets *until-calm: true*, and *ndrscan windows settle* ends it early, "
     "which *ndrscan watch* and *ndrscan console* do by themselves."},
    {OPT_FROM, 0, "from", "TIME", NULL,
     "begin it at TIME; 08:00 is the latest past one (now)",
     "Bounces that arrived since are covered, those that lie in mailboxes already too. "
     "_storm_: since the many bounces began that are coming, by the statistics. See "
     "*TIMES*."},
    {OPT_STATS, 0, "stats", "DB", NULL,
     "the statistics that tell of storms (stats.db)",
     "What *ndrscan report* reads, at the place it looks in."},
    {OPT_SUBDOMAINS, 0, "subdomains", NULL, NULL,
     "names below the domain too", NULL},
    {OPT_MAILBOX, 0, "mailbox", "NAME,...", NULL,
     "only bounces to these mailboxes of the domain",
     "What is before the @: *--mailbox info,sales*. A domain's other mailboxes keep their "
     "bounces."},
    {OPT_KINDS, 0, "kinds", "KIND,...", NULL,
     "only these kinds of bounces",
     "Words of *ndrscan-windows*(5). Without it: failed, delayed, rejected-content and "
     "challenge."},
    {OPT_TAKE, 0, "take", "WHICH", "all|all-but-ours|forged",
     "which bounces, by whose mail came back: all,\nall-but-ours or forged",
     "See *take* in *ndrscan-windows*(5). Without it: all, or all-but-ours where an "
     "identity knows the domain."},
    {OPT_ONLY_FORGED, 0, "only-forged", NULL, NULL,
     "without an end, for what is proven forged alone",
     "The same as *--take forged*, with no end unless *--for*, *--until* or "
     "*--until-calm* give one."},
    ROW_WHO,
    ROW_NOTE,
    ROW_WINDOWS_DIR,
    END,
};
const verb verb_block = {
    "block", "DOMAIN...",
    "open a window: bounces to a domain are junk",
    "DOMAIN is the one the bounces come to, whose name was forged. Without --for,\n"
    "--until and --until-calm the window ends after 2 days.\n",
    block_rows,
};

static const option_row unblock_rows[] = {
    ROW_NOTE,
    ROW_WINDOWS_DIR,
    END,
};
const verb verb_unblock = {
    "unblock", "DOMAIN...",
    "end a domain's open windows, cancel its coming ones",
    "What arrived while a window was open stays covered by it.\n"
    "Exit status: 0 no window covers it any more, 1 one of another file does (it is\n"
    "named), 75 another program edits the windows, 2 an error.\n",
    unblock_rows,
};

static const option_row list_rows[] = {
    ROW_TABLE_OUTPUT,
    ROW_AT,
    {OPT_WINDOWS, 0, "windows", "FILE|DIR", NULL,
     "these windows, not those of windows.d",
     "May be given several times."},
    END,
};
const verb verb_windows = {
    "windows", "[list]",
    "list block windows: open, coming, ended",
    "Also: 'ndrscan windows history', 'windows check' and 'windows settle'.\n",
    list_rows,
};

static const option_row history_rows[] = {
    ROW_TABLE_OUTPUT,
    END,
};
const verb verb_windows_history = {
    "windows history", "[DOMAIN...]",
    "who blocked and unblocked what, when and why",
    "Of all domains, or of those named; the latest last. What all users share and\n"
    "one's own is told together.\n",
    history_rows,
};

static const option_row settle_rows[] = {
    {OPT_STATS, 0, "stats", "DB", NULL,
     "the file of statistics (stats.db)", STATS_BY_DEFAULT},
    ROW_WINDOWS_DIR,
    END,
};
const verb verb_windows_settle = {
    "windows settle", "",
    "end the windows set until calm whose storm is over",
    "By what 'ndrscan scan --stats' has counted; for a timer. Prints what it ended.\n"
    "'ndrscan watch' and 'ndrscan console' do it by themselves.\n",
    settle_rows,
};
