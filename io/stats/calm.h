/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * calm.h - is a storm over, or does it pause?
 *
 *          storm          pause    storm            calm
 *   ...|||||||||||||||||.........||||||||||...................| now
 *      |<-------------- body ------------->|<----- calm ----->|
 *
 * Little comes in a pause, too. So how long it has to be calm is the storm's own: longer
 * by half, and some, than it was ever quiet before it went on, and so long that it is no
 * chance that so little came.
 */
#ifndef NDR_CALM_H
#define NDR_CALM_H

#include "ndrscan_common.h"

enum {
    NDR_CALM_LEAST = 6, /* steps that have to be calm, */
    NDR_CALM_MOST = 24, /* and so many that what comes behind them is another storm */
};

/* What came each step, as sums: element i is of all before step i. */
typedef struct ndr_calm_sums {
    const uint64_t *came, *judged;
    const uint64_t *spared; /* of `judged`, what the window would leave */
    const double *usual;    /* what usually comes of that which it would not leave */
} ndr_calm_sums;

/*
 * Is the storm that began with step `began` over at the end of the step before `end`? It
 * has to be calm `times` as long, from 1. Pure.
 */
bool ndr_calm_is_over(const ndr_calm_sums *s, size_t began, size_t end, unsigned times);

#endif
