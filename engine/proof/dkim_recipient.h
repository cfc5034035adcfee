/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_recipient.h - which mailbox does an address field name? (RFC 5322 3.4) */
#ifndef NDR_DKIM_RECIPIENT_H
#define NDR_DKIM_RECIPIENT_H

#include "ndrscan.h"

/* The domain, in lower-case A-labels or a literal, of the one mailbox that a list names.
 * False when it names none or more, or is not written as the grammar has it. Pure. */
bool ndr_mailbox_only(ndr_slice list, char domain[256]);

#endif
