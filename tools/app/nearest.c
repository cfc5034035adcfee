/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest.c - see nearest.h. */
#include "nearest.h"

#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 32 };

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
nearest_distance(const char *a, const char *b)
{
    const size_t na = strlen(a), nb = strlen(b);
    size_t d[WORD_MAX + 1][WORD_MAX + 1];
    if (na > WORD_MAX || nb > WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= na; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= na; i++)
        for (size_t j = 1; j <= nb; j++) {
            const size_t changed = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(changed, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[na][nb];
}

int
nearest_is_near(const char *typed, const char *word)
{
    const size_t n = strlen(word);
    const size_t off = nearest_distance(typed, word);
    return n > 2 && off <= (n < 6 ? 1 + (n > 3) : n / 3);
}
