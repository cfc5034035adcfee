/* SPDX-License-Identifier: BSD-3-Clause */
/* password_hash.c - how is a password kept, and is this the one? */
#define _GNU_SOURCE /* explicit_bzero */
#include "password_hash.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)PASSWORD_HASH_BYTES == (int)CRYPT_OUTPUT_SIZE, "as libxcrypt has it");

/* Characters of UTF-8; of other bytes, the bytes. */
static size_t
count_characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* crypt, with memory that is wiped; "" when it fails. */
static void
run_crypt(const char *password, const char *setting, char ret[PASSWORD_HASH_BYTES])
{
    struct crypt_data *data = calloc(1, sizeof *data); /* 32 KiB: too large for a stack */
    ret[0] = '\0';
    if (data == NULL)
        return;
    const char *out = crypt_r(password, setting, data);
    if (out != NULL && out[0] != '*')
        memcpy(ret, out, strlen(out) + 1);
    explicit_bzero(data, sizeof *data);
    free(data);
}

int
password_hash(const char *password, unsigned cost, char ret[PASSWORD_HASH_BYTES],
              ndr_error *err)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (count_characters(password) < PASSWORD_LEAST)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "a password has at least %d characters; three or four words are "
                        "easy to keep in mind",
                        PASSWORD_LEAST);
    if (strlen(password) > PASSWORD_BYTES)
        return ndr_fail(err, NDR_E_SYNTAX, "a password has at most %d bytes",
                        PASSWORD_BYTES);
    if (cost < 1 || cost > PASSWORD_COST_MOST)
        return ndr_fail(err, NDR_E_SYNTAX, "the cost is 1 to %d", PASSWORD_COST_MOST);
    if (crypt_gensalt_rn("$y$", cost, NULL, 0, setting, sizeof setting) == NULL)
        return ndr_fail(err, NDR_E_SYS, "make a salt");
    run_crypt(password, setting, ret);
    return ret[0] != '\0' ? 0 : ndr_fail(err, NDR_E_SYS, "hash the password");
}

bool
password_is(const char *password, const char *hash)
{
    char made[PASSWORD_HASH_BYTES];
    const size_t n = strlen(hash);
    unsigned differ = 0;
    if (n == 0 || n >= sizeof made || strlen(password) > PASSWORD_BYTES)
        return false;
    run_crypt(password, hash, made);
    if (strlen(made) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        differ |= (unsigned)(unsigned char)made[i] ^ (unsigned)(unsigned char)hash[i];
    explicit_bzero(made, sizeof made);
    return differ == 0;
}
