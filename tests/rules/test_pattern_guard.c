/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"

#include "pattern_guard.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A builder with `count` rules of this pattern (%d in it is the rule's number). */
static ndr_builder *
builder_of(const char *pattern, int count)
{
    ndr_builder *b = ndr_builder_new();
    assert_non_null(b);
    for (int i = 0; i < count; i++) {
        char id[20], match[300];
        (void)snprintf(id, sizeof id, "r%d", i);
        (void)snprintf(match, sizeof match, "%s%d", pattern, i);
        const ndr_signal_spec s = {.target = "text", .match = match};
        const ndr_rule_spec r = {NDR_SIZED(ndr_rule_spec), .id = id,  .where = "g.yaml:1",
                                 .kind = NDR_KIND_FAILED,  .all = &s, .all_count = 1};
        ndr_error err = {0};
        assert_int_equal(ndr_builder_rule(b, &r, &err), 0);
    }
    return b;
}

static void
no_children_test(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
fine_test(void **state)
{
    (void)state;
    ndr_builder *b = builder_of("word ", 3);
    ndr_ruleset *rs = NULL;
    ndr_buffer blob = {0};
    ndr_error err = {0};
    const int rc = ndr_guard_compile(b, 60, &rs, &blob, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_int_equal(ndr_ruleset_count(rs), 3);
    assert_true(blob.len > 0);
    ndr_ruleset_free(rs);
    ndr_buffer_free(&blob);
    ndr_builder_free(b);
    no_children_test();
}

static void
refused_test(void **state)
{
    (void)state;
    ndr_builder *b = builder_of("a(?=b)", 1);
    ndr_ruleset *rs = NULL;
    ndr_buffer blob = {0};
    ndr_error err = {0}, direct = {0};
    assert_int_equal(ndr_guard_compile(b, 60, &rs, &blob, &err), NDR_E_SYNTAX);
    assert_int_equal(ndr_builder_compile(b, &rs, &direct), NDR_E_SYNTAX);
    assert_string_equal(err.text, direct.text);
    assert_int_equal(blob.len, 0);
    ndr_builder_free(b);
    no_children_test();
}

/* Patterns that take far more than the one second they get. */
static void
too_long_test(void **state)
{
    (void)state;
    ndr_builder *b = builder_of(".{1,4000}x.{1,4000}y.{1,4000}z", 60);
    ndr_ruleset *rs = NULL;
    ndr_buffer blob = {0};
    ndr_error err = {0};
    assert_int_equal(ndr_guard_compile(b, 1, &rs, &blob, &err), NDR_E_LIMIT);
    assert_string_equal(err.text,
                        "the rules took more than 1 s of processor time to compile; "
                        "look for wide repeats such as .{1,5000}");
    ndr_builder_free(b);
    no_children_test();
}

/* A caller that reaps its children by itself, or has none to spare, gets its rules. */
static void
odd_callers_test(void **state)
{
    (void)state;
    ndr_builder *b = builder_of("word ", 3);
    for (int turn = 0; turn < 2; turn++) {
        ndr_ruleset *rs = NULL;
        ndr_buffer blob = {0};
        ndr_error err = {0};
        struct rlimit was, none;
        if (turn == 0) {
            (void)signal(SIGCHLD, SIG_IGN);
        } else {
            /* no descriptor to spare: no pipe */
            assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
            none = was;
            none.rlim_cur = 3;
            assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        }
        const int rc = ndr_guard_compile(b, 60, &rs, &blob, &err);
        if (turn == 0)
            (void)signal(SIGCHLD, SIG_DFL);
        else
            assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
        assert_string_equal(err.text, "");
        assert_int_equal(rc, 0);
        assert_int_equal(ndr_ruleset_count(rs), 3);
        assert_true(turn == 0 ? blob.len > 0 : blob.len == 0);
        ndr_ruleset_free(rs);
        ndr_buffer_free(&blob);
    }
    ndr_builder_free(b);
}

int
main(void)
{
    add_test("good rules come back, with their bytes", fine_test);
    add_test("what Hyperscan refuses is told as if compiled here", refused_test);
    add_test("rules that take too long", too_long_test);
    add_test("callers that ignore SIGCHLD or have no descriptor left", odd_callers_test);
    return run_added("guard");
}
