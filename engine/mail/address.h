/* SPDX-License-Identifier: BSD-3-Clause */
/* address.h - which mailbox does a field value name? (RFC 5322 3.4) */
#ifndef NDR_ADDRESS_H
#define NDR_ADDRESS_H

#include "base/arena.h"
#include "ndrscan.h"

/* "local@domain", borrowed; all empty when there is none. */
typedef struct ndr_address {
    ndr_slice local,
        domain; /* the latter a name, or an address literal in its brackets */
} ndr_address;

/*
 * The first mailbox in `text` outside comments (RFC 5322 3.2.2): "<local@domain>"; else
 * the first word that is one once brackets, quotes and colons are taken off its ends.
 * Words end at blanks, commas and semicolons. A source route ("@a,@b:user@c"), "mailto:"
 * and its query, an address type and final dots are taken off. Where there is none, what
 * stands in parentheses counts. Pure, linear.
 */
ndr_address ndr_address_find(ndr_slice text);

/* "local@domain" in `arena`, without quotes that it does not need; empty for none, or
 * when there is no memory (arena->failed). */
ndr_slice ndr_address_text(ndr_address a, ndr_arena *arena);

#endif
