/* SPDX-License-Identifier: BSD-3-Clause */
/* rules.h - how do the engine's tests make a ruleset and a message? */
#ifndef NDR_TEST_RULES_H
#define NDR_TEST_RULES_H

#include "harness.h"
#include "ndrscan.h"

#define SIGNALS(...)                                                                     \
    (const ndr_signal_spec[])                                                            \
    {                                                                                    \
        __VA_ARGS__                                                                      \
    }
#define SIGNAL_COUNT(...) (sizeof(SIGNALS(__VA_ARGS__)) / sizeof(ndr_signal_spec))
#define ALL(...)          .all = SIGNALS(__VA_ARGS__), .all_count = SIGNAL_COUNT(__VA_ARGS__)
#define ANY(...)          .any = SIGNALS(__VA_ARGS__), .any_count = SIGNAL_COUNT(__VA_ARGS__)
#define NONE(...)         .none = SIGNALS(__VA_ARGS__), .none_count = SIGNAL_COUNT(__VA_ARGS__)

/* A ruleset of `count` rules, and of a candidate signal for "Return-Path: <>". */
static inline ndr_ruleset *
make_rules(const ndr_rule_spec *specs, size_t count)
{
    ndr_error err = {0};
    ndr_ruleset *rules = NULL;
    ndr_builder *b = ndr_builder_new();
    assert_non_null(b);
    for (size_t i = 0; i < count; i++)
        if (ndr_builder_rule(b, &specs[i], &err) < 0)
            fail_msg("%s", err.text);
    const ndr_signal_spec null_path = {.target = "return-path", .match = "^<>$"};
    if (ndr_builder_candidate(b, &null_path, "test", &err) < 0)
        fail_msg("%s", err.text);
    if (ndr_builder_compile(b, &rules, &err) < 0)
        fail_msg("%s", err.text);
    ndr_builder_free(b);
    return rules;
}

static inline ndr_scanner *
new_scanner(const ndr_scan_opts *opts)
{
    ndr_scanner *s = NULL;
    assert_int_equal(ndr_scanner_new(opts, &s, NULL), 0);
    return s;
}

static inline ndr_message
make_message(ndr_slice raw)
{
    return (ndr_message){.raw = raw,
                         .source = "-",
                         .length = raw.len,
                         .framed = NDR_TIME_UNKNOWN,
                         .file_time = NDR_TIME_UNKNOWN};
}

#endif
