/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * openings.c - how often would a window open itself wrongly, how soon rightly, and when
 * would it end?
 *
 * Histories of domains are made (histories.h), with whose mail came back; storms are
 * added, and all of it is given to ndr_alarms_*, which `ndrscan watch --auto` goes by.
 */
#include "histories.h"
#include "ndrscan_stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAST = 4 * HISTORY_WEEK, /* before what is judged */
    JUDGED = HISTORY_WEEK,
    STEPS = PAST + JUDGED,
    ROOM = 2 * HISTORY_DAY, /* behind a storm's onset, and in it the storm and its end */
    SMALL = 24,             /* bounces a day: whom small storms are for */
    CLOSED_WITHIN = 45,     /* minutes behind its end */
    MINUTE = 60,

    /* storms that come in pulses; minutes and percent */
    PERIOD_LEAST = 10,
    PERIOD_MOST = 60,
    PERIOD_STEP = 5,
    JITTER_MOST = 30,
    DUTY_MOST = 50,
    PULSE = 150,
    PULSES_LAST = 6 * 60,
    PULSES_WITHIN = 15,
};
#define MONDAY INT64_C(1210550400) /* 2008-05-12T00:00:00Z */

/* ---- histories with whose mail came back --------------------------------------------
 */

/* What a kind of history is like; percent. */
typedef struct kind {
    const char *name;
    unsigned judged;   /* of all bounces: enough came back to tell */
    unsigned ours;     /* of what is usual and judged */
    unsigned of_lists; /* of what comes back of mailings and is judged */
    unsigned steady;   /* how even hours are: 2 is usual, 1 is not at all */
} kind;

static const kind kinds[] = {
    {"usual: 60 % of what is judged is ours", 70, 60, 97, 2},
    {"stress: 30 %, hours as uneven as can be", 70, 30, 97, 1},
    {"stress: 30 % of few judged, mailings known by 90 %", 30, 30, 90, 1},
};
enum { STORM_OURS = 2 }; /* percent */

/* Bounces of each step. */
typedef struct history {
    uint64_t came[STEPS], judged[STEPS], ours[STEPS];
} history;

/* Add what came, `judged` percent of it judged and of those `ours` percent ours. */
static void
add(rng *r, const uint64_t *n, unsigned judged, unsigned ours, history *h)
{
    for (size_t i = 0; i < STEPS; i++) {
        h->came[i] += n[i];
        for (uint64_t k = 0; k < n[i]; k++)
            if (rng_percent(r, judged)) {
                h->judged[i]++;
                h->ours[i] += rng_percent(r, ours);
            }
    }
}

/* A domain's weeks; returns how many mailings began in the last. */
static size_t
make(rng *r, const kind *k, double a_day, bool mailings, history *h)
{
    static uint64_t n[STEPS];
    size_t sent = 0;
    memset(h, 0, sizeof *h);
    history_usual_of(r, a_day, k->steady, n, STEPS);
    add(r, n, k->judged, k->ours, h);
    if (mailings) {
        memset(n, 0, sizeof n);
        sent = history_mailings(r, PAST, n, STEPS);
        add(r, n, k->judged, k->of_lists, h);
    }
    return sent;
}

static int64_t
time_of(size_t step)
{
    return MONDAY + (int64_t)step * NDR_STEP_S;
}

static ndr_alarms *
judge(const history *h)
{
    static ndr_step_proof row[STEPS];
    ndr_proof_series s = {.row = row};
    ndr_alarms *a = NULL;
    ndr_error err = {0};
    for (size_t i = 0; i < STEPS; i++)
        if (h->came[i] > 0)
            row[s.count++] = (ndr_step_proof){.step = time_of(i),
                                              .bounces = h->came[i],
                                              .judged = h->judged[i],
                                              .ours = h->ours[i]};
    if (ndr_alarms_new(&s, MONDAY, time_of(STEPS), NDR_TAKE_NOT_OURS, &a, &err) != 0) {
        (void)fprintf(stderr, "openings: %s\n", err.text);
        exit(2);
    }
    return a;
}

/* ---- false ones ------------------------------------------------------------------- */

static void
count_false(uint64_t seed, size_t weeks, const kind *k, bool tell)
{
    static history h;
    size_t opened = 0, many = 0, domains = 0, sent = 0;
    for (size_t i = 0; i < weeks; i++) {
        rng r;
        rng_seed(&r, seed + i, 1 + (size_t)(k - kinds));
        const double a_day = history_size(&r);
        const bool mailings = rng_percent(&r, 50);
        sent += make(&r, k, a_day, mailings, &h);
        ndr_alarms *a = judge(&h);
        ndr_alarm s;
        bool on = false, was_many = false;
        size_t here = 0;
        while (ndr_alarms_next(a, &s)) {
            const bool now = s.step >= time_of(PAST);
            if (now && s.on && !on) {
                here++;
                if (tell)
                    (void)printf("  seed %zu, %.1f a day%s: %u steps, %d bounces, %d "
                                 "judged, %d ours, usual %.2f\n",
                                 (size_t)seed + i, a_day, mailings ? ", mailings" : "",
                                 s.steps, (int)s.bounces, (int)s.judged, (int)s.ours,
                                 s.usual);
            }
            many += now && s.many && !was_many;
            on = s.on;
            was_many = s.many;
        }
        opened += here;
        domains += here > 0;
        ndr_alarms_free(a);
    }
    (void)printf("| %s | %zu | %zu | %zu | %zu | %zu |\n", k->name, weeks, sent, many,
                 opened, domains);
}

/* ---- storms ------------------------------------------------------------------------ */

static double
burst(size_t i)
{
    return i == 0 ? 1000 : 20;
}

static const storm_shape shapes[] = {
    {"100 a step for 3 h", storm_cliff, 36, false, 15},
    {"rising to 200 a step in 2 h, for 6 h", storm_ramp, 72, false, 50},
    {"150 every 20 minutes for 6 h", storm_pulse_20, 73, false, 15},
    {"1,000 within a step, then 20 a step for 1 h", burst, 12, false, 15},
    {"240 in two hours", storm_small, 24, true, 30},
    {"6 a step for 12 h", storm_six, 144, true, 120},
    {"3 a step for 12 h", storm_three, 144, true, 120},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

#define STORM_COLUMNS                                                                    \
    " | opened | minutes: half | 95 %% | all | goal | later or never | closed in it | "  \
    "closed after: half | 95 %% | all | after 45 |\n"                                    \
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"

/* What came of a shape's storms; minutes. */
typedef struct figures {
    size_t count, found, late, early, closed_late;
    double *wait, *calm;
    uint64_t seed;
    bool tell; /* of each that closed in the storm or late */
} figures;

/* Look for the window of a storm that begins `second` in step `at` and is over at the
 * beginning of step `end`, and has to be found `within` so many minutes. */
static void
look_for(const history *h, size_t at, unsigned second, size_t end, unsigned within,
         figures *f)
{
    ndr_alarms *a = judge(h);
    ndr_alarm s;
    int64_t opened = 0, closed = 0;
    while (closed == 0 && ndr_alarms_next(a, &s)) {
        if (s.step < time_of(at))
            continue;
        if (s.on && opened == 0)
            opened = s.step + NDR_STEP_S;
        else if (!s.on && opened != 0)
            closed = s.step + NDR_STEP_S;
    }
    ndr_alarms_free(a);
    f->count++;
    if (opened == 0 || opened > time_of(end)) {
        f->late++;
        return;
    }
    const double wait = (double)(opened - time_of(at) - second) / MINUTE;
    const double calm = (double)(closed - time_of(end)) / MINUTE;
    f->wait[f->found] = wait;
    f->calm[f->found++] = calm;
    f->late += wait > within;
    f->early += closed != 0 && closed < time_of(end);
    f->closed_late += closed == 0 || calm > CLOSED_WITHIN;
    if (f->tell && (closed == 0 || calm > CLOSED_WITHIN || calm < 0))
        (void)printf("  seed %zu: opened after %.0f minutes, closed %.0f after its end, "
                     "which is %zu steps after its beginning\n",
                     (size_t)f->seed, wait, calm, end - at);
}

static void
one_storm(rng *r, const kind *k, const storm_shape *shape, figures *f)
{
    static history h;
    static uint64_t n[STEPS];
    double a_day;
    do
        a_day = history_size(r);
    while (shape->small && a_day >= SMALL);
    (void)make(r, k, a_day, rng_percent(r, 50), &h);
    const size_t at = PAST + rng_below(r, JUDGED - ROOM);
    const unsigned second = rng_below(r, NDR_STEP_S);
    memset(n, 0, sizeof n);
    history_storm(r, shape, at, second, n, STEPS);
    add(r, n, k->judged, STORM_OURS, &h);
    look_for(&h, at, second, at + shape->steps, shape->within, f);
}

/* One whose pulses come each `period` minutes; how long they take, and how far from their
 * time they come, is its own. */
static void
one_train(rng *r, const kind *k, unsigned period, figures *f)
{
    static history h;
    static uint64_t n[STEPS];
    const storm_pulses p = {.period = period,
                            .jitter = rng_below(r, JITTER_MOST + 1),
                            .duty = 1 + rng_below(r, DUTY_MOST),
                            .size = PULSE,
                            .last = PULSES_LAST};
    (void)make(r, k, history_size(r), rng_percent(r, 50), &h);
    const size_t at = PAST + rng_below(r, JUDGED - ROOM);
    const unsigned second = rng_below(r, NDR_STEP_S);
    memset(n, 0, sizeof n);
    const size_t end = history_pulses(r, &p, at, second, n, STEPS);
    add(r, n, k->judged, STORM_OURS, &h);
    look_for(&h, at, second, end, PULSES_WITHIN, f);
}

static void
begin_figures(figures *f, size_t count, bool tell)
{
    *f = (figures){.tell = tell,
                   .wait = calloc(count + 1, sizeof *f->wait),
                   .calm = calloc(count + 1, sizeof *f->calm)};
    if (f->wait == NULL || f->calm == NULL) {
        (void)fprintf(stderr, "openings: out of memory\n");
        exit(2);
    }
}

static void
end_figures(figures *f, const char *name, unsigned within)
{
    qsort(f->wait, f->found, sizeof *f->wait, double_compare);
    qsort(f->calm, f->found, sizeof *f->calm, double_compare);
    (void)printf("| %s | %zu of %zu | %.0f | %.0f | %.0f | %u | %zu | %zu | %.0f | %.0f "
                 "| %.0f | %zu |\n",
                 name, f->found, f->count, double_at_share(f->wait, f->found, 50),
                 double_at_share(f->wait, f->found, 95),
                 double_at_share(f->wait, f->found, 100), within, f->late, f->early,
                 double_at_share(f->calm, f->found, 50),
                 double_at_share(f->calm, f->found, 95),
                 double_at_share(f->calm, f->found, 100), f->closed_late);
    free(f->wait);
    free(f->calm);
}

static void
measure(uint64_t seed, const kind *k, size_t count, bool tell)
{
    figures f;
    (void)printf("\n| %zu storms of each shape" STORM_COLUMNS, count);
    for (size_t shape = 0; shape < SHAPES; shape++) {
        begin_figures(&f, count, tell);
        for (size_t i = 0; i < count; i++) {
            rng r;
            rng_seed(&r, seed + i, 100 + shape);
            f.seed = seed + i;
            one_storm(&r, k, &shapes[shape], &f);
        }
        end_figures(&f, shapes[shape].name, shapes[shape].within);
    }
}

static void
measure_pulses(uint64_t seed, const kind *k, size_t count, bool tell)
{
    figures f;
    char name[64];
    (void)printf("\n| %zu storms of %d in a pulse, for %d h" STORM_COLUMNS, count, PULSE,
                 PULSES_LAST / 60);
    for (unsigned period = PERIOD_LEAST; period <= PERIOD_MOST; period += PERIOD_STEP) {
        begin_figures(&f, count, tell);
        for (size_t i = 0; i < count; i++) {
            rng r;
            rng_seed(&r, seed + i, 200 + period);
            f.seed = seed + i;
            one_train(&r, k, period, &f);
        }
        (void)snprintf(name, sizeof name, "a pulse each %u minutes", period);
        end_figures(&f, name, PULSES_WITHIN);
    }
}

/* ---- the command ------------------------------------------------------------------- */

static bool
number(const char *text, size_t *ret)
{
    char *end;
    errno = 0;
    const unsigned long long n = strtoull(text, &end, 10);
    *ret = (size_t)n;
    return errno == 0 && end != text && *end == '\0' && n <= 10000000;
}

int
main(int argc, char **argv)
{
    size_t weeks = 1000, storms = 200, pulses = 50, seed = 1, tell = 0;
    bool good = argc % 2 == 1;
    for (int i = 1; i + 1 < argc && good; i += 2)
        good = strcmp(argv[i], "--weeks") == 0    ? number(argv[i + 1], &weeks)
               : strcmp(argv[i], "--storms") == 0 ? number(argv[i + 1], &storms)
               : strcmp(argv[i], "--pulses") == 0 ? number(argv[i + 1], &pulses)
               : strcmp(argv[i], "--seed") == 0   ? number(argv[i + 1], &seed)
               : strcmp(argv[i], "--tell") == 0   ? number(argv[i + 1], &tell)
                                                  : false;
    if (!good) {
        (void)fprintf(stderr,
                      "usage: openings [--weeks N (1000)] [--storms N (200), of each "
                      "shape] [--pulses N (50), storms of each period] [--seed N (1)] "
                      "[--tell 1]\n");
        return 2;
    }
    (void)printf("| domain-weeks, half of them with mailings | weeks | mailings | times "
                 "many | windows opened wrongly | at domains |\n"
                 "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; weeks > 0 && i < sizeof kinds / sizeof kinds[0]; i++)
        count_false(seed, weeks, &kinds[i], tell != 0);
    if (storms > 0)
        measure(seed, &kinds[0], storms, tell != 0);
    if (pulses > 0)
        measure_pulses(seed, &kinds[0], pulses, tell != 0);
    return fflush(stdout) == 0 ? 0 : 2;
}
