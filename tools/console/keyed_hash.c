/* SPDX-License-Identifier: BSD-3-Clause */
/* keyed_hash.c - what name has a thing for whoever does not know our key? */
#include "keyed_hash.h"

#include "ndr_hex.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

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
    for (unsigned i = 0; good && i < n; i++) {
        ret[2 * i] = (char)ndr_hex_lower(mac[i] >> 4);
        ret[2 * i + 1] = (char)ndr_hex_lower(mac[i]);
    }
    ret[good ? KEYED_HASH_DIGITS : 0] = '\0';
    return good;
}

void
keyed_name(const secret key, const char *const *word, secret ret)
{
    char digits[KEYED_HASH_DIGITS + 1];
    const bool good = keyed_hash(key, word, digits);
    memcpy(ret, digits, SECRET_CHARS);
    ret[good ? SECRET_CHARS : 0] = '\0';
}
