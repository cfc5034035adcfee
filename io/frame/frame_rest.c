/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame_rest.c - when a pipe rests, has its last message ended?
 *
 * Only the next From_ line proves it, and that may be hours away. What every writer
 * of mboxes puts behind a message is an empty line; what ends a multipart message
 * is its closing delimiter, behind which nothing changes a verdict.
 */
#include "frame.h"

#include <string.h>

/* Where the body begins: behind the first empty line at or behind p[at]; 0: not there. */
static size_t
body_of(const unsigned char *p, size_t n, size_t at)
{
    while (at < n) {
        const unsigned char *lf = memchr(p + at, '\n', n - at);
        if (lf == NULL)
            return 0;
        const size_t end = (size_t)(lf - p);
        if (end == at || (end == at + 1 && p[at] == '\r'))
            return end + 1;
        at = end + 1;
    }
    return 0;
}

/* Without the empty line behind it; n when there is none. */
static size_t
without_empty(const unsigned char *p, size_t body, size_t n)
{
    if (n <= body || p[n - 1] != '\n')
        return n;
    const size_t line = n - 1 > body && p[n - 2] == '\r' ? n - 2 : n - 1;
    return line == body || p[line - 1] == '\n' ? line : n;
}

/* The last line that is not empty, without blanks behind it. */
static ndr_slice
last_line(const unsigned char *p, size_t body, size_t n)
{
    while (n > body && p[n - 1] <= ' ')
        n--;
    size_t at = n;
    while (at > body && p[at - 1] != '\n')
        at--;
    return (ndr_slice){p + at, n - at};
}

/* Where `word` (lower case) stands in `s`, letters of any case; s.len: nowhere. */
static size_t
find_word(ndr_slice s, const char *word)
{
    const ndr_slice w = ndr_slice_of(word);
    for (size_t i = 0; i + w.len <= s.len; i++)
        if ((s.ptr[i] | 0x20) == w.ptr[0] &&
            ndr_slice_equal_nocase((ndr_slice){s.ptr + i, w.len}, w))
            return i;
    return s.len;
}

/* Whether `line` is the closing delimiter of the boundary that the header names. */
static bool
closes(ndr_slice header, ndr_slice line)
{
    if (line.len < 5 || memcmp(line.ptr, "--", 2) != 0 ||
        memcmp(line.ptr + line.len - 2, "--", 2) != 0)
        return false;
    const ndr_slice boundary = {line.ptr + 2, line.len - 4};
    for (ndr_slice rest = header;;) {
        size_t at = find_word(rest, "boundary=");
        if (at == rest.len)
            return false;
        at += sizeof "boundary=" - 1;
        rest = (ndr_slice){rest.ptr + at, rest.len - at};
        const size_t quote = rest.len > 0 && rest.ptr[0] == '"';
        const ndr_slice value = {rest.ptr + quote, rest.len - quote};
        if (value.len > boundary.len &&
            memcmp(value.ptr, boundary.ptr, boundary.len) == 0 &&
            strchr(quote > 0 ? "\"" : " \t\r\n;", value.ptr[boundary.len]) != NULL)
            return true;
    }
}

enum ndr_ending
ndr_mbox_ending(enum ndr_marks marks, const unsigned char *p, size_t n)
{
    int64_t ignored;
    ndr_slice envelope;
    size_t raw = ndr_mbox_blank(p, n);
    if (raw < n && ndr_mark_at(marks, p, n, raw, false, &ignored))
        raw = ndr_mark_line(marks, p, n, raw, &envelope);
    if (marks == NDR_MARKS_MMDF)
        return ndr_mark_end(marks, p, raw, n) < n ? NDR_ENDING_SURE : NDR_ENDING_NONE;
    const size_t body = body_of(p, n, raw);
    if (body == 0)
        return NDR_ENDING_NONE;
    const size_t end = without_empty(p, body, n);
    if (end == n)
        return NDR_ENDING_NONE;
    const ndr_slice header = {p + raw, body - raw};
    if (find_word(header, "multipart/") == header.len)
        return NDR_ENDING_LIKELY;
    return closes(header, last_line(p, body, end)) ? NDR_ENDING_SURE : NDR_ENDING_NONE;
}
