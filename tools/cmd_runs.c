/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_runs.c - `ndrscan runs`: which runs were there, and what is left of each? */
#include "commands.h"
#include "moves.h"
#include "ndrscan_io.h"
#include "say.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct run_counts {
    uint64_t out, back, reversed, open;
} run_counts;

static run_counts
count(const ndr_journal_run *r)
{
    run_counts c = {0};
    for (size_t i = 0; i < r->move_count; i++) {
        const ndr_move *m = &r->move[i];
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

static void
json_run(ndr_buffer *out, const ndr_journal_run *r, const char *undoes)
{
    const run_counts c = count(r);
    char at[32];
    ndr_time_format(r->begun, at);
    ndr_buffer_printf(out, "{\"id\":\"%s\",\"begun\":\"%s\",\"verb\":\"", r->id, at);
    ndr_json_text(out, ndr_slice_of(r->verb));
    ndr_buffer_printf(
        out,
        "\",\"undoes\":%s%s%s,\"ended\":%s,\"junked\":%" PRIu64 ",\"released\":%" PRIu64
        ",\"put_back\":%" PRIu64 ",\"in_flight\":%" PRIu64 ",\"maildirs\":[",
        undoes[0] != '\0' ? "\"" : "null", undoes, undoes[0] != '\0' ? "\"" : "",
        r->ended ? "true" : "false", c.out, c.back, c.reversed, c.open);
    for (size_t i = 0; i < r->tree_count; i++) {
        ndr_buffer_text(out, i > 0 ? ",\"" : "\"");
        ndr_json_text(out, ndr_slice_of(r->tree[i]));
        ndr_buffer_byte(out, '"');
    }
    ndr_buffer_text(out, "]}\n");
}

static void
table_run(ndr_buffer *out, const ndr_journal_run *r, const char *undoes)
{
    const run_counts c = count(r);
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
    if (r->tree_count > 0)
        text_safe(out, ndr_slice_of(r->tree[0]));
    if (r->tree_count > 1)
        ndr_buffer_printf(out, " and %s more", text_count(a, r->tree_count - 1));
    ndr_buffer_byte(out, '\n');
}

int
cmd_runs(opts *o)
{
    moves v = {.output = MOVES_TABLE};
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        const int status = moves_option(&v, o, id, arg);
        if (status != 0)
            return status;
    }
    if (id < 0)
        return o->status;
    size_t operands = 0, runs = 0;
    (void)opts_operands(o, &operands);
    if (operands > 0)
        return opts_mistake(o, "takes no operands");
    int status = moves_open(&v, false);
    if (status != 0)
        return status;
    const ndr_journal_run *run = ndr_journal_runs(v.journal, &runs);
    if (v.output == MOVES_TABLE && runs > 0)
        ndr_buffer_printf(&v.out, "%-24s %-6s %10s %10s %10s\n", "run", "verb", "junked",
                          "released", "put back");
    for (size_t i = 0; i < runs; i++) {
        const char *undoes = undone_id(run, runs, run[i].undoes);
        if (v.output == MOVES_JSONL)
            json_run(&v.out, &run[i], undoes);
        else
            table_run(&v.out, &run[i], undoes);
    }
    status = moves_finish(&v, EXIT_READ);
    moves_close(&v);
    return status;
}
