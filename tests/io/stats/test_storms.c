/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "histories.h"
#include "ndrscan_stats.h"

#include <stdio.h>

enum { DAY = 86400, WEEK = 7 * DAY, STEPS_A_WEEK = HISTORY_WEEK };
#define MONDAY INT64_C(1210550400) /* 2008-05-12T00:00:00Z */

/* What would be known at `now`; of the step under way only what arrived so far is. */
static ndr_outlook
outlook_at(const uint64_t *n, size_t steps, int64_t now)
{
    ndr_series s = {.domain = "example.com"};
    s.row = calloc(steps, sizeof *s.row);
    assert_non_null(s.row);
    for (size_t i = 0; i < steps; i++) {
        const int64_t step = MONDAY + (int64_t)i * NDR_STEP_S;
        if (n[i] > 0 && step + NDR_STEP_S <= now)
            s.row[s.count++] = (ndr_step_count){step, n[i], 0};
    }
    ndr_outlook o;
    ndr_error err;
    assert_int_equal(ndr_outlook_of(&s, MONDAY, now, &o, &err), 0);
    free(s.row);
    return o;
}

/* ---- histories ------------------------------------------------------------------------
 */

enum { WEEKS = 5, PAST = 4 * HISTORY_WEEK, STEPS = WEEKS * HISTORY_WEEK };

static void
quiet_test(void **state)
{
    (void)state;
    enum { DOMAINS = 100 };
    static uint64_t n[STEPS];
    for (unsigned domain = 0; domain < DOMAINS; domain++) {
        rng r;
        rng_seed(&r, domain, 3);
        history_usual(&r, history_size(&r), n, STEPS);
        ndr_outlook o = outlook_at(n, STEPS, MONDAY + WEEKS * (int64_t)WEEK);
        for (size_t i = 0; i < o.count; i++)
            assert_true(o.storm[i].told < MONDAY + 4 * (int64_t)WEEK);
        ndr_outlook_clear(&o);
    }
}

/* A domain whose newsletter brings back 60 within minutes each Tuesday and Thursday. */
static void
habit_test(void **state)
{
    (void)state;
    static uint64_t n[STEPS];
    memset(n, 0, sizeof n);
    for (size_t week = 0; week < WEEKS; week++)
        for (size_t day = 1; day <= 3; day += 2) {
            const size_t at = week * HISTORY_WEEK + day * HISTORY_DAY + 10 * HISTORY_HOUR;
            n[at] = 35 + 4 * week % 11;
            n[at + 1] = 20;
            n[at + 2] = 5;
        }
    ndr_outlook o = outlook_at(n, STEPS, MONDAY + WEEKS * (int64_t)WEEK);
    for (size_t i = 0; i < o.count; i++) /* the first ones: it is not known yet */
        assert_true(o.storm[i].told < MONDAY + 2 * (int64_t)WEEK);
    ndr_outlook_clear(&o);
    /* and a storm is one there as well */
    n[PAST + 2 * HISTORY_DAY] = 5000;
    o = outlook_at(n, PAST + 2 * HISTORY_DAY + 1,
                   MONDAY + (PAST + 2 * HISTORY_DAY + 1) * (int64_t)NDR_STEP_S);
    assert_true(o.count > 0 && o.storm[o.count - 1].ended == NDR_TIME_OPEN);
    ndr_outlook_clear(&o);
}

/* Of each shape some: found in time, from its beginning on, and not calm before its end.
 */
static void
shape_test(void **state)
{
    enum { STORMS = 6 };
    static uint64_t n[STEPS];
    const storm_shape *shape = *state;
    for (unsigned i = 0; i < STORMS; i++) {
        rng r;
        rng_seed(&r, i, 4);
        history_usual(&r, i * 4, n, STEPS);
        const size_t at = PAST + rng_below(&r, HISTORY_WEEK - 2 * HISTORY_DAY);
        const unsigned second = rng_below(&r, NDR_STEP_S);
        const int64_t onset = MONDAY + (int64_t)at * NDR_STEP_S + second;
        history_storm(&r, shape, at, second, n, STEPS);
        ndr_outlook o =
            outlook_at(n, STEPS, MONDAY + (int64_t)(at + shape->steps) * NDR_STEP_S);
        assert_int_equal(o.count, 1);
        assert_true(o.storm[0].told + NDR_STEP_S - onset <= shape->within * 60);
        assert_true(o.storm[0].began >= onset - 1200 && o.storm[0].began <= onset + 1200);
        assert_true(o.storm[0].ended == NDR_TIME_OPEN);
        assert_int_equal(o.storm[0].resumed, 0);
        assert_true(o.calm_since == NDR_TIME_UNKNOWN);
        ndr_outlook_clear(&o);
        o = outlook_at(n, STEPS, MONDAY + (int64_t)(at + shape->steps + 60) * NDR_STEP_S);
        assert_true(o.storm[o.count - 1].ended != NDR_TIME_OPEN);
        ndr_outlook_clear(&o);
    }
}

/* ---- one storm, looked at closely ---------------------------------------------------
 */

/* Four quiet weeks, then 100 a step for two hours, all junk. */
static ndr_outlook
known_storm(int64_t after_s)
{
    static ndr_step_count row[26];
    const int64_t onset = MONDAY + 4 * (int64_t)WEEK;
    ndr_series s = {.row = row};
    row[s.count++] = (ndr_step_count){MONDAY, 1, 0};
    for (int64_t i = 0; i < 24; i++)
        row[s.count++] =
            (ndr_step_count){onset + i * NDR_STEP_S, i == 5 ? 150 : 100, 100};
    ndr_outlook o;
    assert_int_equal(ndr_outlook_of(&s, MONDAY, onset + after_s, &o, NULL), 0);
    return o;
}

typedef struct state_row {
    const char *why;
    int64_t after_s; /* the onset */
    bool blocked;
    enum ndr_state want;
} state_row;
static const state_row states[] = {
    {"before it the domain is quiet", -1, false, NDR_STATE_QUIET},
    {"the first step with so many makes a storm", 1, false, NDR_STATE_STORM},
    {"a window blocks it", 3600, true, NDR_STATE_BLOCKED},
    {"25 minutes behind its end it is still one", 7200 + 1500, false, NDR_STATE_STORM},
    {"30 minutes behind its end it is calm", 7200 + 1800, false, NDR_STATE_CALM},
    {"a day later it is quiet", 7200 + 86400, false, NDR_STATE_QUIET},
    {"an open window blocks though it is quiet", 7200 + 86400, true, NDR_STATE_BLOCKED},
};

static void
state_test(void **state)
{
    const state_row *row = *state;
    ndr_outlook o = known_storm(row->after_s);
    const enum ndr_state got =
        ndr_outlook_state(&o, row->blocked, MONDAY + 4 * (int64_t)WEEK + row->after_s);
    ndr_outlook_clear(&o);
    assert_string_equal(ndr_state_name(got), ndr_state_name(row->want));
}

static void
facts_test(void **state)
{
    (void)state;
    const int64_t onset = MONDAY + 4 * (int64_t)WEEK;
    ndr_outlook o = known_storm(7200 + 1800);
    assert_int_equal(o.count, 1);
    assert_int_equal(o.storm[0].began, onset);
    assert_int_equal(o.storm[0].ended, onset + 7200);
    assert_int_equal(o.storm[0].peak, 150);
    assert_int_equal(o.storm[0].peak_at, onset + 1500);
    assert_int_equal(o.storm[0].bounces, 2450);
    assert_int_equal(o.storm[0].junk, 2400);
    assert_true(o.storm[0].usual_known);
    assert_int_equal(o.calm_since, onset + 7200);
    ndr_outlook_clear(&o);
}

typedef struct over_row {
    const char *why;
    int64_t after_s, from_s; /* the onset: now, and the window's beginning */
    bool until_calm, want;
} over_row;
static const over_row overs[] = {
    {"a window stays while the storm is on", 3600, 0, true, false},
    {"and until it has been calm for half an hour", 7200 + 1799, 0, true, false},
    {"then it is over", 7200 + 1800, 0, true, true},
    {"one with a fixed end is not asked", 7200 + 1800, 0, false, false},
    {"one that was just opened has half an hour", 7200 + 1800, 7200 + 1, true, false},
};

static void
over_test(void **state)
{
    const over_row *row = *state;
    const int64_t onset = MONDAY + 4 * (int64_t)WEEK;
    const ndr_window w = {
        .from = onset + row->from_s, .until = onset + DAY, .until_calm = row->until_calm};
    ndr_outlook o = known_storm(row->after_s);
    const bool got = ndr_window_is_over(&w, &o, onset + row->after_s);
    ndr_outlook_clear(&o);
    assert_int_equal(got, row->want);
}

/* Busy from the first day: after three days that is the usual, and no storm. */
static void
busy_test(void **state)
{
    (void)state;
    static uint64_t n[STEPS_A_WEEK];
    for (size_t i = 0; i < STEPS_A_WEEK; i++)
        n[i] = 100;
    ndr_outlook o = outlook_at(n, STEPS_A_WEEK, MONDAY + WEEK);
    assert_int_equal(o.count, 1);
    assert_int_equal(o.storm[0].began, MONDAY);
    assert_false(o.storm[0].usual_known);
    assert_true(o.storm[0].ended <= MONDAY + 3 * DAY + 3600);
    assert_true(o.usual_known && o.usual > 99 && o.usual < 101);
    ndr_outlook_clear(&o);
}

/* Two weeks of storm do not become the usual while quiet days are remembered. */
static void
long_test(void **state)
{
    (void)state;
    uint64_t *n = calloc(PAST, sizeof *n);
    assert_non_null(n);
    for (size_t i = 2 * HISTORY_WEEK; i < PAST; i++)
        n[i] = 100;
    ndr_outlook o = outlook_at(n, PAST, MONDAY + 4 * (int64_t)WEEK);
    assert_int_equal(o.count, 1);
    assert_true(o.storm[0].ended == NDR_TIME_OPEN);
    ndr_outlook_clear(&o);
    free(n);
}

/* It began with the first step that is many for the domain, also before it was sure; one
 * bounce hours before is not of it. */
static void
onset_test(void **state)
{
    (void)state;
    enum { ALL = PAST + 6 };
    static const uint64_t slow[] = {6, 5, 9, 11, 30, 25};
    static uint64_t n[ALL];
    const int64_t onset = MONDAY + (int64_t)PAST * NDR_STEP_S;
    memcpy(n + PAST, slow, sizeof slow);
    n[PAST - 40] = 1;
    ndr_outlook o = outlook_at(n, ALL, onset + 6 * NDR_STEP_S);
    assert_int_equal(o.count, 1);
    assert_int_equal(o.storm[0].began, onset);
    assert_int_equal(o.storm[0].told, onset + 3 * NDR_STEP_S);
    assert_int_equal(o.storm[0].bounces, 86);
    ndr_outlook_clear(&o);
}

/* What came again within two hours is one storm, that had been taken for calm. */
static void
resumed_test(void **state)
{
    (void)state;
    enum { ALL = PAST + 40 };
    static uint64_t n[ALL];
    const int64_t onset = MONDAY + (int64_t)PAST * NDR_STEP_S;
    for (size_t i = 0; i < 8; i++)
        n[PAST + i] = n[PAST + 20 + i] = 50;
    ndr_outlook o = outlook_at(n, ALL, onset + 15 * NDR_STEP_S);
    assert_int_equal(o.storm[0].ended, onset + 8 * NDR_STEP_S);
    ndr_outlook_clear(&o);
    o = outlook_at(n, ALL, onset + 40 * NDR_STEP_S); /* it waits longer this time */
    assert_int_equal(o.count, 1);
    assert_int_equal(o.storm[0].resumed, 1);
    assert_int_equal(o.storm[0].bounces, 800);
    assert_true(o.storm[0].ended == NDR_TIME_OPEN);
    ndr_outlook_clear(&o);
}

static void
usual_test(void **state)
{
    (void)state;
    ndr_step_count row[40];
    ndr_series s = {.row = row};
    for (int64_t day = 0; day < 5; day++) /* 24 at 08:00 of each day */
        row[s.count++] = (ndr_step_count){MONDAY + day * DAY + 8 * 3600, 24, 0};
    double usual[24];
    assert_int_equal(
        ndr_usual_rates(&s, MONDAY, MONDAY + 5 * DAY + 7 * 3600, 24, usual, NULL), 0);
    assert_true(usual[0] >= 0 && usual[0] < 0.01);
    assert_true(usual[12] > 1.99 && usual[12] < 2.01 && usual[23] > 1.99);
    assert_int_equal(ndr_usual_rates(&s, MONDAY, MONDAY + DAY, 1, usual, NULL), 0);
    assert_true(usual[0] < 0); /* one day is not enough */
}

static void
nothing_test(void **state)
{
    (void)state;
    const ndr_series none = {0};
    ndr_outlook o;
    assert_int_equal(ndr_outlook_of(&none, NDR_TIME_UNKNOWN, MONDAY, &o, NULL), 0);
    assert_int_equal(o.count, 0);
    ndr_outlook_clear(&o);
    assert_int_equal(ndr_outlook_of(&none, 0, MONDAY, &o, NULL), 0);
    assert_int_equal(o.count, 0);
    ndr_outlook_clear(&o);
    /* a file from the future */
    ndr_step_count later = {MONDAY + WEEK, 1000, 0};
    const ndr_series future = {.row = &later, .count = 1};
    assert_int_equal(ndr_outlook_of(&future, MONDAY + WEEK, MONDAY, &o, NULL), 0);
    assert_int_equal(o.count, 0);
    ndr_outlook_clear(&o);
}

int
main(void)
{
    add_rows(storm_shapes, sizeof storm_shapes[0], storm_shape_count, shape_test);
    ADD_ROWS(states, state_test);
    ADD_ROWS(overs, over_test);
    add_test("no false storm in 100 domain-weeks", quiet_test);
    add_test("a newsletter's bounces are a habit after two weeks", habit_test);
    add_test("what goes on after a pause is one storm", resumed_test);
    add_test("a storm's facts", facts_test);
    add_test("what was busy from the first day becomes the usual", busy_test);
    add_test("a long storm does not become the usual", long_test);
    add_test("a storm began before it was sure", onset_test);
    add_test("the usual rate of each step", usual_test);
    add_test("nothing, and what is yet to come, is no storm", nothing_test);
    return run_added("storms");
}
