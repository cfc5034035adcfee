/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_merge.c - `ndrscan merge`: one output of the results of many workers. */
#include "app/commands.h"
#include "app/count_run.h"
#include "app/diag.h"
#include "app/progress.h"
#include "app/publish.h"
#include "app/summary.h"
#include "app/tables.h"
#include "merge_report.h"
#include "ndr_file.h"
#include "pieces_plan.h"

#include <stdio.h>
#include <unistd.h>

typedef struct merge_args {
    const char *plan, *file, *stats, *html;
    bool unordered, force, quiet;
    char room[4096]; /* of the path of --stats */
} merge_args;

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    merge_args *a = ctx;
    (void)o;
    switch (id) {
    case OPT_PLAN:
        a->plan = arg;
        return 0;
    case OPT_OUTPUT_FILE:
        a->file = arg;
        return 0;
    case OPT_STATS:
        a->stats = arg;
        return 0;
    case OPT_HTML:
        a->html = arg;
        return 0;
    case OPT_UNORDERED:
        a->unordered = true;
        return 0;
    case OPT_FORCE:
        a->force = true;
        return 0;
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    default:
        return EXIT_NOT_RUN;
    }
}

typedef struct output {
    int fd;
    const char *name;
} output;

static int
put(void *ctx, ndr_slice bytes, ndr_error *err)
{
    const output *out = ctx;
    return ndr_write_all(out->fd, bytes)
               ? 0
               : ndr_fail(err, NDR_E_SYS, "write %s", out->name);
}

/* The file of --output, which is whole or not there, before anything else is made. */
static int
begin_output(const merge_args *a, publish *p)
{
    ndr_error err = {0};
    if (a->file == NULL || publish_begin(p, a->file, a->force, &err) == 0)
        return 0;
    diag("%s", err.text);
    return pieces_status(&err);
}

/* To it, or to standard output. */
static int
write_output(const merge *m, const merge_args *a, publish *p)
{
    output out = {STDOUT_FILENO, a->file != NULL ? a->file : "standard output"};
    ndr_error err = {0};
    if (a->file == NULL) {
        const int status = merge_write(m, a->unordered, put, &out);
        return status < 0 ? 0 : status; /* a reader that has what it wanted */
    }
    out.fd = p->fd;
    const int status = merge_write(m, a->unordered, put, &out);
    if (status != 0) {
        publish_drop(p);
        return status;
    }
    const ndr_privacy nobody_else = {0}; /* results are their owner's */
    if (publish_commit(p, a->force, &nobody_else, &err) == 0)
        return 0;
    diag("%s", err.text);
    return pieces_status(&err);
}

/* All that is asked for, of results that were checked. */
static int
write_all(const merge *m, const merge_args *a)
{
    publish p;
    int status = begin_output(a, &p);
    if (status != 0)
        return status;
    /* first: what cannot be counted is refused before any record is written */
    if (a->stats != NULL || a->html != NULL)
        status = merge_report(m, a->stats, a->html, a->quiet || a->stats == NULL);
    if (status == 0)
        return write_output(m, a, &p);
    if (a->file != NULL)
        publish_drop(&p);
    return status;
}

static void
tell_summary(const merge *m, double seconds)
{
    const ndr_windows windows = {m->plan.window, m->plan.window_count};
    ndr_buffer table = {0};
    summary_table(&table, &m->counts, &windows, seconds, NULL);
    if (!table.failed)
        (void)put_all(m->output == NDR_OUTPUT_SUMMARY ? STDOUT_FILENO : STDERR_FILENO,
                      (ndr_slice){table.ptr, table.len}, NULL);
    ndr_buffer_free(&table);
}

int
cmd_merge(opts *o)
{
    merge_args a = {0};
    merge m = {0};
    size_t count = 0;
    int status = opts_take(o, take_option, &a);
    if (status >= 0)
        return status;
    char **dir = opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "no DIR; give those of ndrscan scan --out-dir");
    if (a.stats != NULL && stats_place(a.stats, a.room, sizeof a.room, &a.stats) != 0)
        return EXIT_NOT_RUN;
    const double begun = progress_now();
    status = merge_open(&m, (const char *const *)dir, count, a.plan);
    if (status == 0)
        status = merge_check(&m);
    if (status == 0)
        status = write_all(&m, &a);
    if (status == 0 && (!a.quiet || m.output == NDR_OUTPUT_SUMMARY))
        tell_summary(&m, progress_now() - begun);
    if (status == 0 && m.counts.sources_failed > 0)
        status = EXIT_DAMAGED;
    merge_free(&m);
    return status;
}
