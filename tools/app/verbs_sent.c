/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_sent.c - which options do the verbs take that remember what was sent? */
#include "rows.h"

/* clang-format off */

#define ROW_SET                                                                \
    {OPT_SET, 0, "set", "DIR", NULL,                                           \
     "the folder of what was sent (sent)",                                     \
     "Default: _sent_ below $XDG_STATE_HOME/ndrscan, for root "                \
     "_/var/lib/ndrscan_, else _~/.local/state/ndrscan_."}
#define ROW_MACHINE                                                            \
    {OPT_MACHINE, 0, "machine", "NAME", NULL,                                  \
     "begin the names of files with NAME (host name)",                         \
     "Machines that share one folder have names of their own."}
#define ROW_DAYS                                                               \
    {OPT_DAYS, 0, "days", "N", NULL,                                           \
     "so long may a message take to come back (30)", NULL}

static const option_row sent_add_rows[] = {
    HEADING("Input"),
    {OPT_FORMAT, 0, "format", "FORMAT", "auto|postfix|exim|mail|list",
     "what sources are: auto, postfix, exim, mail or list\n(auto)",
     "_auto_ tells logs of Postfix and of Exim by their first lines. _mail_: folders and "
     "files of mail that was sent, all that *ndrscan scan* takes. _list_: lines of "
     "Message-ID, sender's domain, recipient and, if you like, an RFC 3339 time, a tab "
     "between each."},
    {OPT_SUBMITTERS, 0, "submitters", "NETWORK", NULL,
     "clients in NETWORK send for us too: 192.0.2.0/24",
     "In logs. For clients that give no password. May be given several times. Without it, "
     "what came by a password or from the host itself is ours."},
    {OPT_DOMAIN, 0, "domain", "DOMAIN", NULL,
     "take only what was sent by DOMAIN",
     "May be given several times. Wanted where a source holds other people's mail, too."},
    {OPT_YEAR, 0, "year", "YEAR", NULL,
     "the year of a log's first line (by the file's time)",
     "Lines of syslog tell none. Without it each line is of the last year that is not "
     "behind the time at which its file was written last."},
    {OPT_TZ, 0, "tz", "ZONE", NULL,
     "zone of stamps without one: UTC, +02:00, Europe/Paris", 
     "Default: the zone of this process."},
    {OPT_RECURSIVE, 'r', "recursive", NULL, NULL,
     "mail: folders are trees of Maildirs and mail files", NULL},
    HEADING("Run"),
    {OPT_FOLLOW, 'f', "follow", NULL, NULL,
     "stay, and read on in the log as it grows",
     "One log, through rotations, until SIGTERM; the set has it within ten seconds."},
    ROW_SET,
    ROW_MACHINE,
    ROW_QUIET_COUNTS,
    END,
};
const verb verb_sent_add = {
    "sent add", "SOURCE...",
    "remember what was sent, from logs or mail",
    "Learns which messages were sent by us, and to whom, so that a bounce that\n"
    "returns one of them is known as genuine. A SOURCE is a log, which may be\n"
    "compressed, or - for standard input.\n",
    sent_add_rows,
};

static const option_row sent_stats_rows[] = {ROW_SET, END};
const verb verb_sent_stats = {
    "sent stats", "", "how much is remembered, and of which days",
    "Reads all of it: what is damaged is told.\n", sent_stats_rows,
};

static const option_row sent_prune_rows[] = {
    ROW_DAYS,
    {OPT_DRY_RUN, 'n', "dry-run", NULL, NULL, "only tell what would be deleted", NULL},
    ROW_SET, END,
};
const verb verb_sent_prune = {
    "sent prune", "", "forget what was sent long ago",
    "Deletes files all of whose messages were sent more than the given days ago.\n",
    sent_prune_rows,
};

static const option_row sent_check_rows[] = {
    {OPT_SENDER, 0, "sender", "DOMAIN", NULL,
     "the domain that is said to have sent it",
     "Has to be given: one domain does not vouch for another."},
    {OPT_RECIPIENT, 0, "recipient", "ADDRESS", NULL, "to whom it is said to have gone", NULL},
    ROW_AT,
    ROW_DAYS,
    ROW_SET, END,
};
const verb verb_sent_check = {
    "sent check", "MESSAGE-ID", "was this message sent by us, and to whom",
    "Exit status 0: it was; 1: nothing is known of it.\n", sent_check_rows,
};

static const option_row sent_merge_rows[] = {ROW_SET, ROW_MACHINE, END};
const verb verb_sent_merge = {
    "sent merge", "DIR...", "unite what several machines remember",
    "What is in each DIR is added to the set. Nothing is taken from a DIR.\n",
    sent_merge_rows,
};
