/* SPDX-License-Identifier: BSD-3-Clause */
/* header.c - see header.h. */
#include "header.h"

#include "transfer.h"
#include "utf8.h"

#include <string.h>

/* The offset behind the line at `at`: past its LF, or the end. */
static size_t
line_end(ndr_slice raw, size_t at)
{
    const unsigned char *lf = memchr(raw.ptr + at, '\n', raw.len - at);
    return lf == NULL ? raw.len : (size_t)(lf - raw.ptr) + 1;
}

/* The length of the field name at p, 0 when the line is no field. */
static size_t
name_length(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] > ' ' && p[i] < 0x7f && p[i] != ':')
        i++;
    size_t colon = i;
    while (colon < n && (p[colon] == ' ' || p[colon] == '\t'))
        colon++;
    return i > 0 && colon < n && p[colon] == ':' ? i : 0;
}

static bool
is_from_line(const unsigned char *p, size_t n)
{
    return (n >= 5 && memcmp(p, "From ", 5) == 0) || (n >= 6 && memcmp(p, ">From ", 6) == 0);
}

int
ndr_header_next(ndr_slice raw, size_t *at, ndr_field *f)
{
    size_t begin = *at;
    size_t name = 0;
    for (;;) {
        if (begin >= raw.len) {
            *at = raw.len;
            return 0;
        }
        const unsigned char *p = raw.ptr + begin;
        const size_t n = raw.len - begin;
        if (*p == '\n' || (*p == '\r' && (n == 1 || p[1] == '\n'))) {
            *at = begin + (*p == '\n' || n == 1 ? 1 : 2);
            return 0;
        }
        name = name_length(p, n);
        if (name > 0)
            break;
        if (!is_from_line(p, n)) {
            *at = begin;
            return 0;
        }
        begin = line_end(raw, begin);
    }
    size_t value = begin + name;
    while (raw.ptr[value] != ':')
        value++;
    value++;
    size_t end = line_end(raw, value);
    while (end < raw.len && (raw.ptr[end] == ' ' || raw.ptr[end] == '\t') &&
           raw.ptr[end - 1] == '\n')
        end = line_end(raw, end);
    *at = end;
    while (end > value && (raw.ptr[end - 1] == '\n' || raw.ptr[end - 1] == '\r'))
        end--;
    f->name = (ndr_slice){raw.ptr + begin, name};
    f->value = (ndr_slice){raw.ptr + value, end - value};
    return 1;
}

/* ---- encoded words (RFC 2047) ---- */

/* No real word is longer; a bound keeps unclosed ones from being searched far. */
enum { WORD_BYTES = 2048 };

typedef struct word {
    ndr_slice charset, text;
    bool base64;
    size_t length; /* all of it, "=?" to "?=" */
} word;

static bool
take_word(const unsigned char *p, size_t n, word *w)
{
    if (n < 8 || p[0] != '=' || p[1] != '?')
        return false;
    if (n > WORD_BYTES)
        n = WORD_BYTES;
    const unsigned char *charset = p + 2;
    const unsigned char *q = memchr(charset, '?', n - 2);
    if (q == NULL || q == charset || q - charset > 60 || p + n - q < 4 || q[2] != '?')
        return false;
    const unsigned char how = q[1] | 0x20;
    if (how != 'b' && how != 'q')
        return false;
    const unsigned char *text = q + 3;
    const unsigned char *end = text;
    for (;;) {
        end = memchr(end, '?', (size_t)(p + n - end));
        if (end == NULL || end + 1 >= p + n)
            return false;
        if (end[1] == '=')
            break;
        end++;
    }
    const unsigned char *star = memchr(charset, '*', (size_t)(q - charset));
    w->charset = (ndr_slice){charset, (size_t)((star != NULL ? star : q) - charset)};
    w->text = (ndr_slice){text, (size_t)(end - text)};
    w->base64 = how == 'b';
    w->length = (size_t)(end + 2 - p);
    return true;
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Append bytes that no word declares. */
static void
add_plain(ndr_slice s, ndr_buffer *out)
{
    if (ndr_is_utf8(s))
        ndr_buffer_add(out, s);
    else
        ndr_utf8_add_cp1252(out, s);
}

/* Append `value` with its words decoded; adjacent words of one charset are
 * joined before conversion, because many writers cut characters in two. */
static void
add_decoded(ndr_charsets *c, ndr_slice value, ndr_buffer *work, ndr_buffer *out)
{
    size_t i = 0;
    while (i < value.len) {
        size_t mark = i;
        word w;
        for (;; mark++) {
            const unsigned char *eq = memchr(value.ptr + mark, '=', value.len - mark);
            if (eq == NULL) {
                mark = value.len;
                break;
            }
            mark = (size_t)(eq - value.ptr);
            if (take_word(eq, value.len - mark, &w))
                break;
        }
        add_plain((ndr_slice){value.ptr + i, mark - i}, out);
        i = mark;
        while (i < value.len && take_word(value.ptr + i, value.len - i, &w)) {
            const ndr_slice charset = w.charset;
            ndr_buffer_clear(work);
            do {
                if (w.base64)
                    ndr_base64_decode(w.text, work);
                else
                    ndr_qp_decode(w.text, true, work);
                i += w.length;
                size_t next = i;
                while (next < value.len && is_blank(value.ptr[next]))
                    next++;
                if (next < value.len && take_word(value.ptr + next, value.len - next, &w))
                    i = next; /* the blanks between two words are not text */
                else
                    break;
            } while (ndr_slice_equal_nocase(w.charset, charset));
            ndr_charset_add(c, charset, (ndr_slice){work->ptr, work->len}, out);
        }
    }
}

/* Squeeze out->ptr[begin..] in place: runs of blanks and controls to one space. */
static void
squeeze(ndr_buffer *out, size_t begin)
{
    size_t to = begin;
    bool gap = false;
    for (size_t i = begin; i < out->len; i++) {
        const size_t blank = ndr_blank_length(out->ptr + i, out->len - i);
        if (blank > 0) {
            gap = to > begin;
            i += blank - 1;
            continue;
        }
        const unsigned char c = out->ptr[i];
        if (gap)
            out->ptr[to++] = ' ';
        gap = false;
        out->ptr[to++] = c;
    }
    out->len = to;
}

/* A value that is canonical but for blanks at its ends is taken as it is. */
static bool
add_as_is(ndr_slice value, ndr_buffer *out)
{
    while (value.len > 0 && is_blank(value.ptr[0]))
        value = (ndr_slice){value.ptr + 1, value.len - 1};
    while (value.len > 0 && is_blank(value.ptr[value.len - 1]))
        value.len--;
    if (ndr_plain_length(value) < value.len)
        return false;
    ndr_buffer_add(out, value);
    return true;
}

/* Could there be an encoded word? */
static bool
may_have_word(ndr_slice value)
{
    for (size_t i = 0; i + 8 <= value.len;) {
        const unsigned char *eq = memchr(value.ptr + i, '=', value.len - i - 7);
        if (eq == NULL)
            return false;
        if (eq[1] == '?')
            return true;
        i = (size_t)(eq - value.ptr) + 1;
    }
    return false;
}

void
ndr_header_value(ndr_charsets *c, ndr_slice value, ndr_buffer *work, ndr_buffer *out)
{
    if (value.len > NDR_HEADER_VALUE_BYTES)
        value.len = NDR_HEADER_VALUE_BYTES;
    const bool words = may_have_word(value);
    if (!words && add_as_is(value, out))
        return;
    const size_t begin = out->len;
    if (words)
        add_decoded(c, value, work, out);
    else
        add_plain(value, out);
    if (!out->failed)
        squeeze(out, begin);
}

void
ndr_header_plain(ndr_slice value, ndr_buffer *out)
{
    if (value.len > NDR_HEADER_VALUE_BYTES)
        value.len = NDR_HEADER_VALUE_BYTES;
    if (add_as_is(value, out))
        return;
    const size_t begin = out->len;
    add_plain(value, out);
    if (!out->failed)
        squeeze(out, begin);
}
