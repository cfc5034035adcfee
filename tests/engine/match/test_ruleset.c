/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/ruleset.h"

#include "bytes.h"
#include "match/builder.h"
#include "rules.h"

#include <stdio.h>

#define RULE(i, r, ...)                                                                  \
    {                                                                                    \
        NDR_SIZED(ndr_rule_spec), .id = (i), .kind = NDR_KIND_FAILED, .rank = (r),       \
                                  __VA_ARGS__                                            \
    }

/* The first signal of a pattern. */
static const ndr_signal *
signal_of(const ndr_ruleset *rs, const char *match)
{
    for (size_t i = 0; i < rs->signal_count; i++)
        if (strcmp(rs->signal[i].match, match) == 0)
            return &rs->signal[i];
    fail_msg("no signal '%s'", match);
    return NULL;
}

/* ---- wanted fields ---- */

typedef struct wanted_row {
    const char *why, *name;
    enum ndr_fact fact;
    const char *target; /* NULL: no signal asks for it */
    bool is_none;       /* nobody asks for it */
} wanted_row;

#define LONG_NAME "x-a-field-that-has-a-long-name"

static const wanted_row wanteds[] = {
    {"a field of a decision", "date", NDR_FACT_DATE, NULL, false},
    {"in any case", "dAtE", NDR_FACT_DATE, NULL, false},
    {"of two letters", "TO", NDR_FACT_TO, "to", false},
    {"of seven", "Subject", NDR_FACT_NONE, "subject", false},
    {"of sixteen and more", "Content-Transfer-Encoding",
     NDR_FACT_CONTENT_TRANSFER_ENCODING, NULL, false},
    {"that two names have", "X-Actual-Recipient", NDR_FACT_FAILED, NULL, false},
    {"of a journal", "X-MS-Exchange-Organization-Journal-Report", NDR_FACT_JOURNAL, NULL,
     false},
    {"of a target that has another word", "X-Mailer", NDR_FACT_NONE, "mailer", false},
    {"of one letter", "X", NDR_FACT_NONE, "header:x", false},
    {"of three letters", "X-y", NDR_FACT_NONE, "header:x-y", false},
    {"that a rule names, longer than the key", LONG_NAME, NDR_FACT_NONE,
     "header:" LONG_NAME, false},
    {"as long, another letter in the middle", "x-a-field-that-had-a-long-name",
     NDR_FACT_NONE, NULL, true},
    {"nobody asks", "x-nobody", NDR_FACT_NONE, NULL, true},
    {"a name that goes on", "dates", NDR_FACT_NONE, NULL, true},
    {"a name that is cut", "dat", NDR_FACT_NONE, NULL, true},
    {"a sign is no letter in another case", "x\rmailer", NDR_FACT_NONE, NULL, true},
    {"nor is one of the bytes around them", "x-{", NDR_FACT_NONE, NULL, true},
    {"a sign that a name ends in", "x-[", NDR_FACT_NONE, "header:x-[", false},
    {"letters beyond ASCII", "d\xe1te", NDR_FACT_NONE, NULL, true},
};

static ndr_ruleset *named;

static void
wanted_build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        RULE("a", 5,
             ANY({.target = "subject", .match = "a"}, {.target = "to", .match = "b"},
                 {.target = "mailer", .match = "c"}, {.target = "header:x", .match = "d"},
                 {.target = "header:x-y", .present = true},
                 {.target = "header:x-[", .present = true},
                 {.target = "header:" LONG_NAME, .absent = true}))};
    named = make_rules(specs, 1);
}

static void
wanted_test(void **state)
{
    const wanted_row *row = *state;
    const ndr_slice name = slice_copy(row->name);
    const ndr_wanted *w = ndr_ruleset_wanted(named, name);
    drop_slice(name);
    if (row->is_none) {
        assert_null(w);
        return;
    }
    assert_non_null(w);
    assert_int_equal(w->fact, row->fact);
    if (row->target == NULL)
        assert_int_equal(w->target, 0);
    else
        assert_string_equal(named->target[w->target - 1], row->target);
}

/* Names of every length are found, and not when one byte is another. */
static void
lengths_test(void **state)
{
    (void)state;
    enum { LONGEST = 76 };
    char target[8 + LONGEST], other[LONGEST + 1];
    for (size_t n = 1; n <= LONGEST; n++) {
        (void)strcpy(target, "header:");
        for (size_t i = 0; i < n; i++)
            target[7 + i] = "q-z9_x"[i % 6];
        target[7 + n] = '\0';
        const ndr_rule_spec spec = RULE("a", 5, ALL({.target = target, .present = true}));
        ndr_ruleset *rs = make_rules(&spec, 1);
        unsigned char *name = exact_copy(target + 7, n);
        const ndr_wanted *w = ndr_ruleset_wanted(rs, (ndr_slice){name, n});
        assert_non_null(w);
        assert_int_not_equal(w->target, 0);
        for (size_t i = 0; i < n; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                memcpy(other, name, n);
                other[i] = (char)(other[i] ^ (1 << bit));
                const bool case_alone = bit == 5 && name[i] >= 'a';
                const bool found =
                    ndr_ruleset_wanted(rs, (ndr_slice){(unsigned char *)other, n}) == w;
                if (found != case_alone && !(name[i] == '_' && bit == 5 && !found))
                    fail_msg("%zu bytes, bit %u of byte %zu", n, bit, i);
            }
        free(name);
        ndr_ruleset_free(rs);
    }
}

static void
wanted_drop(void **state)
{
    (void)state;
    ndr_ruleset_free(named);
}

/* ---- one field, several ways to write it ---- */

typedef struct spelling_row {
    const char *why, *one, *other;
    const char *mail;
    bool absent; /* the second rule asks that it is not there */
} spelling_row;

static const spelling_row spellings[] = {
    {"capitals and small letters", "header:X-Odd", "header:x-odd", "X-Odd: yes\n\n",
     false},
    {"the other way round", "header:x-odd", "header:X-ODD", "X-Odd: yes\n\n", false},
    {"a target's own word, then its field", "subject", "header:Subject",
     "Subject: yes\n\n", false},
    {"its field, then the word", "header:x-mailer", "mailer", "X-Mailer: yes\n\n", false},
    {"what is there is not absent", "header:subject", "subject", "Subject: yes\n\n",
     true},
};

static void
spelling_test(void **state)
{
    const spelling_row *row = *state;
    const ndr_rule_spec specs[] = {
        RULE("one", 5, ALL({.target = row->one, .match = "^yes$"})),
        RULE("present", 5, ALL({.target = row->one, .present = true})),
        RULE("other", 5, ALL({.target = row->other, .match = "^yes$"})),
        RULE("other-present", 5, ALL({.target = row->other, .present = true})),
        RULE("absent", 5, ALL({.target = row->other, .absent = true})),
    };
    ndr_ruleset *rs = make_rules(specs, sizeof specs / sizeof specs[0]);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rs, .try_all = true};
    ndr_scanner *s = NULL;
    ndr_verdict v;
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    assert_int_equal(ndr_scanner_new(&opts, &s, NULL), 0);
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    for (size_t i = 0; i < ndr_ruleset_count(rs); i++)
        if (ndr_scan_matched(s, i) != (i != 4))
            fail_msg("rule '%s'", ndr_ruleset_rule(rs, i)->id);
    ndr_scanner_free(s);
    ndr_ruleset_free(rs);
    drop_slice(raw);
}

/* ---- areas, places, uses ---- */

typedef struct late_row {
    const char *why;
    int rank;
    enum { IN_ALL, IN_ANY, IN_NONE } where;
    enum ndr_area want; /* of a text signal that a rule of rank 1 names, too */
} late_row;

static const late_row lates[] = {
    {"generic rules alone name it", 1, IN_ALL, NDR_AREA_LATE},
    {"of rank 0, too", 0, IN_ANY, NDR_AREA_LATE},
    {"one that is not generic", 2, IN_ALL, NDR_AREA_TEXT},
    {"in any", 9, IN_ANY, NDR_AREA_TEXT},
    {"in none", 2, IN_NONE, NDR_AREA_TEXT},
};

static void
late_test(void **state)
{
    const late_row *row = *state;
    const ndr_signal_spec text = {.target = "text", .match = "gone"};
    const ndr_signal_spec from = {.target = "from", .match = "daemon"};
    ndr_rule_spec specs[] = {
        RULE("generic", 1, .all = &text, .all_count = 1),
        RULE("other", row->rank, .all = &from, .all_count = 1),
    };
    if (row->where == IN_ALL)
        specs[1].all = &text;
    if (row->where == IN_ANY)
        specs[1].any = &text, specs[1].any_count = 1;
    if (row->where == IN_NONE)
        specs[1].none = &text, specs[1].none_count = 1;
    ndr_ruleset *rs = make_rules(specs, 2);
    const ndr_signal *s = signal_of(rs, "gone");
    assert_int_equal(s->area, row->want);
    assert_int_equal(ndr_ruleset_matcher(rs, s),
                     row->want == NDR_AREA_LATE ? rs->target_count : NDR_TARGET_TEXT);
    assert_non_null(rs->matcher[ndr_ruleset_matcher(rs, s)].db);
    ndr_ruleset_free(rs);
}

static void
places_test(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        RULE("low", 0, ALL({.target = "text", .match = "a"})),
        RULE("first", 5, ALL({.target = "subject", .match = "a"})),
        RULE("high", 9, ANY({.target = "from", .match = "a"})),
        RULE("second", 5, ALL({.target = "text", .match = "b"})),
    };
    const uint32_t want[] = {3, 1, 0, 2};
    ndr_ruleset *rs = make_rules(specs, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(rs->plan[i].place, want[i]);
    assert_int_equal(rs->by_text_count, 2);
    assert_string_equal(rs->rule[rs->by_text[0]].id, "second");
    assert_string_equal(rs->rule[rs->by_text[1]].id, "low");
    ndr_ruleset_free(rs);
}

typedef struct by_text_row {
    const char *why;
    ndr_rule_spec spec;
    bool want;
} by_text_row;

static const ndr_signal_spec a_text[] = {{.target = "text", .match = "a"},
                                         {.target = "text", .match = "b"}};
static const ndr_signal_spec a_from[] = {{.target = "from", .match = "a"},
                                         {.target = "text", .match = "b"}};
static const ndr_signal_spec a_part[] = {{.target = "part", .match = "a"}};

static const by_text_row by_texts[] = {
    {"all of text", RULE("a", 5, .all = a_text, .all_count = 2), true},
    {"one of all in the header", RULE("a", 5, .all = a_from, .all_count = 2), false},
    {"one of all in a report", RULE("a", 5, .all = a_part, .all_count = 1), false},
    {"one of any in the text", RULE("a", 5, .any = a_from, .any_count = 2), true},
    {"any in the header", RULE("a", 5, .any = a_from, .any_count = 1), false},
    {"all of text and any of the header",
     RULE("a", 5, .all = a_text, .all_count = 2, .any = a_from, .any_count = 1), false},
    {"none of the header does not matter",
     RULE("a", 5, .all = a_text, .all_count = 1, .none = a_from, .none_count = 1), true},
};

static void
by_text_test(void **state)
{
    const by_text_row *row = *state;
    ndr_ruleset *rs = make_rules(&row->spec, 1);
    assert_int_equal(rs->by_text_count, row->want ? 1 : 0);
    ndr_ruleset_free(rs);
}

static void
uses_test(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        RULE("a", 5, ALL({.target = "subject", .match = "x"}),
             NONE({.target = "to", .match = "n"})),
        RULE("b", 5, ANY({.target = "subject", .match = "x"}),
             NONE({.target = "subject", .match = "x"})),
        RULE("c", 5,
             ALL({.target = "header:y", .absent = true},
                 {.target = "header:z", .present = true})),
    };
    ndr_ruleset *rs = make_rules(specs, 3);
    const ndr_signal *x = signal_of(rs, "x");
    assert_int_equal(x->use_count, 2); /* none is no use */
    assert_int_equal(rs->use[x->use_at], 0);
    assert_int_equal(rs->use[x->use_at + 1], 1);
    assert_int_equal(signal_of(rs, "n")->use_count, 0);
    assert_int_equal(rs->absent_count, 1);
    assert_string_equal(rs->signal[rs->absent[0]].target, "header:y");
    size_t present = 0;
    for (size_t t = 0; t < rs->target_count; t++)
        if (rs->present[t] != 0) {
            present++;
            assert_string_equal(rs->target[t], "header:z");
            assert_string_equal(rs->signal[rs->present[t] - 1].target, "header:z");
        }
    assert_int_equal(present, 1);
    assert_true(signal_of(rs, "^<>$")->candidate);
    assert_false(x->candidate);
    ndr_ruleset_free(rs);
}

static void
one_line_test(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        RULE("a", 5,
             ANY({.target = "subject", .match = "x"}, {.target = "from", .match = "x"})),
        RULE("b", 5, ANY({.target = "from", .match = "y\\n"})),
    };
    ndr_ruleset *rs = make_rules(specs, 2);
    assert_true(rs->matcher[ndr_target_find("subject")].one_line);
    assert_false(rs->matcher[ndr_target_find("from")].one_line); /* one is enough */
    assert_null(rs->matcher[ndr_target_find("to")].db);
    ndr_ruleset_free(rs);
}

/* ---- table bytes ---- */

static void
replaced_test(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        RULE(
            "a", 5,
            ALL({.target = "text", .match = "old"}, {.target = "text", .match = "kept"})),
        RULE("b", 5, ALL({.target = "text", .match = "kept"})),
        RULE("a", 5, ALL({.target = "text", .match = "new"})),
    };
    ndr_ruleset *rs = make_rules(specs, 3);
    assert_int_equal(ndr_ruleset_count(rs), 2);
    assert_int_equal(rs->signal_count, 3); /* and that of the candidates */
    for (size_t i = 0; i < rs->signal_count; i++)
        assert_string_not_equal(rs->signal[i].match, "old");
    assert_string_equal(ndr_ruleset_signal_match(rs, ndr_ruleset_rule(rs, 0)->signal[0]),
                        "new");
    ndr_ruleset_free(rs);
}

typedef struct ask_row {
    const char *why;
    int rank, highest; /* -1: ndr_builder_ask is not called */
    enum ndr_sender_ask sender;
    bool want;
} ask_row;

static const ask_row asks[] = {
    {"nobody asks", 1, -1, NDR_ASK_BY_KIND, false},
    {"up to its rank", 4, 4, NDR_ASK_BY_KIND, true},
    {"above it", 5, 4, NDR_ASK_BY_KIND, false},
    {"it asks itself", 9, -1, NDR_ASK_SYSTEM, true},
    {"it counts whoever says it", 0, 9, NDR_ASK_NOBODY, false},
};

static void
ask_test(void **state)
{
    const ask_row *row = *state;
    const ndr_rule_spec spec = RULE("a", row->rank, .sender = row->sender,
                                    ALL({.target = "text", .match = "a"}));
    ndr_builder *b = ndr_builder_new();
    assert_int_equal(ndr_builder_rule(b, &spec, NULL), 0);
    if (row->highest >= 0)
        ndr_builder_ask(b, NDR_KIND_FAILED, row->highest);
    ndr_buffer tables = {0};
    ndr_tables_write(b, &tables);
    ndr_builder_free(b);
    assert_false(tables.failed);
    ndr_ruleset *rs = NULL;
    assert_int_equal(ndr_tables_read(tables.ptr, tables.len, &rs, NULL), 0);
    assert_int_equal(ndr_ruleset_rule(rs, 0)->asks_sender, row->want);
    assert_int_equal(ndr_ruleset_rule(rs, 0)->kind, NDR_KIND_FAILED);
    assert_int_equal(ndr_ruleset_rule(rs, 0)->rank, row->rank);
    ndr_ruleset_free(rs);
}

static void
empty_test(void **state)
{
    (void)state;
    ndr_builder *b = ndr_builder_new();
    ndr_buffer tables = {0};
    ndr_tables_write(b, &tables);
    ndr_builder_free(b);
    ndr_ruleset *rs = NULL;
    assert_int_equal(ndr_tables_read(tables.ptr, tables.len, &rs, NULL), 0);
    assert_int_equal(ndr_ruleset_count(rs), 0);
    assert_int_equal(ndr_ruleset_finish(rs, NULL), 0);
    assert_non_null(ndr_ruleset_wanted(rs, NDR_SLICE("Received")));
    ndr_ruleset_free(rs);
    ndr_ruleset_free(NULL);
}

int
main(void)
{
    add_test("names to look for", wanted_build);
    ADD_ROWS(wanteds, wanted_test);
    add_test("names of every length, and none that differs", lengths_test);
    add_test("names are freed", wanted_drop);
    ADD_ROWS(spellings, spelling_test);
    ADD_ROWS(lates, late_test);
    add_test("places are by rank, then by load order", places_test);
    ADD_ROWS(by_texts, by_text_test);
    add_test("a signal knows the rules of its all and any", uses_test);
    add_test("one pattern that sees beyond its line keeps lines together", one_line_test);
    add_test("a replaced rule's signals are not compiled", replaced_test);
    ADD_ROWS(asks, ask_test);
    add_test("no rules at all", empty_test);
    return run_added("ruleset");
}
