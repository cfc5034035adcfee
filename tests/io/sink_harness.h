/* SPDX-License-Identifier: BSD-3-Clause */
/* sink_harness.h - verdicts by hand, batches by hand, and what a sink made of them. */
#ifndef NDR_SINK_HARNESS_H
#define NDR_SINK_HARNESS_H

#include "ndrscan_io.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define BYTES(lit)                                                                       \
    {                                                                                    \
        (const unsigned char *)(lit), sizeof(lit) - 1                                    \
    }

static const ndr_rule sample_rule = {
    .id = "postfix.undelivered", .system = "Postfix", .kind = NDR_KIND_FAILED};
static const ndr_rule nameless_rule = {
    .id = "generic.report", .system = "", .kind = NDR_KIND_DELAYED};
static const ndr_window sample_window = {.domain = BYTES("example.com"),
                                         .from = 1210665600,
                                         .until = 1210838400,
                                         .note = BYTES("spoofed since Tuesday"),
                                         .where = BYTES("windows.yaml:2")};
static const ndr_window open_window = {
    .domain = BYTES("example.com"), .from = 1210665600, .until = NDR_TIME_OPEN};
static const ndr_recipient sample_recipients[2] = {
    {BYTES("bob@example.net"), BYTES("robert@example.net"), BYTES("failed"),
     BYTES("5.1.1"), BYTES("550 5.1.1 <bob@example.net>: unknown"),
     BYTES("mx.example.net"), BYTES("550"), BYTES("Tue, 13 May 2008 09:31:00 +0200")},
    {.final = BYTES("carol@example.net"), .action = BYTES("failed")},
};

static const ndr_evidence sample_evidence = {
    .whose = NDR_WHOSE_OURS,
    .known = true,
    .decisive = 1,
    .count = 2,
    .proof = {{.name = "dkim-to", .result = "unknown-selector"},
              {.name = "sent-to", .result = "pass", .detail = "2@example.com, <bob>"}}};

/* Every byte there is, NUL first and last; and the same without NUL, as a string. */
static inline const unsigned char *
every_byte(void)
{
    static unsigned char bytes[257];
    for (unsigned c = 0; c < 256; c++)
        bytes[c] = (unsigned char)c;
    return bytes;
}

/* What a verdict would be if every field of the mail were written by an enemy. */
typedef struct hostile {
    ndr_message m;
    ndr_verdict v;
    ndr_rule rule;
    ndr_window window;
    ndr_recipient recipient[3];
} hostile;

/* `text` in every field of the mail, `name` (NUL-terminated) in every path. */
static inline void
hostile_fill(hostile *h, ndr_slice text, const char *name)
{
    *h = (hostile){0};
    h->rule = (ndr_rule){.id = name, .system = name, .kind = NDR_KIND_FAILED};
    h->window = (ndr_window){.domain = text,
                             .from = 1210665600,
                             .until = NDR_TIME_OPEN,
                             .note = text,
                             .where = text};
    for (size_t i = 0; i < 3; i++)
        h->recipient[i] = (ndr_recipient){text, text, text, text, text, text, text, text};
    h->m = (ndr_message){.source = name,
                         .member = name,
                         .offset = UINT64_MAX,
                         .length = UINT64_MAX,
                         .flags = NDR_MSG_TRUNCATED};
    h->v = (ndr_verdict){.decision = NDR_JUNK,
                         .kind = NDR_KIND_FAILED,
                         .rule = &h->rule,
                         .window = &h->window,
                         .message_id = text,
                         .recipient = text,
                         .local = text,
                         .domain = text,
                         .recipient_origin = NDR_FROM_DELIVERED_TO,
                         .arrived = INT64_MAX,
                         .arrived_origin = NDR_FROM_RECEIVED,
                         .reporting_mta = text,
                         .recipients = h->recipient,
                         .recipient_count = 3,
                         .returned = {text, text, text, text, text, text, text, text},
                         .flags = NDR_MSG_DAMAGED | NDR_MSG_DEEP};
}

void ndr_batch_free(ndr_batch *b); /* the engine's own: a test stands in for the run */

static inline void
batch_free(ndr_batch *b)
{
    ndr_batch_free(b);
    *b = (ndr_batch){0};
}

#endif
