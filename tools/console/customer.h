/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * customer.h - what does a domain's administrator ask, and what is done about it?
 *
 * Handlers of routes.c, which has looked already whether the domain is the caller's and
 * the act one that their role allows. A domain is in A-labels then.
 */
#ifndef CUSTOMER_H
#define CUSTOMER_H

#include "caller.h"

void customer_get_top(console *c, const route_call *r, web_reply *ret);
void customer_get_domain(console *c, const route_call *r, web_reply *ret);
void customer_get_job(console *c, const route_call *r, web_reply *ret);
void customer_post_preview(console *c, const route_call *r, web_reply *ret);
void customer_post_block(console *c, const route_call *r, web_reply *ret);
void customer_post_unblock(console *c, const route_call *r, web_reply *ret);
void customer_post_auto(console *c, const route_call *r, web_reply *ret);
void customer_post_undo(console *c, const route_call *r, web_reply *ret);

/* Back to the domain's page, or to the list that the form stood in. */
void customer_go_back(const route_call *r, web_reply *ret);
/* A form that was not sent before? False, and it was answered. */
bool customer_take_form(console *c, const route_call *r, web_reply *ret);
/* What went wrong gets a number, and the log that and the words `why`. */
void
customer_failed(const route_call *r, const char *why, enum word words, web_reply *ret);
/* What is not there and what is another's: the same answer for both. */
void customer_gone(const route_call *r, web_reply *ret);
/* A page that says one thing, of an English reader's choice where nobody is known. */
void customer_say(const route_call *r, int status, enum word words, const char *fill,
                  web_reply *ret);
/* And `more` behind it. */
void customer_say_more(const route_call *r, int status, enum word words, const char *fill,
                       enum word more, web_reply *ret);

#endif
