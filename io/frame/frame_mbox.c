/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame_mbox.c - where does one mbox message end and the next begin? (RFC 4155)
 *
 * A mark is "From " behind an empty line, on a line that ends in a postmark.
 * Looser (no empty line, no date) splits messages that quote others; stricter
 * (one form of date) loses real archives. What is asked is within
 * NDR_MARK_BYTES ahead and three bytes behind, so that a file cut anywhere
 * falls into the same messages as one read from its start.
 */
#include "frame.h"
#include "ndr_vector.h"

#include <string.h>

/* Few lines begin with 'F': the pair "\nF" is rare, though LF is not. */
static const char from_word[] = "\nFrom ";

static size_t
next_word(const unsigned char *p, size_t n, size_t from)
{
    return from < n ? from + ndr_find(p + from, n - from, from_word, sizeof from_word - 1)
                    : n;
}

/* Whether the line before p[at] is empty, or there is none before it. */
static bool
empty_before(const unsigned char *p, size_t at, bool at_start)
{
    if (at == 0)
        return at_start;
    if (p[at - 1] != '\n')
        return false;
    size_t line = at - 1;
    if (line > 0 && p[line - 1] == '\r')
        line--;
    return line == 0 ? at_start : p[line - 1] == '\n';
}

bool
ndr_mbox_mark(const unsigned char *p, size_t n, size_t at, bool last, int64_t *ret_time)
{
    if (n - at < 5 || memcmp(p + at, "From ", 5) != 0)
        return false;
    const size_t room = n - at < NDR_MARK_BYTES ? n - at : NDR_MARK_BYTES;
    const unsigned char *lf = memchr(p + at, '\n', room);
    if (lf == NULL && (!last || n - at > NDR_MARK_BYTES))
        return false;
    const size_t len = lf != NULL ? (size_t)(lf - (p + at)) : room;
    *ret_time = ndr_postmark_parse((ndr_slice){p + at, len});
    return *ret_time != NDR_TIME_UNKNOWN;
}

int
ndr_mbox_begins(const unsigned char *p, size_t n, bool last)
{
    int64_t ignored;
    const size_t at = ndr_mbox_blank(p, n);
    if (at < n && ndr_mbox_mark(p, n, at, last, &ignored))
        return 1;
    /* the first line may still become a From_ line */
    const bool open = !last && n - at < NDR_MARK_BYTES &&
                      memcmp(p + at, "From ", n - at < 5 ? n - at : 5) == 0 &&
                      (n == at || memchr(p + at, '\n', n - at) == NULL);
    return open ? -1 : 0;
}

size_t
ndr_mbox_next(enum ndr_marks marks, const unsigned char *p, size_t n, size_t from,
              bool at_start, bool last, int64_t *ret_time)
{
    if (from == 0 && at_start && ndr_mark_at(marks, p, n, 0, last, ret_time))
        return 0;
    size_t lf = from > 0 ? from - 1 : 0;
    while ((lf = next_word(p, n, lf)) < n) {
        if (empty_before(p, lf + 1, at_start) &&
            ndr_mark_at(marks, p, n, lf + 1, last, ret_time))
            return lf + 1;
        lf++;
    }
    return n;
}

size_t
ndr_mbox_last(enum ndr_marks marks, const unsigned char *p, size_t n, size_t low,
              bool at_start)
{
    int64_t ignored;
    size_t lf, end = n;
    const size_t low_lf = low > 0 ? low - 1 : 0;
    while ((lf = ndr_find_last(p, end, low_lf, from_word, sizeof from_word - 1)) < end) {
        if (empty_before(p, lf + 1, at_start) &&
            ndr_mark_at(marks, p, n, lf + 1, false, &ignored))
            return lf + 1;
        end = lf + 5; /* words that begin before this LF, and no later */
    }
    if (low == 0 && at_start && ndr_mark_at(marks, p, n, 0, false, &ignored))
        return 0;
    return n;
}

size_t
ndr_mbox_find(const unsigned char *p, size_t n, size_t from, bool at_start, bool last)
{
    int64_t ignored;
    return from < n ? ndr_mbox_next(NDR_MARKS_DATED, p, n, from, at_start, last, &ignored)
                    : n;
}

size_t
ndr_mbox_find_last(const unsigned char *p, size_t n, bool at_start)
{
    return n > 0 ? ndr_mbox_last(NDR_MARKS_DATED, p, n, 0, at_start) : n;
}

size_t
ndr_mbox_line(const unsigned char *p, size_t n, size_t at, ndr_slice *ret_envelope)
{
    const size_t room = n - at < NDR_MARK_BYTES ? n - at : NDR_MARK_BYTES;
    const unsigned char *lf = memchr(p + at, '\n', room);
    size_t end = lf != NULL ? (size_t)(lf - p) : n;
    const size_t raw = lf != NULL ? end + 1 : n;
    if (end > at && p[end - 1] == '\r')
        end--;
    *ret_envelope = (ndr_slice){p + at, end - at};
    return raw;
}

size_t
ndr_mbox_end(const unsigned char *p, size_t raw, size_t at)
{
    if (at <= raw || p[at - 1] != '\n')
        return at;
    size_t line = at - 1;
    if (line > raw && p[line - 1] == '\r')
        line--;
    return line == raw || p[line - 1] == '\n' ? line : at;
}

size_t
ndr_mbox_blank(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && (p[i] == '\n' || (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')))
        i++;
    return i;
}
