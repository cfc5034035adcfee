/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json.c - how do any bytes become the inside of a JSON string? (RFC 8259 7)
 *
 * Nearly all text is plain ASCII: it is copied in vectors that are looked at
 * on the way. Whatever else turns up is handled byte by byte:
 *   below 0x20, '"', '\'   escaped
 *   0x80 and above         copied when it is well-formed UTF-8 (Unicode table 3-7,
 *                          RFC 3629), else U+FFFD for each longest piece that
 *                          begins like a character
 * DEL, U+2028 and U+2029 need no escape.
 */
#include "append.h"
#include "ndr_vector.h"
#include "sinks.h"

/*
 * The bytes of the character at p, which is 0x80 or above; or, with *valid
 * false, of the longest piece there that begins like one, at least 1.
 */
static size_t
take_sequence(const unsigned char *p, size_t n, bool *valid)
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
    return i;
}

/* The escape of a control character, quote or backslash; its length, at most 6. */
static size_t
escape(unsigned char *to, unsigned char c)
{
    static const char letter[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    static const char hex[] = "0123456789abcdef";
    to[0] = '\\';
    to[1] = c < 0x20 ? (unsigned char)letter[c] : c;
    if (to[1] != '\0')
        return 2;
    memcpy(to + 1, "u00", 3);
    to[4] = (unsigned char)hex[c >> 4];
    to[5] = (unsigned char)hex[c & 15];
    return 6;
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
            for (bool valid = true; valid && took < n && p[took] >= 0x80;) {
                const size_t bytes = take_sequence(p + took, n - took, &valid);
                memcpy(to + made,
                       valid ? p + took : (const unsigned char *)"\xEF\xBF\xBD",
                       valid ? bytes : 3);
                made += valid ? bytes : 3;
                took += bytes;
                all_valid = all_valid && valid;
            }
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
