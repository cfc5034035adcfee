/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overruled.c - which defaults mean nothing beside what the command line says?
 *
 * A default that limits what is moved (dry-run, release, only-domain) gives way to what
 * says another limit, never to what only counts or reads: beside that it is a mistake.
 */
#include "overruled.h"

#include <stddef.h>
#include <string.h>

#define SHARED "plan|shard|list-shard|out-dir"

typedef struct pair {
    const char *verb; /* NULL: any */
    const char *given, *by_default;
    bool one_way; /* the second, when given, does not overrule the first */
} pair;

static const pair pairs[] = {
    {NULL, "windows", "no-windows", false},
    {NULL, "for", "until|until-calm", false},
    {NULL, "until", "until-calm", false},
    {NULL, "take", "only-forged", false},
    {NULL, "html", "output|suggest", false},
    {NULL, "suggest", "output", false},
    {NULL, "install", "to", false},
    {NULL, "clock|now", "stats", false},
    {"apply", "junk", "release", false},
    {"apply", "dry-run|from-verdicts|release|only-domain", "stats", true},
    {"apply", "only-domain", "from-verdicts", true},
    {"apply", "from-verdicts", "release|try", false},
    {"runs", "only-domain", "prune", true},
    {"scan", SHARED, "stats|count-proofs", false},
    {"identity init", "key", "root", false},
};

static const struct {
    const char *verb; /* NULL: any */
    const char *by_default, *without;
} needs[] = {
    {NULL, "null", "files-from"},
    {"apply", "try", "dry-run"},
    {"runs", "dry-run", "prune"},
    {"scan", "zstd|verify|force|piece-size", SHARED},
    {"identity init", "selector", "key"},
};

bool
overruled_lists(const char *list, const char *name)
{
    const size_t n = strlen(name);
    for (const char *w = list;; w++) {
        const size_t m = strcspn(w, "|");
        if (m == n && memcmp(w, name, n) == 0)
            return true;
        w += m;
        if (*w == '\0')
            return false;
    }
}

static bool
is_of(const char *row, const char *verb)
{
    return row == NULL || strcmp(row, verb) == 0;
}

bool
overruled_by(const char *verb, const char *given, const char *by_default)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const pair *p = &pairs[i];
        if (!is_of(p->verb, verb))
            continue;
        if (overruled_lists(p->given, given) &&
            overruled_lists(p->by_default, by_default))
            return true;
        if (!p->one_way && overruled_lists(p->given, by_default) &&
            overruled_lists(p->by_default, given))
            return true;
    }
    return false;
}

const char *
overruled_without(const char *verb, const char *by_default)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (is_of(needs[i].verb, verb) &&
            overruled_lists(needs[i].by_default, by_default))
            return needs[i].without;
    return NULL;
}
