/* SPDX-License-Identifier: BSD-3-Clause */
/* utf8.c - see utf8.h. */
#include "utf8.h"

static bool
is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t
ndr_utf8_length(const unsigned char *p, size_t n)
{
    const unsigned char c = p[0];
    if (c < 0x80)
        return 1;
    if (c < 0xc2)
        return 0;
    if (c < 0xe0)
        return n >= 2 && is_tail(p[1]) ? 2 : 0;
    if (c < 0xf0) {
        if (n < 3 || !is_tail(p[1]) || !is_tail(p[2]))
            return 0;
        if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] >= 0xa0))
            return 0;
        return 3;
    }
    if (c > 0xf4 || n < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
        return 0;
    if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] >= 0x90))
        return 0;
    return 4;
}

bool
ndr_is_utf8(ndr_slice s)
{
    for (size_t i = ndr_ascii_length(s); i < s.len;) {
        const size_t k = ndr_utf8_length(s.ptr + i, s.len - i);
        if (k == 0)
            return false;
        i += k;
    }
    return true;
}

ndr_slice
ndr_utf8_cut(ndr_slice s, size_t limit)
{
    if (s.len <= limit)
        return s;
    for (size_t back = 1; back <= 3 && back <= limit; back++) {
        const unsigned char *p = s.ptr + limit - back;
        if (is_tail(*p))
            continue;
        if (ndr_utf8_length(p, s.len - limit + back) > back)
            limit -= back;
        break;
    }
    return (ndr_slice){s.ptr, limit};
}

size_t
ndr_utf8_put(uint32_t code, unsigned char b[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    size_t n;
    if (code < 0x80) {
        b[0] = (unsigned char)code;
        n = 1;
    } else if (code < 0x800) {
        b[0] = (unsigned char)(0xc0 | (code >> 6));
        b[1] = (unsigned char)(0x80 | (code & 0x3f));
        n = 2;
    } else if (code < 0x10000) {
        b[0] = (unsigned char)(0xe0 | (code >> 12));
        b[1] = (unsigned char)(0x80 | ((code >> 6) & 0x3f));
        b[2] = (unsigned char)(0x80 | (code & 0x3f));
        n = 3;
    } else {
        b[0] = (unsigned char)(0xf0 | (code >> 18));
        b[1] = (unsigned char)(0x80 | ((code >> 12) & 0x3f));
        b[2] = (unsigned char)(0x80 | ((code >> 6) & 0x3f));
        b[3] = (unsigned char)(0x80 | (code & 0x3f));
        n = 4;
    }
    return n;
}

void
ndr_utf8_add(ndr_buffer *out, uint32_t code)
{
    unsigned char b[4];
    ndr_buffer_add(out, (ndr_slice){b, ndr_utf8_put(code, b)});
}

void
ndr_utf8_add_cp1252(ndr_buffer *out, ndr_slice s)
{
    static const uint16_t high[32] = {
        0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
        0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
    };
    if (s.len == 0 || s.len > SIZE_MAX / 3 || !ndr_buffer_reserve(out, 3 * s.len))
        return;
    unsigned char *o = out->ptr + out->len;
    for (size_t i = 0; i < s.len; i++) {
        const unsigned b = s.ptr[i];
        const unsigned code = b >= 0x80 && b < 0xa0 ? high[b - 0x80] : b;
        if (code < 0x80) {
            *o++ = (unsigned char)code;
        } else if (code < 0x800) {
            *o++ = (unsigned char)(0xc0 | (code >> 6));
            *o++ = (unsigned char)(0x80 | (code & 0x3f));
        } else {
            *o++ = (unsigned char)(0xe0 | (code >> 12));
            *o++ = (unsigned char)(0x80 | ((code >> 6) & 0x3f));
            *o++ = (unsigned char)(0x80 | (code & 0x3f));
        }
    }
    out->len = (size_t)(o - out->ptr);
}
