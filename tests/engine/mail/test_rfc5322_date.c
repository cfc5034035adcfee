/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan.h"

typedef struct date_row {
    const char *why, *text, *want; /* want NULL: unknown */
} date_row;

static const date_row dates[] = {
    {"a plain date", "Tue, 13 May 2008 09:31:02 +0200", "2008-05-13T07:31:02Z"},
    {"a comment after the zone", "Tue, 13 May 2008 09:31:02 +0200 (CEST)",
     "2008-05-13T07:31:02Z"},
    {"no weekday, no seconds", "13 May 2008 09:31 -0500", "2008-05-13T14:31:00Z"},
    {"two-digit year below 50", "Tue, 13 May 08 09:31:02 GMT", "2008-05-13T09:31:02Z"},
    {"two-digit year from 50 on", "Wed, 13 May 98 09:31:02 EST", "1998-05-13T14:31:02Z"},
    {"three-digit year", "13 May 108 09:31:02 GMT", "2008-05-13T09:31:02Z"},
    {"day with hyphens", "13-May-2008 09:31:02 +0000", "2008-05-13T09:31:02Z"},
    {"asctime order", "Tue May 13 09:31:02 2008", "2008-05-13T09:31:02Z"},
    {"a leap day", "29 Feb 2008 00:00:00 +0000", "2008-02-29T00:00:00Z"},
    {"29 February of a common year", "Sun, 29 Feb 2026 06:00:00 +0000", NULL},
    {"29 February of a century that is no leap year", "29 Feb 1900 06:00:00 +0000", NULL},
    {"29 February of 2000", "29 Feb 2000 06:00:00 +0000", "2000-02-29T06:00:00Z"},
    {"30 February", "30 Feb 2008 06:00:00 +0000", NULL},
    {"a zone of 99 minutes", "13 May 2008 09:31:02 +9999", NULL},
    {"a zone of 60 minutes", "13 May 2008 09:31:02 -0060", NULL},
    {"a zone of a day", "13 May 2008 09:31:02 -2400", NULL},
    {"the farthest zone", "13 May 2008 09:31:02 +1400", "2008-05-12T19:31:02Z"},
    {"no such day", "31 Apr 2008 24:00:00 +0000", NULL},
    {"the 32nd", "32 May 2008 00:00:00 +0000", NULL},
    {"no clock", "13 May 2008", NULL},
    {"nothing", "", NULL},
    {"an unclosed comment", "Tue, 13 May 2008 09:31:02 (((", "2008-05-13T09:31:02Z"},
};

static void
date_test(void **state)
{
    const date_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    const int64_t at = ndr_date_parse((ndr_slice){p, n});
    free(p);
    char got[32] = "";
    if (at != NDR_TIME_UNKNOWN)
        ndr_time_format(at, got);
    assert_string_equal(got, row->want == NULL ? "" : row->want);
}

static const date_row postmarks[] = {
    {"a postmark", "From a@example.com Tue May 13 09:31:02 2008", "2008-05-13T09:31:02Z"},
    {"with its line end", "From a@b Tue May 13 09:31:02 2008\r\n",
     "2008-05-13T09:31:02Z"},
    {"one-digit day", "From - Fri Jul  8 12:08:34 2011", "2011-07-08T12:08:34Z"},
    {"zone before the year", "From a Tue May 13 09:31:02 PDT 2008",
     "2008-05-13T16:31:02Z"},
    {"zone behind the year", "From a Tue May 13 09:31:02 2008 +0200",
     "2008-05-13T07:31:02Z"},
    {"remote from", "From a Tue May 13 09:31 2008 remote from b", "2008-05-13T09:31:00Z"},
    {"a sender with blanks", "From \"a b\"@c Tue May 13 09:31:02 2008",
     "2008-05-13T09:31:02Z"},
    {"two-digit day 0 is a year", "From a Tue May 00 09:31:02 2008", NULL},
    {"no day of that number", "From a Tue May 32 09:31:02 2008", NULL},
    {"no hour of that number", "From a Tue May 13 24:31:02 2008", NULL},
    {"short clock, filled up", "From a Tue May 13 9:31:02  2008", "2008-05-13T09:31:02Z"},
    {"the first date counts, not the last",
     "From Mon Jan 07 01:02:03 2008 Tue May 13 09:31:02 2008", "2008-01-07T01:02:03Z"},
    {"the first date counts with tabs, too",
     "From Mon\tJan\t07\t01:02:03\t2008 Tue May 13 09:31:02 2008",
     "2008-01-07T01:02:03Z"},
    {"no sender", "From  Tue May 13 09:31:02 2008", "2008-05-13T09:31:02Z"},
    {"date alone", "From Tue May 13 09:31:02 2008", "2008-05-13T09:31:02Z"},
    {"no weekday", "From a Foo May 13 09:31:02 2008", NULL},
    {"letters of any case", "From a TUE mAY 13 09:31:02 2008", "2008-05-13T09:31:02Z"},
    {"prose", "From the first day on, Tue was calm", NULL},
    {"no date", "From a@example.com", NULL},
    {"no year", "From a@example.com Tue May 13 09:31:02", NULL},
    {"no such day of the year", "From a Sun Feb 29 09:31:02 2026", NULL},
    {"no such zone", "From a Tue May 13 09:31:02 2008 +9999", NULL},
    {"quoted", ">From a@example.com Tue May 13 09:31:02 2008", NULL},
    {"bare", "From ", NULL},
};

static void
postmark_test(void **state)
{
    const date_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    const int64_t at = ndr_postmark_parse((ndr_slice){p, n});
    free(p);
    char got[32] = "";
    if (at != NDR_TIME_UNKNOWN)
        ndr_time_format(at, got);
    assert_string_equal(got, row->want == NULL ? "" : row->want);
}

int
main(void)
{
    ADD_ROWS(dates, date_test);
    ADD_ROWS(postmarks, postmark_test);
    return run_added("rfc5322_date");
}
