/* SPDX-License-Identifier: BSD-3-Clause */
/* network.c - is a client's address in one of these networks? */
#include "ndr_network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_TEXT = 64 };

/* *ret_v4: it was written as one of IPv4. */
static bool
parse_address(const char *text, unsigned char ret[16], bool *ret_v4)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    *ret_v4 = inet_pton(AF_INET, text, ret + 12) == 1;
    if (*ret_v4) {
        memcpy(ret, mapped, sizeof mapped);
        return true;
    }
    return inet_pton(AF_INET6, text, ret) == 1;
}

bool
ndr_network_parse(const char *text, ndr_network *ret)
{
    char address[ADDRESS_TEXT], *end = NULL;
    bool v4;
    const size_t n = strcspn(text, "/");
    if (n >= sizeof address)
        return false;
    memcpy(address, text, n);
    address[n] = '\0';
    if (!parse_address(address, ret->address, &v4))
        return false;
    ret->bits = 128;
    if (text[n] == '\0')
        return true;
    const long bits = strtol(text + n + 1, &end, 10);
    if (end == text + n + 1 || *end != '\0' || bits < 0 || bits > (v4 ? 32 : 128))
        return false;
    ret->bits = (unsigned)bits + (v4 ? 96 : 0);
    return true;
}

static bool
same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool
parse_slice(ndr_slice s, unsigned char ret[16])
{
    char text[ADDRESS_TEXT];
    bool v4;
    if (s.len > 5 && memcmp(s.ptr, "IPv6:", 5) == 0)
        s = (ndr_slice){s.ptr + 5, s.len - 5};
    if (s.len == 0 || s.len >= sizeof text)
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return parse_address(text, ret, &v4);
}

bool
ndr_network_has(const ndr_network *networks, size_t count, ndr_slice address)
{
    unsigned char a[16];
    if (count == 0 || !parse_slice(address, a))
        return false;
    for (size_t i = 0; i < count; i++)
        if (same_bits(a, networks[i].address, networks[i].bits))
            return true;
    return false;
}

bool
ndr_network_loopback(ndr_slice address)
{
    static const ndr_network loopback[] = {
        {{[10] = 0xff, [11] = 0xff, [12] = 127}, 104},
        {{[15] = 1}, 128},
    };
    return ndr_network_has(loopback, 2, address);
}
