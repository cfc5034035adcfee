/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_claim.c - see dkim_claim.h. Each tag has a reader; what is wrong is a few words.
 */
#include "dkim_claim.h"

#include "base64.h"

#include <string.h>

static bool
is(ndr_slice a, const char *text)
{
    return ndr_slice_equal(a, ndr_slice_of(text));
}

static const char *
read_version(ndr_slice value, ndr_dkim_claim *ret)
{
    (void)ret;
    return is(value, "1") ? NULL : "v= is not 1";
}

static const char *
read_algorithm(ndr_slice value, ndr_dkim_claim *ret)
{
    ret->weak = is(value, "rsa-sha1");
    ret->algorithm = is(value, "ed25519-sha256") ? NDR_DKIM_ED25519 : NDR_DKIM_RSA;
    return ret->weak || is(value, "rsa-sha256") || is(value, "ed25519-sha256")
               ? NULL
               : "a= names no algorithm that is known";
}

static const char *
read_signature(ndr_slice value, ndr_dkim_claim *ret)
{
    if (ndr_base64_read(value, ret->signature, sizeof ret->signature,
                        &ret->signature_len))
        return NULL;
    ret->signature_len = 0;
    return "b= is no base64, or too long";
}

static const char *
read_body_hash(ndr_slice value, ndr_dkim_claim *ret)
{
    unsigned char hash[sizeof ret->body_hash + 1];
    size_t len;
    if (!ndr_base64_read(value, hash, sizeof hash, &len))
        return "bh= is no base64, or too long";
    if (len != sizeof ret->body_hash && !ret->weak)
        return "bh= is no SHA-256";
    if (len == sizeof ret->body_hash)
        memcpy(ret->body_hash, hash, len);
    return NULL;
}

static bool
read_canon(ndr_slice word, bool *relaxed)
{
    *relaxed = is(word, "relaxed");
    return *relaxed || is(word, "simple");
}

static const char *
read_canons(ndr_slice value, ndr_dkim_claim *ret)
{
    ndr_slice header, body = NDR_SLICE("simple"), more;
    size_t at = 0;
    (void)ndr_dkim_part(value, '/', &at, &header);
    (void)ndr_dkim_part(value, '/', &at, &body);
    if (ndr_dkim_part(value, '/', &at, &more) ||
        !read_canon(header, &ret->relaxed_header) ||
        !read_canon(body, &ret->relaxed_body))
        return "c= names no canonicalization";
    return NULL;
}

static const char *
read_domain(ndr_slice value, ndr_dkim_claim *ret)
{
    if (ndr_domain_normal(value, ret->domain))
        return NULL;
    ret->domain[0] = '\0';
    return "d= is no domain";
}

/* field-name of RFC 5322 3.6.8, which has no ';' here (RFC 6376 3.5). */
static bool
is_field_name(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e)
            return false;
    return s.len > 0;
}

static const char *
read_names(ndr_slice value, ndr_dkim_claim *ret)
{
    bool from = false;
    size_t count = 0, at = 0;
    for (ndr_slice name; ndr_dkim_part(value, ':', &at, &name); count++) {
        if (!is_field_name(name))
            return "h= holds what is no field name";
        from = from || ndr_slice_equal_nocase(name, NDR_SLICE("from"));
    }
    ret->names = value;
    if (count > NDR_DKIM_SIGNED_NAMES)
        return "h= names too many fields";
    return from ? NULL : "h= lacks From";
}

/* Behind d=: the domain of i= is that of d= or below it. */
static const char *
read_identity(ndr_slice value, ndr_dkim_claim *ret)
{
    size_t at = value.len;
    while (at > 0 && value.ptr[at - 1] != '@')
        at--;
    char domain[256];
    if (at == 0 ||
        !ndr_domain_normal((ndr_slice){value.ptr + at, value.len - at}, domain))
        return "i= is no address";
    const size_t n = strlen(domain), d = strlen(ret->domain);
    if (n < d || strcmp(domain + n - d, ret->domain) != 0 ||
        (n > d && domain[n - d - 1] != '.'))
        return "i= is not below d=";
    ret->below = n > d;
    return NULL;
}

static const char *
read_limit(ndr_slice value, ndr_dkim_claim *ret)
{
    return ndr_dkim_number(value, &ret->body_limit) ? NULL : "l= is no number";
}

static const char *
read_queries(ndr_slice value, ndr_dkim_claim *ret)
{
    (void)ret;
    size_t at = 0;
    for (ndr_slice way; ndr_dkim_part(value, ':', &at, &way);)
        if (is(way, "dns/txt"))
            return NULL;
    return "q= names no query that is known";
}

static const char *
read_selector(ndr_slice value, ndr_dkim_claim *ret)
{
    for (size_t i = 0; i < value.len; i++)
        if (ndr_dkim_is_fold(value.ptr[i]))
            return "s= is no selector";
    ret->selector = value;
    return value.len > 0 ? NULL : "s= is no selector";
}

static const char *
read_signed_at(ndr_slice value, ndr_dkim_claim *ret)
{
    return ndr_dkim_number(value, &ret->signed_at) ? NULL : "t= is no number";
}

static const char *
read_expires_at(ndr_slice value, ndr_dkim_claim *ret)
{
    if (!ndr_dkim_number(value, &ret->expires_at))
        return "x= is no number";
    return ret->signed_at == NDR_TIME_UNKNOWN || ret->expires_at > ret->signed_at
               ? NULL
               : "x= is not behind t=";
}

/* In the order in which they are read: i= needs d=, bh= needs a=, x= needs t=. */
static const struct reader {
    char name[3];
    bool needed;
    const char *(*read)(ndr_slice value, ndr_dkim_claim *ret);
} readers[] = {
    {"d", true, read_domain},      {"s", true, read_selector},
    {"b", true, read_signature},   {"t", false, read_signed_at},
    {"x", false, read_expires_at}, {"v", true, read_version},
    {"a", true, read_algorithm},   {"bh", true, read_body_hash},
    {"c", false, read_canons},     {"h", true, read_names},
    {"i", false, read_identity},   {"l", false, read_limit},
    {"q", false, read_queries},
};

void
ndr_dkim_claim_read(ndr_slice value, ndr_dkim_claim *ret)
{
    *ret = (ndr_dkim_claim){.body_limit = INT64_MAX,
                            .signed_at = NDR_TIME_UNKNOWN,
                            .expires_at = NDR_TIME_UNKNOWN};
    ndr_dkim_tags list;
    const char *first =
        ndr_dkim_tags_read(value, &list) ? NULL : "is no list of tags, each once";
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        const struct reader *r = &readers[i];
        const ndr_dkim_tag *tag = ndr_dkim_tags_find(&list, r->name);
        const char *why = tag != NULL ? r->read(tag->value, ret)
                          : r->needed ? "lacks one of v, a, b, bh, d, h, s"
                                      : NULL;
        if (tag != NULL && strcmp(r->name, "b") == 0)
            ret->span = tag->span;
        if (first == NULL)
            first = why;
    }
    ret->why = first;
    ret->weak = ret->weak && first == NULL;
}
