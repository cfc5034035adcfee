/* SPDX-License-Identifier: BSD-3-Clause */
/* ndr_hex.h - which half of a byte does a digit stand for? For the rooms and the tools;
 * not installed. */
#ifndef NDR_HEX_H
#define NDR_HEX_H

/* 0 to 15, of a digit in either case; -1: it is none. */
static inline int
ndr_hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digit of the low half of `v`. */
static inline unsigned char
ndr_hex_lower(unsigned v)
{
    return (unsigned char)"0123456789abcdef"[v & 15];
}

static inline unsigned char
ndr_hex_upper(unsigned v)
{
    return (unsigned char)"0123456789ABCDEF"[v & 15];
}

#endif
