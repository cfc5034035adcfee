/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_proof.c - do proofs say the same of the same, and nothing of what is broken?
 */
#include "fuzz.h"

#include "../engine/proof/rfc_mail.h"
#include "ndrscan_proof.h"
#include "proof/dkim_tags.h"

enum { BYTES_LIMIT = 128 << 10 };

static ndr_dkim_keys *keys;
static ndr_dkim_verifier *verifier;
static ndr_secrets *secrets;

static void
add_key(const char *domain, const char *selector, const char *text)
{
    ndr_error err;
    LAW(ndr_dkim_keys_add(keys, ndr_slice_of(domain), ndr_slice_of(selector),
                          ndr_slice_of(text), NULL, &err) == 0,
        "%s", err.text);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    ndr_error err;
    LAW(ndr_dkim_keys_new(&keys, &err) == 0 && ndr_secrets_new(&secrets, &err) == 0, "%s",
        err.text);
    add_key("example.com", "brisbane", KEY_6376);
    add_key("football.example.com", "brisbane", KEY_8463_ED25519);
    add_key("football.example.com", "test", KEY_8463_RSA);
    LAW(ndr_dkim_verifier_new(keys, &verifier, &err) == 0, "%s", err.text);
    LAW(ndr_secrets_add(secrets, NDR_SLICE("secret"), NDR_SECRET_ANY, &err) == 0, "%s",
        err.text);
    return 0;
}

/* ---- signatures ------------------------------------------------------------------ */

static void
ask(ndr_slice message, bool whole, ndr_dkim_report *report)
{
    ndr_error err;
    const ndr_dkim_question q = {
        .message = message, .whole = whole, .sent_at = 1528637910};
    LAW(ndr_dkim_verify(verifier, &q, report, &err) == 0, "%s", err.text);
    LAW(report->count <= NDR_DKIM_SIGNATURES, "%zu listed", report->count);
    size_t tried = 0;
    for (size_t i = 0; i < report->count; i++) {
        const ndr_dkim_signature *s = &report->signatures[i];
        tried += s->result == NDR_DKIM_PASS || s->result == NDR_DKIM_FAIL ? 1 : 0;
        LAW((s->why[0] == '\0') == (s->result == NDR_DKIM_PASS), "%s", s->why);
        LAW(s->domain.len > 0 && s->recipient_fields <= NDR_DKIM_RECIPIENT_FIELDS,
            "%zu fields", s->recipient_fields);
        LAW(s->result != NDR_DKIM_PASS || report->from_fields == 1, "%u From fields",
            report->from_fields);
        LAW(whole || s->body == NDR_DKIM_BODY_ABSENT, "a body that is not there");
        for (size_t k = 0; k < s->recipient_fields; k++) {
            ndr_dkim_signature passed = *s;
            passed.result = NDR_DKIM_PASS;
            (void)ndr_dkim_signed_recipient(&passed, s->recipients[k]);
            (void)ndr_dkim_signed_recipient(&passed, NDR_SLICE("suzie@example.net"));
        }
    }
    LAW(tried <= NDR_DKIM_VERIFICATIONS, "%zu verified", tried);
}

static void
same(const ndr_dkim_report *a, const ndr_dkim_report *b, const char *what)
{
    LAW(a->count == b->count && a->others == b->others && a->unread == b->unread,
        "%s: %zu, %zu listed", what, a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const ndr_dkim_signature *x = &a->signatures[i], *y = &b->signatures[i];
        LAW(x->result == y->result && x->signed_to == y->signed_to &&
                x->signed_cc == y->signed_cc && x->expired == y->expired &&
                memcmp(&x->instance, &y->instance, sizeof x->instance) == 0,
            "%s: %s, %s", what, ndr_dkim_result_name(x->result),
            ndr_dkim_result_name(y->result));
    }
}

/* Every LF as CRLF, and `prefix` in front of every line. */
static void
rewrite(ndr_slice text, const char *prefix, bool crlf, ndr_buffer *out)
{
    ndr_buffer_text(out, prefix);
    for (size_t i = 0; i < text.len; i++) {
        const bool end = text.ptr[i] == '\n';
        if (end && crlf && (i == 0 || text.ptr[i - 1] != '\r'))
            ndr_buffer_byte(out, '\r');
        ndr_buffer_byte(out, text.ptr[i]);
        if (end && i + 1 < text.len)
            ndr_buffer_text(out, prefix);
    }
}

static void
check_signatures(ndr_slice message)
{
    static ndr_dkim_report first, other;
    ndr_buffer text = {0};
    ask(message, true, &first);
    ask(message, true, &other);
    same(&first, &other, "asked again");
    ask(message, false, &other);
    same(&first, &other, "without its body");
    /* a line end may bring a header to its limit, and a CR at its end one more byte */
    if (message.len == 0 || message.len > 40000 || message.ptr[message.len - 1] == '\r')
        return;
    rewrite(message, "", true, &text);
    ask((ndr_slice){text.ptr, text.len}, false, &other);
    same(&first, &other, "with CRLF");
    ndr_buffer_clear(&text);
    const unsigned char c = message.ptr[0];
    const bool fields = c > ' ' && c != '>' && c != '|' && c < 0x7f && c != 'F';
    if (fields && !first.unquoted) {
        rewrite(message, "> ", false, &text);
        ask((ndr_slice){text.ptr, text.len}, false, &other);
        if (other.unquoted)
            same(&first, &other, "quoted");
    }
    ndr_buffer_free(&text);
}

/* ---- the rest -------------------------------------------------------------------- */

static void
check_tags(ndr_slice text)
{
    ndr_dkim_tags list;
    int64_t number;
    const bool good = ndr_dkim_tags_read(text, &list);
    LAW(!good || list.count > 0, "an empty list");
    for (size_t i = 0; i < list.count; i++) {
        const ndr_dkim_tag *t = &list.tags[i];
        LAW(t->span.ptr >= text.ptr && t->span.ptr + t->span.len <= text.ptr + text.len &&
                t->value.len <= t->span.len && t->name.len > 0,
            "tag %zu is not in the list", i);
        if (ndr_dkim_number(t->value, &number))
            LAW(number >= 0, "below zero");
    }
}

static void
check_addresses(ndr_slice address)
{
    const ndr_instance none = {{0}};
    const ndr_tag tags[] = {ndr_batv_check(secrets, address, 20786 * 86400),
                            ndr_srs_check(secrets, address, 20786 * 86400),
                            ndr_srs_check(secrets, address, NDR_TIME_UNKNOWN)};
    for (size_t i = 0; i < 3; i++) {
        const bool made = tags[i].result >= NDR_TAG_UNDATED;
        LAW(made == (tags[i].form[0] != '\0') &&
                made == (memcmp(&tags[i].instance, &none, sizeof none) != 0),
            "%s", ndr_tag_result_name(tags[i].result));
    }
}

static void
check_counts(ndr_slice text)
{
    ndr_error err;
    ndr_weak_limit *a, *b;
    ndr_buffer saved = {0}, again = {0};
    LAW(ndr_weak_limit_new(50, &a, &err) == 0 && ndr_weak_limit_new(50, &b, &err) == 0,
        "%s", err.text);
    const int rc = ndr_weak_limit_load(a, text, &err);
    if (rc != 0)
        fuzz_check_error(rc, &err);
    ndr_weak_limit_save(a, &saved);
    LAW(ndr_weak_limit_load(b, (ndr_slice){saved.ptr, saved.len}, &err) == 0, "%s",
        err.text);
    ndr_weak_limit_save(b, &again);
    LAW(ndr_weak_limit_full(a) ||
            (saved.len == again.len && memcmp(saved.ptr, again.ptr, saved.len) == 0),
        "loaded and saved they are others");
    ndr_buffer_free(&saved);
    ndr_buffer_free(&again);
    ndr_weak_limit_free(a);
    ndr_weak_limit_free(b);
}

static void
check_key(ndr_slice text)
{
    ndr_error err;
    ndr_dkim_keys *set;
    LAW(ndr_dkim_keys_new(&set, &err) == 0, "%s", err.text);
    const int rc = ndr_dkim_keys_add(set, NDR_SLICE("example.com"), NDR_SLICE("s"), text,
                                     NULL, &err);
    if (rc != 0)
        fuzz_check_error(rc, &err);
    ndr_dkim_keys_free(set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > BYTES_LIMIT)
        return -1;
    unsigned char *p = fuzz_copy(bytes, n);
    const ndr_slice all = {p, n};
    check_signatures(all);
    if (n > 0)
        check_tags(all);
    check_addresses(all);
    check_counts(all);
    check_key(all);
    free(p);
    return 0;
}
