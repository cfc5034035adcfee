/* SPDX-License-Identifier: BSD-3-Clause */
/* rows.h - what do options say that mean the same in every verb that takes them? */
#ifndef ROWS_H
#define ROWS_H

#include "tables.h"

/* clang-format off */

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
     "Without it, the shipped rules alone come compiled from "                 \
     "_/var/cache/ndrscan_ or _/usr/lib/ndrscan_, see *ndrscan-rules*(5), and "\
     "with rules of your own they are kept in _$XDG_CACHE_HOME/ndrscan_ or "   \
     "_~/.cache/ndrscan_, unless that lies in a folder of mail. A file that "  \
     "is torn, foreign or out of date is passed over, and so is a folder that "\
     "cannot be written, or that others could write to; *-v* says so."}
#define ROW_LOG                                                                \
    {OPT_LOG, 0, "log", "FORM", "text|journal|syslog|json",                    \
     "how to tell what happens: text, journal, syslog or\njson (text)",         \
     "*text* and *journal* (with the level in front that systemd takes off) "  \
     "on standard error, as *json*, an object a line with _at_, _level_ "      \
     "(info, warning) and _message_; *syslog*: to syslog(3), facility mail. "  \
     "Processes that it starts do so, too, by _$NDRSCAN_LOG_."}
#define ROW_VERBOSE                                                            \
    {OPT_VERBOSE, 'v', "verbose", NULL, NULL,                                  \
     "say why rules were compiled anew",                                       \
     "One line on standard error when the rules did not come from the cache: " \
     "it held none of them for this Hyperscan and CPU, its file was torn, it " \
     "could not be trusted or not be written."}
#define ROW_WINDOWS                                                            \
    {OPT_WINDOWS, 0, "windows", "FILE|DIR", NULL,                              \
     "block windows: a file, or a folder of *.yaml",                           \
     "Windows as ndrscan-windows(5) describes them. May be given several "     \
     "times. Without it, those of _/etc/ndrscan/windows.d_, of "               \
     "_/var/lib/ndrscan/windows.d_, which *ndrscan block* writes, and the "    \
     "user's own are used, see *PLACES* in *ndrscan-windows*(5). Without "     \
     "windows nothing is junk."}
#define ROW_NO_WINDOWS                                                         \
    {OPT_NO_WINDOWS, 0, "no-windows", NULL, NULL,                              \
     "no windows, not those of windows.d either", NULL}
#define ROW_IDENTITY                                                           \
    {OPT_IDENTITY, 0, "identity", "FILE", NULL,                                \
     "who we are: keys that prove whose mail came back",                       \
     "What *ndrscan identity init* writes, see *ndrscan-identity*(5). Without "\
     "it, the user's own _identity.yaml_, beside his _windows.d_, or "         \
     "_/etc/ndrscan/identity.yaml_ is used if it is there. With it, "          \
     "windows keep bounces that return mail of ours."}
#define ROW_SENT                                                               \
    {OPT_SENT, 0, "sent", "DIR", NULL,                                         \
     "what was sent by us, as ndrscan sent remembers it",                      \
     "Proves together with an identity. Without it, the user's own _sent_, "   \
     "below _$XDG_STATE_HOME/ndrscan_ or _~/.local/state/ndrscan_, or "        \
     "_/var/lib/ndrscan/sent_ is used if it is there."}
#define ROW_WINDOWS_DIR                                                        \
    {OPT_WINDOWS_DIR, 0, "windows-dir", "DIR", NULL,                           \
     "the folder of windows to write (windows.d)",                             \
     "Made when it is not there. Without it, for root and who may write to "   \
     "it _/var/lib/ndrscan/windows.d_, else the user's own; see *FILES* in "   \
     "*ndrscan-block*(1)."}
#define ROW_NOTE                                                               \
    {OPT_NOTE, 0, "note", "WORDS", NULL,                                       \
     "why; kept in the history", NULL}
#define ROW_AT                                                                 \
    {OPT_AT, 0, "at", "TIME", NULL,                                            \
     "as it was, or will be, at TIME (now)", NULL}
#define ROW_STATS                                                              \
    {OPT_STATS, 0, "stats", "DB", NULL,                                        \
     "add the bounces to a file of statistics",                                \
     "Adds bounces to each domain, by kind and by five minutes of arrival, to "\
     "a file for *ndrscan report*(1), made when it is not there. The word "    \
     "*default* is the file where *report* and the console look, made with "   \
     "its folders: _stats.db_ below $XDG_STATE_HOME/ndrscan, for root "        \
     "_/var/lib/ndrscan_, else _~/.local/state/ndrscan_. A message that was "  \
     "counted before is not counted again, wherever it lies by now. Where an " \
     "identity knows the domain, whose mail came back is asked of each bounce " \
     "and counted too."}
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
     "is held against the start of the path; that of a SOURCE given by a "     \
     "relative path begins in the folder of the call. Where it does not fit, " \
     "the header fields are asked as usual."}
#define ROW_RECIPIENT_MAP                                                      \
    {OPT_RECIPIENT_MAP, 0, "recipient-map", "FILE", NULL,                      \
     "take the domain from a map of mailboxes to domains",                     \
     "For mailboxes without a domain in their paths, such as */home/anna*: a " \
     "line for each, its path and its domain, see *ndrscan-mailboxes*(5). "    \
     "Where it names no domain, or several, the header fields are asked as "   \
     "usual. Not together with *--recipient-path*."}
#define ROW_MAX_MESSAGE                                                        \
    {OPT_MAX_MESSAGE, 0, "max-message", "SIZE", NULL,                          \
     "look at SIZE bytes of a message, no more (40M)",                         \
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
     "The output is the same, byte for byte, for any N. Threads beyond "         \
     "the CPUs work only while reading has to wait, as for a disk. Files that "   \
     "are not in the page cache, of a folder, a list or a plan, are read ahead "  \
     "by 32 threads that do nothing else, whatever N is, but not with 1."}
#define ROWS_PAGE_CACHE                                                        \
    {OPT_DROP_AFTER, 0, "drop-after", "SIZE", NULL,                            \
     "drop from the page cache what is read beyond SIZE\n(half of the memory " \
     "available)",                                                             \
     "Once so much was read in the run that was not in the page cache, what "  \
     "is read from the disk goes from there again; what others had read "      \
     "before stays. k, M and G stand for 1,024 and its powers. With "          \
     "*--threads* 1 the files of folders stay, too."},                         \
    {OPT_KEEP_CACHE, 0, "keep-cache", NULL, NULL,                              \
     "let all that is read stay in the page cache", NULL}
#define ROW_PROGRESS_SCAN                                                      \
    {OPT_PROGRESS, 0, "progress", "HOW", "auto|never|json|hadoop",             \
     "news as it goes: auto, never, json or hadoop (auto)",                    \
     "*auto*: one live line when standard error is a terminal. *json*: at most "\
     "one JSON object a second on standard error, and one at the end instead " \
     "of the table. *hadoop*: counters of Hadoop Streaming."}
#define ROW_PROGRESS(end)                                                      \
    {OPT_PROGRESS, 0, "progress", "HOW", "auto|never|json",                    \
     "news as it goes: auto, never or json (auto)",                            \
     "*auto*: one live line when standard error is a terminal. *json*: at most "\
     "one JSON object a second on standard error, and one at the end instead " \
     "of the table" end "."}
#define ROW_QUIET                                                              \
    {OPT_QUIET, 'q', "quiet", NULL, NULL,                                      \
     "no progress, no table; troubles are still told", NULL}
#define ROW_QUIET_COUNTS                                                       \
    {OPT_QUIET, 'q', "quiet", NULL, NULL,                                      \
     "no line of counts at the end; troubles are still told", NULL}
/* What --stats says of a file that is always at one place. */
#define STATS_BY_DEFAULT                                                       \
    "Default: _stats.db_ below $XDG_STATE_HOME/ndrscan, for root "             \
    "_/var/lib/ndrscan_, else _~/.local/state/ndrscan_."

/* Which rules are used. */
#define ROWS_RULES ROW_RULES, ROW_NO_SHIPPED, ROW_NO_CACHE
/* What a verdict comes from; of mail in files, its arrival and recipient too. */
#define ROWS_DECISION                                                          \
    ROWS_RULES, ROW_VERBOSE, ROW_WINDOWS, ROW_NO_WINDOWS, ROW_IDENTITY, ROW_SENT
#define ROWS_STORED_MAIL                                                       \
    ROWS_DECISION, ROW_CLOCK, ROW_RECIPIENT_PATH, ROW_RECIPIENT_MAP,           \
    ROW_MAX_MESSAGE

/* What is no option. */
#define HEADING(text) {0, 0, NULL, NULL, NULL, text, NULL}
#define END {0, 0, NULL, NULL, NULL, NULL, NULL}

/* clang-format on */

#endif
