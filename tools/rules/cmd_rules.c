/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_rules.c - `ndrscan rules check` and `ndrscan rules list`: the signatures. */
#include "app/commands.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/setup.h"
#include "app/tables.h"
#include "app/text.h"

#include <string.h>
#include <unistd.h>

/* Options up to the operands, of which there are none. Below 0: go on. */
static int
take_args(setup *s, opts *o, int *ret_output)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        if (id == OPT_OUTPUT) {
            *ret_output = opts_word(o, id, arg);
            if (*ret_output < 0)
                return EXIT_NOT_RUN;
            continue;
        }
        const int status = setup_option(s, o, id, arg);
        if (status != 0)
            return status;
    }
    if (id < 0)
        return o->status;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (count > 0)
        return opts_mistake(o, "'%s' stands alone; rules are named with --rules %s",
                            operand[0], operand[0]);
    return -1;
}

/* ---- check -------------------------------------------------------------- */

static void
tell(void *ctx, const ndr_example *e)
{
    ndr_buffer *out = ctx;
    if (e->ok)
        return;
    ndr_buffer line = {0};
    ndr_buffer_printf(&line, "%s: rule '%s': %s %zu: ", e->where, e->rule,
                      e->hit ? "hit" : "miss", e->number);
    if (!e->hit)
        ndr_buffer_text(&line, "the rule matches it and should not");
    else if (e->named == NULL || e->named[0] == '\0')
        ndr_buffer_text(&line, "the rule does not match it, and no other does");
    else
        ndr_buffer_printf(&line, "the rule does not match it; '%s' does", e->named);
    text_safe(out, (ndr_slice){line.ptr, line.len});
    ndr_buffer_byte(out, '\n');
    text_end(out, &line);
}

static void
note(void *ctx, const ndr_rules_note *n)
{
    ndr_buffer *out = ctx, line = {0};
    ndr_buffer_printf(&line, "%s: ", n->where);
    switch (n->what) {
    case NDR_NOTE_UNUSED:
        ndr_buffer_printf(&line, "signal '%s': no rule names it; take it out", n->name);
        break;
    case NDR_NOTE_REPLACED:
        ndr_buffer_printf(&line, "signal '%s': %s says what it is for all rules", n->name,
                          n->again);
        break;
    case NDR_NOTE_DOUBLED:
        ndr_buffer_printf(&line, "{in: %s, match: '%.60s%s'}: written %s, again at %s; ",
                          n->target, n->match, strlen(n->match) > 60 ? "…" : "",
                          n->times == 2 ? "twice" : "several times", n->again);
        if (n->name != NULL)
            ndr_buffer_printf(&line, "write %s there", n->name);
        else
            ndr_buffer_text(&line, "name it under signals:");
        break;
    }
    text_safe(out, (ndr_slice){line.ptr, line.len});
    ndr_buffer_byte(out, '\n');
    text_end(out, &line);
}

static int
put_out(const ndr_buffer *out, int status)
{
    ndr_error err = {0};
    if (out->failed) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    if (put_all(STDOUT_FILENO, (ndr_slice){out->ptr, out->len}, &err) != 0) {
        const int failed = output_failed(&err);
        return failed != 0 ? failed : status;
    }
    return status;
}

int
cmd_rules_check(opts *o)
{
    setup s;
    if (setup_begin(&s, o) != 0)
        return EXIT_NOT_RUN;
    int unused = 0;
    ndr_buffer out = {0};
    ndr_rules_opts rules;
    ndr_examples_count n = {0};
    ndr_error err = {0};
    int status = take_args(&s, o, &unused);
    if (status >= 0)
        goto end;
    status = setup_rules_opts(&s, &rules);
    if (status != 0)
        goto end;
    if (ndr_rules_review(&rules, note, &out, &err) != 0 ||
        ndr_rules_examples(&rules, tell, &out, &n, &err) != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
        goto end;
    }
    number a, b, c, d;
    ndr_buffer_printf(&out, "%s rules, %s hits, %s misses: %s bad",
                      text_count(a, n.rules), text_count(b, n.hits),
                      text_count(c, n.misses), text_count(d, n.bad));
    if (n.without > 0)
        ndr_buffer_printf(&out, "; %s rule%s no hit or no miss", text_count(a, n.without),
                          n.without == 1 ? " has" : "s have");
    ndr_buffer_byte(&out, '\n');
    status = put_out(&out, n.bad > 0 ? EXIT_DAMAGED : 0);
end:
    ndr_buffer_free(&out);
    setup_free(&s);
    return status;
}

/* ---- list --------------------------------------------------------------- */

enum { SYSTEM_COLUMNS = 14 };
enum { LIST_TABLE, LIST_JSONL, LIST_TSV }; /* in the order of --output's words */

/* "postfix:12" of "rules/ndr/postfix.yaml:12". */
static void
short_place(ndr_buffer *out, const char *where)
{
    const char *slash = strrchr(where, '/');
    const char *name = slash != NULL ? slash + 1 : where;
    const char *suffix = strstr(name, ".yaml");
    const size_t n = suffix != NULL ? (size_t)(suffix - name) : strlen(name);
    text_safe(out, (ndr_slice){(const unsigned char *)name, n});
    if (suffix != NULL)
        text_safe(out, ndr_slice_of(suffix + strlen(".yaml")));
}

static size_t
wider(size_t width, const char *text)
{
    const size_t n = strlen(text);
    return n > width ? n : width;
}

/* Fits 80 columns with the shipped rules; the other formats give all in full. */
static void
list_table(const ndr_ruleset *rs, ndr_buffer *out)
{
    size_t id = 2, kind = 4, system = 6;
    for (size_t i = 0; i < ndr_ruleset_count(rs); i++) {
        const ndr_rule *r = ndr_ruleset_rule(rs, i);
        id = wider(id, r->id);
        kind = wider(kind, ndr_kind_name(r->kind));
        system = wider(system, r->system);
    }
    system = system > SYSTEM_COLUMNS ? SYSTEM_COLUMNS : system;
    ndr_buffer_printf(out, "%-*s %-*s %-*s rank where\n", (int)id, "id", (int)kind,
                      "kind", (int)system, "system");
    for (size_t i = 0; i < ndr_ruleset_count(rs); i++) {
        const ndr_rule *r = ndr_ruleset_rule(rs, i);
        ndr_buffer cell = {0};
        text_cut(&cell, ndr_slice_of(r->system), system);
        const size_t used = text_columns((ndr_slice){cell.ptr, cell.len});
        ndr_buffer_printf(out, "%-*s %-*s ", (int)id, r->id, (int)kind,
                          ndr_kind_name(r->kind));
        ndr_buffer_add(out, (ndr_slice){cell.ptr, cell.len});
        ndr_buffer_printf(out, "%*s %4d ", (int)(system - used), "", r->rank);
        short_place(out, r->where);
        ndr_buffer_byte(out, '\n');
        text_end(out, &cell);
    }
}

static void
list_lines(const ndr_ruleset *rs, int output, ndr_buffer *out)
{
    if (output == LIST_TSV)
        ndr_buffer_text(out, "id\tkind\tsystem\trank\twhere\n");
    for (size_t i = 0; i < ndr_ruleset_count(rs); i++) {
        const ndr_rule *r = ndr_ruleset_rule(rs, i);
        if (output == LIST_TSV) {
            ndr_buffer_printf(out, "%s\t%s\t", r->id, ndr_kind_name(r->kind));
            text_safe(out, ndr_slice_of(r->system));
            ndr_buffer_printf(out, "\t%d\t", r->rank);
            text_safe(out, ndr_slice_of(r->where));
            ndr_buffer_byte(out, '\n');
            continue;
        }
        json_begin(out, NULL, '{');
        json_put_word(out, "id", r->id);
        json_put_word(out, "kind", ndr_kind_name(r->kind));
        json_put_word(out, "system", r->system);
        json_put_word(out, "where", r->where);
        json_put_integer(out, "rank", r->rank);
        ndr_buffer_text(out, "}\n");
    }
}

int
cmd_rules_list(opts *o)
{
    setup s;
    if (setup_begin(&s, o) != 0)
        return EXIT_NOT_RUN;
    int output = LIST_TABLE;
    ndr_buffer out = {0};
    int status = take_args(&s, o, &output);
    if (status < 0) {
        status = setup_load(&s);
        if (status == 0) {
            if (output == LIST_TABLE)
                list_table(s.ruleset, &out);
            else
                list_lines(s.ruleset, output, &out);
            status = put_out(&out, 0);
        }
    }
    ndr_buffer_free(&out);
    setup_free(&s);
    return status;
}
