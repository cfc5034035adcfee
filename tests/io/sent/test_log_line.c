/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sent/log_line.h"

#include <time.h>

static const struct row {
    const char *why;
    const char *stamp;
    const char *file; /* when the file was last written */
    int year;
    int zone_minutes;
    const char *want; /* NULL: no time */
} rows[] = {
    {"a stamp has the year of its file", "Nov 29 10:00:01",
     "Mon, 30 Nov 2026 12:00:00 +0000", 0, 0, "2026-11-29T10:00:01Z"},
    {"December in a file of January is of the year before", "Dec 31 23:59:59",
     "Fri, 1 Jan 2027 06:00:00 +0000", 0, 0, "2026-12-31T23:59:59Z"},
    {"a stamp a little behind its file is of another zone, not of last year",
     "Jan  1 00:30:00", "Thu, 31 Dec 2026 23:30:00 +0000", 0, 0, "2027-01-01T00:30:00Z"},
    {"a stamp of two days behind its file is of last year", "Dec  3 00:00:00",
     "Mon, 30 Nov 2026 12:00:00 +0000", 0, 0, "2025-12-03T00:00:00Z"},
    {"the 29th of February is of a year that has one", "Feb 29 10:00:00",
     "Mon, 30 Nov 2026 12:00:00 +0000", 0, 0, "2024-02-29T10:00:00Z"},
    {"a stated year counts", "Nov 29 10:00:01", "Mon, 30 Nov 2026 12:00:00 +0000", 2019,
     0, "2019-11-29T10:00:01Z"},
    {"a stated zone counts", "Nov 29 10:00:01", "Mon, 30 Nov 2026 12:00:00 +0000", 0, 90,
     "2026-11-29T08:30:01Z"},
    {"RFC 3339 has its own zone", "2026-11-29T10:00:01.25+01:00",
     "Mon, 30 Nov 2020 12:00:00 +0000", 2019, 90, "2026-11-29T09:00:01Z"},
    {"and one without a zone the stated one", "2026-11-29T10:00:01",
     "Mon, 30 Nov 2020 12:00:00 +0000", 0, -60, "2026-11-29T11:00:01Z"},
    {"a zone may have no colon", "2026-11-29 10:00:01 -0130",
     "Mon, 30 Nov 2020 12:00:00 +0000", 0, 0, "2026-11-29T11:30:01Z"},
    {"no month is no time", "Nox 29 10:00:01", "Mon, 30 Nov 2026 12:00:00 +0000", 0, 0,
     NULL},
    {"no day is no time", "Nov 31 10:00:01", "Mon, 30 Nov 2026 12:00:00 +0000", 2026, 0,
     NULL},
    {"no hour is no time", "Nov 29 25:00:01", "Mon, 30 Nov 2026 12:00:00 +0000", 0, 0,
     NULL},
    {"letters are no time", "2026-1x-29T10:00:01Z", "Mon, 30 Nov 2026 12:00:00 +0000", 0,
     0, NULL},
};

static void
test_row(void **state)
{
    const struct row *r = *state;
    ndr_log_clock c = {
        .year = r->year, .zone_given = true, .zone_minutes = r->zone_minutes};
    const size_t n = strlen(r->stamp);
    unsigned char *copy = exact_copy(r->stamp, n);
    ndr_log_clock_begin(&c, ndr_date_parse(ndr_slice_of(r->file)));
    const int64_t at = ndr_log_time(&c, (ndr_slice){copy, n});
    free(copy);
    if (r->want == NULL) {
        assert_true(at == NDR_TIME_UNKNOWN);
        return;
    }
    char text[32];
    ndr_time_format(at, text);
    assert_string_equal(text, r->want);
}

static void
test_new_year(void **state)
{
    (void)state;
    char text[32];
    ndr_log_clock c = {.year = 2019, .zone_given = true};
    ndr_log_clock_begin(&c, 0);
    ndr_time_format(ndr_log_time(&c, ndr_slice_of("Dec 31 23:00:00")), text);
    assert_string_equal(text, "2019-12-31T23:00:00Z");
    ndr_time_format(ndr_log_time(&c, ndr_slice_of("Jan  1 00:00:00")), text);
    assert_string_equal(text, "2020-01-01T00:00:00Z");
    ndr_log_clock_begin(&c, 0); /* the next file begins in the stated year again */
    ndr_time_format(ndr_log_time(&c, ndr_slice_of("Jan  1 00:00:00")), text);
    assert_string_equal(text, "2019-01-01T00:00:00Z");
}

static void
test_local_zone(void **state)
{
    (void)state;
    char text[32];
    ndr_log_clock c = {.year = 0};
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    ndr_log_clock_begin(&c, INT64_C(1796040000));
    ndr_time_format(ndr_log_time(&c, ndr_slice_of("Nov 29 10:00:00")), text);
    assert_string_equal(text, "2026-11-29T09:00:00Z");
    ndr_time_format(ndr_log_time(&c, ndr_slice_of("Jul 29 10:00:00")), text);
    assert_string_equal(text, "2026-07-29T08:00:00Z");
}

static void
test_parts(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "Nov",
                                       "Nov 29 10:00:00",
                                       "Nov 29 10:00:00 ",
                                       "Nov 29 10:00:00 mx1",
                                       "Nov 29 10:00:00 mx1 ",
                                       "Nov 29 10:00:00 mx1 a",
                                       "<",
                                       "<22",
                                       "<22>",
                                       "2026-11-29T10:00:00Z",
                                       "2026-11-29T10:00:00Z mx1",
                                       "2026-11-29 10:00:00",
                                       "2026-11-29 10:00:00."};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const size_t n = strlen(none[i]);
        unsigned char *copy = exact_copy(none[i], n);
        ndr_log_line l;
        assert_false(ndr_log_line_syslog((ndr_slice){copy, n}, &l));
        assert_false(ndr_log_line_exim((ndr_slice){copy, n}, &l));
        free(copy);
    }
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    add_test("a stated year goes on over New Year, a file at a time", test_new_year);
    add_test("stamps are in the process's zone, its summers too", test_local_zone);
    add_test("lines that break off are none", test_parts);
    return run_added("log_line");
}
