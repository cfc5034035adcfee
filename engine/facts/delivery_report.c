/* SPDX-License-Identifier: BSD-3-Clause */
/* delivery_report.c - see delivery_report.h. */
#include "delivery_report.h"

#include "base/utf8.h"
#include "mail/address.h"
#include "mail/header.h"
#include "ndr_hex.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *type;
    bool delivery;      /* per-recipient groups with actions */
    enum ndr_kind kind; /* of a part of this type that states no action */
} types[] = {
    {"message/delivery-status", true, NDR_KIND_NONE},
    {"message/global-delivery-status", true, NDR_KIND_NONE},
    {"message/disposition-notification", false, NDR_KIND_RECEIPT},
    {"message/global-disposition-notification", false, NDR_KIND_RECEIPT},
    {"message/feedback-report", false, NDR_KIND_FEEDBACK},
};

static int
type_row(ndr_slice type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ndr_slice_equal(type, ndr_slice_of(types[i].type)))
            return (int)i;
    return -1;
}

bool
ndr_report_type(ndr_slice type)
{
    return type_row(type) >= 0;
}

static ndr_slice
trim(ndr_slice s)
{
    while (s.len > 0 && s.ptr[0] == ' ')
        s = (ndr_slice){s.ptr + 1, s.len - 1};
    while (s.len > 0 && s.ptr[s.len - 1] == ' ')
        s.len--;
    return s;
}

/* Without "rfc822;" and its like (RFC 3464 2.1.2). */
static ndr_slice
without_type(ndr_slice v)
{
    const unsigned char *semi =
        v.len == 0 ? NULL : memchr(v.ptr, ';', v.len < 40 ? v.len : 40);
    if (semi != NULL && memchr(v.ptr, '@', (size_t)(semi - v.ptr)) == NULL)
        v = trim((ndr_slice){semi + 1, v.len - (size_t)(semi + 1 - v.ptr)});
    return v;
}

/* The character that "\\x{E9}" at the front of `s` stands for (RFC 6533 3), and in *used
 * how many bytes do; 0 when it is none, or one that no address holds. */
static uint32_t
escaped_point(ndr_slice s, size_t *used)
{
    uint32_t point = 0;
    size_t i = 3;
    if (s.len < 5 || memcmp(s.ptr, "\\x{", 3) != 0)
        return 0;
    for (; i < s.len && i < 9 && s.ptr[i] != '}'; i++) {
        const int v = ndr_hex_value(s.ptr[i]);
        if (v < 0)
            return 0;
        point = point * 16 + (uint32_t)v;
    }
    if (i == 3 || i == s.len || s.ptr[i] != '}')
        return 0;
    *used = i + 1;
    const bool sound = point > ' ' && (point < 0x7f || point > 0xa0) &&
                       point < 0x110000 && (point < 0xd800 || point > 0xdfff);
    return sound ? point : 0;
}

/* An address of type utf-8 with its escapes read: in `a`, or as it is. */
static ndr_slice
unescape(ndr_slice v, ndr_arena *a)
{
    if (v.len == 0 || memchr(v.ptr, '\\', v.len) == NULL)
        return v;
    unsigned char *out = ndr_arena_take(a, v.len); /* no character is longer */
    if (out == NULL)
        return (ndr_slice){0};
    size_t n = 0, used = 0;
    for (size_t i = 0; i < v.len;) {
        const uint32_t point = escaped_point((ndr_slice){v.ptr + i, v.len - i}, &used);
        if (point == 0) {
            out[n++] = v.ptr[i++];
            continue;
        }
        unsigned char bytes[4];
        const size_t len = ndr_utf8_put(point, bytes);
        memcpy(out + n, bytes, len);
        n += len;
        i += used;
    }
    return (ndr_slice){out, n};
}

/* The mailbox that a field names, else what it says in place of one. */
static ndr_slice
address_of(ndr_slice v, ndr_arena *a)
{
    const ndr_slice type = NDR_SLICE("utf-8;");
    const bool utf8 =
        v.len > type.len && ndr_slice_equal_nocase((ndr_slice){v.ptr, type.len}, type);
    v = without_type(v);
    if (utf8)
        v = unescape(v, a);
    const ndr_address found = ndr_address_find(v);
    if (found.domain.len > 0)
        return ndr_address_text(found, a);
    if (v.len >= 2 && v.ptr[0] == '<' && v.ptr[v.len - 1] == '>')
        v = trim((ndr_slice){v.ptr + 1, v.len - 2});
    while (v.len > 0 && (v.ptr[v.len - 1] == ';' || v.ptr[v.len - 1] == ' '))
        v.len--;
    return ndr_arena_copy(a, v);
}

/* The leading word, up to a blank, a comment or a semicolon. */
static ndr_slice
word(ndr_slice v)
{
    size_t n = 0;
    while (n < v.len && v.ptr[n] != ' ' && v.ptr[n] != '(' && v.ptr[n] != ';')
        n++;
    return (ndr_slice){v.ptr, n};
}

static size_t
digits(ndr_slice s, size_t at)
{
    size_t n = 0;
    while (at + n < s.len && s.ptr[at + n] >= '0' && s.ptr[at + n] <= '9')
        n++;
    return n;
}

/* The first status code in `v` (RFC 3463 2), empty when there is none: some write an SMTP
 * reply there, or half a code, or a word. */
static ndr_slice
status_code(ndr_slice v)
{
    for (size_t i = 0; i < v.len;) {
        size_t n = digits(v, i);
        const bool begins = n == 1 && (i == 0 || v.ptr[i - 1] != '.') &&
                            (v.ptr[i] == '2' || v.ptr[i] == '4' || v.ptr[i] == '5');
        for (int part = 0; begins && part < 2; part++) {
            const size_t more =
                i + n < v.len && v.ptr[i + n] == '.' ? digits(v, i + n + 1) : 0;
            if (more == 0 || more > 3)
                break;
            n += 1 + more;
            if (part == 1 &&
                (i + n + 1 >= v.len || v.ptr[i + n] != '.' || digits(v, i + n + 1) == 0))
                return (ndr_slice){v.ptr + i, n};
        }
        i += n > 0 ? n : 1;
    }
    return (ndr_slice){0};
}

static enum ndr_kind
kind_of_action(ndr_slice action)
{
    static const struct {
        const char *word;
        enum ndr_kind kind;
    } actions[] = {
        {"failed", NDR_KIND_FAILED},       {"delayed", NDR_KIND_DELAYED},
        {"delivered", NDR_KIND_DELIVERED}, {"relayed", NDR_KIND_DELIVERED},
        {"expanded", NDR_KIND_DELIVERED},
    };
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (ndr_slice_equal_nocase(action, ndr_slice_of(actions[i].word)))
            return actions[i].kind;
    return NDR_KIND_NONE;
}

/* Failed outweighs delayed, delayed outweighs delivered. */
static void
note_action(ndr_report *r, ndr_slice action)
{
    const enum ndr_kind k = kind_of_action(action);
    if (k == NDR_KIND_NONE)
        return;
    if (!r->has_action || k < r->kind)
        r->kind = k;
    r->has_action = true;
}

void
ndr_report_keep(ndr_report *r, const ndr_recipient *row, ndr_arena *a)
{
    if (r->count == NDR_RECIPIENT_LIMIT)
        return;
    if (r->count == r->cap) {
        const size_t cap = r->cap == 0 ? 8 : 2 * r->cap;
        ndr_recipient *more = ndr_arena_take(a, cap * sizeof *more);
        if (more == NULL)
            return;
        if (r->count > 0)
            memcpy(more, r->recipient, r->count * sizeof *more);
        r->recipient = more;
        r->cap = cap;
    }
    r->recipient[r->count++] = *row;
}

/* How a field's value is kept. */
enum keep { KEEP_ALL, KEEP_TYPED, KEEP_ADDRESS, KEEP_WORD, KEEP_CODE };

static ndr_slice
kept_value(ndr_slice v, enum keep how, ndr_arena *a)
{
    switch (how) {
    case KEEP_ALL:
        break;
    case KEEP_TYPED:
        v = without_type(v);
        break;
    case KEEP_ADDRESS:
        return address_of(v, a);
    case KEEP_WORD:
        v = word(v);
        break;
    default:
        v = status_code(v);
    }
    return ndr_arena_copy(a, v);
}

/* One field of a delivery report: into the group's row, then true, or the message's. Of
 * a field that comes twice in a group, the first counts. */
static bool
note_field(ndr_report *r, const ndr_field *f, ndr_slice v, ndr_recipient *row,
           ndr_arena *a)
{
    /* offsets, so that a hostile part's many fields build no table each */
#define MESSAGE(m) true, offsetof(ndr_report, m)
#define GROUP(m)   false, offsetof(ndr_recipient, m)
#define NAME(lit)                                                                        \
    {                                                                                    \
        (const unsigned char *)(lit), sizeof(lit) - 1                                    \
    }
    static const struct {
        ndr_slice name;
        bool of_message;
        size_t at;
        enum keep how;
    } fields[] = {
        {NAME("reporting-mta"), MESSAGE(reporting_mta), KEEP_TYPED},
        {NAME("arrival-date"), MESSAGE(arrival_date), KEEP_ALL},
        {NAME("last-attempt-date"), GROUP(last_attempt), KEEP_ALL},
        {NAME("final-recipient"), GROUP(final), KEEP_ADDRESS},
        {NAME("original-recipient"), GROUP(original), KEEP_ADDRESS},
        {NAME("action"), GROUP(action), KEEP_WORD},
        {NAME("status"), GROUP(status), KEEP_CODE},
        {NAME("diagnostic-code"), GROUP(diagnostic), KEEP_TYPED},
        {NAME("remote-mta"), GROUP(remote_mta), KEEP_TYPED},
    };
#undef NAME
#undef MESSAGE
#undef GROUP
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!ndr_field_is(f, fields[i].name))
            continue;
        char *base = fields[i].of_message ? (char *)r : (char *)row;
        ndr_slice *into = (ndr_slice *)(void *)(base + fields[i].at);
        if (into->len == 0)
            *into = kept_value(v, fields[i].how, a);
        return !fields[i].of_message;
    }
    return false;
}

/* Append "name: value" of one field; the value, borrowed from `lines`. */
static ndr_slice
add_line(const ndr_field *f, ndr_buffer *lines)
{
    if (!ndr_buffer_reserve(lines, f->name.len + 2))
        return (ndr_slice){0};
    unsigned char *o = lines->ptr + lines->len;
    for (size_t i = 0; i < f->name.len; i++) {
        const unsigned char b = f->name.ptr[i];
        *o++ = b >= 'A' && b <= 'Z' ? (unsigned char)(b | 0x20) : b;
    }
    *o++ = ':';
    *o++ = ' ';
    lines->len = (size_t)(o - lines->ptr);
    const size_t at = lines->len;
    ndr_header_plain(f->value, lines);
    return lines->failed ? (ndr_slice){0} : (ndr_slice){lines->ptr + at, lines->len - at};
}

/* The line at `at`, without its end; *next is behind it. */
static ndr_slice
line_at(ndr_slice s, size_t at, size_t *next)
{
    const unsigned char *lf = memchr(s.ptr + at, '\n', s.len - at);
    const size_t end = lf == NULL ? s.len : (size_t)(lf - s.ptr);
    *next = end + (lf != NULL);
    return (ndr_slice){s.ptr + at, end - at};
}

static bool
is_blank(ndr_slice line)
{
    for (size_t i = 0; i < line.len;) {
        const size_t blank = ndr_blank_length(line.ptr + i, line.len - i);
        if (blank == 0)
            return false;
        i += blank;
    }
    return true;
}

/* The block at *at: up to a line of white space, behind which *at is put. */
static ndr_slice
take_block(ndr_slice fields, size_t *at)
{
    const size_t begin = *at;
    while (*at < fields.len) {
        const size_t end = *at;
        if (is_blank(line_at(fields, end, at)))
            return (ndr_slice){fields.ptr + begin, end - begin};
    }
    return (ndr_slice){fields.ptr + begin, fields.len - begin};
}

/* ---- groups ---- */

/* The group that is being read. Some systems leave an empty line behind each field, and
 * some none between two groups: what begins one is a field that the last one has. */
typedef struct reading {
    ndr_report *r;
    ndr_arena *a;
    ndr_recipient group, block; /* the latter: since the last line of white space */
    bool has_block;             /* a field of it was noted */
} reading;

static void
end_group(reading *in)
{
    ndr_recipient *g = &in->group;
    if (g->action.len > 0)
        note_action(in->r, g->action);
    if (g->final.len + g->original.len + g->action.len > 0) {
        if (g->final.len == 0)
            g->final = g->original;
        ndr_report_keep(in->r, g, in->a);
    }
    *g = (ndr_recipient){0};
}

static void
end_block(reading *in)
{
    static const size_t of_group[] = {
        offsetof(ndr_recipient, final),       offsetof(ndr_recipient, original),
        offsetof(ndr_recipient, action),      offsetof(ndr_recipient, status),
        offsetof(ndr_recipient, diagnostic),  offsetof(ndr_recipient, remote_mta),
        offsetof(ndr_recipient, last_attempt)};
    enum { FIELDS = sizeof of_group / sizeof of_group[0] };
    if (!in->has_block)
        return;
    ndr_slice *group[FIELDS], *block[FIELDS];
    bool again = false;
    for (size_t i = 0; i < FIELDS; i++) {
        group[i] = (ndr_slice *)(void *)((char *)&in->group + of_group[i]);
        block[i] = (ndr_slice *)(void *)((char *)&in->block + of_group[i]);
        again = again || (group[i]->len > 0 && block[i]->len > 0);
    }
    if (again)
        end_group(in);
    for (size_t i = 0; i < FIELDS; i++)
        if (block[i]->len > 0)
            *group[i] = *block[i];
    in->block = (ndr_recipient){0};
    in->has_block = false;
}

/* Does this field name another recipient than the block does? */
static bool
names_another(const reading *in, const ndr_field *f, ndr_slice v)
{
    const ndr_slice *named =
        ndr_field_is(f, NDR_SLICE("final-recipient"))      ? &in->block.final
        : ndr_field_is(f, NDR_SLICE("original-recipient")) ? &in->block.original
                                                           : NULL;
    return named != NULL && named->len > 0 &&
           !ndr_slice_equal_nocase(*named, address_of(v, in->a));
}

/* The fields of one block. */
static void
read_block(reading *in, ndr_slice block, bool delivery, ndr_buffer *lines)
{
    for (size_t at = 0; at < block.len;) {
        if (in->r->lines == NDR_REPORT_LINES) {
            in->r->cut = true;
            break;
        }
        in->r->lines++;
        ndr_field f;
        size_t used = 0;
        const int more =
            ndr_fields_next((ndr_slice){block.ptr + at, block.len - at}, &used, &f);
        at += used;
        if (more == 0) { /* a line that is no field is passed over */
            if (at < block.len)
                (void)line_at(block, at, &at);
            continue;
        }
        const ndr_slice v = add_line(&f, lines);
        if (delivery && names_another(in, &f, v))
            end_block(in);
        if (delivery && note_field(in->r, &f, v, &in->block, in->a))
            in->has_block = true;
        ndr_buffer_byte(lines, '\n');
    }
}

void
ndr_report_read(ndr_report *r, ndr_slice type, ndr_slice fields, ndr_arena *a,
                ndr_buffer *lines)
{
    const int t = type_row(type);
    if (t < 0)
        return;
    if (r->kind == NDR_KIND_NONE)
        r->kind = types[t].kind;
    reading in = {.r = r, .a = a};
    for (size_t at = 0; at < fields.len && !lines->failed && !r->cut;) {
        read_block(&in, take_block(fields, &at), types[t].delivery, lines);
        end_block(&in);
    }
    end_group(&in);
}
