/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_notify.c - which options does the program take that tells people? */
#include "rows.h"

/* clang-format off */

static const option_row notify_rows[] = {
    {OPT_EVENTS, 0, "events", "DIR", NULL,
     "where events wait",
     "As *ndrscan watch --events*. Without it, where that has its *default*."},
    {OPT_ADMINS, 0, "admins", "FILE", NULL,
     "the people who look after domains of their own",
     "As *ndrscan-admins*(5) describes it. Who has _mail_ there is told of his domains."},
    {OPT_OPERATOR, 0, "operator", "ADDRESS", NULL,
     "who is told of all else",
     "What is the operator's, and of domains that nobody with an address looks after. May be "
     "given several times; without it _to_ is empty there."},
    {OPT_LANGUAGE, 0, "language", "LANG", LANGUAGE_WORDS,
     "of who has no language of their own: en, de, es, fr\nor ja (en)",
     "The operator's, and of those whose _language_ *ndrscan-admins*(5) does not say."},
    {OPT_PAGE, 0, "page", "URL", NULL,
     "where people find the console",
     "As https://bounces.example.com/. The page of the domain is named below what there is "
     "to tell."},
    {OPT_ONCE, 0, "once", NULL, NULL,
     "tell what waits, and end",
     "For cron. The exit status is 1 when some of it still waits."},
    END,
};
const verb verb_notify = {
    "notify", "-- COMMAND [WORD]...",
    "tell people of storms, and of windows that open themselves",
    "Gives each event that ndrscan watch --events puts down to COMMAND, as JSON on\n"
    "its standard input, until it succeeds.\n",
    notify_rows,
};
