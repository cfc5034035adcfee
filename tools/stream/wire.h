/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire.h - what do ndrscan-client and `ndrscan filter --serve` say to each other?
 *
 * One question and one answer a connection. The message travels once, to the server; the
 * answer is what goes on its header, or a line of words. So the client passes on what it
 * holds itself, and a server that breaks off can cost no byte of it.
 *
 *   question  "NDR1", verb, how, flags, 0, then big-endian: recipients (4), envelope (4),
 *             message (8): lengths of what follows, in this order
 *   answer    "NDR1", status, 0, 0, 0, then big-endian: length (4) of the text that
 * follows
 *
 * Recipients are addresses with a NUL behind each; the envelope is the mbox From_ line
 * without its end. A status is as in sysexits(3), or 0 and 1 as `ndrscan check` exits.
 * The text is fields (verb f, status 0), the verdict's line (verb c, status 0 or 1), or
 * what went wrong. A change to this takes another magic.
 */
#ifndef WIRE_H
#define WIRE_H

#include "ndrscan.h"

#include <sys/un.h>

enum {
    WIRE_QUESTION_BYTES = 24,
    WIRE_ANSWER_BYTES = 12,
    WIRE_FILTER = 'f',
    WIRE_CHECK = 'c',
    WIRE_TRUNCATED = 1 << 0,       /* the message is longer than what was sent */
    WIRE_RECIPIENTS = 1000,        /* of one question; who has more asks again */
    WIRE_RECIPIENTS_MAX = 1 << 18, /* bytes of them: an argument of a program is less */
    WIRE_ENVELOPE_MAX = 1 << 12,   /* a From_ line is less */
    WIRE_TEXT_MAX = 1 << 16,
};
#define WIRE_SOCKET "/run/ndrscan/filter.sock"

typedef struct wire_question {
    unsigned char verb, how, flags;
    uint32_t recipient_bytes, envelope_bytes;
    uint64_t message_bytes;
} wire_question;

typedef struct wire_answer {
    unsigned char status;
    uint32_t text_bytes;
} wire_answer;

/* Pure; true when it is one of this version, within the limits above. */
void wire_put_question(const wire_question *q, unsigned char to[WIRE_QUESTION_BYTES]);
bool wire_get_question(const unsigned char from[WIRE_QUESTION_BYTES], wire_question *q);
void wire_put_answer(const wire_answer *a, unsigned char to[WIRE_ANSWER_BYTES]);
bool wire_get_answer(const unsigned char from[WIRE_ANSWER_BYTES], wire_answer *a);

/* Where a server is. False: the path is too long for a socket. */
bool wire_address(const char *path, struct sockaddr_un *ret);
/*
 * Send or receive exactly n bytes on a socket before `deadline` (as
 * ndr_now_ms). 0; NDR_E_SYS (ETIMEDOUT); NDR_E_DAMAGED when the other side broke off.
 */
int wire_send(int fd, const void *bytes, size_t n, int64_t deadline, ndr_error *err);
int wire_receive(int fd, void *bytes, size_t n, int64_t deadline, ndr_error *err);

#endif
