/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text_recipient_address.h - where in running text does an address begin and end?
 *
 * Wider than RFC 5321 4.1.2, as what is written around an address is: brackets, quotes,
 * points, "smtp=". All of it is pure.
 */
#ifndef NDR_TEXT_RECIPIENT_ADDRESS_H
#define NDR_TEXT_RECIPIENT_ADDRESS_H

#include "ndrscan.h"

/* The address around the '@' at `at`: [*begin, *end) of `text`; false: there is none. */
bool ndr_text_recipient_address(ndr_slice text, size_t at, size_t *begin, size_t *end);
/* Could all of `s` be a local part without quotes (RFC 5322 3.2.3, dots anywhere)? */
bool ndr_text_recipient_local(ndr_slice s);
/* Is this address in `list`, a field's value with addresses? Not longer ones that end or
 * begin with it. */
bool ndr_text_recipient_in(ndr_slice address, ndr_slice list);

#endif
