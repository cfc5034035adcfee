/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "rules.h"

static char long_pattern[4200];
static const char long_id[] =
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345";
static ndr_signal_spec many[65];

typedef struct refuse_row {
    const char *why;
    ndr_rule_spec spec;
    int code;
    const char *words; /* all of these, "|" between */
} refuse_row;

#define GOOD ALL({.target = "subject", .match = "x"})
#define RULE(i)                                                                          \
    NDR_SIZED(ndr_rule_spec), .id = (i), .where = "w.yaml:3", .kind = NDR_KIND_FAILED,   \
                              .rank = 5

static const refuse_row refused[] = {
    {"no size", {.id = "a", .kind = NDR_KIND_FAILED, GOOD}, NDR_E_INVAL, "ndr_rule_spec"},
    {"no id",
     {NDR_SIZED(ndr_rule_spec), .where = "w.yaml:3", .kind = NDR_KIND_FAILED, GOOD},
     NDR_E_SYNTAX,
     "w.yaml:3: |no id"},
    {"an empty id", {RULE(""), GOOD}, NDR_E_SYNTAX, "no id"},
    {"capitals in an id", {RULE("Postfix"), GOOD}, NDR_E_SYNTAX, "'Postfix' is no id"},
    {"a blank in an id", {RULE("a b"), GOOD}, NDR_E_SYNTAX, "'a b' is no id"},
    {"an id that begins with a dot", {RULE(".a"), GOOD}, NDR_E_SYNTAX, "'.a' is no id"},
    {"an id that begins with a hyphen",
     {RULE("-a"), GOOD},
     NDR_E_SYNTAX,
     "'-a' is no id"},
    {"an id of 65 bytes", {RULE(long_id), GOOD}, NDR_E_SYNTAX, "at most 64"},
    {"no kind",
     {NDR_SIZED(ndr_rule_spec), .id = "a", .where = "w.yaml:3", GOOD},
     NDR_E_SYNTAX,
     "rule 'a'|no kind"},
    {"a kind that is none",
     {NDR_SIZED(ndr_rule_spec), .id = "a", .where = "w.yaml:3", .kind = NDR_KIND_COUNT,
      GOOD},
     NDR_E_SYNTAX,
     "no kind"},
    {"a rank below 0",
     {NDR_SIZED(ndr_rule_spec), .id = "a", .kind = NDR_KIND_FAILED, .rank = -1, GOOD},
     NDR_E_SYNTAX,
     "rule: rule 'a'|rank is 0 to 9"},
    {"a rank above 9",
     {NDR_SIZED(ndr_rule_spec), .id = "a", .kind = NDR_KIND_FAILED, .rank = 10, GOOD},
     NDR_E_SYNTAX,
     "rank is 0 to 9"},
    {"no signals", {RULE("a")}, NDR_E_SYNTAX, "rule 'a'|needs a signal in all or any"},
    {"signals in none alone",
     {RULE("a"), NONE({.target = "subject", .match = "x"})},
     NDR_E_SYNTAX,
     "needs a signal in all or any"},
    {"an unknown target",
     {RULE("a"), ALL({.target = "body", .match = "x"})},
     NDR_E_SYNTAX,
     "w.yaml:3: rule 'a': all 1: unknown target 'body'|subject|header:NAME"},
    {"an unknown target further on",
     {RULE("a"), GOOD,
      ANY({.target = "text", .match = "x"}, {.target = "header:a b", .match = "x"})},
     NDR_E_SYNTAX,
     "any 2: unknown target 'header:a b'"},
    {"neither match nor absent",
     {RULE("a"), ALL({.target = "subject"})},
     NDR_E_SYNTAX,
     "all 1: a signal has one of match"},
    {"an empty match",
     {RULE("a"), ALL({.target = "subject", .match = ""})},
     NDR_E_SYNTAX,
     "a signal has one of match"},
    {"both match and absent",
     {RULE("a"), ALL({.target = "subject", .match = "x", .absent = true})},
     NDR_E_SYNTAX,
     "a signal has one of match"},
    {"both absent and present",
     {RULE("a"), ALL({.target = "subject", .present = true, .absent = true})},
     NDR_E_SYNTAX,
     "a signal has one of match"},
    {"absent on the body",
     {RULE("a"), GOOD, NONE({.target = "text", .absent = true})},
     NDR_E_SYNTAX,
     "none 1: absent and present go with header fields, not with 'text'"},
    {"present on the body",
     {RULE("a"), ALL({.target = "part", .present = true})},
     NDR_E_SYNTAX,
     "not with 'part'"},
    {"a pattern over 4,096 bytes",
     {RULE("a"), ALL({.target = "subject", .match = long_pattern})},
     NDR_E_SYNTAX,
     "all 1: a pattern of more than 4096 bytes"},
    {"too many signals",
     {RULE("a"), .all = many, .all_count = sizeof many / sizeof many[0]},
     NDR_E_LIMIT,
     "all has more than 64 signals"},
};

/* Does `text` hold each of `words`? */
static void
assert_words(const char *text, const char *words)
{
    for (const char *at = words; *at != '\0';) {
        char word[200];
        const size_t n = strcspn(at, "|");
        memcpy(word, at, n);
        word[n] = '\0';
        if (strstr(text, word) == NULL)
            fail_msg("'%s' is not in '%s'", word, text);
        at += n + (at[n] == '|');
    }
}

static void
refuse_test(void **state)
{
    const refuse_row *row = *state;
    ndr_builder *b = ndr_builder_new();
    ndr_error err = {0};
    assert_int_equal(ndr_builder_rule(b, &row->spec, &err), row->code);
    assert_int_equal(err.code, row->code);
    assert_words(err.text, row->words);
    assert_int_equal(ndr_builder_rule(b, &row->spec, NULL), row->code);
    ndr_ruleset *rs = NULL; /* nothing of it was kept */
    assert_int_equal(ndr_builder_compile(b, &rs, &err), 0);
    assert_int_equal(ndr_ruleset_count(rs), 0);
    ndr_ruleset_free(rs);
    ndr_builder_free(b);
}

typedef struct pattern_row {
    const char *why;
    ndr_signal_spec signal;
    const char *words;
} pattern_row;

static const pattern_row patterns[] = {
    {"an unclosed group",
     {.target = "subject", .match = "(a"},
     "{in: subject, match: '(a'}"},
    {"look-ahead", {.target = "text", .match = "a(?=b)"}, "{in: text, match: 'a(?=b)'}"},
    {"a back-reference", {.target = "status", .match = "(a)\\1"}, "{in: status"},
    {"a pattern that matches nothing at all",
     {.target = "part", .match = "a*"},
     "{in: part"},
    {"a letter beyond ASCII in a class",
     {.target = "text", .match = "[\xc3\xa4]"},
     "a character class takes ASCII only"},
    {"bytes that are no UTF-8", {.target = "text", .match = "\xe4"}, "not UTF-8"},
};

static void
pattern_test(void **state)
{
    const pattern_row *row = *state;
    for (int generic = 0; generic < 2; generic++) {
        ndr_builder *b = ndr_builder_new();
        ndr_error err = {0};
        const ndr_rule_spec good = {RULE("good"), GOOD};
        const ndr_rule_spec bad = {NDR_SIZED(ndr_rule_spec),
                                   .id = "bad.rule",
                                   .where = "w.yaml:9",
                                   .kind = NDR_KIND_FAILED,
                                   .rank = generic == 1 ? 1 : 5,
                                   .all = &row->signal,
                                   .all_count = 1};
        assert_int_equal(ndr_builder_rule(b, &good, &err), 0);
        assert_int_equal(ndr_builder_rule(b, &bad, &err), 0);
        ndr_ruleset *rs = NULL;
        assert_int_equal(ndr_builder_compile(b, &rs, &err), NDR_E_SYNTAX);
        assert_null(rs);
        assert_words(err.text, "w.yaml:9: rule 'bad.rule': ");
        assert_words(err.text, row->words);
        assert_true(ndr_builder_drop(b, "bad.rule")); /* and the builder stays usable */
        assert_int_equal(ndr_builder_compile(b, &rs, &err), 0);
        assert_int_equal(ndr_ruleset_count(rs), 1);
        ndr_ruleset_free(rs);
        ndr_builder_free(b);
    }
}

static void
replace_test(void **state)
{
    (void)state;
    ndr_builder *b = ndr_builder_new();
    ndr_error err = {0};
    const ndr_rule_spec first = {RULE("a"), .system = "One",
                                 ALL({.target = "text", .match = "(bad"})};
    const ndr_rule_spec other = {RULE("b"), GOOD};
    const ndr_rule_spec again = {RULE("a"), .system = "Two",
                                 ALL({.target = "text", .match = "good"}),
                                 ANY({.target = "subject", .match = "x"},
                                     {.target = "header:X-Y", .absent = true}),
                                 NONE({.target = "from", .present = true})};
    assert_int_equal(ndr_builder_rule(b, &first, &err), 0);
    assert_int_equal(ndr_builder_rule(b, &other, &err), 0);
    assert_int_equal(ndr_builder_rule(b, &again, &err), 0);
    assert_false(ndr_builder_drop(b, "c"));
    ndr_ruleset *rs = NULL;
    if (ndr_builder_compile(b, &rs, &err) < 0) /* the replaced pattern is not compiled */
        fail_msg("%s", err.text);
    ndr_builder_free(b);
    assert_int_equal(ndr_ruleset_count(rs), 2);
    const ndr_rule *r = ndr_ruleset_rule(rs, 0); /* in the place of the first */
    assert_string_equal(r->id, "a");
    assert_string_equal(r->system, "Two");
    assert_string_equal(r->where, "w.yaml:3");
    assert_int_equal(r->rank, 5);
    assert_int_equal(r->all_count, 1);
    assert_int_equal(r->any_count, 2);
    assert_int_equal(r->none_count, 1);
    assert_string_equal(ndr_ruleset_signal_target(rs, r->signal[0]), "text");
    assert_string_equal(ndr_ruleset_signal_match(rs, r->signal[0]), "good");
    assert_string_equal(ndr_ruleset_signal_target(rs, r->signal[2]), "header:X-Y");
    assert_string_equal(ndr_ruleset_signal_match(rs, r->signal[2]), "");
    assert_int_equal(ndr_ruleset_rule(rs, 1)->signal[0],
                     r->signal[1]); /* one row for both */
    assert_string_equal(ndr_ruleset_rule(rs, 1)->system, "");
    ndr_ruleset_free(rs);
}

typedef struct candidate_row {
    const char *why;
    ndr_signal_spec signal;
    const char *words; /* NULL: it is taken */
} candidate_row;

static const candidate_row candidates[] = {
    {"a match", {.target = "return-path", .match = "^<>$"}, NULL},
    {"an absent field", {.target = "return-path", .absent = true}, NULL},
    {"a field that is there", {.target = "header:x-failed", .present = true}, NULL},
    {"the body",
     {.target = "text", .match = "x"},
     "w.yaml: a candidate signal is on a header field"},
    {"no target",
     {.target = "nowhere", .match = "x"},
     "w.yaml: candidate 1: unknown target"},
    {"nothing to look for",
     {.target = "subject"},
     "w.yaml: candidate 1: a signal has one of"},
};

static void
candidate_test(void **state)
{
    const candidate_row *row = *state;
    ndr_builder *b = ndr_builder_new();
    ndr_error err = {0};
    assert_int_equal(ndr_builder_candidate(b, &row->signal, "w.yaml", &err),
                     row->words == NULL ? 0 : NDR_E_SYNTAX);
    if (row->words != NULL)
        assert_words(err.text, row->words);
    ndr_builder_free(b);
}

static void
bad_candidate_test(void **state)
{
    (void)state;
    ndr_builder *b = ndr_builder_new();
    ndr_error err = {0};
    const ndr_signal_spec bad = {.target = "subject", .match = "(a"};
    assert_int_equal(ndr_builder_candidate(b, &bad, "w.yaml", &err), 0);
    ndr_ruleset *rs = NULL;
    assert_int_equal(ndr_builder_compile(b, &rs, &err), NDR_E_SYNTAX);
    assert_words(err.text, "candidates: {in: subject, match: '(a'}");
    ndr_builder_free(b);
    ndr_builder_free(NULL);
    ndr_ruleset_free(NULL);
}

static void
length_test(void **state)
{
    (void)state;
    ndr_builder *b = ndr_builder_new();
    ndr_error err = {0};
    char match[4097];
    memset(match, 'a', sizeof match - 1);
    match[4096] = '\0';
    char id[65];
    memset(id, 'a', 64);
    id[64] = '\0';
    const ndr_rule_spec longest = {RULE(id), ALL({.target = "subject", .match = match}),
                                   .any = many, .any_count = 64};
    assert_int_equal(ndr_builder_rule(b, &longest, &err), 0);
    ndr_builder_free(b);
}

int
main(void)
{
    memset(long_pattern, 'a', 4097);
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        many[i] = (ndr_signal_spec){.target = "subject", .match = "x"};
    ADD_ROWS(refused, refuse_test);
    ADD_ROWS(patterns, pattern_test);
    add_test("a rule of the same id takes its place", replace_test);
    ADD_ROWS(candidates, candidate_test);
    add_test("a candidate that Hyperscan refuses is named", bad_candidate_test);
    add_test("the longest of everything is taken", length_test);
    return run_added("builder");
}
