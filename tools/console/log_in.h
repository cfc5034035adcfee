/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log_in.h - how does a session begin and end?
 *
 * The operator's token is compared first and always, whatever else is wrong. A person's
 * password is compared aside, by the worker, so the answer comes later; a name that
 * nobody has costs the same, of somebody else's hash.
 */
#ifndef LOG_IN_H
#define LOG_IN_H

#include "caller.h"

/* POST /login. `who` is nobody yet: by whom it comes, and in which language. */
void log_in(console *c, const web_request *q, const caller *who, const request_body *w,
            int64_t now, web_reply *ret);
/* Take up what the worker has compared. */
void log_in_run(console *c);
/* POST /logout */
void log_out(console *c, const caller *who, web_reply *ret);
/* The page to log in with; `words` tells what was wrong, or is "". */
void log_in_page(const console *c, const char *up, enum lang lang, const char *words,
                 web_reply *ret);

#endif
