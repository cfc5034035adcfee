/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats/calm.h"

#include "harness.h"

#include <string.h>

enum { PARTS = 12, STEPS = 512 };

/* So many steps with so many bounces each. */
typedef struct part {
    size_t steps;
    uint64_t each;
} part;

/* A storm, whose first part is its beginning; after how many of the last part's steps is
 * it over? 0: not in STEPS. */
typedef struct row {
    const char *why;
    part part[PARTS]; /* the last one that has steps goes on for ever */
    double usual;
    size_t over;
} row;

#define PULSES_20                                                                        \
    {1, 150}, {3, 2}, {1, 150}, {3, 2}, {1, 150}, {3, 2},                                \
    {                                                                                    \
        1, 150                                                                           \
    }
#define PULSES_45                                                                        \
    {1, 150}, {8, 1}, {1, 150}, {8, 1}, {1, 150}, {8, 1},                                \
    {                                                                                    \
        1, 150                                                                           \
    }

static const row rows[] = {
    {"a dense storm: half an hour of silence", {{36, 100}, {1, 0}}, 0.05, 6},
    {"its tail is calm", {{36, 100}, {1, 14}}, 0.05, 6},
    {"a fifth of it is none", {{36, 100}, {1, 20}}, 0.05, 0},
    {"a quarter of it may be usual", {{36, 100}, {1, 25}}, 20, 3},
    {"what is twice the usual is no calm when the storm was little more",
     {{36, 60}, {1, 55}},
     25,
     0},
    {"a slow storm takes some more", {{144, 3}, {1, 0}}, 0.05, 6},
    {"a slower one more", {{144, 1}, {1, 0}}, 0.05, 13},
    {"one step alone is one, too", {{1, 500}, {1, 0}}, 0.05, 15},
    {"one burst may be the first of several", {{2, 500}, {1, 0}}, 0.05, 15},
    {"a burst and then an hour of less is a storm of its own",
     {{1, 1000}, {12, 20}, {1, 0}},
     0.05,
     5},
    {"pulses each 20 minutes, of which few were seen", {PULSES_20, {1, 0}}, 0.05, 15},
    {"pulses each 45 minutes: the fifth is waited for", {PULSES_45, {1, 0}}, 0.05, 16},
    {"an hour's pause: one and a half, and some",
     {{10, 50}, {12, 0}, {10, 50}, {1, 0}},
     0.05,
     21},
    {"a pause of two hours ends it, and is no pause",
     {{10, 50}, {12, 0}, {10, 50}, {24, 0}, {1, 0}},
     0.05,
     1},
    {"what is little at its beginning was no pause",
     {{24, 4}, {24, 100}, {1, 0}},
     0.05,
     6},
    {"a lull that was none but chance asks for no more",
     {{36, 6}, {2, 1}, {36, 6}, {1, 0}},
     0.05,
     5},
};

static size_t
fill(const row *r, uint64_t *came, double *usual)
{
    size_t at = 0, last = 0;
    for (size_t i = 0; i < PARTS && r->part[i].steps > 0; i++) {
        last = at;
        const bool ends = i + 1 == PARTS || r->part[i + 1].steps == 0;
        for (size_t k = 0; ends ? at < STEPS : k < r->part[i].steps; k++, at++) {
            came[at + 1] = came[at] + r->part[i].each;
            usual[at + 1] = usual[at] + r->usual;
        }
    }
    return last;
}

/* After how many steps of the last part; with `times`. */
static size_t
over_after(const row *r, unsigned times, bool spared)
{
    static uint64_t came[STEPS + 1], none[STEPS + 1];
    static double usual[STEPS + 1];
    const size_t last = fill(r, came, usual);
    const ndr_calm_sums s = {came, came, spared ? came : none, usual};
    for (size_t end = last + 1; end <= STEPS; end++)
        if (ndr_calm_is_over(&s, 0, end, times))
            return end - last;
    return 0;
}

static void
row_test(void **state)
{
    const row *r = *state;
    assert_int_equal(over_after(r, 1, false), r->over);
}

static void
twice_as_long(void **state)
{
    (void)state;
    assert_int_equal(over_after(&rows[0], 2, false), 11);
    const row hour = {.part = {{10, 50}, {12, 0}, {10, 50}, {1, 0}}, .usual = 0.05};
    assert_int_equal(over_after(&hour, 2, false), 42);
}

/* Of what the window would leave, nothing is a storm's. */
static void
spared_is_none(void **state)
{
    (void)state;
    const row ours = {.part = {{36, 100}, {1, 100}}, .usual = 0.05};
    assert_int_equal(over_after(&ours, 1, false), 0);
    assert_in_range(over_after(&ours, 1, true), 1, 24);
}

/* A storm that has just begun is on. */
static void
just_begun(void **state)
{
    (void)state;
    const uint64_t came[] = {0, 100, 200}, none[3] = {0};
    const double usual[] = {0, 0.05, 0.1};
    const ndr_calm_sums s = {came, came, none, usual};
    for (size_t end = 0; end <= 2; end++)
        assert_false(ndr_calm_is_over(&s, 0, end, 1));
}

/* It is asked of each step, so that a storm's length must not count where it is loud:
 * with its pauses looked for at each step, this takes seconds. */
static void
weeks_of_it(void **state)
{
    (void)state;
    enum { WEEKS = 4 * 7 * 288 };
    uint64_t *came = calloc(WEEKS + 1, sizeof *came);
    uint64_t *none = calloc(WEEKS + 1, sizeof *none);
    double *usual = calloc(WEEKS + 1, sizeof *usual);
    assert_true(came != NULL && none != NULL && usual != NULL);
    for (size_t i = 0; i < WEEKS; i++) {
        came[i + 1] = came[i] + 60 + i * 7919 % 80;
        usual[i + 1] = usual[i] + 0.05;
    }
    const ndr_calm_sums s = {came, came, none, usual};
    for (size_t end = 0; end <= WEEKS; end++)
        assert_false(ndr_calm_is_over(&s, 0, end, 1));
    free(came);
    free(none);
    free(usual);
}

int
main(void)
{
    ADD_ROWS(rows, row_test);
    add_test("twice as long where that is asked for", twice_as_long);
    add_test("what the window would leave is no storm", spared_is_none);
    add_test("what has just begun is not over", just_begun);
    add_test("a storm of weeks is on, each step", weeks_of_it);
    return run_added(__FILE__);
}
