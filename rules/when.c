/* SPDX-License-Identifier: BSD-3-Clause */
/* when.c - which second does somebody at a keyboard mean? */
#include "ndrscan_rules.h"

#include "quote.h"

#include <string.h>
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
 * The moment of a time of day, `days` from the day of `now`. Asked as winter and as
 * summer time: both answers hold where clocks are put back over it, none where they are
 * put forward over it.
 */
static int64_t
moment(int64_t now, int days, int second, enum ndr_when when)
{
    const time_t at = (time_t)now;
    struct tm today = {0};
    if (localtime_r(&at, &today) == NULL)
        return NDR_TIME_UNKNOWN;
    int64_t best = NDR_TIME_UNKNOWN, skipped = NDR_TIME_UNKNOWN;
    for (int summer = 0; summer <= 1; summer++) {
        struct tm want = {.tm_year = today.tm_year,
                          .tm_mon = today.tm_mon,
                          .tm_mday = today.tm_mday + days,
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

int
ndr_when_parse(const char *text, enum ndr_when when, int64_t now, int64_t *ret,
               ndr_error *err)
{
    static const struct {
        const char *word;
        int days;
    } days[] = {{"yesterday ", -1}, {"today ", 0}, {"tomorrow ", 1}};
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(text), said);
    tzset();

    if (strcmp(text, "now") == 0) {
        *ret = now;
        return 0;
    }
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        const size_t n = strlen(days[i].word);
        const int second =
            strncmp(text, days[i].word, n) == 0 ? time_of_day(text + n) : -1;
        if (second >= 0) {
            *ret = moment(now, days[i].days, second, when);
            return 0;
        }
    }
    const int second = time_of_day(text);
    if (second >= 0 && when == NDR_WHEN_PAST) {
        *ret = moment(now, 0, second, when);
        if (*ret > now)
            *ret = moment(now, -1, second, when);
        return 0;
    }
    if (second >= 0) {
        *ret = moment(now, 0, second, when);
        if (*ret <= now)
            *ret = moment(now, 1, second, when);
        return 0;
    }
    if (strlen(text) > 4 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
        is_digit(text[3]) && text[4] == '-')
        return ndr_timestamp_parse(text, ret, err);
    return ndr_fail(err, NDR_E_SYNTAX,
                    "%s is no time; write now, 08:00, tomorrow 08:00 or "
                    "2008-05-13T08:00:00+02:00",
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
