/* SPDX-License-Identifier: BSD-3-Clause */
/* system_sender.h - does a mail system say what a rule found, or somebody else? See
 * sender.h. */
#ifndef NDR_SYSTEM_SENDER_H
#define NDR_SYSTEM_SENDER_H

#include "scan.h"

/*
 * The question that rules of a bounce's kinds ask before they count. `raw`: the message;
 * `v`: its recipient. 1: a mail system; 0: it is not one that says it; below 0 with *err.
 * Reads the text when the header does not say enough. Each sign is told to a trace.
 */
int ndr_is_system_sender(ndr_scanner *s, ndr_slice raw, const ndr_rule *rule,
                         const ndr_verdict *v, ndr_error *err);

#endif
