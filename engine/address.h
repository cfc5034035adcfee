/* SPDX-License-Identifier: BSD-3-Clause */
/* address.h - which mailbox does a field value name? (RFC 5322 3.4) */
#ifndef NDR_ADDRESS_H
#define NDR_ADDRESS_H

#include "ndrscan.h"

/* "local@domain", borrowed; all empty when there is none. */
typedef struct ndr_address {
    ndr_slice local, domain;
} ndr_address;

/*
 * The first mailbox in `text`: "<local@domain>", a source route ("@a,@b:user@c")
 * taken off; else the first word that is one once brackets, quotes and colons are
 * taken off its ends. Words end at blanks, commas and semicolons. Pure.
 */
ndr_address ndr_address_find(ndr_slice text);

#endif
