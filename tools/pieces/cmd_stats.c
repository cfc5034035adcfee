/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_stats.c - `ndrscan stats merge`: statistics of what many workers found. */
#include "app/commands.h"
#include "app/count_run.h"
#include "app/tables.h"
#include "merge_counts.h"

typedef struct stats_args {
    const char *plan, *stats;
    bool quiet;
    char room[4096];
} stats_args;

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    stats_args *a = ctx;
    (void)o;
    switch (id) {
    case OPT_PLAN:
        a->plan = arg;
        return 0;
    case OPT_STATS:
        a->stats = arg;
        return 0;
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    default:
        return EXIT_NOT_RUN;
    }
}

int
cmd_stats_merge(opts *o)
{
    stats_args a = {0};
    merge m = {0};
    size_t count = 0;
    int status = opts_take(o, take_option, &a);
    if (status >= 0)
        return status;
    char **dir = opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "no DIR; give those of ndrscan scan --out-dir");
    if (a.stats == NULL)
        return opts_mistake(o,
                            "count into which file? add --stats DB, or --stats default");
    if (stats_place(a.stats, a.room, sizeof a.room, &a.stats) != 0)
        return EXIT_NOT_RUN;
    status = merge_open(&m, (const char *const *)dir, count, a.plan);
    if (status == 0)
        status = merge_check(&m);
    if (status == 0)
        status = merge_counts(&m, a.stats, a.quiet);
    if (status == 0 && m.counts.sources_failed > 0)
        status = EXIT_DAMAGED;
    merge_free(&m);
    return status;
}
