/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * known_browser.h - has this person logged in with this browser before?
 *
 * A cookie that is given with a right password: a random number for the browser, an end,
 * and a signature over both and the name. It opens nothing; it only tells a person from
 * the strangers who try the same name. The key is made from the operator's token, so
 * that a new token ends all of them, and nothing tells the token by it.
 */
#ifndef KNOWN_BROWSER_H
#define KNOWN_BROWSER_H

#include "sessions.h"

enum { KNOWN_DAYS = 90, KNOWN_BYTES = 160 };

/* The key, for whoever shall not hold the token. False: it cannot be made. */
bool known_browser_key(const secret token, secret ret);
/* A cookie's value for `name`. NDR_E_SYS: no random bytes, or no signature. */
int known_browser_make(const secret key, const char *name, int64_t now,
                       char ret[KNOWN_BYTES], ndr_error *err);
/* Was it made for this name, and is it still good? `value` NULL: no. Pure. */
bool known_browser_is(const secret key, const char *name, const char *value, int64_t now);

#endif
