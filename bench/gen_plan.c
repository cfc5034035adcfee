/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_plan.c - when does the next message come, and is it a bounce of a storm? */
#include "gen_plan.h"

#include <stdlib.h>

enum {
    STEPS = 1024,             /* of the span, and of each storm */
    CLASSES = 2 + MAX_STORMS, /* ordinary mail, spread bounces, each storm */
    EDGES = STEPS + 1 + MAX_STORMS * (STEPS / 8 + 1),
    MASS = 1 << 28, /* what all weights of the plan add up to, about */
};

typedef struct bin {
    int64_t begin, end;
    uint64_t count[CLASSES]; /* how many messages of each class */
    uint64_t from;           /* bytes (or messages) of all bins before, in MASS */
} bin;

struct plan {
    const gen_options *opts;
    size_t bins;
    uint64_t total;
    bin bin[EDGES];
};

static int
by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static size_t
edges(const gen_options *o, int64_t edge[EDGES])
{
    size_t n = 0;
    for (int i = 0; i <= STEPS; i++)
        edge[n++] = o->start + o->span_s / STEPS * i + o->span_s % STEPS * i / STEPS;
    for (size_t s = 0; s < o->storm_count; s++)
        for (int i = 0; i <= STEPS / 8; i++)
            edge[n++] = o->storms[s].from +
                        (o->storms[s].until - o->storms[s].from) * i / (STEPS / 8);
    qsort(edge, n, sizeof *edge, by_time);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (edge[i] != edge[kept - 1])
            edge[kept++] = edge[i];
    return kept;
}

/* How heavy ordinary mail is at that hour of the day. */
static uint64_t
daily(int64_t at)
{
    static const unsigned char hours[24] = {3,  2,  2,  2,  2,  3,  5, 9, 13, 15, 15, 14,
                                            12, 13, 14, 14, 13, 11, 9, 8, 7,  6,  5,  4};
    return hours[((at % 86400) + 86400) % 86400 / 3600];
}

/* How heavy a storm is at `x` thousandths of its length: up within an eighth, a peak
 * with gusts, then down by half every eighth. */
static uint64_t
stormy(int64_t x)
{
    static const unsigned char gusts[8] = {10, 8, 11, 9, 12, 8, 9, 11};
    uint64_t w;
    if (x < 125)
        w = 4 + (uint64_t)(x * x) * 1000 / (125 * 125);
    else if (x < 375)
        w = 1000;
    else
        w = (1000u >> ((x - 375) / 125)) * (uint64_t)(250 - (x - 375) % 125) / 250 + 4;
    return w * gusts[x / 16 % 8];
}

plan *
plan_new(const gen_options *o, uint64_t ham_bytes, uint64_t bounce_bytes)
{
    static int64_t edge[EDGES];
    uint64_t mass[CLASSES] = {0};
    uint64_t raw_total[CLASSES] = {0};
    plan *p = calloc(1, sizeof *p);
    if (p == NULL)
        die("out of memory", NULL);
    p->opts = o;
    for (size_t s = 0; s < o->storm_count; s++)
        if (o->storms[s].from < o->start || o->storms[s].until > o->start + o->span_s)
            die("a storm lies outside of --start and --span", o->storms[s].domain);
    p->bins = edges(o, edge) - 1;

    const uint64_t bounces = (uint64_t)MASS / 100 * o->bounces_percent;
    mass[0] = MASS - bounces;
    mass[1] = bounces;
    for (size_t s = 0; s < o->storm_count; s++) {
        mass[2 + s] = bounces / 100 * o->storms[s].share_percent;
        mass[1] -= mass[2 + s] < mass[1] ? mass[2 + s] : mass[1];
    }
    for (size_t i = 0; i < p->bins; i++) {
        bin *b = &p->bin[i];
        b->begin = edge[i];
        b->end = edge[i + 1];
        const uint64_t width = (uint64_t)(b->end - b->begin);
        const int64_t middle = b->begin + (b->end - b->begin) / 2;
        b->count[0] = daily(middle) * width;
        b->count[1] = daily(middle) * width;
        for (size_t s = 0; s < o->storm_count; s++)
            if (middle >= o->storms[s].from && middle < o->storms[s].until)
                b->count[2 + s] = stormy((middle - o->storms[s].from) * 1000 /
                                         (o->storms[s].until - o->storms[s].from)) *
                                  width;
        for (int c = 0; c < CLASSES; c++)
            raw_total[c] += b->count[c];
    }
    const uint64_t scale = ham_bytes > bounce_bytes ? ham_bytes : bounce_bytes;
    for (size_t i = 0; i < p->bins; i++) {
        bin *b = &p->bin[i];
        b->from = p->total;
        for (int c = 0; c < CLASSES; c++) {
            if (raw_total[c] > 0)
                b->count[c] = b->count[c] * mass[c] / raw_total[c];
            p->total += b->count[c] * (c == 0 ? ham_bytes : bounce_bytes) / scale;
        }
    }
    return p;
}

void
plan_free(plan *p)
{
    free(p);
}

arrival
plan_at(const plan *p, rng *r, uint64_t done, uint64_t target)
{
    while (target >> 32 != 0) {
        target >>= 1;
        done >>= 1;
    }
    const uint64_t at = done >= target ? p->total - 1 : p->total * done / target;
    size_t low = 0;
    size_t high = p->bins;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (p->bin[middle].from <= at)
            low = middle;
        else
            high = middle;
    }
    const bin *b = &p->bin[low];
    const uint64_t end = low + 1 < p->bins ? p->bin[low + 1].from : p->total;
    const uint64_t inside = end > b->from ? (at - b->from) * 4096 / (end - b->from) : 0;
    arrival a = {.at = b->begin + (b->end - b->begin) * (int64_t)inside / 4096};
    uint32_t weight[CLASSES];
    uint64_t sum = 0;
    for (int c = 0; c < CLASSES; c++)
        sum += b->count[c];
    for (int c = 0; c < CLASSES; c++)
        weight[c] = sum > 0 ? (uint32_t)(b->count[c] * (1u << 24) / sum) : c == 0;
    const size_t class = rng_weighted(r, weight, CLASSES);
    a.bounce = class > 0;
    a.in = class > 1 ? &p->opts->storms[class - 2] : NULL;
    return a;
}
