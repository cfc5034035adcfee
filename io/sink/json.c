/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json.c - how do any bytes become the inside of a JSON string? (RFC 8259 7)
 *
 * Nearly all text is plain ASCII: it is copied in vectors that are looked at
 * on the way. Whatever else turns up is handled byte by byte:
 *   below 0x20, '"', '\', DEL   escaped
 *   0x80 and above         copied when it is well-formed UTF-8 (Unicode table 3-7,
 *                          RFC 3629) that is seen as what it is; escaped (\uXXXX, a
 *                          pair of them above U+FFFF) when it is not: a record on a
 *                          terminal does nothing to it; else U+FFFD for each longest
 *                          piece that begins like a character
 */
#include "append.h"
#include "ndr_hex.h"
#include "ndr_vector.h"
#include "sinks.h"

size_t
ndr_utf8_piece(const unsigned char *p, size_t n, bool *valid, uint32_t *code)
{
    size_t want = 2;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    *valid = false;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 1;
    if (p[0] >= 0xF0) {
        want = 4;
        low = p[0] == 0xF0 ? 0x90 : 0x80;  /* not in more bytes than needed */
        high = p[0] == 0xF4 ? 0x8F : 0xBF; /* up to U+10FFFF */
    } else if (p[0] >= 0xE0) {
        want = 3;
        low = p[0] == 0xE0 ? 0xA0 : 0x80;
        high = p[0] == 0xED ? 0x9F : 0xBF; /* no surrogates */
    }
    size_t i = 1;
    while (i < want && i < n && p[i] >= low && p[i] <= high) {
        low = 0x80;
        high = 0xBF;
        i++;
    }
    *valid = i == want;
    *code = p[0] & (0x7fu >> want);
    for (size_t k = 1; k < i; k++)
        *code = *code << 6 | (p[k] & 0x3fu);
    return i;
}

static size_t
put_unit(unsigned char *to, uint32_t unit)
{
    to[0] = '\\';
    to[1] = 'u';
    for (unsigned i = 0; i < 4; i++)
        to[2 + i] = ndr_hex_lower(unit >> (12 - 4 * i));
    return 6;
}

/* The escape of a character by its number; its length, at most 12. */
static size_t
escape_code(unsigned char *to, uint32_t code)
{
    if (code < 0x10000)
        return put_unit(to, code);
    (void)put_unit(to, 0xd800 + ((code - 0x10000) >> 10));
    return 6 + put_unit(to + 6, 0xdc00 + ((code - 0x10000) & 0x3ff));
}

/* The escape of a control character, quote or backslash; its length, at most 6. */
static size_t
escape(unsigned char *to, unsigned char c)
{
    static const char letter[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    to[0] = '\\';
    to[1] = c < 0x20 ? (unsigned char)letter[c] : c;
    return to[1] == '\0' || c == 0x7f ? escape_code(to, c) : 2;
}

/*
 * Characters from 0x80 on, one after the other, up to one that is not copied as it
 * stands: it is the last. How many bytes were taken; *made were written.
 */
static size_t
put_characters(unsigned char *to, const unsigned char *p, size_t n, size_t *made,
               bool *all_valid)
{
    size_t took = 0;
    *made = 0;
    for (bool plain = true; plain && took < n && p[took] >= 0x80;) {
        bool valid;
        uint32_t code;
        const size_t bytes = ndr_utf8_piece(p + took, n - took, &valid, &code);
        plain = valid && !ndr_char_hidden(code);
        if (plain || !valid) {
            memcpy(to + *made, valid ? p + took : (const unsigned char *)"\xEF\xBF\xBD",
                   valid ? bytes : 3);
            *made += valid ? bytes : 3;
        } else {
            *made += escape_code(to + *made, code);
        }
        took += bytes;
        *all_valid = *all_valid && valid;
    }
    return took;
}

bool
ndr_json_put(ndr_buffer *out, ndr_slice text)
{
    const unsigned char *p = text.ptr;
    size_t n = text.len;
    bool all_valid = true;
    /* each turn has room for all that is left as it is, and for one escape more */
    while (n > 0 && append_room(out, n + NDR_JSON_SLACK)) {
        unsigned char *to = out->ptr + out->len;
        size_t took = ndr_copy_unescaped(to, p, n);
        size_t made = took;
        if (took < n && p[took] < 0x80) {
            made += escape(to + took, p[took]);
            took++;
        } else {
            size_t more;
            took += put_characters(to + made, p + took, n - took, &more, &all_valid);
            made += more;
        }
        out->len += made;
        p += took;
        n -= took;
    }
    return all_valid;
}

void
ndr_json_text(ndr_buffer *out, ndr_slice text)
{
    (void)ndr_json_put(out, text);
}
