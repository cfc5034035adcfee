/* SPDX-License-Identifier: BSD-3-Clause */
/* whose_sent.c - is the id of what came back one that we sent? (RFC 5322 3.6.4) */
#include "dkim_recipient.h"
#include "instance.h"
#include "whose.h"

#include "dkim_tags.h"

#include <string.h>

enum { USUAL_DAYS = 30, DOMAINS = 3, REFERENCES = 16, ID_BYTES = 1024 };

/* Without blanks and angle brackets around it: one id is one instance. */
static ndr_slice
bare_id(ndr_slice id)
{
    id = ndr_dkim_trim(id);
    while (id.len >= 2 && id.ptr[0] == '<' && id.ptr[id.len - 1] == '>')
        id = ndr_dkim_trim((ndr_slice){id.ptr + 1, id.len - 2});
    return id;
}

/* Whose domain may have sent it: that which the bounce came to, and those of ours that
 * the returned From and Return-Path name. */
static size_t
senders(const ndr_whose_case *c, const ndr_identity_domain *ret[DOMAINS])
{
    const ndr_dkim_field *from = ndr_whose_field(&c->returned, "from");
    char domain[256];
    size_t n = 0;
    ret[n++] = c->ours;
    for (int i = 0; i < 2; i++) {
        const ndr_slice list = i == 1         ? c->v->returned.return_path
                               : from != NULL ? ndr_dkim_field_value(from)
                                              : c->v->returned.from;
        const ndr_identity_domain *row =
            ndr_mailbox_only(list, domain)
                ? ndr_whose_ours(c->identity, ndr_slice_of(domain))
                : NULL;
        bool had = row == NULL;
        for (size_t k = 0; k < n; k++)
            had = had || ret[k] == row;
        if (!had)
            ret[n++] = row;
    }
    return n;
}

/* What is known of an id, and the domain that sent it. */
static int
ask(const ndr_whose_case *c, ndr_slice id, const ndr_identity_domain **by, ndr_slice *to)
{
    const ndr_identity_domain *domains[DOMAINS];
    const size_t count = senders(c, domains);
    int best = 0;
    for (size_t i = 0; id.len > 0 && id.len <= ID_BYTES && i < count; i++) {
        const int days = domains[i]->sent_days > 0 ? domains[i]->sent_days : USUAL_DAYS;
        ndr_slice recipient = {0};
        size_t at = 0;
        do {
            const bool has = ndr_whose_recipient(c, &at, &recipient);
            const int answer =
                c->sent(c->sent_ctx, id, domains[i]->domain,
                        has ? recipient : (ndr_slice){0}, c->v->arrived, days);
            if (answer > best) {
                best = answer;
                *by = domains[i];
                *to = recipient;
            }
            if (best == 2 || answer == 0 || !has)
                break;
        } while (true);
    }
    return best;
}

void
ndr_whose_sent_to(ndr_whose_case *c)
{
    const ndr_identity_domain *by = NULL;
    const ndr_slice id = bare_id(c->v->returned.message_id);
    ndr_slice to = {0};
    if (c->sent == NULL || id.len == 0)
        return;
    if (c->v->arrived == NDR_TIME_UNKNOWN) {
        ndr_whose_note(c, "sent-to", "undated", "when the bounce came is not known");
        return;
    }
    c->sent_answer = ask(c, id, &by, &to);
    if (c->sent_answer == 2)
        ndr_whose_pass(c, "sent-to", NDR_STRONG, NDR_WHOSE_OURS, NULL, "by %.*s, to %.*s",
                       NDR_WHOSE_TEXT(by->domain), NDR_WHOSE_TEXT(to));
    else
        ndr_whose_note(c, "sent-to", c->sent_answer == 1 ? "other-recipient" : "none",
                       "%s",
                       c->sent_answer == 1 ? "not known to be sent to who failed"
                                           : "the returned id is not known");
}

/* One id that is known: the proof is of it and the domain. */
static bool
pass_known(ndr_whose_case *c, ndr_slice id, const char *where)
{
    const ndr_identity_domain *by = NULL;
    unsigned char bytes[ID_BYTES + 1 + 256];
    ndr_instance instance;
    ndr_slice to;
    if (ask(c, id, &by, &to) < 1)
        return false;
    memcpy(bytes, id.ptr, id.len);
    bytes[id.len] = '\0';
    const size_t n = by->domain.len < 256 ? by->domain.len : 256;
    memcpy(bytes + id.len + 1, by->domain.ptr, n);
    if (!ndr_instance_of("sent", (ndr_slice){bytes, id.len + 1 + n}, false, &instance))
        return false;
    ndr_whose_pass(c, "sent", NDR_WEAK, NDR_WHOSE_OURS, &instance, "by %.*s, %s",
                   NDR_WHOSE_TEXT(by->domain), where);
    return true;
}

void
ndr_whose_sent(ndr_whose_case *c)
{
    static const char *const names[] = {"in-reply-to", "references"};
    size_t tried = 0;
    if (c->sent == NULL || c->v->arrived == NDR_TIME_UNKNOWN ||
        pass_known(c, bare_id(c->v->returned.message_id), "the returned id"))
        return;
    for (size_t i = 0; i < 2; i++) {
        const ndr_dkim_field *f = ndr_whose_field(&c->bounce, names[i]);
        const ndr_slice v = f != NULL ? ndr_dkim_field_value(f) : (ndr_slice){0};
        for (size_t at = 0; at < v.len && tried < REFERENCES; at++) {
            if (v.ptr[at] != '<')
                continue;
            const unsigned char *close = memchr(v.ptr + at, '>', v.len - at);
            if (close == NULL)
                break;
            const size_t end = (size_t)(close - v.ptr);
            tried++;
            if (pass_known(c, bare_id((ndr_slice){v.ptr + at + 1, end - at - 1}),
                           i == 0 ? "named by In-Reply-To" : "named by References"))
                return;
            at = end;
        }
    }
}
