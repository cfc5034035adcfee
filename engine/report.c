/* SPDX-License-Identifier: BSD-3-Clause */
/* report.c - see report.h. */
#include "report.h"

#include "header.h"
#include "utf8.h"

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

/* Without "rfc822;" and its like (RFC 3464 2.1.2), and without angle brackets. */
static ndr_slice
without_type(ndr_slice v, bool brackets)
{
    const unsigned char *semi =
        v.len == 0 ? NULL : memchr(v.ptr, ';', v.len < 40 ? v.len : 40);
    if (semi != NULL && memchr(v.ptr, '@', (size_t)(semi - v.ptr)) == NULL)
        v = trim((ndr_slice){semi + 1, v.len - (size_t)(semi + 1 - v.ptr)});
    if (brackets && v.len >= 2 && v.ptr[0] == '<' && v.ptr[v.len - 1] == '>')
        v = trim((ndr_slice){v.ptr + 1, v.len - 2});
    return v;
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

/* The status code at the front of `v` (RFC 3463 2), else the leading word. */
static ndr_slice
status_code(ndr_slice v)
{
    const ndr_slice w = word(v);
    size_t n = 0;
    while (n < w.len && ((w.ptr[n] >= '0' && w.ptr[n] <= '9') || w.ptr[n] == '.'))
        n++;
    return n >= 5 ? (ndr_slice){w.ptr, n} : w;
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
kept_value(ndr_slice v, enum keep how)
{
    switch (how) {
    case KEEP_ALL:
        return v;
    case KEEP_TYPED:
        return without_type(v, false);
    case KEEP_ADDRESS:
        return without_type(v, true);
    case KEEP_WORD:
        return word(v);
    default:
        return status_code(v);
    }
}

/* One field of a delivery report: into the group's row, or the message's. Of a
 * field that comes twice in a group, the first counts. */
static void
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
            *into = ndr_arena_copy(a, kept_value(v, fields[i].how));
        return;
    }
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

/* The group at *at: up to a line of white space, behind which *at is put. */
static ndr_slice
take_group(ndr_slice fields, size_t *at)
{
    const size_t begin = *at;
    while (*at < fields.len) {
        const size_t end = *at;
        if (is_blank(line_at(fields, end, at)))
            return (ndr_slice){fields.ptr + begin, end - begin};
    }
    return (ndr_slice){fields.ptr + begin, fields.len - begin};
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
    size_t at = 0;
    while (at < fields.len && !lines->failed && !r->cut) {
        ndr_recipient row = {0};
        const ndr_slice group = take_group(fields, &at);
        for (size_t in = 0; in < group.len;) {
            if (r->lines == NDR_REPORT_LINES) {
                r->cut = true;
                break;
            }
            r->lines++;
            ndr_field f;
            size_t used = 0;
            const int more =
                ndr_header_next((ndr_slice){group.ptr + in, group.len - in}, &used, &f);
            in += used;
            if (more == 0) { /* a line that is no field is passed over */
                if (in < group.len)
                    (void)line_at(group, in, &in);
                continue;
            }
            const ndr_slice v = add_line(&f, lines);
            if (types[t].delivery)
                note_field(r, &f, v, &row, a);
            ndr_buffer_byte(lines, '\n');
        }
        if (row.action.len > 0)
            note_action(r, row.action);
        if (row.final.len + row.original.len + row.action.len > 0)
            ndr_report_keep(r, &row, a);
    }
}
