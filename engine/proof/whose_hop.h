/* SPDX-License-Identifier: BSD-3-Clause */
/* whose_hop.h - what does a Received field say of the hop that wrote it? (RFC 5321 4.4)
 */
#ifndef NDR_WHOSE_HOP_H
#define NDR_WHOSE_HOP_H

#include "ndrscan.h"

/* Borrowed from the field's value; empty where it does not say. */
typedef struct ndr_hop {
    bool from;         /* has a from clause */
    ndr_slice helo;    /* the word behind "from": the client's own */
    ndr_slice name;    /* what the host that wrote it calls the client, */
    ndr_slice address; /* and its address, without brackets */
    ndr_slice by, with;
    ndr_slice recipient; /* behind "for" */
    bool user;           /* from a user of that host: Postfix's "from userid" */
} ndr_hop;

/* Read a value, behind its colon. A client chooses its HELO, so its address is taken
 * only from where Postfix, Exim and sendmail write what they know. Pure, linear. */
ndr_hop ndr_hop_read(ndr_slice value);

enum ndr_hop_sort {
    NDR_HOP_OTHER,     /* from another host */
    NDR_HOP_MADE,      /* the host's own: Postfix's form without "from" */
    NDR_HOP_USER,      /* a user's of that host, or Exim's own: P=local */
    NDR_HOP_AUTH,      /* from a client that had logged in (RFC 3848) */
    NDR_HOP_DELIVERED, /* by LMTP, which takes no mail from outside */
};
enum ndr_hop_sort ndr_hop_sort(const ndr_hop *hop);

#endif
