/* SPDX-License-Identifier: BSD-3-Clause */
/* calm.c - see calm.h. The numbers were found by bench/openings. */
#include "calm.h"

#include <math.h>

enum {
    /* a storm of no more steps may be the first burst of several, one an hour, and one
     * that has paused has shown too little of its pauses: both are waited for */
    BURST_STEPS = 8,
    PAUSED_STEPS = 12,
    BURST_CALM = 15,

    ROUNDS = 3, /* in which body and calm are parted */
};
/* So much longer than its longest pause; with more behind the half, one pulse that is
 * hardly seen ends no storm of short pauses. */
static const double PAUSE_TIMES = 1.5, PAUSE_MORE = 3.5;

static const double CALM_USUAL = 2, CALM_ROOT = 4.25; /* a sum within both is quiet, */
static const double TAIL_SHARE = 0.15; /* and so much of the storm's rate behind it; */
static const double PAUSE_SHARE = 0.2; /* a pause may be less so; */
static const double HALF_WAY = 0.5, HALF_ROOT = 3; /* neither nearer to the storm than
                                                      to the usual */

static const double CHANCE = -11.5;    /* log of one in 100,000: that it is on still */
static const double PAUSE_CHANCE = -9; /* of one in 8,000: that a pause was none */
static const double RATE_SHARE = 0.9;  /* no rate is known better */
static const double UNEVEN_MOST = 1.5;

/* A storm's body, or what is taken for it; its largest step is left out of all: one that
 * begins with a burst goes on with less. */
typedef struct body {
    const ndr_calm_sums *s;
    size_t began, end;
    double rate;   /* a step */
    double more;   /* of it, than is usual */
    double spread; /* so many even steps would bring as much, as unevenly */
    double uneven; /* its variance by its mean; chance alone makes it 1 */
} body;

/* What came in [from, until) and is not what the window would leave. */
static double
strangers(const ndr_calm_sums *s, size_t from, size_t until)
{
    const double came = (double)(s->came[until] - s->came[from]);
    const double judged = (double)(s->judged[until] - s->judged[from]);
    const double spared = (double)(s->spared[until] - s->spared[from]);
    return judged > 0 ? came * (1 - spared / judged) : came;
}

static double
usual(const ndr_calm_sums *s, size_t from, size_t until)
{
    return s->usual[until] - s->usual[from];
}

static body
body_of(const ndr_calm_sums *s, size_t began, size_t end)
{
    body b = {.s = s, .began = began, .end = end};
    if (end <= began + 1)
        return b;
    size_t most = began;
    for (size_t i = began; i < end; i++)
        if (s->came[i + 1] - s->came[i] > s->came[most + 1] - s->came[most])
            most = i;
    double squares = 0;
    for (size_t i = began; i < end; i++) {
        const double n = i != most ? strangers(s, i, i + 1) : 0;
        squares += n * n;
    }
    const double steps = (double)(end - began - 1);
    const double all = strangers(s, began, most) + strangers(s, most + 1, end);
    const double expected = usual(s, began, most) + usual(s, most + 1, end);
    b.rate = all / steps;
    b.more = fmax(all - expected, 0) / steps;
    if (squares > 0) {
        b.spread = all * all / squares;
        b.uneven = squares / all - b.rate;
    }
    return b;
}

/* Is [from, until) as little as is usual, and `share` of the rate? */
static bool
is_quiet(const body *b, size_t from, size_t until, double share)
{
    const double n = (double)(until - from), u = usual(b->s, from, until);
    const double most = CALM_USUAL * u + CALM_ROOT * sqrt(u) + share * n * b->rate;
    const double half = u + HALF_ROOT * sqrt(u) + HALF_WAY * n * b->more;
    return strangers(b->s, from, until) <= fmin(most, half);
}

/* Is it less probable than `chance` (its log) that so little came, if the storm was on?
 * Chernoff's bound, of a storm as `uneven`. */
static bool
is_no_chance(const body *b, size_t from, size_t until, double chance, double uneven)
{
    const double came = strangers(b->s, from, until);
    const double want = RATE_SHARE * b->rate * (double)(until - from);
    return came < want &&
           came - want + (came > 0 ? came * log(want / came) : 0) <= chance * uneven;
}

/* So many steps before `end` are quiet, however few of them are looked at; 0, or
 * NDR_CALM_LEAST to `most`. */
static size_t
quiet_before(const body *b, size_t end, size_t most)
{
    size_t n = NDR_CALM_LEAST;
    while (n <= most && n <= end - b->began && is_quiet(b, end - n, end, TAIL_SHARE))
        n++;
    return n > NDR_CALM_LEAST ? n - 1 : 0;
}

/* So many steps it was quiet at most before it went on, and by no chance. A storm has to
 * be before them: what is little at its beginning was no pause. */
static size_t
longest_pause(const body *b)
{
    const size_t all = b->end - b->began;
    for (size_t n = all < NDR_CALM_MOST ? all : NDR_CALM_MOST; n > 0; n--)
        for (size_t from = b->end - n; from > b->began; from--)
            if (is_quiet(b, from, from + n, PAUSE_SHARE) &&
                is_no_chance(b, from, from + n, PAUSE_CHANCE, 1) &&
                strangers(b->s, b->began, from) >= b->rate * (double)n)
                return n;
    return 0;
}

/* Is it but a burst, whose rate tells nothing? */
static bool
is_burst(const body *b, size_t pause)
{
    return b->spread <= (pause > 0 ? PAUSED_STEPS : BURST_STEPS);
}

/* How many steps have to be calm behind it. */
static size_t
calm_needed(const body *b, size_t pause)
{
    double need = is_burst(b, pause) ? BURST_CALM : NDR_CALM_LEAST;
    if (pause > 0)
        need = fmax(need, ceil(PAUSE_TIMES * (double)pause + PAUSE_MORE));
    return (size_t)fmin(need, NDR_CALM_MOST);
}

/* Were the least of steps quiet behind the body of the highest rate that there can be?
 * Where they are not, as in most steps of a storm, no body has to be looked at. */
static bool
may_be_calm(const ndr_calm_sums *s, size_t began, size_t end)
{
    const size_t from = end - NDR_CALM_LEAST;
    const double steps = fmax((double)(from - began) - 1, 1);
    const double rate = (double)(s->came[end] - s->came[began]) / steps;
    const body b = {.s = s, .began = began, .end = end, .rate = rate, .more = rate};
    return is_quiet(&b, from, end, TAIL_SHARE);
}

bool
ndr_calm_is_over(const ndr_calm_sums *s, size_t began, size_t end, unsigned times)
{
    const size_t most = (size_t)NDR_CALM_MOST * times;
    if (end <= began + NDR_CALM_LEAST || !may_be_calm(s, began, end))
        return false;
    /* what is calm lessens the rate, by which it is told to be calm */
    size_t calm = NDR_CALM_LEAST;
    body b = body_of(s, began, end - calm);
    for (int round = 0; round < ROUNDS; round++) {
        calm = quiet_before(&b, end, most);
        b = body_of(s, began, end - calm);
    }
    if (calm == most)
        return true;
    if (calm < (size_t)NDR_CALM_LEAST * times)
        return false; /* whatever its pauses were, which are dear to find */
    const size_t pause = longest_pause(&b);
    const size_t need = calm_needed(&b, pause) * times;
    const double uneven = fmin(fmax(b.uneven, 1), UNEVEN_MOST);
    for (size_t n = need; n <= calm; n++)
        if (is_quiet(&b, end - n, end, TAIL_SHARE) &&
            (is_burst(&b, pause) || is_no_chance(&b, end - n, end, CHANCE, uneven)))
            return true;
    return false;
}
