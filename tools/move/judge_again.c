/* SPDX-License-Identifier: BSD-3-Clause */
/* judge_again.c - see judge_again.h. */
#include "judge_again.h"

#include <stdlib.h>
#include <string.h>

bool
judge_again_add(judge_again *j, size_t maildir, const char *rel)
{
    if (j->count == j->cap) {
        const size_t cap = j->cap > 0 ? j->cap * 2 : 64;
        struct judge_again_row *more = realloc(j->row, cap * sizeof *more);
        if (more == NULL)
            return false;
        j->row = more;
        j->cap = cap;
    }
    char *const own = strdup(rel);
    if (own == NULL)
        return false;
    j->row[j->count++] = (struct judge_again_row){maildir, own};
    return true;
}

const char *
judge_again_next(const judge_again *j, size_t maildir, size_t *at)
{
    size_t low = *at, high = j->count;
    while (low < high) { /* the first of it that is not behind *at */
        const size_t middle = low + (high - low) / 2;
        if (j->row[middle].maildir < maildir)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low + 1;
    return low < j->count && j->row[low].maildir == maildir ? j->row[low].rel : NULL;
}

void
judge_again_free(judge_again *j)
{
    for (size_t i = 0; i < j->count; i++)
        free(j->row[i].rel);
    free(j->row);
    *j = (judge_again){0};
}
