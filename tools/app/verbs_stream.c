/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_stream.c - which options do the verbs take through which mail passes? */
#include "rows.h"

/* clang-format off */

#define ROW_RECIPIENT                                                          \
    {OPT_RECIPIENT, 0, "recipient", "ADDRESS", NULL,                           \
     "to whom it is delivered, as the envelope says",                          \
     "Goes before what the header says. May be given several times: the "      \
     "message is junk only if it is junk to each of them."}

#define ROWS_DELIVERED_MAIL ROWS_DECISION, ROW_CLOCK, ROW_RECIPIENT, ROW_MAX_MESSAGE

#define ROW_COMPAT                                                             \
    {OPT_COMPAT, 0, "compat", "PROGRAM", "spamassassin",                       \
     "write X-Spam-Flag and X-Spam-Status too",                                \
     "For what sorts mail by the fields of SpamAssassin. Those that the "      \
     "message brings along are taken out."}
#define ROW_MAIL_FORMAT                                                        \
    {OPT_FORMAT, 0, "format", "FORMAT", "auto|mbox|message",                   \
     "what comes in: auto, mbox or message (auto)",                            \
     "*auto*: what begins with a From\\_ line is an mbox, of one message or "  \
     "of many; all else is one message."}

#define ROW_ONE_OR_MANY                                                        \
    {OPT_FORMAT, 0, "format", "FORMAT", "message|mbox",                        \
     "what comes in: one message, or an mbox of any number\n(message)",        \
     "*message*: one, with or without a From\\_ line on top, as procmail and "  \
     "*formail -s* hand it over; a From\\_ line further down is a line of its " \
     "body. *mbox*: a new message begins at every From\\_ line behind an empty "\
     "line; for files whose writer quotes such lines of a body (>From), never " \
     "for mail as it is delivered."}

#define ROWS_SMTP                                                              \
    {OPT_SMTP, 0, "smtp", "ADDRESS", NULL,                                     \
     "hand the message on by SMTP, not to standard output",                    \
     "ADDRESS is 127.0.0.1:PORT, [::1]:PORT or the path of a socket. It goes " \
     "to each *--recipient*. Exit status 0: that server has it, whole; what "  \
     "else it answers is 75."},                                                \
    {OPT_SENDER, 0, "sender", "ADDRESS", NULL,                                 \
     "with --smtp: the envelope's sender (none, as of a\nbounce)", NULL}

static const option_row filter_rows[] = {
    HEADING("Decisions"),
    ROWS_DELIVERED_MAIL,
    HEADING("Mail"),
    ROW_ONE_OR_MANY,
    ROW_LOG,
    ROW_COMPAT,
    ROWS_SMTP,
    ROW_STATS,
    HEADING("Server"),
    {OPT_SERVE, 0, "serve", "SOCKET", NULL,
     "stay, and answer ndrscan-client at this path",
     "See *SERVER*."},
    {OPT_SOCKET_MODE, 0, "socket-mode", "MODE", NULL,
     "permissions of the socket, in octal (600)", NULL},
    {OPT_THREADS, 'j', "threads", "N", NULL,
     "clients answered at once (CPUs allowed and 2)", NULL},
    END,
};
const verb verb_filter = {
    "filter", "",
    "pass mail on from standard input with its verdict in the header",
    "Exit status: 0 all of it was passed on, 75 not: keep what you have, try again.\n",
    filter_rows,
};

static const option_row check_rows[] = {
    ROWS_DELIVERED_MAIL,
    {OPT_QUIET, 'q', "quiet", NULL, NULL, "no line, only the exit status", NULL},
    END,
};
const verb verb_check = {
    "check", "",
    "say by exit status whether a message on standard input is junk",
    "Exit status: 0 not junk, 1 junk, 75 try again; 64 to 78 as in sysexits(3).\n",
    check_rows,
};

static const option_row split_rows[] = {
    {OPT_JUNK, 0, "junk", "FILE", NULL,
     "where messages with verdict junk go", 
     "A name that ends in *.zst* is compressed with zstd."},
    {OPT_KEEP, 0, "keep", "FILE", NULL, "where all others go", NULL},
    {OPT_FORCE, 0, "force", NULL, NULL, "replace files of these names", NULL},
    ROW_MAIL_FORMAT,
    HEADING("Decisions"),
    ROWS_STORED_MAIL,
    END,
};
const verb verb_split = {
    "split", "MBOX",
    "copy an mbox into two: what is junk, and what is not",
    "MBOX may be compressed, or - for standard input. It is read only.\n"
    "Exit status: 0 both are written, 2 neither, 75 neither: MBOX is in use.\n",
    split_rows,
};

static const option_row client_rows[] = {
    {OPT_SOCKET, 0, "socket", "SOCKET", NULL,
     "where the server answers\n(/run/ndrscan/filter.sock)",
     "Given, this server is asked and no other way is gone. Without it, where "
     "no server is, or the user has settings of its own, *ndrscan* does it."},
    {OPT_TIMEOUT, 0, "timeout", "SECONDS", NULL,
     "how long to wait for an answer (60)", NULL},
    ROW_RECIPIENT,
    ROW_ONE_OR_MANY,
    ROW_COMPAT,
    ROWS_SMTP,
    ROW_MAX_MESSAGE,
    {OPT_QUIET, 'q', "quiet", NULL, NULL,
     "check: no line, only the exit status", NULL},
    END,
};
const verb verb_client = {
    "client", "filter|check",
    "filter or check by a server that has the rules loaded",
    "The server is 'ndrscan filter --serve SOCKET'. The same as ndrscan-client, which\n"
    "starts faster. Exit status as of those verbs. Without a server at the usual\n"
    "place ndrscan does it itself; one that --socket names and that is away is 75.\n",
    client_rows,
};

static const option_row milter_rows[] = {
    ROW_LOG,
    {OPT_JUNK_ACTION, 0, "junk-action", "ACTION",
     "header|quarantine|reject|discard",
     "what becomes of junk: header, quarantine, reject or\ndiscard (header)",
     "*header*: only the fields say it. *quarantine*: the server holds it. "
     "*reject*: it is refused with 550 5.7.1. *discard*: it is accepted and "
     "thrown away."},
    ROW_COMPAT,
    ROWS_DECISION,
    {OPT_CLOCK, 0, "clock", "CLOCK", "arrival|date|now",
     "hold windows against arrival, date or now (now)", NULL},
    ROW_MAX_MESSAGE,
    END,
};
const verb verb_milter = {
    "milter", "SOCKET",
    "stamp bounces, or turn them away, while a mail server takes them",
    "SOCKET is unix:PATH or inet:PORT@ADDRESS, as libmilter takes it.\n",
    milter_rows,
};
