/* SPDX-License-Identifier: BSD-3-Clause */
/* transfer.c - see transfer.h. */
#include "transfer.h"

#include "ndr_hex.h"

#include <string.h>

enum ndr_transfer
ndr_transfer_find(ndr_slice word)
{
    if (ndr_slice_equal_nocase(word, NDR_SLICE("base64")))
        return NDR_TRANSFER_BASE64;
    if (ndr_slice_equal_nocase(word, NDR_SLICE("quoted-printable")))
        return NDR_TRANSFER_QP;
    return NDR_TRANSFER_NONE;
}

/* The six bits of a base64 digit plus one; 0 for all else. */
static const unsigned char digit[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
    ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
    ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
    ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
    ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
    ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
    ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
    ['/'] = 64,
};

void
ndr_base64_decode(ndr_slice in, ndr_buffer *out)
{
    if (!ndr_buffer_reserve(out, in.len / 4 * 3 + 3))
        return;
    unsigned char *o = out->ptr + out->len;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < in.len; i++) {
        const unsigned char c = in.ptr[i];
        if (digit[c] == 0) {
            if (c == '=')
                break;
            continue;
        }
        bits = (bits << 6) | (uint32_t)(digit[c] - 1);
        have += 6;
        if (have >= 8) {
            have -= 8;
            *o++ = (unsigned char)(bits >> have);
        }
    }
    out->len = (size_t)(o - out->ptr);
}

/* Past the soft line break whose '=' is at p[i] (blanks may stand before the
 * line end); 0 when it is none. */
static size_t
soft_break(ndr_slice in, size_t i)
{
    size_t at = i + 1;
    while (at < in.len && (in.ptr[at] == ' ' || in.ptr[at] == '\t'))
        at++;
    if (at == in.len)
        return at;
    if (in.ptr[at] == '\r')
        at++;
    if (at < in.len && in.ptr[at] == '\n')
        return at + 1;
    return in.ptr[at - 1] == '\r' ? at : 0;
}

void
ndr_qp_decode(ndr_slice in, bool word, ndr_buffer *out)
{
    if (in.len == 0 || !ndr_buffer_reserve(out, in.len))
        return;
    unsigned char *o = out->ptr + out->len;
    size_t i = 0;
    while (i < in.len) {
        const unsigned char c = in.ptr[i];
        const bool three = c == '=' && in.len - i >= 3;
        const int high = three ? ndr_hex_value(in.ptr[i + 1]) : -1;
        const int low = high >= 0 ? ndr_hex_value(in.ptr[i + 2]) : -1;
        if (low >= 0) {
            *o++ = (unsigned char)(high << 4 | low);
            i += 3;
        } else if (c == '=' && !word && soft_break(in, i) > 0) {
            i = soft_break(in, i);
        } else if (word || c == '=') {
            *o++ = word && c == '_' ? ' ' : c;
            i++;
        } else { /* up to the next '=' as it is */
            const unsigned char *eq = memchr(in.ptr + i, '=', in.len - i);
            const size_t n = eq != NULL ? (size_t)(eq - (in.ptr + i)) : in.len - i;
            memcpy(o, in.ptr + i, n);
            o += n;
            i += n;
        }
    }
    out->len = (size_t)(o - out->ptr);
}
