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
 * The first mailbox in `text`: what stands in angle brackets, else the first
 * word with an '@'. Source routes ("@a,@b:user@c"), comments and quoted
 * display names are passed over. Pure.
 */
ndr_address ndr_address_find(ndr_slice text);

#endif
