/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whose_born.c - did our own host make the bounce, of mail that we took in as ours?
 *
 * A bounce that a stranger sends has a Received field of ours on top, and in it "from".
 * So where all its Received fields are our own, and the lowest has no "from" but the
 * host itself, ours made it; and what it returns has on top what we wrote when we took it
 * in. A stranger's mail that we passed on comes back the same way, but for how it came
 * in.
 */
#include "dkim_recipient.h"
#include "whose.h"

bool
ndr_whose_host(const ndr_whose_case *c, ndr_slice name)
{
    for (size_t i = 0; name.len > 0 && i < c->ours->host_count; i++)
        if (ndr_slice_equal_nocase(c->ours->host[i], name))
            return true;
    return false;
}

static bool
is_made(enum ndr_hop_sort sort)
{
    return sort == NDR_HOP_MADE || sort == NDR_HOP_USER;
}

/* Postfix writes its own form again when an alias passes mail on. */
static bool
is_born_here(const ndr_whose_case *c, const ndr_hop *hop, size_t count)
{
    if (count == 0 || count == NDR_WHOSE_HOPS || !c->bounce.complete)
        return false;
    for (size_t i = 0; i < count; i++) {
        const enum ndr_hop_sort sort = ndr_hop_sort(&hop[i]);
        if (!ndr_whose_host(c, hop[i].by) ||
            !(is_made(sort) || (sort == NDR_HOP_DELIVERED && i + 1 < count)))
            return false;
    }
    /* a user of Postfix's host is a user, and Exim itself is one, too */
    return !hop[count - 1].user;
}

/* How a message came in to us by what we wrote on top; NULL: not as ours. Content filters
 * give it back over the loopback, with what they got below. */
static const char *
taken_as(const ndr_whose_case *c, const ndr_hop *hop, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const enum ndr_hop_sort sort = ndr_hop_sort(&hop[i]);
        const bool near = ndr_network_loopback(hop[i].address);
        const bool host = ndr_whose_host(c, hop[i].by);
        if (!host && !(i > 0 && near))
            return NULL;
        if (host && sort == NDR_HOP_AUTH)
            return "from a client that had logged in";
        if (host && sort == NDR_HOP_USER && i + 1 == count) /* else he passed it on */
            return "from a user of it";
        if (!near)
            return host && hop[i].from &&
                           ndr_network_has(c->made->submitter, c->ours->submitter_count,
                                           hop[i].address)
                       ? "from a submitter"
                       : NULL;
        if (i + 1 == count)
            return "from a program of it";
    }
    return NULL;
}

void
ndr_whose_born_here(ndr_whose_case *c)
{
    ndr_hop bounce[NDR_WHOSE_HOPS], hop[NDR_WHOSE_HOPS];
    if (c->ours->host_count == 0)
        return;
    const size_t born = ndr_whose_hops(&c->bounce, bounce, NDR_WHOSE_HOPS);
    if (!is_born_here(c, bounce, born))
        return;
    const size_t count = ndr_whose_hops(&c->returned, hop, NDR_WHOSE_HOPS);
    const char *how = c->apart ? taken_as(c, hop, count) : NULL;
    if (how != NULL)
        ndr_whose_pass(c, "born-here", NDR_STRONG, NDR_WHOSE_OURS, NULL,
                       "%.*s took it %s", NDR_WHOSE_TEXT(hop[0].by), how);
    else
        ndr_whose_note(c, "born-here", "none",
                       "%.*s made the bounce, not of mail that is "
                       "known to be ours",
                       NDR_WHOSE_TEXT(bounce[born - 1].by));
}

void
ndr_whose_relay(ndr_whose_case *c)
{
    ndr_hop hop[NDR_WHOSE_HOPS];
    if (c->ours->host_count == 0)
        return;
    const size_t count = ndr_whose_hops(&c->returned, hop, NDR_WHOSE_HOPS);
    size_t i = 0;
    while (i < count && !ndr_whose_host(c, hop[i].by))
        i++;
    if (i == count)
        return;
    if (i > 0 && !ndr_whose_host(c, hop[i - 1].helo) &&
        !ndr_whose_host(c, hop[i - 1].name)) {
        ndr_whose_note(c, "relay", "fail", "%.*s, from which nobody had it",
                       NDR_WHOSE_TEXT(hop[i].by));
        return;
    }
    c->vouched = true;
    ndr_whose_note(c, "relay", "pass", "%.*s", NDR_WHOSE_TEXT(hop[i].by));
}

/* ---- where it cannot be told ------------------------------------------------------ */

/* A host of ours, or one that has a name in our domain. */
static bool
is_ours_or_like(const ndr_whose_case *c, ndr_slice name)
{
    char normal[256];
    if (ndr_whose_host(c, name))
        return true;
    if (!ndr_domain_normal(name, normal))
        return false;
    const ndr_slice n = ndr_slice_of(normal);
    return ndr_whose_host(c, n) || ndr_slice_equal(n, c->ours->domain) ||
           ndr_domain_is_below(n, c->ours->domain);
}

/* The word behind an address type: "dns; mail.example.com". */
static ndr_slice
reporting_host(ndr_slice text)
{
    size_t begin = 0, end = 0;
    for (size_t i = 0; i < text.len; i++)
        begin = text.ptr[i] == ';' ? i + 1 : begin;
    while (begin < text.len && text.ptr[begin] <= ' ')
        begin++;
    for (end = begin; end < text.len && text.ptr[end] > ' ' && text.ptr[end] != '(';
         end++)
        ;
    return (ndr_slice){text.ptr + begin, end - begin};
}

bool
ndr_whose_may_be_born_here(const ndr_whose_case *c)
{
    ndr_hop hop[NDR_WHOSE_HOPS];
    char domain[256];
    const size_t count = ndr_whose_hops(&c->bounce, hop, NDR_WHOSE_HOPS);
    const ndr_dkim_field *from = ndr_whose_field(&c->bounce, "from");
    bool outside = false;
    if (!c->bounce.complete || count == 0 || count == NDR_WHOSE_HOPS ||
        (c->v->reporting_mta.len > 0 &&
         is_ours_or_like(c, reporting_host(c->v->reporting_mta))) ||
        (from != NULL && ndr_mailbox_only(ndr_dkim_field_value(from), domain) &&
         ndr_whose_host(c, ndr_slice_of(domain))))
        return true;
    for (size_t i = 0; i < count; i++) {
        const enum ndr_hop_sort sort = ndr_hop_sort(&hop[i]);
        outside = outside || (hop[i].from && !is_made(sort) && sort != NDR_HOP_DELIVERED);
    }
    const ndr_hop *last = &hop[count - 1];
    const bool itself = is_made(ndr_hop_sort(last)) ||
                        ndr_slice_equal_nocase(last->helo, NDR_SLICE("localhost"));
    return !outside || (itself && is_ours_or_like(c, last->by));
}
