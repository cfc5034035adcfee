/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text_recipient.h - which recipients does a bounce name in words, and what went wrong
 * with them?
 *
 * For bounces whose report part says nothing of recipients. Each address in the
 * text gets score for where it stands ("<u@x>: …" at a paragraph's start, behind
 * "RCPT TO:", behind a paragraph that ends in a colon, …); the best are the ones
 * that failed. What stands behind them, up to the next one, is about them.
 */
#ifndef NDR_TEXT_RECIPIENT_H
#define NDR_TEXT_RECIPIENT_H

#include "base/arena.h"
#include "delivery_report.h"
#include "ndrscan.h"

/* What the scan knows besides the text; all of it may be empty. */
typedef struct ndr_text_recipient {
    ndr_slice text;   /* canonical paragraphs, a line each: see paragraph.h */
    ndr_slice own;    /* the address the bounce was delivered to */
    ndr_slice daemon; /* From of the bounce */
    ndr_slice failed; /* X-Failed-Recipients and its like: these come first */
    ndr_slice sender, to, message_id; /* of the returned message */
} ndr_text_recipient;

/*
 * Append to `r` the recipients that the text states with reply, status,
 * diagnostic and remote MTA, and its reporting MTA when it has none yet. The
 * bounce's own recipient, the returned message's sender and the daemon are none
 * unless nobody else is named. Without any address in the text, a code in it makes a
 * recipient without an address: whom the returned message is to says not who failed. Pure
 * but for `a` and `r`.
 */
void ndr_text_recipient_read(const ndr_text_recipient *p, ndr_arena *a, ndr_report *r);

/* Fill each recipient's reply, and its status where it has none, from its
 * diagnostic. */
void ndr_text_recipient_codes(ndr_report *r);

#endif
