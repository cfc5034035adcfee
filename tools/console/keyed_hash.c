/* SPDX-License-Identifier: BSD-3-Clause */
/* keyed_hash.c - what name has a thing for whoever does not know our key? */
#include "keyed_hash.h"

#include "ndr_hex.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

static void
put_digits(const unsigned char *bytes, unsigned n, char *ret)
{
    for (unsigned i = 0; i < n; i++) {
        ret[2 * i] = (char)ndr_hex_lower(bytes[i] >> 4);
        ret[2 * i + 1] = (char)ndr_hex_lower(bytes[i]);
    }
    ret[2 * (size_t)n] = '\0';
}

bool
keyed_hash(const secret key, const char *const *word, char ret[KEYED_HASH_DIGITS + 1])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    ndr_buffer said = {0};
    for (; *word != NULL; word++) {
        ndr_buffer_text(&said, *word);
        ndr_buffer_byte(&said, '\n');
    }
    const bool good =
        !said.failed &&
        HMAC(EVP_sha256(), key, SECRET_CHARS, said.ptr, said.len, mac, &n) != NULL &&
        2 * n == KEYED_HASH_DIGITS;
    ndr_buffer_free(&said);
    put_digits(mac, good ? n : 0, ret);
    return good;
}

void
metrics_hash(const char *token, char ret[METRICS_HASH_BYTES])
{
    static const char before[] = "sha256:";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    ret[0] = '\0';
    if (EVP_Digest(token, strlen(token), hash, &n, EVP_sha256(), NULL) != 1 ||
        2 * n != KEYED_HASH_DIGITS)
        return;
    memcpy(ret, before, sizeof before);
    put_digits(hash, n, ret + sizeof before - 1);
}

void
keyed_name(const secret key, const char *const *word, secret ret)
{
    char digits[KEYED_HASH_DIGITS + 1];
    const bool good = keyed_hash(key, word, digits);
    memcpy(ret, digits, SECRET_CHARS);
    ret[good ? SECRET_CHARS : 0] = '\0';
}
