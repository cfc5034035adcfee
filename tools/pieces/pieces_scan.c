/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pieces_scan.c - how does one worker do its share?
 *
 *   the plan (read, or listed) -> pieces of this shard -> less those that are done -> one
 *   run over the rest -> a result for each
 */
#define _GNU_SOURCE /* signal.h beside strict C */
#include "app/commands.h"
#include "app/count_first.h"
#include "app/count_run.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/stop.h"
#include "app/summary.h"
#include "app/text.h"
#include "ndr_file.h"
#include "out_dir.h"
#include "piece_proofs.h"
#include "pieces.h"
#include "pieces_plan.h"
#include "shard.h"
#include "united_proofs.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is being done. */
typedef struct share {
    const pieces *p;
    pieces_run *run;
    plan_file plan;
    shard shard;
    size_t *todo; /* owned */
    size_t todo_count, done_count;
    ndr_windows windows; /* of a plan that is followed; rows owned */
    bool has_windows;
    out_dir *out;
    progress progress;
    bool no_memory; /* for a trouble */
    bool counts;    /* weak proofs, for all to be judged by; no verdicts are given */
} share;

/* ---- what is asked for --------------------------------------------------------------
 */

static const char *
option_name(const opts *o, int id)
{
    const option_row *row = o->verb->row;
    while (row->id != id)
        row++;
    return row->name;
}

/* Is this about making a plan? */
static bool
is_making(const pieces *p)
{
    return p->plan_dir != NULL && p->shard == NULL && p->out_dir == NULL && !p->list;
}

/* 0, or 2, told. */
static int
check(const pieces *p, const pieces_run *r)
{
    opts *o = r->o;
    const bool sources = r->input->path_count > 0 || r->input->files_from != NULL;
    const bool follows = p->plan_dir != NULL && !is_making(p);
    if (follows && sources)
        return opts_mistake(o,
                            "the plan in '%s' says what is scanned; leave SOURCE out, "
                            "or make the plan first, without --shard and --out-dir",
                            p->plan_dir);
    if (follows && p->given != 0)
        return opts_mistake(o, "--%s is the plan's to say; leave it out here",
                            option_name(o, p->given));
    if (!follows && !sources)
        return opts_mistake(o, "no SOURCE; give files or folders, or follow a plan with "
                               "--plan DIR");
    if (!is_making(p) && p->out_dir == NULL && !p->list)
        return opts_mistake(o, "results of pieces go to a folder; add --out-dir DIR%s",
                            p->shard != NULL ? ", or see them with --list-shard" : "");
    if (r->stats_path != NULL)
        return opts_mistake(o,
                            "--stats is not for a scan that is shared out: leave it out, "
                            "and count what all workers found at the end: ndrscan stats "
                            "merge --stats %s DIR, the DIR of --out-dir",
                            r->stats_path);
    if (!follows && !is_making(p) && p->count_first)
        return opts_mistake(o,
                            "--count-first of a scan that is shared out wants a plan, by "
                            "which all count and then judge; make it with --plan DIR");
    if (!follows && r->setup->clock == NDR_CLOCK_NOW && !r->setup->now_said)
        return opts_mistake(o,
                            "--clock now is another time in each piece; say which with "
                            "--now TIME");
    return 0;
}

/* ---- making and listing -------------------------------------------------------------
 */

static void
tell_trouble(const ndr_plan *plan)
{
    for (size_t i = 0; i < plan->trouble_count; i++)
        diag("%s: %s; the rest is planned", ndr_plan_text(plan, plan->trouble[i].path),
             ndr_plan_text(plan, plan->trouble[i].text));
}

static uint64_t
bytes_of(const ndr_plan *plan)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < plan->piece_count; i++)
        bytes += plan->piece[i].bytes;
    return bytes;
}

/* Files and folders; a large file has a row for each of its pieces. */
static size_t
sources_of(const ndr_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->piece_count; i++)
        if (plan->piece[i].number == 0)
            count += plan->piece[i].count;
    return count;
}

static int
make(share *s)
{
    int status = pieces_plan_make(s->p, s->run, true, &s->plan);
    if (status == 0)
        status = pieces_plan_write(s->p, &s->plan);
    if (status != 0)
        return status;
    const ndr_plan *plan = &s->plan.plan;
    number a, b, c;
    tell_trouble(plan);
    if (!s->run->quiet)
        diag("plan '%s': %s pieces of %s sources, %s", s->p->plan_dir,
             text_count(a, plan->piece_count), text_count(b, sources_of(plan)),
             text_bytes(c, bytes_of(plan)));
    return plan->trouble_count > 0 ? EXIT_DAMAGED : EXIT_READ;
}

static void
list_piece(const share *s, const ndr_plan_piece *k, ndr_buffer *out)
{
    const ndr_plan *plan = &s->plan.plan;
    const ndr_plan_source *of = &plan->source[k->first];
    char name[RESULT_NAME_BYTES];
    result_name(k, s->counts ? PIECE_PROOFS : settings_outputs[s->run->output],
                s->p->zstd, name);
    ndr_buffer_printf(out, "%" PRIu64 "\t%s\t", k->bytes, name);
    text_safe(out, ndr_slice_of(piece_name(plan, k)));
    if (k->partial)
        ndr_buffer_printf(out, "\t%s %" PRIu64 "-%" PRIu64,
                          ndr_plan_what_name((enum ndr_plan_what)of->what), of->from,
                          of->until);
    else
        ndr_buffer_printf(out, "\t%s", ndr_plan_what_name((enum ndr_plan_what)of->what));
    if (k->count > 1)
        ndr_buffer_printf(out, " and %" PRIu32 " more", k->count - 1);
    ndr_buffer_byte(out, '\n');
}

static int
list(const share *s)
{
    ndr_buffer out = {0};
    ndr_error err = {0};
    for (size_t i = 0; i < s->todo_count; i++)
        list_piece(s, &s->plan.plan.piece[s->todo[i]], &out);
    int status = EXIT_READ;
    if (out.failed) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
    } else if (put_all(STDOUT_FILENO, (ndr_slice){out.ptr, out.len}, &err) != 0) {
        status = output_failed(&err);
    }
    ndr_buffer_free(&out);
    return status;
}

/* ---- this worker's pieces -------------------------------------------------------------
 */

static int
choose(share *s)
{
    const ndr_plan *plan = &s->plan.plan;
    s->todo = calloc(plan->piece_count > 0 ? plan->piece_count : 1, sizeof *s->todo);
    if (s->todo == NULL) {
        diag("out of memory");
        return EXIT_TERMINATED;
    }
    for (size_t i = 0; i < plan->piece_count; i++)
        if (shard_has(&s->shard, &plan->piece[i]))
            s->todo[s->todo_count++] = i;
    return 0;
}

/* Pass over what is done. */
static int
pass_over(share *s, ndr_error *err)
{
    size_t left = 0;
    for (size_t i = 0; i < s->todo_count; i++) {
        const int has =
            s->p->force ? 0 : out_dir_has(s->out, s->todo[i], s->p->verify, err);
        if (has < 0)
            return has;
        if (ndr_stop_asked(stop_flag()))
            return ndr_fail(err, NDR_E_STOPPED, "stopped");
        if (has)
            s->done_count++;
        else
            s->todo[left++] = s->todo[i];
    }
    s->todo_count = left;
    return 0;
}

/* ---- the run
 * ---------------------------------------------------------------------------- */

static void
on_trouble(void *ctx, const char *source, const char *text)
{
    share *s = ctx;
    progress_clear(&s->progress);
    diag("%s: %s; the rest was scanned", source, text);
    s->no_memory = s->no_memory || out_dir_trouble(s->out, source, text) != 0;
}

static void
on_progress(void *ctx, const ndr_stats *so_far)
{
    share *s = ctx;
    out_dir_progress(s->out, so_far);
    progress_tick(&s->progress, so_far);
}

static int
on_look(void *ctx, unsigned worker, ndr_scanner *scanner, const ndr_message *m,
        const ndr_verdict *v, ndr_error *err)
{
    const share *s = ctx;
    (void)worker, (void)scanner, (void)err;
    out_dir_look(s->out, m, v);
    return 0;
}

static void
tell_summary(share *s, const ndr_stats *st)
{
    const pieces_run *r = s->run;
    const ndr_windows *w = s->has_windows ? &s->windows : NULL;
    const int by = stop_signal();
    ndr_buffer table = {0};
    if (progress_is_read(r->progress_how))
        progress_end_json(&s->progress, st);
    else
        summary_table(&table, st, w, progress_seconds(&s->progress),
                      by == SIGTERM  ? "SIGTERM"
                      : by == SIGINT ? "SIGINT"
                                     : NULL);
    if (!table.failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){table.ptr, table.len}, NULL);
    ndr_buffer_free(&table);
}

static void
tell_end(share *s, const ndr_stats *st)
{
    const pieces_run *r = s->run;
    if (r->quiet && s->progress.how != PROGRESS_HADOOP)
        return;
    if (s->counts && !progress_is_read(r->progress_how))
        diag("weak proofs of %zu pieces were counted", out_dir_finished(s->out));
    else if (s->todo_count > 0 || progress_is_read(r->progress_how))
        tell_summary(s, st); /* of nothing a table would be taken for no mail */
}

/* How a run ends that was to do all of `todo`: what is amiss with mail is told in the
 * results, and another try would find the same. */
static int
status_of(const share *s, int rc, const ndr_error *err)
{
    if (rc < 0 && rc != NDR_E_STOPPED) {
        diag("%s; %zu results are whole", err->text, out_dir_finished(s->out));
        return pieces_status(err);
    }
    if (stop_signal() == SIGTERM || stop_signal() == SIGINT)
        return stop_signal() == SIGTERM ? EXIT_TERMINATED : EXIT_INTERRUPTED;
    ndr_error why;
    const size_t unread = out_dir_unread(s->out, &why);
    if (unread == 0)
        return EXIT_READ;
    diag(
        "pieces not done: %zu; what is in them could not be read. Is all mounted, and "
        "may this user read it? Run it again; where mail is gone for good, by a new plan",
        unread);
    return pieces_status(&why);
}

/* How messages are judged; or counted, as count_first does it. */
static ndr_scan_opts
scan_opts(const share *s)
{
    const pieces_run *r = s->run;
    ndr_scan_opts how = setup_scan_opts(r->setup);
    how.windows = s->has_windows ? &s->windows : NULL;
    if (s->counts) {
        how.prove = out_dir_prove;
    } else {
        how.facts_always = r->emit == NDR_EMIT_ALL;
        how.no_text_facts = r->output != NDR_OUTPUT_JSONL;
    }
    return how;
}

static int
scan(share *s, ndr_source *in, ndr_sink *sink)
{
    pieces_run *r = s->run;
    ndr_error err = {0}, close_err = {0};
    ndr_stats st = {0};
    const ndr_scan_opts how = scan_opts(s);
    const ndr_run_opts run_opts = {
        NDR_SIZED(ndr_run_opts),
        .scan = &how,
        .threads = r->threads,
        .cpus = cpus_allowed(),
        .emit = s->counts ? NDR_EMIT_JUNK : r->emit,
        .trouble = on_trouble,
        .progress = on_progress,
        .look = s->counts ? NULL : on_look,
        .ctx = s,
        .stop = stop_flag(),
    };
    int rc = ndr_run(&run_opts, in, sink, &st, &err);
    if (rc == 0 && s->no_memory)
        rc = ndr_fail(&err, NDR_E_NOMEM, "no memory to keep what is amiss");
    if (rc == 0)
        rc = out_dir_finish(s->out, &err);
    const int close_rc = sink->close(sink, &close_err);
    progress_clear(&s->progress);
    const int status = status_of(s, rc, rc != 0 ? &err : &close_err);
    if (rc == 0 || rc == NDR_E_STOPPED)
        tell_end(s, &st);
    ndr_stats_clear(&st);
    return close_rc != 0 && status == EXIT_READ ? EXIT_NOT_RUN : status;
}

/* Is all there that was named? What is not mounted is no mail without bounces. 0, or the
 * exit status, told. */
static int
check_operands(const pieces_run *r)
{
    for (size_t i = 0; i < r->input->path_count; i++) {
        struct stat st;
        ndr_error err = {0};
        if (strcmp(r->input->path[i], "-") == 0 || stat(r->input->path[i], &st) == 0)
            continue; /* standard input is told of by who makes the plan */
        (void)ndr_fail(&err, NDR_E_SYS, "%s: not readable", r->input->path[i]);
        diag("%s; nothing is scanned", err.text);
        return pieces_status(&err);
    }
    return 0;
}

/* ---- weak proofs, counted by all before anybody judges
 * ---------------------------------
 */

/* What all counted is loaded for who judges. 0, or the exit status, told. */
static int
take_counted(share *s)
{
    char remedy[9000];
    uint64_t by = 0;
    if (s->counts || !settings_count_first(&s->plan.settings))
        return 0;
    (void)snprintf(remedy, sizeof remedy,
                   "all shards count first: ndrscan scan --plan %s --shard K/N --out-dir "
                   "%s --count-first",
                   s->p->plan_dir, s->p->out_dir);
    const int status = united_proofs_load(out_dir_folder(s->out), s->p->out_dir, &s->plan,
                                          remedy, s->run->setup->prover, &by);
    out_dir_judge_by(s->out, by);
    return status;
}

/* What this worker counts anew changes what all counted. 0 or an ndr_code. */
static int
begin_counting(share *s, ndr_error *err)
{
    return s->counts && s->todo_count > 0
               ? united_proofs_forget(out_dir_folder(s->out), &s->plan, err)
               : 0;
}

/* The last who counts makes it. The exit status, told. */
static int
end_counting(share *s, int status)
{
    ndr_error err = {0};
    if (!s->counts || s->todo_count == 0 || status != EXIT_READ ||
        united_proofs_make(out_dir_folder(s->out), &s->plan, &err) == 0)
        return status;
    diag("%s: %s", s->p->out_dir, err.text);
    return pieces_status(&err);
}

/* ---- all of it ----------------------------------------------------------------------
 */

/* The folder, and what is to be done in it. 0, or the exit status, told. */
static int
open_share(share *s, ndr_source **ret)
{
    const pieces_run *r = s->run;
    ndr_error err = {0};
    const ndr_windows *loaded = r->setup->window_table != NULL
                                    ? ndr_window_table_rows(r->setup->window_table)
                                    : NULL;
    int code = 0, status = 0;
    if (loaded != NULL)
        code = pieces_plan_windows(s->p, &s->plan, loaded, &s->windows, &err);
    s->has_windows = loaded != NULL && code == 0;
    const out_dir_opts how = {.plan = &s->plan,
                              .path = s->p->out_dir,
                              .output = r->output,
                              .zstd = s->p->zstd,
                              .windows = s->has_windows ? &s->windows : NULL,
                              .count_first = s->counts ? r->setup : NULL};
    if (code == 0)
        code = out_dir_open(&how, &s->out, &err);
    if (code == 0)
        status = take_counted(s);
    if (code == 0 && status == 0)
        code = pass_over(s, &err);
    if (code == 0 && status == 0)
        code = begin_counting(s, &err);
    if (code == 0 && status == 0)
        code = ndr_input_open_plan(r->input, &s->plan.plan, s->todo, s->todo_count, ret,
                                   &err);
    if (code == 0)
        return status;
    diag("%s", err.text);
    return pieces_status(&err);
}

static int
run_share(share *s)
{
    pieces_run *r = s->run;
    ndr_error err = {0};
    ndr_source *in = NULL;
    ndr_sink *sink = NULL;
    int status = open_share(s, &in);
    if (status != 0)
        return status;
    if (!r->quiet && s->done_count > 0)
        diag("%zu of %zu pieces are done already", s->done_count,
             s->done_count + s->todo_count);
    progress_begin(&s->progress,
                   r->quiet && r->progress_how != PROGRESS_HADOOP ? PROGRESS_NEVER
                                                                  : r->progress_how,
                   in);
    ndr_source *source;
    out_dir_source(s->out, in, &source);
    status = EXIT_NOT_RUN;
    if (out_dir_sink(s->out, &sink, &err) != 0)
        diag("%s", err.text);
    else {
        stop_on_signals(source);
        status = scan(s, source, sink);
        stop_forget();
    }
    source->close(source);
    if (!s->counts)
        count_first_tell(r->setup->prover,
                         "a plan that is made with --count-first counts "
                         "before it judges, and keeps none");
    return end_counting(s, status);
}

/* Is nothing to be counted by the plan? Then *ret_status is how it ends, told. */
static bool
has_none_to_count(const share *s, int *ret_status)
{
    const char *how = s->plan.settings.value[SETTING_COUNT_FIRST];
    if (settings_count_first(&s->plan.settings))
        return false;
    if (strcmp(how, COUNT_FIRST_NO) == 0)
        *ret_status = opts_mistake(s->run->o,
                                   "the plan in '%s' was not made with --count-first; "
                                   "make one that is, in another folder",
                                   s->p->plan_dir);
    else if (!s->run->quiet)
        diag("nothing is to be counted: without an identity, or without windows, no "
             "proof is asked for");
    return true;
}

int
pieces_scan(const pieces *p, pieces_run *run)
{
    share s = {.p = p, .run = run, .shard = {0, 1}};
    ndr_error err = {0};
    int status = check(p, run);
    if (status == 0 && p->shard != NULL && shard_parse(p->shard, &s.shard, &err) != 0)
        status = opts_mistake(run->o, "%s", err.text);
    if (status != 0)
        return status;
    if (run->threads == 0)
        run->threads = cpus_allowed();
    run->input->read_ahead = run->threads > 1;
    const bool follows = p->plan_dir != NULL && !is_making(p);
    status = follows ? pieces_plan_follow(p, run, &s.plan) : setup_load(run->setup);
    s.counts = follows && p->count_first;
    bool ended = status != 0;
    if (!ended && s.counts)
        ended = has_none_to_count(&s, &status);
    if (!ended && is_making(p)) {
        status = make(&s);
    } else if (!ended) {
        if (!follows && !p->list)
            status = check_operands(run);
        if (!follows && status == 0)
            status = pieces_plan_make(p, run, false, &s.plan);
        ndr_buffer_free(&s.plan.text); /* as long as the list of mail */
        if (status == 0)
            status = choose(&s);
        if (status == 0)
            status = p->list ? list(&s) : run_share(&s);
    }
    out_dir_close(s.out);
    free(s.todo);
    free((void *)(uintptr_t)s.windows.row);
    plan_file_free(&s.plan);
    return status;
}
