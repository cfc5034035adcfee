/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_scan.c - `ndrscan scan`: verdicts for any heap or stream of mail. */
#include "app/commands.h"
#include "app/count_first.h"
#include "app/count_run.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/progress.h"
#include "app/proof_counts.h"
#include "app/setup.h"
#include "app/stop.h"
#include "app/summary.h"
#include "app/tables.h"
#include "ndrscan_io.h"
#include "pieces/pieces.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ONE_THREAD_BYTES = 256 << 10 };

/* What the options ask for beyond what verbs share. */
typedef struct scan_args {
    setup setup;
    ndr_input_opts input;
    enum ndr_output output;
    enum ndr_emit emit;
    enum progress_how progress_how;
    unsigned threads; /* 0: no option says */
    bool quiet, count_proofs;
    const char *stats_path;
    proof_counts counts;
    pieces pieces;
} scan_args;

/* What the run's callbacks work on. */
typedef struct watchers {
    progress progress;
    stats stats;
} watchers;

/* 0, or the exit status when there is nothing to run. */
static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    scan_args *a = ctx;
    int at = pieces_option(&a->pieces, o, id, arg);
    if (at != 1)
        return at;
    switch (id) {
    case OPT_RECURSIVE:
        a->input.recursive = true;
        return 0;
    case OPT_FILES_FROM:
        a->input.files_from = arg;
        return 0;
    case OPT_NULL:
        a->input.files_from_nul = true;
        return 0;
    case OPT_FORMAT:
        at = opts_word(o, id, arg);
        a->input.format = (enum ndr_format)ndr_format_find(arg);
        return at < 0 ? EXIT_NOT_RUN : 0;
    case OPT_OUTPUT:
        at = opts_word(o, id, arg);
        a->output = (enum ndr_output)ndr_output_find(arg);
        return at < 0 ? EXIT_NOT_RUN : 0;
    case OPT_EMIT:
        at = opts_word(o, id, arg);
        a->emit = (enum ndr_emit)at; /* the words stand in the enum's order */
        return at < 0 ? EXIT_NOT_RUN : 0;
    case OPT_PROGRESS:
        at = opts_word(o, id, arg);
        a->progress_how = (enum progress_how)at;
        return at < 0 ? EXIT_NOT_RUN : 0;
    case OPT_KEEP_CACHE:
        a->input.cold_limit_bytes = UINT64_MAX;
        return 0;
    case OPT_DROP_AFTER:
        return opts_cold_limit(o, id, arg, &a->input.cold_limit_bytes);
    case OPT_THREADS:
        return opts_threads(o, id, arg, &a->threads);
    case OPT_STATS:
        a->stats_path = arg;
        a->setup.counts = true;
        return 0;
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    case OPT_COUNT_PROOFS:
        a->count_proofs = true;
        return 0;
    case OPT_EVIDENCE:
        at = opts_word(o, id, arg);
        a->setup.prove_always = at == 1;
        return at < 0 ? EXIT_NOT_RUN : 0;
    default:
        return setup_option(&a->setup, o, id, arg);
    }
}

static int
take_args(scan_args *a, opts *o)
{
    const int status = opts_take(o, take_option, a);
    if (status >= 0)
        return status;
    if (a->setup.now_said && a->setup.clock != NDR_CLOCK_NOW)
        return opts_mistake(o,
                            "--now is the time of --clock now; add that or leave it out");
    return setup_input(&a->setup, o, &a->input,
                       pieces_asked(&a->pieces) ? NULL : "no SOURCE");
}

static void
on_trouble(void *ctx, const char *source, const char *text)
{
    progress_clear(&((watchers *)ctx)->progress);
    diag("%s: %s; the rest was scanned", source, text);
}

static void
on_progress(void *ctx, const ndr_stats *so_far)
{
    watchers *w = ctx;
    progress_tick(&w->progress, so_far);
    stats_tick(&w->stats);
}

static int
on_look(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
        const ndr_verdict *v, ndr_error *err)
{
    (void)s;
    return stats_look(&((watchers *)ctx)->stats, worker, m, v, err);
}

static void
tell_summary(const scan_args *a, progress *p, const ndr_stats *st, int *status)
{
    const int by = stop_signal();
    const char *word = by == SIGTERM ? "SIGTERM" : by == SIGINT ? "SIGINT" : NULL;
    const bool asked = a->output == NDR_OUTPUT_SUMMARY;
    if (p->how != PROGRESS_NEVER && progress_is_read(a->progress_how))
        progress_end_json(p, st);
    if (!asked && (a->quiet || progress_is_read(a->progress_how)))
        return;
    ndr_buffer table = {0};
    summary_table(&table, st,
                  a->setup.window_table != NULL
                      ? ndr_window_table_rows(a->setup.window_table)
                      : NULL,
                  progress_seconds(p), word);
    ndr_error err = {0};
    int rc = 0;
    if (table.failed) {
        diag("out of memory for the summary");
        *status = asked ? EXIT_NOT_RUN : *status;
    } else {
        rc = put_all(asked ? STDOUT_FILENO : STDERR_FILENO,
                     (ndr_slice){table.ptr, table.len}, &err);
    }
    if (rc != 0 && asked)
        *status = output_failed(&err);
    ndr_buffer_free(&table);
}

static int
status_of(int rc, const ndr_stats *st, const ndr_error *err, bool *ret_gone)
{
    if (rc < 0 && rc != NDR_E_STOPPED) {
        /* a reader that has what it wanted, as `head -1`, is no failure */
        *ret_gone = err->sys_errno == EPIPE;
        if (!*ret_gone) {
            diag("%s; the output is not complete", err->text);
            return EXIT_NOT_RUN;
        }
    } else if (stop_signal() == SIGTERM) {
        return EXIT_TERMINATED;
    } else if (stop_signal() == SIGINT) {
        return EXIT_INTERRUPTED;
    }
    return st->sources_failed > 0 ? EXIT_DAMAGED : EXIT_READ;
}

static bool
has_windows(const setup *s)
{
    return s->window_table != NULL && ndr_window_table_rows(s->window_table)->count > 0;
}

/* One small file is scanned before workers would have begun, and takes none. */
static unsigned
threads_for(const ndr_input_opts *in)
{
    struct stat st;
    const bool is_small = in->path_count == 1 && in->files_from == NULL &&
                          stat(in->path[0], &st) == 0 && S_ISREG(st.st_mode) &&
                          st.st_size <= ONE_THREAD_BYTES;
    return is_small ? 1 : cpus_allowed();
}

/* Hadoop's counters are no talk. */
static enum progress_how
news_of(const scan_args *a)
{
    return a->quiet && a->progress_how != PROGRESS_HADOOP ? PROGRESS_NEVER
                                                          : a->progress_how;
}

static int
run(scan_args *a)
{
    ndr_error err = {0};
    ndr_source *in = NULL;
    ndr_sink *out = NULL;
    ndr_stats st = {0};
    watchers w;
    bool gone = false;
    int status = EXIT_NOT_RUN;

    if (ndr_input_open(&a->input, &in, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    if (ndr_output_open(a->output, STDOUT_FILENO, &out, &err) != 0) {
        diag("%s", err.text);
        goto close_in;
    }
    if (stats_begin(&w.stats, a->stats_path, a->threads, a->setup.clock) != 0) {
        (void)out->close(out, NULL);
        goto close_in;
    }
    if (a->emit == NDR_EMIT_JUNK && !has_windows(&a->setup))
        diag("warning: without windows nothing is junk; name them with --windows, or "
             "see ndrscan block");
    progress_begin(&w.progress, news_of(a), in);
    stop_on_signals(in);
    ndr_scan_opts scan = setup_scan_opts(&a->setup);
    scan.facts_always = a->emit == NDR_EMIT_ALL;
    scan.no_text_facts = a->output != NDR_OUTPUT_JSONL; /* the others tell none */
    ndr_run_opts how = {
        NDR_SIZED(ndr_run_opts),
        .scan = &scan,
        .threads = a->threads,
        .cpus = cpus_allowed(),
        .emit = a->emit,
        .trouble = on_trouble,
        .progress = on_progress,
        .look = a->stats_path != NULL ? on_look : NULL,
        .ctx = &w,
        .stop = stop_flag(),
    };
    int rc = ndr_run(&how, in, out, &st, &err);
    ndr_error close_err = {0};
    const int close_rc = out->close(out, &close_err);
    if (rc == 0 && close_rc != 0) {
        rc = close_rc;
        err = close_err;
    }
    progress_clear(&w.progress);
    status = status_of(rc, &st, &err, &gone);
    if (!gone && status != EXIT_NOT_RUN)
        tell_summary(a, &w.progress, &st, &status);
    /* behind the table, but also when the reader of the records has gone */
    const int counted = stats_end(&w.stats, a->quiet);
    if (status == EXIT_READ || status == EXIT_DAMAGED)
        status = counted != 0 ? counted : status;
    stop_forget();
    ndr_stats_clear(&st);
close_in:
    in->close(in);
    return status;
}

int
cmd_scan(opts *o)
{
    scan_args a = {0};
    if (setup_begin(&a.setup, o) != 0)
        return EXIT_NOT_RUN;
    int status = take_args(&a, o);
    if (status >= 0)
        goto end; /* --help, or a mistake */
    if (pieces_asked(&a.pieces) && a.count_proofs) {
        status =
            opts_mistake(o, "--count-proofs is not for a scan that is shared out, "
                            "whose workers know nothing of each other; leave it out");
        goto end;
    }
    if (a.pieces.count_first && !pieces_asked(&a.pieces)) {
        status = count_first_check(o, &a.input);
        if (status != 0)
            goto end;
    }
    if (pieces_asked(&a.pieces)) {
        pieces_run run = {.o = o,
                          .setup = &a.setup,
                          .input = &a.input,
                          .output = a.output,
                          .emit = a.emit,
                          .threads = a.threads,
                          .progress_how = a.progress_how,
                          .quiet = a.quiet,
                          .stats_path = a.stats_path};
        status = pieces_scan(&a.pieces, &run);
        goto end;
    }
    if (a.threads == 0)
        a.threads = threads_for(&a.input);
    a.input.read_ahead = a.threads > 1;
    status = setup_load(&a.setup);
    if (status != 0)
        goto end;
    proof_counts_begin(&a.counts, a.setup.prover);
    if (a.pieces.count_first)
        status = count_first(&a.setup, &a.input, a.threads, news_of(&a));
    if (status == 0)
        status = run(&a);
    if (!a.pieces.count_first &&
        !a.count_proofs) /* else a later run knows, or this one did */
        count_first_tell(
            a.setup.prover,
            "'scan --count-first' reads all before it judges, and keeps none");
    if (a.count_proofs)
        proof_counts_keep(&a.counts, a.setup.prover, (int64_t)time(NULL));
    proof_counts_end(&a.counts);
end:
    setup_free(&a.setup);
    return status;
}
