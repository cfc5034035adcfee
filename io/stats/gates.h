/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gates.h - may a window open itself on what was counted?
 *
 * Two gates have to agree: more came than is usual, and so much of it was not ours that
 * no count of our own mailings explains it. All is pure arithmetic on sums.
 */
#ifndef NDR_GATES_H
#define NDR_GATES_H

#include "ndrscan_stats.h"

enum {
    NDR_GATES = 7,         /* sums of so many lengths are looked at, */
    NDR_GATE_LONGEST = 48, /* the last of so many steps */
};

/* So many steps, and the least that is a storm in them. */
typedef struct ndr_gate {
    size_t steps;
    double least;
} ndr_gate;
extern const ndr_gate ndr_gates[NDR_GATES];

/* What came in ndr_gate.steps. */
typedef struct ndr_gate_sum {
    double came;
    double judged; /* of it, enough came back to tell */
    double spared; /* of `judged`, what the window would leave */
    double others; /* and what comes of that which a window would not leave */
    double usual;  /* what usually comes in that time */
    double most;   /* the most that was judged and not spared in such a time before */
} ndr_gate_sum;

/* Did more come than is usual? */
bool ndr_gate_many(const ndr_gate *g, const ndr_gate_sum *s);
/* Is it sure that the greater part, and more than is usual and than there ever was, is
 * not what the window would leave? */
bool ndr_gate_not_ours(const ndr_gate *g, const ndr_gate_sum *s);

/*
 * The upper bound of a share of which `hits` of `count` were seen, at `z` deviations;
 * 1 where nothing was seen. Source: E. B. Wilson, 1927.
 */
double ndr_share_bound(double hits, double count, double z);

#endif
