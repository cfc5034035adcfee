/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whose_all_mail.c - does what came back lack what all our mail has?
 *
 * Only then is it forged. Each condition stands in a table with the word that is told
 * when it does not hold; whatever is not known does not hold.
 */
#include "dkim_claim.h"
#include "dkim_key.h"
#include "dkim_recipient.h"
#include "whose.h"

#include <string.h>

enum { CLOCKS_SECONDS = 86400 }; /* how far the clocks of two hosts may be apart */

static bool
ends_in(ndr_slice name, ndr_slice tail)
{
    return name.len >= tail.len &&
           ndr_slice_equal_nocase((ndr_slice){name.ptr + name.len - tail.len, tail.len},
                                  tail);
}

static bool
holds(ndr_slice text, ndr_slice word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (ndr_slice_equal_nocase((ndr_slice){text.ptr + i, word.len}, word))
            return true;
    return false;
}

/* ---- the conditions -----------------------------------------------------------------
 */

static bool
is_apart(const ndr_whose_case *c)
{
    return c->apart;
}

static bool
has(const ndr_whose_case *c, const char *name)
{
    return ndr_whose_field(&c->returned, name) != NULL;
}

/* Without the empty line it might go on, and some sign at its very end: then its last
 * line is whole, as a cut hardly leaves it, and the fields are there that all mail has.
 */
static bool
is_ended(const ndr_whose_case *c)
{
    return c->returned.complete ||
           (c->ended && c->ended_in_line && has(c, "date") && has(c, "message-id") &&
            (has(c, "to") || has(c, "cc")));
}

static bool
is_received(const ndr_whose_case *c)
{
    return has(c, "received");
}

/* Some reports choose fields and leave the others out, signatures with them. What has a
 * field that nobody would choose was not chosen from. */
static bool
is_not_chosen(const ndr_whose_case *c)
{
    static const char *const chosen[] = {
        "received", "return-path", "from", "sender",     "reply-to",   "to", "cc", "date",
        "subject",  "message-id",  "bcc",  "references", "in-reply-to"};
    for (size_t i = 0; i < c->returned.count; i++) {
        const ndr_slice name = ndr_dkim_field_name(&c->returned.fields[i]);
        size_t k = 0;
        while (k < sizeof chosen / sizeof chosen[0] &&
               !ndr_slice_equal_nocase(name, ndr_slice_of(chosen[k])))
            k++;
        if (k == sizeof chosen / sizeof chosen[0])
            return true;
    }
    return false;
}

/* The earliest time that its Date and Received fields state. A Date that cannot be read
 * may be any. */
static int64_t
sent_at(const ndr_whose_case *c)
{
    int64_t earliest = NDR_TIME_UNKNOWN;
    for (size_t i = 0; i < c->returned.count; i++) {
        const ndr_dkim_field *f = &c->returned.fields[i];
        const ndr_slice name = ndr_dkim_field_name(f);
        const bool date = ndr_slice_equal_nocase(name, NDR_SLICE("date"));
        if (!date && !ndr_slice_equal_nocase(name, NDR_SLICE("received")))
            continue;
        const ndr_slice v = ndr_dkim_field_value(f);
        const int64_t at = date ? ndr_date_parse(v) : ndr_received_parse(v);
        if (at == NDR_TIME_UNKNOWN && date)
            return NDR_TIME_UNKNOWN;
        if (at != NDR_TIME_UNKNOWN && (earliest == NDR_TIME_UNKNOWN || at < earliest))
            earliest = at;
    }
    return earliest;
}

static bool
is_dated(const ndr_whose_case *c)
{
    const int64_t at = sent_at(c);
    return at != NDR_TIME_UNKNOWN && c->v->arrived != NDR_TIME_UNKNOWN &&
           at <= c->v->arrived + CLOCKS_SECONDS;
}

static bool
is_since(const ndr_whose_case *c)
{
    return sent_at(c) >= c->ours->dkim_since && c->v->arrived >= c->ours->dkim_since;
}

/* One From field, with one mailbox in that very domain. */
static bool
is_from(const ndr_whose_case *c)
{
    char domain[256];
    const ndr_dkim_field *from = ndr_whose_field(&c->returned, "from");
    size_t count = 0;
    for (size_t i = 0; i < c->returned.count; i++)
        count += ndr_slice_equal_nocase(ndr_dkim_field_name(&c->returned.fields[i]),
                                        NDR_SLICE("from"))
                     ? 1
                     : 0;
    return count == 1 && ndr_mailbox_only(ndr_dkim_field_value(from), domain) &&
           ndr_slice_equal(ndr_slice_of(domain), c->ours->domain);
}

/* Is a signature, under whatever name somebody put it away, of that domain or one above
 * or below it, or of nobody that can be read? */
static bool
may_be_signature(const ndr_whose_case *c, const ndr_dkim_field *f)
{
    ndr_dkim_claim claim;
    ndr_dkim_claim_read(ndr_dkim_field_value(f), &claim);
    const ndr_slice d = ndr_slice_of(claim.domain);
    return d.len == 0 || ndr_slice_equal(d, c->ours->domain) ||
           ndr_domain_is_below(d, c->ours->domain) ||
           ndr_domain_is_below(c->ours->domain, d);
}

/* Nor did anybody on the way see one that has since gone (RFC 8601). */
static bool
is_unsigned(const ndr_whose_case *c)
{
    if (c->dkim != NULL && (c->dkim->count > 0 || c->dkim->unread > 0))
        return false;
    for (size_t i = 0; i < c->returned.count; i++) {
        const ndr_dkim_field *f = &c->returned.fields[i];
        const ndr_slice name = ndr_dkim_field_name(f), v = ndr_dkim_field_value(f);
        if (ends_in(name, NDR_SLICE("dkim-signature")) && may_be_signature(c, f))
            return false;
        if (ends_in(name, NDR_SLICE("authentication-results")) &&
            holds(v, NDR_SLICE("dkim=pass")) && holds(v, c->ours->domain))
            return false;
    }
    return true;
}

static bool
is_not_vouched(const ndr_whose_case *c)
{
    return !c->vouched;
}

static bool
is_from_outside(const ndr_whose_case *c)
{
    return !ndr_whose_may_be_born_here(c);
}

static const struct condition {
    bool (*holds)(const ndr_whose_case *c);
    const char *result, *words; /* when it does not */
} conditions[] = {
    {is_apart, "in-text", "what came back stands in the text"},
    {is_ended, "cut", "the returned header may be cut"},
    {is_received, "no-received", "the returned header has no Received field"},
    {is_not_chosen, "chosen", "no other fields came back than reports choose"},
    {is_from, "other-from", "From is not one address of this domain"},
    {is_unsigned, "signed", "it has, or had, a signature that may be ours"},
    {is_dated, "undated", "when it was sent is not known"},
    {is_since, "too-early", "it was sent before all mail had a signature"},
    {is_from_outside, "born-here", "our own host may have made the bounce"},
    {is_not_vouched, "vouched", "it bears something of ours, if no proof"},
};

void
ndr_whose_all_mail(ndr_whose_case *c)
{
    char since[32];
    if (c->ours->dkim_since == NDR_TIME_UNKNOWN || c->returned.count == 0)
        return;
    /* mail of ours that lacks it shows that the statement is untrue */
    const bool ours = c->passes > 0;
    const size_t count = sizeof conditions / sizeof conditions[0] - (ours ? 1 : 0);
    for (size_t i = 0; i < count; i++)
        if (!conditions[i].holds(c)) {
            if (!ours)
                ndr_whose_note(c, "all-mail", conditions[i].result, "%s",
                               conditions[i].words);
            return;
        }
    ndr_time_format(c->ours->dkim_since, since);
    since[10] = '\0';
    if (ours) {
        if (c->ret->whose == NDR_WHOSE_OURS)
            ndr_whose_note(c, "all-mail", "missing",
                           "ours, but unsigned, though all mail is since %s", since);
        return;
    }
    const int row = ndr_whose_note(c, "all-mail", "unsigned",
                                   "unsigned, and all mail of %.*s is signed since %s",
                                   NDR_WHOSE_TEXT(c->ours->domain), since);
    if (row >= 0) {
        c->ret->whose = NDR_WHOSE_FORGED;
        c->ret->decisive = row;
    }
}

bool
ndr_whose_would_show(const ndr_whose_case *c)
{
    static bool (*const needed[])(const ndr_whose_case *) = {
        is_apart, is_ended,    is_received,    is_not_chosen,
        is_from,  is_unsigned, is_not_vouched, is_from_outside};
    char domain[256] = "";
    const ndr_slice d = c->ours->domain;
    if (c->dkim == NULL || c->returned.count == 0 || d.len >= sizeof domain)
        return false;
    memcpy(domain, d.ptr, d.len);
    bool shows = ndr_dkim_keys_domain(c->identity->dkim, domain).len > 0;
    for (size_t i = 0; shows && i < sizeof needed / sizeof needed[0]; i++)
        shows = needed[i](c);
    return shows;
}
