/* SPDX-License-Identifier: BSD-3-Clause */
/* clock.c - see ndr_clock.h. */
#include "ndr_clock.h"

#include <time.h>

int64_t
ndr_now_us(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* is there on every Linux */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
ndr_now_ms(void)
{
    return ndr_now_us() / 1000;
}
