/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_key.c - see dkim_key.h. */
#include "dkim_key.h"

#include "base64.h"
#include "dkim_tags.h"

#include <string.h>

enum { DER_BYTES = 2048, BITS_LEAST = 1024, BITS_MOST = 8192, BITS_ASKED = 2048 };

/* SubjectPublicKeyInfo of Ed25519 in front of its 32 bytes (RFC 8410 4): for p= that
 * holds it whole. */
static const unsigned char ed25519_front[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                              0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

/* SubjectPublicKeyInfo; or the bare RSAPublicKey that some records hold (RFC 8017 A.1.1).
 */
static EVP_PKEY *
read_der(const unsigned char *der, size_t len)
{
    const unsigned char *at = der;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)len);
    if (pkey == NULL) {
        at = der;
        pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)len);
    }
    if (pkey != NULL && at != der + len) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    ERR_clear_error(); /* a list that nobody reads */
    return pkey;
}

/* Take the key over, if it is one that may verify. */
static int
take(EVP_PKEY *pkey, ndr_dkim_key *ret, ndr_error *err)
{
    const int bits = pkey != NULL ? EVP_PKEY_get_bits(pkey) : 0;
    int rc = 0;
    if (pkey == NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "is no public key");
    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        ret->about =
            (ndr_dkim_key_about){.algorithm = NDR_DKIM_ED25519, .bits = (unsigned)bits};
        ret->about.bits = 256;
    } else if (!EVP_PKEY_is_a(pkey, "RSA")) {
        rc = ndr_fail(err, NDR_E_SYNTAX, "is a key neither of RSA nor of Ed25519");
    } else if (bits < BITS_LEAST || bits > BITS_MOST) {
        rc = ndr_fail(err, NDR_E_LIMIT,
                      "is an RSA key of %d bits: between %d and %d are verified", bits,
                      BITS_LEAST, BITS_MOST);
    } else {
        ret->about = (ndr_dkim_key_about){.algorithm = NDR_DKIM_RSA,
                                          .bits = (unsigned)bits,
                                          .small = bits < BITS_ASKED};
    }
    if (rc != 0) {
        EVP_PKEY_free(pkey);
        return rc;
    }
    ret->pkey = pkey;
    return 0;
}

/* Is the word one of a list in which ':' separates; `any` too, when not NULL? */
static bool
lists(const ndr_dkim_tag *tag, const char *word, const char *any)
{
    size_t at = 0;
    for (ndr_slice part; ndr_dkim_part(tag->value, ':', &at, &part);)
        if (ndr_slice_equal(part, ndr_slice_of(word)) ||
            (any != NULL && ndr_slice_equal(part, ndr_slice_of(any))))
            return true;
    return false;
}

static int
read_public(ndr_slice value, ndr_dkim_key *ret, ndr_error *err)
{
    unsigned char der[DER_BYTES];
    size_t len = 0;
    if (value.len == 0) {
        ret->about.revoked = true;
        return 0;
    }
    if (!ndr_base64_read(value, der, sizeof der, &len))
        return ndr_fail(err, NDR_E_SYNTAX, "p= is no base64, or too long");
    if (ret->about.algorithm == NDR_DKIM_RSA)
        return take(read_der(der, len), ret, err);
    size_t front = 0;
    if (len == sizeof ed25519_front + 32 &&
        memcmp(der, ed25519_front, sizeof ed25519_front) == 0)
        front = sizeof ed25519_front;
    if (len - front != 32)
        return ndr_fail(err, NDR_E_SYNTAX, "p= of an Ed25519 key is 32 bytes, not %zu",
                        len);
    return take(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, der + front, 32), ret,
                err);
}

static int
read_record(ndr_slice text, ndr_dkim_key *ret, ndr_error *err)
{
    ndr_dkim_tags list;
    if (!ndr_dkim_tags_read(text, &list))
        return ndr_fail(err, NDR_E_SYNTAX, "is no key record: tags, each once");
    const ndr_dkim_tag *version = ndr_dkim_tags_find(&list, "v");
    const ndr_dkim_tag *type = ndr_dkim_tags_find(&list, "k");
    const ndr_dkim_tag *key = ndr_dkim_tags_find(&list, "p");
    const ndr_dkim_tag *flags = ndr_dkim_tags_find(&list, "t");
    const ndr_dkim_tag *service = ndr_dkim_tags_find(&list, "s");
    const ndr_dkim_tag *hashes = ndr_dkim_tags_find(&list, "h");
    if (version != NULL && (version != &list.tags[0] ||
                            !ndr_slice_equal(version->value, NDR_SLICE("DKIM1"))))
        return ndr_fail(err, NDR_E_SYNTAX, "v= is DKIM1 and stands first");
    if (key == NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "lacks p=");
    const ndr_slice word = type != NULL ? type->value : NDR_SLICE("rsa");
    if (ndr_slice_equal(word, NDR_SLICE("ed25519")))
        ret->about = (ndr_dkim_key_about){.algorithm = NDR_DKIM_ED25519, .bits = 256};
    else if (!ndr_slice_equal(word, NDR_SLICE("rsa")))
        return ndr_fail(err, NDR_E_SYNTAX, "k= is neither rsa nor ed25519");
    ret->strict = flags != NULL && lists(flags, "s", NULL);
    ret->usable = (service == NULL || lists(service, "email", "*")) &&
                  (hashes == NULL || lists(hashes, "sha256", NULL));
    const enum ndr_dkim_algorithm asked = ret->about.algorithm;
    const int rc = read_public(key->value, ret, err);
    if (rc == 0 && ret->about.algorithm != asked) {
        EVP_PKEY_free(ret->pkey);
        return ndr_fail(err, NDR_E_SYNTAX, "p= is no key of what k= says");
    }
    return rc;
}

static const char pem_begin[] = "-----BEGIN PUBLIC KEY-----";
static const char pem_end[] = "-----END PUBLIC KEY-----";

/* Where `words` stand in `text`; text.len: nowhere. */
static size_t
find(ndr_slice text, const char *words)
{
    const size_t n = strlen(words);
    for (size_t i = 0; text.len >= n && i <= text.len - n; i++)
        if (memcmp(text.ptr + i, words, n) == 0)
            return i;
    return text.len;
}

static int
read_pem(ndr_slice text, ndr_dkim_key *ret, ndr_error *err)
{
    unsigned char der[DER_BYTES];
    size_t len;
    const size_t begin = find(text, pem_begin) + sizeof pem_begin - 1;
    const ndr_slice rest = {text.ptr + begin, text.len - begin};
    const size_t end = find(rest, pem_end);
    if (end == rest.len ||
        !ndr_base64_read((ndr_slice){rest.ptr, end}, der, sizeof der, &len))
        return ndr_fail(err, NDR_E_SYNTAX, "is no public key in PEM");
    return take(read_der(der, len), ret, err);
}

int
ndr_dkim_key_read(ndr_slice text, ndr_dkim_key *ret, ndr_error *err)
{
    *ret = (ndr_dkim_key){.usable = true};
    text = ndr_dkim_trim(text);
    int rc;
    if (find(text, "PRIVATE KEY-----") < text.len)
        rc = ndr_fail(err, NDR_E_SYNTAX, "is a private key, which has no place here");
    else if (find(text, pem_begin) < text.len)
        rc = read_pem(text, ret, err);
    else
        rc = read_record(text, ret, err);
    if (rc != 0)
        *ret = (ndr_dkim_key){0};
    return rc;
}
