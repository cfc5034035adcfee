/* SPDX-License-Identifier: BSD-3-Clause */
/* domain.c - how is a domain written so that equal ones are equal bytes? */
#include "ndrscan.h"

#include "utf8.h"

#include <idn2.h>
#include <string.h>

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
    return true;
}
