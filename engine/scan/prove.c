/* SPDX-License-Identifier: BSD-3-Clause */
/* prove.c - see prove.h. */
#include "prove.h"

#include "facts/text_recipient.h"
#include "mail/header.h"
#include "parts.h"

enum { COME_BACK_BYTES = 256 << 10 }; /* of an encoded returned message */

bool
ndr_window_takes(const ndr_window *w, const ndr_evidence *evidence)
{
    static const ndr_evidence nothing = {.whose = NDR_WHOSE_UNKNOWN};
    const ndr_evidence *e = evidence != NULL ? evidence : &nothing;
    switch (w->take) {
    case NDR_TAKE_FORGED:
        return e->whose == NDR_WHOSE_FORGED;
    case NDR_TAKE_ALL:
        return true;
    default: /* what no identity knows has no proof either */
        return e->whose != NDR_WHOSE_OURS && e->whose != NDR_WHOSE_FORWARDED;
    }
}

/* What was returned, decoded; borrowed from the message or the scanner. */
static ndr_returned_bytes
returned_of(ndr_scanner *s, const ndr_verdict *v)
{
    const unsigned flags = s->flags; /* what is read for proof alone cuts no verdict */
    ndr_returned_bytes r = {.bytes = s->body.came_back.body,
                            .apart = s->body.came_back_apart,
                            .whole = s->body.came_back_whole &&
                                     ((v->flags | flags) & NDR_MSG_TRUNCATED) == 0};
    if (s->body.came_back.transfer != NDR_TRANSFER_NONE) {
        r.bytes = ndr_parts_decode(s, s->body.came_back.transfer, s->body.came_back.body,
                                   COME_BACK_BYTES);
        r.whole = r.whole && r.bytes.len < COME_BACK_BYTES;
    }
    s->flags = flags;
    return r;
}

/* Who failed is what a strong proof names: it hangs on the text, not on what is told. As
 * if it had been read before anything was decided. */
static int
ask_text(ndr_scanner *s, ndr_verdict *v, ndr_error *err)
{
    const int rc = ndr_facts_from_text(s, s->raw, err);
    if (rc < 0)
        return rc;
    ndr_text_recipient_codes(&s->report);
    ndr_facts_tell(s, v);
    v->flags |= s->flags;
    return 0;
}

int
ndr_prove(ndr_scanner *s, ndr_verdict *v, ndr_error *err)
{
    v->evidence = NULL;
    if (s->opts.prove == NULL || v->rule == NULL || v->domain.len == 0)
        return 0;
    if (s->text_due) {
        const int rc = ask_text(s, v, err);
        if (rc < 0)
            return rc;
    }
    if (!s->body.has_returned) { /* it may be in the text, which nobody needed so far */
        const int rc = ndr_parts_text(s, err);
        if (rc < 0)
            return rc;
    }
    const unsigned flags = s->flags; /* what is read again cuts no verdict */
    const int found = ndr_parts_quoted(s, err);
    s->flags = flags;
    if (found < 0)
        return found;
    v->returned = s->returned;
    const ndr_returned_bytes returned = returned_of(s, v);
    const ndr_slice raw = s->raw;
    const size_t head = raw.len < s->header_limit ? raw.len : s->header_limit;
    s->evidence = (ndr_evidence){.decisive = -1};
    const int rc = s->opts.prove(s->opts.prove_ctx, (ndr_slice){raw.ptr, head}, &returned,
                                 v, &s->evidence, err);
    if (rc < 0)
        return rc;
    v->evidence = &s->evidence;
    for (size_t i = 0; s->hits.trace != NULL && i < s->evidence.count; i++) {
        const ndr_proof *p = &s->evidence.proof[i];
        ndr_buffer words = {0};
        ndr_buffer_printf(&words, "whose mail came back: %s: %s%s%s", p->name, p->result,
                          p->detail[0] != '\0' ? ", " : "", p->detail);
        ndr_buffer_byte(&words, '\0');
        if (!words.failed)
            ndr_scanner_say(s, (const char *)words.ptr);
        ndr_buffer_free(&words);
    }
    return 0;
}

int
ndr_prove_and_decide(ndr_scanner *s, ndr_verdict *v, ndr_error *err)
{
    v->evidence = NULL;
    ndr_decide(v, s->opts.windows);
    const ndr_window *covers = v->window != NULL ? v->window : v->spared;
    if (s->opts.prove == NULL ||
        (!s->opts.prove_always &&
         (covers == NULL || (covers->take == NDR_TAKE_ALL && !covers->delegated))))
        return 0;
    const int rc = ndr_prove(s, v, err);
    if (rc == 0)
        ndr_decide(v, s->opts.windows);
    return rc;
}
