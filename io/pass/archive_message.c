/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * archive_message.c - how does one message become a part of an mbox?
 *
 * A From_ line (RFC 4155: sender, arrival in asctime's form, UTC), the message with
 * one more ">" before each line that is ">"s and "From ", and an empty line. So
 * that no byte is lost by it, the ">"s are quoted as well (mboxrd).
 */
#include "archiving.h"
#include "frame/frame.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    READ_BYTES = 1 << 17,
    HEAD_BYTES = 1 << 16, /* in which Return-Path is looked for */
    SENDER_MOST = 320,    /* RFC 5321, 4.5.3.1: a path of 256, and some */
};

/* The address in Return-Path, or {NULL, 0}: none, empty, or one that breaks the line. */
static ndr_slice
sender_of(const unsigned char *p, size_t n)
{
    static const char name[] = "Return-Path:";
    const size_t name_len = sizeof name - 1;
    for (size_t at = 0; at < n && p[at] != '\n' && p[at] != '\r';) {
        const unsigned char *lf = memchr(p + at, '\n', n - at);
        const size_t end = lf != NULL ? (size_t)(lf - p) : n;
        if (end - at > name_len &&
            strncasecmp((const char *)p + at, name, name_len) == 0) {
            const unsigned char *open = memchr(p + at, '<', end - at);
            const unsigned char *shut = open != NULL ? memchr(open, '>', end - at) : NULL;
            if (open == NULL || shut == NULL || shut >= p + end)
                return (ndr_slice){NULL, 0};
            const ndr_slice sender = {open + 1, (size_t)(shut - open) - 1};
            for (size_t i = 0; i < sender.len; i++)
                if (sender.ptr[i] <= ' ' || sender.ptr[i] >= 0x7f)
                    return (ndr_slice){NULL, 0};
            return sender.len <= SENDER_MOST ? sender : (ndr_slice){NULL, 0};
        }
        at = end + 1;
    }
    return (ndr_slice){NULL, 0};
}

static bool
crlf_in(const unsigned char *p, size_t n)
{
    const unsigned char *lf = memchr(p, '\n', n);
    return lf != NULL && lf > p && lf[-1] == '\r';
}

/* The From_ line for a message that begins with these bytes. */
static void
add_line(ndr_buffer *out, const unsigned char *p, size_t n, int64_t time)
{
    static const char day[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char month[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = (time_t)time;
    struct tm tm;
    /* years of four digits, or it is no From_ line */
    if (time == NDR_TIME_UNKNOWN || gmtime_r(&seconds, &tm) == NULL || tm.tm_year < 70 ||
        tm.tm_year > 9999 - 1900)
        tm = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    const ndr_slice sender = sender_of(p, n);
    ndr_buffer_text(out, "From ");
    if (sender.len > 0)
        ndr_buffer_add(out, sender);
    else
        ndr_buffer_text(out, "MAILER-DAEMON");
    ndr_buffer_printf(out, " %s %s %2d %02d:%02d:%02d %d%s", day[tm.tm_wday],
                      month[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                      tm.tm_year + 1900, crlf_in(p, n) ? "\r\n" : "\n");
}

/*
 * Add p[0, n) with From_ lines quoted. How much of it was taken: what may be the
 * begin of such a line is left, unless `last`.
 */
static size_t
quote(ndr_buffer *out, const unsigned char *p, size_t n, bool last, bool *line_start)
{
    size_t at = 0;
    while (at < n) {
        if (*line_start) {
            size_t i = at;
            while (i < n && p[i] == '>')
                i++;
            const size_t left = n - i;
            if (left < 5 && !last && memcmp(p + i, "From ", left) == 0 &&
                i - at < READ_BYTES / 2)
                return at;
            if (left >= 5 && memcmp(p + i, "From ", 5) == 0)
                ndr_buffer_byte(out, '>');
        }
        const unsigned char *lf = memchr(p + at, '\n', n - at);
        const size_t end = lf != NULL ? (size_t)(lf - p) + 1 : n;
        ndr_buffer_add(out, (ndr_slice){p + at, end - at});
        *line_start = lf != NULL;
        at = end;
    }
    return at;
}

static int
flush(ndr_archive *a, ndr_buffer *out, ndr_error *err)
{
    if (out->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    const int code = ndr_archive_add(a, (ndr_slice){out->ptr, out->len}, err);
    ndr_buffer_clear(out);
    return code;
}

/* Read behind `in` until `want` bytes are there or no more come: *ret_end. */
static int
fill(ndr_unpack *u, ndr_buffer *in, size_t want, bool *ret_end, ndr_error *err)
{
    while (!*ret_end && in->len < want) {
        if (!ndr_buffer_reserve(in, READ_BYTES))
            return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
        const int64_t n = ndr_unpack_read(u, in->ptr + in->len, READ_BYTES, true, err);
        if (n < 0)
            return (int)n;
        in->len += (size_t)n;
        *ret_end = n == 0;
    }
    return 0;
}

int
ndr_archive_message(ndr_archive *a, ndr_unpack *u, int64_t time, ndr_error *err)
{
    ndr_buffer in = {0}, out = {0};
    bool end = false, line_start = true, crlf = false;
    int code = fill(u, &in, HEAD_BYTES, &end, err);
    if (code != 0)
        goto out;
    if (in.len == 0)
        goto out; /* scan finds no message in it either */
    size_t at = 0;
    int64_t ignored;
    ndr_slice envelope;
    crlf = crlf_in(in.ptr, in.len);
    if (ndr_mbox_mark(in.ptr, in.len, 0, end, &ignored)) { /* it brought its own */
        at = ndr_mbox_line(in.ptr, in.len, 0, &envelope);
        ndr_buffer_add(&out, (ndr_slice){in.ptr, at});
    } else {
        add_line(&out, in.ptr, in.len, time);
    }
    code = ndr_archive_part(a, err);
    while (code == 0) {
        at += quote(&out, in.ptr + at, in.len - at, end, &line_start);
        code = flush(a, &out, err);
        memmove(in.ptr, in.ptr + at, in.len - at);
        in.len -= at;
        at = 0;
        if (end || code != 0)
            break;
        code = fill(u, &in, in.len + 1, &end, err);
    }
    if (code != 0)
        goto out;
    if (!line_start)
        ndr_buffer_text(&out, crlf ? "\r\n" : "\n");
    ndr_buffer_text(&out, crlf ? "\r\n" : "\n");
    code = flush(a, &out, err);
out:
    ndr_buffer_free(&in);
    ndr_buffer_free(&out);
    return code;
}
