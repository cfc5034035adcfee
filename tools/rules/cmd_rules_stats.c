/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_rules_stats.c - `ndrscan rules stats`: how often does each rule fire on some mail?
 *
 * Which rules always match together is told without a table of pairs: each rule
 * keeps its number of matches and a sum of hashes of the messages it matched; rules
 * that agree in both matched the same messages.
 */
#include "app/commands.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/text.h"
#include "ndr_hash.h"
#include "scan/survey.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TOGETHER_MIN = 3 };           /* messages; below, it may be chance */
enum { AS_TABLE, AS_JSONL, AS_TSV }; /* in the order of --output's words */

typedef struct rule_count {
    uint64_t matched, named;
    uint64_t where; /* sum of hashes of the messages matched */
} rule_count;

typedef struct tally {
    const ndr_ruleset *rules;
    const setup *setup;
    size_t count; /* rules */
    unsigned threads;
    rule_count **worker; /* one row of `count` each, made by the worker itself */
} tally;

/* A number for a message, by its place. */
static uint64_t
number_of(const ndr_message *m)
{
    return ndr_hash(ndr_slice_of(m->source),
                    ndr_hash(ndr_slice_of(m->member), m->offset));
}

static int
look(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
     const ndr_verdict *v, ndr_error *err)
{
    tally *t = ctx;
    const ndr_ruleset *rules = t->setup->ruleset;
    const size_t count = ndr_ruleset_count(rules);
    if (t->worker[worker] == NULL)
        t->worker[worker] = calloc(count + 1, sizeof(rule_count));
    rule_count *row = t->worker[worker];
    if (row == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for counts");
    if (v->rule == NULL)
        return 0; /* of what matches one is named: nothing did */
    uint64_t place = 0;
    for (size_t i = 0; i < count; i++) {
        if (!ndr_scan_matched(s, i))
            continue;
        place = place != 0 ? place : number_of(m);
        row[i].matched++;
        row[i].where += place;
        row[i].named += v->rule == ndr_ruleset_rule(rules, i);
    }
    return 0;
}

/* ---- output --------------------------------------------------------------- */

/* Does rule `b` match what `a` matches, and enough of it? */
static bool
together(const rule_count *a, const rule_count *b)
{
    return a->matched >= TOGETHER_MIN && a->matched == b->matched && a->where == b->where;
}

/* Most matches first, then by id. */
static const tally *sorted;
static int
by_matches(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    const rule_count *row = sorted->worker[0];
    if (row[x].matched != row[y].matched)
        return row[x].matched < row[y].matched ? 1 : -1;
    return strcmp(ndr_ruleset_rule(sorted->rules, x)->id,
                  ndr_ruleset_rule(sorted->rules, y)->id);
}

static int
width_of(const tally *t)
{
    size_t width = 4;
    for (size_t i = 0; i < t->count; i++) {
        const size_t n = strlen(ndr_ruleset_rule(t->rules, i)->id);
        width = n > width ? n : width;
    }
    return (int)width;
}

static void
put_table(const tally *t, const size_t *order, const ndr_stats *st, ndr_buffer *out)
{
    const rule_count *row = t->worker[0];
    const int width = width_of(t);
    number a, b, c;
    size_t fired = 0;
    ndr_buffer_printf(out, "%s message%s, %s bounce%s, %s suspect%s\n\n",
                      text_count(a, st->messages), st->messages == 1 ? "" : "s",
                      text_count(b, st->bounces), st->bounces == 1 ? "" : "s",
                      text_count(c, st->suspects), st->suspects == 1 ? "" : "s");
    ndr_buffer_printf(out, "%-*s  %-16s  %11s  %11s\n", width, "rule", "kind", "matched",
                      "named");
    for (; fired < t->count && row[order[fired]].matched > 0; fired++) {
        const ndr_rule *r = ndr_ruleset_rule(t->rules, order[fired]);
        ndr_buffer_printf(out, "%-*s  %-16s  %11s  %11s\n", width, r->id,
                          ndr_kind_name(r->kind),
                          text_count(a, row[order[fired]].matched),
                          text_count(b, row[order[fired]].named));
    }
    ndr_buffer_printf(out, "\nnever matched: %s of %s rules\n",
                      text_count(a, t->count - fired), text_count(b, t->count));
    for (size_t i = fired; i < t->count; i++)
        ndr_buffer_printf(out, "  %s\n", ndr_ruleset_rule(t->rules, order[i])->id);
    bool any = false;
    for (size_t i = 0; i < fired; i++)
        for (size_t k = i + 1;
             k < fired && row[order[k]].matched == row[order[i]].matched; k++) {
            if (!together(&row[order[i]], &row[order[k]]))
                continue;
            if (!any)
                ndr_buffer_printf(out, "\nalways together, on %d messages or more\n",
                                  TOGETHER_MIN);
            any = true;
            ndr_buffer_printf(out, "  %-*s  %-*s  %11s\n", width,
                              ndr_ruleset_rule(t->rules, order[i])->id, width,
                              ndr_ruleset_rule(t->rules, order[k])->id,
                              text_count(a, row[order[i]].matched));
        }
}

/* The ids of the rules that always match with rule `i`: as a list of JSON, or with commas
 * between them. */
static void
put_partners(const tally *t, size_t i, int output, ndr_buffer *out)
{
    const rule_count *row = t->worker[0];
    bool any = false;
    for (size_t k = 0; k < t->count; k++) {
        if (k == i || !together(&row[i], &row[k]))
            continue;
        const char *id = ndr_ruleset_rule(t->rules, k)->id;
        if (output == AS_TSV)
            ndr_buffer_printf(out, "%s%s", any ? "," : "", id);
        else
            json_put_word(out, NULL, id);
        any = true;
    }
}

static void
put_lines(const tally *t, const size_t *order, int output, ndr_buffer *out)
{
    if (output == AS_TSV)
        ndr_buffer_text(out, "id\tkind\tsystem\tmatched\tnamed\ttogether\twhere\n");
    for (size_t n = 0; n < t->count; n++) {
        const size_t i = order[n];
        const ndr_rule *r = ndr_ruleset_rule(t->rules, i);
        const rule_count *row = &t->worker[0][i];
        if (output == AS_TSV) {
            ndr_buffer_printf(out, "%s\t%s\t", r->id, ndr_kind_name(r->kind));
            text_safe(out, ndr_slice_of(r->system));
            ndr_buffer_printf(out, "\t%" PRIu64 "\t%" PRIu64 "\t", row->matched,
                              row->named);
            put_partners(t, i, output, out);
            ndr_buffer_byte(out, '\t');
            text_safe(out, ndr_slice_of(r->where));
            ndr_buffer_byte(out, '\n');
            continue;
        }
        json_begin(out, NULL, '{');
        json_put_word(out, "id", r->id);
        json_put_word(out, "kind", ndr_kind_name(r->kind));
        json_put_word(out, "system", r->system);
        json_put_count(out, "matched", row->matched);
        json_put_count(out, "named", row->named);
        json_begin(out, "together", '[');
        put_partners(t, i, output, out);
        json_end(out, ']');
        json_put_word(out, "where", r->where);
        ndr_buffer_text(out, "}\n");
    }
}

/* Sum all workers' rows into the first, and print. False: no memory. */
static bool
put_all_counts(tally *t, int output, const ndr_stats *st, ndr_buffer *out)
{
    size_t *order = calloc(t->count + 1, sizeof *order);
    if (t->worker[0] == NULL)
        t->worker[0] = calloc(t->count + 1, sizeof(rule_count));
    if (order == NULL || t->worker[0] == NULL) {
        free(order);
        return false;
    }
    for (unsigned w = 1; w < t->threads; w++)
        for (size_t i = 0; i < t->count && t->worker[w] != NULL; i++) {
            t->worker[0][i].matched += t->worker[w][i].matched;
            t->worker[0][i].named += t->worker[w][i].named;
            t->worker[0][i].where += t->worker[w][i].where;
        }
    for (size_t i = 0; i < t->count; i++)
        order[i] = i;
    sorted = t;
    qsort(order, t->count, sizeof *order, by_matches);
    if (output == AS_TABLE)
        put_table(t, order, st, out);
    else
        put_lines(t, order, output, out);
    free(order);
    return !out->failed;
}

int
cmd_rules_stats(opts *o)
{
    survey s;
    tally t = {0};
    ndr_stats st = {0};
    ndr_buffer out = {0};
    int status = survey_args(&s, o);
    if (status >= 0)
        goto end;
    t.setup = &s.setup;
    t.threads = s.threads;
    t.worker = calloc(t.threads, sizeof *t.worker);
    if (t.worker == NULL) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
        goto end;
    }
    status = survey_run(&s, look, &t, true, &st);
    if (status == EXIT_NOT_RUN)
        goto end;
    t.rules = s.setup.ruleset;
    t.count = ndr_ruleset_count(t.rules);
    status = survey_write(put_all_counts(&t, s.output, &st, &out), &out, status);
end:
    for (unsigned w = 0; t.worker != NULL && w < t.threads; w++)
        free(t.worker[w]);
    free(t.worker);
    ndr_buffer_free(&out);
    ndr_stats_clear(&st);
    survey_free(&s);
    return status;
}
