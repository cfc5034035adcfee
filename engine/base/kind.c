/* SPDX-License-Identifier: BSD-3-Clause */
/* kind.c - which words name kinds, decisions, origins and whose mail came back? */
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

static const char *const whose_name[NDR_WHOSE_COUNT] = {
    [NDR_WHOSE_UNKNOWN] = "unknown",
    [NDR_WHOSE_OURS] = "ours",
    [NDR_WHOSE_FORWARDED] = "forwarded",
    [NDR_WHOSE_FORGED] = "forged",
};

const char *
ndr_whose_name(enum ndr_whose whose)
{
    return whose_name[whose];
}

static const char *const take_name[NDR_TAKE_COUNT] = {
    [NDR_TAKE_USUAL] = "",
    [NDR_TAKE_ALL] = "all",
    [NDR_TAKE_NOT_OURS] = "all-but-ours",
    [NDR_TAKE_FORGED] = "forged",
};

const char *
ndr_take_name(enum ndr_take take)
{
    return take_name[take];
}

bool
ndr_take_find(ndr_slice word, enum ndr_take *ret)
{
    for (int i = NDR_TAKE_ALL; i < NDR_TAKE_COUNT; i++)
        if (ndr_slice_equal(word, ndr_slice_of(take_name[i]))) {
            *ret = (enum ndr_take)i;
            return true;
        }
    return false;
}
