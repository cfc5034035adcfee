/* SPDX-License-Identifier: BSD-3-Clause */
/* mime.c - see mime.h. */
#include "mime.h"

#include "header.h"
#include "ndr_hash.h"
#include "ndr_hex.h"
#include "ndr_vector.h"

#include <string.h>

enum {
    DEPTH_LIMIT = 100,
    PART_LIMIT = 10000,
    PARAM_BYTES = 2048,
    PATIENCE = 100000, /* lines that begin as a delimiter does; one that costs a … */
    LOOK = 4,          /* … look-up counts as that many */
};

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

/* ---- parameters in pieces (RFC 2231 3, 4) ---- */

enum { PIECES_BYTES = 256 };

typedef struct pieces {
    unsigned char text[PIECES_BYTES];
    size_t n;
    unsigned next; /* the number of the piece that is due: others are passed over */
} pieces;

/* Is `name` "BASE*", "BASE*7" or "BASE*7*"? Its number, and whether it is encoded. */
static bool
is_piece(ndr_slice name, ndr_slice base, unsigned *ret_number, bool *ret_encoded)
{
    if (name.len <= base.len || name.ptr[base.len] != '*' ||
        !ndr_slice_equal_nocase((ndr_slice){name.ptr, base.len}, base))
        return false;
    size_t i = base.len + 1;
    unsigned number = 0;
    for (; i < name.len && i < base.len + 5 && name.ptr[i] >= '0' && name.ptr[i] <= '9';
         i++)
        number = number * 10 + (unsigned)(name.ptr[i] - '0');
    *ret_number = number;
    *ret_encoded = true;
    if (i == base.len + 1)
        return i == name.len;
    if (i == name.len)
        *ret_encoded = false;
    return i == name.len || (i + 1 == name.len && name.ptr[i] == '*');
}

static void
add_piece(pieces *p, ndr_slice v, unsigned number, bool encoded)
{
    if (number != p->next)
        return;
    p->next++;
    size_t i = 0;
    if (encoded && number == 0) { /* charset'language' in front */
        const unsigned char *q = v.len > 0 ? memchr(v.ptr, '\'', v.len) : NULL;
        const size_t at = q != NULL ? (size_t)(q - v.ptr) + 1 : v.len;
        q = at < v.len ? memchr(v.ptr + at, '\'', v.len - at) : NULL;
        i = q != NULL ? (size_t)(q - v.ptr) + 1 : 0;
    }
    while (i < v.len && p->n < PIECES_BYTES) {
        unsigned char b = v.ptr[i++];
        if (encoded && b == '%' && v.len - i >= 2 && ndr_hex_value(v.ptr[i]) >= 0 &&
            ndr_hex_value(v.ptr[i + 1]) >= 0) {
            b = (unsigned char)(ndr_hex_value(v.ptr[i]) * 16 +
                                ndr_hex_value(v.ptr[i + 1]));
            i += 2;
        }
        p->text[p->n++] = b;
    }
}

/* What a byte is in a type: what it is in lower case, or one of these. */
enum { TYPE_ENDS = 0, TYPE_BLANK = 1, TYPE_BAD = 2 };

static unsigned char
in_type(unsigned char b)
{
    if (b >= 'a' && b <= 'z')
        return b;
    if (b >= 'A' && b <= 'Z')
        return b | 0x20;
    switch (b) {
    case '<': /* no type holds these (RFC 2045 5.1) */
    case '>':
    case ')':
    case ',':
    case '"':
    case ';':
        return TYPE_ENDS;
    case '(':
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return TYPE_BLANK;
    default:
        return b > ' ' && b < 0x7f ? b : TYPE_BAD;
    }
}

/* The type at *i in lower case; empty when there is no sound one: it becomes a canonical
 * line, and so is printable ASCII. */
static ndr_slice
take_type(ndr_arena *a, ndr_slice value, size_t *i, unsigned char text[PARAM_BYTES])
{
    enum { TYPE_BYTES = 127 };
    size_t n = 0, slash = 0, at = *i;
    bool sound = true;
    for (; at < value.len && n < TYPE_BYTES; at++) {
        const unsigned char b = in_type(value.ptr[at]);
        if (b == TYPE_ENDS)
            break;
        if (b == TYPE_BLANK) { /* "text / plain" is still one type */
            at = skip_blank(value, at);
            if (at >= value.len || value.ptr[at] != '/')
                break;
            at--;
            continue;
        }
        if (b == '/')
            slash = n;
        sound = sound && b != TYPE_BAD;
        text[n++] = b;
    }
    *i = at;
    return sound && slash > 0 && slash + 1 < n ? ndr_arena_copy(a, (ndr_slice){text, n})
                                               : (ndr_slice){0};
}

void
ndr_content_type(ndr_arena *a, ndr_slice value, const char *standard, ndr_content *c)
{
    unsigned char text[PARAM_BYTES];
    pieces boundary, charset; /* their texts are not for zeroing each time */
    boundary.n = charset.n = 0;
    boundary.next = charset.next = 0;
    unsigned number;
    bool encoded;
    size_t i = skip_blank(value, 0);
    c->type = take_type(a, value, &i, text);
    if (c->type.len == 0)
        c->type = ndr_slice_of(standard);
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
        else if (ndr_slice_equal_nocase(name, NDR_SLICE("charset")) &&
                 c->charset.len == 0)
            c->charset = ndr_arena_copy(a, v);
        else if (is_piece(name, NDR_SLICE("boundary"), &number, &encoded))
            add_piece(&boundary, v, number, encoded);
        else if (is_piece(name, NDR_SLICE("charset"), &number, &encoded))
            add_piece(&charset, v, number, encoded);
    }
    if (c->boundary.len == 0)
        c->boundary = ndr_arena_copy(a, trim_end((ndr_slice){boundary.text, boundary.n}));
    if (c->charset.len == 0)
        c->charset = ndr_arena_copy(a, (ndr_slice){charset.text, charset.n});
}

static ndr_slice
first_word(ndr_slice v)
{
    if (v.len == 0)
        return v; /* ptr may be NULL */
    const size_t begin = skip_blank(v, 0);
    size_t end = begin;
    while (end < v.len && !is_blank(v.ptr[end]) && v.ptr[end] != ';' && v.ptr[end] != '(')
        end++;
    return (ndr_slice){v.ptr + begin, end - begin};
}

void
ndr_content_transfer(ndr_slice value, ndr_content *c)
{
    c->transfer = ndr_transfer_find(first_word(value));
}

void
ndr_content_disposition(ndr_slice value, ndr_content *c)
{
    c->attachment = ndr_slice_equal_nocase(first_word(value), NDR_SLICE("attachment"));
}

size_t
ndr_content_read(ndr_arena *a, ndr_slice raw, const char *standard, ndr_content *c)
{
    *c = (ndr_content){.type = ndr_slice_of(standard)};
    bool type = false, transfer = false, disposition = false; /* the first counts */
    size_t at = 0;
    ndr_field f;
    while (ndr_header_next(raw, &at, &f) > 0) {
        if (f.name.len < 12 || (f.name.ptr[0] | 0x20) != 'c')
            continue;
        if (!type && ndr_field_is(&f, NDR_SLICE("content-type"))) {
            ndr_content_type(a, f.value, standard, c);
            type = true;
        } else if (!transfer &&
                   ndr_field_is(&f, NDR_SLICE("content-transfer-encoding"))) {
            ndr_content_transfer(f.value, c);
            transfer = true;
        } else if (!disposition && ndr_field_is(&f, NDR_SLICE("content-disposition"))) {
            ndr_content_disposition(f.value, c);
            disposition = true;
        }
    }
    return at;
}

/* ---- the walk ---- */

typedef struct level {
    ndr_slice boundary;
    uint64_t hash;
    size_t begin; /* of its body */
    bool seen;    /* its boundary was */
    bool alternative, digest;
    bool plain_seen;   /* in the nearest multipart/alternative around */
    uint8_t same_slot; /* the next level out in its slot, plus 1; 0: none */
} level;

enum { SLOTS = 256 };

typedef struct walk {
    ndr_slice body;
    level stack[DEPTH_LIMIT];
    size_t depth;
    size_t parts;
    bool whole;
    size_t patience; /* for lines that look like a delimiter, and are none */
    /* Most lines that look like a delimiter of a hundred levels are none, and must
     * not be held against each: the innermost open level by the hash of its boundary,
     * plus 1, and how many boundaries begin with a byte. */
    uint8_t slot[SLOTS], first[256];
} walk;

/* Leave all levels from `depth` on. */
static void
pop_to(walk *w, size_t depth)
{
    for (; w->depth > depth; w->depth--) {
        const level *l = &w->stack[w->depth - 1];
        w->slot[l->hash % SLOTS] = l->same_slot;
        w->first[l->boundary.ptr[0]]--;
    }
}

/* The innermost open level of this boundary, plus 1; 0: none. */
static size_t
find_level(const walk *w, ndr_slice boundary)
{
    const uint64_t hash = ndr_hash(boundary, 0);
    size_t i = w->slot[hash % SLOTS];
    while (i > 0 && (w->stack[i - 1].hash != hash ||
                     !ndr_slice_equal(w->stack[i - 1].boundary, boundary)))
        i = w->stack[i - 1].same_slot;
    return i;
}

/* A delimiter line (RFC 2046 5.1.1). */
typedef struct delimiter {
    size_t
        before; /* where the part in front of it ends: its line end is the delimiter's */
    size_t behind; /* where the next part begins */
    size_t level;
    bool closing;
} delimiter;

/* Does the line at `at` (which begins "--") delimit an open level? */
static bool
is_delimiter(const walk *w, size_t at, delimiter *d)
{
    const unsigned char *p = w->body.ptr + at + 2;
    const size_t left = w->body.len - at - 2;
    if (left == 0 || w->first[*p] == 0)
        return false;
    const unsigned char *lf = memchr(p, '\n', left);
    ndr_slice line = {p, lf != NULL ? (size_t)(lf - p) : left};
    d->behind = at + 2 + line.len + (lf != NULL);
    while (line.len > 0 &&
           (line.ptr[line.len - 1] <= ' ' || line.ptr[line.len - 1] == 0x7f))
        line.len--;
    if (line.len == 0 || line.len > PARAM_BYTES + 2) /* no boundary is so short or long */
        return false;
    size_t up = find_level(w, line), closes = 0;
    if (line.len > 2 && memcmp(line.ptr + line.len - 2, "--", 2) == 0)
        closes = find_level(w, (ndr_slice){line.ptr, line.len - 2});
    if (up == 0 && closes == 0)
        return false;
    d->closing = closes > up;
    d->level = (d->closing ? closes : up) - 1;
    d->before = at;
    if (at > 0)
        d->before -= at > 1 && w->body.ptr[at - 2] == '\r' ? 2 : 1;
    return true;
}

static bool
next_delimiter(walk *w, size_t from, delimiter *d)
{
    const unsigned char *p = w->body.ptr;
    size_t at = from;
    if (w->depth == 0)
        return false;
    if (w->body.len >= 2 && at + 2 <= w->body.len && p[at] == '-' && p[at + 1] == '-' &&
        (at == 0 || p[at - 1] == '\n') && is_delimiter(w, at, d))
        return true;
    while (at < w->body.len) {
        at += ndr_find(p + at, w->body.len - at, "\n-", 2);
        if (at + 3 > w->body.len)
            return false;
        if (p[at + 2] == '-' && is_delimiter(w, at + 1, d))
            return true;
        if (w->patience < LOOK) {
            w->whole = false;
            return false;
        }
        w->patience -= at + 3 < w->body.len && w->first[p[at + 3]] > 0 ? LOOK : 1;
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

/* Open a container whose body begins at `begin`; false when it has no boundary or
 * is too deep. */
static bool
push(walk *w, const ndr_content *c, size_t begin)
{
    if (!starts_with(c->type, "multipart/") || c->boundary.len == 0)
        return false;
    if (w->depth == DEPTH_LIMIT) {
        w->whole = false;
        return false;
    }
    const bool alternative = ndr_slice_equal(c->type, NDR_SLICE("multipart/alternative"));
    const bool plain = !alternative && w->depth > 0 && w->stack[w->depth - 1].plain_seen;
    w->stack[w->depth] = (level){
        .boundary = c->boundary,
        .hash = ndr_hash(c->boundary, 0),
        .begin = begin,
        .alternative = alternative,
        .digest = ndr_slice_equal(c->type, NDR_SLICE("multipart/digest")),
        .plain_seen = plain,
    };
    level *l = &w->stack[w->depth++];
    l->same_slot = w->slot[l->hash % SLOTS];
    w->slot[l->hash % SLOTS] = (uint8_t)w->depth;
    w->first[l->boundary.ptr[0]]++;
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

/* Where the header of the part at `at` may reach: an open level's delimiter ends
 * it, even one that looks like a field ("--a:b"). */
static ndr_slice
header_room(walk *w, size_t at, size_t begin)
{
    const ndr_slice body = w->body;
    delimiter d;
    w->body.len = begin;
    const bool cut = next_delimiter(w, at, &d);
    w->body = body;
    const size_t end = !cut ? body.len : d.before > at ? d.before : at;
    return (ndr_slice){body.ptr + at, end - at};
}

/* Read the header of the part at `at` into `now`; returns where its body begins. */
static size_t
read_part(walk *w, ndr_arena *a, size_t at, ndr_content *now)
{
    const char *standard =
        w->stack[w->depth - 1].digest ? "message/rfc822" : "text/plain";
    const ndr_slice rest = {w->body.ptr + at, w->body.len - at};
    const size_t begin = at + ndr_content_read(a, rest, standard, now);
    const ndr_slice room = header_room(w, at, begin);
    return room.len == rest.len ? begin : at + ndr_content_read(a, room, standard, now);
}

bool
ndr_mime_walk(ndr_arena *a, const ndr_content *top, ndr_slice body, ndr_part_fn *fn,
              void *ctx)
{
    walk w = {.body = body, .whole = true, .patience = PATIENCE};
    const bool multipart = starts_with(top->type, "multipart/");
    if (multipart && !fn(ctx, &(ndr_part){.content = top, .multipart = true}))
        return true;
    if (!push(&w, top, 0)) {
        (void)fn(ctx,
                 multipart
                     ? &(ndr_part){.content = &text_plain, .body = body, .unlisted = true}
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
        const level *inner = &w.stack[w.depth - 1];
        if (!inner->seen && !(found && d.level == w.depth - 1)) {
            /* the boundary of the innermost container is nowhere in it */
            begin = inner->begin;
            part = (ndr_part){.content = &text_plain,
                              .unlisted = true,
                              .plain_before = inner->plain_seen};
            open = true;
        }
        if (open) {
            const size_t end = found ? d.before : body.len;
            part.body = (ndr_slice){body.ptr + begin, end > begin ? end - begin : 0};
            if (!fn(ctx, &part))
                return w.whole;
            open = false;
        }
        if (!found)
            break;
        w.stack[d.level].seen = true;
        pop_to(&w, d.closing ? d.level : d.level + 1);
        at = d.behind;
        if (d.closing)
            continue;
        if (++w.parts > PART_LIMIT)
            return false;
        const bool plain_before = w.stack[w.depth - 1].plain_seen;
        begin = read_part(&w, a, at, &now);
        part = (ndr_part){.content = &now, .plain_before = plain_before};
        if (ndr_slice_equal(now.type, NDR_SLICE("text/plain")) && !now.attachment)
            note_plain(&w);
        part.multipart = starts_with(now.type, "multipart/");
        if (part.multipart && !fn(ctx, &part))
            return w.whole;
        open = !push(&w, &now, begin);
        if (open && part.multipart) /* no boundary: what there is, is read as text */
            part = (ndr_part){.content = &text_plain, .unlisted = true};
        /* a delimiter may stand right behind an empty header */
        at = begin > at ? begin - 1 : at;
    }
    return w.whole;
}
