/* SPDX-License-Identifier: BSD-3-Clause */
/* apply_maildir.c - what of a Maildir does `ndrscan apply` read, and how? */
#include "apply.h"

#include "app/commands.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/stop.h"
#include "junk_place.h"
#include "ndrscan_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *
below(const char *folder, const char *rel)
{
    const size_t n = strlen(folder);
    const size_t size = n + strlen(rel) + 2;
    char *path = malloc(size);
    if (path != NULL)
        (void)snprintf(path, size, "%s%s%s", folder,
                       n > 0 && folder[n - 1] == '/' ? "" : "/", rel);
    return path;
}

static int
add_path(const apply *a, strings *paths, const char *rel, ndr_error *err)
{
    char *path = below(a->at->shown, rel);
    const bool good = path != NULL && strings_add(paths, path);
    free(path);
    return good ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory for paths");
}

/* The half of a folder that a message is in: "Junk/cur" of "Junk/cur/NAME". */
static size_t
half_bytes(const char *rel)
{
    const char *slash = strrchr(rel, '/');
    return slash != NULL ? (size_t)(slash - rel) : 0;
}

static bool
add_once(strings *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i], text) == 0)
            return true;
    return strings_add(list, text);
}

/* The halves in which something lies that a run moved, and the folders that they are of.
 */
static int
find_junk_halves(apply *a, strings *halves, ndr_error *err)
{
    int code = a->junk_only ? 0 : junked_find(&a->junked, a->mover, a->at->full, err);
    for (size_t i = 0; i < a->junked.count && code == 0; i++) {
        char rel[512];
        const size_t n = half_bytes(a->junked.row[i].rel);
        (void)snprintf(rel, sizeof rel, "%.*s", (int)n, a->junked.row[i].rel);
        bool good = add_once(halves, rel);
        rel[half_bytes(rel)] = '\0';
        if (!good || !add_once(&a->junk, rel))
            code = ndr_fail(err, NDR_E_NOMEM, "no memory for paths");
    }
    return code;
}

/* What would stay by a weak proof. What its reader moved meanwhile is the next run's. */
static int
choose_weak(const apply *a, strings *paths, ndr_error *err)
{
    const size_t at_hand = (size_t)(a->at - a->maildirs.row);
    const char *rel;
    size_t at = 0;
    int code = 0;
    while (code == 0 && (rel = judge_again_next(&a->weak, at_hand, &at)) != NULL) {
        code = add_path(a, paths, rel, err);
        if (code == 0 && access(paths->at[paths->count - 1], F_OK) != 0)
            free(paths->at[--paths->count]);
    }
    return code;
}

/* What is to be read: Junk's halves first, before anything new is in them. */
static int
choose_paths(apply *a, strings *paths, ndr_error *err)
{
    if (a->verdicts != NULL) {
        const char *rel;
        size_t at = 0;
        int code = 0;
        while (code == 0 &&
               (rel = verdict_file_next(a->verdicts, a->at->full, &at)) != NULL)
            code = add_path(a, paths, rel, err);
        return code;
    }
    strings halves = {0};
    int code = find_junk_halves(a, &halves, err);
    if (a->last) {
        strings_free(&halves);
        return code == 0 ? choose_weak(a, paths, err) : code;
    }
    if (code == 0 && !a->release_only)
        code = maildir_halves(a->at, &a->junk, &halves, err);
    for (size_t i = 0; i < halves.count && code == 0; i++)
        code = add_path(a, paths, halves.at[i], err);
    strings_free(&halves);
    return code;
}

static void
on_trouble(void *ctx, const char *source, const char *text)
{
    apply *a = ctx;
    progress_clear(&a->progress);
    diag("%s: %s; left as it is", source, text);
}

/* The file of statistics is the caller's, whoever's rights are taken at the time. */
static void
tick_stats(apply *a)
{
    ndr_error err = {0};
    if (a->stats.counts == NULL)
        return;
    (void)moves_at_journal(&a->moves, true, &err); /* back to our own: cannot fail */
    stats_tick(&a->stats);
    if (moves_at_journal(&a->moves, false, &err) == 0)
        return;
    diag("%s; stopped, and what was in flight is settled by the next run", err.text);
    _exit(EXIT_NOT_RUN); /* never a move with more rights than the owner's */
}

static void
on_progress(void *ctx, const ndr_stats *so_far)
{
    apply *a = ctx;
    progress_tick(&a->progress, so_far);
    a->moves.messages = a->total.messages + (a->last ? 0 : so_far->messages);
    moves_tick(&a->moves);
    tick_stats(a);
}

static int
on_look(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
        const ndr_verdict *v, ndr_error *err)
{
    (void)s;
    return stats_look(&((apply *)ctx)->stats, worker, m, v, err);
}

/* Whose the mail of the Maildir at hand is, by its path. Asked message by message, one
 * would be another's as soon as it is in Junk. */
static const ndr_mailboxes *
mailboxes_here(apply *a)
{
    static const ndr_mailboxes tell_none;
    const ndr_mailboxes *by = mailbox_paths_by(&a->setup.paths);
    const ndr_mailbox *other =
        mailbox_paths_other(by, a->at->shown, a->junk.at[0][0] != '.');
    a->several = other != NULL;
    if (other == NULL)
        return by;
    if (!a->last && a->moves.only.count == 0)
        diag("%s: --recipient-map says otherwise of %.*s, which is in it and shares its "
             "Junk folder: for all its mail the header is asked whose it is, though scan "
             "goes by the path; take that line out, or make the folder a Maildir of its "
             "own, beside it",
             a->at->shown, (int)other->path.len, (const char *)other->path.ptr);
    return &tell_none;
}

static int
scan(apply *a, strings *paths, ndr_error *err)
{
    const ndr_input_opts input = {
        NDR_SIZED(ndr_input_opts),
        .path = (const char *const *)paths->at,
        .path_count = paths->count,
        .message_limit_bytes = a->setup.message_limit_bytes,
        .format = a->verdicts != NULL || a->last ? NDR_FORMAT_MESSAGE : NDR_FORMAT_AUTO,
        .read_ahead = a->threads > 1,
        .cold_limit_bytes = a->cold_limit_bytes,
    };
    ndr_source *in = NULL;
    int code = ndr_input_open(&input, &in, err);
    if (code != 0)
        return code;
    ndr_stats st = {0};
    progress_begin(&a->progress,
                   a->moves.quiet || a->moves.progress != PROGRESS_AUTO ? PROGRESS_NEVER
                                                                        : PROGRESS_AUTO,
                   in);
    stop_on_signals(in);
    ndr_scan_opts scan = setup_scan_opts(&a->setup);
    scan.mailboxes = mailboxes_here(a);
    scan.facts_always = a->verdicts != NULL; /* for Message-ID */
    scan.no_text_facts = true;
    scan.prove_always |= a->tried != NULL; /* whose windows the scanner does not know */
    const ndr_run_opts how = {
        NDR_SIZED(ndr_run_opts),
        .scan = &scan,
        .threads = a->threads,
        .cpus = cpus_allowed(),
        .emit = a->verdicts != NULL || a->junked.count > 0 ? NDR_EMIT_ALL
                : apply_is_planned(a) || a->tried != NULL || scan.prove != NULL ||
                        a->moves.only.count > 0
                    ? NDR_EMIT_BOUNCES
                    : NDR_EMIT_JUNK,
        .trouble = on_trouble,
        .progress = on_progress,
        .look = a->stats.counts != NULL && !a->last ? on_look : NULL,
        .ctx = a,
        .stop = stop_flag(),
    };
    code = ndr_run(&how, in, &a->port, &st, err);
    progress_clear(&a->progress);
    stop_forget();
    a->cold_limit_bytes = ndr_input_cold_left(in);
    in->close(in);
    a->total.messages += a->last ? 0 : st.messages;
    a->total.bounces += a->last ? 0 : st.bounces;
    a->total.sources_failed += st.sources_failed;
    ndr_stats_clear(&st);
    return code;
}

int
apply_maildir(apply *a, ndr_error *err)
{
    strings paths = {0};
    ndr_error why = {0};
    char *prefix = below(a->at->shown, "");
    a->prefix = prefix != NULL ? strlen(prefix) : 0;
    free(prefix);
    a->junked.count = 0;
    strings_free(&a->junk);
    put_back_in(&a->put_back, a->at->full);
    char junk[JUNK_PLACE_BYTES];
    int code = junk_place_find(a->at->full, a->junk_asked, junk, &why);
    if (code == 0 && !strings_add(&a->junk, junk))
        code = ndr_fail(&why, NDR_E_NOMEM, "no memory for paths");
    if (code == 0)
        code = ndr_mover_tree(a->mover, a->at->full, junk, &why);
    if (code == 0)
        code = choose_paths(a, &paths, &why);
    if (code != 0) {
        moves_fail(&a->moves, a->at->shown, &why);
        strings_free(&paths);
        return 0;
    }
    if (paths.count > 0)
        code = scan(a, &paths, err);
    code = apply_bring_back(a, code, err);
    strings_free(&paths);
    if (code != 0 && code != NDR_E_STOPPED)
        return code;
    const int flushed = ndr_mover_flush(a->mover, err);
    return flushed != 0 ? flushed : code;
}
