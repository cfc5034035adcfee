/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overruled.c - which defaults mean nothing beside what the command line says?
 *
 * A default that limits what is moved (dry-run, release, only-domain) gives way to what
 * says another limit, never to what only counts or reads: beside that it is a mistake.
 */
#include "overruled.h"

#include "opts.h"

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
    {NULL, "recipient-path", "recipient-map", false},
    {NULL, "clock|now", "stats", false},
    {"apply", "junk", "release", false},
    {"apply", "dry-run|from-verdicts|release|only-domain", "stats", true},
    {"apply", "only-domain", "from-verdicts", true},
    {"apply", "from-verdicts", "release|try", false},
    {"runs", "only-domain", "prune", true},
    {"scan", SHARED, "stats|count-proofs", false},
    {"scan", "shard|list-shard|out-dir", "count-first", false}, /* the plan says it */
    {"filter", "serve|format", "smtp|sender", false},
    {"identity init", "key", "root", false},
};

static const struct {
    const char *verb; /* NULL: any */
    const char *by_default, *without;
} needs[] = {
    {NULL, "null", "files-from"},
    {"apply", "try", "dry-run"},
    {"filter", "sender", "smtp"},
    {"runs", "dry-run", "prune"},
    {"scan", "zstd|verify|force|piece-size", SHARED},
    {"identity init", "selector", "key"},
};

static bool
is_of(const char *row, const char *of)
{
    return row == NULL || strcmp(row, of) == 0;
}

bool
overruled_by(const char *of, const char *given, const char *by_default)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const pair *p = &pairs[i];
        if (!is_of(p->verb, of))
            continue;
        if (opts_word_at(p->given, given) >= 0 &&
            opts_word_at(p->by_default, by_default) >= 0)
            return true;
        if (!p->one_way && opts_word_at(p->given, by_default) >= 0 &&
            opts_word_at(p->by_default, given) >= 0)
            return true;
    }
    return false;
}

const char *
overruled_without(const char *of, const char *by_default)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (is_of(needs[i].verb, of) &&
            opts_word_at(needs[i].by_default, by_default) >= 0)
            return needs[i].without;
    return NULL;
}
