/* SPDX-License-Identifier: BSD-3-Clause */
/* text.c - how do numbers, times and other people's bytes look on a terminal? */
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *
text_count(number ret, uint64_t n)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    char *t = ret;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *t++ = ',';
        *t++ = digits[i];
    }
    *t = '\0';
    return ret;
}

const char *
text_bytes(number ret, uint64_t bytes)
{
    static const char unit[][3] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        (void)snprintf(ret, sizeof(number), "%d bytes", (int)bytes);
        return ret;
    }
    double v = (double)bytes / 1000;
    size_t u = 0;
    /* 999.5 would print as 1000 */
    while (v >= 999.5 && u + 1 < sizeof unit / sizeof unit[0]) {
        v /= 1000;
        u++;
    }
    const int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
    (void)snprintf(ret, sizeof(number), "%.*f %s", decimals, v, unit[u]);
    return ret;
}

const char *
text_seconds(number ret, double seconds)
{
    const double s = seconds < 0 ? 0 : seconds > 1e9 ? 1e9 : seconds;
    const long whole = (long)(s + 0.5);
    if (s < 9.995)
        (void)snprintf(ret, sizeof(number), "%.2f s", s);
    else if (s < 59.95)
        (void)snprintf(ret, sizeof(number), "%.1f s", s);
    else if (whole < 3600)
        (void)snprintf(ret, sizeof(number), "%ldm %02lds", whole / 60, whole % 60);
    else
        (void)snprintf(ret, sizeof(number), "%ldh %02ldm", whole / 3600, whole / 60 % 60);
    return ret;
}

const char *
text_span(number ret, int64_t seconds)
{
    const int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (minutes < 1)
        (void)snprintf(ret, sizeof(number), "less than a minute");
    else if (hours < 1)
        (void)snprintf(ret, sizeof(number), "%" PRId64 " min", minutes);
    else if (days < 1 && minutes % 60 == 0)
        (void)snprintf(ret, sizeof(number), "%" PRId64 " h", hours);
    else if (days < 1)
        (void)snprintf(ret, sizeof(number), "%" PRId64 " h %" PRId64 " min", hours,
                       minutes % 60);
    else if (hours % 24 == 0)
        (void)snprintf(ret, sizeof(number), "%" PRId64 " d", days);
    else
        (void)snprintf(ret, sizeof(number), "%" PRId64 " d %" PRId64 " h", days,
                       hours % 24);
    return ret;
}

/* `with_zone`: " CEST" behind it; a zone whose name is too long is left out. */
static const char *
local(number ret, int64_t at, bool with_zone)
{
    const time_t t = (time_t)at;
    struct tm tm;
    if (localtime_r(&t, &tm) == NULL ||
        ((!with_zone || strftime(ret, sizeof(number), "%Y-%m-%d %H:%M %Z", &tm) == 0) &&
         strftime(ret, sizeof(number), "%Y-%m-%d %H:%M", &tm) == 0))
        (void)snprintf(ret, sizeof(number), "?");
    return ret;
}

const char *
text_local(number ret, int64_t at)
{
    return local(ret, at, false);
}

const char *
text_local_zone(number ret, int64_t at)
{
    return local(ret, at, true);
}

/* Bytes of the UTF-8 character at p (RFC 3629), 0 when it is none. */
static size_t
char_len(const unsigned char *p, size_t n, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t len = p[0] < 0x80             ? 1
                       : (p[0] & 0xE0) == 0xC0 ? 2
                       : (p[0] & 0xF0) == 0xE0 ? 3
                       : (p[0] & 0xF8) == 0xF0 ? 4
                                               : 0;
    if (len == 0 || len > n)
        return 0;
    uint32_t code = len == 1 ? p[0] : p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    if (code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 0;
    *ret_code = code;
    return len;
}

void
text_safe(ndr_buffer *out, ndr_slice bytes)
{
    const unsigned char *p = bytes.ptr;
    for (size_t i = 0; i < bytes.len;) {
        uint32_t code = 0;
        const size_t len = char_len(p + i, bytes.len - i, &code);
        if (len == 1 && (code == '\n' || code == '\r' || code == '\t')) {
            ndr_buffer_byte(out, ' ');
        } else if (len == 0 || ndr_char_hidden(code)) {
            const size_t bad = len == 0 ? 1 : len;
            for (size_t k = 0; k < bad; k++)
                ndr_buffer_printf(out, "\\x%02X", p[i + k]);
        } else {
            ndr_buffer_add(out, (ndr_slice){p + i, len});
        }
        i += len == 0 ? 1 : len;
    }
}

void
text_blank(ndr_buffer *out, ndr_slice text)
{
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t code = 0;
        len = char_len(text.ptr + i, text.len - i, &code);
        if (len > 0 && !ndr_char_hidden(code))
            ndr_buffer_add(out, (ndr_slice){text.ptr + i, len});
        else
            ndr_buffer_text(out, len == 4 ? "  " : " ");
        len = len > 0 ? len : 1;
    }
}

/* Columns of one character: 2 for the wide ones of East Asia and for pictures, 0 for
 * marks that stand on the one before. Source: Unicode UAX 11, in coarse blocks. */
static size_t
char_columns(uint32_t c)
{
    if (c >= 0x0300 && c <= 0x036F)
        return 0;
    const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                      (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                      (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                      (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                      (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
}

/* Bytes of `text` that fit `columns`, and the columns they take. */
static size_t
bytes_of_columns(ndr_slice text, size_t columns, size_t *ret_used)
{
    size_t i = 0;
    *ret_used = 0;
    while (i < text.len) {
        uint32_t code = 0;
        const size_t len = char_len(text.ptr + i, text.len - i, &code);
        const size_t wide = len == 0 ? 1 : char_columns(code);
        if (*ret_used + wide > columns)
            break;
        *ret_used += wide;
        i += len == 0 ? 1 : len;
    }
    return i;
}

size_t
text_columns(ndr_slice text)
{
    size_t used = 0;
    (void)bytes_of_columns(text, SIZE_MAX, &used);
    return used;
}

void
text_end(ndr_buffer *out, ndr_buffer *part)
{
    out->failed |= part->failed;
    ndr_buffer_free(part);
}

void
text_pad(ndr_buffer *out, size_t at, size_t column)
{
    do {
        ndr_buffer_byte(out, ' ');
    } while (++at < column);
}

void
text_wrap(ndr_buffer *out, ndr_slice text, size_t at, size_t indent, size_t width)
{
    ndr_buffer safe = {0};
    text_safe(&safe, text);
    if (safe.failed)
        out->failed = true;
    size_t i = 0;
    bool fresh = true; /* nothing on this line yet */
    while (i < safe.len) {
        if (safe.ptr[i] == ' ') {
            i++;
            continue;
        }
        size_t end = i;
        while (end < safe.len && safe.ptr[end] != ' ')
            end++;
        const ndr_slice word = {safe.ptr + i, end - i};
        const size_t columns = text_columns(word);
        if (!fresh && at + 1 + columns > width) {
            ndr_buffer_byte(out, '\n');
            ndr_buffer_printf(out, "%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        if (!fresh) {
            ndr_buffer_byte(out, ' ');
            at++;
        }
        size_t used = 0;
        size_t take = bytes_of_columns(word, at < width ? width - at : 0, &used);
        if (take == 0) /* no room for one: better too wide than for ever */
            take = bytes_of_columns(word, 2, &used);
        ndr_buffer_add(out, (ndr_slice){word.ptr, take});
        at += used;
        i += take;
        fresh = false;
        if (take < word.len) {
            ndr_buffer_byte(out, '\n');
            ndr_buffer_printf(out, "%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
    }
    ndr_buffer_byte(out, '\n');
    text_end(out, &safe);
}

void
text_cut(ndr_buffer *out, ndr_slice text, size_t columns)
{
    ndr_buffer safe = {0};
    text_safe(&safe, text);
    out->failed |= safe.failed;
    size_t used = 0;
    ndr_slice all = {safe.ptr, safe.len};
    const bool cut = text_columns(all) > columns;
    if (cut)
        all.len = bytes_of_columns(all, columns > 4 ? columns - 4 : 0, &used);
    ndr_buffer_add(out, all);
    ndr_buffer_text(out, cut ? " ..." : "");
    text_end(out, &safe);
}
