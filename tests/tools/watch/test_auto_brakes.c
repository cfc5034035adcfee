/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch/auto_brakes.h"

#include "harness.h"

#define NOW INT64_C(1210000000)
#define FACTS                                                                            \
    .now = NOW, .fresh = NOW - 60, .begin = NOW - 30 * 86400,                            \
    .clock_set = NDR_TIME_UNKNOWN, .take = NDR_TAKE_NOT_OURS, .known = true,             \
    .past_judged = 100, .past_ours = 60, .person_off = NDR_TIME_UNKNOWN, .most = 5,      \
    .most_owner = 2

typedef struct brake_row {
    const char *why;
    auto_facts f;
    enum auto_brake want;
} brake_row;

/* What is named again stands behind what it changes. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const brake_row rows[] = {
    {"nothing is amiss", {FACTS}, AUTO_GO},
    {"statistics of 10 minutes ago", {FACTS, .fresh = NOW - 600}, AUTO_GO},
    {"older ones", {FACTS, .fresh = NOW - 601}, AUTO_STALE},
    {"none", {FACTS, .fresh = NDR_TIME_UNKNOWN}, AUTO_STALE},
    {"statistics of in five minutes", {FACTS, .fresh = NOW + 300}, AUTO_GO},
    {"of later: the clock went back", {FACTS, .fresh = NOW + 301}, AUTO_CLOCK},
    {"the clock was set half an hour ago", {FACTS, .clock_set = NOW - 1800}, AUTO_GO},
    {"a little later", {FACTS, .clock_set = NOW - 1799}, AUTO_CLOCK},
    {"it was set, and again to before", {FACTS, .clock_set = NOW + 9}, AUTO_CLOCK},
    {"14 days of past", {FACTS, .begin = NOW - 14 * 86400}, AUTO_GO},
    {"a second less", {FACTS, .begin = NOW - 14 * 86400 + 1}, AUTO_YOUNG},
    {"no bounce was ever counted", {FACTS, .begin = NDR_TIME_UNKNOWN}, AUTO_YOUNG},
    {"no identity", {FACTS, .known = false}, AUTO_UNKNOWN},
    {"forged ones, where nothing can be",
     {FACTS, .take = NDR_TAKE_FORGED},
     AUTO_UNSIGNED},
    {"forged ones", {FACTS, .take = NDR_TAKE_FORGED, .all_mail = true}, AUTO_GO},
    {"few of ours were known", {FACTS, .past_ours = 7}, AUTO_UNSEEN},
    {"a small share of ours was", {FACTS, .past_ours = 19}, AUTO_UNSEEN},
    {"a fifth was", {FACTS, .past_ours = 20}, AUTO_GO},
    {"none was, but all mail is signed",
     {FACTS, .past_ours = 0, .all_mail = true},
     AUTO_GO},
    {"somebody ended one a day ago", {FACTS, .person_off = NOW - 86400}, AUTO_GO},
    {"a little later than that", {FACTS, .person_off = NOW - 86399}, AUTO_PERSON},
    {"the second of a day", {FACTS, .today = 1}, AUTO_GO},
    {"the third", {FACTS, .today = 2}, AUTO_THIRD},
    {"it is only to tell", {FACTS, .dry = true}, AUTO_DRY},
    {"four are open", {FACTS, .open = 4}, AUTO_GO},
    {"five are", {FACTS, .open = 5}, AUTO_MANY},
    {"one of the owner's is", {FACTS, .open = 1, .open_owner = 1}, AUTO_GO},
    {"two are", {FACTS, .open = 2, .open_owner = 2}, AUTO_MANY_OWNER},
    {"none may be", {FACTS, .most = 0}, AUTO_MANY},
    {"all at once: the operator's first",
     {FACTS, .fresh = 0, .begin = NOW, .known = false, .dry = true, .today = 9},
     AUTO_STALE},
};
#pragma GCC diagnostic pop

static void
brake_test(void **state)
{
    const brake_row *row = *state;
    const enum auto_brake got = auto_brake_of(&row->f);
    assert_int_equal(got, row->want);
    assert_int_equal(got == AUTO_GO, auto_brake_words(got)[0] == '\0');
}

typedef struct times_row {
    const char *why;
    int64_t ago;
    unsigned times, want;
} times_row;
static const times_row times_rows[] = {
    {"the first", 0, 0, 1},
    {"again within two hours", 7199, 1, 2},
    {"again two hours later", 7200, 1, 1},
    {"and again", 60, 2, 4},
    {"no longer than four hours of calm", 60, 8, 8},
};

static void
times_test(void **state)
{
    const times_row *row = *state;
    assert_int_equal(auto_times(NOW, NOW - row->ago, row->times), row->want);
}

int
main(void)
{
    ADD_ROWS(rows, brake_test);
    ADD_ROWS(times_rows, times_test);
    return run_added("auto_brakes");
}
