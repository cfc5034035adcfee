/* SPDX-License-Identifier: BSD-3-Clause */
/* visible.c - how do any bytes look on a terminal without doing anything to it? */
#include "append.h"
#include "ndr_hex.h"
#include "sinks.h"

static unsigned char *
put_hex(unsigned char *to, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        *to++ = '\\';
        *to++ = 'x';
        *to++ = ndr_hex_upper(p[i] >> 4);
        *to++ = ndr_hex_upper(p[i]);
    }
    return to;
}

void
ndr_put_visible(ndr_buffer *out, ndr_slice text, bool columns)
{
    static const unsigned char letter[256] = {
        ['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
    if (text.len == 0 || !append_room(out, NDR_VISIBLE_GROWTH * text.len))
        return;
    unsigned char *to = out->ptr + out->len;
    for (size_t i = 0; i < text.len;) {
        const unsigned char c = text.ptr[i];
        bool valid = true;
        uint32_t code = c;
        size_t n = 1;
        if (c >= 0x80)
            n = ndr_utf8_piece(text.ptr + i, text.len - i, &valid, &code);
        if (columns && letter[c] != '\0') {
            *to++ = '\\';
            *to++ = letter[c];
        } else if (c >= ' ' && c < 0x7f) {
            *to++ = c;
        } else if (!valid || ndr_char_hidden(code)) {
            to = put_hex(to, text.ptr + i, n);
        } else {
            memcpy(to, text.ptr + i, n);
            to += n;
        }
        i += n;
    }
    out->len = (size_t)(to - out->ptr);
}
