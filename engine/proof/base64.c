/* SPDX-License-Identifier: BSD-3-Clause */
/* base64.c - see base64.h. */
#include "base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char
ndr_base64_char(unsigned six)
{
    return digits[six & 63];
}

static int
value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
ndr_base64_read(ndr_slice text, unsigned char *out, size_t room, size_t *len)
{
    uint32_t bits = 0; /* the digits of a group of four */
    size_t held = 0, padding = 0;
    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = text.ptr[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        const int value = value_of(c);
        if (c == '=' && held >= 2 && held + padding < 4) {
            padding++;
            continue;
        }
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++held < 4)
            continue;
        if (room - *len < 3)
            return false;
        out[(*len)++] = (unsigned char)(bits >> 16);
        out[(*len)++] = (unsigned char)(bits >> 8);
        out[(*len)++] = (unsigned char)bits;
        bits = 0;
        held = 0;
    }
    if (held == 0)
        return padding == 0 && *len > 0;
    if (held + padding != 4 || room - *len < held - 1)
        return false;
    out[(*len)++] = (unsigned char)(bits >> (held == 2 ? 4 : 10));
    if (held == 3)
        out[(*len)++] = (unsigned char)(bits >> 2);
    return true;
}
