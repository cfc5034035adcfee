/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_rng.c - which number comes next, the same on every machine? */
#include "gen_rng.h"

static uint64_t
splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t
rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void
rng_seed(rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed;
    x = splitmix(&x) ^ (stream * 0xD1342543DE82EF95u);
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&x);
}

uint64_t
rng_next(rng *r)
{
    uint64_t *s = r->s;
    const uint64_t result = rotate(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint32_t
rng_below(rng *r, uint32_t n)
{
    return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

int64_t
rng_between(rng *r, int64_t low, int64_t high)
{
    if (high <= low)
        return low;
    return low + (int64_t)(rng_next(r) % ((uint64_t)(high - low) + 1));
}

bool
rng_percent(rng *r, unsigned percent)
{
    return rng_below(r, 100) < percent;
}

size_t
rng_weighted(rng *r, const uint32_t *weight, size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += weight[i];
    uint32_t at = rng_below(r, total);
    for (size_t i = 0; i < count; i++) {
        if (at < weight[i])
            return i;
        at -= weight[i];
    }
    return 0;
}

uint32_t
rng_lognormal(rng *r, uint32_t median, uint32_t sigma_percent, uint32_t low,
              uint32_t high)
{
    /* the sum of twelve uniforms less their mean is near a standard normal; 16.16 */
    int64_t z = 0;
    for (int i = 0; i < 3; i++) {
        const uint64_t x = rng_next(r);
        z += (int64_t)(x & 0xFFFF) + (int64_t)(x >> 16 & 0xFFFF) +
             (int64_t)(x >> 32 & 0xFFFF) + (int64_t)(x >> 48);
    }
    z -= 6 * 65536;
    int64_t octaves = z * (int64_t)sigma_percent / 100;
    uint64_t size = median;
    for (; octaves >= 65536; octaves -= 65536)
        size *= 2;
    for (; octaves < 0; octaves += 65536)
        size /= 2;
    /* 2^f is near 1 + f (0.6565 + 0.3435 f) for f in [0, 1) */
    const uint64_t f = (uint64_t)octaves;
    size += size * f / 65536 * (43025 + 22511 * f / 65536) / 65536;
    if (size < low)
        return low;
    return size > high ? high : (uint32_t)size;
}
