/* SPDX-License-Identifier: BSD-3-Clause */
/* secrets.c - see secrets.h. */
#include "secrets.h"

#include "crypto_lib.h"

#include <stdlib.h>
#include <string.h>

enum { SECRETS_MOST = 32, SECRET_BYTES = 1024 };

typedef struct secret {
    unsigned char *bytes;
    size_t len;
    int number;
} secret;

struct ndr_secrets {
    size_t count;
    secret secrets[SECRETS_MOST];
};

const char *
ndr_tag_result_name(enum ndr_tag_result result)
{
    static const char *const names[] = {"none", "wrong", "undated", "expired", "right"};
    return names[result];
}

int
ndr_secrets_new(ndr_secrets **ret, ndr_error *err)
{
    const int rc = ndr_crypto_load(err);
    if (rc != 0)
        return rc;
    *ret = calloc(1, sizeof **ret);
    return *ret != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory for secrets");
}

int
ndr_secrets_add(ndr_secrets *s, ndr_slice bytes, int number, ndr_error *err)
{
    if (bytes.len == 0)
        return ndr_fail(err, NDR_E_SYNTAX, "a secret is empty");
    if (number < NDR_SECRET_ANY || number > 9)
        return ndr_fail(err, NDR_E_SYNTAX, "a key number is 0 to 9, not %d", number);
    if (bytes.len > SECRET_BYTES || s->count == SECRETS_MOST)
        return ndr_fail(err, NDR_E_LIMIT, "at most %d secrets of %d bytes each",
                        SECRETS_MOST, SECRET_BYTES);
    secret *new = &s->secrets[s->count];
    new->bytes = malloc(bytes.len);
    if (new->bytes == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a secret");
    memcpy(new->bytes, bytes.ptr, bytes.len);
    new->len = bytes.len;
    new->number = number;
    s->count++;
    return 0;
}

void
ndr_secrets_free(ndr_secrets *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++) {
        OPENSSL_cleanse(s->secrets[i].bytes, s->secrets[i].len);
        free(s->secrets[i].bytes);
    }
    free(s);
}

bool
ndr_secrets_made(const ndr_secrets *s, int number, enum ndr_mac mac, ndr_slice bytes,
                 ndr_mac_match *match, const void *arg)
{
    const EVP_MD *md = mac == NDR_MAC_SHA1 ? EVP_sha1() : EVP_md5();
    for (size_t i = 0; i < s->count; i++) {
        const secret *key = &s->secrets[i];
        unsigned char made[EVP_MAX_MD_SIZE] = {0};
        if (number != NDR_SECRET_ANY && key->number != NDR_SECRET_ANY &&
            key->number != number)
            continue;
        if (HMAC(md, key->bytes, (int)key->len, bytes.ptr, bytes.len, made, NULL) == NULL)
            ERR_clear_error(); /* a libcrypto without MD5 */
        else if (match(made, arg))
            return true;
    }
    return false;
}

bool
ndr_tagged_split(ndr_slice address, ndr_tagged *ret)
{
    size_t at = address.len;
    while (at > 0 && address.ptr[at - 1] != '@')
        at--;
    if (at < 2 || at == address.len || address.len > NDR_ADDRESS_BYTES)
        return false;
    const ndr_slice local = {address.ptr, at - 1};
    ret->domain = (ndr_slice){address.ptr + at, address.len - at};
    ret->local_len = 0;
    ret->quoted = local.len > 1 && local.ptr[0] == '"' && local.ptr[local.len - 1] == '"';
    const size_t end = ret->quoted ? local.len - 1 : local.len;
    for (size_t i = ret->quoted ? 1 : 0; i < end; i++) {
        i += ret->quoted && local.ptr[i] == '\\' && i + 1 < end ? 1 : 0;
        ret->local[ret->local_len++] = local.ptr[i];
    }
    return true;
}
