/* SPDX-License-Identifier: BSD-3-Clause */
/* decide.h - rules' word + facts + windows: what is done with a message? */
#ifndef NDR_DECIDE_H
#define NDR_DECIDE_H

#include "facts/delivery_report.h"
#include "ndrscan.h"

/*
 * The kind of a bounce that `rule` names: what the report's actions state
 * comes first; a receipt or feedback part outweighs a rule that says failed,
 * delayed or delivered, or is generic (rank 0 or 1). Pure.
 */
enum ndr_kind ndr_decide_kind(const ndr_rule *rule, const ndr_report *report);

/*
 * The same once the recipients are known: "failed" without an action is "delayed" where
 * every code is 4.x.x or 4yz and the text (lower case) does not give up, and "delivered"
 * where a report's are 2.x.x (RFC 3463 3.1). Codes in the text decide for generic rules
 * (rank 0 and 1) alone: the others know their system's words. Pure.
 */
enum ndr_kind
ndr_decide_codes(const ndr_rule *rule, const ndr_report *report, ndr_slice text);

/* As ndr_windows_find, among those that are delegated alone. */
const ndr_window *
ndr_windows_find_delegated(const ndr_windows *w, ndr_slice domain, ndr_slice local,
                           enum ndr_kind kind, int64_t at);

#endif
