/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* setenv */
#include "harness.h"
#include "ndrscan_rules.h"

/* Central European time without a table of zones: summer from the last Sunday of March,
 * 02:00, to the last of October, 03:00. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

typedef struct when_row {
    const char *why, *zone, *now, *text;
    enum ndr_when when;
    const char *want; /* in UTC, or the error's words */
} when_row;
static const when_row whens[] = {
    {"now", "UTC0", "2008-05-13T09:30:00Z", "now", NDR_WHEN_PAST, "2008-05-13T09:30:00Z"},
    {"the latest past eight", "UTC0", "2008-05-13T09:30:00Z", "08:00", NDR_WHEN_PAST,
     "2008-05-13T08:00:00Z"},
    {"before eight the latest is yesterday's", "UTC0", "2008-05-13T07:59:59Z", "8:00",
     NDR_WHEN_PAST, "2008-05-12T08:00:00Z"},
    {"at eight it is now", "UTC0", "2008-05-13T08:00:00Z", "08:00", NDR_WHEN_PAST,
     "2008-05-13T08:00:00Z"},
    {"the next eight", "UTC0", "2008-05-13T07:00:00Z", "08:00", NDR_WHEN_FUTURE,
     "2008-05-13T08:00:00Z"},
    {"at eight the next is tomorrow's", "UTC0", "2008-05-13T08:00:00Z", "08:00",
     NDR_WHEN_FUTURE, "2008-05-14T08:00:00Z"},
    {"over the year's end", "UTC0", "2008-12-31T23:59:59Z", "00:00:01", NDR_WHEN_FUTURE,
     "2009-01-01T00:00:01Z"},
    {"tomorrow", "UTC0", "2008-02-28T12:00:00Z", "tomorrow 08:00", NDR_WHEN_FUTURE,
     "2008-02-29T08:00:00Z"},
    {"yesterday", "UTC0", "2008-03-01T12:00:00Z", "yesterday 08:00", NDR_WHEN_PAST,
     "2008-02-29T08:00:00Z"},
    {"today may be yet to come", "UTC0", "2008-03-01T12:00:00Z", "today 18:00",
     NDR_WHEN_PAST, "2008-03-01T18:00:00Z"},
    {"a date-time", "UTC0", "2008-03-01T12:00:00Z", "2008-05-13T08:00:00+02:00",
     NDR_WHEN_PAST, "2008-05-13T06:00:00Z"},

    {"local summer time", BERLIN, "2008-07-01T09:00:00Z", "08:00", NDR_WHEN_PAST,
     "2008-07-01T06:00:00Z"},
    {"local winter time", BERLIN, "2008-01-15T09:00:00Z", "08:00", NDR_WHEN_PAST,
     "2008-01-15T07:00:00Z"},
    {"tomorrow is 23 hours off when clocks are put forward", BERLIN,
     "2008-03-29T07:00:00Z", "tomorrow 08:00", NDR_WHEN_FUTURE, "2008-03-30T06:00:00Z"},
    {"and 25 when they are put back", BERLIN, "2008-10-25T06:00:00Z", "tomorrow 08:00",
     NDR_WHEN_FUTURE, "2008-10-26T07:00:00Z"},
    {"a time that is skipped is as much later", BERLIN, "2008-03-30T09:00:00Z", "02:30",
     NDR_WHEN_PAST, "2008-03-30T01:30:00Z"},
    {"of a time that comes twice a beginning is the first", BERLIN,
     "2008-10-26T09:00:00Z", "02:30", NDR_WHEN_PAST, "2008-10-26T00:30:00Z"},
    {"and an end the second", BERLIN, "2008-10-25T09:00:00Z", "tomorrow 02:30",
     NDR_WHEN_FUTURE, "2008-10-26T01:30:00Z"},
    {"between the two the end is the second", BERLIN, "2008-10-26T00:45:00Z", "02:30",
     NDR_WHEN_FUTURE, "2008-10-26T01:30:00Z"},
    {"half an hour's zone", "IST-5:30", "2008-05-13T03:00:00Z", "08:00", NDR_WHEN_PAST,
     "2008-05-13T02:30:00Z"},

#define NO_TIME(t)                                                                       \
    "'" t "' is no time; write now, 08:00, tomorrow 08:00, monday, +2d, "                \
    "2008-05-13 08:00 or 2008-05-13T08:00:00+02:00"
    {"hour 24", "UTC0", "2008-05-13T00:00:00Z", "24:00", NDR_WHEN_PAST, NO_TIME("24:00")},
    {"minute 60", "UTC0", "2008-05-13T00:00:00Z", "08:60", NDR_WHEN_PAST,
     NO_TIME("08:60")},
    {"an hour alone", "UTC0", "2008-05-13T00:00:00Z", "8", NDR_WHEN_PAST, NO_TIME("8")},
    {"one digit of minutes", "UTC0", "2008-05-13T00:00:00Z", "8:0", NDR_WHEN_PAST,
     NO_TIME("8:0")},
    {"a colon too many", "UTC0", "2008-05-13T00:00:00Z", "8:00:", NDR_WHEN_PAST,
     NO_TIME("8:00:")},
    {"four parts", "UTC0", "2008-05-13T00:00:00Z", "8:00:00:00", NDR_WHEN_PAST,
     NO_TIME("8:00:00:00")},
    {"a word", "UTC0", "2008-05-13T00:00:00Z", "soon", NDR_WHEN_PAST, NO_TIME("soon")},
    {"nothing", "UTC0", "2008-05-13T00:00:00Z", "", NDR_WHEN_PAST, NO_TIME("")},
    {"tomorrow at no time", "UTC0", "2008-05-13T00:00:00Z", "tomorrow soon",
     NDR_WHEN_PAST, NO_TIME("tomorrow soon")},
    {"tomorrows", "UTC0", "2008-05-13T00:00:00Z", "tomorrows", NDR_WHEN_PAST,
     NO_TIME("tomorrows")},
    {"a day of no week", "UTC0", "2008-05-13T00:00:00Z", "mond", NDR_WHEN_PAST,
     NO_TIME("mond")},
    {"a day that the month has not", "UTC0", "2008-05-13T00:00:00Z", "2026-02-29",
     NDR_WHEN_PAST, "2026-02-29 is a day of no calendar"},
    {"a length without end", "UTC0", "2008-05-13T00:00:00Z", "+2", NDR_WHEN_FUTURE,
     "'2' is no length of time; write 30m, 12h, 2d or 1w"},

    {"a day alone is its beginning", "UTC0", "2008-05-13T09:00:00Z", "tomorrow",
     NDR_WHEN_FUTURE, "2008-05-14T00:00:00Z"},
    {"in the local zone", BERLIN, "2008-05-13T09:00:00Z", "today", NDR_WHEN_PAST,
     "2008-05-12T22:00:00Z"},
    {"words in any case", "UTC0", "2008-05-13T09:00:00Z", "Yesterday 18:00",
     NDR_WHEN_PAST, "2008-05-12T18:00:00Z"},
    {"so long from now", "UTC0", "2008-05-13T09:00:00Z", "+2d", NDR_WHEN_FUTURE,
     "2008-05-15T09:00:00Z"},
    {"so long ago", "UTC0", "2008-05-13T09:00:00Z", "-1d12h", NDR_WHEN_PAST,
     "2008-05-11T21:00:00Z"},
    {"a Tuesday's past Tuesday is today", "UTC0", "2008-05-13T09:00:00Z", "tuesday",
     NDR_WHEN_PAST, "2008-05-13T00:00:00Z"},
    {"but not before its time", "UTC0", "2008-05-13T09:00:00Z", "tue 10:00",
     NDR_WHEN_PAST, "2008-05-06T10:00:00Z"},
    {"the next Tuesday is in a week", "UTC0", "2008-05-13T09:00:00Z", "Tuesday",
     NDR_WHEN_FUTURE, "2008-05-20T00:00:00Z"},
    {"or today when its time is yet to come", "UTC0", "2008-05-13T09:00:00Z",
     "Tuesday 10:00", NDR_WHEN_FUTURE, "2008-05-13T10:00:00Z"},
    {"the past Thursday", "UTC0", "2008-05-13T09:00:00Z", "Thu", NDR_WHEN_PAST,
     "2008-05-08T00:00:00Z"},
    {"the coming Monday", "UTC0", "2008-05-13T09:00:00Z", "monday 08:00", NDR_WHEN_FUTURE,
     "2008-05-19T08:00:00Z"},
    {"a date is the day's beginning", BERLIN, "2008-05-13T09:00:00Z", "2026-12-01",
     NDR_WHEN_FUTURE, "2026-11-30T23:00:00Z"},
    {"a date and a time", BERLIN, "2008-05-13T09:00:00Z", "2008-05-13 08:00",
     NDR_WHEN_PAST, "2008-05-13T06:00:00Z"},
    {"as a form writes it", BERLIN, "2008-05-13T09:00:00Z", "2008-05-13T08:00:30",
     NDR_WHEN_PAST, "2008-05-13T06:00:30Z"},
    {"a date's time that comes twice ends the second time", BERLIN,
     "2008-05-13T09:00:00Z", "2008-10-26 02:30", NDR_WHEN_FUTURE, "2008-10-26T01:30:00Z"},
    {"the leap day", "UTC0", "2008-05-13T09:00:00Z", "2028-02-29", NDR_WHEN_FUTURE,
     "2028-02-29T00:00:00Z"},
};

static void
when_test(void **state)
{
    const when_row *row = *state;
    ndr_error err = {0};
    int64_t now = 0, at = 0;
    char got[32];
    assert_int_equal(ndr_timestamp_parse(row->now, &now, &err), 0);
    assert_int_equal(setenv("TZ", row->zone, 1), 0);
    char *copy = (char *)exact_copy(row->text, strlen(row->text) + 1);
    const int rc = ndr_when_parse(copy, row->when, now, &at, &err);
    free(copy);
    if (rc == 0)
        ndr_time_format(at, got);
    assert_string_equal(rc == 0 ? got : err.text, row->want);
}

typedef struct length_row {
    const char *why, *text;
    int64_t want; /* 0: refused */
} length_row;
static const length_row lengths[] = {
    {"minutes", "30m", 1800},
    {"hours", "12h", 43200},
    {"days", "2d", 172800},
    {"weeks", "1w", 604800},
    {"joined", "1d12h", 129600},
    {"ten years", "3660d", 316224000},
    {"longer", "3661d", 0},
    {"joined to longer", "3660d1m", 0},
    {"more digits than a number has", "99999999999999999999m", 0},
    {"no unit", "30", 0},
    {"a unit alone", "m", 0},
    {"no time at all", "0h", 0},
    {"seconds are too little", "30s", 0},
    {"a blank", "2 d", 0},
    {"a sign", "-2d", 0},
    {"a fraction", "1.5h", 0},
    {"nothing", "", 0},
};

static void
length_test(void **state)
{
    const length_row *row = *state;
    ndr_error err = {0};
    int64_t got = 0;
    char *copy = (char *)exact_copy(row->text, strlen(row->text) + 1);
    const int rc = ndr_duration_parse(copy, &got, &err);
    free(copy);
    assert_int_equal(rc, row->want == 0 ? NDR_E_SYNTAX : 0);
    assert_int_equal(got, row->want);
}

int
main(void)
{
    ADD_ROWS(whens, when_test);
    ADD_ROWS(lengths, length_test);
    return run_added("when");
}
