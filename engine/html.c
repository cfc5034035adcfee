/* SPDX-License-Identifier: BSD-3-Clause */
/* html.c - see html.h. Bounces are simple pages: no tree is built. */
#include "html.h"

#include "utf8.h"

#include <string.h>

static const char *const block_tags[] = {
    "address", "article", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "html", "li", "ol", "p", "pre", "section", "table", "tbody", "td", "th", "thead", "title", "tr", "ul",
};

static const struct {
    const char *name;
    uint32_t code;
} references[] = {
    {"amp", 0x26},
    {"lt", 0x3c},
    {"gt", 0x3e},
    {"quot", 0x22},
    {"apos", 0x27},
    {"nbsp", 0xa0},
    {"iexcl", 0xa1},
    {"cent", 0xa2},
    {"pound", 0xa3},
    {"curren", 0xa4},
    {"yen", 0xa5},
    {"brvbar", 0xa6},
    {"sect", 0xa7},
    {"uml", 0xa8},
    {"copy", 0xa9},
    {"ordf", 0xaa},
    {"laquo", 0xab},
    {"not", 0xac},
    {"shy", 0xad},
    {"reg", 0xae},
    {"macr", 0xaf},
    {"deg", 0xb0},
    {"plusmn", 0xb1},
    {"sup2", 0xb2},
    {"sup3", 0xb3},
    {"acute", 0xb4},
    {"micro", 0xb5},
    {"para", 0xb6},
    {"middot", 0xb7},
    {"cedil", 0xb8},
    {"sup1", 0xb9},
    {"ordm", 0xba},
    {"raquo", 0xbb},
    {"frac14", 0xbc},
    {"frac12", 0xbd},
    {"frac34", 0xbe},
    {"iquest", 0xbf},
    {"Agrave", 0xc0},
    {"Aacute", 0xc1},
    {"Acirc", 0xc2},
    {"Atilde", 0xc3},
    {"Auml", 0xc4},
    {"Aring", 0xc5},
    {"AElig", 0xc6},
    {"Ccedil", 0xc7},
    {"Egrave", 0xc8},
    {"Eacute", 0xc9},
    {"Ecirc", 0xca},
    {"Euml", 0xcb},
    {"Igrave", 0xcc},
    {"Iacute", 0xcd},
    {"Icirc", 0xce},
    {"Iuml", 0xcf},
    {"ETH", 0xd0},
    {"Ntilde", 0xd1},
    {"Ograve", 0xd2},
    {"Oacute", 0xd3},
    {"Ocirc", 0xd4},
    {"Otilde", 0xd5},
    {"Ouml", 0xd6},
    {"times", 0xd7},
    {"Oslash", 0xd8},
    {"Ugrave", 0xd9},
    {"Uacute", 0xda},
    {"Ucirc", 0xdb},
    {"Uuml", 0xdc},
    {"Yacute", 0xdd},
    {"THORN", 0xde},
    {"szlig", 0xdf},
    {"agrave", 0xe0},
    {"aacute", 0xe1},
    {"acirc", 0xe2},
    {"atilde", 0xe3},
    {"auml", 0xe4},
    {"aring", 0xe5},
    {"aelig", 0xe6},
    {"ccedil", 0xe7},
    {"egrave", 0xe8},
    {"eacute", 0xe9},
    {"ecirc", 0xea},
    {"euml", 0xeb},
    {"igrave", 0xec},
    {"iacute", 0xed},
    {"icirc", 0xee},
    {"iuml", 0xef},
    {"eth", 0xf0},
    {"ntilde", 0xf1},
    {"ograve", 0xf2},
    {"oacute", 0xf3},
    {"ocirc", 0xf4},
    {"otilde", 0xf5},
    {"ouml", 0xf6},
    {"divide", 0xf7},
    {"oslash", 0xf8},
    {"ugrave", 0xf9},
    {"uacute", 0xfa},
    {"ucirc", 0xfb},
    {"uuml", 0xfc},
    {"yacute", 0xfd},
    {"thorn", 0xfe},
    {"yuml", 0xff},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"lsquo", 0x2018},
    {"rsquo", 0x2019},
    {"ldquo", 0x201c},
    {"rdquo", 0x201d},
    {"hellip", 0x2026},
    {"euro", 0x20ac},
};

static bool
is_name(ndr_slice tag, const char *name)
{
    return ndr_slice_equal_nocase(tag, ndr_slice_of(name));
}

/* A tag's name behind '<' or '</'; empty when it is none. */
static ndr_slice
tag_name(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && i < 16 &&
           (((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z') || (i > 0 && p[i] >= '0' && p[i] <= '9')))
        i++;
    return (ndr_slice){p, i};
}

/* Past "</name", searched from `at`; the end when it never closes. */
static size_t
skip_raw(ndr_slice h, size_t at, const char *name)
{
    const size_t n = strlen(name);
    while (at < h.len) {
        const unsigned char *lt = memchr(h.ptr + at, '<', h.len - at);
        if (lt == NULL)
            return h.len;
        at = (size_t)(lt - h.ptr) + 1;
        if (h.len - at > n && lt[1] == '/' && is_name((ndr_slice){lt + 2, n}, name))
            return at + 1 + n;
    }
    return h.len;
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
            const unsigned char l = p[i] | 0x20;
            if (p[i] >= '0' && p[i] <= '9')
                code = code * (is_hex ? 16 : 10) + (uint32_t)(p[i] - '0');
            else if (is_hex && l >= 'a' && l <= 'f')
                code = code * 16 + (uint32_t)(l - 'a' + 10);
            else
                break;
        }
        if (i > begin) {
            ndr_utf8_add(out, code == 0 ? 0xfffd : code);
            return 1 + i + (i < left && p[i] == ';');
        }
    }
    const unsigned char *semi = memchr(p, ';', n);
    if (semi != NULL)
        for (size_t k = 0; k < sizeof references / sizeof references[0]; k++)
            if (ndr_slice_equal((ndr_slice){p, (size_t)(semi - p)},
                                ndr_slice_of(references[k].name))) {
                ndr_utf8_add(out, references[k].code);
                return (size_t)(semi - p) + 2;
            }
    ndr_buffer_byte(out, '&');
    return 1;
}

/* The tag at h.ptr[at] ('<') and what it stands for; where to go on. */
static size_t
take_tag(ndr_slice h, size_t at, ndr_buffer *out)
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
    if (name.len == 0 && !(n > 0 && (p[0] == '!' || p[0] == '?'))) {
        ndr_buffer_byte(out, '<'); /* "a < b", "<user@example.com>" is a tag by its looks */
        return at + 1;
    }
    const unsigned char *gt = memchr(p, '>', n);
    size_t next = gt != NULL ? (size_t)(gt - h.ptr) + 1 : h.len;
    if (gt != NULL && memchr(p, '@', (size_t)(gt - p)) != NULL &&
        memchr(p, '=', (size_t)(gt - p)) == NULL) {
        ndr_buffer_byte(out, '<'); /* an address that somebody forgot to escape */
        return at + 1;
    }
    if (!closing && is_name(name, "script"))
        return skip_raw(h, next, "script");
    if (!closing && is_name(name, "style"))
        return skip_raw(h, next, "style");
    if (is_name(name, "br")) {
        ndr_buffer_byte(out, '\n');
        return next;
    }
    for (size_t i = 0; i < sizeof block_tags / sizeof block_tags[0]; i++)
        if (is_name(name, block_tags[i])) {
            ndr_buffer_text(out, "\n\n");
            break;
        }
    return next;
}

void
ndr_html_text(ndr_slice html, ndr_buffer *out)
{
    size_t at = 0;
    while (at < html.len && !out->failed) {
        const unsigned char c = html.ptr[at];
        if (c == '<') {
            at = take_tag(html, at, out);
        } else if (c == '&') {
            at += add_reference(html, at, out);
        } else {
            /* a line end in the source is only a blank */
            ndr_buffer_byte(out, c == '\n' || c == '\r' ? ' ' : c);
            at++;
        }
    }
}
