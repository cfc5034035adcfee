/* SPDX-License-Identifier: BSD-3-Clause */
/* recipient.h - to whom was a message delivered, as its trace or its path says? */
#ifndef NDR_RECIPIENT_H
#define NDR_RECIPIENT_H

#include "address.h"
#include "base/arena.h"
#include "ndrscan.h"

/*
 * The mailbox in a Received value's "for" clause (RFC 5321 4.4); empty when it
 * has none with a domain. A "for" in a comment or a quoted string is none, nor is one in
 * front of the last "by": a sender's names stand there. Borrowed. Pure, linear.
 */
ndr_address ndr_received_for(ndr_slice value);

/*
 * The mailbox that a path names by a template such as
 * "/var/vmail/{domain}/{user}/", matched from the path's start when the template begins
 * with a slash, else at any of its folders. Borrowed from `path`; empty when it does not
 * match. Pure.
 */
ndr_address ndr_recipient_of_path(const char *pattern, const char *path);

#endif
