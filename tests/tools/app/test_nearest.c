/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/nearest.h"
#include "harness.h"

#include <stdint.h>

typedef struct row {
    const char *why, *typed, *word;
    size_t off;
    int near;
} row;
static const row rows[] = {
    {"the same", "scan", "scan", 0, 1},
    {"a letter changed", "skan", "scan", 1, 1},
    {"a letter left out", "aply", "apply", 1, 1},
    {"a letter too many", "undoo", "undo", 1, 1},
    {"two exchanged", "wathc", "watch", 1, 1},
    {"two words", "rules chekc", "rules check", 1, 1},
    {"a beginning that is cut", "conso", "console", 2, 1},
    {"another word", "mail", "milter", 4, 0},
    {"nothing typed", "", "undo", 4, 0},
    {"a short word asks for less", "x", "undo", 4, 0},
    {"longer than any verb", "a-word-of-forty-bytes-and-not-one-more---", "scan",
     SIZE_MAX, 0},
};

static void
nearest_test(void **state)
{
    const row *r = *state;
    char *typed = (char *)exact_copy(r->typed, strlen(r->typed) + 1);
    assert_int_equal(nearest_distance(typed, r->word), r->off);
    assert_int_equal(nearest_is_near(typed, r->word), r->near);
    free(typed);
}

int
main(void)
{
    ADD_ROWS(rows, nearest_test);
    return run_added("nearest");
}
