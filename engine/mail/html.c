/* SPDX-License-Identifier: BSD-3-Clause */
/* html.c - see html.h. Bounces are simple pages: no tree is built. */
#include "html.h"

#include "base/utf8.h"
#include "ndr_hex.h"

#include <string.h>

enum { TAG_BYTES = 12 }; /* of a name that is known, with a NUL behind it */

enum tag { INLINE, BLOCK, LINE_BREAK, RAW };

/* By first letter. */
static const struct {
    char name[TAG_BYTES];
    enum tag what;
} tags[] = {
    {"address", BLOCK}, {"article", BLOCK}, {"blockquote", BLOCK}, {"body", BLOCK},
    {"br", LINE_BREAK}, {"center", BLOCK},  {"dd", BLOCK},         {"div", BLOCK},
    {"dl", BLOCK},      {"dt", BLOCK},      {"fieldset", BLOCK},   {"form", BLOCK},
    {"h1", BLOCK},      {"h2", BLOCK},      {"h3", BLOCK},         {"h4", BLOCK},
    {"h5", BLOCK},      {"h6", BLOCK},      {"head", BLOCK},       {"hr", BLOCK},
    {"html", BLOCK},    {"li", BLOCK},      {"ol", BLOCK},         {"p", BLOCK},
    {"pre", BLOCK},     {"script", RAW},    {"section", BLOCK},    {"style", RAW},
    {"table", BLOCK},   {"tbody", BLOCK},   {"td", BLOCK},         {"th", BLOCK},
    {"thead", BLOCK},   {"title", BLOCK},   {"tr", BLOCK},         {"ul", BLOCK},
};

/* In byte order. */
static const struct {
    char name[8];
    uint16_t code;
} references[] = {
    {"AElig", 0xc6},   {"Aacute", 0xc1}, {"Acirc", 0xc2},    {"Agrave", 0xc0},
    {"Aring", 0xc5},   {"Atilde", 0xc3}, {"Auml", 0xc4},     {"Ccedil", 0xc7},
    {"ETH", 0xd0},     {"Eacute", 0xc9}, {"Ecirc", 0xca},    {"Egrave", 0xc8},
    {"Euml", 0xcb},    {"Iacute", 0xcd}, {"Icirc", 0xce},    {"Igrave", 0xcc},
    {"Iuml", 0xcf},    {"Ntilde", 0xd1}, {"Oacute", 0xd3},   {"Ocirc", 0xd4},
    {"Ograve", 0xd2},  {"Oslash", 0xd8}, {"Otilde", 0xd5},   {"Ouml", 0xd6},
    {"THORN", 0xde},   {"Uacute", 0xda}, {"Ucirc", 0xdb},    {"Ugrave", 0xd9},
    {"Uuml", 0xdc},    {"Yacute", 0xdd}, {"aacute", 0xe1},   {"acirc", 0xe2},
    {"acute", 0xb4},   {"aelig", 0xe6},  {"agrave", 0xe0},   {"amp", 0x26},
    {"apos", 0x27},    {"aring", 0xe5},  {"atilde", 0xe3},   {"auml", 0xe4},
    {"brvbar", 0xa6},  {"ccedil", 0xe7}, {"cedil", 0xb8},    {"cent", 0xa2},
    {"copy", 0xa9},    {"curren", 0xa4}, {"deg", 0xb0},      {"divide", 0xf7},
    {"eacute", 0xe9},  {"ecirc", 0xea},  {"egrave", 0xe8},   {"eth", 0xf0},
    {"euml", 0xeb},    {"euro", 0x20ac}, {"frac12", 0xbd},   {"frac14", 0xbc},
    {"frac34", 0xbe},  {"gt", 0x3e},     {"hellip", 0x2026}, {"iacute", 0xed},
    {"icirc", 0xee},   {"iexcl", 0xa1},  {"igrave", 0xec},   {"iquest", 0xbf},
    {"iuml", 0xef},    {"laquo", 0xab},  {"ldquo", 0x201c},  {"lsquo", 0x2018},
    {"lt", 0x3c},      {"macr", 0xaf},   {"mdash", 0x2014},  {"micro", 0xb5},
    {"middot", 0xb7},  {"nbsp", 0xa0},   {"ndash", 0x2013},  {"not", 0xac},
    {"ntilde", 0xf1},  {"oacute", 0xf3}, {"ocirc", 0xf4},    {"ograve", 0xf2},
    {"ordf", 0xaa},    {"ordm", 0xba},   {"oslash", 0xf8},   {"otilde", 0xf5},
    {"ouml", 0xf6},    {"para", 0xb6},   {"plusmn", 0xb1},   {"pound", 0xa3},
    {"quot", 0x22},    {"raquo", 0xbb},  {"rdquo", 0x201d},  {"reg", 0xae},
    {"rsquo", 0x2019}, {"sect", 0xa7},   {"shy", 0xad},      {"sup1", 0xb9},
    {"sup2", 0xb2},    {"sup3", 0xb3},   {"szlig", 0xdf},    {"thorn", 0xfe},
    {"times", 0xd7},   {"uacute", 0xfa}, {"ucirc", 0xfb},    {"ugrave", 0xf9},
    {"uml", 0xa8},     {"uuml", 0xfc},   {"yacute", 0xfd},   {"yen", 0xa5},
    {"yuml", 0xff},
};

enum { TAGS = sizeof tags / sizeof tags[0] };

/* The first row of each letter, TAGS where there is none. */
typedef struct tag_rows {
    uint8_t first[32];
} tag_rows;

static tag_rows
rows_of_tags(void)
{
    tag_rows r;
    memset(r.first, TAGS, sizeof r.first);
    for (size_t i = TAGS; i-- > 0;)
        r.first[tags[i].name[0] & 31] = (uint8_t)i;
    return r;
}

/* What a tag of this name, in any case, does to the text around it. */
static enum tag
tag_of(const tag_rows *rows, ndr_slice name)
{
    char key[TAG_BYTES] = {0};
    if (name.len == 0 || name.len >= sizeof key)
        return INLINE;
    for (size_t i = 0; i < name.len; i++)
        key[i] = (char)(name.ptr[i] | 0x20); /* in a digit that bit is set already */
    for (size_t i = rows->first[key[0] & 31]; i < TAGS && tags[i].name[0] == key[0]; i++)
        if (memcmp(key, tags[i].name, sizeof key) == 0)
            return tags[i].what;
    return INLINE;
}

/* The code point that a reference names, 0 when it is none. */
static uint32_t
find_reference(ndr_slice name)
{
    char key[sizeof references[0].name] = {0};
    if (name.len == 0 || name.len >= sizeof key)
        return 0;
    memcpy(key, name.ptr, name.len);
    size_t lo = 0, hi = sizeof references / sizeof references[0];
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const int c = memcmp(key, references[mid].name, sizeof key);
        if (c == 0)
            return references[mid].code;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return 0;
}

/* A tag's name behind '<' or '</'; empty when it is none. */
static ndr_slice
tag_name(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && i < 16 &&
           (((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z') ||
            (i > 0 && p[i] >= '0' && p[i] <= '9')))
        i++;
    return (ndr_slice){p, i};
}

/* Past the tag "</name …>", searched from `at`; the end when it never closes. */
static size_t
skip_raw(ndr_slice h, size_t at, ndr_slice name)
{
    while (at < h.len) {
        const unsigned char *lt = memchr(h.ptr + at, '<', h.len - at);
        if (lt == NULL)
            return h.len;
        at = (size_t)(lt - h.ptr) + 1;
        if (h.len - at > name.len && lt[1] == '/' &&
            ndr_slice_equal_nocase((ndr_slice){lt + 2, name.len}, name))
            break;
    }
    const unsigned char *gt = at < h.len ? memchr(h.ptr + at, '>', h.len - at) : NULL;
    return gt == NULL ? h.len : (size_t)(gt - h.ptr) + 1;
}

/* The reference at h.ptr[at] ('&') appended; the bytes taken, 1 when it is none. */
static size_t
add_reference(ndr_slice h, size_t at, ndr_buffer *out)
{
    const unsigned char *p = h.ptr + at + 1;
    const size_t left = h.len - at - 1;
    const size_t n = left < 10 ? left : 10;
    if (n >= 2 && p[0] == '#') {
        const bool is_hex = (p[1] | 0x20) == 'x';
        uint32_t code = 0;
        size_t i = is_hex ? 2 : 1;
        const size_t begin = i;
        for (; i < n; i++) {
            const int v = ndr_hex_value(p[i]);
            if (v < 0 || v >= (is_hex ? 16 : 10))
                break;
            code = code * (is_hex ? 16 : 10) + (uint32_t)v;
        }
        if (i > begin && i < n && p[i] == ';') {
            ndr_utf8_add(out, code == 0 ? 0xfffd : code);
            return i + 2;
        }
    }
    const unsigned char *semi = memchr(p, ';', n);
    const uint32_t code =
        semi != NULL ? find_reference((ndr_slice){p, (size_t)(semi - p)}) : 0;
    if (code != 0) {
        ndr_utf8_add(out, code);
        return (size_t)(semi - p) + 2;
    }
    ndr_buffer_byte(out, '&');
    return 1;
}

/* The tag at h.ptr[at] ('<') and what it stands for; where to go on. */
static size_t
take_tag(const tag_rows *rows, ndr_slice h, size_t at, ndr_buffer *out)
{
    const unsigned char *p = h.ptr + at + 1;
    const size_t n = h.len - at - 1;
    if (n >= 3 && memcmp(p, "!--", 3) == 0) {
        for (size_t i = at + 4; i + 3 <= h.len; i++) {
            const unsigned char *dash = memchr(h.ptr + i, '-', h.len - i);
            if (dash == NULL)
                break;
            i = (size_t)(dash - h.ptr);
            if (h.len - i >= 3 && dash[1] == '-' && dash[2] == '>')
                return i + 3;
        }
        return h.len;
    }
    const bool closing = n > 0 && p[0] == '/';
    const ndr_slice name = tag_name(p + closing, n - closing);
    if (name.len == 0 && !closing && !(n > 0 && (p[0] == '!' || p[0] == '?'))) {
        ndr_buffer_byte(out,
                        '<'); /* "a < b"; "<user@example.com>" is a tag by its looks */
        return at + 1;
    }
    const unsigned char *gt = memchr(p, '>', n);
    const size_t next = gt != NULL ? (size_t)(gt - h.ptr) + 1 : h.len;
    switch (tag_of(rows, name)) {
    case RAW:
        return closing ? next : skip_raw(h, next, name);
    case LINE_BREAK:
        ndr_buffer_byte(out, '\n');
        return next;
    case BLOCK:
        ndr_buffer_text(out, "\n\n");
        return next;
    default:
        return next;
    }
}

/* How many bytes stand for themselves. */
static size_t
plain_run(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] != '<' && p[i] != '&' && p[i] != '\n' && p[i] != '\r')
        i++;
    return i;
}

void
ndr_html_text(ndr_slice html, ndr_buffer *out)
{
    const tag_rows rows = rows_of_tags();
    size_t at = 0;
    while (at < html.len && !out->failed) {
        const unsigned char c = html.ptr[at];
        if (c == '<') {
            at = take_tag(&rows, html, at, out);
        } else if (c == '&') {
            at += add_reference(html, at, out);
        } else if (c == '\n' || c == '\r') { /* a line end in the source is a blank */
            ndr_buffer_byte(out, ' ');
            at++;
        } else {
            const size_t n = plain_run(html.ptr + at, html.len - at);
            ndr_buffer_add(out, (ndr_slice){html.ptr + at, n});
            at += n;
        }
    }
}
