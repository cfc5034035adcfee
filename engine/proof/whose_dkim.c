/* SPDX-License-Identifier: BSD-3-Clause */
/* whose_dkim.c - did a key of ours sign what came back? (RFC 6376) */
#include "whose.h"

enum { ROWS = 6 }; /* signatures that are told; all that pass are */

static const char *
result_word(enum ndr_dkim_result result)
{
    static const char *const words[NDR_DKIM_RESULT_COUNT] = {
        "pass", "fail", "unknown-selector", "no-key", "weak", "malformed", "not-tried",
    };
    return words[result];
}

void
ndr_whose_dkim_to(ndr_whose_case *c)
{
    ndr_slice recipient;
    bool passed = false, none = true;
    for (size_t i = 0; c->dkim != NULL && i < c->dkim->count; i++) {
        const ndr_dkim_signature *s = &c->dkim->signatures[i];
        if (s->result != NDR_DKIM_PASS)
            continue;
        passed = true;
        for (size_t at = 0; ndr_whose_recipient(c, &at, &recipient); none = false)
            if (ndr_dkim_signed_recipient(s, recipient)) {
                ndr_whose_pass(c, "dkim-to", NDR_STRONG, NDR_WHOSE_OURS, NULL,
                               "%.*s of %.*s, to %.*s", NDR_WHOSE_TEXT(s->selector),
                               NDR_WHOSE_TEXT(s->domain), NDR_WHOSE_TEXT(recipient));
                return;
            }
    }
    if (passed && none)
        ndr_whose_note(c, "dkim-to", "no-recipient",
                       "the bounce does not say for whom it failed");
    else if (passed)
        ndr_whose_note(c, "dkim-to", "other-recipient",
                       "no signed To or Cc names who failed");
}

void
ndr_whose_dkim(ndr_whose_case *c)
{
    const ndr_dkim_report *r = c->dkim;
    size_t told = 0;
    if (r == NULL || c->returned.count == 0)
        return;
    if (r->too_large)
        ndr_whose_note(c, "dkim", "too-large", "the returned header is not verified");
    for (int passing = 1; passing >= 0; passing--)
        for (size_t i = 0; i < r->count && told < ROWS; i++) {
            const ndr_dkim_signature *s = &r->signatures[i];
            if ((s->result == NDR_DKIM_PASS) != (passing == 1))
                continue;
            told++;
            if (passing == 1)
                ndr_whose_pass(c, "dkim", NDR_WEAK, NDR_WHOSE_OURS, &s->instance,
                               "%.*s of %.*s", NDR_WHOSE_TEXT(s->selector),
                               NDR_WHOSE_TEXT(s->domain));
            else
                ndr_whose_note(c, "dkim", result_word(s->result), "%.*s of %.*s: %s",
                               NDR_WHOSE_TEXT(s->selector), NDR_WHOSE_TEXT(s->domain),
                               s->why);
        }
    if (r->count == 0 && !r->too_large)
        ndr_whose_note(c, "dkim", "none",
                       r->others + r->unread > 0 ? "others signed it"
                                                 : "nobody signed it");
}
