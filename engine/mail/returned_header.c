/* SPDX-License-Identifier: BSD-3-Clause */
/* returned_header.c - see returned_header.h. */
#include "returned_header.h"

#include "header.h"

#include <string.h>

enum { PREFIX_BYTES = 64 };

/* Fields that only a message's header holds, and those that prose holds too. */
static const struct {
    ndr_slice name;
    bool sure;
} telling[] = {
#define TELLING(lit, sure)                                                               \
    {                                                                                    \
        {(const unsigned char *)(lit), sizeof(lit) - 1}, sure                            \
    }
    TELLING("received", true),   TELLING("return-path", true),
    TELLING("message-id", true), TELLING("from", false),
    TELLING("date", false),      TELLING("mime-version", false),
};

bool
ndr_returned_header_is(ndr_slice rest, size_t *end)
{
    unsigned seen = 0, sure = 0, count = 0;
    ndr_field f;
    *end = 0;
    while (ndr_fields_next(rest, end, &f) > 0) {
        for (unsigned k = 0; k < sizeof telling / sizeof telling[0]; k++)
            if ((seen & (1u << k)) == 0 && ndr_field_is(&f, telling[k].name)) {
                seen |= 1u << k;
                sure += telling[k].sure;
                count++;
            }
        if (sure > 0 && count > 1)
            return true;
    }
    return false;
}

bool
ndr_returned_header_divider(ndr_slice line)
{
    size_t i = 0;
    while (i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'))
        i++;
    const ndr_slice s = {line.ptr + i, line.len - i};
    return s.len >= 2 && s.ptr[1] == s.ptr[0] &&
           (s.ptr[0] == '-' || s.ptr[0] == '=' || s.ptr[0] == '_' || s.ptr[0] == '*');
}

static bool
starts_with(ndr_slice line, const char *start)
{
    if (line.len == 0 || line.ptr[0] != (unsigned char)start[0])
        return false;
    const size_t n = strlen(start);
    return line.len >= n && memcmp(line.ptr, start, n) == 0;
}

static bool
is_field(ndr_slice line)
{
    size_t i = 0;
    while (i < line.len && line.ptr[i] > ' ' && line.ptr[i] < 0x7f && line.ptr[i] != ':')
        i++;
    if (i == 0)
        return false;
    while (i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'))
        i++;
    return i < line.len && line.ptr[i] == ':';
}

bool
ndr_returned_header_may_begin(ndr_slice line)
{
    return is_field(line) || starts_with(line, "From ") || starts_with(line, ">From ");
}

/* ---- quoted ------------------------------------------------------------------------ */

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* The line at `at` without its end, and in *whole its length with it. */
static ndr_slice
line_at(ndr_slice text, size_t at, size_t *whole)
{
    const unsigned char *p = text.ptr + at;
    const unsigned char *lf = memchr(p, '\n', text.len - at);
    const size_t n = lf != NULL ? (size_t)(lf - p) : text.len - at;
    *whole = n + (lf != NULL);
    return (ndr_slice){p, n > 0 && p[n - 1] == '\r' ? n - 1 : n};
}

/* What a line is quoted and indented with. */
static ndr_slice
prefix_of(ndr_slice line)
{
    static const char marks[] = ">|:#%*+}";
    size_t n = 0;
    while (n < line.len && n < PREFIX_BYTES &&
           (is_blank(line.ptr[n]) || memchr(marks, line.ptr[n], sizeof marks - 1)))
        n++;
    return (ndr_slice){line.ptr, n};
}

/* The field lines from `at` on without their prefix; where the first stands that is none.
 */
static size_t
take_block(ndr_slice text, size_t at, ndr_slice prefix, ndr_buffer *out)
{
    ndr_buffer_rewind(out);
    for (bool first = true; at < text.len; first = false) {
        size_t whole;
        const ndr_slice line = line_at(text, at, &whole);
        if (line.len <= prefix.len || memcmp(line.ptr, prefix.ptr, prefix.len) != 0)
            break;
        const ndr_slice bare = {line.ptr + prefix.len, line.len - prefix.len};
        if (!is_field(bare) &&
            (first ? !ndr_returned_header_may_begin(bare) : !is_blank(bare.ptr[0])))
            break;
        ndr_buffer_add(out, (ndr_slice){bare.ptr, whole - prefix.len});
        at += whole;
    }
    return at;
}

bool
ndr_returned_header_quoted(ndr_slice text, ndr_buffer *out)
{
    ndr_slice before = {0}; /* the prefix of the line before */
    bool may_start = true;
    for (size_t at = 0; at < text.len && !out->failed;) {
        size_t whole, end;
        const ndr_slice line = line_at(text, at, &whole);
        const ndr_slice prefix = prefix_of(line);
        const ndr_slice bare = {line.ptr + prefix.len, line.len - prefix.len};
        may_start = may_start || !ndr_slice_equal(prefix, before);
        if (may_start && prefix.len > 0 && ndr_returned_header_may_begin(bare)) {
            const size_t behind = take_block(text, at, prefix, out);
            if (ndr_returned_header_is((ndr_slice){out->ptr, out->len}, &end))
                return true;
            may_start = false;
            before = prefix;
            at = behind;
            continue;
        }
        may_start = bare.len == 0 || ndr_returned_header_divider(bare);
        before = prefix;
        at += whole;
    }
    ndr_buffer_rewind(out);
    return false;
}
