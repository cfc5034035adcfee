/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sender.h - who says it: a mail system, or somebody who passes its words on?
 *
 * Rules know what a bounce says. People paste it, answer it and ask about it; tickets,
 * digests and gateways hand it on. Each sign below speaks for a mail system or for
 * somebody else, with a weight; the sum answers. A multipart/report that holds a report
 * needs no answer: it is proven.
 */
#ifndef NDR_SENDER_H
#define NDR_SENDER_H

#include "ndrscan.h"

/* A row of ndr_sender_signs each. */
enum ndr_sender_sign {
    /* of a mail system */
    NDR_SAYS_NULL_PATH,
    NDR_SAYS_DAEMON,
    NDR_SAYS_DAEMON_NAME,
    NDR_SAYS_SYSTEM,
    NDR_SAYS_BOTH, /* of NULL_PATH and SYSTEM */
    NDR_SAYS_TO_BOUNCES,
    NDR_SAYS_REPLIED,
    NDR_SAYS_REFUSED,
    NDR_SAYS_REPORT,
    NDR_SAYS_REPORT_PART,
    NDR_SAYS_FIELD,
    NDR_SAYS_FORM,
    NDR_SAYS_RETURNED,
    NDR_SAYS_OPENS,
    /* of a person or another program */
    NDR_SAYS_ANSWER,
    NDR_SAYS_PROGRAM,
    NDR_SAYS_TICKET,
    NDR_SAYS_NUMBERED,
    NDR_SAYS_LIST,
    NDR_SAYS_DIGEST,
    NDR_SAYS_MANY,
    NDR_SAYS_PASSED_ON,
    NDR_SAYS_BELOW,
    NDR_SAYS_QUOTED,
    NDR_SAYS_GREETING,
    NDR_SAYS_CLOSING,
    NDR_SAYS_OWN,
    NDR_SAYS_BARE,
    NDR_SAYS_LINK,
    NDR_SAYS_COUNT,
};

typedef struct ndr_sender_row {
    const char *what; /* for people, with the field or place it was seen in */
    int weight;       /* above 0: of a mail system */
} ndr_sender_row;

extern const ndr_sender_row ndr_sender_signs[NDR_SAYS_COUNT];

/* Of a header that says at least this, the text is not asked. */
enum { NDR_SENDER_SURE = 4 };

/* The sum of the weights of these signs (bit 1 << row each). OPENS counts only beside
 * another sign of a mail system: words tell what is said, not who says it. Pure. */
int ndr_sender_weight(unsigned signs);
/* Is that what a mail system says? True when more speaks for it than against. Pure. */
bool ndr_sender_is_system(unsigned signs);

/* Is this value of From, as stored or canonical, a mail daemon's? Pure. */
bool ndr_sender_is_daemon(ndr_slice from);

/*
 * The signs of a header. `raw`: the message as stored, from its header on. The From_ line
 * of a mailbox is not asked: programs that know no sender write MAILER-DAEMON there. Pure.
 */
unsigned ndr_sender_of_header(ndr_slice raw);
/* Does this value of Content-Type, as stored, say that a report is sent? As
 * NDR_SAYS_REPORT, without the rest of the header. Pure. */
bool ndr_sender_sends_report(ndr_slice type);

/*
 * The signs of what a message says in its own words. `text`: canonical paragraphs, a
 * line each, lower case. Of PASSED_ON, QUOTED, GREETING and CLOSING. Pure.
 */
unsigned ndr_sender_of_text(ndr_slice text);
/*
 * The paragraph in which a message begins to say what it has to say: the first that is
 * no greeting and has more than some words. Borrowed from `text`; empty when there is
 * none.
 */
ndr_slice ndr_sender_opening(ndr_slice text);
/* Are these quoted lines, or do some begin in it? ">>> RCPT TO" is an SMTP session's.
 * Pure. */
bool ndr_sender_is_quoted(ndr_slice line);
/* Does a paragraph end in a question mark? People ask. Pure. */
bool ndr_sender_is_question(ndr_slice line);
/* Does an opening say nothing yet, as those of mail systems do ("This is an automatically
 * generated message.")? Pure. */
bool ndr_sender_is_prelude(ndr_slice opening);

#endif
