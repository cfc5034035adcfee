/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_apply.c - `ndrscan apply`: bring Maildirs into the state that the windows ask for.
 *
 * The scan is the one of `ndrscan scan`, with a sink that hands what is junk to the mover
 * as it comes, in input order. What ndrscan junked earlier is read first, in the same
 * run, and goes back when it is not junk any more.
 */
#define _GNU_SOURCE /* O_PATH */
#include "apply.h"

#include "app/commands.h"
#include "app/confine.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/places.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "junk_place.h"

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- options ------------------------------------------------------------------------
 */

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    apply *a = ctx;
    switch (id) {
    case OPT_RECURSIVE:
        a->recursive = true;
        return 0;
    case OPT_STATS:
        a->stats_path = arg;
        a->setup.counts = true;
        return 0;
    case OPT_JUNK_ONLY:
        a->junk_only = true;
        return 0;
    case OPT_RELEASE_ONLY:
        a->release_only = true;
        return 0;
    case OPT_AGAIN:
        a->again = true;
        return 0;
    case OPT_FROM_VERDICTS:
        a->verdicts_path = arg;
        return 0;
    case OPT_TRY:
        a->try_path = arg;
        return 0;
    case OPT_JUNK_FOLDER:
        if (!junk_place_can_be(arg))
            return opts_mistake(
                o, "--junk-folder '%s': name one folder of a Maildir, such as .Junk",
                arg);
        a->junk_asked = arg;
        return 0;
    case OPT_KEEP_CACHE:
        a->cold_limit_bytes = UINT64_MAX;
        return 0;
    case OPT_DROP_AFTER:
        return opts_cold_limit(o, id, arg, &a->cold_limit_bytes);
    case OPT_THREADS:
        return opts_threads(o, id, arg, &a->threads);
    default: {
        const int status = moves_option(&a->moves, o, id, arg);
        return status == 1 ? setup_option(&a->setup, o, id, arg) : status;
    }
    }
}

static bool
is_passed_over(const void *ctx, const maildir *m)
{
    return only_passes_over(ctx, m->shown);
}

/* -1, or the exit status. */
static int
take_args(apply *a, opts *o)
{
    const int status = opts_take(o, take_option, a);
    if (status >= 0)
        return status;
    size_t count = 0;
    char **path = opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "no MAILDIR; name the Maildirs to work on");
    if (a->junk_only && a->release_only)
        return opts_mistake(o,
                            "--junk and --release exclude each other; leave both out to "
                            "do both");
    if (a->stats_path != NULL &&
        (a->moves.dry_run || a->verdicts_path != NULL || a->release_only))
        return opts_mistake(o,
                            "--stats counts what is looked through to move it; leave it "
                            "out with --dry-run, --from-verdicts and --release");
    if (a->try_path != NULL && (!a->moves.dry_run || a->verdicts_path != NULL))
        return opts_mistake(o, "--try only tells what its windows would do; add "
                               "--dry-run, and leave --from-verdicts out");
    if (a->verdicts_path != NULL && a->release_only)
        return opts_mistake(o, "--from-verdicts only moves to Junk; leave --release out");
    if (a->moves.only.count > 0 && (a->stats_path != NULL || a->verdicts_path != NULL))
        return opts_mistake(o, "--only-domain sees a part of the mail; leave --stats and "
                               "--from-verdicts out");
    if (mailbox_paths_load(&a->setup.paths) != 0)
        return EXIT_NOT_RUN;
    only_end(&a->moves.only, mailbox_paths_by(&a->setup.paths));
    a->maildirs.leads = only_leads;
    a->maildirs.leads_ctx = &a->moves.only;
    for (size_t i = 0; i < count; i++) {
        ndr_error err = {0};
        const int code = maildirs_add(&a->maildirs, path[i], a->recursive, &err);
        if (code == NDR_E_NOMEM) {
            diag("%s", err.text);
            return EXIT_NOT_RUN;
        }
        if (code != 0)
            moves_fail(&a->moves, path[i], &err);
    }
    maildirs_drop(&a->maildirs, is_passed_over, &a->moves.only);
    return -1;
}

/* ---- the run -------------------------------------------------------------------------
 */

static void
tell_table(apply *a)
{
    moves *v = &a->moves;
    const char *id = a->mover != NULL ? ndr_mover_id(a->mover) : NULL;
    const uint64_t bounces = v->only.count > 0 ? a->own_bounces : a->total.bounces;
    number n;
    if (v->progress == PROGRESS_JSON) {
        ndr_buffer line = {0};
        moves_begin_end_json(v, &line);
        json_put_count(&line, "messages", a->total.messages);
        json_put_count(&line, "bounces", bounces);
        json_put_count(&line, "damaged_sources", a->total.sources_failed);
        json_put_count(&line, "undone", a->undone);
        spared_json(&a->spared, &line);
        moves_end_json(v, &line, id);
        return;
    }
    ndr_buffer t = {0};
    const struct {
        const char *name;
        uint64_t count;
    } row[] = {
        {"messages examined", a->total.messages},
        {"bounces among them", bounces},
        {v->dry_run ? "would go to Junk" : "moved to Junk", v->junked},
        {v->dry_run ? "would be brought back" : "brought back", v->released},
        {"stay, since undo put them back", a->undone},
        {"left, each named above", v->left},
        {"not readable", a->total.sources_failed},
        {"Maildirs left", v->failed},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (i < 4 || row[i].count > 0)
            ndr_buffer_printf(&t, "%-34s%13s\n", row[i].name,
                              text_count(n, row[i].count));
    spared_table(&a->spared, v->dry_run, &t);
    if (id != NULL && v->junked + v->released > 0)
        ndr_buffer_printf(&t, "to put it back: ndrscan undo %s\n", id);
    if (!t.failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){t.ptr, t.len}, NULL);
    ndr_buffer_free(&t);
}

/* All Maildirs, or for the last time those with what would stay by a weak proof. */
static int
do_maildirs(apply *a, ndr_error *err)
{
    int code = 0;
    for (size_t i = 0; i < a->maildirs.count && code == 0 && stop_signal() == 0; i++) {
        size_t at = 0;
        if (a->last && judge_again_next(&a->weak, i, &at) == NULL)
            continue;
        a->at = &a->maildirs.row[i];
        a->moves.shown = a->at->shown;
        if (moves_take(&a->moves, a->at->shown, a->at->uid, a->at->gid) != 0)
            continue;
        code = apply_maildir(a, err);
        moves_leave(&a->moves);
    }
    return code;
}

static int
run_maildirs(apply *a)
{
    ndr_error err = {0};
    int code = do_maildirs(a, &err);
    a->last = true;
    if (code == 0 && a->weak.count > 0)
        code = do_maildirs(a, &err);
    if (!a->moves.dry_run)
        proof_counts_keep(&a->counts, a->setup.prover, (int64_t)time(NULL));
    if (code == 0 || code == NDR_E_STOPPED)
        code = ndr_mover_end(a->mover, &err);
    if (code != 0)
        diag("%s; stopped, and what was in flight is settled by the next run", err.text);
    if (!a->moves.quiet)
        tell_table(a);
    int status = code != 0                     ? EXIT_NOT_RUN
                 : stop_signal() == SIGTERM    ? EXIT_TERMINATED
                 : stop_signal() == SIGINT     ? EXIT_INTERRUPTED
                 : a->total.sources_failed > 0 ? EXIT_DAMAGED
                                               : EXIT_READ;
    const int counted = stats_end(&a->stats, a->moves.quiet);
    return moves_finish(&a->moves, status < counted ? counted : status);
}

/* 0, or the exit status, told. */
static int
check_consent(apply *a)
{
    for (size_t i = 0; i < a->maildirs.count && !a->moves.as_owner; i++) {
        const maildir *m = &a->maildirs.row[i];
        if (moves_take(&a->moves, m->shown, m->uid, m->gid) != 0)
            return EXIT_NOT_RUN;
    }
    return 0;
}

/* From here on the Maildirs, the journal and the statistics are all that can change. 0,
 * or the exit status, told. */
static int
confine_apply(const apply *a)
{
    confine_place *place = calloc(a->maildirs.count + 3, sizeof *place);
    char folder[4096] = "";
    size_t n = 0;
    if (place == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (; n < a->maildirs.count; n++)
        place[n] = (confine_place){
            .folder = a->maildirs.row[n].full, .fd = -1, .right = CONFINE_MOVE};
    place[n++] = (confine_place){.fd = ndr_journal_folder(a->moves.journal),
                                 .right = CONFINE_KEEP};
    int below = -1, counts = -1;
    if (!a->moves.dry_run && a->counts.path[0] != '\0') {
        (void)place_make_above(a->counts.path, 0700, NULL); /* told when it is written */
        (void)snprintf(folder, sizeof folder, "%s", a->counts.path);
        counts = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
        place[n++] = (confine_place){.fd = counts, .right = CONFINE_KEEP};
    }
    if (a->stats.path != NULL) { /* SQLite keeps files beside it while it writes */
        (void)snprintf(folder, sizeof folder, "%s", a->stats.path);
        below = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
        place[n++] = (confine_place){.fd = below, .right = CONFINE_KEEP};
    }
    if (!confine_to(place, n))
        diag("warning: Landlock refused; going on without it");
    if (below >= 0)
        (void)close(below); /* was only named */
    if (counts >= 0)
        (void)close(counts);
    free(place);
    return 0;
}

static int
run(apply *a, const opts *o)
{
    ndr_error err = {0};
    if (a->try_path != NULL &&
        ndr_windows_load(&a->try_path, 1, NULL, &a->tried, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    if (a->setup.window_table == NULL && !a->setup.no_windows &&
        a->verdicts_path == NULL && a->tried == NULL)
        return opts_mistake(o,
                            "no windows; name them with --windows (--no-windows brings "
                            "everything back)");
    if (a->maildirs.count == 0) {
        if (!a->moves.quiet)
            tell_table(a);
        return moves_finish(&a->moves, 0);
    }
    int status = check_consent(a);
    if (status == 0)
        status = stats_begin_soon(&a->stats, a->stats_path, a->threads, a->setup.clock);
    if (status == 0 && a->verdicts_path != NULL &&
        verdict_file_load(a->verdicts_path, &a->verdicts, &err) != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    if (status == 0)
        status = moves_open(&a->moves, !a->moves.dry_run);
    /* what an undo knows that comes later */
    if (status == 0 && !a->moves.dry_run && apply_windows(a) != NULL &&
        ndr_journal_know(a->moves.journal, apply_windows(a), &err) != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    if (status != 0)
        return status;
    proof_counts_begin(&a->counts, a->setup.prover);
    status = confine_apply(a);
    const ndr_mover_opts how = {NDR_SIZED(ndr_mover_opts), .journal = a->moves.journal,
                                .verb = "apply",           .dry_run = a->moves.dry_run,
                                .tell = moves_tell,        .at_journal = moves_at_journal,
                                .ctx = &a->moves};
    if (status == 0 &&
        (ndr_mover_new(&how, &a->mover, &err) != 0 ||
         junked_begin(&a->junked, a->moves.journal, &err) != 0 ||
         (!a->again && put_back_begin(&a->put_back, a->moves.journal, &err) != 0))) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    return status == 0 ? run_maildirs(a) : status;
}

int
cmd_apply(opts *o)
{
    apply a = {
        .port = {NDR_SIZED(ndr_sink), .render = apply_render, .commit = apply_commit},
        .threads = cpus_allowed(),
        .moves = {.output = MOVES_SILENT}};
    if (setup_begin(&a.setup, o) != 0)
        return EXIT_NOT_RUN;
    int status = take_args(&a, o);
    if (status < 0) {
        a.setup.empty = a.try_path == NULL ? SETUP_EMPTY_REFUSE : SETUP_EMPTY_FINE;
        status = setup_load(&a.setup);
        if (status == 0)
            status = run(&a, o);
    }
    ndr_mover_free(a.mover);
    moves_close(&a.moves);
    verdict_file_free(a.verdicts);
    maildirs_free(&a.maildirs);
    junked_free(&a.junked);
    strings_free(&a.junk);
    put_back_free(&a.put_back);
    judge_again_free(&a.weak);
    proof_counts_end(&a.counts);
    free(a.back);
    ndr_window_table_free(a.tried);
    setup_free(&a.setup);
    return status;
}
