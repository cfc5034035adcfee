/* SPDX-License-Identifier: BSD-3-Clause */
/* kind.c - which words name kinds, decisions and origins? */
#include "ndrscan.h"

static const char *const kind_name[NDR_KIND_COUNT] = {
    [NDR_KIND_NONE] = "none",
    [NDR_KIND_FAILED] = "failed",
    [NDR_KIND_DELAYED] = "delayed",
    [NDR_KIND_DELIVERED] = "delivered",
    [NDR_KIND_REJECTED_CONTENT] = "rejected-content",
    [NDR_KIND_CHALLENGE] = "challenge",
    [NDR_KIND_AUTO_REPLY] = "auto-reply",
    [NDR_KIND_RECEIPT] = "receipt",
    [NDR_KIND_FEEDBACK] = "feedback",
};

static const char *const origin_name[NDR_FROM_COUNT] = {
    [NDR_FROM_NOTHING] = "unknown",
    [NDR_FROM_PATH] = "path",
    [NDR_FROM_DELIVERED_TO] = "delivered-to",
    [NDR_FROM_X_ORIGINAL_TO] = "x-original-to",
    [NDR_FROM_ENVELOPE_TO] = "envelope-to",
    [NDR_FROM_X_ENVELOPE_TO] = "x-envelope-to",
    [NDR_FROM_X_DELIVERED_TO] = "x-delivered-to",
    [NDR_FROM_RECEIVED] = "received",
    [NDR_FROM_TO] = "to",
    [NDR_FROM_POSTMARK] = "from-line",
    [NDR_FROM_MAILDIR_NAME] = "maildir-name",
    [NDR_FROM_FILE_TIME] = "file-time",
    [NDR_FROM_DATE] = "date",
    [NDR_FROM_CLOCK] = "clock",
    [NDR_FROM_JOURNAL] = "journal",
    [NDR_FROM_ENVELOPE] = "envelope",
};

const char *
ndr_kind_name(enum ndr_kind kind)
{
    return kind_name[kind];
}

enum ndr_kind
ndr_kind_find(ndr_slice word)
{
    for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
        if (ndr_slice_equal(word, ndr_slice_of(kind_name[k])))
            return (enum ndr_kind)k;
    return NDR_KIND_NONE;
}

const char *
ndr_decision_name(enum ndr_decision decision)
{
    return decision == NDR_JUNK ? "junk" : decision == NDR_KEEP ? "keep" : "none";
}

const char *
ndr_origin_name(enum ndr_origin origin)
{
    return origin_name[origin];
}
