/* SPDX-License-Identifier: BSD-3-Clause */
/* known_browser.c - has this person logged in with this browser before? */
#include "known_browser.h"

#include "keyed_hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAC_HEX = KEYED_HASH_DIGITS };

/* The signature over "browser.until" and the name, in hexadecimal digits. */
static bool
sign(const secret key, const char *name, const char *what, char ret[MAC_HEX + 1])
{
    const char *const word[] = {"known browser", what, name, NULL};
    return keyed_hash(key, word, ret);
}

bool
known_browser_key(const secret token, secret ret)
{
    keyed_name(token, (const char *const[]){"known browser", "key", NULL}, ret);
    return ret[0] != '\0';
}

int
known_browser_make(const secret key, const char *name, int64_t now, char ret[KNOWN_BYTES],
                   ndr_error *err)
{
    char what[KNOWN_BYTES - MAC_HEX - 2];
    char mac[MAC_HEX + 1];
    secret browser;
    const int rc = secret_new(browser, err);
    if (rc != 0)
        return rc;
    browser[22] = '\0'; /* 132 bits */
    (void)snprintf(what, sizeof what, "%s.%" PRId64, browser,
                   now + (int64_t)KNOWN_DAYS * 86400);
    if (!sign(key, name, what, mac))
        return ndr_fail(err, NDR_E_SYS, "sign a cookie");
    (void)snprintf(ret, KNOWN_BYTES, "%s.%s", what, mac);
    return 0;
}

bool
known_browser_is(const secret key, const char *name, const char *value, int64_t now)
{
    char what[KNOWN_BYTES];
    char mac[MAC_HEX + 1];
    const char *dot = value != NULL ? strrchr(value, '.') : NULL;
    if (dot == NULL || strlen(dot + 1) != MAC_HEX || (size_t)(dot - value) >= sizeof what)
        return false;
    memcpy(what, value, (size_t)(dot - value));
    what[dot - value] = '\0';
    const char *until = strchr(what, '.');
    if (until == NULL || strtoll(until + 1, NULL, 10) <= now ||
        !sign(key, name, what, mac))
        return false;
    unsigned differ = 0;
    for (size_t i = 0; i < MAC_HEX; i++)
        differ |= (unsigned)(unsigned char)mac[i] ^ (unsigned)(unsigned char)dot[1 + i];
    return differ == 0;
}
