/* SPDX-License-Identifier: BSD-3-Clause */
/* text_recipient_score.h - how much does an address look like one that the mail did not
 * reach? */
#ifndef NDR_TEXT_RECIPIENT_POINTS_H
#define NDR_TEXT_RECIPIENT_POINTS_H

#include "text_recipient.h"

/* One address in the text. */
typedef struct ndr_mention {
    ndr_slice address;
    size_t begin, end; /* of it, brackets and quotes left out */
    size_t line, line_end;
    int score;    /* below 0: surely no failed recipient */
    bool another; /* the bounce's own recipient, its sender, the daemon */
} ndr_mention;

enum {
    NDR_TEXT_RECIPIENT_CUED = 40
}; /* score of an address that is not there by chance */

/* What the words around it and the address itself say, from `address`, `begin`, `end`,
 * `line` and `line_end` of *m: 0 to 115, or below 0. Pure. */
int ndr_text_recipient_score(const ndr_text_recipient *p, ndr_slice text,
                             const ndr_mention *m);
/* Is it a program's or an office's, such as postmaster or abuse? Pure. */
bool ndr_text_recipient_is_role(ndr_slice address);

#endif
