/* SPDX-License-Identifier: BSD-3-Clause */
/* when.c - which second does somebody at a keyboard mean? */
#include "ndrscan_rules.h"

#include "quote.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { DAY = 86400 };

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "08:00" or "08:00:30" to seconds of the day; -1 when it is none. */
static int
time_of_day(const char *t)
{
    int part[3] = {0};
    size_t n = 0;
    for (; n < 3; n++) {
        const size_t digits = !is_digit(t[0]) ? 0 : is_digit(t[1]) ? 2 : 1;
        if (digits == 0 || (n > 0 && digits == 1))
            return -1;
        part[n] = digits == 1 ? t[0] - '0' : (t[0] - '0') * 10 + t[1] - '0';
        t += digits;
        if (*t != ':')
            break;
        t++;
    }
    if (*t != '\0' || n == 0 || n == 3 || part[0] > 23 || part[1] > 59 || part[2] > 59)
        return -1;
    return (part[0] * 60 + part[1]) * 60 + part[2];
}

/*
 * The moment of a time of day, `days` from `day`. Asked as winter and as summer time:
 * both answers hold where clocks are put back over it, none where they are put forward
 * over it.
 */
static int64_t
moment(const struct tm *day, int days, int second, enum ndr_when when)
{
    int64_t best = NDR_TIME_UNKNOWN, skipped = NDR_TIME_UNKNOWN;
    for (int summer = 0; summer <= 1; summer++) {
        struct tm want = {.tm_year = day->tm_year,
                          .tm_mon = day->tm_mon,
                          .tm_mday = day->tm_mday + days,
                          .tm_hour = second / 3600,
                          .tm_min = second / 60 % 60,
                          .tm_sec = second % 60,
                          .tm_isdst = summer};
        const time_t got = mktime(&want);
        if (got == (time_t)-1)
            continue;
        if (summer == 0)
            skipped = (int64_t)got;
        if (want.tm_hour * 3600 + want.tm_min * 60 + want.tm_sec != second)
            continue;
        if (best == NDR_TIME_UNKNOWN ||
            (when == NDR_WHEN_PAST ? (int64_t)got < best : (int64_t)got > best))
            best = (int64_t)got;
    }
    return best != NDR_TIME_UNKNOWN ? best : skipped;
}

/* Every `step` days from `first` days off: the latest that is not over, or the next. */
static int64_t
nearest(const struct tm *today, int first, int step, int second, enum ndr_when when,
        int64_t now)
{
    const int64_t at = moment(today, first, second, when);
    if (when == NDR_WHEN_PAST)
        return at > now ? moment(today, first - step, second, when) : at;
    return at <= now ? moment(today, first + step, second, when) : at;
}

/* Does `text` begin with `word`, in any case, and end or go on with a blank behind it?
 * *ret_rest: what is behind. */
static bool
begins(const char *text, const char *word, const char **ret_rest)
{
    const size_t n = strlen(word);
    if (strncasecmp(text, word, n) != 0 || (text[n] != '\0' && text[n] != ' '))
        return false;
    *ret_rest = text[n] == ' ' ? text + n + 1 : text + n;
    return true;
}

/* "tomorrow" or "monday", alone (its beginning) or with a time of day behind it. */
static bool
day_word(const char *text, const struct tm *today, enum ndr_when when, int64_t now,
         int64_t *ret)
{
    static const struct {
        const char *word;
        int days;
    } days[] = {{"yesterday", -1}, {"today", 0}, {"tomorrow", 1}};
    static const char *const week[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};
    const char *rest;
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        if (!begins(text, days[i].word, &rest))
            continue;
        const int second = *rest == '\0' ? 0 : time_of_day(rest);
        if (second >= 0)
            *ret = moment(today, days[i].days, second, when);
        return second >= 0;
    }
    for (int d = 0; d < 7; d++) {
        const char abbreviated[] = {week[d][0], week[d][1], week[d][2], '\0'};
        if (!begins(text, week[d], &rest) && !begins(text, abbreviated, &rest))
            continue;
        const int second = *rest == '\0' ? 0 : time_of_day(rest);
        const int off = when == NDR_WHEN_PAST ? -((today->tm_wday - d + 7) % 7)
                                              : (d - today->tm_wday + 7) % 7;
        if (second >= 0)
            *ret = nearest(today, off, 7, second, when, now);
        return second >= 0;
    }
    return false;
}

/*
 * "2026-12-01", alone (its beginning) or with a time of day behind a blank or a T, in the
 * process's time zone. 1; 0 for what is written in another way; an ndr_code for a day
 * that is in no calendar.
 */
static int
local_date(const char *text, enum ndr_when when, int64_t *ret, ndr_error *err)
{
    int number[3] = {0};
    const char *p = text;
    for (int i = 0; i < 3; i++) {
        const char *begin = p;
        for (; is_digit(*p) && p - begin < 4; p++)
            number[i] = number[i] * 10 + (*p - '0');
        if (p - begin != (i == 0 ? 4 : 2) || (i < 2 && *p++ != '-'))
            return 0;
    }
    const int second = *p == '\0' ? 0 : *p == ' ' || *p == 'T' ? time_of_day(p + 1) : -1;
    if (second < 0)
        return 0;
    const struct tm day = {
        .tm_year = number[0] - 1900, .tm_mon = number[1] - 1, .tm_mday = number[2]};
    struct tm noon = day; /* is on the same day in every zone */
    noon.tm_hour = 12;
    noon.tm_isdst = -1;
    if (mktime(&noon) == (time_t)-1 || noon.tm_mday != number[2] ||
        noon.tm_mon != number[1] - 1)
        return ndr_fail(err, NDR_E_SYNTAX, "%.10s is a day of no calendar", text);
    *ret = moment(&day, 0, second, when);
    return 1;
}

/* A date-time without its seconds, but with its offset: "2008-05-13T08:00Z". */
static int
date_time(const char *text, int64_t *ret, ndr_error *err)
{
    enum { MINUTES = 16 }; /* characters up to the offset */
    char whole[40];
    const size_t n = strlen(text);
    if (n <= MINUTES || text[13] != ':' || strchr("Zz+-", text[MINUTES]) == NULL ||
        n + sizeof ":00" > sizeof whole)
        return ndr_timestamp_parse(text, ret, err);
    (void)snprintf(whole, sizeof whole, "%.*s:00%s", MINUTES, text, text + MINUTES);
    return ndr_timestamp_parse(whole, ret, err);
}

int
ndr_when_parse(const char *text, enum ndr_when when, int64_t now, int64_t *ret,
               ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(text), said);
    tzset();
    const time_t at = (time_t)now;
    struct tm today = {0};
    if (localtime_r(&at, &today) == NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "the clock stands outside the calendar");

    int64_t length = 0;
    const int second = time_of_day(text);
    *ret = now;
    if (strcasecmp(text, "now") == 0)
        return 0;
    if (text[0] == '+' || text[0] == '-') {
        const int code = ndr_duration_parse(text + 1, &length, err);
        *ret = text[0] == '+' ? now + length : now - length;
        return code;
    }
    if (second >= 0)
        *ret = nearest(&today, 0, 1, second, when, now);
    if (second >= 0 || day_word(text, &today, when, now, ret))
        return 0;
    const int dated = local_date(text, when, ret, err);
    if (dated != 0)
        return dated < 0 ? dated : 0;
    if (strlen(text) > 4 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
        is_digit(text[3]) && text[4] == '-')
        return date_time(text, ret, err);
    return ndr_fail(err, NDR_E_SYNTAX,
                    "%s is no time; write now, 08:00, tomorrow 08:00, monday, +2d, "
                    "2008-05-13 08:00 or 2008-05-13T08:00:00+02:00",
                    said);
}

int
ndr_duration_parse(const char *text, int64_t *ret, ndr_error *err)
{
    static const char units[] = "mhdw";
    static const int64_t seconds[] = {60, 3600, DAY, 7 * DAY};
    const int64_t most = INT64_C(3660) * DAY;
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(text), said);

    int64_t sum = 0;
    const char *p = text;
    do {
        int64_t n = 0;
        const char *begin = p;
        for (; is_digit(*p) && n <= most; p++)
            n = n * 10 + (*p - '0');
        const char *unit = *p == '\0' ? NULL : strchr(units, *p);
        if (p == begin || unit == NULL)
            return ndr_fail(err, NDR_E_SYNTAX,
                            "%s is no length of time; write 30m, 12h, 2d or 1w", said);
        const int64_t each = seconds[unit - units];
        if (n > most / each || sum + n * each > most)
            return ndr_fail(err, NDR_E_SYNTAX, "%s is longer than ten years", said);
        sum += n * each;
        p++;
    } while (*p != '\0');
    if (sum == 0)
        return ndr_fail(err, NDR_E_SYNTAX, "%s is no time at all; write 30m, 12h or 2d",
                        said);
    *ret = sum;
    return 0;
}
