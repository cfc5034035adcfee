/* SPDX-License-Identifier: BSD-3-Clause */
/* tables.c - which verbs are there, and which options does each take? */
#include "tables.h"

/* clang-format off */

/* Rows that mean the same in every verb that takes them. */
#define ROW_RULES                                                              \
    {OPT_RULES, 0, "rules", "FILE|DIR", NULL,                                  \
     "add rules from a file, or a folder of *.yaml",                           \
     "Rules as ndrscan-rules(5) describes them. May be given several times; a "\
     "later rule of the same id replaces the earlier one, the shipped ones "   \
     "included."}
#define ROW_NO_SHIPPED                                                         \
    {OPT_NO_SHIPPED_RULES, 0, "no-shipped-rules", NULL, NULL,                  \
     "only the rules that --rules names", NULL}
#define ROW_NO_CACHE                                                           \
    {OPT_NO_CACHE, 0, "no-cache", NULL, NULL,                                  \
     "compile the rules anew, keep nothing",                                   \
     "Without it, compiled rules are kept in _$XDG_CACHE_HOME/ndrscan_ or "    \
     "_~/.cache/ndrscan_. A cache file that is torn, foreign or out of date "  \
     "is passed over, and so is a folder that cannot be written."}
#define ROW_WINDOWS                                                            \
    {OPT_WINDOWS, 0, "windows", "FILE|DIR", NULL,                              \
     "block windows: a file, or a folder of *.yaml",                           \
     "Windows as ndrscan-windows(5) describes them. May be given several "     \
     "times. Without windows nothing is junk."}
#define ROW_CLOCK                                                              \
    {OPT_CLOCK, 0, "clock", "CLOCK", "arrival|date|now",                       \
     "hold windows against arrival, date or now (arrival)",                    \
     "*arrival* (the default): the topmost Received field, else the mbox "     \
     "From\\_ line or the Maildir name, else the file's time, else Date. "     \
     "*date*: the Date field. *now*: the time of the run."}
#define ROW_RECIPIENT_PATH                                                     \
    {OPT_RECIPIENT_PATH, 0, "recipient-path", "TEMPLATE", NULL,                \
     "take the recipient from the path of the mail",                           \
     "A path in which _{domain}_ and _{user}_ stand for one folder name "      \
     "each, such as */var/vmail/{domain}/{user}/*. One that begins with a slash "\
     "is held against the start of the path, so SOURCE has to be given by its "\
     "full path. Where it does not fit, the header fields are asked as usual."}
#define ROW_MAX_MESSAGE                                                        \
    {OPT_MAX_MESSAGE, 0, "max-message", "SIZE", NULL,                          \
     "look at SIZE bytes of a message, no more (64M)",                         \
     "k, M and G stand for 1,024, its square and its cube. A larger message "  \
     "is looked at up to there and flagged _truncated_ in its record."}
#define ROW_FORMAT                                                             \
    {OPT_FORMAT, 0, "format", "FORMAT", "auto|mbox|mboxcl2|maildir|message",   \
     "what sources are: auto, mbox, mboxcl2, maildir or\nmessage (auto)",       \
     "Compression and tar are always told by content; this says what is "      \
     "inside. *auto* (the default) takes a file that begins with a From\\_ "   \
     "line for an mbox and any other for one message. *mboxcl2* goes by "      \
     "Content-Length and is never guessed."}
#define ROW_RECURSIVE                                                          \
    {OPT_RECURSIVE, 'r', "recursive", NULL, NULL,                              \
     "folders are trees of Maildirs and mail files",                           \
     "For a tree such as /var/vmail. Without it, a folder is one Maildir with "\
     "its Maildir++ subfolders, or a folder of message files."}
#define ROW_FILES_FROM                                                         \
    {OPT_FILES_FROM, 0, "files-from", "FILE|-", NULL,                          \
     "read the list of sources from FILE, a path a line",                      \
     "*-* reads it from standard input, which can then not be a source too. "  \
     "The SOURCEs of the command line come first."}
#define ROW_NULL                                                               \
    {OPT_NULL, '0', "null", NULL, NULL,                                        \
     "paths in that list end in NUL, as find -print0", NULL}
#define ROW_THREADS                                                            \
    {OPT_THREADS, 'j', "threads", "N", NULL,                                   \
     "number of worker threads (all CPUs allowed)",                            \
     "The output is the same, byte for byte, for any N."}
#define HEADING(text) {0, 0, NULL, NULL, NULL, text, NULL}
#define END {0, 0, NULL, NULL, NULL, NULL, NULL}

static const option_row scan_rows[] = {
    HEADING("Input"),
    ROW_RECURSIVE,
    ROW_FORMAT,
    ROW_FILES_FROM,
    ROW_NULL,
    HEADING("Decisions"),
    ROW_RULES,
    ROW_NO_SHIPPED,
    ROW_NO_CACHE,
    ROW_WINDOWS,
    ROW_CLOCK,
    ROW_RECIPIENT_PATH,
    ROW_MAX_MESSAGE,
    HEADING("Output"),
    {OPT_OUTPUT, 0, "output", "FORMAT", "jsonl|tsv|paths|paths0|summary",
     "what to print: jsonl, tsv, paths, paths0 or summary\n(jsonl)",
     "*jsonl*: one JSON object a message. *tsv*: a line of column names, then "
     "a line a message. *paths*, *paths0*: the path of each source that holds a "
     "message to tell of, once, ended by a line end or a NUL. *summary*: no "
     "records; the table goes to standard output."},
    {OPT_EMIT, 0, "emit", "WHICH",
     "bounces|junk|all|suspects",
     "records of bounces, junk, suspects or all messages\n(bounces)",
     "*junk* wants windows; without any it says so. *suspects*: messages that "
     "look like a bounce by weak signs and that no rule names; see *SUSPECTS*. "
     "*all*: of messages that are no bounces too, with recipient, arrival and "
     "Message-ID."},
    {OPT_PROGRESS, 0, "progress", "HOW", "auto|never|json",
     "news as it goes: auto, never or json (auto)",
     "*auto*: one live line when standard error is a terminal. *json*: at most "
     "one JSON object a second on standard error, and one at the end instead "
     "of the table."},
    {OPT_QUIET, 'q', "quiet", NULL, NULL,
     "no progress, no table; troubles are still told", NULL},
    HEADING("Run"),
    ROW_THREADS,
    END,
};
const verb verb_scan = {
    "scan", "SOURCE...",
    "find bounces in mail and say which are junk",
    "A SOURCE is an mbox file, a Maildir, a folder of message files, a message\n"
    "file, or - for standard input; any of them compressed (zstd, gzip, bzip2, xz)\n"
    "or in a tar archive. What it is, is told by its content.\n",
    scan_rows,
};

static const option_row explain_rows[] = {
    {OPT_INDEX, 'n', "index", "N", NULL,
     "only message N of each FILE, counted from 0", 
     "The number that _index_ has in the records of *ndrscan scan*."},
    ROW_FORMAT,
    ROW_RULES,
    ROW_NO_SHIPPED,
    ROW_NO_CACHE,
    ROW_WINDOWS,
    ROW_CLOCK,
    ROW_RECIPIENT_PATH,
    ROW_MAX_MESSAGE,
    END,
};
const verb verb_explain = {
    "explain", "FILE...",
    "say why a message gets its verdict, step by step",
    "FILE is anything that scan takes, - for standard input included.\n",
    explain_rows,
};

static const option_row check_rows[] = {
    ROW_RULES, ROW_NO_SHIPPED, ROW_NO_CACHE, END,
};
const verb verb_rules_check = {
    "rules check", "",
    "compile the rules and run each one's examples",
    "Prints a line for each example that comes out wrong, then a line of counts.\n"
    "Exit status: 0 all right, 1 an example is wrong, 2 the rules cannot be loaded.\n",
    check_rows,
};

static const option_row list_rows[] = {
    {OPT_OUTPUT, 0, "output", "FORMAT", "table|jsonl|tsv",
     "what to print: table, jsonl or tsv (table)", NULL},
    ROW_RULES, ROW_NO_SHIPPED, ROW_NO_CACHE, END,
};
const verb verb_rules_list = {
    "rules list", "",
    "list the rules that a scan would use",
    "Prints id, kind, mail system, rank and place of each rule.\n",
    list_rows,
};

static const option_row stats_rows[] = {
    {OPT_OUTPUT, 0, "output", "FORMAT", "table|jsonl|tsv",
     "what to print: table, jsonl or tsv (table)",
     "*table*: the rules that matched, those that did not, and those that always match "
     "together. *jsonl*, *tsv*: one record for each rule."},
    ROW_RULES, ROW_NO_SHIPPED, ROW_NO_CACHE,
    ROW_RECURSIVE, ROW_FORMAT, ROW_FILES_FROM, ROW_NULL, ROW_MAX_MESSAGE, ROW_THREADS,
    END,
};
const verb verb_rules_stats = {
    "rules stats", "SOURCE...",
    "count how often each rule fires on some mail",
    "A SOURCE is anything that scan takes. A rule matches when its signals hit,\n"
    "and is named when no other that matches comes first.\n",
    stats_rows,
};

static const option_row suggest_rows[] = {
    ROW_RULES, ROW_NO_SHIPPED, ROW_NO_CACHE,
    ROW_RECURSIVE, ROW_FORMAT, ROW_FILES_FROM, ROW_NULL, ROW_MAX_MESSAGE,
    END,
};
const verb verb_rules_suggest = {
    "rules suggest", "FILE...",
    "draft rules for what looks like a bounce",
    "Groups the suspects in FILEs (anything that scan takes; see scan --emit\n"
    "suspects) by the lines they share, and prints a draft of a rule file. Check its\n"
    "kinds and lines, and add misses, before you use it.\n",
    suggest_rows,
};

static const option_row none_rows[] = {END};
const verb verb_windows_check = {
    "windows check", "FILE|DIR...",
    "check block windows, count those open now",
    "Exit status: 0 all right (entries that overlap are warned of), 2 an error.\n",
    none_rows,
};

const verb verb_help = {
    "help", "[VERB]", "help on a verb, the same as VERB --help", "", none_rows,
};
const verb verb_version = {
    "version", "", "the versions of ndrscan and of Hyperscan", "", none_rows,
};

const verb *const all_verbs[] = {
    &verb_scan, &verb_explain, &verb_rules_check, &verb_rules_list,
    &verb_rules_stats, &verb_rules_suggest,
    &verb_windows_check, &verb_help, &verb_version, NULL,
};
