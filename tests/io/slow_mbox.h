/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * slow_mbox.h - the slow framer that the fast ones are held against: line by
 * line over the whole file, from RFC 4155 and the words of frame_mbox.c alone.
 */
#ifndef NDR_SLOW_MBOX_H
#define NDR_SLOW_MBOX_H

#include "drive.h"

typedef struct slow_line {
    size_t at, len; /* with its line end */
    bool empty;
} slow_line;

static inline slow_line
slow_line_at(const unsigned char *p, size_t n, size_t at)
{
    slow_line l = {at, 0, false};
    while (at + l.len < n && p[at + l.len] != '\n')
        l.len++;
    if (at + l.len < n)
        l.len++;
    l.empty = (l.len == 1 && p[at] == '\n') ||
              (l.len == 2 && p[at] == '\r' && p[at + 1] == '\n');
    return l;
}

static inline void
slow_give(drive *d, const unsigned char *p, size_t mark, size_t raw, size_t end,
          size_t limit, uint64_t *index)
{
    ndr_message m = {.offset = raw,
                     .length = end - raw,
                     .raw = {p + raw, end - raw < limit ? end - raw : limit},
                     .framed = NDR_TIME_UNKNOWN};
    if (raw > mark)
        m.framed = ndr_postmark_parse((ndr_slice){p + mark, raw - mark});
    if (end - raw > limit)
        m.flags = NDR_MSG_TRUNCATED;
    drive_message(d, &m, (*index)++);
}

/* All messages of an mbox as drive_message writes them; to be freed. */
static inline char *
slow_mbox(const unsigned char *p, size_t n, size_t limit)
{
    drive d = {.bodies = true};
    ndr_buffer_text(&d.out, "");
    uint64_t index = 0;
    bool open = false, before_empty = true, all_empty = true;
    size_t mark = 0, raw = 0, empty_len = 0;
    for (size_t at = 0; at < n;) {
        const slow_line l = slow_line_at(p, n, at);
        const bool is_mark =
            before_empty && l.len <= 1024 && l.len >= 5 &&
            ndr_postmark_parse((ndr_slice){p + at, l.len}) != NDR_TIME_UNKNOWN;
        if (is_mark) {
            if (open)
                slow_give(&d, p, mark, raw, at - empty_len, limit, &index);
            mark = at;
            raw = at + l.len;
            open = true;
        } else if (all_empty && !l.empty && !open) {
            mark = raw = at; /* what is before the first mark */
            open = true;
        }
        all_empty = all_empty && l.empty;
        before_empty = l.empty;
        empty_len = l.empty ? l.len : 0;
        at += l.len;
    }
    if (open)
        slow_give(&d, p, mark, raw, n - empty_len, limit, &index);
    ndr_buffer_byte(&d.out, '\0');
    return (char *)d.out.ptr;
}

#define M1  "From a@example.com Tue May 13 09:31:02 2008\n"
#define M2  "From b@example.net Wed May 14 10:00:00 2008 +0200\n"
#define M1R "From a@example.com Tue May 13 09:31:02 2008\r\n"

typedef struct mbox_row {
    const char *why, *text;
} mbox_row;

/* Mailboxes of every odd shape. All begin with a mark, empty lines aside. */
static const mbox_row mboxes[] = {
    {"one message", M1 "A: b\n\nx\n"},
    {"two messages", M1 "A: b\n\nx\n\n" M2 "C: d\n\ny\n\n"},
    {"CRLF line ends", M1R "A: b\r\n\r\nx\r\n\r\n" M1R "C: d\r\n\r\ny\r\n\r\n"},
    {"line ends of both sorts", M1 "A: b\r\n\r\nx\n\r\n" M1R "C: d\n\ny\r\n\n"},
    {"From_ without an empty line before it", M1 "A: b\n\nx\n" M2 "\ny\n"},
    {"a line that begins with From but is no mark", M1 "A: b\n\nFrom here on\n\nFrom \n"},
    {"a quoted From_ line", M1 "A: b\n\n>" M2 "y\n\n>>" M2},
    {"no last line end", M1 "A: b\n\nx"},
    {"a From_ line as the last, without its end",
     M1 "A: b\n\nFrom b Tue May 13 09:31:02 2008"},
    {"empty messages", M1 "\n" M2 "\n" M1 "\n"},
    {"marks that follow each other", M1 M2 M1 "\n" M2},
    {"only a mark", M1},
    {"only a mark, CRLF, and an empty line", M1R "\r\n"},
    {"several empty lines between messages", M1 "A: b\n\nx\n\n\n\n" M2 "C: d\n\n\n\n"},
    {"empty lines before the first", "\n\n\r\n" M1 "A: b\n\nx\n\n" M2 "C: d\n"},
    {"a header without a body", M1 "A: b\n\n" M2 "C: d\n\n"},
    {"a lone CR is no empty line", M1 "A: b\n\nx\n\r" M2 "y\n\n\r\r\n" M2 "z\n"},
    {"NUL and high bytes", M1 "A: \xff\xfe\n\n\x01\x02\n\n" M2 "\xc3\xa9\n"},
};

/* Files without a mark at the start: mboxes only when that is said. */
static const mbox_row rough_mboxes[] = {
    {"text before the first mark", "x\ny\n\n" M1 "A: b\n\nx\n\n" M2 "C: d\n"},
    {"empty lines, then text before the first mark", "\n\r\nx\n\n" M1 "A: b\n\nx\n"},
    {"no mark at all", "A: b\n\nx\n\n"},
    {"one byte", "x"},
    {"one line end", "\n"},
    {"From without a date", "From here on\n\nx\n\n" M1 "A: b\n"},
    {"only empty lines", "\n\r\n\n\n"},
    {"a lone CR", "\r"},
};

#endif
