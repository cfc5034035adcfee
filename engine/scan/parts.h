/* SPDX-License-Identifier: BSD-3-Clause */
/* parts.h - what do the parts of a candidate's body say? */
#ifndef NDR_PARTS_H
#define NDR_PARTS_H

#include "scan.h"

/*
 * Walk the body that begins at raw.ptr[body_at]: read its reports and the
 * returned message's header, note its text parts, scan what the parts and
 * reports are.
 */
int ndr_parts_read(ndr_scanner *s, ndr_slice raw, size_t body_at, ndr_error *err);
/* Add the words of the text parts that were noted to s->text; of each once only. */
int ndr_parts_text(ndr_scanner *s, ndr_error *err);
/* Behind that, where nothing is known of what came back: look for a header that is quoted
 * or indented, in the part that was returned or in the text, for s->returned and
 * s->body.came_back. */
int ndr_parts_quoted(ndr_scanner *s, ndr_error *err);

/* A part's first `limit` bytes without their transfer encoding, truncated flagged in
 * s->flags; borrowed from the part or s->decoded. */
ndr_slice ndr_parts_decode(ndr_scanner *s, enum ndr_transfer transfer, ndr_slice body,
                           size_t limit);

/*
 * Read the message in the message, if it is a report: what it states takes the place of
 * what was found in the text, in s->report and s->returned. False: it states nothing.
 */
bool ndr_parts_inner(ndr_scanner *s);

#endif
