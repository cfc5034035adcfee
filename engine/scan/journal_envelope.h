/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal_envelope.h - what does a journal hold, and for whom was it?
 *
 * Exchange and Google send a copy of all mail to an archive: a cover with its envelope,
 * and the message as it was. What the archive's mailbox is to be asked is what was asked
 * of the message: so the cover is taken off.
 */
#ifndef NDR_JOURNAL_ENVELOPE_H
#define NDR_JOURNAL_ENVELOPE_H

#include "ndrscan.h"

enum { NDR_JOURNAL_NONE = 1 };

/*
 * Scan the message in `m`, whose header has a journal's field and whose bytes are all in
 * `raw`, as it lies in `m`: 0 and its verdict, to the recipients that the cover names,
 * junk only if windows cover all of them; NDR_JOURNAL_NONE: it is no journal, and s is as
 * it was; or an ndr_code.
 */
int ndr_journal_scan(ndr_scanner *s, const ndr_message *m, ndr_slice raw, size_t body_at,
                     ndr_verdict *ret, ndr_error *err);

#endif
