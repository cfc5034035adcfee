/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces.c - what do the options ask for that share a scan out? */
#include "pieces.h"

#include "app/commands.h"
#include "app/tables.h"
#include "ndr_plan.h"

#include <stddef.h>

/* What a plan says already. */
static bool
is_planned(int id)
{
    static const int planned[] = {
        OPT_RULES,         OPT_NO_SHIPPED_RULES,
        OPT_WINDOWS,       OPT_NO_WINDOWS,
        OPT_CLOCK,         OPT_NOW,
        OPT_MAX_MESSAGE,   OPT_RECIPIENT_PATH,
        OPT_RECIPIENT_MAP, OPT_FORMAT,
        OPT_OUTPUT,        OPT_EMIT,
        OPT_EVIDENCE,      OPT_RECURSIVE,
        OPT_NULL,          OPT_FILES_FROM,
        OPT_PIECE_SIZE,
    };
    for (size_t i = 0; i < sizeof planned / sizeof planned[0]; i++)
        if (planned[i] == id)
            return true;
    return false;
}

/* Is a plan followed that is there? */
static bool
is_following(const opts *o)
{
    return opts_asked(o, OPT_PLAN) &&
           (opts_asked(o, OPT_SHARD) || opts_asked(o, OPT_LIST_SHARD) ||
            opts_asked(o, OPT_OUT_DIR));
}

int
pieces_option(pieces *p, const opts *o, int id, const char *arg)
{
    if (is_planned(id) && o->where != NULL && is_following(o))
        return 0; /* the plan goes before a default */
    if (is_planned(id) && p->given == 0)
        p->given = id;
    switch (id) {
    case OPT_PLAN:
        p->plan_dir = arg;
        return 0;
    case OPT_SHARD:
        p->shard = arg;
        return 0;
    case OPT_LIST_SHARD:
        p->list = true;
        return 0;
    case OPT_OUT_DIR:
        p->out_dir = arg;
        return 0;
    case OPT_ZSTD:
        p->zstd = true;
        return 0;
    case OPT_VERIFY:
        p->verify = true;
        return 0;
    case OPT_FORCE:
        p->force = true;
        return 0;
    case OPT_COUNT_FIRST:
        p->count_first = true;
        return 0;
    case OPT_PIECE_SIZE:
        p->piece_bytes = opts_size(o, id, arg);
        if (p->piece_bytes >= 0 && p->piece_bytes < NDR_PLAN_PIECE_LEAST)
            return opts_mistake(o, "--piece-size %s is too little; 1M is the least", arg);
        return p->piece_bytes < 0 ? EXIT_NOT_RUN : 0;
    default:
        return 1;
    }
}

bool
pieces_asked(const pieces *p)
{
    return p->plan_dir != NULL || p->shard != NULL || p->out_dir != NULL || p->list ||
           p->zstd || p->verify || p->force || p->piece_bytes > 0;
}
