/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_rules.c - does any rule file end in rules or in a line that says what is wrong?
 *
 * Hyperscan is handed small patterns only: what it makes of large ones takes seconds to
 * compile, and is bounded by processor time elsewhere (rules/pattern_guard.c).
 */
#include "fuzz.h"

#include "match/builder.h"
#include "rule_file.h"

enum { FILE_LIMIT = 16 << 10, PATTERN_LIMIT = 64, PATTERNS_LIMIT = 24 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static bool
is_cheap(const char *pattern)
{
    size_t dear = 0; /* counted repeats, and what multiplies */
    for (const char *p = pattern; *p != '\0'; p++)
        dear += *p == '{' || (*p == '.' && (p[1] == '*' || p[1] == '+')) ? 1 : 0;
    if (strlen(pattern) > PATTERN_LIMIT || dear > 2)
        return false;
    for (const char *p = strchr(pattern, '{'); p != NULL; p = strchr(p + 1, '{'))
        if (strspn(p + 1, "0123456789, ") > 3)
            return false;
    return true;
}

static bool
all_cheap(const ndr_builder *b)
{
    bool cheap = b->signal_count <= PATTERNS_LIMIT;
    for (size_t i = 0; i < b->signal_count; i++)
        cheap = cheap && is_cheap(b->signal[i].match);
    return cheap;
}

static void
check_compiled(const ndr_builder *b)
{
    ndr_error err = {0};
    ndr_ruleset *rs = NULL, *again = NULL;
    const int rc = ndr_builder_compile(b, &rs, &err);
    if (rc != 0) {
        fuzz_check_error(rc, &err);
        return;
    }
    LAW(ndr_ruleset_count(rs) == b->rule_count, "%zu rules", ndr_ruleset_count(rs));
    ndr_buffer blob = {0};
    LAW(ndr_ruleset_save(rs, &blob, &err) == 0, "%s", err.text);
    LAW(ndr_ruleset_load((ndr_slice){blob.ptr, blob.len}, NULL, &again, &err) == 0, "%s",
        err.text);
    for (size_t i = 0; i < b->rule_count; i++) {
        const ndr_rule *was = ndr_ruleset_rule(rs, i), *is = ndr_ruleset_rule(again, i);
        LAW(strcmp(was->id, is->id) == 0 && strcmp(was->where, is->where) == 0 &&
                was->kind == is->kind && was->rank == is->rank,
            "%s, %s", was->id, is->id);
    }
    ndr_ruleset_free(again);
    ndr_ruleset_free(rs);
    ndr_buffer_free(&blob);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > FILE_LIMIT)
        return -1;
    static char name[] = "rules.yaml";
    unsigned char *copy = fuzz_copy(bytes, n);
    ndr_file file = {.name = name, .ptr = copy, .len = n};
    const ndr_files files = {.file = &file, .count = 1, .cap = 1, .bytes = n};
    ndr_builder *b = ndr_builder_new();
    LAW(b != NULL, "no memory");
    ndr_rulebook book = {0};
    ndr_error err = {0};
    const int rc = ndr_rulebook_read(&files, b, &book, &err);
    if (rc != 0) {
        fuzz_check_error(rc, &err);
        LAW(strncmp(err.text, "rules.yaml:", 11) == 0, "%s", err.text);
        LAW(err.text[11] >= '1' && err.text[11] <= '9', "%s", err.text);
    } else {
        if (b->rule_count > 0 && all_cheap(b))
            check_compiled(b);
        const ndr_rule_document *d = book.count == 1 ? book.yaml[0].data : NULL;
        for (size_t i = 0; d != NULL && i < d->rules_count; i++) {
            char where[NDR_WHERE_MAX];
            ndr_rulebook_where(&book, 0, "rules", i, NULL, NDR_YAML_WHOLE, where);
            LAW(strncmp(where, "rules.yaml:", 11) == 0, "%s", where);
        }
    }
    ndr_rulebook_free(&book);
    ndr_builder_free(b);
    free(copy);
    return 0;
}
