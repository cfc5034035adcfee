/* SPDX-License-Identifier: BSD-3-Clause */
/* gates.c - see gates.h. The numbers were found by bench/openings. */
#include "gates.h"
#include "usual_rate.h"

#include <math.h>

const ndr_gate ndr_gates[NDR_GATES] = {
    {1, 30}, {2, 30}, {3, 24}, {6, 24}, {12, 30}, {24, 36}, {NDR_GATE_LONGEST, 48},
};

static const double TIMES_USUAL = 3, TIMES_ROOT = 6;    /* a sum with both is many */
static const double JUDGED_LEAST = 12, JUDGED_PURE = 8; /* 8 where none was ours */
static const double JUDGED_SHARE = 0.15;                /* of all that came */
static const double Z = 3, Z_PURE = 2;
static const double OURS_MOST = 0.5; /* the share that may be ours at most */
static const double PAST_TIMES = 2, PAST_MORE = 4;

bool
ndr_gate_many(const ndr_gate *g, const ndr_gate_sum *s)
{
    return s->came >= fmax(g->least, ndr_dense_most(s->usual, TIMES_USUAL, TIMES_ROOT));
}

double
ndr_share_bound(double hits, double count, double z)
{
    if (count <= 0)
        return 1;
    const double p = hits / count, zz = z * z;
    return (p + zz / (2 * count) +
            z * sqrt(p * (1 - p) / count + zz / (4 * count * count))) /
           (1 + zz / count);
}

bool
ndr_gate_not_ours(const ndr_gate *g, const ndr_gate_sum *s)
{
    const bool pure = s->spared <= 0;
    if (s->judged < (pure ? JUDGED_PURE : JUDGED_LEAST) ||
        s->judged < JUDGED_SHARE * s->came)
        return false;
    const double share = ndr_share_bound(s->spared, s->judged, pure ? Z_PURE : Z);
    const double usual = ndr_dense_most(s->others, TIMES_USUAL, TIMES_ROOT);
    return share < OURS_MOST && s->came * (1 - share) >= fmax(g->least / 2, usual) &&
           s->judged - s->spared >= PAST_TIMES * s->most + PAST_MORE;
}
