/* SPDX-License-Identifier: BSD-3-Clause */
/* whose_tag.c - did the bounce come to an address that we tagged or rewrote? */
#include "whose.h"

#include "dkim_tags.h"

enum { ADDRESSES = 16 };

/* An address as envelopes and header fields have it, bare. */
static ndr_slice
bare(ndr_slice text)
{
    text = ndr_dkim_trim(text);
    if (text.len > 2 && text.ptr[0] == '<' && text.ptr[text.len - 1] == '>')
        text = ndr_dkim_trim((ndr_slice){text.ptr + 1, text.len - 2});
    return text;
}

/* Where the address may be that the bounce came to: gateways take tags off. */
static size_t
addresses(const ndr_whose_case *c, ndr_slice ret[ADDRESSES])
{
    static const char *const names[] = {"x-original-to", "envelope-to", "x-envelope-to",
                                        "delivered-to", "x-delivered-to"};
    ndr_hop hop[NDR_WHOSE_HOPS];
    size_t n = 0;
    ret[n++] = c->v->recipient;
    ret[n++] = bare(c->v->returned.return_path);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const ndr_dkim_field *f = ndr_whose_field(&c->bounce, names[i]);
        if (f != NULL)
            ret[n++] = bare(ndr_dkim_field_value(f));
    }
    const size_t hops = ndr_whose_hops(&c->bounce, hop, NDR_WHOSE_HOPS);
    for (size_t i = 0; i < hops && n < ADDRESSES; i++)
        if (hop[i].recipient.len > 0)
            ret[n++] = hop[i].recipient;
    return n;
}

/* Of the domain that the bounce came to: another's tag is another's word. */
static bool
is_of_domain(const ndr_whose_case *c, ndr_slice address)
{
    char domain[256];
    size_t at = address.len;
    while (at > 0 && address.ptr[at - 1] != '@')
        at--;
    return at > 0 &&
           ndr_domain_normal((ndr_slice){address.ptr + at, address.len - at}, domain) &&
           ndr_slice_equal(ndr_slice_of(domain), c->v->domain);
}

typedef ndr_tag check_fn(const ndr_secrets *s, ndr_slice address, int64_t at);

static void
look(ndr_whose_case *c, const char *name, const ndr_secrets *secrets, check_fn *check,
     enum ndr_whose says)
{
    ndr_slice address[ADDRESSES];
    ndr_tag best = {.result = NDR_TAG_NONE};
    ndr_slice where = {0};
    if (secrets == NULL)
        return;
    const size_t count = addresses(c, address);
    for (size_t i = 0; i < count && best.result != NDR_TAG_RIGHT; i++) {
        const ndr_tag tag = is_of_domain(c, address[i])
                                ? check(secrets, address[i], c->v->arrived)
                                : best;
        if (tag.result > best.result) {
            best = tag;
            where = address[i];
        }
    }
    if (best.result == NDR_TAG_RIGHT)
        ndr_whose_pass(c, name, NDR_WEAK, says, &best.instance, "%.*s",
                       NDR_WHOSE_TEXT(where));
    else
        ndr_whose_note(c, name, ndr_tag_result_name(best.result), "%.*s",
                       NDR_WHOSE_TEXT(where));
    c->vouched = c->vouched || best.result >= NDR_TAG_UNDATED;
}

void
ndr_whose_batv(ndr_whose_case *c)
{
    look(c, "batv", c->made->batv, ndr_batv_check, NDR_WHOSE_OURS);
}

void
ndr_whose_srs(ndr_whose_case *c)
{
    look(c, "srs", c->made->srs, ndr_srs_check, NDR_WHOSE_FORWARDED);
}
