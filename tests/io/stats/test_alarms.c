/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_stats.h"

enum {
    DAY_STEPS = 288,
    PAST = 28 * DAY_STEPS,
    STEPS = PAST + 2 * DAY_STEPS,
    AT = PAST + 100, /* where it begins */
};
#define BEGIN INT64_C(1210550400) /* 2008-05-12T00:00:00Z */

/* Quiet weeks with a bounce of ours an hour, then `rate` a step for `steps`, of which so
 * many percent are judged, and of those ours and forged. */
typedef struct course_row {
    const char *why;
    uint64_t rate;
    size_t steps;
    unsigned judged, ours, forged;
    uint64_t before; /* as much came for an hour, and was of the same, so long before */
    size_t days;
    enum ndr_take take;
    int opened; /* steps behind the beginning, -1: never */
    int closed; /* behind the end */
} course_row;

#define NOT_OURS NDR_TAKE_NOT_OURS
#define FORGED   NDR_TAKE_FORGED
static const course_row rows[] = {
    {"nothing", 0, 0, 0, 0, 0, 0, 0, NOT_OURS, -1, 0},
    {"a hundred a step, none ours", 100, 36, 70, 0, 0, 0, 0, NOT_OURS, 0, 6},
    {"all is ours", 100, 36, 70, 100, 0, 0, 0, NOT_OURS, -1, 0},
    {"half is ours", 100, 36, 70, 50, 0, 0, 0, NOT_OURS, -1, 0},
    {"nothing could be told", 100, 36, 0, 0, 0, 0, 0, NOT_OURS, -1, 0},
    {"ten a step", 10, 24, 70, 0, 0, 0, 0, NOT_OURS, 2, 6},
    {"three a step", 3, 144, 100, 0, 0, 0, 0, NOT_OURS, 9, 6},
    {"one step alone may be the first of several", 1000, 1, 70, 0, 0, 0, 0, NOT_OURS, 0,
     15},
    {"as much came a week before", 100, 12, 70, 0, 0, 100, 7, NOT_OURS, 0, 6},
    {"less came a week before", 100, 12, 70, 0, 0, 60, 7, NOT_OURS, 0, 6},
    {"a window that takes forged ones, of none", 100, 36, 70, 0, 0, 0, 0, FORGED, -1, 0},
    {"of many", 100, 36, 70, 0, 90, 0, 0, FORGED, 0, 6},
    {"of a third", 100, 36, 90, 0, 33, 0, 0, FORGED, -1, 0},
};

static ndr_step_proof
step_of(const course_row *c, size_t i)
{
    const size_t before = AT - c->days * DAY_STEPS;
    const bool on = i >= AT && i < AT + c->steps;
    const bool was = c->before > 0 && i >= before && i < before + 12;
    ndr_step_proof p = {.step = BEGIN + (int64_t)i * NDR_STEP_S};
    p.bounces = on ? c->rate : was ? c->before : 0;
    p.judged = p.bounces * c->judged / 100;
    p.ours = p.judged * c->ours / 100;
    p.forged = p.judged * c->forged / 100;
    if (i % 12 == 0) { /* an hour's one */
        p.bounces++;
        p.judged++;
        p.ours++;
    }
    return p;
}

static void
course_test(void **state)
{
    const course_row *c = *state;
    ndr_proof_series s = {.row = calloc(STEPS, sizeof *s.row)};
    ndr_alarms *a = NULL;
    ndr_alarm at;
    int opened = -1, closed = 0;
    size_t told = 0;
    bool over_before = false;
    assert_non_null(s.row);
    for (size_t i = 0; i < STEPS; i++) {
        const ndr_step_proof p = step_of(c, i);
        if (p.bounces > 0)
            s.row[s.count++] = p;
    }
    ndr_proof_series exact = {
        (ndr_step_proof *)(void *)exact_copy(s.row, s.count * sizeof *s.row), s.count};
    assert_int_equal(ndr_alarms_new(&exact, BEGIN, BEGIN + STEPS * (int64_t)NDR_STEP_S,
                                    c->take, &a, NULL),
                     0);
    free(exact.row); /* nothing of it is borrowed */
    free(s.row);
    for (; ndr_alarms_next(a, &at); told++) {
        assert_int_equal(at.step, BEGIN + (int64_t)told * NDR_STEP_S);
        assert_true(at.usual_known == (told >= 3 * DAY_STEPS));
        if (at.on && told >= AT && opened < 0)
            opened = (int)(told - AT);
        if (opened >= 0 && closed == 0 && at.on)
            over_before |= ndr_alarms_are_over(a, BEGIN + (AT + opened) * NDR_STEP_S, 1);
        if (opened >= 0 && closed == 0 && !at.on) {
            closed = (int)(told + 1 - AT - c->steps);
            assert_true(ndr_alarms_are_over(a, BEGIN + (AT + opened) * NDR_STEP_S, 1));
            assert_false(ndr_alarms_are_over(a, BEGIN + (AT + opened) * NDR_STEP_S, 4));
        }
    }
    assert_int_equal(told, STEPS); /* the one that is under way is not told */
    assert_int_equal(opened, c->opened);
    assert_false(over_before);
    if (opened >= 0)
        assert_in_range(closed, 1, c->closed);
    ndr_alarms_free(a);
}

/* A window that opened when the counts told something else: now it is found by no alarm,
 * and has to end by calm all the same, behind what came and within the two hours that are
 * waited for at most. */
static void
no_alarm_test(void **state)
{
    (void)state;
    const course_row half = {.rate = 100, .steps = 36, .judged = 70, .ours = 50};
    ndr_step_proof *row = calloc(STEPS, sizeof *row);
    ndr_alarms *a = NULL;
    ndr_alarm at;
    size_t over = 0;
    assert_non_null(row);
    for (size_t i = 0; i < STEPS; i++)
        row[i] = step_of(&half, i);
    const ndr_proof_series s = {row, STEPS};
    assert_int_equal(ndr_alarms_new(&s, BEGIN, BEGIN + STEPS * (int64_t)NDR_STEP_S,
                                    half.take, &a, NULL),
                     0);
    for (size_t i = 0; over == 0 && ndr_alarms_next(a, &at); i++) {
        assert_false(at.on);
        if (i >= AT && ndr_alarms_are_over(a, BEGIN + AT * (int64_t)NDR_STEP_S, 1))
            over = i + 1;
    }
    assert_in_range(over, AT + half.steps + 6, AT + half.steps + 24);
    ndr_alarms_free(a);
    free(row);
}

/*
 * Two storms, of which the second is half ours and raises no alarm: a window that opened
 * with it, for counts told something else then, ends by its own calm. By the rate of the
 * first, three times as high, it would be calm in the middle of it.
 */
static void
other_storm_test(void **state)
{
    (void)state;
    enum { LATER = AT + 40 };
    const course_row first = {.rate = 300, .steps = 24, .judged = 70};
    const course_row half = {.rate = 40, .steps = 60, .judged = 70, .ours = 55};
    ndr_step_proof *row = calloc(STEPS, sizeof *row);
    ndr_alarms *a = NULL;
    ndr_alarm at;
    size_t over = 0, seen = 0;
    assert_non_null(row);
    for (size_t i = 0; i < STEPS; i++) {
        row[i] = step_of(&first, i);
        if (i >= LATER && i < LATER + half.steps) {
            row[i] = step_of(&half, AT);
            row[i].step = BEGIN + (int64_t)i * NDR_STEP_S;
        }
    }
    const ndr_proof_series s = {row, STEPS};
    assert_int_equal(ndr_alarms_new(&s, BEGIN, BEGIN + STEPS * (int64_t)NDR_STEP_S,
                                    NOT_OURS, &a, NULL),
                     0);
    for (size_t i = 0; over == 0 && ndr_alarms_next(a, &at); i++) {
        seen += at.on && i < LATER;
        assert_false(at.on && i >= LATER);
        if (i >= LATER && ndr_alarms_are_over(a, BEGIN + LATER * (int64_t)NDR_STEP_S, 1))
            over = i + 1;
    }
    assert_true(seen > 0);
    assert_in_range(over, LATER + half.steps + 1, LATER + half.steps + 24);
    ndr_alarms_free(a);
    free(row);
}

/*
 * A window that opens, by a clock that counts lag behind, a step after its storm was
 * taken for calm: it is that storm's, and what goes on behind it, little beside it and
 * half ours, does not keep the window open for as long as it lasts.
 */
static void
late_window_test(void **state)
{
    (void)state;
    enum { TAIL = 90 };
    const course_row first = {.rate = 300, .steps = 24, .judged = 70};
    const course_row half = {.rate = 40, .steps = 1, .judged = 70, .ours = 55};
    ndr_step_proof *row = calloc(STEPS, sizeof *row);
    ndr_alarms *a = NULL;
    ndr_alarm at;
    size_t ended = 0, over = 0;
    bool on = false;
    assert_non_null(row);
    for (size_t i = 0; i < STEPS; i++) {
        const bool tail = i >= AT + first.steps && i < AT + first.steps + TAIL;
        row[i] = tail ? step_of(&half, AT) : step_of(&first, i);
        row[i].step = BEGIN + (int64_t)i * NDR_STEP_S;
    }
    const ndr_proof_series s = {row, STEPS};
    assert_int_equal(ndr_alarms_new(&s, BEGIN, BEGIN + STEPS * (int64_t)NDR_STEP_S,
                                    NOT_OURS, &a, NULL),
                     0);
    for (size_t i = 0; over == 0 && ndr_alarms_next(a, &at); i++) {
        if (on && !at.on)
            ended = i + 1;
        on = at.on;
        if (ended > 0 &&
            ndr_alarms_are_over(a, BEGIN + (int64_t)(ended + 1) * NDR_STEP_S, 1))
            over = i + 1;
    }
    assert_in_range(ended, AT + first.steps, AT + first.steps + 12);
    assert_in_range(over, ended + 2, ended + 12);
    ndr_alarms_free(a);
    free(row);
}

/* A window that is older than the counts: calm is asked of what there is. */
static void
older_window_test(void **state)
{
    (void)state;
    ndr_step_proof row[2 * DAY_STEPS];
    ndr_alarms *a = NULL;
    ndr_alarm at;
    size_t over = 0;
    for (size_t i = 0; i < 2 * DAY_STEPS; i++)
        row[i] = (ndr_step_proof){.step = BEGIN + (int64_t)i * NDR_STEP_S,
                                  .bounces = i < 48 ? 100 : 0,
                                  .judged = i < 48 ? 70 : 0};
    const ndr_proof_series s = {row, 2 * DAY_STEPS};
    assert_int_equal(
        ndr_alarms_new(&s, BEGIN, BEGIN + 2 * INT64_C(86400), NOT_OURS, &a, NULL), 0);
    for (size_t i = 0; over == 0 && ndr_alarms_next(a, &at); i++) {
        assert_true(at.usual_known == (i >= 3 * DAY_STEPS));
        if (ndr_alarms_are_over(a, BEGIN - 3600, 1))
            over = i + 1;
    }
    assert_in_range(over, 48 + 6, 48 + 24);
    ndr_alarms_free(a);
}

/* What is known of the domain's own mail. */
static void
past_test(void **state)
{
    (void)state;
    ndr_step_proof row[40];
    ndr_alarms *a = NULL;
    ndr_alarm at = {0};
    for (size_t i = 0; i < 40; i++)
        row[i] = (ndr_step_proof){
            .step = BEGIN + (int64_t)i * 86400, .bounces = 3, .judged = 2, .ours = 1};
    const ndr_proof_series s = {row, 40};
    assert_int_equal(
        ndr_alarms_new(&s, BEGIN, BEGIN + 40 * INT64_C(86400), NOT_OURS, &a, NULL), 0);
    while (ndr_alarms_next(a, &at))
        ;
    assert_int_equal(at.past_judged, 2 * 28);
    assert_int_equal(at.past_ours, 28);
    assert_false(at.many);
    assert_true(at.began == NDR_TIME_UNKNOWN);
    ndr_alarms_free(a);
}

/* A file whose numbers cannot be: ours and forged above judged, judged above bounces. */
static void
odd_test(void **state)
{
    (void)state;
    const ndr_step_proof row[] = {
        {.step = BEGIN, .bounces = 1, .junk = 9, .judged = 5, .ours = 9, .forged = 9},
        {.step = BEGIN + NDR_STEP_S, .judged = 5, .ours = 9, .forged = 9}};
    ndr_proof_series s = {(ndr_step_proof *)(void *)exact_copy(row, sizeof row), 2};
    for (int take = NOT_OURS; take <= FORGED; take++) {
        ndr_alarms *a = NULL;
        ndr_alarm at;
        assert_int_equal(ndr_alarms_new(&s, NDR_TIME_UNKNOWN, BEGIN + 86400,
                                        (enum ndr_take)take, &a, NULL),
                         0);
        while (ndr_alarms_next(a, &at))
            assert_false(at.on);
        ndr_alarms_free(a);
    }
    free(s.row);
}

int
main(void)
{
    ADD_ROWS(rows, course_test);
    add_test("a window without an alarm ends by calm", no_alarm_test);
    add_test("a storm that had ended is not the one of a later window", other_storm_test);
    add_test("a window of the end of a storm is that storm's", late_window_test);
    add_test("a window older than the counts ends by calm", older_window_test);
    add_test("what is known of the domain's own mail is of 28 days", past_test);
    add_test("numbers that cannot be harm nobody", odd_test);
    return run_added("alarms");
}
