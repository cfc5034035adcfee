/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_stream.c - which options do the verbs take through which mail passes? */
#include "rows.h"

/* clang-format off */

#define ROW_RECIPIENT                                                          \
    {OPT_RECIPIENT, 0, "recipient", "ADDRESS", NULL,                           \
     "to whom it is delivered, as the envelope says",                          \
     "Goes before what the header says. May be given several times: the "      \
     "message is junk only if it is junk to each of them."}

static const option_row filter_rows[] = {
    HEADING("Decisions"),
    ROW_RULES,
    ROW_NO_SHIPPED,
    ROW_NO_CACHE,
    ROW_WINDOWS,
    ROW_CLOCK,
    ROW_RECIPIENT,
    ROW_MAX_MESSAGE,
    HEADING("Mail"),
    {OPT_FORMAT, 0, "format", "FORMAT", "auto|mbox|message",
     "what comes in: auto, mbox or message (auto)",
     "*auto*: what begins with a From\\_ line is an mbox, of one message or of "
     "many; all else is one message. An mbox may be empty, a message may not."},
    {OPT_COMPAT, 0, "compat", "PROGRAM", "spamassassin",
     "write X-Spam-Flag and X-Spam-Status too",
     "For what sorts mail by the fields of SpamAssassin. Those that the message "
     "brings along are taken out."},
    END,
};
const verb verb_filter = {
    "filter", "",
    "pass mail on from standard input with its verdict in the header",
    "Exit status: 0 all of it was passed on, 75 not: keep what you have, try again.\n",
    filter_rows,
};

static const option_row check_rows[] = {
    ROW_RULES,
    ROW_NO_SHIPPED,
    ROW_NO_CACHE,
    ROW_WINDOWS,
    ROW_CLOCK,
    ROW_RECIPIENT,
    ROW_MAX_MESSAGE,
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
    {OPT_FORMAT, 0, "format", "FORMAT", "auto|mbox|message",
     "what comes in: auto, mbox or message (auto)", NULL},
    HEADING("Decisions"),
    ROW_RULES,
    ROW_NO_SHIPPED,
    ROW_NO_CACHE,
    ROW_WINDOWS,
    ROW_CLOCK,
    ROW_RECIPIENT_PATH,
    ROW_MAX_MESSAGE,
    END,
};
const verb verb_split = {
    "split", "MBOX",
    "copy an mbox into two: what is junk, and what is not",
    "MBOX may be compressed, or - for standard input. It is read only.\n"
    "Exit status: 0 both are written, 2 neither, 75 neither: MBOX is in use.\n",
    split_rows,
};
