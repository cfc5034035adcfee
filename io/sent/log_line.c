/* SPDX-License-Identifier: BSD-3-Clause */
/* log_line.c - when was a line of a log written, by whom, and what does it say? */
#define _GNU_SOURCE /* memmem */
#include "log_line.h"

#include <string.h>
#include <time.h>

enum { DAY_SECONDS = 86400, SYSLOG_STAMP = 15, YEARS_BACK = 8 };

bool
ndr_log_skip(ndr_slice *s, const char *words)
{
    const size_t n = strlen(words);
    if (s->len < n || memcmp(s->ptr, words, n) != 0)
        return false;
    s->ptr += n;
    s->len -= n;
    return true;
}

size_t
ndr_log_find(ndr_slice s, const char *words, bool last)
{
    const size_t n = strlen(words);
    if (s.len < n)
        return s.len;
    if (!last) {
        const unsigned char *at = memmem(s.ptr, s.len, words, n);
        return at != NULL ? (size_t)(at - s.ptr) : s.len;
    }
    for (size_t at = s.len - n + 1; at > 0; at--)
        if (s.ptr[at - 1] == (unsigned char)words[0] &&
            memcmp(s.ptr + at - 1, words, n) == 0)
            return at - 1;
    return s.len;
}

/* ---- parts ----------------------------------------------------------------- */

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* "Nov 29 10:00:00" or "Nov  9 10:00:00"? */
static bool
is_syslog_stamp(const unsigned char *p, size_t n)
{
    return n > SYSLOG_STAMP && p[3] == ' ' && p[6] == ' ' && p[9] == ':' &&
           p[12] == ':' && p[15] == ' ' && is_digit(p[5]);
}

/* What is before the next blank, taken off with it. */
static ndr_slice
take_word(ndr_slice *s)
{
    const unsigned char *end = s->len > 0 ? memchr(s->ptr, ' ', s->len) : NULL;
    const size_t n = end != NULL ? (size_t)(end - s->ptr) : s->len;
    const ndr_slice word = {s->ptr, n};
    const size_t off = end != NULL ? n + 1 : n;
    s->ptr += off;
    s->len -= off;
    return word;
}

/* "postfix/smtpd[123]: " or "exim: " off the front. */
static bool
take_program(ndr_slice *s, ndr_slice *ret)
{
    const ndr_slice tag = take_word(s);
    if (tag.len < 2 || tag.ptr[tag.len - 1] != ':')
        return false;
    const unsigned char *pid = memchr(tag.ptr, '[', tag.len);
    *ret = (ndr_slice){tag.ptr, pid != NULL ? (size_t)(pid - tag.ptr) : tag.len - 1};
    ndr_slice rest = *s;
    if (ndr_log_skip(&rest, "[ID ")) { /* "[ID 197553 mail.info] " of Solaris */
        const size_t at = ndr_log_find(rest, "] ", false);
        if (at < rest.len)
            *s = (ndr_slice){rest.ptr + at + 2, rest.len - at - 2};
    }
    return true;
}

bool
ndr_log_line_syslog(ndr_slice line, ndr_log_line *ret)
{
    if (line.len > 0 && line.ptr[0] == '<') { /* "<22>" of a relay that kept it */
        const unsigned char *end = memchr(line.ptr, '>', line.len < 6 ? line.len : 6);
        if (end == NULL)
            return false;
        line.len -= (size_t)(end + 1 - line.ptr);
        line.ptr = end + 1;
    }
    if (is_syslog_stamp(line.ptr, line.len)) {
        ret->stamp = (ndr_slice){line.ptr, SYSLOG_STAMP};
        line.ptr += SYSLOG_STAMP + 1;
        line.len -= SYSLOG_STAMP + 1;
    } else if (line.len > 20 && line.ptr[4] == '-' && line.ptr[10] == 'T') {
        ret->stamp = take_word(&line);
    } else {
        return false;
    }
    ret->host = take_word(&line);
    if (!take_program(&line, &ret->program))
        return false;
    ret->text = line;
    return true;
}

bool
ndr_log_line_exim(ndr_slice line, ndr_log_line *ret)
{
    enum { PLAIN = 19 }; /* "2026-11-29 10:00:00" */
    if (line.len <= PLAIN || line.ptr[4] != '-' || line.ptr[10] != ' ' ||
        line.ptr[13] != ':')
        return false;
    size_t n = PLAIN;
    if (line.ptr[n] == '.') /* log_selector = +millisec */
        for (n++; n < line.len && is_digit(line.ptr[n]);)
            n++;
    if (n + 6 < line.len && line.ptr[n] == ' ' && line.ptr[n + 6] == ' ' &&
        (line.ptr[n + 1] == '+' || line.ptr[n + 1] == '-')) /* log_timezone */
        n += 6;
    if (n >= line.len || line.ptr[n] != ' ')
        return false;
    *ret = (ndr_log_line){.stamp = {line.ptr, n}};
    line.ptr += n + 1;
    line.len -= n + 1;
    if (line.len > 0 && line.ptr[0] == '[') /* log_selector = +pid */
        (void)take_word(&line);
    ret->text = line;
    return true;
}

/* ---- times ------------------------------------------------------------------- */

void
ndr_log_clock_begin(ndr_log_clock *c, int64_t file_time)
{
    c->file_time = file_time;
    c->month = 0;
    c->year_now = 0;
    c->hour_text[0] = '\0';
}

/* A number of `n` digits, blanks before it; -1 when it is none. */
static int
number(const unsigned char *p, size_t n)
{
    int value = 0;
    size_t i = 0;
    while (i + 1 < n && p[i] == ' ')
        i++;
    for (; i < n; i++) {
        if (!is_digit(p[i]))
            return -1;
        value = value * 10 + p[i] - '0';
    }
    return value;
}

static bool
has_day(int year, int month, int day)
{
    const int64_t first = ndr_days_from_civil(year, month, 1);
    const int64_t next = month < 12 ? ndr_days_from_civil(year, month + 1, 1)
                                    : ndr_days_from_civil(year + 1, 1, 1);
    return day >= 1 && day <= next - first;
}

/* The start of an hour, as the stamp's zone has it. */
static int64_t
hour_time(const ndr_log_clock *c, int year, int month, int day, int hour)
{
    if (c->zone_given)
        return ndr_days_from_civil(year, month, day) * DAY_SECONDS +
               hour * INT64_C(3600) - c->zone_minutes * INT64_C(60);
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_isdst = -1};
    return (int64_t)mktime(&tm);
}

/* The last year in which the hour is not behind the file, by a day for its zone. */
static int64_t
last_fitting(const ndr_log_clock *c, int month, int day, int hour)
{
    struct tm tm;
    const time_t file = (time_t)c->file_time;
    if (gmtime_r(&file, &tm) == NULL)
        return NDR_TIME_UNKNOWN;
    const int newest = tm.tm_year + 1900 + 1; /* a file of New Year's Eve, elsewhere */
    for (int year = newest; year > newest - YEARS_BACK; year--) {
        if (!has_day(year, month, day))
            continue;
        const int64_t at = hour_time(c, year, month, day, hour);
        if (at <= c->file_time + DAY_SECONDS)
            return at;
    }
    return NDR_TIME_UNKNOWN;
}

static int
month_of(const unsigned char *p)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(names + (size_t)i * 3, p, 3) == 0)
            return i + 1;
    return 0;
}

static int64_t
syslog_hour(ndr_log_clock *c, const unsigned char *p)
{
    const int month = month_of(p), day = number(p + 4, 2), hour = number(p + 7, 2);
    if (month == 0 || day < 1 || hour < 0 || hour > 23)
        return NDR_TIME_UNKNOWN;
    if (c->year == 0)
        return last_fitting(c, month, day, hour);
    if (c->month == 0)
        c->year_now = c->year;
    else if (month < c->month - 6) /* December, then January */
        c->year_now++;
    c->month = month;
    return has_day(c->year_now, month, day) ? hour_time(c, c->year_now, month, day, hour)
                                            : NDR_TIME_UNKNOWN;
}

static int64_t
syslog_time(ndr_log_clock *c, const unsigned char *p)
{
    enum { HOUR_TEXT = 9 };
    const int minute = number(p + 10, 2), second = number(p + 13, 2);
    if (minute < 0 || second < 0)
        return NDR_TIME_UNKNOWN;
    if (memcmp(c->hour_text, p, HOUR_TEXT) != 0) {
        c->hour = syslog_hour(c, p);
        memcpy(c->hour_text, p, HOUR_TEXT);
    }
    return c->hour == NDR_TIME_UNKNOWN ? c->hour : c->hour + minute * 60 + second;
}

/* "+01:00", "+0100" or "Z" at `p`: minutes east of UTC into *ret. */
static bool
zone_of(const unsigned char *p, size_t n, int *ret)
{
    if (n >= 1 && (p[0] == 'Z' || p[0] == 'z')) {
        *ret = 0;
        return true;
    }
    const size_t colon = n >= 6 && p[3] == ':';
    if (n < 5 + colon || (p[0] != '+' && p[0] != '-'))
        return false;
    const int hours = number(p + 1, 2), minutes = number(p + 3 + colon, 2);
    *ret = (p[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    return hours >= 0 && minutes >= 0;
}

/* RFC 3339, or what Exim makes of it. */
static int64_t
iso_time(const ndr_log_clock *c, ndr_slice s)
{
    const unsigned char *p = s.ptr;
    const int year = number(p, 4), month = number(p + 5, 2), day = number(p + 8, 2);
    const int hour = number(p + 11, 2), minute = number(p + 14, 2);
    const int second = number(p + 17, 2);
    if (year < 1970 || month < 1 || month > 12 || !has_day(year, month, day) ||
        hour < 0 || minute < 0 || second < 0)
        return NDR_TIME_UNKNOWN;
    size_t at = 19;
    if (at < s.len && (p[at] == '.' || p[at] == ','))
        for (at++; at < s.len && is_digit(p[at]);)
            at++;
    at += at < s.len && p[at] == ' ';
    int zone = 0;
    if (!zone_of(p + at, s.len - at, &zone))
        return hour_time(c, year, month, day, hour) + minute * 60 + second;
    return ndr_days_from_civil(year, month, day) * DAY_SECONDS + hour * INT64_C(3600) +
           (minute - zone) * INT64_C(60) + second;
}

int64_t
ndr_log_time(ndr_log_clock *c, ndr_slice stamp)
{
    if (stamp.len == SYSLOG_STAMP)
        return syslog_time(c, stamp.ptr);
    return stamp.len >= 19 ? iso_time(c, stamp) : NDR_TIME_UNKNOWN;
}
