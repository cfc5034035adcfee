/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * suspect.h - does a message that no rule names look like a bounce all the same?
 *
 * Weak signs are counted by kind, so that one fact told twice (a daemon's name
 * asked for by a signal, and read again in From) counts once.
 */
#ifndef NDR_SUSPECT_H
#define NDR_SUSPECT_H

#include "ndrscan.h"

enum ndr_sign {
    NDR_SIGN_SENDER = 1 << 0,  /* a `candidates` signal on Return-Path */
    NDR_SIGN_SUBJECT = 1 << 1, /* one on Subject */
    NDR_SIGN_FIELD = 1 << 2,   /* one on any other field */
    NDR_SIGN_DAEMON = 1 << 3,  /* a mail system's name in From */
    NDR_SIGN_REPORT = 1 << 4,  /* multipart/report, or a status part */
    NDR_SIGN_CODE = 1 << 5, /* an SMTP reply beside an address, or a marked status code */
};

/* The sign that a hit of a `candidates` signal on `target` (a word of target.c) is. One
 * that asks for a field to be absent is no sign: most text that is no mail has none. */
unsigned ndr_sign_of_target(const char *target);
/* NDR_SIGN_DAEMON when this From value, as stored or canonical, names a mail system. */
unsigned ndr_sign_of_from(ndr_slice from);
/* NDR_SIGN_REPORT when this media type, lower case, is a report's. */
unsigned ndr_sign_of_part(ndr_slice type);
/* NDR_SIGN_CODE when a paragraph of this canonical text has one. */
unsigned ndr_sign_of_text(ndr_slice text);
/* Has this header, as stored, a field that mail has and other text has not (RFC 5322 3.6,
 * MIME-Version, what delivery adds)? Else it is no mail, whatever it says. */
bool ndr_is_mail(ndr_slice head);
/*
 * At least two signs, one of them DAEMON, REPORT or CODE. Pure, as are all of
 * these.
 */
bool ndr_is_suspect(unsigned signs);

#endif
