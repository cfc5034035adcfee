/* SPDX-License-Identifier: BSD-3-Clause */
/* key_record.c - which record belongs in the DNS for this key, private or public? */
#include "base64.h"
#include "dkim_key.h"
#include "dkim_tags.h"

#include <string.h>

enum { DER_BYTES = 8192, SEED_BYTES = 32 };

/* What stands between two lines of PEM; false: there is none of the kind. */
static bool
find_pem(ndr_slice text, const char *kind, ndr_slice *ret)
{
    const size_t n = strlen(kind);
    for (size_t i = 0; text.len > n && i < text.len - n; i++) {
        if (memcmp(text.ptr + i, kind, n) != 0)
            continue;
        const size_t begin = i + n;
        const unsigned char *end = memchr(text.ptr + begin, '-', text.len - begin);
        if (end == NULL)
            return false;
        *ret = (ndr_slice){text.ptr + begin, (size_t)(end - text.ptr) - begin};
        return true;
    }
    return false;
}

static bool
holds(ndr_slice text, const char *words)
{
    const size_t n = strlen(words);
    for (size_t i = 0; text.len >= n && i <= text.len - n; i++)
        if (memcmp(text.ptr + i, words, n) == 0)
            return true;
    return false;
}

/* The seed of Ed25519 alone, or with the public half behind it, which then has to be the
 * right one (the form of libsodium). */
static EVP_PKEY *
read_seed(const unsigned char *bytes, size_t len)
{
    unsigned char half[SEED_BYTES];
    size_t n = sizeof half;
    if (len != SEED_BYTES && len != 2 * SEED_BYTES)
        return NULL;
    EVP_PKEY *pkey =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, SEED_BYTES);
    if (pkey != NULL && len > SEED_BYTES &&
        (EVP_PKEY_get_raw_public_key(pkey, half, &n) != 1 ||
         memcmp(half, bytes + SEED_BYTES, SEED_BYTES) != 0)) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    return pkey;
}

/* A private key as PKCS#8 or PKCS#1 in DER, or a seed. */
static EVP_PKEY *
read_private(const unsigned char *bytes, size_t len)
{
    const unsigned char *at = bytes;
    EVP_PKEY *pkey = read_seed(bytes, len);
    if (pkey == NULL)
        pkey = d2i_AutoPrivateKey(NULL, &at, (long)len);
    ERR_clear_error(); /* a list that nobody reads */
    return pkey;
}

static void
add_base64(ndr_buffer *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 3) {
        const size_t n = len - i;
        const unsigned v = (unsigned)bytes[i] << 16 |
                           (n > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                           (n > 2 ? bytes[i + 2] : 0U);
        ndr_buffer_byte(out, (unsigned char)ndr_base64_char(v >> 18));
        ndr_buffer_byte(out, (unsigned char)ndr_base64_char(v >> 12 & 63));
        ndr_buffer_byte(out, n > 1 ? (unsigned char)ndr_base64_char(v >> 6 & 63)
                                   : (unsigned char)'=');
        ndr_buffer_byte(out, n > 2 ? (unsigned char)ndr_base64_char(v & 63)
                                   : (unsigned char)'=');
    }
}

static int
write_record(EVP_PKEY *pkey, ndr_buffer *out, ndr_error *err)
{
    unsigned char der[DER_BYTES];
    size_t n = sizeof der;
    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        if (EVP_PKEY_get_raw_public_key(pkey, der, &n) != 1)
            return ndr_fail(err, NDR_E_SYNTAX, "has no public half");
        ndr_buffer_text(out, "v=DKIM1; k=ed25519; p=");
        add_base64(out, der, n);
        return 0;
    }
    if (!EVP_PKEY_is_a(pkey, "RSA"))
        return ndr_fail(err, NDR_E_SYNTAX, "is a key neither of RSA nor of Ed25519");
    const int len = i2d_PUBKEY(pkey, NULL);
    unsigned char *at = der;
    if (len <= 0 || (size_t)len > sizeof der || i2d_PUBKEY(pkey, &at) != len)
        return ndr_fail(err, NDR_E_LIMIT, "is a key that is too large");
    ndr_buffer_text(out, "v=DKIM1; k=rsa; p=");
    add_base64(out, der, (size_t)len);
    return 0;
}

/* Into `der`, which the caller wipes. */
static EVP_PKEY *
read_private_text(ndr_slice text, unsigned char *der)
{
    ndr_slice body = text;
    size_t len = 0;
    (void)(find_pem(text, "-----BEGIN PRIVATE KEY-----", &body) ||
           find_pem(text, "-----BEGIN RSA PRIVATE KEY-----", &body));
    if (ndr_base64_read(body, der, DER_BYTES, &len))
        return read_private(der, len);
    return text.len <= DER_BYTES ? read_private(text.ptr, text.len) : NULL;
}

int
ndr_dkim_key_record(ndr_slice text, ndr_buffer *out, ndr_dkim_key_about *about,
                    ndr_error *err)
{
    unsigned char der[DER_BYTES];
    ndr_dkim_key key = {0};
    int rc = ndr_crypto_load(err);
    if (rc != 0)
        return rc;
    if (holds(text, "ENCRYPTED"))
        return ndr_fail(err, NDR_E_SYNTAX, "is protected by a passphrase");
    const size_t begin = out->len;
    EVP_PKEY *pkey = read_private_text(text, der);
    OPENSSL_cleanse(der, sizeof der);
    if (pkey == NULL && holds(text, "PRIVATE KEY-----"))
        return ndr_fail(err, NDR_E_SYNTAX, "is no private key in PKCS#8 or PKCS#1");
    if (pkey == NULL) {
        rc = ndr_dkim_key_read(text, &key, err);
        if (rc == 0 && key.pkey == NULL)
            rc = ndr_fail(err, NDR_E_SYNTAX, "is the record of a key that was revoked");
        pkey = key.pkey;
    }
    if (rc == 0)
        rc = write_record(pkey, out, err);
    EVP_PKEY_free(pkey);
    if (rc != 0)
        return rc;
    if (out->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    /* a key that is too short to be believed is not worth a record */
    rc = ndr_dkim_key_read((ndr_slice){out->ptr + begin, out->len - begin}, &key, err);
    if (rc != 0) {
        out->len = begin;
        return rc;
    }
    *about = key.about;
    EVP_PKEY_free(key.pkey);
    return 0;
}
