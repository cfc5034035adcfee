/* SPDX-License-Identifier: BSD-3-Clause */
/* stream_pass.h - how does mail pass from one descriptor to another and get its stamp? */
#ifndef PASS_H
#define PASS_H

#include "ndrscan_io.h"

/*
 * Decide about a message: append the fields that go on its header to `fields`. `bytes`
 * are what a server needs to come to the same message. 0 or an ndr_code.
 */
typedef int pass_decide(void *ctx, ndr_message *m, ndr_slice bytes, unsigned how,
                        ndr_buffer *fields, ndr_error *err);

/*
 * Where mail goes that is not for a descriptor. `put`: bytes that follow; `end`, once:
 * all of it was put (`whole`), or what was is to be thrown away. 0 or an ndr_code.
 */
typedef struct pass_sink {
    int (*put)(void *sink, ndr_slice bytes, ndr_error *err);
    int (*end)(void *sink, bool whole, ndr_error *err);
    void *sink;
} pass_sink;

typedef struct pass_opts {
    int in, out;         /* borrowed */
    const pass_sink *to; /* in the place of `out`; borrowed; may be NULL */
    enum ndr_format format;
    size_t message_limit_bytes; /* 0: the usual */
    bool spamassassin;
    pass_decide *decide;
    void *ctx;
} pass_opts;

/*
 * Pass all messages of `in` on. A message is written when it is decided about and in
 * memory (up to the limit), never before. 0, with *ret_messages; or an ndr_code with
 * where it failed: what is not whole by then has to be thrown away by the reader.
 */
int pass_mail(const pass_opts *o, uint64_t *ret_messages, ndr_error *err);

/*
 * The same from standard input to standard output, which is closed, or to `to`, which is
 * ended: 0, or 75, told. No
 * message at all is 75, unless an mbox was asked for: an empty answer would be stored as
 * an empty message.
 */
int pass_through(const pass_opts *o);
/*
 * From now on whatever signal would end this program ends it with 75, faults of its own
 * included (but for SIGKILL), or is an error of write (SIGPIPE, SIGXFSZ). Thread: main.
 */
void pass_die_with_75(void);

#endif
