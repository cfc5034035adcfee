/* SPDX-License-Identifier: BSD-3-Clause */
#include "rule_file.h"

#include "harness.h"

#define RULE(id, signal) "- id: " id "\n  kind: failed\n  any:\n  - " signal "\n"

typedef struct book_row {
    const char *why, *a, *b; /* texts of a.yaml and b.yaml */
    size_t rules;            /* that are compiled */
    const char *error;       /* a part of it; NULL: none */
} book_row;

static const book_row rows[] = {
    {"two files", "rules:\n" RULE("r", "{in: text, match: x}"),
     "rules:\n" RULE("s", "{in: text, match: y}"), 2, NULL},
    {"a later file's rule takes the place", "rules:\n" RULE("r", "{in: text, match: x}"),
     "rules:\n" RULE("r", "{in: text, match: y}"), 1, NULL},
    {"a later file takes a rule out", "rules:\n" RULE("r", "{in: text, match: x}"),
     "rules:\n- {id: r, enabled: false}\n", 0, NULL},
    {"empty files", "", "", 0, NULL},
    {"one name for both files", "signals:\n  n: {in: text, match: x}\n",
     "rules:\n" RULE("r", "n"), 1, NULL},
    {"an id that is there twice in a file",
     "rules:\n" RULE("r", "{in: text, match: x}") RULE("r", "{in: text, match: y}"), "",
     0, "a.yaml:6"},
    {"a name that nobody gave", "rules:\n" RULE("r", "n"), "", 0, "a.yaml:5"},
    {"no kind", "rules:\n- id: r\n  any:\n  - {in: text, match: x}\n", "", 0, "a.yaml:2"},
    {"a word that is no kind",
     "rules:\n- id: r\n  kind: bounced\n  any:\n  - {in: text, match: x}\n", "", 0,
     "kind"},
    {"no signal", "rules:\n- id: r\n  kind: failed\n", "", 0, "a.yaml:2"},
    {"a key that is none", "rule:\n- id: r\n", "", 0, "a.yaml:1"},
    {"an error in the second file", "rules:\n" RULE("r", "{in: text, match: x}"),
     "rules:\n" RULE("s", "{in: body, match: x}"), 0, "b.yaml:"},
};

static void
book_test(void **state)
{
    const book_row *row = *state;
    char a[] = "a.yaml", b[] = "b.yaml";
    ndr_file file[] = {{a, exact_copy(row->a, strlen(row->a)), strlen(row->a)},
                       {b, exact_copy(row->b, strlen(row->b)), strlen(row->b)}};
    const ndr_files files = {.file = file, .count = 2};
    ndr_builder *builder = ndr_builder_new();
    ndr_rulebook book = {0};
    ndr_error err = {0};
    assert_non_null(builder);
    const int code = ndr_rulebook_read(&files, builder, &book, &err);
    assert_int_equal(code, row->error == NULL ? 0 : NDR_E_SYNTAX);
    if (row->error != NULL && strstr(err.text, row->error) == NULL)
        fail_msg("%s", err.text);
    if (code == 0) {
        ndr_ruleset *rs = NULL;
        assert_int_equal(ndr_builder_compile(builder, &rs, &err), 0);
        assert_int_equal(ndr_ruleset_count(rs), row->rules);
        ndr_ruleset_free(rs);
        char where[NDR_WHERE_MAX];
        ndr_rulebook_where(&book, 0, "rules", 0, NULL, NDR_YAML_WHOLE, where);
        assert_int_equal(strncmp(where, "a.yaml:", 7), 0);
        if (strncmp(row->a, "rules:", 6) == 0) {
            assert_string_equal(where, "a.yaml:2");
            ndr_rulebook_where(&book, 0, "rules", 0, "any", 0, where);
            assert_string_equal(where, "a.yaml:5");
        }
    }
    ndr_rulebook_free(&book);
    ndr_builder_free(builder);
    free(file[0].ptr);
    free(file[1].ptr);
}

int
main(void)
{
    ADD_ROWS(rows, book_test);
    return run_added("rule_file");
}
