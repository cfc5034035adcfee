/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_undo.c - `ndrscan undo`: put back what a run of apply moved. */
#include "app/commands.h"
#include "app/confine.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/mailbox_paths.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "app/windows_place.h"
#include "maildirs.h"
#include "moves.h"
#include "ndrscan_rules.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 5 };

/* The Junk folder by the move's path: "Junk/cur/NAME" -> "Junk". */
static void
junk_of(const ndr_move *m, char ret[256])
{
    const char *path = m->kind == NDR_MOVE_OUT ? m->to : m->from;
    const size_t n = strcspn(path, "/");
    memcpy(ret, path, n < 255 ? n : 255);
    ret[n < 255 ? n : 255] = '\0';
}

/*
 * The move that has to be put back for `m`: itself; or, where it was put back and that
 * was put back in turn, the last of them. NULL when it has no effect any more.
 */
static ndr_move *
standing(const ndr_journal_run **run, ndr_move *m)
{
    /* of one that is gone undo knows no more than where it would be in Junk */
    bool stands = m->state == NDR_MOVE_DONE || m->state == NDR_MOVE_GONE;
    while (m->by != NULL) {
        *run = m->by_run;
        m = m->by;
        stands = !stands;
    }
    return stands && !m->reversed &&
                   (m->state == NDR_MOVE_DONE ||
                    (m->state == NDR_MOVE_GONE && m->of_run == 0))
               ? m
               : NULL;
}

/* Is anything left of the run to put back, of what is asked for? */
static bool
stands_in_part(const moves *v, const ndr_journal_run *run)
{
    bool any = false;
    for (size_t i = 0; i < run->move_count && !any; i++) {
        const ndr_journal_run *of = run;
        any = only_move(&v->only, run, &run->move[i]) &&
              standing(&of, &run->move[i]) != NULL;
    }
    return any;
}

/* The run that is asked for; NULL, told. What is no domain's that is asked for is as if
 * it were not there. */
static const ndr_journal_run *
choose_run(const moves *v, const char *id, int *ret_status)
{
    size_t count = 0;
    const ndr_journal_run *run = ndr_journal_runs(v->journal, &count);
    *ret_status = EXIT_NOT_RUN;
    for (size_t i = count; i > 0; i--) {
        const ndr_journal_run *r = &run[i - 1];
        if ((id != NULL && strcmp(r->id, id) != 0) || !only_run(&v->only, r))
            continue;
        if (id != NULL && r->undoes != 0) {
            diag("%s is itself an undo; to junk again, run apply --again", id);
            return NULL;
        }
        bool undone = r->undoes != 0, in_part = false;
        for (size_t k = i; k < count && id == NULL; k++)
            if (run[k].undoes == r->sequence && run[k].ended) {
                undone = undone || !run[k].part;
                in_part = true;
            }
        if (in_part)
            undone = undone || !stands_in_part(v, r);
        if (id != NULL || !undone)
            return r;
    }
    if (id != NULL)
        diag("no run '%s' in the journal; 'ndrscan runs' lists them", id);
    else
        diag("there is nothing to undo");
    if (id == NULL)
        *ret_status = EXIT_READ;
    return NULL;
}

/* Put back all of one Maildir's moves. A message whose name changes while its folder is
 * listed can hide, so what is not found is looked for again. */
static int
undo_tree(ndr_mover *m, const only *whose, const ndr_journal_run *run, uint32_t tree,
          ndr_error *err)
{
    int code = 0;
    bool more = true;
    for (int round = 0; round < ROUNDS && more && code >= 0; round++) {
        more = false;
        if (round > 0)
            ndr_mover_refresh(m);
        for (size_t i = run->move_count; i > 0 && code >= 0; i--) {
            const ndr_journal_run *of = run;
            ndr_move *move =
                run->move[i - 1].tree == tree && only_move(whose, run, &run->move[i - 1])
                    ? standing(&of, &run->move[i - 1])
                    : NULL;
            if (move == NULL)
                continue;
            code = ndr_mover_reverse(m, of, move, &(ndr_move_note){.why = "undone"},
                                     round + 1 < ROUNDS, err);
            if (code == 2)
                more = true;
            if (stop_signal() != 0)
                break;
        }
        if (code >= 0)
            code = ndr_mover_flush(m, err);
        if (stop_signal() != 0)
            break;
    }
    return code < 0 ? code : 0;
}

/* The last object of --progress=json, which is written also where there is nothing to
 * undo. False: another output was asked for. */
static bool
tell_json(moves *v, const char *undoes, const char *id)
{
    ndr_buffer line = {0};
    if (v->progress != PROGRESS_JSON)
        return false;
    moves_begin_end_json(v, &line);
    json_put_word(&line, "undoes", undoes);
    moves_end_json(v, &line, id);
    return true;
}

static void
tell_table(moves *v, const ndr_mover *m, const ndr_journal_run *run)
{
    number n;
    ndr_buffer t = {0};
    if (tell_json(v, run->id, ndr_mover_id(m)))
        return;
    ndr_buffer_printf(&t, "run %s%s\n", run->id, v->dry_run ? ", nothing changed" : "");
    ndr_buffer_printf(&t, "%-34s%13s\n", "put back", text_count(n, v->released));
    if (v->junked > 0)
        ndr_buffer_printf(&t, "%-34s%13s\n", "put into Junk again",
                          text_count(n, v->junked));
    if (v->released > 0)
        ndr_buffer_text(&t,
                        "what was put back stays until a window that covers it is made "
                        "or widened\n(ndrscan apply --again junks it all the same)\n");
    if (v->junked > 0)
        ndr_buffer_text(&t, "what no window covers the next apply brings back\n");
    ndr_buffer_printf(&t, "%-34s%13s\n", "left, each named above",
                      text_count(n, v->left));
    if (v->failed > 0)
        ndr_buffer_printf(&t, "%-34s%13s\n", "Maildirs left", text_count(n, v->failed));
    if (!t.failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){t.ptr, t.len}, NULL);
    ndr_buffer_free(&t);
}

/* Whether the run has a move in that Maildir that is to be put back; its first one. */
static const ndr_move *
first_of(const only *whose, const ndr_journal_run *run, size_t tree)
{
    for (size_t i = 0; i < run->move_count; i++) {
        const ndr_journal_run *of = run;
        if (run->move[i].tree == tree && only_move(whose, run, &run->move[i]) &&
            standing(&of, &run->move[i]) != NULL)
            return &run->move[i];
    }
    return NULL;
}

/* Whether of some moves in that Maildir nobody can say yet what became of them. */
static bool
is_unsettled(const only *whose, const ndr_journal_run *run, size_t tree)
{
    bool any = false;
    for (size_t i = 0; i < run->move_count && !any; i++) {
        const ndr_move *m = &run->move[i];
        while (m->by != NULL)
            m = m->by;
        any = run->move[i].tree == tree && m->state == NDR_MOVE_OPEN &&
              only_move(whose, run, &run->move[i]);
    }
    return any;
}

/* The owner of a Maildir: 0, 1 when it was told that it cannot be, or 2. */
static int
take_rights(moves *v, const char *path)
{
    struct stat st;
    ndr_error err = {0};
    const int fd = ndr_open_unlinked(path);
    const bool good = fd >= 0 && fstat(fd, &st) == 0;
    if (!good) {
        (void)ndr_fail(&err, NDR_E_SYS, "not readable");
        moves_fail(v, path, &err);
    }
    if (fd >= 0)
        (void)close(fd); /* was only read */
    return good ? moves_take(v, path, st.st_uid, st.st_gid) : EXIT_DAMAGED;
}

/* From here on the run's Maildirs and the journal are all that can change. 0, or the exit
 * status, told. */
static int
confine_undo(const moves *v, const ndr_journal_run *run)
{
    /* the lists' memory is the journal's; a copy only for its type */
    strings trees = {0};
    for (size_t i = 0; i < run->tree_count; i++)
        if (only_tree(&v->only, run, i) && !strings_add(&trees, run->tree[i])) {
            diag("out of memory");
            strings_free(&trees);
            return EXIT_NOT_RUN;
        }
    if (!confine(trees.at, trees.count, ndr_journal_folder(v->journal)))
        diag("warning: Landlock refused; going on without it");
    strings_free(&trees);
    return 0;
}

static int
undo_run(moves *v, const ndr_journal_run *run)
{
    ndr_error err = {0};
    ndr_mover *m = NULL;
    const ndr_mover_opts how = {NDR_SIZED(ndr_mover_opts),
                                .journal = v->journal,
                                .verb = "undo",
                                .undoes = run->sequence,
                                .dry_run = v->dry_run,
                                .tell = moves_tell,
                                .at_journal = moves_at_journal,
                                .ctx = v,
                                .part = v->only.count > 0};
    int status = confine_undo(v, run);
    if (status != 0)
        return status;
    int code = ndr_mover_new(&how, &m, &err);
    for (uint32_t i = 0; i < run->tree_count && code == 0 && stop_signal() == 0; i++) {
        const ndr_move *first = first_of(&v->only, run, i);
        ndr_error why = {0};
        if (!v->dry_run && is_unsettled(&v->only, run, i)) {
            (void)ndr_fail(&why, NDR_E_SYNTAX,
                           "what was in flight cannot be looked for yet; undo %s again "
                           "when it can be",
                           run->id);
            moves_fail(v, run->tree[i], &why);
        }
        if (first == NULL)
            continue;
        const int rights = take_rights(v, run->tree[i]);
        if (rights == EXIT_NOT_RUN)
            status = EXIT_NOT_RUN;
        if (rights != 0)
            continue;
        char junk[256];
        junk_of(first, junk);
        why = (ndr_error){0};
        if (ndr_mover_tree(m, run->tree[i], junk, &why) != 0)
            moves_fail(v, run->tree[i], &why);
        else
            code = undo_tree(m, &v->only, run, i, &err);
        moves_leave(v);
    }
    /* a run is undone when all of it was seen to */
    if (code == 0 && status == 0 && v->failed == 0 && stop_signal() == 0)
        code = ndr_mover_end(m, &err);
    if (code != 0) {
        diag("%s; stopped, and what was in flight is settled by the next run", err.text);
        status = EXIT_NOT_RUN;
    }
    if (!v->quiet)
        tell_table(v, m, run);
    ndr_mover_free(m);
    if (status == 0 && stop_signal() != 0)
        status = stop_signal() == SIGTERM ? EXIT_TERMINATED : EXIT_INTERRUPTED;
    return moves_finish(v, status);
}

/* Note the windows that are at work by now. Undo does not fail for them. */
static void
know_windows(const moves *v, const strings *given)
{
    windows_places places;
    const char *by_default[WINDOWS_PLACES];
    ndr_error err = {0};
    ndr_window_table *t = NULL;
    const char *const *path = (const char *const *)given->at;
    int code = (int)given->count;
    if (given->count == 0) {
        path = by_default;
        code = windows_places_there(NULL, &places, by_default, &err);
    }
    if (code == 0)
        return;
    if (code > 0)
        code = ndr_windows_load(path, (size_t)code, NULL, &t, &err);
    if (code == 0)
        code = ndr_journal_know(v->journal, ndr_window_table_rows(t), &err);
    if (code != 0)
        diag("warning: %s; what is put back stays against the windows of earlier runs",
             err.text);
    ndr_window_table_free(t);
}

/* 0, or the exit status, told. */
static int
take_options(moves *v, opts *o, mailbox_paths *paths, strings *windows)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        int status = 0;
        if (id == OPT_RECIPIENT_PATH || id == OPT_RECIPIENT_MAP)
            status = mailbox_paths_option(paths, o, id, arg);
        else if (id != OPT_WINDOWS)
            status = moves_option(v, o, id, arg);
        else if (!strings_add(windows, arg))
            status = opts_mistake(o, "out of memory");
        if (status != 0)
            return status;
    }
    /* whose mail it is, nobody asks who puts back all of it */
    if (id == 0 && v->only.count > 0 && mailbox_paths_load(paths) != 0)
        return EXIT_NOT_RUN;
    only_end(&v->only, mailbox_paths_by(paths));
    return id < 0 ? o->status == 0 ? -1 : o->status : 0;
}

int
cmd_undo(opts *o)
{
    moves v = {.output = MOVES_SILENT};
    strings windows = {0};
    mailbox_paths paths = {0};
    int status = take_options(&v, o, &paths, &windows);
    if (status != 0) {
        only_free(&v.only);
        mailbox_paths_unload(&paths);
        strings_free(&windows);
        return status < 0 ? 0 : status;
    }
    size_t count = 0;
    char **run = opts_operands(o, &count);
    stop_on_signals(NULL);
    status = count > 1 ? opts_mistake(o, "one RUN at a time; 'ndrscan runs' lists them")
                       : moves_open_old(&v, !v.dry_run);
    if (status == 0) {
        const ndr_journal_run *which = choose_run(&v, count > 0 ? run[0] : NULL, &status);
        if (which != NULL && !v.dry_run)
            know_windows(&v, &windows);
        if (which != NULL)
            status = undo_run(&v, which);
        else if (status == EXIT_READ && !v.quiet)
            (void)tell_json(&v, NULL, NULL);
    }
    moves_close(&v);
    mailbox_paths_unload(&paths);
    strings_free(&windows);
    return status;
}
