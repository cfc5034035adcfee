/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_mail.c - of which message, by whom and to whom, is this header? */
#include "ndrscan_sent.h"

#include "log_line.h"

#include <string.h>

enum { FIELDS_BYTES = 1 << 20 };

/* Values of the fields that count, unfolded; several of one name in one, parted by ','.
 */
typedef struct fields {
    ndr_buffer id, date, from, to;
    bool two_ids;
} fields;

static bool
is_field(ndr_slice name, const char *word)
{
    return ndr_slice_equal_nocase(name, ndr_slice_of(word));
}

static void
add_list(ndr_buffer *to, ndr_slice value)
{
    if (to->len + value.len > FIELDS_BYTES)
        return;
    ndr_buffer_add(to, value);
    ndr_buffer_byte(to, ',');
}

static void
take_field(fields *f, ndr_slice name, ndr_slice value)
{
    if (is_field(name, "Message-ID")) {
        f->two_ids = f->two_ids || f->id.len > 0;
        ndr_buffer_rewind(&f->id);
        ndr_buffer_add(&f->id, value);
    } else if (is_field(name, "Date")) {
        ndr_buffer_rewind(&f->date);
        ndr_buffer_add(&f->date, value);
    } else if (is_field(name, "From") || is_field(name, "Return-Path")) {
        add_list(&f->from, value);
    } else if (is_field(name, "To") || is_field(name, "Cc") || is_field(name, "Bcc") ||
               is_field(name, "Resent-To") || is_field(name, "Resent-Cc") ||
               is_field(name, "Resent-Bcc")) {
        add_list(&f->to, value);
    }
}

/* One field, with the lines it is folded into, off the front. False at the header's end.
 */
static bool
next_field(ndr_slice *rest, ndr_slice *ret)
{
    if (rest->len == 0 || rest->ptr[0] == '\n' ||
        (rest->len > 1 && rest->ptr[0] == '\r' && rest->ptr[1] == '\n'))
        return false;
    size_t n = 0;
    do {
        const unsigned char *end = memchr(rest->ptr + n, '\n', rest->len - n);
        n = end != NULL ? (size_t)(end + 1 - rest->ptr) : rest->len;
    } while (n < rest->len && (rest->ptr[n] == ' ' || rest->ptr[n] == '\t'));
    *ret = (ndr_slice){rest->ptr, n};
    rest->ptr += n;
    rest->len -= n;
    return true;
}

static void
read_header(fields *f, ndr_slice raw)
{
    ndr_slice field;
    if (raw.len == 0)
        return;
    const size_t begin = ndr_header_begin(raw);
    ndr_slice rest = {raw.ptr + begin, raw.len - begin};
    while (next_field(&rest, &field)) {
        const unsigned char *colon = memchr(field.ptr, ':', field.len);
        if (colon == NULL)
            continue;
        ndr_slice name = {field.ptr, (size_t)(colon - field.ptr)};
        while (name.len > 0 &&
               (name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == '\t'))
            name.len--;
        take_field(f, name,
                   (ndr_slice){colon + 1, field.len - (size_t)(colon + 1 - field.ptr)});
    }
}

/* ---- addresses ------------------------------------------------------------------ */

/* Behind the quoted string or comment that begins at p[at]; 0 when it does not end. */
static size_t
skip_enclosed(const unsigned char *p, size_t n, size_t at)
{
    const unsigned char open = p[at];
    int depth = 1;
    for (at++; at < n; at++) {
        if (p[at] == '\\')
            at++;
        else if (open == '"' ? p[at] == '"' : p[at] == ')') {
            if (--depth == 0)
                return at + 1;
        } else if (open == '(' && p[at] == '(') {
            depth++;
        }
    }
    return 0;
}

static ndr_slice
slice_of(const ndr_buffer *b)
{
    return (ndr_slice){b->ptr, b->len};
}

static bool
has_at(ndr_slice s)
{
    return ndr_log_find(s, "@", false) < s.len;
}

/* What is left of "@a,@b:local@domain". */
static ndr_slice
without_route(ndr_slice address)
{
    const size_t colon = ndr_log_find(address, ":", true);
    if (address.len == 0 || address.ptr[0] != '@' || colon == address.len)
        return address;
    return (ndr_slice){address.ptr + colon + 1, address.len - colon - 1};
}

/* A blank, or a line end, which a field may be folded at. */
static bool
is_folding(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * The next address of a list into `ret`, without blanks, comments and names. False when
 * there is none. Source: RFC 5322 3.4, 4.4.
 */
static bool
next_address(ndr_slice *list, ndr_buffer *ret)
{
    const unsigned char *p = list->ptr;
    size_t at = 0;
    bool angle = false, closed = false;
    ndr_buffer_rewind(ret);
    while (at < list->len) {
        const unsigned char c = p[at];
        size_t next = at + 1;
        if (c == '(' || c == '"') {
            next = skip_enclosed(p, list->len, at);
            if (next == 0)
                break;
            if (c == '"' && !closed)
                ndr_buffer_add(ret, (ndr_slice){p + at, next - at});
        } else if (c == '<' && !angle) {
            angle = true;
            ndr_buffer_rewind(ret);
        } else if (c == '>' && angle) {
            closed = true;
        } else if ((c == ',' && (!angle || closed)) || c == ';') {
            list->ptr += next;
            list->len -= next;
            if (has_at(slice_of(ret)))
                return true;
            angle = closed = false;
            ndr_buffer_rewind(ret);
            p = list->ptr;
            at = 0;
            continue;
        } else if (c == ':' && !angle &&
                   ndr_log_find(slice_of(ret), "[", false) == ret->len) {
            ndr_buffer_rewind(ret); /* a group's name */
        } else if (!closed && !is_folding(c)) {
            ndr_buffer_byte(ret, c);
        }
        at = next;
    }
    const bool whole = at >= list->len && (!angle || closed);
    list->len = 0;
    return whole && has_at(slice_of(ret));
}

/* All recipients, for one domain of the sender. */
static int
tell(const fields *f, ndr_slice domain, int64_t sent, ndr_sent_found *found, void *ctx,
     ndr_error *err)
{
    ndr_buffer to = {0};
    ndr_slice list = slice_of(&f->to);
    int rc = found(ctx, slice_of(&f->id), domain, (ndr_slice){0}, sent, err);
    while (rc == 0 && next_address(&list, &to)) {
        const ndr_slice address = without_route(slice_of(&to));
        if (has_at(address))
            rc = found(ctx, slice_of(&f->id), domain, address, sent, err);
    }
    if (rc == 0 && to.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for a message's recipients");
    ndr_buffer_free(&to);
    return rc;
}

static int
tell_all(const fields *f, int64_t sent, ndr_sent_found *found, void *ctx, ndr_error *err)
{
    ndr_buffer from = {0}, told = {0};
    ndr_slice list = slice_of(&f->from);
    int rc = 0;
    while (rc == 0 && next_address(&list, &from)) {
        const ndr_slice address = slice_of(&from);
        const size_t at = ndr_log_find(address, "@", true) + 1;
        const ndr_slice domain = {address.ptr + at, address.len - at};
        if (ndr_slice_equal_nocase(domain, slice_of(&told)))
            continue; /* From and Return-Path are of one domain most often */
        ndr_buffer_rewind(&told);
        ndr_buffer_add(&told, domain);
        rc = tell(f, domain, sent, found, ctx, err);
    }
    if (rc == 0 && (from.failed || told.failed))
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for a message's senders");
    ndr_buffer_free(&from);
    ndr_buffer_free(&told);
    return rc;
}

int
ndr_sent_mail(ndr_slice raw, int64_t otherwise, ndr_sent_found *found, void *ctx,
              ndr_error *err)
{
    fields f = {.two_ids = false};
    int rc = 0;
    read_header(&f, raw);
    const int64_t dated = ndr_date_parse(slice_of(&f.date));
    if (f.id.failed || f.date.failed || f.from.failed || f.to.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for a message's header");
    else if (f.id.len > 0 && !f.two_ids)
        rc = tell_all(&f, dated != NDR_TIME_UNKNOWN ? dated : otherwise, found, ctx, err);
    ndr_buffer_free(&f.id);
    ndr_buffer_free(&f.date);
    ndr_buffer_free(&f.from);
    ndr_buffer_free(&f.to);
    return rc;
}
