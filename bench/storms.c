/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * storms.c - how soon is a storm seen, is it called calm too soon, and how often is none
 * taken for one?
 *
 * Histories of domains are made (histories.h), storms added, and all of it is given to
 * ndr_outlook_of, which ndrscan report, the console and `windows settle` go by.
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
    MORE = 96,              /* steps behind its end that are looked at */
    MINUTE = 60,
};
#define MONDAY INT64_C(1210550400) /* 2008-05-12T00:00:00Z */

static ndr_step_count row[STEPS];

static int64_t
time_of(size_t step)
{
    return MONDAY + (int64_t)step * NDR_STEP_S;
}

static ndr_outlook
judge(const uint64_t *n, size_t steps)
{
    ndr_series s = {.domain = "example.com", .row = row};
    ndr_outlook o;
    ndr_error err = {0};
    for (size_t i = 0; i < steps; i++)
        if (n[i] > 0)
            row[s.count++] = (ndr_step_count){time_of(i), n[i], 0};
    if (ndr_outlook_of(&s, MONDAY, time_of(steps), &o, &err) != 0) {
        (void)fprintf(stderr, "storms: %s\n", err.text);
        exit(2);
    }
    return o;
}

/* ---- false ones ------------------------------------------------------------------- */

static void
count_false(uint64_t seed, size_t weeks, bool mailings)
{
    static uint64_t n[STEPS];
    size_t told = 0, domains = 0, sent = 0;
    for (size_t i = 0; i < weeks; i++) {
        rng r;
        rng_seed(&r, seed + i, mailings ? 2 : 1);
        history_usual(&r, history_size(&r), n, STEPS);
        if (mailings && rng_percent(&r, 50))
            sent += history_mailings(&r, PAST, n, STEPS);
        ndr_outlook o = judge(n, STEPS);
        size_t here = 0;
        for (size_t k = 0; k < o.count; k++)
            here += o.storm[k].told >= time_of(PAST);
        told += here;
        domains += here > 0;
        ndr_outlook_clear(&o);
    }
    if (mailings)
        (void)printf("%zu domain-weeks, half of them with mailings (%zu): %zu times many "
                     "bounces, at %zu domains\n",
                     weeks, sent, told, domains);
    else
        (void)printf("%zu domain-weeks without mailings: %zu false\n", weeks, told);
}

/* ---- storms ------------------------------------------------------------------------ */

/* What came of a shape's storms; minutes. */
typedef struct figures {
    size_t count, missed, late; /* late: found, not within the shape's time */
    double *wait;               /* until each was found, `count - missed` of them */
    size_t off;                 /* its beginning is 15 minutes off or more */
    size_t early;               /* called calm while it was on */
    double *calm;               /* until each was called calm, behind its end */
} figures;

/* Minutes behind its end until all that is known to be over is told so. */
static double
calm_after(const uint64_t *n, size_t end)
{
    size_t more = 0;
    for (bool over = false; !over && more < MORE; more += 3) {
        ndr_outlook o = judge(n, end + more);
        over = o.count == 0 || o.storm[o.count - 1].ended != NDR_TIME_OPEN;
        ndr_outlook_clear(&o);
    }
    return (double)(more - 3) * NDR_STEP_S / MINUTE;
}

static void
one_storm(rng *r, const storm_shape *shape, figures *f)
{
    static uint64_t n[STEPS];
    double a_day;
    do
        a_day = history_size(r);
    while (shape->small && a_day >= SMALL);
    history_usual(r, a_day, n, STEPS);
    const size_t at = PAST + rng_below(r, JUDGED - ROOM), end = at + shape->steps;
    const unsigned second = rng_below(r, NDR_STEP_S);
    history_storm(r, shape, at, second, n, STEPS);
    const int64_t onset = time_of(at) + second;
    ndr_outlook o = judge(n, end); /* the last moment of it */
    const ndr_storm *first = NULL;
    for (size_t i = 0; i < o.count && first == NULL; i++)
        if (o.storm[i].told >= time_of(at))
            first = &o.storm[i];
    f->count++;
    if (first == NULL) {
        f->missed++;
        ndr_outlook_clear(&o);
        return;
    }
    const double wait = (double)(first->told + NDR_STEP_S - onset) / MINUTE;
    const int64_t off = first->began - time_of(at);
    f->wait[f->count - f->missed - 1] = wait;
    f->late += wait > shape->within;
    f->off += off >= 15 * MINUTE || off <= -15 * MINUTE;
    f->early += first->resumed > 0 || first != &o.storm[o.count - 1] ||
                first->ended != NDR_TIME_OPEN;
    f->calm[f->count - f->missed - 1] = calm_after(n, end);
    ndr_outlook_clear(&o);
}

static void
measure(uint64_t seed, size_t shape_at, size_t count)
{
    const storm_shape *shape = &storm_shapes[shape_at];
    figures f = {.wait = calloc(count + 1, sizeof *f.wait),
                 .calm = calloc(count + 1, sizeof *f.calm)};
    if (f.wait == NULL || f.calm == NULL) {
        (void)fprintf(stderr, "storms: out of memory\n");
        exit(2);
    }
    for (size_t i = 0; i < count; i++) {
        rng r;
        rng_seed(&r, seed + i, 10 + shape_at);
        one_storm(&r, shape, &f);
    }
    const size_t found = f.count - f.missed;
    qsort(f.wait, found, sizeof *f.wait, double_compare);
    qsort(f.calm, found, sizeof *f.calm, double_compare);
    (void)printf(
        "| %s | %zu | %.0f | %.0f | %.0f | %u | %zu | %zu | %zu | %.0f | %.0f |\n",
        shape->name, found, double_at_share(f.wait, found, 50),
        double_at_share(f.wait, found, 95), double_at_share(f.wait, found, 100),
        shape->within, f.late, f.off, f.early, double_at_share(f.calm, found, 50),
        double_at_share(f.calm, found, 95));
    free(f.wait);
    free(f.calm);
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
    size_t weeks = 1000, storms = 500, seed = 1;
    bool good = argc % 2 == 1;
    for (int i = 1; i + 1 < argc && good; i += 2)
        good = strcmp(argv[i], "--weeks") == 0    ? number(argv[i + 1], &weeks)
               : strcmp(argv[i], "--storms") == 0 ? number(argv[i + 1], &storms)
               : strcmp(argv[i], "--seed") == 0   ? number(argv[i + 1], &seed)
                                                  : false;
    if (!good) {
        (void)fprintf(stderr,
                      "usage: storms [--weeks N (1000)] [--storms N (500), of each "
                      "shape] [--seed N (1)]\n");
        return 2;
    }
    count_false(seed, weeks, false);
    count_false(seed, weeks, true);
    (void)printf(
        "\n| %zu storms of each shape | found | minutes: half | 95 %% | all | goal "
        "| later | beginning off | calm too soon | told calm after: half | 95 %% |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        storms);
    for (size_t i = 0; storms > 0 && i < storm_shape_count; i++)
        measure(seed, i, storms);
    return fflush(stdout) == 0 ? 0 : 2;
}
