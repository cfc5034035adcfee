/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * storms.c - when was there a storm of bounces, and is it over?
 *
 * A storm may be thousands within minutes or six each five minutes all night: what came
 * is summed up over several lengths, and each sum held against what usually comes in that
 * time. A rule for single steps sees the one or the other.
 *
 * It is over when too little came for as long as this storm would have to pause for that
 * not to be chance: a slow one and one that pulses have silences of their own.
 */
#include "usual_rate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many steps, and the least that is a storm in them. */
typedef struct scale {
    size_t steps;
    double least;
} scale;
static const scale scales[] = {
    {1, 30}, {2, 30}, {3, 24}, {6, 24}, {12, 30}, {24, 36}, {48, 48},
};
enum {
    SCALES = sizeof scales / sizeof scales[0],
    LONGEST = 48,       /* steps: the last scale */
    TIMES_USUAL = 3,    /* and some for chance: */
    TIMES_ROOT = 6,     /* a sum with both is a storm's */
    UNKNOWN_FACTOR = 4, /* times the least, while it is not known what is usual */

    DAY = 24 * NDR_STEPS_AN_HOUR,
    PAST_DAYS = NDR_STORM_PAST_S / 86400,
    HABIT_DAYS = 3,   /* of them on which it happened: it is what the domain does */
    HABIT_STEPS = 36, /* what takes longer is no mailing of its own */

    CALM_STEPS = NDR_CALM_S / NDR_STEP_S,
    CALM_USUAL = 2,     /* times the usual, and some for chance: */
    CALM_ROOT = 3,      /* a sum within both is calm */
    CALM_EXPECTED = 20, /* bounces that a storm would bring in a pause: it is no chance */
    BURST_STEPS = 3,    /* a storm of so few may be the first of several bursts; */
    BURST_CALM = 12,    /* they are waited for */
    PAUSE_MAX = 24,     /* steps after which what comes is another storm */
    CALM_LONG = 86400,  /* how long a storm that has ended is news */
};
static const double HABIT_ROOT = 8;
static const double HABIT_FACTOR = 2.0; /* times as much is no habit any more */
static const double CALM_LEAST =
    12; /* bounces in CALM_STEPS that may be a storm's tail, */
static const double TAIL_SHARE = 0.1;  /* if they are less than so much of its rate */
static const double LOUD_SHARE = 0.25; /* of its rate: a step that belongs to it */

/* How far one has come. */
typedef struct course {
    ndr_dense d;
    ndr_outlook *o;
    bool on;                       /* the last storm of `o` is */
    size_t began;                  /* its first step, */
    size_t free;                   /* the first that belongs to none, */
    size_t loud, last_loud, pause; /* its loud steps, and the longest between two */
    double rate;                   /* of the last storm, bounces a step */
    uint64_t (*most)[SCALES]; /* of each day: the most that came, and was kept, within one
                                 scale, long storms left out */
} course;

/* ---- a beginning ---------------------------------------------------------------- */

/* The first step of what a scale sums up at the end of `step`. */
static size_t
scale_from(const course *c, size_t which, size_t step)
{
    const size_t end = step + 1, steps = scales[which].steps;
    const size_t from = end > steps ? end - steps : 0;
    return from > c->free ? from : c->free;
}

/* Put down what a day had, for the days to come. */
static void
remember(course *c, size_t step)
{
    uint64_t *most = c->most[step / DAY];
    for (size_t i = 0; i < SCALES; i++) {
        const uint64_t n = c->d.kept[step + 1] - c->d.kept[scale_from(c, i, step)];
        most[i] = n > most[i] ? n : most[i];
    }
}

/*
 * So much within a scale is the domain's habit: on HABIT_DAYS of the days before there
 * was as much, and nobody blocked it. Its newsletters come back in a like way each time.
 */
static double
habit(const course *c, size_t which, size_t step)
{
    uint64_t top[HABIT_DAYS] = {0}; /* descending */
    const size_t today = step / DAY;
    for (size_t day = today > PAST_DAYS ? today - PAST_DAYS : 0; day < today; day++) {
        uint64_t n = c->most[day][which];
        for (size_t k = 0; k < HABIT_DAYS; k++)
            if (n > top[k]) {
                const uint64_t less = top[k];
                top[k] = n;
                n = less;
            }
    }
    return ndr_dense_most((double)top[HABIT_DAYS - 1], HABIT_FACTOR, HABIT_ROOT);
}

static bool
is_storm(const course *c, size_t step)
{
    const size_t end = step + 1;
    for (size_t i = 0; i < SCALES; i++) {
        const size_t from = scale_from(c, i, step);
        const double came = (double)ndr_dense_count(&c->d, from, end);
        const double least = scales[i].least * (c->d.known ? 1 : UNKNOWN_FACTOR);
        if (came >= least &&
            came >= ndr_dense_most(ndr_dense_expected(&c->d, from, end), TIMES_USUAL,
                                   TIMES_ROOT) &&
            came >= habit(c, i, step))
            return true;
    }
    return false;
}

static void
mark(course *c, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++)
        c->d.stormy[i / NDR_STEPS_AN_HOUR] = true;
}

/* Take a step into the storm that is on. */
static void
go_on(course *c, size_t step)
{
    const double n = (double)ndr_dense_count(&c->d, step, step + 1);
    mark(c, step, step + 1);
    c->rate = (double)ndr_dense_count(&c->d, c->began, step + 1) /
              (double)(step + 1 - c->began);
    if (n < LOUD_SHARE * c->rate || !ndr_dense_is_many(&c->d, step))
        return;
    if (c->loud > 0 && step - c->last_loud - 1 > c->pause)
        c->pause = step - c->last_loud - 1;
    c->loud++;
    c->last_loud = step;
}

static bool
begin(course *c, size_t step)
{
    ndr_outlook *o = c->o;
    const size_t first = ndr_dense_onset(&c->d, c->free, step);
    const int64_t at = ndr_dense_time(&c->d, first);
    ndr_storm *last = o->count > 0 ? &o->storm[o->count - 1] : NULL;
    c->on = true;
    o->calm_since = NDR_TIME_UNKNOWN;
    if (last != NULL && at - last->ended <= PAUSE_MAX * NDR_STEP_S) {
        last->ended = NDR_TIME_OPEN; /* it had paused only */
        last->resumed++;
    } else {
        if ((o->count & (o->count - 1)) == 0) { /* room doubles at powers of two */
            const size_t cap = o->count == 0 ? 1 : o->count * 2;
            ndr_storm *longer = realloc(o->storm, cap * sizeof *longer);
            if (longer == NULL)
                return false;
            o->storm = longer;
        }
        o->storm[o->count++] = (ndr_storm){
            .began = at,
            .told = ndr_dense_time(&c->d, step),
            .ended = NDR_TIME_OPEN,
            .usual = c->d.usual,
            .usual_known = c->d.known,
        };
        c->began = first;
        c->loud = c->pause = 0;
    }
    for (size_t i = first; i < step; i++)
        go_on(c, i);
    return true;
}

/* ---- an end --------------------------------------------------------------------- */

/* How many steps must be calm. */
static size_t
calm_steps(const course *c, double rate)
{
    double need = rate > 0 ? ceil(CALM_EXPECTED / rate) : 0;
    if (c->on && c->loud <= BURST_STEPS && need < BURST_CALM)
        need = BURST_CALM;
    if (c->on && need < 2 * (double)c->pause)
        need = 2 * (double)c->pause;
    return need <= CALM_STEPS ? CALM_STEPS : need >= LONGEST ? LONGEST : (size_t)need;
}

/* The rate of what is going on: of a storm, or of hours in which much came that was none.
 */
static double
rate_of(const course *c, size_t step)
{
    if (c->on)
        return c->rate;
    const size_t from = step + 1 > LONGEST ? step + 1 - LONGEST : 0;
    const double came = (double)ndr_dense_count(&c->d, from, step + 1);
    return came > ndr_dense_most(ndr_dense_expected(&c->d, from, step + 1), CALM_USUAL,
                                 CALM_ROOT)
               ? came / (double)(step + 1 - from)
               : 0;
}

/* 0; or so many steps up to this one have been calm. */
static size_t
calm_for(const course *c, size_t step)
{
    const size_t need = calm_steps(c, rate_of(c, step));
    const size_t have = step + 1 < need ? step + 1 : need;
    const size_t from = step + 1 - have;
    double most =
        ndr_dense_most(ndr_dense_expected(&c->d, from, step + 1), CALM_USUAL, CALM_ROOT);
    if (c->rate > 0 || !c->d.known) { /* the tail of a storm is none */
        double tail = TAIL_SHARE * c->rate * CALM_STEPS;
        tail = tail < CALM_LEAST && c->d.known ? tail : CALM_LEAST;
        tail *= (double)have / CALM_STEPS;
        most = tail > most ? tail : most;
    }
    if (c->on && (have < need || (c->loud > 0 && c->last_loud >= from)))
        return 0;
    return (double)ndr_dense_count(&c->d, from, step + 1) <= most ? have : 0;
}

static void
judge_calm(course *c, size_t step)
{
    ndr_outlook *o = c->o;
    const size_t steps = calm_for(c, step);
    if (steps == 0) {
        o->calm_since = NDR_TIME_UNKNOWN;
        return;
    }
    if (o->calm_since == NDR_TIME_UNKNOWN)
        o->calm_since = ndr_dense_time(&c->d, step + 1 - steps);
    if (c->on) {
        ndr_storm *storm = &o->storm[o->count - 1];
        storm->ended =
            o->calm_since > storm->began ? o->calm_since : ndr_dense_time(&c->d, step);
        c->on = false;
        if (storm->ended - storm->began <= HABIT_STEPS * NDR_STEP_S)
            for (size_t i = c->began; i <= step; i++)
                remember(c, i);
        c->free = step + 1 - steps;
    } else if (o->count > 0 &&
               ndr_dense_time(&c->d, step) - o->storm[o->count - 1].ended > CALM_LONG) {
        c->rate = 0;
    }
}

/* ---- all of it ------------------------------------------------------------------ */

static void
sum_up(ndr_storm *storm, const ndr_series *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const ndr_step_count *row = &s->row[i];
        if (row->step < storm->began || row->step >= storm->ended)
            continue;
        storm->bounces += row->bounces;
        storm->junk += row->junk;
        if (row->bounces > storm->peak) {
            storm->peak = row->bounces;
            storm->peak_at = row->step;
        }
    }
}

/* All steps; `usual` (NULL allowed) gets that of each of `count` from `from` on. */
static int
run(const ndr_series *s, int64_t begin_at, int64_t now, ndr_outlook *o, int64_t from,
    size_t count, double *usual, ndr_error *err)
{
    course c = {.o = o};
    *o = (ndr_outlook){.calm_since = NDR_TIME_UNKNOWN};
    for (size_t i = 0; i < count; i++)
        usual[i] = -1;
    int rc = ndr_dense_fill(&c.d, s, begin_at, now, err);
    if (rc < 0)
        return rc;
    c.most = calloc(c.d.steps / DAY + 1, sizeof *c.most);
    if (c.most == NULL)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t step = 0; step < c.d.steps && rc == 0; step++) {
        ndr_dense_usual_rate(&c.d, step);
        if (!c.on && is_storm(&c, step) && !begin(&c, step))
            rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
        if (c.on)
            go_on(&c, step);
        else
            remember(&c, step);
        if (ndr_dense_time(&c.d, step) + NDR_STEP_S <= now) /* else it may still fill */
            judge_calm(&c, step);
        const int64_t at = ndr_dense_time(&c.d, step) - from;
        if (at >= 0 && (uint64_t)at / NDR_STEP_S < count && c.d.known)
            usual[at / NDR_STEP_S] = c.d.usual;
    }
    o->usual = c.d.usual;
    o->usual_known = c.d.known;
    free(c.most);
    ndr_dense_clear(&c.d);
    if (rc < 0)
        ndr_outlook_clear(o);
    return rc;
}

int
ndr_outlook_of(const ndr_series *s, int64_t begin, int64_t now, ndr_outlook *ret,
               ndr_error *err)
{
    const int rc = run(s, begin, now, ret, 0, 0, NULL, err);
    for (size_t i = 0; rc == 0 && i < ret->count; i++)
        sum_up(&ret->storm[i], s);
    return rc;
}

int
ndr_usual_rates(const ndr_series *s, int64_t begin, int64_t step, size_t count,
                double *ret, ndr_error *err)
{
    ndr_outlook o;
    if (count == 0)
        return 0;
    const int64_t end = step + (int64_t)(count - 1) * NDR_STEP_S;
    const int rc = run(s, begin, end, &o, step, count, ret, err);
    if (rc == 0)
        ndr_outlook_clear(&o);
    return rc;
}

void
ndr_outlook_clear(ndr_outlook *o)
{
    free(o->storm);
    *o = (ndr_outlook){0};
}

/* ---- what follows ---------------------------------------------------------------- */

enum ndr_state
ndr_outlook_state(const ndr_outlook *o, bool blocked, int64_t now)
{
    if (blocked)
        return NDR_STATE_BLOCKED;
    if (o->count == 0)
        return NDR_STATE_QUIET;
    const int64_t ended = o->storm[o->count - 1].ended;
    if (ended == NDR_TIME_OPEN)
        return NDR_STATE_STORM;
    return now - ended < CALM_LONG ? NDR_STATE_CALM : NDR_STATE_QUIET;
}

const char *
ndr_state_name(enum ndr_state state)
{
    static const char *const names[] = {"Many", "Blocked", "Calm", "Quiet"};
    return names[state];
}

bool
ndr_window_is_over(const ndr_window *w, const ndr_outlook *o, int64_t now)
{
    return w->until_calm && now - w->from >= NDR_CALM_S &&
           o->calm_since != NDR_TIME_UNKNOWN && now - o->calm_since >= NDR_CALM_S;
}

int
ndr_window_settled(const ndr_window *w, const ndr_series_list *list, int64_t now,
                   bool *ret, ndr_error *err)
{
    const ndr_series silent = {0};
    const int64_t known = list->fresh < now ? list->fresh : now;
    bool over = w->until_calm && w->from <= now && now < w->until;
    bool any = false;
    for (size_t i = 0; over && i <= list->count; i++) {
        const bool last = i == list->count;
        if (last ? any : !ndr_window_is_for(w, ndr_slice_of(list->series[i].domain)))
            continue;
        ndr_outlook o;
        const int rc = ndr_outlook_of(last ? &silent : &list->series[i], list->begin,
                                      known, &o, err);
        if (rc < 0)
            return rc;
        any = true;
        over = ndr_window_is_over(w, &o, known);
        ndr_outlook_clear(&o);
    }
    *ret = over;
    return 0;
}
