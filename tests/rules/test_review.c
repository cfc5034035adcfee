/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#include "scratch.h"

#define RULE(id, signal) "- id: " id "\n  kind: failed\n  any:\n  - " signal "\n"

typedef struct review_row {
    const char *why, *a, *b; /* texts of a.yaml and b.yaml; b NULL: none */
    const char *want;        /* a line a note */
} review_row;

static const review_row rows[] = {
    {"nothing in vain", "rules:\n" RULE("r", "{in: text, match: x}"), NULL, ""},
    {"a name that nothing uses",
     "signals:\n  n: {in: text, match: x}\nrules:\n" RULE("r", "{in: text, match: y}"),
     NULL, "unused n a.yaml:2\n"},
    {"a name that a rule uses",
     "signals:\n  n: {in: text, match: x}\nrules:\n" RULE("r", "n"), NULL, ""},
    {"a later file replaces a name",
     "signals:\n  n: {in: text, match: x}\nrules:\n" RULE("r", "n"),
     "signals:\n\n  n: {in: text, match: z}\n", "replaced n a.yaml:2 b.yaml:3\n"},
    {"a pattern that is written twice",
     "rules:\n" RULE("r", "{in: text, match: x}") RULE("s", "{in: text, match: x}"), NULL,
     "doubled text x a.yaml:5 a.yaml:9 2\n"},
    {"in two files, three times",
     "rules:\n" RULE("r", "{in: text, match: x}") RULE("s", "{in: text, match: x}"),
     "rules:\n" RULE("t", "{in: text, match: x}"),
     "doubled text x a.yaml:5 a.yaml:9 3\n"},
    {"on two targets it is not the same",
     "rules:\n" RULE("r", "{in: text, match: x}") RULE("s", "{in: subject, match: x}"),
     NULL, ""},
    {"in the order of the files, not of the patterns",
     "rules:\n" RULE("r", "{in: text, match: z}") RULE("s", "{in: text, match: a}")
         RULE("t", "{in: text, match: a}") RULE("u", "{in: text, match: z}"),
     NULL, "doubled text z a.yaml:5 a.yaml:17 2\ndoubled text a a.yaml:9 a.yaml:13 2\n"},
    {"an empty file", "", NULL, ""},
};

/* Behind the folder of the test. */
static const char *
short_name(const char *where)
{
    return where + strlen(scratch) + 1;
}

static void
note(void *ctx, const ndr_rules_note *n)
{
    ndr_buffer *out = ctx;
    if (n->what == NDR_NOTE_DOUBLED)
        ndr_buffer_printf(out, "doubled %s %s %s %s %zu\n", n->target, n->match,
                          short_name(n->where), short_name(n->again), n->times);
    else if (n->what == NDR_NOTE_REPLACED)
        ndr_buffer_printf(out, "replaced %s %s %s\n", n->name, short_name(n->where),
                          short_name(n->again));
    else
        ndr_buffer_printf(out, "unused %s %s\n", n->name, short_name(n->where));
}

static void
review_test(void **state)
{
    const review_row *row = *state;
    scratch_begin();
    const char *path[2];
    size_t count = 0;
    path[count++] = scratch_text("a.yaml", row->a);
    if (row->b != NULL)
        path[count++] = scratch_text("b.yaml", row->b);
    const ndr_rules_opts opts = {NDR_SIZED(ndr_rules_opts), .path = path,
                                 .path_count = count};
    ndr_buffer got = {0};
    ndr_error err = {0};
    if (ndr_rules_review(&opts, note, &got, &err) < 0)
        fail_msg("%s", err.text);
    ndr_buffer_byte(&got, '\0');
    assert_string_equal((char *)got.ptr, row->want);
    ndr_buffer_free(&got);
    scratch_end();
}

static void
refused_test(void **state)
{
    (void)state;
    scratch_begin();
    const char *path = scratch_text("a.yaml", "rules:\n- id: A b\n");
    ndr_rules_opts opts = {NDR_SIZED(ndr_rules_opts), .path = &path, .path_count = 1};
    ndr_buffer got = {0};
    ndr_error err = {0};
    assert_int_equal(ndr_rules_review(&opts, note, &got, &err), NDR_E_SYNTAX);
    path = scratch_path("gone.yaml");
    assert_int_equal(ndr_rules_review(&opts, note, &got, &err), NDR_E_SYS);
    opts.size = 1;
    assert_int_equal(ndr_rules_review(&opts, note, &got, &err), NDR_E_INVAL);
    assert_int_equal(got.len, 0);
    ndr_buffer_free(&got);
    scratch_end();
}

int
main(void)
{
    ADD_ROWS(rows, review_test);
    add_test("what cannot be loaded is not told of", refused_test);
    return run_added("review");
}
