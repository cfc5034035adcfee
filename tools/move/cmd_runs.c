/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_runs.c - `ndrscan runs`: which runs were there, and what is left of each? */
#include "app/commands.h"
#include "app/confine.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/mailbox_paths.h"
#include "app/tables.h"
#include "app/text.h"
#include "moves.h"
#include "ndrscan_rules.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct run_counts {
    uint64_t out, back, reversed, open;
} run_counts;

static run_counts
count(const only *whose, const ndr_journal_run *r)
{
    run_counts c = {0};
    for (size_t i = 0; i < r->move_count; i++) {
        const ndr_move *m = &r->move[i];
        if (!only_move(whose, r, m))
            continue;
        c.open += m->state == NDR_MOVE_OPEN;
        c.out += m->state == NDR_MOVE_DONE && m->kind == NDR_MOVE_OUT;
        c.back += m->state == NDR_MOVE_DONE && m->kind == NDR_MOVE_BACK;
        c.reversed += m->state == NDR_MOVE_DONE && m->reversed;
    }
    return c;
}

/* The run that a run puts back, "" for none. */
static const char *
undone_id(const ndr_journal_run *run, size_t runs, uint64_t sequence)
{
    for (size_t i = 0; i < runs && sequence != 0; i++)
        if (run[i].sequence == sequence)
            return run[i].id;
    return "";
}

/* A run may come to a Maildir twice. */
static bool
is_listed(const ndr_journal_run *r, size_t tree)
{
    for (size_t i = 0; i < tree; i++)
        if (strcmp(r->tree[i], r->tree[tree]) == 0)
            return true;
    return false;
}

static void
json_run(ndr_buffer *out, const only *whose, const ndr_journal_run *r, const char *undoes)
{
    const run_counts c = count(whose, r);
    json_begin(out, NULL, '{');
    json_put_word(out, "id", r->id);
    json_put_time(out, "begun", r->begun);
    json_put_word(out, "verb", r->verb);
    json_put_word(out, "undoes", undoes[0] != '\0' ? undoes : NULL);
    json_put_bool(out, "ended", r->ended);
    if (r->part)
        json_put_bool(out, "part", true);
    json_put_count(out, "junked", c.out);
    json_put_count(out, "released", c.back);
    json_put_count(out, "put_back", c.reversed);
    json_put_count(out, "in_flight", c.open);
    json_begin(out, "maildirs", '[');
    for (size_t i = 0; i < r->tree_count; i++)
        if (only_tree(whose, r, i) && !is_listed(r, i))
            json_put_word(out, NULL, r->tree[i]);
    ndr_buffer_text(out, "]}\n");
}

static void
table_run(ndr_buffer *out, const only *whose, const ndr_journal_run *r,
          const char *undoes)
{
    const run_counts c = count(whose, r);
    number a, b, d;
    ndr_buffer_printf(out, "%-24s %-6s %10s %10s %10s  ", r->id, r->verb,
                      text_count(a, c.out), text_count(b, c.back),
                      text_count(d, c.reversed));
    if (undoes[0] != '\0')
        ndr_buffer_printf(out, "undoes %s; ", undoes);
    if (c.open > 0)
        ndr_buffer_printf(out, "%s in flight; ", text_count(a, c.open));
    else if (!r->ended)
        ndr_buffer_text(out, "broken off; ");
    size_t trees = 0;
    for (size_t i = 0; i < r->tree_count; i++)
        if (only_tree(whose, r, i) && !is_listed(r, i) && trees++ == 0)
            text_safe(out, ndr_slice_of(r->tree[i]));
    if (trees > 1)
        ndr_buffer_printf(out, " and %s more", text_count(a, trees - 1));
    ndr_buffer_byte(out, '\n');
}

static void
list_head(moves *v)
{
    if (v->output == MOVES_TABLE)
        ndr_buffer_printf(&v->out, "%-24s %-6s %10s %10s %10s\n", "run", "verb", "junked",
                          "released", "put back");
}

static void
list_run(moves *v, const ndr_journal_run *r)
{
    size_t runs = 0;
    const ndr_journal_run *run = ndr_journal_runs(v->journal, &runs);
    const char *undoes = undone_id(run, runs, r->undoes);
    if (v->output == MOVES_JSONL)
        json_run(&v->out, &v->only, r, undoes);
    else
        table_run(&v->out, &v->only, r, undoes);
}

typedef struct pruning {
    moves *v;
    uint64_t removed, kept;
} pruning;

static void
tell_pruned(void *ctx, const ndr_journal_run *run, const char *kept)
{
    pruning *p = ctx;
    if (kept != NULL) {
        p->kept++;
        if (p->v->dry_run)
            diag("run %s stays: %s", run->id, kept);
        return;
    }
    if (p->removed++ == 0)
        list_head(p->v);
    list_run(p->v, run);
}

static int
prune(moves *v, int64_t age)
{
    pruning p = {.v = v};
    ndr_error err = {0};
    number a, b;
    if (!v->dry_run && !confine(NULL, 0, ndr_journal_folder(v->journal)))
        diag("warning: Landlock refused; going on without it");
    const int code = ndr_journal_prune(v->journal, (int64_t)time(NULL) - age, v->dry_run,
                                       tell_pruned, &p, &err);
    if (code != 0)
        diag("%s; stopped", err.text);
    diag("%s runs %s, %s older ones stay%s", text_count(a, p.removed),
         v->dry_run ? "would be removed" : "removed", text_count(b, p.kept),
         v->dry_run || p.kept == 0 ? "" : "; --dry-run tells why");
    return code == 0 ? EXIT_READ : EXIT_NOT_RUN;
}

/* The exit status; `v` is to be closed. */
static int
run(moves *v, opts *o, mailbox_paths *paths)
{
    const char *arg;
    ndr_error err = {0};
    int64_t age = 0;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        if (id == OPT_PRUNE && ndr_duration_parse(arg, &age, &err) != 0)
            return opts_mistake(o, "--prune %s", err.text);
        const int status = id == OPT_PRUNE ? 0
                           : id == OPT_RECIPIENT_PATH || id == OPT_RECIPIENT_MAP
                               ? mailbox_paths_option(paths, o, id, arg)
                               : moves_option(v, o, id, arg);
        if (status != 0)
            return status;
    }
    if (id < 0)
        return o->status;
    size_t operands = 0, runs = 0;
    (void)opts_operands(o, &operands);
    if (operands > 0)
        return opts_mistake(o, "takes no operands");
    /* whose mail it is, nobody asks who sees all of it */
    if (v->only.count > 0 && mailbox_paths_load(paths) != 0)
        return EXIT_NOT_RUN;
    only_end(&v->only, mailbox_paths_by(paths));
    if (v->only.count > 0 && age > 0)
        return opts_mistake(o, "--only-domain lists runs; --prune removes whole ones");
    if (v->dry_run && age == 0)
        return opts_mistake(o, "--dry-run goes with --prune; without it nothing changes");
    int status = moves_open_old(v, age > 0 && !v->dry_run);
    if (status != 0)
        return status;
    if (age > 0) {
        status = prune(v, age);
    } else {
        const ndr_journal_run *run = ndr_journal_runs(v->journal, &runs);
        size_t listed = 0;
        for (size_t i = 0; i < runs; i++) {
            if (!only_run(&v->only, &run[i]))
                continue;
            if (listed++ == 0)
                list_head(v);
            list_run(v, &run[i]);
        }
    }
    return moves_finish(v, status);
}

int
cmd_runs(opts *o)
{
    moves v = {.output = MOVES_TABLE};
    mailbox_paths paths = {0};
    const int status = run(&v, o, &paths);
    moves_close(&v);
    mailbox_paths_unload(&paths);
    return status;
}
