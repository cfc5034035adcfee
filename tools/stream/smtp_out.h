/* SPDX-License-Identifier: BSD-3-Clause */
/* smtp_out.h - how does a message that has passed go on to a mail server of this host? */
#ifndef SMTP_OUT_H
#define SMTP_OUT_H

#include "app/stream_pass.h"

/* A message on its way. Zero but for what is borrowed. */
typedef struct smtp_out {
    const char *address;          /* borrowed; a host in digits and a port, or a path */
    const char *sender;           /* borrowed; "": a bounce's */
    const char *const *recipient; /* borrowed; as RFC 5321 has them, quoted */
    size_t recipient_count;
    int fd;             /* below 0: not yet */
    unsigned char last; /* byte of the message that was put */
    ndr_buffer out;
} smtp_out;

/*
 * Is there one address, and do all names fit into a command? 0, or NDR_E_SYNTAX. Sets it
 * up, and opens nothing: that is for the first bytes of the message.
 */
int smtp_begin(smtp_out *s, ndr_error *err);

/*
 * Where pass_through puts a message (`to` of pass_opts): RFC 5321 in commands and
 * replies, line ends CRLF, dots stuffed (4.5.2). The server has it when smtp_end answers
 * 0, and not a byte of it unless that was asked with `whole`: who is told of an error
 * tries again, and may then deliver twice where the server's last reply was lost (6.1),
 * but loses nothing.
 */
int smtp_put(void *smtp, ndr_slice bytes, ndr_error *err);
int smtp_end(void *smtp, bool whole, ndr_error *err);

#endif
