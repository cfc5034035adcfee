/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats/usual_rate.h"

#include "harness.h"

enum { DAY = 86400, STEPS_A_DAY = 24 * NDR_STEPS_AN_HOUR };

#define NOW (INT64_C(14000) * DAY) /* midnight */

/* ---- gaps filled ---- */

typedef struct fill_row {
    const char *why;
    int64_t begin, now;
    ndr_step_count row[2];
    size_t count;
    int64_t start;
    size_t steps;
} fill_row;

static const fill_row fills[] = {
    {"no bounces and no beginning", NDR_TIME_UNKNOWN, NOW + 10, {{0}}, 0, NOW, 1},
    {"it begins an hour",
     NOW - NDR_HOUR_S + 7,
     NOW,
     {{0}},
     0,
     NOW - NDR_HOUR_S,
     NDR_STEPS_AN_HOUR + 1},
    {"a beginning that is yet to come", NOW + DAY, NOW, {{0}}, 0, NOW, 1},
    {"no more silence before the first than is the past",
     NOW - 100 * (int64_t)DAY,
     NOW,
     {{NOW - DAY, 1, 0}},
     1,
     NOW - DAY - NDR_STORM_PAST_S,
     (1 + NDR_STORM_PAST_S / DAY) * STEPS_A_DAY + 1},
    {"nor more than 800 days",
     NOW - 2000 * (int64_t)DAY,
     NOW,
     {{NOW - 1999 * (int64_t)DAY, 1, 0}},
     1,
     NOW - 800 * (int64_t)DAY,
     800 * STEPS_A_DAY + 1},
};

static void
fill_test(void **state)
{
    const fill_row *row = *state;
    ndr_step_count rows[2] = {row->row[0], row->row[1]};
    const ndr_series s = {.row = rows, .count = row->count};
    ndr_dense d;
    assert_int_equal(ndr_dense_fill(&d, &s, row->begin, row->now, NULL), 0);
    assert_int_equal(d.start, row->start);
    assert_int_equal(d.steps, row->steps);
    assert_int_equal(ndr_dense_time(&d, d.steps - 1), row->now / NDR_STEP_S * NDR_STEP_S);
    ndr_dense_clear(&d);
    ndr_dense_clear(&d); /* twice is once */
}

static void
sums_test(void **state)
{
    (void)state;
    const int64_t begin = NOW - 2 * NDR_HOUR_S;
    ndr_step_count rows[] = {
        {begin - NDR_STEP_S, 100, 0}, /* before it */
        {begin, 3, 1},
        {begin + 2 * NDR_STEP_S, 4, 4},
        {begin + 3 * NDR_STEP_S, 1, 9}, /* more junk than bounces: none was kept */
        {NOW + NDR_STEP_S, 50, 0},      /* yet to come */
    };
    const ndr_series s = {.row = rows, .count = sizeof rows / sizeof rows[0]};
    ndr_dense d;
    assert_int_equal(ndr_dense_fill(&d, &s, begin, NOW, NULL), 0);
    assert_int_equal(ndr_dense_count(&d, 0, d.steps), 8);
    assert_int_equal(ndr_dense_count(&d, 0, 1), 3);
    assert_int_equal(ndr_dense_count(&d, 1, 2), 0);
    assert_int_equal(ndr_dense_count(&d, 2, 4), 5);
    assert_int_equal(ndr_dense_count(&d, 3, 3), 0);
    assert_int_equal(d.kept[d.steps], 2);
    ndr_dense_clear(&d);
}

/* ---- what is usual ---- */

/* Bounces in the first step of an hour: each day at midnight, or on some alone. */
typedef struct usual_row {
    const char *why;
    int days;       /* of past */
    unsigned each;  /* bounces of a day's first step */
    int burst_days; /* of the last ones, on which it was … */
    unsigned burst; /* … this */
    int every;      /* on each so many days alone */
    int stormy;     /* of the last days, this hour was one of a storm */
    bool known;
    double want; /* an hour */
} usual_row;

static const usual_row usuals[] = {
    {"two days of past tell nothing", 2, 12, 0, 0, 1, 0, false, 0},
    {"three do", 3, 12, 0, 0, 1, 0, true, 12},
    {"silence is usual, too", 28, 0, 0, 0, 1, 0, true, 0},
    {"each day the same", 28, 24, 0, 0, 1, 0, true, 24},
    {"three days' bursts do not matter", 28, 12, 3, 5000, 1, 0, true, 12},
    {"a fourth does", 28, 0, 4, 28, 1, 0, true, 4},
    {"what comes once a week is little a day", 28, 36, 0, 0, 7, 0, true, 4 * 36.0 / 28},
    {"hours of storms are left out", 28, 12, 10, 9999, 1, 10, true, 12},
    {"unless few others remain", 28, 12, 26, 60, 1, 26, true, (26 * 60.0 + 2 * 12) / 28},
};

static void
usual_test(void **state)
{
    const usual_row *row = *state;
    ndr_step_count rows[64];
    size_t count = 0;
    for (int day = row->days; day >= 1; day--) {
        const unsigned n = day <= row->burst_days ? row->burst : row->each;
        if (day % row->every == 0)
            rows[count++] = (ndr_step_count){NOW - day * (int64_t)DAY, n, 0};
    }
    const ndr_series s = {.row = rows, .count = count};
    ndr_dense d;
    assert_int_equal(ndr_dense_fill(&d, &s, NOW - row->days * (int64_t)DAY, NOW, NULL),
                     0);
    for (int day = 1; day <= row->stormy; day++)
        d.stormy[(size_t)(row->days - day) * 24] = true;
    for (size_t step = 0; step < d.steps; step++)
        ndr_dense_usual_rate(&d, step);
    assert_int_equal(d.known, row->known);
    const double hour = d.usual * NDR_STEPS_AN_HOUR;
    if (hour < row->want - 1e-9 || hour > row->want + 1e-9)
        fail_msg("%g", hour);
    /* no step less than a twentieth */
    const double last = ndr_dense_expected(&d, d.steps - 1, d.steps);
    assert_true(last >= 0.0499 && (d.usual < 0.05 || last < d.usual + 1e-9));
    ndr_dense_clear(&d);
}

/* Two hours around midnight and midnight itself, once a week. */
static void
week_test(void **state)
{
    (void)state;
    ndr_step_count rows[12];
    size_t count = 0;
    for (int week = 4; week >= 1; week--)
        for (int hour = -1; hour <= 1; hour++)
            rows[count++] = (ndr_step_count){
                NOW - week * 7 * (int64_t)DAY + hour * NDR_HOUR_S, 48, 0};
    const ndr_series s = {.row = rows, .count = count};
    ndr_dense d;
    assert_int_equal(ndr_dense_fill(&d, &s, NDR_TIME_UNKNOWN + 1, NOW, NULL), 0);
    for (size_t step = 0; step < d.steps; step++)
        ndr_dense_usual_rate(&d, step);
    const double hour = d.usual * NDR_STEPS_AN_HOUR;
    if (hour < 48 - 1e-9 || hour > 48 + 1e-9) /* by days alone it would be a few */
        fail_msg("%g", hour);
    ndr_dense_clear(&d);
}

int
main(void)
{
    ADD_ROWS(fills, fill_test);
    add_test("sums of all and of what was kept", sums_test);
    ADD_ROWS(usuals, usual_test);
    add_test("what comes each week is usual on its day", week_test);
    return run_added("usual");
}
