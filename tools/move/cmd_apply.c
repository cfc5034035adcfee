/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_apply.c - `ndrscan apply`: bring Maildirs into the state that the windows ask for.
 *
 * The scan is the one of `ndrscan scan`, with a sink that hands what is junk to the mover
 * as it comes, in input order. What ndrscan junked earlier is read first, in the same
 * run, and goes back when it is not junk any more.
 */
#define _GNU_SOURCE /* O_PATH */
#include "app/commands.h"
#include "app/confine.h"
#include "app/count_run.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/progress.h"
#include "app/setup.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "decided.h"
#include "junk_place.h"
#include "junked.h"
#include "maildirs.h"
#include "moves.h"
#include "ndrscan_io.h"
#include "scan/verdict_file.h"
#include "spared.h"

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct apply {
    ndr_sink port; /* first: the run sees this */
    setup setup;
    moves moves;
    maildirs maildirs;
    const char *junk_asked, *verdicts_path, *try_path; /* or NULL */
    ndr_window_table *tried;                           /* of --try, else NULL */
    bool recursive, junk_only, release_only, again;
    unsigned threads;
    verdict_file *verdicts; /* of --from-verdicts, else NULL */
    ndr_mover *mover;
    ndr_stats total; /* counts of messages, bounces and damaged sources only */
    /* the Maildir at hand */
    const maildir *at;
    size_t prefix; /* bytes of its path in front of a message's */
    strings junk;  /* its Junk folder, and others that runs moved to */
    junked junked;
    struct back {
        const junked_row *row;
        ndr_move_note note; /* one allocation, at `why` */
    } * back; /* what goes back once all is read, so that nothing is read twice */
    size_t back_count, back_cap;
    decided decided;
    uint64_t undone; /* messages that stay, since undo put them back */
    spared spared;   /* that stay for whose mail came back */
    progress progress;
    const char *stats_path;
    stats stats;
} apply;

/* What commit will act on: one a message in question, kept beside the batch's bytes. */
typedef struct record {
    enum ndr_decision decision;
    bool tried; /* junk by a window of --try alone */
    bool damaged, whole_file;
    bool planned; /* it stays, and whoever reads the plan is told of it */
    bool spared;  /* it stays for whose mail came back */
    enum ndr_whose whose;
    const char *proof;           /* static; of `spared`, or NULL */
    const ndr_journal_run *undo; /* that put it back, to stay; else NULL */
    uint64_t length;
    size_t rel, id, to, why; /* offsets in the batch's bytes, a NUL behind each */
    size_t id_bytes;
} record;

/* ---- options
 * --------------------------------------------------------------------------- */

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
    case OPT_THREADS:
        return opts_threads(o, id, arg, &a->threads);
    default: {
        const int status = moves_option(&a->moves, o, id, arg);
        return status == 1 ? setup_option(&a->setup, o, id, arg) : status;
    }
    }
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
    return -1;
}

/* ---- the sink
 * ----------------------------------------------------------------------------- */

static bool
in_junk(const apply *a, const char *rel)
{
    for (size_t i = 0; i < a->junk.count; i++) {
        const size_t n = strlen(a->junk.at[i]);
        if (strncmp(rel, a->junk.at[i], n) == 0 && rel[n] == '/')
            return true;
    }
    return false;
}

/* Whether a program reads what would be done, and of what would stay. */
static bool
is_planned(const apply *a)
{
    return a->moves.dry_run && a->moves.output == MOVES_JSONL;
}

static const ndr_windows *
windows_now(const apply *a)
{
    return a->setup.window_table != NULL ? ndr_window_table_rows(a->setup.window_table)
                                         : NULL;
}

/* Whether a window of a table, or NULL, is about this domain, at whatever time. */
static bool
has_domain(const ndr_window_table *table, ndr_slice domain)
{
    const ndr_windows *w = table != NULL ? ndr_window_table_rows(table) : NULL;
    for (size_t i = 0; w != NULL && i < w->count; i++)
        if (ndr_window_is_for(&w->row[i], domain))
            return true;
    return false;
}

static bool
is_watched(const apply *a, ndr_slice domain)
{
    return has_domain(a->setup.window_table, domain) || has_domain(a->tried, domain);
}

/* The undo whose decision keeps a message where it is; NULL: none does. */
static const ndr_journal_run *
undo_of(const apply *a, const char *rel, const ndr_verdict *v)
{
    const ndr_journal_run *undo =
        a->decided.count > 0 ? decided_by(&a->decided, rel) : NULL;
    /* of a record, no window need cover it now */
    return undo != NULL &&
                   (v->window == NULL ||
                    ndr_journal_stands(a->moves.journal, undo, windows_now(a), v->window))
               ? undo
               : NULL;
}

/* Where the text begins in the batch's bytes. */
static size_t
add_text(ndr_buffer *out, ndr_slice text)
{
    const size_t at = out->len;
    ndr_buffer_add(out, text);
    ndr_buffer_byte(out, '\0');
    return at;
}

/* The verdict that counts, `v` or, in *ret_tried, what --try makes of it; and the undo
 * that keeps the message, or NULL. */
static const ndr_verdict *
choose_verdict(const apply *a, const char *rel, const ndr_verdict *v,
               ndr_verdict *ret_tried, const ndr_journal_run **ret_undo)
{
    *ret_undo = undo_of(a, rel, v);
    if (a->tried == NULL)
        return v;
    *ret_tried = *v;
    /* what stays by now may be for a window of --try, also when an undo keeps it */
    if (v->decision == NDR_KEEP || (v->decision == NDR_JUNK && *ret_undo != NULL))
        ndr_decide(ret_tried, ndr_window_table_rows(a->tried));
    if (ret_tried->decision == NDR_JUNK && ret_tried->window != v->window) {
        *ret_undo = undo_of(a, rel, ret_tried);
        return ret_tried;
    }
    return v->decision == NDR_KEEP && ret_tried->spared != NULL ? ret_tried : v;
}

/* Keep what commit will act on. */
static int
render(const ndr_sink *s, ndr_batch *b, const ndr_message *m, const ndr_verdict *verdict,
       ndr_error *err)
{
    const apply *a = (const apply *)s;
    const char *rel = strlen(m->source) > a->prefix ? m->source + a->prefix : "";
    ndr_verdict tried;
    const ndr_journal_run *undo;
    const ndr_verdict *v = choose_verdict(a, rel, verdict, &tried, &undo);
    const bool planned =
        is_planned(a) && v->decision == NDR_KEEP && is_watched(a, v->domain);
    const bool spares = v->spared != NULL && v->evidence != NULL && !in_junk(a, rel);
    if (v->decision != NDR_JUNK && a->verdicts == NULL && !in_junk(a, rel) && !planned &&
        !spares)
        return 0;
    record *r = ndr_batch_record(b, sizeof *r);
    if (r == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a verdict");
    r->decision = v->decision;
    r->tried = v == &tried && v->decision == NDR_JUNK;
    r->planned = planned;
    r->spared = spares;
    r->whose = spares ? v->evidence->whose : NDR_WHOSE_UNKNOWN;
    r->proof = spares && v->evidence->decisive >= 0
                   ? v->evidence->proof[v->evidence->decisive].name
                   : NULL;
    r->damaged = (v->flags & NDR_MSG_DAMAGED) != 0;
    r->whole_file = m->index == 0 && m->member == NULL;
    r->undo = undo;
    r->length = m->length;
    r->rel = add_text(&b->out, ndr_slice_of(rel));
    r->id = add_text(&b->out, v->message_id);
    r->id_bytes = v->message_id.len;
    r->to = add_text(&b->out, v->recipient);
    r->why = b->out.len;
    ndr_verdict_reason(v, &b->out);
    ndr_buffer_byte(&b->out, '\0');
    return b->out.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a verdict") : 0;
}

/* A message that a window covers, and that stays since it was put back. */
static void
keep_undone(apply *a, const record *r, const char *rel, ndr_move_note note)
{
    char why[160];
    (void)snprintf(why, sizeof why,
                   "put back by undo %s, and no window that covers it is new or wider "
                   "since",
                   r->undo->id);
    note.why = why;
    a->undone++;
    moves_keep(&a->moves, rel, &note);
}

/* Have a message brought back once all is read. */
static int
bring_back(apply *a, const junked_row *row, const ndr_move_note *note, ndr_error *err)
{
    const size_t why = strlen(note->why) + 1;
    const size_t to = note->recipient != NULL ? strlen(note->recipient) + 1 : 0;
    char *text = malloc(why + to);
    if (text != NULL && a->back_count == a->back_cap) {
        const size_t cap = a->back_cap > 0 ? a->back_cap * 2 : 64;
        struct back *more = realloc(a->back, cap * sizeof *more);
        if (more == NULL) {
            free(text);
            text = NULL;
        } else {
            a->back = more;
            a->back_cap = cap;
        }
    }
    if (text == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to bring mail back");
    memcpy(text, note->why, why);
    if (to > 0)
        memcpy(text + why, note->recipient, to);
    a->back[a->back_count++] = (struct back){
        row,
        {.why = text, .verdict = note->verdict, .recipient = to > 0 ? text + why : NULL}};
    return 0;
}

/* Bring them back, unless `code` says that the run is over; and forget them. */
static int
bring_all_back(apply *a, int code, ndr_error *err)
{
    for (size_t i = 0; i < a->back_count; i++) {
        const struct back *b = &a->back[i];
        const int moved = code == 0
                              ? ndr_mover_reverse(a->mover, b->row->run, b->row->move,
                                                  &b->note, false, err)
                              : 0;
        void *text;
        memcpy(&text, &b->note.why, sizeof text); /* const is for whoever reads it */
        free(text);
        if (moved < 0)
            code = moved;
    }
    a->back_count = 0;
    return code;
}

static int
act(apply *a, const record *r, const char *rel, ndr_slice id, ndr_move_note note,
    ndr_error *err)
{
    if (a->verdicts != NULL) {
        switch (verdict_file_match(a->verdicts, a->at->full, rel, id, r->length,
                                   r->whole_file, &note.why)) {
        case KEPT_SAME:
            note.verdict = ndr_decision_name(NDR_JUNK);
            if (r->undo != NULL) {
                keep_undone(a, r, rel, note);
                return 0;
            }
            return ndr_mover_out(a->mover, rel, &note, err);
        case KEPT_OTHER:
            a->moves.left++;
            diag("%s/%s: left: is not the message that was scanned", a->at->shown, rel);
            return 0;
        case KEPT_NONE:
            return 0;
        }
    }
    /* damage hides what else would speak: what breaks off stays until it can be read */
    if (r->damaged || !r->whole_file)
        return 0;
    if (r->spared)
        spared_add(&a->spared, r->whose, r->proof);
    if (!in_junk(a, rel)) {
        if (r->decision == NDR_JUNK && r->undo != NULL)
            keep_undone(a, r, rel, note);
        else if (r->decision == NDR_JUNK)
            return ndr_mover_out(a->mover, rel, &note, err);
        else if (r->planned)
            moves_keep(&a->moves, rel, &note);
        return 0;
    }
    const junked_row *j = junked_at(&a->junked, rel);
    if (j == NULL || r->decision == NDR_JUNK || j->move->reversed)
        return 0;
    return bring_back(a, j, &note, err);
}

static int
commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    apply *a = (apply *)s;
    (void)base;
    const record *r = b->record;
    for (size_t i = 0; i < b->record_count; i++, r++) {
        const char *text = (const char *)b->out.ptr;
        const char *to = text + r->to;
        const ndr_slice id = {b->out.ptr + r->id, r->id_bytes};
        const ndr_move_note note = {.why = text + r->why,
                                    .recipient = to[0] != '\0' ? to : NULL,
                                    .verdict = r->tried ? "try"
                                                        : ndr_decision_name(r->decision)};
        const int code = act(a, r, text + r->rel, id, note, err);
        if (code != 0)
            return code;
    }
    return 0;
}

/* ---- one Maildir
 * ------------------------------------------------------------------------- */

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
    a->moves.messages = a->total.messages + so_far->messages;
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

static int
scan(apply *a, strings *paths, ndr_error *err)
{
    const ndr_input_opts input = {
        NDR_SIZED(ndr_input_opts),
        .path = (const char *const *)paths->at,
        .path_count = paths->count,
        .message_limit_bytes = a->setup.message_limit_bytes,
        .format = a->verdicts != NULL ? NDR_FORMAT_MESSAGE : NDR_FORMAT_AUTO,
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
    scan.facts_always = a->verdicts != NULL; /* for Message-ID */
    scan.no_text_facts = true;
    scan.prove_always |= a->tried != NULL; /* whose windows the scanner does not know */
    const ndr_run_opts how = {
        NDR_SIZED(ndr_run_opts),
        .scan = &scan,
        .threads = a->threads,
        .cpus = cpus_allowed(),
        .emit = a->verdicts != NULL || a->junked.count > 0 ? NDR_EMIT_ALL
                : is_planned(a) || a->tried != NULL || scan.prove != NULL
                    ? NDR_EMIT_BOUNCES
                    : NDR_EMIT_JUNK,
        .trouble = on_trouble,
        .progress = on_progress,
        .look = a->stats.counts != NULL ? on_look : NULL,
        .ctx = a,
        .stop = stop_flag(),
    };
    code = ndr_run(&how, in, &a->port, &st, err);
    progress_clear(&a->progress);
    stop_forget();
    in->close(in);
    a->total.messages += st.messages;
    a->total.bounces += st.bounces;
    a->total.sources_failed += st.sources_failed;
    ndr_stats_clear(&st);
    return code;
}

/* 0, or an ndr_code that ends the run. */
static int
do_maildir(apply *a, ndr_error *err)
{
    strings paths = {0};
    ndr_error why = {0};
    char *prefix = below(a->at->shown, "");
    a->prefix = prefix != NULL ? strlen(prefix) : 0;
    free(prefix);
    a->junked.count = 0;
    strings_free(&a->junk);
    decided_in(&a->decided, a->at->full);
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
    code = bring_all_back(a, code, err);
    strings_free(&paths);
    if (code != 0 && code != NDR_E_STOPPED)
        return code;
    const int flushed = ndr_mover_flush(a->mover, err);
    return flushed != 0 ? flushed : code;
}

/* ---- the run
 * ---------------------------------------------------------------------------------- */

static void
tell_table(apply *a)
{
    moves *v = &a->moves;
    const char *id = a->mover != NULL ? ndr_mover_id(a->mover) : NULL;
    number n;
    if (v->progress == PROGRESS_JSON) {
        ndr_buffer line = {0};
        moves_begin_end_json(v, &line);
        json_put_count(&line, "messages", a->total.messages);
        json_put_count(&line, "bounces", a->total.bounces);
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
        {"bounces among them", a->total.bounces},
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

static int
run_maildirs(apply *a)
{
    ndr_error err = {0};
    int code = 0;
    for (size_t i = 0; i < a->maildirs.count && code == 0 && stop_signal() == 0; i++) {
        a->at = &a->maildirs.row[i];
        a->moves.shown = a->at->shown;
        if (moves_take(&a->moves, a->at->shown, a->at->uid, a->at->gid) != 0)
            continue;
        code = do_maildir(a, &err);
        moves_leave(&a->moves);
    }
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
    confine_place *place = calloc(a->maildirs.count + 2, sizeof *place);
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
    int below = -1;
    if (a->stats.path != NULL) { /* SQLite keeps files beside it while it writes */
        (void)snprintf(folder, sizeof folder, "%s", a->stats.path);
        below = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
        place[n++] = (confine_place){.fd = below, .right = CONFINE_KEEP};
    }
    if (!confine_to(place, n))
        diag("warning: Landlock refused; going on without it");
    if (below >= 0)
        (void)close(below); /* was only named */
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
    if (status == 0 && !a->moves.dry_run && windows_now(a) != NULL &&
        ndr_journal_know(a->moves.journal, windows_now(a), &err) != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    if (status != 0)
        return status;
    status = confine_apply(a);
    const ndr_mover_opts how = {NDR_SIZED(ndr_mover_opts), .journal = a->moves.journal,
                                .verb = "apply",           .dry_run = a->moves.dry_run,
                                .tell = moves_tell,        .at_journal = moves_at_journal,
                                .ctx = &a->moves};
    if (status == 0 &&
        (ndr_mover_new(&how, &a->mover, &err) != 0 ||
         junked_begin(&a->junked, a->moves.journal, &err) != 0 ||
         (!a->again && decided_begin(&a->decided, a->moves.journal, &err) != 0))) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    return status == 0 ? run_maildirs(a) : status;
}

int
cmd_apply(opts *o)
{
    apply a = {.port = {.render = render, .commit = commit},
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
    decided_free(&a.decided);
    free(a.back);
    ndr_window_table_free(a.tried);
    setup_free(&a.setup);
    return status;
}
