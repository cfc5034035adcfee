/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyed_hash.h - what name has a thing for whoever does not know our key?
 *
 * HMAC-SHA256 (RFC 2104) over words, each with a line end behind it. Nobody makes one for
 * words that we made none for, and nothing tells the words by it.
 */
#ifndef KEYED_HASH_H
#define KEYED_HASH_H

#include "sessions.h"

enum { KEYED_HASH_DIGITS = 64 };

/* Words without a line end in them; the last one is NULL. In hexadecimal digits. False:
 * no memory, or no digest. Pure. */
bool
keyed_hash(const secret key, const char *const *word, char ret[KEYED_HASH_DIGITS + 1]);
/* The hash of a person's token for numbers, as admins.yaml has it: a token is a secret by
 * chance, so no dear one is needed. "" where it cannot be made. Pure. */
enum { METRICS_HASH_BYTES = 72 };
void metrics_hash(const char *token, char ret[METRICS_HASH_BYTES]);
/* As keyed_hash, in the length of a secret, for secret_equal; "" where it cannot be made.
 */
void keyed_name(const secret key, const char *const *word, secret ret);

#endif
