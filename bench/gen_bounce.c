/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce.c - which mail systems write bounces, how often, and of which kind? */
#include "gen_message.h"

/* name, kind, weight, backscatter, warm, maker
 * A report's Action decides its kind, so amavis-report is `failed`: see "Which kind" in
 * rules/README.md. */
const dialect dialects[] = {
    {"postfix", "failed", 230, true, false, put_postfix},
    {"postfix-delayed", "delayed", 30, true, true, put_postfix_delayed},
    {"postfix-success", "delivered", 5, false, false, put_postfix_success},
    {"exim", "failed", 130, true, false, put_exim},
    {"exim-text", "failed", 40, true, false, put_exim_text},
    {"exim-delayed", "delayed", 25, true, true, put_exim_delayed},
    {"sendmail", "failed", 70, true, false, put_sendmail},
    {"sendmail-text", "failed", 8, true, false, put_sendmail_text},
    {"sendmail-delayed", "delayed", 10, true, true, put_sendmail_delayed},
    {"qmail", "failed", 70, true, false, put_qmail},
    {"courier", "failed", 15, true, false, put_courier},
    {"exchange", "failed", 50, true, false, put_exchange},
    {"exchange-2003", "failed", 15, true, false, put_exchange_2003},
    {"exchange-ims", "failed", 5, true, false, put_exchange_ims},
    {"iis", "failed", 15, true, false, put_iis},
    {"m365", "failed", 80, true, false, put_m365},
    {"gmail", "failed", 50, true, false, put_gmail},
    {"gmail-text", "failed", 15, true, false, put_gmail_text},
    {"gmail-delayed", "delayed", 10, true, true, put_gmail_delayed},
    {"yahoo", "failed", 25, true, false, put_yahoo},
    {"domino", "failed", 20, true, false, put_domino},
    {"rfc3464", "failed", 45, true, false, put_rfc3464},
    {"amavis", "rejected-content", 8, true, false, put_amavis},
    {"amavis-report", "failed", 10, true, false, put_amavis_report},
    {"mailscanner", "rejected-content", 5, true, false, put_mailscanner},
    {"receipt", "receipt", 15, false, false, put_receipt},
    {"feedback", "feedback", 8, false, false, put_feedback},
    {"vacation", "auto-reply", 60, true, false, put_vacation},
    {"challenge", "challenge", 12, true, false, put_challenge},
};
const size_t dialect_count = sizeof dialects / sizeof dialects[0];

void
put_bounce(gen_message *m, size_t row)
{
    dialects[row].put(m);
}

void
begin_bounce(gen_message *m)
{
    char daemon[200];
    const uint32_t luck = rng_below(&m->r, 100);
    fill_field(m, daemon, sizeof daemon, "MAILER-DAEMON@{mta}");
    put_trace(m, luck < 88 ? "" : luck < 94 ? NULL : daemon);
}

void
put_status(gen_message *m, const char *head, const char *each)
{
    fill(m, head);
    fill_each(m, each);
}
