/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookalike.h - does a text call for a click, and state nothing that a bounce states?
 *
 * Phish that calls itself a mail system says in many words that mail was not delivered,
 * and then where to log in. A bounce names whom the mail did not reach, or what the other
 * server answered.
 */
#ifndef NDR_LOOKALIKE_H
#define NDR_LOOKALIKE_H

#include "ndrscan.h"

/* Does this part, as it is before it becomes text, hold a link? */
bool ndr_holds_link(ndr_slice part);
/*
 * True when `text` (canonical) states no SMTP reply or status code and no address but
 * `own` and others of its domain. `own` is the address that the message came to; it may
 * be empty. Pure.
 */
bool ndr_states_nothing(ndr_slice text, ndr_slice own);

/* True when `text` (canonical) states a code and an address that is neither `own` nor
 * `from`; either may be empty. Pure. */
bool ndr_states_failure(ndr_slice text, ndr_slice own, ndr_slice from);

/* Whom does a text name? */
enum ndr_named { NDR_NAMED_NOBODY, NDR_NAMED_ITSELF, NDR_NAMED_OTHERS };
/* Addresses in `text` (canonical): none, none but `own`, or others. Pure. */
enum ndr_named ndr_named_by(ndr_slice text, ndr_slice own);

#endif
