/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rfc5322_date.c - which second does a mail date mean?
 *
 * Real dates break the grammar in every way, so words are taken as they come:
 * a word with a colon is the clock, a month's name the month, the first small
 * number the day. Unknown words are passed over. A date needs day, month,
 * year and clock.
 */
#include "ndrscan.h"

#include <stdio.h>
#include <string.h>

typedef struct fields {
    int64_t year;
    int day, month, hour, minute, second;
    int zone_minutes;
    bool no_zone; /* there are digits where the zone stands, and they are none */
} fields;

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_alpha(unsigned char c)
{
    const unsigned char l = (unsigned char)(c | 0x20);
    return l >= 'a' && l <= 'z';
}

static int
month_of(const unsigned char *p)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int m = 0; m < 12; m++)
        if ((p[0] | 0x20) == names[3 * m] && (p[1] | 0x20) == names[3 * m + 1] &&
            (p[2] | 0x20) == names[3 * m + 2])
            return m + 1;
    return 0;
}

/* Minutes east of UTC of a zone word (RFC 5322 4.3); false when it is none. */
static bool
zone_of(const unsigned char *p, size_t n, int *ret)
{
    static const struct {
        char name[6];
        int minutes;
    } zones[] = {
        {"ut", 0},      {"gmt", 0},    {"utc", 0},    {"z", 0},      {"est", -300},
        {"edt", -240},  {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360},
        {"pst", -480},  {"pdt", -420}, {"bst", 60},   {"wet", 0},    {"west", 60},
        {"cet", 60},    {"cest", 120}, {"met", 60},   {"mest", 120}, {"eet", 120},
        {"eest", 180},  {"msk", 180},  {"jst", 540},  {"hst", -600}, {"akst", -540},
        {"akdt", -480}, {"aest", 600},
    };
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (ndr_slice_equal_nocase((ndr_slice){p, n}, ndr_slice_of(zones[i].name))) {
            *ret = zones[i].minutes;
            return true;
        }
    return false;
}

/* The zone "+0200" at p, of which four digits were seen behind the sign. A day has 24
 * hours, and an hour 60 minutes: no clock is set farther from UTC. */
static void
take_zone(const unsigned char *p, fields *f)
{
    const int hours = (p[1] - '0') * 10 + (p[2] - '0');
    const int minutes = (p[3] - '0') * 10 + (p[4] - '0');
    const int z = hours * 60 + minutes;
    f->no_zone = hours > 23 || minutes > 59;
    f->zone_minutes = p[0] == '-' ? -z : z;
}

int64_t
ndr_days_from_civil(int64_t year, int month, int day)
{
    /* years run from March, so that the leap day is the last of its year */
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t yoe = y - era * 400;
    const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static int64_t
seconds_of(const fields *f)
{
    static const unsigned char last[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (f->day < 1 || f->month < 1 || f->year < 0 || f->hour < 0 || f->no_zone)
        return NDR_TIME_UNKNOWN;
    const bool leap =
        f->month == 2 && f->year % 4 == 0 && (f->year % 100 != 0 || f->year % 400 == 0);
    if (f->day > last[f->month - 1] + leap)
        return NDR_TIME_UNKNOWN;
    return ndr_days_from_civil(f->year, f->month, f->day) * 86400 + f->hour * 3600 +
           f->minute * 60 + f->second - f->zone_minutes * 60;
}

/* "9:31", "09:31:02", "09:31:02.5" at p; the bytes taken, 0 when it is no clock. */
static size_t
take_clock(const unsigned char *p, size_t n, fields *f)
{
    int part[3] = {0, 0, 0};
    int parts = 0;
    size_t i = 0;
    while (parts < 3) {
        const size_t begin = i;
        while (i < n && is_digit(p[i]) && i - begin < 2)
            part[parts] = part[parts] * 10 + (p[i++] - '0');
        if (i == begin)
            return 0;
        parts++;
        if (i >= n || p[i] != ':' || parts == 3)
            break;
        i++;
    }
    if (parts < 2 || part[0] > 23 || part[1] > 59 || part[2] > 60)
        return 0;
    if (i < n && p[i] == '.')
        for (i++; i < n && is_digit(p[i]);)
            i++;
    f->hour = part[0];
    f->minute = part[1];
    f->second = part[2];
    return i;
}

static void
take_number(const unsigned char *p, size_t n, fields *f)
{
    int64_t v = 0;
    if (n > 4)
        return;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    if (n <= 2 && f->day == 0 && v >= 1 && v <= 31) {
        f->day = (int)v;
    } else if (f->year < 0) {
        if (n == 2)
            v += v < 50 ? 2000 : 1900;
        else if (n == 3)
            v += 1900;
        f->year = v;
    }
}

/* Past the comment that opens at p[i] (RFC 5322 3.2.2), or to n. */
static size_t
skip_comment(const unsigned char *p, size_t n, size_t i)
{
    int depth = 0;
    for (; i < n; i++) {
        if (p[i] == '\\')
            i++;
        else if (p[i] == '(')
            depth++;
        else if (p[i] == ')' && --depth == 0)
            return i + 1;
    }
    return n;
}

/* The time of day, or another number, at p[0]; answers how long it is. */
static size_t
take_digits(const unsigned char *p, size_t n, fields *f)
{
    size_t end = 0;
    while (end < n && is_digit(p[end]))
        end++;
    const size_t clock =
        end < n && p[end] == ':' && f->hour < 0 ? take_clock(p, n, f) : 0;
    if (clock > 0)
        return clock;
    take_number(p, end, f);
    return end;
}

/* A month, a zone's name behind the time of day, or neither; answers how long it is. */
static size_t
take_letters(const unsigned char *p, size_t n, fields *f)
{
    size_t end = 0;
    while (end < n && is_alpha(p[end]))
        end++;
    const int m = end >= 3 && f->month == 0 ? month_of(p) : 0;
    if (m != 0)
        f->month = m;
    else if (f->hour >= 0)
        (void)zone_of(p, end, &f->zone_minutes);
    return end;
}

int64_t
ndr_date_parse(ndr_slice text)
{
    const unsigned char *p = text.ptr;
    const size_t n = text.len < 256 ? text.len : 256;
    fields f = {.year = -1, .hour = -1};
    size_t i = 0;
    while (i < n) {
        if (p[i] == '(') {
            i = skip_comment(p, n, i);
        } else if (is_digit(p[i])) {
            i += take_digits(p + i, n - i, &f);
        } else if ((p[i] == '+' || p[i] == '-') && f.hour >= 0 && n - i >= 5 &&
                   is_digit(p[i + 1]) && is_digit(p[i + 2]) && is_digit(p[i + 3]) &&
                   is_digit(p[i + 4])) {
            take_zone(p + i, &f);
            i += 5;
        } else if (is_alpha(p[i])) {
            i += take_letters(p + i, n - i, &f);
        } else {
            i++;
        }
    }
    return seconds_of(&f);
}

/* One blank-separated word at *i; empty at the end of the line. */
static ndr_slice
word_at(ndr_slice line, size_t *i)
{
    size_t at = *i;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    const size_t begin = at;
    while (at < line.len && line.ptr[at] != ' ' && line.ptr[at] != '\t')
        at++;
    *i = at;
    return (ndr_slice){line.ptr + begin, at - begin};
}

static bool
is_weekday(ndr_slice w)
{
    static const char names[] = "sunmontuewedthufrisat";
    if (w.len != 3)
        return false;
    for (int d = 0; d < 7; d++)
        if ((w.ptr[0] | 0x20) == names[3 * d] && (w.ptr[1] | 0x20) == names[3 * d + 1] &&
            (w.ptr[2] | 0x20) == names[3 * d + 2])
            return true;
    return false;
}

/* What follows a month's name in an asctime date: day, clock, zones, year, zone. */
static int64_t
postmark_tail(ndr_slice line, size_t i, int month)
{
    fields f = {.year = -1, .hour = -1, .month = month};
    const ndr_slice day = word_at(line, &i);
    if (day.len < 1 || day.len > 2 || !is_digit(day.ptr[0]) ||
        !is_digit(day.ptr[day.len - 1]))
        return NDR_TIME_UNKNOWN;
    take_number(day.ptr, day.len, &f);
    const ndr_slice clock = word_at(line, &i);
    if (clock.len == 0 || take_clock(clock.ptr, clock.len, &f) != clock.len)
        return NDR_TIME_UNKNOWN;
    for (int words = 0; words < 3; words++) {
        const ndr_slice w = word_at(line, &i);
        if (w.len == 4 && f.year < 0 && is_digit(w.ptr[0]) && is_digit(w.ptr[1]) &&
            is_digit(w.ptr[2]) && is_digit(w.ptr[3])) {
            take_number(w.ptr, w.len, &f);
        } else if (w.len == 5 && (w.ptr[0] == '+' || w.ptr[0] == '-') &&
                   is_digit(w.ptr[1]) && is_digit(w.ptr[2]) && is_digit(w.ptr[3]) &&
                   is_digit(w.ptr[4])) {
            take_zone(w.ptr, &f);
        } else if (w.len > 0 && is_alpha(w.ptr[0]) && f.year < 0) {
            (void)zone_of(w.ptr, w.len, &f.zone_minutes);
        } else {
            break;
        }
    }
    return seconds_of(&f);
}

/* The date of nearly every postmark, "Tue May 13 09:31:02 2008" behind a sender without
 * blanks: what the words would say, without looking for them. */
static int64_t
plain_postmark(ndr_slice line)
{
    enum { SENDER = 5, DATE = 24, LEAST = SENDER + 1 + DATE };
    if (line.len < LEAST)
        return NDR_TIME_UNKNOWN;
    const unsigned char *sender = line.ptr + SENDER;
    const size_t n = line.len - LEAST;
    const unsigned char *p = line.ptr + line.len - DATE;
    if (p[-1] != ' ' || p[3] != ' ' || p[7] != ' ' || p[10] != ' ' || p[19] != ' ' ||
        !is_digit(p[9]) || !is_digit(p[20]) || !is_digit(p[21]) || !is_digit(p[22]) ||
        !is_digit(p[23]) || (p[8] != ' ' && !is_digit(p[8])))
        return NDR_TIME_UNKNOWN;
    if (memchr(sender, ' ', n) != NULL || memchr(sender, '\t', n) != NULL)
        return NDR_TIME_UNKNOWN;
    fields f = {.year = -1, .hour = -1, .month = month_of(p + 4)};
    if (f.month == 0 || !is_weekday((ndr_slice){p, 3}) || take_clock(p + 11, 8, &f) != 8)
        return NDR_TIME_UNKNOWN;
    take_number(p + (p[8] == ' ' ? 9 : 8), p[8] == ' ' ? 1 : 2, &f);
    if (f.day == 0)
        return NDR_TIME_UNKNOWN;
    take_number(p + 20, 4, &f);
    return seconds_of(&f);
}

int64_t
ndr_postmark_parse(ndr_slice line)
{
    if (line.len < 5 || memcmp(line.ptr, "From ", 5) != 0)
        return NDR_TIME_UNKNOWN;
    while (line.len > 0 &&
           (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    if (line.len > 1024)
        line.len = 1024;
    const int64_t plain = plain_postmark(line);
    if (plain != NDR_TIME_UNKNOWN)
        return plain;
    /* senders may hold blanks, so the date is found, not counted to */
    size_t i = 5;
    bool weekday = false;
    for (ndr_slice w = word_at(line, &i); w.len > 0; w = word_at(line, &i)) {
        const int month = w.len == 3 ? month_of(w.ptr) : 0;
        if (month != 0 && weekday) {
            const int64_t at = postmark_tail(line, i, month);
            if (at != NDR_TIME_UNKNOWN)
                return at;
        }
        weekday = is_weekday(w);
    }
    return NDR_TIME_UNKNOWN;
}

void
ndr_time_format(int64_t at, char text[32])
{
    int64_t days = at / 86400;
    int64_t rest = at % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    const int day = (int)(doy - (153 * mp + 2) / 5 + 1);
    const int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    const int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
    if (year < 0 || year > 9999) {
        (void)snprintf(text, 32, "%s",
                       year < 0 ? "0000-01-01T00:00:00Z" : "9999-12-31T23:59:59Z");
        return;
    }
    text[0] = (char)('0' + year / 1000);
    text[1] = (char)('0' + year / 100 % 10);
    text[2] = (char)('0' + year / 10 % 10);
    text[3] = (char)('0' + year % 10);
    const int part[5] = {month, day, (int)(rest / 3600), (int)(rest / 60 % 60),
                         (int)(rest % 60)};
    static const char before[] = "--T::";
    char *t = text + 4;
    for (int k = 0; k < 5; k++) {
        *t++ = before[k];
        *t++ = (char)('0' + part[k] / 10);
        *t++ = (char)('0' + part[k] % 10);
    }
    *t++ = 'Z';
    *t = '\0';
}
