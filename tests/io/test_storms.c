/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_stats.h"

#include <math.h>
#include <stdio.h>

enum { DAY = 86400, WEEK = 7 * DAY, STEPS_A_WEEK = WEEK / NDR_STEP_S };
#define MONDAY INT64_C(1210550400) /* 2008-05-12T00:00:00Z */

/* ---- histories, the same on every machine ------------------------------------------ */

static uint64_t seed;

/* Source: xorshift64*, Vigna 2016. */
static double
chance(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (double)((seed * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

/* Knuth's, in pieces that do not underflow. */
static uint64_t
poisson(double mean)
{
    uint64_t n = 0;
    while (mean > 0) {
        const double piece = mean > 30 ? 30 : mean;
        const double limit = exp(-piece);
        for (double p = chance(); p > limit; p *= chance())
            n++;
        mean -= piece;
    }
    return n;
}

/* Bounces a step that are to be expected: by day more than by night, less at weekends. */
static double
rhythm(double base, int64_t at)
{
    const double hour = (double)(at % DAY) / 3600;
    const double day = 1 + 0.7 * sin((hour - 9) * 3.14159265 / 12);
    return base * day * ((at - MONDAY) / DAY % 7 >= 5 ? 0.4 : 1);
}

/* `weeks` of a domain that is not attacked, a mailing list's bursts among its mail. */
static void
quiet_history(double base, size_t weeks, uint64_t *n)
{
    const size_t steps = weeks * STEPS_A_WEEK;
    for (size_t i = 0; i < steps; i++)
        n[i] = poisson(rhythm(base, MONDAY + (int64_t)i * NDR_STEP_S));
    for (size_t burst = 0; burst < weeks * 4; burst++) {
        const size_t at = (size_t)(chance() * (double)(steps - 8));
        double left = 20 + chance() * 40; /* members whose mail comes back */
        for (size_t i = 0; i < 6; i++, left *= exp(-5.0 / 3)) /* most within minutes */
            n[at + i] += poisson(left * (1 - exp(-5.0 / 3)));
    }
}

/* A storm of `rate` bounces a step in [from, until). */
static void
add_storm(uint64_t *n, double rate, int64_t from, int64_t until)
{
    for (int64_t at = from; at < until;) {
        const int64_t step = (at - MONDAY) / NDR_STEP_S;
        const int64_t next = MONDAY + (step + 1) * NDR_STEP_S;
        const int64_t end = next < until ? next : until;
        n[step] += poisson(rate * (double)(end - at) / NDR_STEP_S);
        at = end;
    }
}

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

static const double bases[] = {0.02, 0.2, 1, 3, 8};

static void
quiet_test(void **state)
{
    (void)state;
    enum { WEEKS = 5, DOMAINS = 200 };
    const size_t steps = WEEKS * STEPS_A_WEEK;
    uint64_t *n = calloc(steps, sizeof *n);
    assert_non_null(n);
    size_t storms = 0;
    for (unsigned domain = 0; domain < DOMAINS; domain++) {
        seed = 7000 + domain;
        quiet_history(bases[domain % 5], WEEKS, n);
        ndr_outlook o = outlook_at(n, steps, MONDAY + WEEKS * (int64_t)WEEK);
        storms += o.count;
        ndr_outlook_clear(&o);
    }
    free(n);
    assert_int_equal(storms, 0);
}

static void
storm_test(void **state)
{
    (void)state;
    enum { WEEKS = 5, STORMS = 200 };
    const size_t steps = WEEKS * STEPS_A_WEEK;
    uint64_t *n = calloc(steps, sizeof *n);
    assert_non_null(n);
    for (unsigned i = 0; i < STORMS; i++) {
        seed = 9000 + i;
        const double base = bases[i % 5];
        quiet_history(base, WEEKS, n);
        /* in the fourth week, of 18 bounces a minute or more, for two hours to three days
         */
        const int64_t from = MONDAY + 3 * (int64_t)WEEK + (int64_t)(chance() * 3 * DAY);
        const int64_t until = from + 7200 + (int64_t)(chance() * (3 * DAY - 7200));
        const double least = 12 * rhythm(base, from) > 90 ? 12 * base * 1.7 : 90;
        add_storm(n, least + chance() * chance() * 1000, from, until);

        ndr_outlook o = outlook_at(n, steps, from + 15 * 60);
        assert_int_equal(o.count, 1);
        assert_true(o.storm[0].ended == NDR_TIME_OPEN);
        assert_true(o.storm[0].began >= from - 2 * NDR_STEP_S &&
                    o.storm[0].began <= from + 600);
        assert_true(o.calm_since == NDR_TIME_UNKNOWN);
        ndr_outlook_clear(&o);

        o = outlook_at(n, steps, until - 1);
        assert_int_equal(o.count, 1);
        assert_true(o.storm[0].ended == NDR_TIME_OPEN);
        ndr_outlook_clear(&o);

        o = outlook_at(n, steps, until + 45 * 60);
        assert_int_equal(o.count, 1);
        assert_true(o.storm[0].ended != NDR_TIME_OPEN);
        assert_true(o.storm[0].ended >= until - NDR_STEP_S &&
                    o.storm[0].ended <= until + 15 * 60);
        ndr_outlook_clear(&o);
    }
    free(n);
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
    {"the second hot step makes a storm", 300, false, NDR_STATE_STORM},
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
    enum { WEEKS = 1 };
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
    enum { WEEKS = 4 };
    uint64_t *n = calloc((size_t)WEEKS * STEPS_A_WEEK, sizeof *n);
    assert_non_null(n);
    for (size_t i = 2 * STEPS_A_WEEK; i < (size_t)WEEKS * STEPS_A_WEEK; i++)
        n[i] = 100;
    ndr_outlook o =
        outlook_at(n, (size_t)WEEKS * STEPS_A_WEEK, MONDAY + WEEKS * (int64_t)WEEK);
    assert_int_equal(o.count, 1);
    assert_true(o.storm[0].ended == NDR_TIME_OPEN);
    ndr_outlook_clear(&o);
    free(n);
}

/* It is sure with the third step of 20 or more, and began with the first that is many for
 * the domain; a gap ends what belongs to it. */
static void
onset_test(void **state)
{
    (void)state;
    enum { WEEKS = 4, QUIET = WEEKS * STEPS_A_WEEK, ALL = QUIET + 6 };
    static const uint64_t slow[] = {15, 13, 25, 21, 30, 25},
                          gap[] = {15, 0, 25, 21, 30, 25};
    static uint64_t n[ALL];
    const int64_t onset = MONDAY + (int64_t)QUIET * NDR_STEP_S;
    memcpy(n + QUIET, slow, sizeof slow);
    ndr_outlook o = outlook_at(n, ALL, onset + 6 * NDR_STEP_S);
    assert_int_equal(o.count, 1);
    assert_int_equal(o.storm[0].began, onset);
    assert_int_equal(o.storm[0].bounces, 129);
    ndr_outlook_clear(&o);
    memcpy(n + QUIET, gap, sizeof gap);
    o = outlook_at(n, ALL, onset + 6 * NDR_STEP_S);
    assert_int_equal(o.storm[0].began, onset + 2 * NDR_STEP_S);
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
        ndr_usual_of(&s, MONDAY, MONDAY + 5 * DAY + 7 * 3600, 24, usual, NULL), 0);
    assert_true(usual[0] >= 0 && usual[0] < 0.01);
    assert_true(usual[12] > 1.99 && usual[12] < 2.01 && usual[23] > 1.99);
    assert_int_equal(ndr_usual_of(&s, MONDAY, MONDAY + DAY, 1, usual, NULL), 0);
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
    ADD_ROWS(states, state_test);
    ADD_ROWS(overs, over_test);
    add_test("no false storm in 1,000 quiet domain-weeks", quiet_test);
    add_test("200 storms are found within 15 minutes, their end within 45", storm_test);
    add_test("a storm's facts", facts_test);
    add_test("what was busy from the first day becomes the usual", busy_test);
    add_test("a long storm does not become the usual", long_test);
    add_test("a storm began before it was sure", onset_test);
    add_test("the usual rate of each step", usual_test);
    add_test("nothing, and what is yet to come, is no storm", nothing_test);
    return run_added("storms");
}
