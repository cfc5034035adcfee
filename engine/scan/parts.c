/* SPDX-License-Identifier: BSD-3-Clause */
/* parts.c - what do the parts of a candidate's body say? */
#include "parts.h"

#include "base/utf8.h"
#include "facts/lookalike.h"
#include "facts/suspect.h"
#include "hits.h"
#include "mail/header.h"
#include "mail/html.h"
#include "mail/mime.h"
#include "mail/paragraph.h"
#include "mail/returned_header.h"

#include <string.h>

enum {
    ALL_TEXT_BYTES = 512 << 10, /* of all parts together */
    TEXT_COST = 10000,          /* of the parts whose words are read … */
    MARKUP = 4,                 /* … where one of HTML costs this, another 1 */
    REPORT_LEAST = 256,         /* bytes that any report part counts as */
    TYPE_LINES = 1000,          /* part types that rules see */
    RETURNED_BYTES = 64 << 10,  /* of an encoded returned message: its header */
};

static bool
is_returned_type(ndr_slice type)
{
    return (type.len > 8 && memcmp(type.ptr, "message/", 8) == 0) ||
           ndr_slice_equal(type, NDR_SLICE("text/rfc822")) ||
           ndr_slice_equal(type, NDR_SLICE("text/rfc822-header")) ||
           ndr_slice_equal(type, NDR_SLICE("text/rfc822-headers"));
}

/* May a report stand in a part of this type? */
static bool
is_whole_message(ndr_slice type)
{
    return ndr_slice_equal(type, NDR_SLICE("message/rfc822")) ||
           ndr_slice_equal(type, NDR_SLICE("message/global")) ||
           ndr_slice_equal(type, NDR_SLICE("text/rfc822"));
}

/* Some systems indent the returned message: each line without the blanks that the first
 * one begins with, in s->step.lined, as far as a header may reach; else `raw` as it is.
 */
static ndr_slice
without_indent(ndr_scanner *s, ndr_slice raw)
{
    size_t indent = 0;
    while (indent < raw.len && (raw.ptr[indent] == ' ' || raw.ptr[indent] == '\t'))
        indent++;
    if (indent == 0)
        return raw;
    raw.len = raw.len < RETURNED_BYTES ? raw.len : RETURNED_BYTES;
    ndr_buffer_rewind(&s->step.lined);
    for (size_t at = 0; at < raw.len;) {
        const unsigned char *lf = memchr(raw.ptr + at, '\n', raw.len - at);
        const size_t end = lf != NULL ? (size_t)(lf - raw.ptr) + 1 : raw.len;
        for (size_t n = 0;
             n < indent && (raw.ptr[at] == ' ' || raw.ptr[at] == '\t') && at + 1 < end;
             n++)
            at++;
        ndr_buffer_add(&s->step.lined, (ndr_slice){raw.ptr + at, end - at});
        at = end;
    }
    return s->step.lined.failed ? raw : (ndr_slice){s->step.lined.ptr, s->step.lined.len};
}

/* Of what read_returned is about to read, remember where it lies. */
static void
note_returned(ndr_scanner *s, ndr_later part, bool apart, bool whole)
{
    if (s->body.has_returned)
        return;
    s->body.came_back = part;
    s->body.came_back_apart = apart;
    s->body.came_back_whole = whole;
}

static void
read_returned(ndr_scanner *s, ndr_slice raw)
{
    if (s->body.has_returned)
        return;
    s->body.has_returned = true;
    if (raw.len > s->header_limit)
        raw.len = s->header_limit;
    const struct {
        ndr_slice name;
        ndr_slice *into;
    } wanted[] = {
        {NDR_SLICE("message-id"), &s->returned.message_id},
        {NDR_SLICE("from"), &s->returned.from},
        {NDR_SLICE("to"), &s->returned.to},
        {NDR_SLICE("subject"), &s->returned.subject},
        {NDR_SLICE("date"), &s->returned.date},
        {NDR_SLICE("return-path"), &s->returned.return_path},
        {NDR_SLICE("received"), &s->returned.received},
        {NDR_SLICE("dkim-signature"), &s->returned.dkim_signature},
    };
    if (raw.len == 0)
        return; /* ptr may be NULL */
    size_t at = ndr_header_begin(raw);
    while (at < raw.len && (raw.ptr[at] == '\n' || raw.ptr[at] == '\r'))
        at++; /* some systems leave empty lines in front */
    raw = without_indent(s, (ndr_slice){raw.ptr + at, raw.len - at});
    at = 0;
    ndr_field f;
    size_t open = sizeof wanted / sizeof wanted[0];
    while (open > 0 && ndr_header_next(raw, &at, &f) > 0)
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
            if (wanted[i].into->len == 0 && ndr_field_is(&f, wanted[i].name)) {
                ndr_buffer_rewind(&s->step.converted);
                ndr_header_value(&s->charsets, f.value, &s->step.work,
                                 &s->step.converted);
                ndr_slice v = {s->step.converted.ptr, s->step.converted.len};
                if ((i == 0 || i == 5) && v.len > 2 && v.ptr[0] == '<' &&
                    v.ptr[v.len - 1] == '>') /* "<>" stays: an empty return path */
                    v = (ndr_slice){v.ptr + 1, v.len - 2};
                *wanted[i].into = ndr_arena_copy(&s->arena, v);
                open -= wanted[i].into->len > 0;
            }
}

ndr_slice
ndr_parts_decode(ndr_scanner *s, enum ndr_transfer transfer, ndr_slice body, size_t limit)
{
    if (transfer != NDR_TRANSFER_NONE) {
        if (body.len / 4 >
            limit) { /* no encoding is longer than three for one and line ends */
            body.len = 4 * limit;
            s->flags |= NDR_MSG_TRUNCATED;
        }
        ndr_buffer_rewind(&s->step.decoded);
        if (transfer == NDR_TRANSFER_BASE64)
            ndr_base64_decode(body, &s->step.decoded);
        else
            ndr_qp_decode(body, false, &s->step.decoded);
        body = (ndr_slice){s->step.decoded.ptr, s->step.decoded.len};
    }
    if (body.len > limit) {
        body = ndr_utf8_cut(body, limit);
        s->flags |= NDR_MSG_TRUNCATED;
    }
    return body;
}

/* Keep a text part for ndr_parts_text. */
static bool
note_text(ndr_scanner *s, const ndr_part *part, bool html)
{
    if (part->body.len == 0)
        return true; /* no words */
    const size_t cost = html ? MARKUP : 1;
    if (s->body.text_cost + cost > TEXT_COST) {
        s->flags |= NDR_MSG_TRUNCATED;
        return true;
    }
    s->body.text_cost += cost;
    ndr_text_part *t = ndr_arena_take(&s->arena, sizeof *t);
    if (t == NULL)
        return false;
    *t = (ndr_text_part){.content = *part->content, .body = part->body, .html = html};
    *s->body.text_part_end = t;
    s->body.text_part_end = &t->next;
    s->body.unread = s->body.unread != NULL ? s->body.unread : t;
    return true;
}

/* The text of a part, in UTF-8 and with LF or CRLF; borrowed from the part or a step's
 * buffer. Empty when others have had the room. */
static ndr_slice
text_of(ndr_scanner *s, const ndr_text_part *part)
{
    if (s->body.text_bytes >= ALL_TEXT_BYTES) {
        s->flags |= NDR_MSG_TRUNCATED;
        return (ndr_slice){0};
    }
    ndr_slice text =
        ndr_parts_decode(s, part->content.transfer, part->body, s->text_limit);
    if (!ndr_charset_is_plain(part->content.charset) || !ndr_is_ascii(text)) {
        ndr_buffer_rewind(&s->step.converted);
        if (!ndr_charset_text(&s->charsets, part->content.charset, text, s->text_limit,
                              &s->step.converted))
            s->flags |= NDR_MSG_TRUNCATED;
        text = (ndr_slice){s->step.converted.ptr, s->step.converted.len};
    }
    s->body.text_bytes += text.len;
    if (part->html) {
        s->body.has_link =
            s->body.has_link || ndr_holds_link(text); /* it is in no text */
        ndr_buffer_rewind(&s->step.work);
        ndr_html_text(text, &s->step.work);
        text = (ndr_slice){s->step.work.ptr, s->step.work.len};
    }
    return ndr_lines_unify(text, &s->step.lined);
}

/* Read the returned message that begins somewhere in a text. */
static void
read_in_text(ndr_scanner *s, ndr_slice from)
{
    /* read_returned uses the buffers that `from` may lie in */
    from.len = from.len < RETURNED_BYTES ? from.len : RETURNED_BYTES;
    const ndr_slice kept = ndr_arena_copy(&s->arena, from);
    note_returned(s, (ndr_later){NDR_TRANSFER_NONE, kept}, false, false);
    read_returned(s, kept);
}

static void
add_text(ndr_scanner *s, const ndr_text_part *part)
{
    const ndr_slice pasted = ndr_paragraphs_add(text_of(s, part), &s->text);
    if (pasted.len > 0)
        read_in_text(s, pasted);
}

/* Rules ask which types there are, not how often: one like the last says nothing new. */
static void
add_type(ndr_scanner *s, ndr_slice type)
{
    ndr_buffer *out = &s->lines;
    if (out->len > type.len && out->ptr[out->len - 1] == '\n' &&
        memcmp(out->ptr + out->len - 1 - type.len, type.ptr, type.len) == 0 &&
        (out->len == type.len + 1 || out->ptr[out->len - type.len - 2] == '\n'))
        return;
    if (s->body.type_lines == TYPE_LINES) {
        s->flags |= NDR_MSG_TRUNCATED;
        return;
    }
    s->body.type_lines++;
    ndr_buffer_add(out, type);
    ndr_buffer_byte(out, '\n');
}

/* Do the fields of a delivery report begin here, whatever its part is called? */
static bool
begins_report(ndr_slice head)
{
    static const char *const names[] = {"reporting-mta",   "original-envelope-id",
                                        "dsn-gateway",     "received-from-mta",
                                        "final-recipient", "original-recipient"};
    size_t at = 0;
    while (at < head.len && head.ptr[at] <= ' ')
        at++;
    ndr_field f;
    if (at == head.len || ndr_fields_next(head, &at, &f) == 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ndr_slice_equal_nocase(f.name, ndr_slice_of(names[i])))
            return true;
    return false;
}

/* A gateway may rename a report part: "ATT00001.dat", "details.txt". */
static void
note_loose(ndr_scanner *s, const ndr_part *part)
{
    enum { HEAD_BYTES = 1024 };
    const ndr_slice type = part->content->type;
    if (s->body.loose.body.len > 0 ||
        (memcmp(type.ptr, "application/", type.len < 12 ? type.len : 12) != 0 &&
         memcmp(type.ptr, "text/plain", type.len < 10 ? type.len : 10) != 0))
        return;
    const ndr_slice head = {part->body.ptr,
                            part->body.len < HEAD_BYTES ? part->body.len : HEAD_BYTES};
    if (begins_report(ndr_parts_decode(s, part->content->transfer, head, HEAD_BYTES)))
        s->body.loose = (ndr_later){part->content->transfer, part->body};
}

/* Read it for its facts; rules see the part under the type that it came with. */
static void
read_loose(ndr_scanner *s)
{
    if (s->body.loose.body.len == 0 || s->report.count > 0)
        return;
    const ndr_slice fields =
        ndr_parts_decode(s, s->body.loose.transfer, s->body.loose.body, s->text_limit);
    s->body.signs |= NDR_SIGN_REPORT;
    ndr_buffer_rewind(&s->step.converted);
    ndr_report_read(&s->report, NDR_SLICE("message/delivery-status"), fields, &s->arena,
                    &s->step.converted);
}

static bool
take_part(void *ctx, const ndr_part *part)
{
    ndr_scanner *s = ctx;
    const ndr_slice type = part->content->type;
    if (!part->unlisted)
        add_type(s, type);
    s->body.signs |= ndr_sign_of_part(type);
    if (part->multipart)
        return !s->lines.failed;
    if (ndr_report_type(type)) {
        const size_t left = s->body.report_bytes < s->text_limit
                                ? s->text_limit - s->body.report_bytes
                                : 0;
        const ndr_slice fields =
            ndr_parts_decode(s, part->content->transfer, part->body, left);
        s->body.has_report = s->body.has_report || !part->content->attachment;
        s->body.report_bytes += fields.len > REPORT_LEAST ? fields.len : REPORT_LEAST;
        ndr_report_read(&s->report, type, fields, &s->arena, &s->status);
        if (s->report.cut)
            s->flags |= NDR_MSG_TRUNCATED;
    } else if (is_returned_type(type)) {
        if (s->body.inner.body.len == 0 && is_whole_message(type))
            s->body.inner = (ndr_later){part->content->transfer, part->body};
        note_returned(s, (ndr_later){part->content->transfer, part->body}, true,
                      is_whole_message(type));
        read_returned(s, part->content->transfer == NDR_TRANSFER_NONE
                             ? part->body
                             : ndr_parts_decode(s, part->content->transfer, part->body,
                                                RETURNED_BYTES));
    } else if (ndr_slice_equal(type, NDR_SLICE("text/plain")) &&
               !part->content->attachment) {
        note_loose(s, part);
        return note_text(s, part, false);
    } else if (ndr_slice_equal(type, NDR_SLICE("text/html")) &&
               !part->content->attachment && !part->plain_before) {
        return note_text(s, part, true);
    }
    if (!is_returned_type(type) && !ndr_report_type(type))
        note_loose(s, part);
    return !s->lines.failed;
}

/* A part of the message in the message. */
static bool
take_inner_part(void *ctx, const ndr_part *part)
{
    ndr_scanner *s = ctx;
    const ndr_slice type = part->content->type;
    if (part->multipart)
        return true;
    if (ndr_report_type(type)) {
        const ndr_slice fields =
            ndr_parts_decode(s, part->content->transfer, part->body, s->text_limit);
        ndr_buffer_rewind(&s->step.converted);
        ndr_report_read(&s->report, type, fields, &s->arena, &s->step.converted);
    } else if (is_returned_type(type)) {
        read_returned(
            s, ndr_parts_decode(s, part->content->transfer, part->body, RETURNED_BYTES));
    }
    return true;
}

bool
ndr_parts_inner(ndr_scanner *s)
{
    if (s->body.inner.body.len == 0)
        return false;
    ndr_slice raw = s->body.inner.body;
    if (s->body.inner.transfer !=
        NDR_TRANSFER_NONE) /* its parts are decoded into s->step.decoded */
        raw = ndr_arena_copy(&s->arena,
                             ndr_parts_decode(s, s->body.inner.transfer,
                                              s->body.inner.body, s->text_limit));
    const size_t begin = ndr_header_begin(raw);
    if (raw.len == 0)
        return false;
    raw = (ndr_slice){raw.ptr + begin, raw.len - begin};
    const ndr_report outer = s->report;
    const ndr_returned carried = s->returned;
    s->report = (ndr_report){0};
    s->returned = (ndr_returned){0};
    s->body.has_returned = false;
    ndr_content top;
    const size_t at = ndr_content_read(&s->arena, raw, "text/plain", &top);
    (void)ndr_mime_walk(&s->arena, &top, (ndr_slice){raw.ptr + at, raw.len - at},
                        take_inner_part, s);
    if (!s->body.has_returned)
        s->returned = carried;
    s->body.has_returned = true;
    if (s->report.count > 0)
        return true;
    s->report = outer;
    s->returned = carried;
    return false;
}

static bool
step_failed(const ndr_scanner *s)
{
    return s->step.decoded.failed || s->step.converted.failed || s->step.work.failed ||
           s->step.lined.failed;
}

int
ndr_parts_read(ndr_scanner *s, ndr_slice raw, size_t body_at, ndr_error *err)
{
    ndr_content top = {.type = NDR_SLICE("text/plain")};
    const ndr_slice type = ndr_fact_value(s, NDR_FACT_CONTENT_TYPE, raw);
    if (type.ptr != NULL)
        ndr_content_type(&s->arena, type, "text/plain", &top);
    ndr_content_transfer(ndr_fact_value(s, NDR_FACT_CONTENT_TRANSFER_ENCODING, raw),
                         &top);
    ndr_content_disposition(ndr_fact_value(s, NDR_FACT_CONTENT_DISPOSITION, raw), &top);

    ndr_buffer_rewind(&s->lines);
    const ndr_slice body = {raw.len > 0 ? raw.ptr + body_at : NULL, raw.len - body_at};
    if (!ndr_mime_walk(&s->arena, &top, body, take_part, s))
        s->flags |= NDR_MSG_DEEP;
    read_loose(s);
    s->hits.span_count = 0;
    const size_t parts_end = s->lines.len;
    ndr_buffer_add(&s->lines, (ndr_slice){s->status.ptr, s->status.len});
    if (!ndr_hits_span(&s->hits, 0, parts_end, NDR_TARGET_PART) ||
        !ndr_hits_span(&s->hits, parts_end, s->lines.len, NDR_TARGET_STATUS) ||
        step_failed(s) || s->status.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    return ndr_hits_scan(&s->hits, NDR_AREA_REPORT, &s->lines, err);
}

int
ndr_parts_text(ndr_scanner *s, ndr_error *err)
{
    for (; s->body.unread != NULL; s->body.unread = s->body.unread->next)
        add_text(s, s->body.unread);
    return step_failed(s) || s->text.failed
               ? ndr_fail(err, NDR_E_NOMEM, "no memory for a message")
               : 0;
}

/* Is nothing known of what came back? */
static bool
knows_nothing(const ndr_returned *r)
{
    return r->message_id.len + r->from.len + r->received.len + r->return_path.len == 0;
}

/* Read the header that is quoted in these bytes, if there is one. */
static void
read_quoted(ndr_scanner *s, ndr_slice bytes)
{
    if (!ndr_returned_header_quoted(bytes, &s->step.unquoted))
        return;
    s->body.has_returned = false;
    read_in_text(s, (ndr_slice){s->step.unquoted.ptr, s->step.unquoted.len});
}

int
ndr_parts_quoted(ndr_scanner *s, ndr_error *err)
{
    const ndr_later part = s->body.came_back;
    if (knows_nothing(&s->returned) && part.body.len > 0)
        read_quoted(s, ndr_parts_decode(s, part.transfer, part.body, RETURNED_BYTES));
    s->body.text_bytes = 0;
    for (const ndr_text_part *t = s->body.text_part;
         t != NULL && knows_nothing(&s->returned); t = t->next)
        read_quoted(s, text_of(s, t));
    s->body.text_part = NULL; /* not again for another recipient */
    return step_failed(s) || s->step.unquoted.failed
               ? ndr_fail(err, NDR_E_NOMEM, "no memory for a message")
               : 0;
}
