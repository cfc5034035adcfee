/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_rng.h - which number comes next, the same on every machine?
 *
 * xoshiro256** seeded by splitmix64. Integers only: no libm, no locale, no clock.
 */
#ifndef GEN_RNG_H
#define GEN_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rng {
    uint64_t s[4];
} rng;

/* Two numbers name a stream: the run's seed and what the stream is for. */
void rng_seed(rng *r, uint64_t seed, uint64_t stream);
uint64_t rng_next(rng *r);
/* 0 to n - 1; 0 for n = 0. */
uint32_t rng_below(rng *r, uint32_t n);
/* low to high, both inclusive. */
int64_t rng_between(rng *r, int64_t low, int64_t high);
/* True `percent` times of a hundred. */
bool rng_percent(rng *r, unsigned percent);
/* An index into weights, drawn by weight; 0 when all are 0. */
size_t rng_weighted(rng *r, const uint32_t *weight, size_t count);
/* About log-normal: `median` times two to the power of a normal variate with
 * `sigma_percent` / 100 octaves of deviation, held within low and high. */
uint32_t rng_lognormal(rng *r, uint32_t median, uint32_t sigma_percent, uint32_t low,
                       uint32_t high);

#endif
