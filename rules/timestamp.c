/* SPDX-License-Identifier: BSD-3-Clause */
/* timestamp.c - which second does an operator's date-time mean? (RFC 3339 5.6) */
#include "ndrscan_rules.h"

#include "quote.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * True when `text` begins as `shape` says: '0' any digit, 'T' the letter in
 * either case or a blank, anything else itself. A NUL in text matches nothing.
 */
static bool
has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; text++, shape++) {
        const bool fits = *shape == '0'   ? is_digit(*text)
                          : *shape == 'T' ? *text == 'T' || *text == 't' || *text == ' '
                                          : *text == *shape;
        if (!fits)
            return false;
    }
    return true;
}

/* The digits of `text` from `at`, `n` of them, as a number. */
static int
number_at(const char *text, size_t at, size_t n)
{
    int v = 0;
    for (size_t i = at; i < at + n; i++)
        v = v * 10 + (text[i] - '0');
    return v;
}

static bool
is_day(int year, int month, int day)
{
    static const unsigned char last[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= last[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* An offset that ends the text, in seconds east of UTC; false: it is none. */
static bool
parse_offset(const char *p, int *ret_east)
{
    *ret_east = 0;
    if ((*p == 'Z' || *p == 'z') && p[1] == '\0')
        return true;
    if ((!has_shape(p, "+00:00") && !has_shape(p, "-00:00")) || p[6] != '\0' ||
        number_at(p, 1, 2) > 23 || number_at(p, 4, 2) > 59)
        return false;
    const int away = (number_at(p, 1, 2) * 60 + number_at(p, 4, 2)) * 60;
    *ret_east = *p == '-' ? -away : away;
    return true;
}

int
ndr_timestamp_parse(const char *text, int64_t *ret, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(text), said);

    if (!has_shape(text, "0000-00-00"))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s is no date-time; write it like 2008-05-13T08:00:00Z", said);
    if (text[10] == '\0')
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s has no time of day; write %sT00:00:00Z or +02:00", said,
                        text);
    if (has_shape(text + 10, "T00:00") && text[16] != ':')
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s has no seconds; write %.10sT%.5s:00Z or +02:00", said, text,
                        text + 11);
    if (!has_shape(text + 10, "T00:00:00"))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s is no date-time; write it like 2008-05-13T08:00:00Z", said);

    const int year = number_at(text, 0, 4), month = number_at(text, 5, 2);
    const int day = number_at(text, 8, 2), hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
    if (!is_day(year, month, day))
        return ndr_fail(err, NDR_E_SYNTAX, "%s: there is no such day", said);
    if (hour > 23 || minute > 59 || second > 60)
        return ndr_fail(err, NDR_E_SYNTAX, "%s: there is no such time of day%s", said,
                        hour == 24 ? "; write midnight as 00:00:00 of the next day" : "");

    /* windows have whole seconds, as arrival times do: a fraction is cut off */
    const char *p = text + 19;
    if (*p == '.' && is_digit(p[1]))
        for (p++; is_digit(*p);)
            p++;

    int east;
    if (*p == '\0')
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s has no offset; write %.10sT%.8sZ or +02:00", said, text,
                        text + 11);
    if (!parse_offset(p, &east))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s has no good offset; write %.10sT%.8sZ or +02:00", said, text,
                        text + 11);

    const int64_t at = ndr_days_from_civil(year, month, day) * 86400 + hour * 3600 +
                       minute * 60 + second - east;
    /* a leap second is the last of a UTC day; elsewhere 60 is a slip of the hand */
    if (second == 60 && at % 86400 != 0)
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "%s: second 60 is only there at 23:59 UTC; write 59 or the next minute",
            said);
    *ret = at;
    return 0;
}
