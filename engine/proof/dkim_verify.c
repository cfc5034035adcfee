/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_verify.c - is a returned header what a key of ours signed? (RFC 6376 6.1) */
#include "dkim_canon.h"
#include "dkim_key.h"
#include "instance.h"

#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 32 };

struct ndr_dkim_verifier {
    const ndr_dkim_keys *keys;
    EVP_PKEY_CTX **ready; /* by place among the keys: RSA keys that verified before */
    EVP_MD *sha256;
    EVP_MD_CTX *hash, *check;
    ndr_buffer bare; /* a header that was quoted */
    ndr_dkim_sink sink;
    ndr_dkim_claim claim;
    ndr_dkim_field fields[NDR_DKIM_FIELDS];
    unsigned char taken[NDR_DKIM_FIELDS];
};

/* A body's hashes, made when they are asked for: [1] is relaxed. */
typedef struct body_hashes {
    ndr_slice body;
    bool given, made[2];
    unsigned char hash[2][HASH_BYTES];
} body_hashes;

static const char *const result_names[NDR_DKIM_RESULT_COUNT] = {
    "pass", "fail", "unknown_selector", "no_key", "weak", "malformed", "not_tried",
};

const char *
ndr_dkim_result_name(enum ndr_dkim_result result)
{
    return result_names[result];
}

const char *
ndr_dkim_body_name(enum ndr_dkim_body body)
{
    static const char *const names[] = {"absent", "ok", "part", "differs"};
    return names[body];
}

int
ndr_dkim_verifier_new(const ndr_dkim_keys *keys, ndr_dkim_verifier **ret, ndr_error *err)
{
    const size_t count = ndr_dkim_keys_count(keys);
    ndr_dkim_verifier *v = calloc(1, sizeof *v);
    int rc = v != NULL ? 0 : NDR_E_NOMEM;
    if (rc == 0) {
        v->keys = keys;
        v->ready = calloc(count > 0 ? count : 1, sizeof(EVP_PKEY_CTX *));
        v->hash = EVP_MD_CTX_new();
        v->check = EVP_MD_CTX_new();
        v->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        if (v->ready == NULL || v->hash == NULL || v->check == NULL)
            rc = NDR_E_NOMEM;
        else if (v->sha256 == NULL)
            rc = NDR_E_LIMIT;
        ERR_clear_error();
    }
    if (rc != 0) {
        ndr_dkim_verifier_free(v);
        return rc == NDR_E_LIMIT
                   ? ndr_fail(err, NDR_E_LIMIT, "libcrypto offers no SHA-256")
                   : ndr_fail(err, rc, "no memory to verify signatures");
    }
    *ret = v;
    return 0;
}

void
ndr_dkim_verifier_free(ndr_dkim_verifier *v)
{
    if (v == NULL)
        return;
    for (size_t i = 0; v->ready != NULL && i < ndr_dkim_keys_count(v->keys); i++)
        EVP_PKEY_CTX_free(v->ready[i]);
    free(v->ready);
    EVP_MD_CTX_free(v->hash);
    EVP_MD_CTX_free(v->check);
    EVP_MD_free(v->sha256);
    ndr_buffer_free(&v->bare);
    free(v);
}

/* ---- hashing --------------------------------------------------------------------- */

static void
put_hash(void *to, ndr_slice bytes)
{
    (void)EVP_DigestUpdate(to, bytes.ptr, bytes.len);
}

static bool
begin_hash(ndr_dkim_verifier *v)
{
    v->sink.put = put_hash;
    v->sink.to = v->hash;
    v->sink.used = 0;
    return EVP_DigestInit_ex2(v->hash, v->sha256, NULL) == 1;
}

static bool
end_hash(ndr_dkim_verifier *v, unsigned char hash[HASH_BYTES])
{
    ndr_dkim_sink_flush(&v->sink);
    return EVP_DigestFinal_ex(v->hash, hash, NULL) == 1;
}

static enum ndr_dkim_body
check_body(ndr_dkim_verifier *v, body_hashes *bodies)
{
    const ndr_dkim_claim *c = &v->claim;
    unsigned char own[HASH_BYTES];
    unsigned char *hash = own;
    bool made = false;
    uint64_t all = 0;
    if (!bodies->given)
        return NDR_DKIM_BODY_ABSENT;
    if (c->body_limit == INT64_MAX) {
        hash = bodies->hash[c->relaxed_body];
        made = bodies->made[c->relaxed_body];
    }
    if (!made) {
        if (!begin_hash(v))
            return NDR_DKIM_BODY_ABSENT;
        all = ndr_dkim_canon_body(&v->sink, bodies->body, c->relaxed_body, c->body_limit);
        if (!end_hash(v, hash))
            return NDR_DKIM_BODY_ABSENT;
    }
    if (c->body_limit == INT64_MAX)
        bodies->made[c->relaxed_body] = true;
    else if (all < (uint64_t)c->body_limit) /* 3.5: l= says more than there is */
        return NDR_DKIM_BODY_DIFFERS;
    if (memcmp(hash, c->body_hash, HASH_BYTES) != 0)
        return NDR_DKIM_BODY_DIFFERS;
    return c->body_limit != INT64_MAX && all > (uint64_t)c->body_limit
               ? NDR_DKIM_BODY_PART
               : NDR_DKIM_BODY_OK;
}

/* ---- one signature --------------------------------------------------------------- */

static bool
name_is(const ndr_dkim_field *f, const char *name)
{
    return ndr_slice_equal_nocase(ndr_dkim_field_name(f), ndr_slice_of(name));
}

static void
take_recipients(void *arg, const ndr_dkim_field *f)
{
    ndr_dkim_signature *s = arg;
    const bool to = name_is(f, "to"), cc = name_is(f, "cc");
    s->signed_to = s->signed_to || to;
    s->signed_cc = s->signed_cc || cc;
    if ((to || cc) && s->recipient_fields < NDR_DKIM_RECIPIENT_FIELDS)
        s->recipients[s->recipient_fields++] = ndr_dkim_field_value(f);
}

/* RSASSA-PKCS1-v1_5 over a hash that is made; the context is kept for the next time. */
static bool
check_rsa(EVP_PKEY_CTX **ready, const ndr_dkim_key *key, const EVP_MD *sha256,
          const ndr_dkim_claim *c, const unsigned char hash[HASH_BYTES])
{
    if (*ready == NULL) {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
        if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1 ||
            EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
            EVP_PKEY_CTX_set_signature_md(ctx, sha256) != 1) {
            EVP_PKEY_CTX_free(ctx);
            return false;
        }
        *ready = ctx;
    }
    return EVP_PKEY_verify(*ready, c->signature, c->signature_len, hash, HASH_BYTES) == 1;
}

/* RFC 8463 3: the signature is over the hash. */
static bool
check_ed25519(EVP_MD_CTX *check, const ndr_dkim_key *key, const ndr_dkim_claim *c,
              const unsigned char hash[HASH_BYTES])
{
    return EVP_MD_CTX_reset(check) == 1 &&
           EVP_DigestVerifyInit_ex(check, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
           EVP_DigestVerify(check, c->signature, c->signature_len, hash, HASH_BYTES) == 1;
}

static bool
check_header(ndr_dkim_verifier *v, const ndr_dkim_fields *fields, size_t own,
             const ndr_dkim_key *key, size_t index, ndr_dkim_signature *s)
{
    unsigned char hash[HASH_BYTES];
    if (!begin_hash(v))
        return false;
    ndr_dkim_canon_header(&v->sink, fields, own, &v->claim, v->taken, take_recipients, s);
    if (!end_hash(v, hash))
        return false;
    const bool good = key->about.algorithm == NDR_DKIM_RSA
                          ? check_rsa(&v->ready[index], key, v->sha256, &v->claim, hash)
                          : check_ed25519(v->check, key, &v->claim, hash);
    if (!good)
        ERR_clear_error();
    return good;
}

static enum ndr_dkim_result
end_with(ndr_dkim_signature *s, enum ndr_dkim_result result, const char *why)
{
    s->why = why;
    return result;
}

/* What keeps it from being verified, in the order of RFC 6376 6.1.1 to 6.1.3; then
 * verify. v->claim was read from the field at `own`. */
static enum ndr_dkim_result
judge(ndr_dkim_verifier *v, const ndr_dkim_fields *fields, size_t own,
      const ndr_dkim_report *report, unsigned *tried, ndr_dkim_signature *s)
{
    const ndr_dkim_claim *c = &v->claim;
    size_t index = 0;
    if (c->why != NULL)
        return end_with(s, NDR_DKIM_MALFORMED, c->why);
    if (report->from_fields != 1)
        return end_with(s, NDR_DKIM_MALFORMED,
                        report->from_fields == 0 ? "no From field" : "two From fields");
    if (c->weak)
        return end_with(s, NDR_DKIM_WEAK, "rsa-sha1 (RFC 8301)");
    const ndr_dkim_key *key = ndr_dkim_keys_find(v->keys, c->domain, c->selector, &index);
    if (key == NULL)
        return end_with(s, NDR_DKIM_UNKNOWN_SELECTOR, "no key of this selector is known");
    if (key->pkey == NULL)
        return end_with(s, NDR_DKIM_NO_KEY, "the key is revoked");
    if (!key->usable || key->about.algorithm != c->algorithm)
        return end_with(s, NDR_DKIM_NO_KEY, "the key is for other things than a=");
    if (key->strict && c->below)
        return end_with(s, NDR_DKIM_MALFORMED, "i= is below d=, which the key forbids");
    if (*tried == NDR_DKIM_VERIFICATIONS)
        return end_with(s, NDR_DKIM_NOT_TRIED, "enough were verified before it");
    ++*tried;
    return check_header(v, fields, own, key, index, s)
               ? NDR_DKIM_PASS
               : end_with(s, NDR_DKIM_FAIL, "what was signed is not this header");
}

static void
list_signature(ndr_dkim_verifier *v, const ndr_dkim_fields *fields, size_t own,
               const ndr_dkim_question *q, ndr_dkim_report *report, body_hashes *bodies,
               unsigned *tried)
{
    const ndr_dkim_claim *c = &v->claim;
    ndr_dkim_claim_read(ndr_dkim_field_value(&fields->fields[own]), &v->claim);
    const ndr_slice domain = ndr_dkim_keys_domain(v->keys, c->domain);
    if (c->domain[0] == '\0')
        report->unread++;
    else if (domain.len == 0)
        report->others++;
    if (domain.len == 0)
        return;
    if (report->count == NDR_DKIM_SIGNATURES) {
        report->more++;
        return;
    }
    ndr_dkim_signature *s = &report->signatures[report->count++];
    *s = (ndr_dkim_signature){.why = "",
                              .domain = domain,
                              .selector = c->selector,
                              .signed_at = c->signed_at,
                              .expires_at = c->expires_at};
    s->expired = c->expires_at != NDR_TIME_UNKNOWN && q->sent_at != NDR_TIME_UNKNOWN &&
                 q->sent_at > c->expires_at;
    const ndr_slice signature = {c->signature, c->signature_len};
    if (signature.len > 0 && !ndr_instance_of("dkim", signature, false, &s->instance))
        s->instance = (ndr_instance){{0}};
    s->result = judge(v, fields, own, report, tried, s);
    if (s->result == NDR_DKIM_PASS || s->result == NDR_DKIM_FAIL)
        s->body = check_body(v, bodies);
}

int
ndr_dkim_verify(ndr_dkim_verifier *v, const ndr_dkim_question *q, ndr_dkim_report *report,
                ndr_error *err)
{
    ndr_dkim_fields fields = {.fields = v->fields};
    report->count = report->more = report->others = report->unread = 0;
    report->from_fields = 0;
    report->unquoted = false;
    ndr_dkim_fields_split(q->message, &fields);
    if (fields.count == 0 && !fields.too_large) {
        ndr_buffer_clear(&v->bare);
        report->unquoted = ndr_dkim_unquote(q->message, &v->bare);
        if (v->bare.failed)
            return ndr_fail(err, NDR_E_NOMEM, "no memory to unquote a header");
        if (report->unquoted)
            ndr_dkim_fields_split((ndr_slice){v->bare.ptr, v->bare.len}, &fields);
    }
    report->complete = fields.complete;
    report->too_large = fields.too_large;
    if (fields.too_large)
        return 0;
    for (size_t i = 0; i < fields.count; i++)
        report->from_fields += name_is(&fields.fields[i], "from") ? 1 : 0;
    unsigned tried = 0;
    body_hashes bodies = {.given = q->whole && fields.complete && !report->unquoted};
    if (bodies.given && fields.body < q->message.len)
        bodies.body =
            (ndr_slice){q->message.ptr + fields.body, q->message.len - fields.body};
    for (size_t i = 0; i < fields.count; i++)
        if (name_is(&fields.fields[i], "dkim-signature"))
            list_signature(v, &fields, i, q, report, &bodies, &tried);
    return 0;
}
