/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_move.c - which options do the verbs take that move mail? */
#include "rows.h"

/* clang-format off */

#define ROW_JOURNAL                                                            \
    {OPT_JOURNAL, 0, "journal", "DIR", NULL,                                   \
     "where runs are written down",                           \
     "By default _/var/lib/ndrscan/journal_ for root, else "                     \
     "_$XDG\\_STATE\\_HOME/ndrscan/journal_ or "                               \
     "_~/.local/state/ndrscan/journal_. It must be the caller's own and "      \
     "writable by nobody else. Use the same one for *apply*, *undo* and *runs*."}
#define ROW_AS_OWNER                                                           \
    {OPT_AS_OWNER, 0, "as-owner", NULL, NULL,                                  \
     "as root: work with the rights of each Maildir's owner",                  \
     "Root over other people's Maildirs has to say it. Files are then reached "\
     "with user and group of the Maildir's folder, which must not be root's."}
#define ROW_JUNK_FOLDER                                                        \
    {OPT_JUNK_FOLDER, 0, "junk-folder", "NAME", NULL,                          \
     "the Junk folder (what is there, else .Junk)",                            \
     "With or without the dot: Maildir++ folders have one, those of Dovecot's "  \
     "layout=fs have none, and a Maildir without folders is Maildir++. A slash "  \
     "behind the name says that it has none. Without this option the folder is "  \
     "taken that a mail program marked as \\Junk in Dovecot's files, else one "   \
     "that is there under a name usual for it (Junk, Spam, Junk E-mail, in "      \
     "many languages), else Junk. What Dovecot's configuration alone says "       \
     "(special_use) is not read: name it here. It is made when it is not "       \
     "there, with the owner and mode of the Maildir."}
#define ROW_DRY_RUN                                                            \
    {OPT_DRY_RUN, 'n', "dry-run", NULL, NULL,                                  \
     "tell what would be moved, and change nothing", NULL}
#define ROW_MOVE_OUTPUT                                                        \
    {OPT_MOVE_OUTPUT, 0, "output", "FORMAT", "table|jsonl",                    \
     "a line for each message: table or jsonl (with\n--dry-run: table)",       \
     "To standard output; see *RECORDS*. Without it, only *--dry-run* tells "   \
     "of each message."}

#define ROW_ONLY_DOMAIN                                                        \
    {OPT_ONLY_DOMAIN, 0, "only-domain", "DOMAIN", NULL,                        \
     "only mail that was judged for this domain",                              \
     "*\"\\*.example.com\"* is that domain and all below it. May be given several " \
     "times. All else is not counted and not told of; see *MAIL OF ONE DOMAIN*."}
#define ROW_WHOSE_PATH                                                         \
    {OPT_RECIPIENT_PATH, 0, "recipient-path", "TEMPLATE", NULL,                \
     "with --only-domain: the Maildir has to be theirs, too",                  \
     "As for *apply*; see *MAIL OF ONE DOMAIN*."},                             \
    {OPT_RECIPIENT_MAP, 0, "recipient-map", "FILE", NULL,                      \
     "the same, by a map of mailboxes to domains",                             \
     "As for *apply*; see *MAIL OF ONE DOMAIN*."}

static const option_row apply_rows[] = {
    HEADING("What"),
    {OPT_RECURSIVE, 'r', "recursive", NULL, NULL,
     "all Maildirs in and below each MAILDIR",
     "For a tree such as /var/vmail. Links are not followed."},
    {OPT_JUNK_ONLY, 0, "junk", NULL, NULL,
     "only move to Junk, bring nothing back", NULL},
    {OPT_RELEASE_ONLY, 0, "release", NULL, NULL,
     "only bring back, move nothing to Junk", NULL},
    ROW_ONLY_DOMAIN,
    ROW_JUNK_FOLDER,
    {OPT_AGAIN, 0, "again", NULL, NULL,
     "also junk what undo put back",
     "Without it, such a message stays where it is until a window that covers it is made "
     "or widened; see *WHAT UNDO DECIDES*."},
    {OPT_FROM_VERDICTS, 0, "from-verdicts", "FILE", NULL,
     "act on the records of a scan that was kept",
     "The JSON lines that *ndrscan scan* wrote. Each message is read again and "
     "has to be the same one (Message-ID and length); the verdict is the "
     "record's. Brings nothing back."},
    ROW_DRY_RUN,
    {OPT_TRY, 0, "try", "FILE", NULL,
     "with --dry-run: as if these windows were open too",
     "Windows beside those of *--windows*. What only they would junk has the _verdict_ "
     "try in the records."},
    HEADING("Decisions"),
    ROWS_STORED_MAIL,
    HEADING("Run"),
    ROW_STATS,
    ROW_JOURNAL,
    ROW_AS_OWNER,
    ROW_MOVE_OUTPUT,
    ROW_PROGRESS("; see *RECORDS*"),
    ROW_QUIET,
    ROW_THREADS,
    ROWS_PAGE_CACHE,
    END,
};
const verb verb_apply = {
    "apply", "MAILDIR...",
    "move junk to Junk, bring back what no window covers",
    "Brings each MAILDIR into the state that the windows ask for. Messages are only\n"
    "renamed; every run is written down and can be undone.\n",
    apply_rows,
};

static const option_row undo_rows[] = {
    ROW_DRY_RUN,
    ROW_ONLY_DOMAIN,
    ROW_WHOSE_PATH,
    {OPT_WINDOWS, 0, "windows", "FILE|DIR", NULL,
     "windows that are to be known by now",
     "What is put back stays, against these windows and those that any run of the "
     "journal worked with. May be given several times; without it, _windows.d_ as for "
     "*apply*. It matters only for a window that was changed since the last run."},
    ROW_JOURNAL,
    ROW_AS_OWNER,
    ROW_MOVE_OUTPUT,
    {OPT_PROGRESS, 0, "progress", "HOW", "never|json",
     "news as it goes: never or json (never)",
     "*json*: at most one JSON object a second on standard error, and one at "
     "the end instead of the table; see *RECORDS*."},
    {OPT_QUIET, 'q', "quiet", NULL, NULL,
     "no table; troubles are still told", NULL},
    END,
};
const verb verb_undo = {
    "undo", "[RUN]",
    "put back what a run of apply moved",
    "RUN is an id that 'ndrscan runs' lists; without one, the last run that is not\n"
    "undone.\n",
    undo_rows,
};

static const option_row runs_rows[] = {
    {OPT_PRUNE, 0, "prune", "AGE", NULL,
     "remove runs older than AGE that nobody needs",
     "AGE as in 90d, 26w or 12h. A run of which a message lies in Junk stays, and so does "
     "what is told of it; see *THE JOURNAL*. Those that are removed are listed."},
    {OPT_DRY_RUN, 'n', "dry-run", NULL, NULL,
     "with --prune: only tell which", NULL},
    ROW_ONLY_DOMAIN,
    ROW_WHOSE_PATH,
    ROW_JOURNAL,
    {OPT_MOVE_OUTPUT, 0, "output", "FORMAT", "table|jsonl",
     "table or jsonl (table)", NULL},
    END,
};
const verb verb_runs = {
    "runs", "",
    "list the runs of apply and undo",
    "With --prune, those that nobody needs any more are removed.\n",
    runs_rows,
};

static const option_row watch_rows[] = {
    HEADING("What"),
    {OPT_RECURSIVE, 'r', "recursive", NULL, NULL,
     "all Maildirs in and below each MAILDIR",
     "For a tree such as /var/vmail; those that are made later too."},
    ROW_JUNK_FOLDER,
    HEADING("Decisions"),
    ROWS_RULES,
    ROW_VERBOSE, ROW_LOG,
    ROW_WINDOWS,
    ROW_IDENTITY,
    ROW_SENT,
    ROW_RECIPIENT_PATH,
    ROW_RECIPIENT_MAP,
    ROW_MAX_MESSAGE,
    HEADING("Run"),
    {OPT_EVERY, 0, "every", "SECONDS", NULL,
     "move mail that often at the most (10)",
     "New mail is judged at once, unless mail was moved so lately; in a storm what came "
     "meanwhile is one run of the journal."},
    {OPT_POLL, 0, "poll", "SECONDS", NULL,
     "also look by itself, that often (30)",
     "Where the kernel does not tell of new mail (a network file system, too many folders) "
     "this is how it is found."},
    {OPT_STATS, 0, "stats", "DB", NULL,
     "add the bounces to a file of statistics",
     "As *ndrscan scan --stats*. Windows that were set until calm are ended by it, as "
     "*ndrscan windows settle* does."},
    ROW_JOURNAL,
    ROW_AS_OWNER,
    ROW_THREADS,
    HEADING("Windows that open themselves"),
    {OPT_AUTO, 0, "auto", "FILE", NULL,
     "open windows by itself for the domains listed",
     "See *WINDOWS THAT OPEN THEMSELVES*. The word *default* is _auto.list_ below "
     "$XDG_CONFIG_HOME/ndrscan, for root _/etc/ndrscan_, else _~/.config/ndrscan_. "
     "Needs *--stats*, and an identity."},
    {OPT_ADMINS, 0, "admins", "FILE", NULL,
     "and those whose people wished so on the page",
     "The people of *ndrscan-admins*(5). What they wished on the console's page counts while that file lets them "
     "switch the domain. Without it, what the operator wished there does, alone."},
    {OPT_AUTO_DRY, 0, "auto-dry", NULL, NULL, "only tell which would open", NULL},
    {OPT_AUTO_AT_ONCE, 0, "auto-at-once", "N", NULL, "so many are open at most (5)", NULL},
    {OPT_AUTO_AT_ONCE_OWNER, 0, "auto-at-once-owner", "N", NULL,
     "so many of one owner (2)", NULL},
    {OPT_EVENTS, 0, "events", "DIR", NULL, "put what is to be told there",
     "For *ndrscan-notify*(1), which sends it. The word *default* is _events_ below "
     "$XDG_STATE_HOME/ndrscan, for root _/var/lib/ndrscan_, else "
     "_~/.local/state/ndrscan_. Needs *--stats*."},
    {OPT_DAILY, 0, "daily", "HH:MM", NULL, "and once a day what came in it",
     "At that time of day: to the operator, of all domains, and of each domain that *--auto* lists and "
     "that got bounces, to those who look after it."},
    {OPT_METRICS, 0, "metrics", "FILE", NULL, "put numbers for Prometheus there",
     "Each minute, for the textfile collector of its node exporter; see *METRICS*. Needs *--stats*."},
    END,
};
const verb verb_watch = {
    "watch", "MAILDIR...",
    "stay, and apply the windows to mail as it comes",
    "Judges new mail, moves junk to Junk, and brings mail back when windows change.\n"
    "SIGHUP has it look through everything; SIGTERM ends it.\n",
    watch_rows,
};
