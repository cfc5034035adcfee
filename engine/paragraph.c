/* SPDX-License-Identifier: BSD-3-Clause */
/* paragraph.c - see paragraph.h. */
#include "paragraph.h"

#include "header.h"
#include "utf8.h"

#include <string.h>

enum { BLOCK_FIELDS = 64 };

/* Fields that only a message's header holds, and those that prose holds too. */
static const struct {
    const char *name;
    bool sure;
} telling[] = {
    {"received", true}, {"return-path", true}, {"message-id", true},
    {"from", false},    {"date", false},       {"mime-version", false},
};

static bool
is_returned_header(ndr_slice rest)
{
    unsigned seen = 0, sure = 0, count = 0;
    size_t at = 0;
    ndr_field f;
    for (int i = 0; i < BLOCK_FIELDS && ndr_header_next(rest, &at, &f) > 0; i++) {
        for (unsigned k = 0; k < sizeof telling / sizeof telling[0]; k++)
            if ((seen & (1u << k)) == 0 &&
                ndr_slice_equal_nocase(f.name, ndr_slice_of(telling[k].name))) {
                seen |= 1u << k;
                sure += telling[k].sure;
                count++;
            }
        if (sure > 0 && count > 1)
            return true;
    }
    return false;
}

/* "-----", "=====", also with words behind: "--- Below this line …". */
static bool
is_divider(ndr_slice line)
{
    size_t i = 0;
    while (i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'))
        i++;
    const ndr_slice s = {line.ptr + i, line.len - i};
    return s.len >= 2 && s.ptr[1] == s.ptr[0] &&
           (s.ptr[0] == '-' || s.ptr[0] == '=' || s.ptr[0] == '_' || s.ptr[0] == '*');
}

/* Could a header begin with this line? Cheap: nearly every line is asked. */
static bool
may_be_field(ndr_slice line)
{
    if (line.len < 5)
        return false;
    const unsigned char c = line.ptr[0];
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '>'))
        return false;
    return memchr(line.ptr, ':', line.len < 80 ? line.len : 80) != NULL ||
           memcmp(line.ptr, "From ", 5) == 0 || memcmp(line.ptr, ">From", 5) == 0;
}

/* Append a line's words behind what the paragraph holds; false: no word. */
static bool
add_words(ndr_slice line, bool first, ndr_buffer *out)
{
    if (!ndr_buffer_reserve(out, line.len + 1))
        return false;
    unsigned char *o = out->ptr + out->len;
    bool gap = !first, any = false;
    for (size_t i = 0; i < line.len;) {
        const size_t plain = ndr_plain_length((ndr_slice){line.ptr + i, line.len - i});
        if (plain > 1 && line.ptr[i] != ' ') {
            if (gap)
                *o++ = ' ';
            gap = line.ptr[i + plain - 1] == ' '; /* said again before the next word */
            any = true;
            memcpy(o, line.ptr + i, plain);
            o += plain - gap;
            i += plain;
            continue;
        }
        const size_t blank = ndr_blank_length(line.ptr + i, line.len - i);
        if (blank > 0) {
            gap = gap || any;
            i += blank;
            continue;
        }
        if (gap)
            *o++ = ' ';
        gap = false;
        any = true;
        *o++ = line.ptr[i++];
    }
    if (any)
        out->len = (size_t)(o - out->ptr);
    return any;
}

/* The line at p without its end (LF, CRLF, or a lone CR when there are CRs),
 * and in *whole its length with it. */
static ndr_slice
take_line(const unsigned char *p, size_t n, bool has_cr, size_t *whole)
{
    const unsigned char *lf = memchr(p, '\n', n);
    size_t len = lf != NULL ? (size_t)(lf - p) : n;
    *whole = len + (lf != NULL);
    const unsigned char *cr = has_cr && len > 0 ? memchr(p, '\r', len) : NULL;
    if (cr != NULL) {
        len = (size_t)(cr - p);
        if (len + 1 < *whole && cr[1] != '\n')
            *whole = len + 1;
    }
    return (ndr_slice){p, len};
}

ndr_slice
ndr_paragraphs_add(ndr_slice text, ndr_buffer *out)
{
    const bool has_cr = text.len > 0 && memchr(text.ptr, '\r', text.len) != NULL;
    bool first = true;     /* no word of the paragraph yet */
    bool may_start = true; /* a returned header may stand here */
    for (size_t at = 0; at < text.len && !out->failed;) {
        const unsigned char *p = text.ptr + at;
        size_t whole;
        const ndr_slice line = take_line(p, text.len - at, has_cr, &whole);
        if (may_start && may_be_field(line)) {
            const ndr_slice rest = {p, text.len - at};
            if (is_returned_header(rest)) {
                if (!first)
                    ndr_buffer_byte(out, '\n');
                return rest;
            }
        }
        const bool words = add_words(line, first, out);
        if (words) {
            first = false;
        } else if (!first) {
            ndr_buffer_byte(out, '\n');
            first = true;
        }
        may_start = !words || is_divider(line);
        at += whole;
    }
    if (!first)
        ndr_buffer_byte(out, '\n');
    return (ndr_slice){0};
}
