/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#include <stdio.h>

/* `want` begins with a digit: the time in UTC; else the error's words. */
typedef struct time_row {
    const char *why, *text, *want;
} time_row;

#define NO_TIME(t) "'" t "' is no date-time; write it like 2008-05-13T08:00:00Z"

static const time_row times[] = {
    {"UTC", "2008-05-13T08:00:00Z", "2008-05-13T08:00:00Z"},
    {"east of UTC", "2008-05-13T08:00:00+02:00", "2008-05-13T06:00:00Z"},
    {"west of UTC", "2008-05-13T08:00:00-05:30", "2008-05-13T13:30:00Z"},
    {"a blank between", "2008-05-13 08:00:00Z", "2008-05-13T08:00:00Z"},
    {"small letters", "2008-05-13t08:00:00z", "2008-05-13T08:00:00Z"},
    {"minus nought is UTC", "2008-05-13T08:00:00-00:00", "2008-05-13T08:00:00Z"},
    {"a fraction is cut off", "2008-05-13T08:00:00.999Z", "2008-05-13T08:00:00Z"},
    {"the offset moves the day", "2008-01-01T00:30:00+01:00", "2007-12-31T23:30:00Z"},
    {"the widest offset", "2008-05-13T23:59:00+23:59", "2008-05-13T00:00:00Z"},
    {"a leap second", "2008-12-31T23:59:60Z", "2009-01-01T00:00:00Z"},
    {"a leap second seen elsewhere", "2009-01-01T00:59:60+01:00", "2009-01-01T00:00:00Z"},
    {"a leap day", "2008-02-29T00:00:00Z", "2008-02-29T00:00:00Z"},
    {"a leap day in a century divisible by 400", "2000-02-29T00:00:00Z",
     "2000-02-29T00:00:00Z"},
    {"the first year", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
    {"the last second of the last year", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    {"summer and winter are what the offset says", "2008-07-01T00:00:00+01:00",
     "2008-06-30T23:00:00Z"},

    {"no offset", "2008-05-13T08:00:00",
     "'2008-05-13T08:00:00' has no offset; write 2008-05-13T08:00:00Z or +02:00"},
    {"no offset behind a fraction", "2008-05-13 08:00:00.5",
     "'2008-05-13 08:00:00.5' has no offset; write 2008-05-13T08:00:00Z or +02:00"},
    {"a zone's name", "2008-05-13T08:00:00 CEST",
     "'2008-05-13T08:00:00 CEST' has no good offset; write 2008-05-13T08:00:00Z or "
     "+02:00"},
    {"an offset without colon", "2008-05-13T08:00:00+0200",
     "'2008-05-13T08:00:00+0200' has no good offset; write 2008-05-13T08:00:00Z or "
     "+02:00"},
    {"an offset of a day", "2008-05-13T08:00:00+24:00",
     "'2008-05-13T08:00:00+24:00' has no good offset; write 2008-05-13T08:00:00Z or "
     "+02:00"},
    {"an offset with 60 minutes", "2008-05-13T08:00:00+02:60",
     "'2008-05-13T08:00:00+02:60' has no good offset; write 2008-05-13T08:00:00Z or "
     "+02:00"},
    {"more behind Z", "2008-05-13T08:00:00Z!",
     "'2008-05-13T08:00:00Z!' has no good offset; write 2008-05-13T08:00:00Z or +02:00"},
    {"more behind the offset", "2008-05-13T08:00:00+02:00x",
     "'2008-05-13T08:00:00+02:00x' has no good offset; write 2008-05-13T08:00:00Z or "
     "+02:00"},
    {"a dot and no fraction", "2008-05-13T08:00:00.Z",
     "'2008-05-13T08:00:00.Z' has no good offset; write 2008-05-13T08:00:00Z or +02:00"},
    {"a day alone", "2008-05-13",
     "'2008-05-13' has no time of day; write 2008-05-13T00:00:00Z or +02:00"},
    {"no seconds", "2008-05-13T08:00Z",
     "'2008-05-13T08:00Z' has no seconds; write 2008-05-13T08:00:00Z or +02:00"},
    {"no seconds and no offset", "2008-05-13 08:00",
     "'2008-05-13 08:00' has no seconds; write 2008-05-13T08:00:00Z or +02:00"},
    {"nothing", "", NO_TIME("")},
    {"a word", "tomorrow", NO_TIME("tomorrow")},
    {"slashes", "2008/05/13T08:00:00Z", NO_TIME("2008/05/13T08:00:00Z")},
    {"a year of two digits", "08-05-13T08:00:00Z", NO_TIME("08-05-13T08:00:00Z")},
    {"a year of five digits", "20080-05-13T08:00:00Z", NO_TIME("20080-05-13T08:00:00Z")},
    {"one-digit month", "2008-5-13T08:00:00Z", NO_TIME("2008-5-13T08:00:00Z")},
    {"one-digit hour", "2008-05-13T8:00:00Z", NO_TIME("2008-05-13T8:00:00Z")},
    {"one-digit second", "2008-05-13T08:00:0Z", NO_TIME("2008-05-13T08:00:0Z")},
    {"month 13", "2008-13-01T00:00:00Z", "'2008-13-01T00:00:00Z': there is no such day"},
    {"month 0", "2008-00-01T00:00:00Z", "'2008-00-01T00:00:00Z': there is no such day"},
    {"day 0", "2008-01-00T00:00:00Z", "'2008-01-00T00:00:00Z': there is no such day"},
    {"31 April", "2008-04-31T00:00:00Z", "'2008-04-31T00:00:00Z': there is no such day"},
    {"29 February of another year", "2009-02-29T00:00:00Z",
     "'2009-02-29T00:00:00Z': there is no such day"},
    {"29 February of a century", "1900-02-29T00:00:00Z",
     "'1900-02-29T00:00:00Z': there is no such day"},
    {"hour 24", "2008-05-13T24:00:00Z",
     "'2008-05-13T24:00:00Z': there is no such time of day; write midnight as 00:00:00 "
     "of the "
     "next day"},
    {"minute 60", "2008-05-13T08:60:00Z",
     "'2008-05-13T08:60:00Z': there is no such time of day"},
    {"second 61", "2008-12-31T23:59:61Z",
     "'2008-12-31T23:59:61Z': there is no such time of day"},
    {"second 60 in the morning", "2008-05-13T08:00:60Z",
     "'2008-05-13T08:00:60Z': second 60 is only there at 23:59 UTC; write 59 or the next "
     "minute"},
    {"a terminal's control characters do not get out", "\033[2J2008",
     NO_TIME("?[2J2008")},
};

static void
time_test(void **state)
{
    const time_row *row = *state;
    const size_t n = strlen(row->text) + 1;
    char *copy = (char *)exact_copy(row->text, n);
    ndr_error err = {0};
    int64_t at = 0;
    const int rc = ndr_timestamp_parse(copy, &at, &err);
    free(copy);
    char got[32] = "";
    if (rc == 0)
        ndr_time_format(at, got);
    else
        assert_int_equal(rc, NDR_E_SYNTAX);
    assert_string_equal(rc == 0 ? got : err.text, row->want);
}

/* Each prefix of a good one is refused, without a look behind its end. */
static void
prefix_test(void **state)
{
    (void)state;
    static const char text[] = "2008-05-13T08:00:00.25+02:00";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *copy = (char *)exact_copy(text, n + 1);
        copy[n] = '\0';
        ndr_error err = {0};
        int64_t at = 0;
        assert_int_equal(ndr_timestamp_parse(copy, &at, &err), NDR_E_SYNTAX);
        assert_string_not_equal(err.text, "");
        free(copy);
    }
}

int
main(void)
{
    ADD_ROWS(times, time_test);
    add_test("every prefix is refused", prefix_test);
    return run_added("timestamp");
}
