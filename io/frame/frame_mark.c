/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame_mark.c - where does a message begin, in each kind of mailbox file?
 *
 *   dated  From alice@example.com Tue May 13 09:31:02 2008      (RFC 4155)
 *   bare   From                                                 (Thunderbird since 2023)
 *   MMDF   ^A^A^A^A                                             (in front and behind)
 *
 * All of them are proved within NDR_MARK_BYTES ahead and NDR_LOOKBACK_BYTES behind, so
 * that a file cut anywhere falls into the same messages as one read from its start.
 *
 * A bare line says nothing, so it is trusted only in a file that begins as Thunderbird's
 * do, behind an empty line, and in front of a header field: that is also what Thunderbird
 * asks, but for the empty line, which it always writes. Of ^A lines in a row, one
 * message's end and the next one's beginning, the first is the mark, and the others
 * belong to it.
 */
#include "frame.h"
#include "ndr_vector.h"

#include <string.h>

enum { NAME_MOST = 256 }; /* of a field: the same however much is there to look at */

static const char ctrl_word[] = "\n\1\1\1\1";

/* ---- bare ------------------------------------------------------------------------- */

/* Whether p[0, n) begins with a field's name and its colon; *ret_open: more bytes would
 * tell. Source: RFC 5322 3.6.8. */
static bool
begins_field(const unsigned char *p, size_t n, bool *ret_open)
{
    size_t i = 0;
    while (i < n && p[i] > ' ' && p[i] < 0x7f && p[i] != ':')
        i++;
    *ret_open = i == n;
    return i > 0 && i < n && p[i] == ':';
}

bool
ndr_begins_field(const unsigned char *p, size_t n)
{
    bool ignored;
    return begins_field(p, n < NAME_MOST ? n : NAME_MOST, &ignored);
}

/* Where the line behind a bare From_ line at p[at] begins; 0: there is none. */
static size_t
behind_bare(const unsigned char *p, size_t n, size_t at)
{
    if (n - at < 5 || memcmp(p + at, "From ", 5) != 0)
        return 0;
    size_t i = at + 5;
    while (i < n && i - at < NDR_LOOKBACK_BYTES && p[i] == ' ')
        i++;
    if (i < n && p[i] == '\r')
        i++;
    return i < n && p[i] == '\n' ? i + 1 : 0;
}

static bool
is_bare(const unsigned char *p, size_t n, size_t at)
{
    const size_t next = behind_bare(p, n, at);
    if (next == 0)
        return false;
    const size_t end = n - at < NDR_MARK_BYTES ? n : at + NDR_MARK_BYTES;
    return next < end && ndr_begins_field(p + next, end - next);
}

/* ---- MMDF ------------------------------------------------------------------------- */

/* The length of a ^A line at p[at], its end included; 0: there is none. */
static size_t
ctrl_line(const unsigned char *p, size_t n, size_t at, bool last)
{
    if (n - at < 4 || memcmp(p + at, ctrl_word + 1, 4) != 0)
        return 0;
    size_t i = at + 4;
    if (i < n && p[i] == '\r')
        i++;
    if (i == n)
        return last ? i - at : 0;
    return p[i] == '\n' ? i + 1 - at : 0;
}

/* Whether the line that ends before p[at] is a ^A line, and begins at or behind p[low].
 */
static bool
ctrl_before(const unsigned char *p, size_t low, size_t at, size_t *ret_at)
{
    size_t end = at;
    if (end <= low || p[end - 1] != '\n')
        return false;
    end--;
    if (end > low && p[end - 1] == '\r')
        end--;
    if (end - low < 4 || memcmp(p + end - 4, ctrl_word + 1, 4) != 0)
        return false;
    *ret_at = end - 4;
    return *ret_at == 0 || p[*ret_at - 1] == '\n';
}

/* Where the ^A lines from p[at] on end. */
static size_t
behind_ctrl(const unsigned char *p, size_t n, size_t at, bool last)
{
    const size_t end = n - at < NDR_MARK_BYTES ? n : at + NDR_MARK_BYTES;
    for (size_t len; at < end && (len = ctrl_line(p, end, at, last && end == n)) > 0;)
        at += len;
    return at;
}

/* Lines that are not whole yet, and what ends the file, are no mark. */
static bool
is_ctrl(const unsigned char *p, size_t n, size_t at, bool last, int64_t *ret_time)
{
    const size_t next = behind_ctrl(p, n, at, last);
    if (next == at || next == n)
        return false;
    *ret_time = NDR_TIME_UNKNOWN;
    const size_t end = n - at < NDR_MARK_BYTES ? n : at + NDR_MARK_BYTES;
    const bool open = !last && end == n && n - at < NDR_MARK_BYTES &&
                      memchr(p + next, '\n', n - next) == NULL;
    if (open && (p[next] == '\1' || p[next] == 'F'))
        return false; /* another such line, or a From_ line, may come about */
    int64_t time;
    if (ndr_mbox_mark(p, end, next, true, &time))
        *ret_time = time;
    return true;
}

static size_t
next_ctrl(const unsigned char *p, size_t n, size_t from, bool at_start, bool last,
          int64_t *ret_time)
{
    if (from == 0 && at_start && is_ctrl(p, n, 0, last, ret_time))
        return 0;
    for (size_t lf = from > 0 ? from - 1 : 0; lf < n; lf++) {
        lf += ndr_find(p + lf, n - lf, ctrl_word, sizeof ctrl_word - 1);
        size_t ignored;
        if (lf < n && !ctrl_before(p, 0, lf + 1, &ignored) &&
            is_ctrl(p, n, lf + 1, last, ret_time))
            return lf + 1;
    }
    return n;
}

static size_t
last_ctrl(const unsigned char *p, size_t n, size_t low, bool at_start)
{
    int64_t ignored;
    size_t lf, end = n, before;
    const size_t low_lf = low > 0 ? low - 1 : 0;
    while ((lf = ndr_find_last(p, end, low_lf, ctrl_word, sizeof ctrl_word - 1)) < end) {
        if (!ctrl_before(p, 0, lf + 1, &before) && is_ctrl(p, n, lf + 1, false, &ignored))
            return lf + 1;
        end = lf + 4; /* words that begin before this LF, and no later */
    }
    return low == 0 && at_start && is_ctrl(p, n, 0, false, &ignored) ? 0 : n;
}

/* ---- all kinds -------------------------------------------------------------------- */

bool
ndr_mark_at(enum ndr_marks marks, const unsigned char *p, size_t n, size_t at, bool last,
            int64_t *ret_time)
{
    if (marks == NDR_MARKS_MMDF)
        return is_ctrl(p, n, at, last, ret_time);
    if (ndr_mbox_mark(p, n, at, last, ret_time))
        return true;
    *ret_time = NDR_TIME_UNKNOWN;
    return marks == NDR_MARKS_BARE && is_bare(p, n, at);
}

size_t
ndr_mark_next(enum ndr_marks marks, const unsigned char *p, size_t n, size_t from,
              bool at_start, bool last, int64_t *ret_time)
{
    return marks == NDR_MARKS_MMDF
               ? next_ctrl(p, n, from, at_start, last, ret_time)
               : ndr_mbox_next(marks, p, n, from, at_start, last, ret_time);
}

size_t
ndr_mark_last(enum ndr_marks marks, const unsigned char *p, size_t n, size_t low,
              bool at_start)
{
    return marks == NDR_MARKS_MMDF ? last_ctrl(p, n, low, at_start)
                                   : ndr_mbox_last(marks, p, n, low, at_start);
}

size_t
ndr_mark_line(enum ndr_marks marks, const unsigned char *p, size_t n, size_t at,
              ndr_slice *ret_envelope)
{
    if (marks != NDR_MARKS_MMDF)
        return ndr_mbox_line(p, n, at, ret_envelope);
    const size_t next = behind_ctrl(p, n, at, true);
    const size_t end = n - at < NDR_MARK_BYTES ? n : at + NDR_MARK_BYTES;
    int64_t ignored;
    *ret_envelope = (ndr_slice){p + at, 0};
    return next < end && ndr_mbox_mark(p, end, next, true, &ignored)
               ? ndr_mbox_line(p, end, next, ret_envelope)
               : next;
}

size_t
ndr_mark_end(enum ndr_marks marks, const unsigned char *p, size_t raw, size_t at)
{
    if (marks != NDR_MARKS_MMDF)
        return ndr_mbox_end(p, raw, at);
    while (ctrl_before(p, raw, at, &at))
        continue;
    return at;
}

/* Is the sender of the From_ line a dash, as Mozilla's programs had it? */
static bool
is_dashed(const unsigned char *p, size_t n)
{
    return n >= 7 && memcmp(p, "From - ", 7) == 0;
}

int
ndr_mark_begins(const unsigned char *p, size_t n, bool last, enum ndr_marks *ret)
{
    const size_t at = ndr_mbox_blank(p, n);
    *ret = NDR_MARKS_DATED;
    if (at < n && p[at] == '\1') {
        *ret = NDR_MARKS_MMDF;
        const size_t next = behind_ctrl(p, n, at, last);
        if (next > at)
            return 1;
        return !last && n - at < 6 &&
                       memcmp(p + at, "\1\1\1\1", n - at < 4 ? n - at : 4) == 0
                   ? -1
                   : 0;
    }
    const int mbox = ndr_mbox_begins(p, n, last);
    if (mbox == 1 && is_dashed(p + at, n - at))
        *ret = NDR_MARKS_BARE;
    const size_t next = mbox == 0 && at < n ? behind_bare(p, n, at) : 0;
    if (next == 0)
        return mbox;
    bool open;
    const size_t shown = n - next < NAME_MOST ? n - next : NAME_MOST;
    const bool field = begins_field(p + next, shown, &open);
    *ret = NDR_MARKS_BARE;
    return field ? 1 : open && !last && shown < NAME_MOST ? -1 : 0;
}
