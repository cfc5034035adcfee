/* SPDX-License-Identifier: BSD-3-Clause */
/* Hits alone, without a scanner: lines in, rules out. */
#include "bytes.h"
#include "rules.h"
#include "scan/hits.h"

static ndr_ruleset *rules;
static ndr_hits hits;
static ndr_buffer lines;

static void
build(void **state)
{
    (void)state;
    ndr_error err = {0};
    const ndr_rule_spec specs[] = {
        {NDR_SIZED(ndr_rule_spec), .id = "both", .kind = NDR_KIND_FAILED, .rank = 5,
         ALL({.target = "subject", .match = "^failed"},
             {.target = "text", .match = "no such user"})},
        {NDR_SIZED(ndr_rule_spec), .id = "but", .kind = NDR_KIND_FAILED, .rank = 4,
         ALL({.target = "subject", .match = "^failed"}),
         NONE({.target = "text", .match = "never mind"})},
        {NDR_SIZED(ndr_rule_spec), .id = "subject", .kind = NDR_KIND_DELAYED, .rank = 3,
         ANY({.target = "subject", .match = "^(failed|late)"})},
    };
    rules = make_rules(specs, sizeof specs / sizeof specs[0]);
    assert_non_null(rules);
    assert_int_equal(ndr_hits_begin(&hits, rules, &err), 0);
}

typedef struct hits_row {
    const char *why, *subject, *text;
    bool open, settled; /* after the subject */
    const char *want;   /* after the text; NULL: no rule */
} hits_row;

static const hits_row rows[] = {
    {"nothing hit names nothing", "hello\n", "no such user\n", false, false, NULL},
    {"one of any", "late\n", "x\n", true, true, "subject"},
    {"all of all, the highest rank first", "failed\n", "no such user\n", true, false,
     "both"},
    {"none of none", "failed\n", "x\n", true, false, "but"},
    {"one of none", "failed\n", "never mind\n", true, false, "subject"},
    {"the case of text is folded", "FAILED\n", "No Such User\n", true, false, "both"},
};

static void
add_line(const char *text, uint32_t target)
{
    const size_t at = lines.len;
    ndr_buffer_text(&lines, text);
    assert_true(ndr_hits_span(&hits, at, lines.len, target));
}

static void
hits_test(void **state)
{
    const hits_row *row = *state;
    ndr_error err = {0};
    /* more than once: from the third time on lines are known, not scanned */
    for (int round = 0; round < 4; round++) {
        ndr_hits_clear(&hits);
        ndr_buffer_clear(&lines);
        add_line(row->subject, (uint32_t)ndr_target_find("subject"));
        ndr_hits_presence(&hits, (ndr_slice){lines.ptr, lines.len});
        assert_int_equal(ndr_hits_scan(&hits, NDR_AREA_HEADER, &lines, &err), 0);
        ndr_hits_spread(&hits);
        bool open = false;
        for (uint32_t i = 0; i < 3; i++)
            open = open || ndr_hits_open(&hits, i);
        assert_int_equal(open, row->open);
        assert_int_equal(ndr_hits_settled(&hits), row->settled);
        ndr_buffer text = {0};
        ndr_buffer_text(&text, row->text);
        assert_int_equal(ndr_hits_scan(&hits, NDR_AREA_TEXT, &text, &err), 0);
        ndr_hits_spread(&hits);
        const ndr_rule *rule = ndr_hits_rule(&hits, false);
        if (row->want == NULL)
            assert_null(rule);
        else
            assert_string_equal(rule->id, row->want);
        ndr_buffer_free(&text);
    }
}

static void
drop(void **state)
{
    (void)state;
    ndr_hits_end(&hits);
    ndr_hits_end(&hits); /* twice is once */
    ndr_buffer_free(&lines);
    ndr_ruleset_free(rules);
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(rows, hits_test);
    add_test("all is freed", drop);
    return run_added("hits");
}
