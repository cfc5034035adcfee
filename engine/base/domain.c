/* SPDX-License-Identifier: BSD-3-Clause */
/* domain.c - how is a domain written so that equal ones are equal bytes? */
#include "ndrscan.h"

#include "utf8.h"

#include <idn2.h>
#include <string.h>

/* The underscore is in no host name, but some mail domains have one. */
static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Is it a host's name (RFC 1123 2.1), and not its number? Lower case, NUL-terminated. */
static bool
is_host_name(const char *name)
{
    if (strlen(name) > 253)
        return false;
    size_t label = 0, digits = 0;
    for (const char *p = name;; p++) {
        if (*p != '.' && *p != '\0') {
            if (!is_name_char(*p))
                return false;
            label++;
            digits += *p >= '0' && *p <= '9';
            continue;
        }
        if (label == 0 || label > 63 || p[-1] == '-' || *(p - label) == '-')
            return false;
        if (*p == '\0')
            return digits < label;
        label = digits = 0;
    }
}

bool
ndr_domain_normal(ndr_slice domain, char ret[256])
{
    while (domain.len > 0 && domain.ptr[domain.len - 1] == '.')
        domain.len--;
    if (domain.len == 0 || domain.len > 255 ||
        memchr(domain.ptr, '\0', domain.len) != NULL)
        return false;
    memcpy(ret, domain.ptr, domain.len);
    ret[domain.len] = '\0';
    if (!ndr_is_ascii(domain)) {
        char *made = NULL;
        if (idn2_to_ascii_8z(ret, &made, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) !=
            IDN2_OK)
            return false;
        const size_t n = strlen(made);
        const bool fits = n > 0 && n < 256;
        if (fits)
            memcpy(ret, made, n + 1);
        idn2_free(made);
        if (!fits)
            return false;
    }
    for (char *c = ret; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    return is_host_name(ret);
}

bool
ndr_domain_is_below(ndr_slice domain, ndr_slice parent)
{
    if (parent.len == 0 || domain.len < parent.len + 2)
        return false;
    const size_t skip = domain.len - parent.len;
    return domain.ptr[skip - 1] == '.' &&
           memcmp(domain.ptr + skip, parent.ptr, parent.len) == 0;
}
