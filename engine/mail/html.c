/* SPDX-License-Identifier: BSD-3-Clause */
/* html.c - see html.h. Bounces are simple pages: no tree is built. */
#include "html.h"

#include "base/utf8.h"
#include "html_references.h"
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

/* Append what a reference of this name stands for; false when there is none. */
static bool
put_reference(ndr_slice name, ndr_buffer *out)
{
    if (name.len == 0 || name.ptr[0] < 64 || name.ptr[0] >= 128)
        return false;
    size_t lo = reference_first[name.ptr[0] - 64];
    size_t hi = reference_first[name.ptr[0] - 63];
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const size_t len = references[mid].len;
        int c = memcmp(name.ptr, (const char *)&reference_names + references[mid].at,
                       len < name.len ? len : name.len);
        if (c == 0)
            c = (name.len > len) - (name.len < len);
        if (c == 0) {
            ndr_utf8_add(out, references[mid].code);
            if (references[mid].second != 0)
                ndr_utf8_add(out, references[mid].second);
            return true;
        }
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
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
    const unsigned char *semi =
        memchr(p, ';', left <= REFERENCE_BYTES ? left : REFERENCE_BYTES + 1);
    if (semi != NULL && put_reference((ndr_slice){p, (size_t)(semi - p)}, out))
        return (size_t)(semi - p) + 2;
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
