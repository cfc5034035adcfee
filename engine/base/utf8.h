/* SPDX-License-Identifier: BSD-3-Clause */
/* utf8.h - are these bytes UTF-8, and how are they made so? (RFC 3629) */
#ifndef NDR_UTF8_H
#define NDR_UTF8_H

#include "ndr_vector.h"

/* Well-formed: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool ndr_is_utf8(ndr_slice s);
/* The length of the well-formed sequence at p (n >= 1 bytes there), 0 when there is none.
 */
size_t ndr_utf8_length(const unsigned char *p, size_t n);
/*
 * The length of the blank at p (n >= 1 bytes there), 0 when it is none: space
 * and control characters, DEL, the no-break space U+00A0 and the ideographic
 * one, U+3000.
 */
static inline size_t
ndr_blank_length(const unsigned char *p, size_t n)
{
    if (p[0] <= ' ' || p[0] == 0x7f)
        return 1;
    if (p[0] == 0xc2 && n >= 2 && p[1] == 0xa0)
        return 2;
    return p[0] == 0xe3 && n >= 3 && p[1] == 0x80 && p[2] == 0x80 ? 3 : 0;
}
/* The first `limit` bytes of `s`, less a sequence that the cut would halve. */
ndr_slice ndr_utf8_cut(ndr_slice s, size_t limit);
/* One code point as 1 to 4 bytes; what is none becomes U+FFFD. Returns how many. */
size_t ndr_utf8_put(uint32_t code, unsigned char b[4]);
/* Append one code point; what is none becomes U+FFFD. */
void ndr_utf8_add(ndr_buffer *out, uint32_t code);
/* Append bytes read as windows-1252; its five holes become U+FFFD. */
void ndr_utf8_add_cp1252(ndr_buffer *out, ndr_slice s);

#endif
