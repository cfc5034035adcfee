/* SPDX-License-Identifier: BSD-3-Clause */
/* paragraph.c - see paragraph.h. */
#include "paragraph.h"

#include "base/utf8.h"
#include "returned_header.h"

#include <string.h>

/* Append a line's words behind what the paragraph holds; false: no word. */
static bool
add_words(ndr_slice line, bool first, ndr_buffer *out)
{
    if (!ndr_buffer_reserve(out, line.len + 1))
        return false;
    unsigned char *o = out->ptr + out->len;
    bool gap = !first, any = false;
    for (size_t i = 0; i < line.len;) {
        const unsigned char c = line.ptr[i];
        const ndr_slice rest = {line.ptr + i, line.len - i};
        const size_t plain = c > ' ' && c < 0x7f ? ndr_plain_length(rest) : 0;
        if (plain > 0) {
            if (gap)
                *o++ = ' ';
            gap = line.ptr[i + plain - 1] == ' '; /* said again before the next word */
            any = true;
            memcpy(o, rest.ptr, plain);
            o += plain - gap;
            i += plain;
            continue;
        }
        const size_t blank = ndr_blank_length(rest.ptr, rest.len);
        if (blank > 0) {
            gap = gap || any;
            i += blank;
            continue;
        }
        if (gap)
            *o++ = ' ';
        gap = false;
        any = true;
        const size_t n = ndr_utf8_length(rest.ptr, rest.len);
        for (size_t k = 0; k < (n > 0 ? n : 1); k++)
            *o++ = line.ptr[i++];
    }
    if (any)
        out->len = (size_t)(o - out->ptr);
    return any;
}

/* The line at p without its LF or CRLF, and in *whole its length with it. */
static ndr_slice
take_line(const unsigned char *p, size_t n, size_t *whole)
{
    const unsigned char *lf = memchr(p, '\n', n);
    const size_t len = lf != NULL ? (size_t)(lf - p) : n;
    *whole = len + (lf != NULL);
    return (ndr_slice){p, len > 0 && p[len - 1] == '\r' ? len - 1 : len};
}

/* Where the first CR at or behind `at` stands that no LF follows; s.len: nowhere. */
static size_t
lone_cr(ndr_slice s, size_t at)
{
    while (at < s.len) {
        const unsigned char *cr = memchr(s.ptr + at, '\r', s.len - at);
        if (cr == NULL)
            break;
        at = (size_t)(cr - s.ptr) + 1;
        if (at == s.len || s.ptr[at] != '\n')
            return at - 1;
    }
    return s.len;
}

ndr_slice
ndr_lines_unify(ndr_slice text, ndr_buffer *into)
{
    size_t at = lone_cr(text, 0);
    if (at == text.len)
        return text;
    ndr_buffer_rewind(into);
    ndr_buffer_add(into, text);
    for (; !into->failed && at < text.len; at = lone_cr(text, at + 1))
        into->ptr[at] = '\n';
    return (ndr_slice){into->ptr, into->len};
}

ndr_slice
ndr_paragraphs_add(ndr_slice text, ndr_buffer *out)
{
    bool first = true;     /* no word of the paragraph yet */
    bool may_start = true; /* a returned header may stand here */
    size_t no_start = 0;   /* the block that ends here is none */
    for (size_t at = 0; at < text.len && !out->failed;) {
        const unsigned char *p = text.ptr + at;
        size_t whole;
        const ndr_slice line = take_line(p, text.len - at, &whole);
        if (may_start && at >= no_start && ndr_returned_header_may_begin(line)) {
            const ndr_slice rest = {p, text.len - at};
            size_t end;
            if (ndr_returned_header_is(rest, &end)) {
                if (!first)
                    ndr_buffer_byte(out, '\n');
                return rest;
            }
            no_start = at + end;
        }
        const bool words = add_words(line, first, out);
        if (words) {
            first = false;
        } else if (!first) {
            ndr_buffer_byte(out, '\n');
            first = true;
        }
        may_start = !words || ndr_returned_header_divider(line);
        at += whole;
    }
    if (!first)
        ndr_buffer_byte(out, '\n');
    return (ndr_slice){0};
}
