/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#include "scratch.h"

static char told[4000];

static void
keep(void *ctx, const ndr_example *e)
{
    (void)ctx;
    const size_t at = strlen(told);
    const char *slash = strrchr(e->where, '/');
    (void)snprintf(told + at, sizeof told - at, "%s%s %s %s %zu: %s (%s)",
                   at == 0 ? "" : "\n", slash == NULL ? e->where : slash + 1, e->rule,
                   e->hit ? "hit" : "miss", e->number, e->ok ? "ok" : "bad", e->named);
}

static int
run(const char *path, const char *cache, ndr_examples_count *count, ndr_error *err)
{
    told[0] = '\0';
    return ndr_rules_examples(
        &(ndr_rules_opts){NDR_SIZED(ndr_rules_opts), &path, 1, cache}, keep, NULL, count,
        err);
}

static const char rules[] =
    "rules:\n"
    "- id: a.one\n"
    "  kind: failed\n"
    "  all:\n"
    "  - {in: subject, match: '^undelivered'}\n"
    "  - {in: text, match: 'no such mailbox'}\n"
    "  examples:\n"
    "    hit:\n"
    "    - |\n"
    "      From: MAILER-DAEMON@example.com\n"
    "      Subject: Undelivered mail\n"
    "\n"
    "      Sorry: no such\n"
    "      mailbox here.\n"
    "    - |\n"
    "      Subject: Undelivered mail\n"
    "\n"
    "      Sorry.\n"
    "    miss:\n"
    "    - |\n"
    "      Subject: Hello\n"
    "\n"
    "      no such mailbox\n"
    "    - |\n"
    "      Subject: Undelivered\n"
    "\n"
    "      no such mailbox\n"
    "- id: b.two\n"
    "  kind: failed\n"
    "  rank: 9\n"
    "  all: [{in: subject, match: 'undelivered mail'}]\n"
    "  examples:\n"
    "    hit: [\"Subject: =?utf-8?q?Undelivered?= mail\\n\\nx\\n\"]\n"
    "- id: c.three\n"
    "  kind: receipt\n"
    "  any: [{in: subject, match: 'read'}]\n";

static const char want[] = "r.yaml:2 a.one hit 1: ok (b.two)\n"
                           "r.yaml:2 a.one hit 2: bad (b.two)\n"
                           "r.yaml:2 a.one miss 1: ok ()\n"
                           "r.yaml:2 a.one miss 2: bad (a.one)\n"
                           "r.yaml:28 b.two hit 1: ok (b.two)";

static void
examples_test(void **state)
{
    (void)state;
    scratch_begin();
    (void)scratch_text("r.yaml", rules);
    char cache[300];
    (void)snprintf(cache, sizeof cache, "%s/cache", scratch);
    assert_int_equal(mkdir(cache, 0700), 0);
    /* the third time with what the second left in the cache */
    const char *const caches[] = {NULL, cache, cache};
    for (size_t i = 0; i < 3; i++) {
        ndr_examples_count n;
        ndr_error err = {0};
        const int rc = run(scratch_path("r.yaml"), caches[i], &n, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(rc, 0);
        assert_string_equal(told, want);
        assert_int_equal(n.rules, 3);
        assert_int_equal(n.hits, 3);
        assert_int_equal(n.misses, 2);
        assert_int_equal(n.bad, 2);
        assert_int_equal(n.without, 2);
    }
    scratch_end();
}

/* Of two rules of one id in two files, the later one's examples are run. */
static void
replaced_test(void **state)
{
    (void)state;
    scratch_begin();
    (void)scratch_text("a.yaml", rules);
    (void)scratch_text(
        "b.yaml",
        "rules:\n- {id: a.one, enabled: false}\n"
        "- id: b.two\n  kind: failed\n  any: [{in: subject, match: x}]\n"
        "  examples: {hit: [\"Subject: x\\n\\n\"], miss: [\"Subject: y\\n\\n\"]}\n");
    ndr_examples_count n;
    ndr_error err = {0};
    const int rc = run(scratch, NULL, &n, &err);
    scratch_end();
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_string_equal(told,
                        "b.yaml:3 b.two hit 1: ok (b.two)\nb.yaml:3 b.two miss 1: ok ()");
    assert_int_equal(n.rules, 2);
    assert_int_equal(n.bad, 0);
    assert_int_equal(n.without, 1);
}

static void
bad_rules_test(void **state)
{
    (void)state;
    scratch_begin();
    (void)scratch_text("r.yaml", "rules:\n- id: a\n");
    ndr_examples_count n = {.rules = 7};
    ndr_error err = {0};
    assert_int_equal(run(scratch, NULL, &n, &err), NDR_E_SYNTAX);
    assert_int_equal(n.rules, 0);
    assert_string_equal(told, "");
    scratch_end();
}

int
main(void)
{
    add_test("each example is told, with what was named instead", examples_test);
    add_test("the examples of the rule that stands", replaced_test);
    add_test("rules that do not load", bad_rules_test);
    return run_added("examples");
}
