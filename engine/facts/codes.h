/* SPDX-License-Identifier: BSD-3-Clause */
/* codes.h - which SMTP reply and status code does a text state? (RFC 5321 4.2, RFC 3463)
 */
#ifndef NDR_CODES_H
#define NDR_CODES_H

#include "ndrscan.h"

/* What was found; borrowed from the text. */
typedef struct ndr_codes {
    ndr_slice reply;  /* "550"; empty when there is none */
    ndr_slice status; /* "5.1.1"; empty when there is none */
    size_t at; /* where the first of the two begins, a "#" or "(" in front passed over */
    bool marked; /* the status stands behind "#", "(", "[", "status" or a reply */
} ndr_codes;

/*
 * The first reply with the status beside it, else the first reply and the
 * first status on their own. Replies are 4xx and 5xx as servers use them, no
 * counts ("512 bytes"), no parts of addresses, numbers and host names. False
 * and all zero when there is neither. Pure.
 */
bool ndr_codes_find(ndr_slice text, ndr_codes *ret);

#endif
