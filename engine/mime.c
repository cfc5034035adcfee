/* SPDX-License-Identifier: BSD-3-Clause */
/* mime.c - see mime.h. */
#include "mime.h"

#include "find.h"
#include "header.h"

#include <string.h>

enum { DEPTH_LIMIT = 100, PART_LIMIT = 10000, PARAM_BYTES = 2048 };

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past blanks and comments (RFC 822 3.4.3). */
static size_t
skip_blank(ndr_slice v, size_t i)
{
    int depth = 0;
    for (; i < v.len; i++) {
        const unsigned char c = v.ptr[i];
        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (c == '\\' && depth > 0)
            i++;
        else if (depth == 0 && !is_blank(c))
            break;
    }
    return i < v.len ? i : v.len;
}

/* A token or quoted string at *i, unquoted into `text`. */
static ndr_slice
take_value(ndr_slice v, size_t *i, unsigned char text[PARAM_BYTES])
{
    size_t n = 0, at = *i;
    if (at < v.len && v.ptr[at] == '"') {
        for (at++; at < v.len && v.ptr[at] != '"'; at++) {
            if (v.ptr[at] == '\\' && at + 1 < v.len)
                at++;
            if (v.ptr[at] != '\r' && v.ptr[at] != '\n' && n < PARAM_BYTES)
                text[n++] = v.ptr[at];
        }
        at += at < v.len;
    } else {
        for (; at < v.len && !is_blank(v.ptr[at]) && v.ptr[at] != ';'; at++)
            if (n < PARAM_BYTES)
                text[n++] = v.ptr[at];
    }
    *i = at;
    return (ndr_slice){text, n};
}

static ndr_slice
trim_end(ndr_slice s)
{
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

void
ndr_content_type(ndr_arena *a, ndr_slice value, ndr_content *c)
{
    unsigned char text[PARAM_BYTES];
    size_t n = 0, slash = 0;
    size_t i = skip_blank(value, 0);
    for (; i < value.len && value.ptr[i] != ';' && n < 127; i++) {
        const unsigned char b = value.ptr[i];
        if (is_blank(b) || b == '(') {
            i = skip_blank(value, i);
            if (i >= value.len || value.ptr[i] != '/') /* "text / plain" is still one type */
                break;
            i--;
            continue;
        }
        if (b == '/')
            slash = n;
        text[n++] = b >= 'A' && b <= 'Z' ? (unsigned char)(b | 0x20) : b;
    }
    c->type = slash > 0 && slash + 1 < n ? ndr_arena_copy(a, (ndr_slice){text, n})
                                         : NDR_SLICE("text/plain");
    c->boundary = c->charset = (ndr_slice){0};
    while (i < value.len) {
        const unsigned char *semi = memchr(value.ptr + i, ';', value.len - i);
        if (semi == NULL)
            break;
        i = skip_blank(value, (size_t)(semi - value.ptr) + 1);
        const size_t name_at = i;
        while (i < value.len && value.ptr[i] != '=' && value.ptr[i] != ';' &&
               !is_blank(value.ptr[i]))
            i++;
        const ndr_slice name = {value.ptr + name_at, i - name_at};
        i = skip_blank(value, i);
        if (i >= value.len || value.ptr[i] != '=')
            continue;
        i = skip_blank(value, i + 1);
        const ndr_slice v = take_value(value, &i, text);
        if (ndr_slice_equal_nocase(name, NDR_SLICE("boundary")) && c->boundary.len == 0)
            c->boundary = ndr_arena_copy(a, trim_end(v));
        else if (ndr_slice_equal_nocase(name, NDR_SLICE("charset")) && c->charset.len == 0)
            c->charset = ndr_arena_copy(a, v);
    }
}

static ndr_slice
first_word(ndr_slice v)
{
    const size_t begin = skip_blank(v, 0);
    size_t end = begin;
    while (end < v.len && !is_blank(v.ptr[end]) && v.ptr[end] != ';' && v.ptr[end] != '(')
        end++;
    return (ndr_slice){v.ptr + begin, end - begin};
}

size_t
ndr_content_read(ndr_arena *a, ndr_slice raw, const char *standard, ndr_content *c)
{
    *c = (ndr_content){.type = ndr_slice_of(standard)};
    size_t at = 0;
    ndr_field f;
    while (ndr_header_next(raw, &at, &f) > 0) {
        if (f.name.len < 12 || (f.name.ptr[0] | 0x20) != 'c')
            continue;
        if (ndr_field_is(&f, NDR_SLICE("content-type")))
            ndr_content_type(a, f.value, c);
        else if (ndr_field_is(&f, NDR_SLICE("content-transfer-encoding")))
            c->transfer = ndr_transfer_find(first_word(f.value));
        else if (ndr_field_is(&f, NDR_SLICE("content-disposition")))
            c->attachment =
                ndr_slice_equal_nocase(first_word(f.value), NDR_SLICE("attachment"));
    }
    return at;
}

/* ---- the walk ---- */

typedef struct level {
    ndr_slice boundary;
    bool alternative, digest;
    bool plain_seen; /* in the nearest multipart/alternative around */
} level;

typedef struct walk {
    ndr_slice body;
    level stack[DEPTH_LIMIT];
    size_t depth;
    size_t parts;
    bool whole;
} walk;

/* A delimiter line (RFC 2046 5.1.1). */
typedef struct delimiter {
    size_t before; /* where the part in front of it ends: its line end is the delimiter's */
    size_t behind; /* where the next part begins */
    size_t level;
    bool closing;
} delimiter;

/* Does the line at `at` (which begins "--") delimit an open level? */
static bool
is_delimiter(const walk *w, size_t at, delimiter *d)
{
    const unsigned char *p = w->body.ptr + at + 2;
    const size_t n = w->body.len - at - 2;
    for (size_t i = w->depth; i-- > 0;) {
        const ndr_slice b = w->stack[i].boundary;
        if (n < b.len || memcmp(p, b.ptr, b.len) != 0)
            continue;
        size_t k = b.len;
        const bool closing = n - k >= 2 && p[k] == '-' && p[k + 1] == '-';
        k += closing ? 2 : 0;
        while (k < n && (p[k] == ' ' || p[k] == '\t'))
            k++;
        if (k < n && p[k] == '\r')
            k++;
        if (k < n && p[k] != '\n')
            continue;
        d->level = i;
        d->closing = closing;
        d->behind = at + 2 + k + (k < n);
        d->before = at;
        if (at > 0)
            d->before -= at > 1 && w->body.ptr[at - 2] == '\r' ? 2 : 1;
        return true;
    }
    return false;
}

static bool
next_delimiter(const walk *w, size_t from, delimiter *d)
{
    const unsigned char *p = w->body.ptr;
    size_t at = from;
    if (w->body.len >= 2 && at + 2 <= w->body.len && p[at] == '-' && p[at + 1] == '-' &&
        (at == 0 || p[at - 1] == '\n') && is_delimiter(w, at, d))
        return true;
    while (at < w->body.len) {
        at += ndr_find_pair(p + at, w->body.len - at, '\n', '-');
        if (at + 3 > w->body.len)
            return false;
        if (p[at + 2] == '-' && is_delimiter(w, at + 1, d))
            return true;
        at++;
    }
    return false;
}

static bool
starts_with(ndr_slice s, const char *prefix)
{
    const size_t n = strlen(prefix);
    return s.len >= n && memcmp(s.ptr, prefix, n) == 0;
}

/* Open a container; false when it has no boundary or is too deep. */
static bool
push(walk *w, const ndr_content *c)
{
    if (!starts_with(c->type, "multipart/") || c->boundary.len == 0)
        return false;
    if (w->depth == DEPTH_LIMIT) {
        w->whole = false;
        return false;
    }
    const bool alternative = ndr_slice_equal(c->type, NDR_SLICE("multipart/alternative"));
    const bool plain = !alternative && w->depth > 0 && w->stack[w->depth - 1].plain_seen;
    w->stack[w->depth++] = (level){
        .boundary = c->boundary,
        .alternative = alternative,
        .digest = ndr_slice_equal(c->type, NDR_SLICE("multipart/digest")),
        .plain_seen = plain,
    };
    return true;
}

/* A text/plain part: html beside it, or deeper in, says the same again. */
static void
note_plain(walk *w)
{
    size_t i = w->depth;
    while (i > 0 && !w->stack[i - 1].alternative)
        i--;
    for (size_t k = i == 0 ? w->depth : i - 1; k < w->depth; k++)
        w->stack[k].plain_seen = true;
}

static const ndr_content text_plain = {
    .type = {(const unsigned char *)"text/plain", sizeof "text/plain" - 1}};

bool
ndr_mime_walk(ndr_arena *a, const ndr_content *top, ndr_slice body, ndr_part_fn *fn, void *ctx)
{
    walk w = {.body = body, .whole = true};
    const bool multipart = starts_with(top->type, "multipart/");
    if (multipart && !fn(ctx, &(ndr_part){.content = top, .multipart = true}))
        return true;
    if (!push(&w, top)) {
        (void)fn(ctx, multipart ? &(ndr_part){.content = &text_plain, .body = body, .unlisted = true}
                                : &(ndr_part){.content = top, .body = body});
        return w.whole;
    }
    ndr_content now = {0};
    ndr_part part = {0};
    bool open = false; /* a part began at `begin` and waits for its end */
    size_t begin = 0, at = 0;
    delimiter d;
    while (w.depth > 0) {
        const bool found = next_delimiter(&w, at, &d);
        if (open) {
            const size_t end = found ? d.before : body.len;
            part.body = (ndr_slice){body.ptr + begin, end > begin ? end - begin : 0};
            if (!fn(ctx, &part))
                return w.whole;
            open = false;
        }
        if (!found && w.parts == 0) /* its boundary is nowhere in it */
            (void)fn(ctx, &(ndr_part){.content = &text_plain, .body = body, .unlisted = true});
        if (!found)
            break;
        w.depth = d.closing ? d.level : d.level + 1;
        at = d.behind;
        if (d.closing)
            continue;
        if (++w.parts > PART_LIMIT)
            return false;
        level *up = &w.stack[w.depth - 1];
        const ndr_slice rest = {body.ptr + at, body.len - at};
        begin = at + ndr_content_read(a, rest, up->digest ? "message/rfc822" : "text/plain",
                                      &now);
        part = (ndr_part){.content = &now, .plain_before = up->plain_seen};
        if (ndr_slice_equal(now.type, NDR_SLICE("text/plain")) && !now.attachment)
            note_plain(&w);
        part.multipart = starts_with(now.type, "multipart/");
        if (part.multipart && !fn(ctx, &part))
            return w.whole;
        open = !push(&w, &now);
        if (open && part.multipart) /* no boundary: what there is, is read as text */
            part = (ndr_part){.content = &text_plain, .unlisted = true};
        /* a delimiter may stand right behind an empty header */
        at = begin > at ? begin - 1 : at;
    }
    return w.whole;
}
