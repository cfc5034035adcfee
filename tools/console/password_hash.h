/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * password_hash.h - how is a password kept, and is this the one?
 *
 * yescrypt through libxcrypt, "$y$...": made slow and hungry for memory on purpose.
 * Source: crypt(5), crypt_gensalt(3).
 */
#ifndef PASSWORD_HASH_H
#define PASSWORD_HASH_H

#include "ndrscan.h"

enum {
    PASSWORD_LEAST = 10, /* characters of a new one */
    PASSWORD_BYTES = 256,
    PASSWORD_HASH_BYTES = 384, /* of a hash with its NUL: libxcrypt's own bound */
    PASSWORD_COST_MOST = 11,   /* each step twice the time of the one before */
    PASSWORD_COST_USUAL = 5,
};

/*
 * The hash of `password` with a salt of its own. 0; NDR_E_SYNTAX for a password that is
 * too short or too long, or a cost out of 1 to PASSWORD_COST_MOST; NDR_E_SYS when there
 * are no random bytes or no memory. Thread: any; takes 10 ms to some seconds.
 */
int password_hash(const char *password, unsigned cost, char ret[PASSWORD_HASH_BYTES],
                  ndr_error *err);
/* Is it the password of that hash? Thread: any; takes as long as making it. */
bool password_is(const char *password, const char *hash);

#endif
