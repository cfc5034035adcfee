/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_fields.c - see dkim_fields.h. */
#include "dkim_fields.h"

#include "dkim_tags.h"
#include "ndr_hash.h"
#include "ndrscan_proof.h"

#include <string.h>

enum { PREFIX_BYTES = 64 };

/* The line at `at` with its end; nothing at the end of the bytes. */
static ndr_slice
line_at(ndr_slice text, size_t at)
{
    if (at >= text.len)
        return (ndr_slice){0};
    const unsigned char *begin = text.ptr + at;
    const unsigned char *end = memchr(begin, '\n', text.len - at);
    return (ndr_slice){begin, end != NULL ? (size_t)(end - begin) + 1 : text.len - at};
}

static ndr_slice
without_end(ndr_slice line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Does a line begin a field, and where is its colon? A quoted one begins none, though
 * its mark could be part of a name. */
static bool
begins_field(ndr_slice line, ndr_dkim_field *f)
{
    size_t n = 0;
    while (n < line.len && line.ptr[n] > ' ' && line.ptr[n] < 0x7f && line.ptr[n] != ':')
        n++;
    size_t colon = n;
    while (colon < line.len && ndr_dkim_is_blank(line.ptr[colon]))
        colon++;
    if (n == 0 || colon == line.len || line.ptr[colon] != ':' || line.ptr[0] == '>' ||
        line.ptr[0] == '|')
        return false;
    f->name_len = (uint32_t)n;
    f->colon = (uint32_t)colon;
    return true;
}

static bool
begins_with(ndr_slice text, const char *front)
{
    const size_t n = strlen(front);
    return text.len >= n && memcmp(text.ptr, front, n) == 0;
}

void
ndr_dkim_fields_split(ndr_slice header, ndr_dkim_fields *ret)
{
    ret->count = 0;
    ret->complete = ret->too_large = false;
    ret->body = header.len;
    size_t at = 0;
    if (begins_with(header, "From ") || begins_with(header, ">From "))
        at = line_at(header, 0).len;
    const size_t begin = at;
    while (at < header.len) {
        const ndr_slice line = line_at(header, at);
        const ndr_slice text = without_end(line);
        ndr_dkim_field f = {0};
        if (text.len == 0) {
            ret->complete = line.len > 0;
            ret->body = at + line.len;
            break;
        }
        if (!begins_field(text, &f))
            break;
        size_t end = at + line.len;
        f.raw = (ndr_slice){header.ptr + at, text.len};
        while (end < header.len && ndr_dkim_is_blank(header.ptr[end])) {
            const ndr_slice more = line_at(header, end);
            f.raw.len = end - at + without_end(more).len;
            end += more.len;
        }
        if (end - begin > NDR_DKIM_HEADER_BYTES || ret->count == NDR_DKIM_FIELDS) {
            ret->too_large = true;
            break;
        }
        f.hash = ndr_hash_nocase(ndr_dkim_field_name(&f), 0);
        ret->fields[ret->count++] = f;
        at = end;
    }
}

bool
ndr_dkim_unquote(ndr_slice header, ndr_buffer *out)
{
    const ndr_slice first = without_end(line_at(header, 0));
    size_t n = 0;
    while (n < first.len && (first.ptr[n] == '>' || first.ptr[n] == '|' ||
                             ndr_dkim_is_blank(first.ptr[n])))
        n++;
    if (n == 0 || n > PREFIX_BYTES || n == first.len)
        return false;
    size_t bare = n; /* editors take blanks off the ends of lines */
    while (bare > 0 && ndr_dkim_is_blank(first.ptr[bare - 1]))
        bare--;
    for (size_t at = 0; at < header.len && out->len <= 2 * NDR_DKIM_HEADER_BYTES;) {
        const ndr_slice line = line_at(header, at);
        const ndr_slice text = without_end(line);
        const bool has =
            text.len >= bare && (bare == 0 || memcmp(text.ptr, first.ptr, bare) == 0);
        if (has && text.len <= n) {
            bool blank = true;
            for (size_t i = bare; i < text.len; i++)
                blank = blank && ndr_dkim_is_blank(text.ptr[i]);
            if (blank)
                ndr_buffer_text(out, "\r\n");
            break;
        }
        if (!has || memcmp(text.ptr, first.ptr, n) != 0)
            break;
        ndr_buffer_add(out, (ndr_slice){line.ptr + n, line.len - n});
        at += line.len;
    }
    return true;
}
