/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"
#include "rules/scratch.h"
#include "watch/auto_tell.h"

#include <stdio.h>

/* What is said of an alarm, and which member of its event tells what is usual. */
typedef struct row {
    const char *why;
    ndr_alarm at;
    const char *words;
    const char *usual; /* in the event; NULL: it has none */
} row;

#define NOON INT64_C(1210680000) /* 2008-05-13T12:00:00Z */
#define CAME .began = NOON, .steps = 3, .bounces = 1212

static const row rows[] = {
    {"what is usual is told of as many steps",
     {CAME, .usual = 0.4, .usual_known = true},
     "1,212 bounces in 15 min (usual: 1.2)",
     "\"usual\":1.2"},
    {"nothing may be usual",
     {CAME, .usual_known = true},
     "1,212 bounces in 15 min (usual: 0.0)",
     "\"usual\":0.0"},
    {"what is not known is not called nothing",
     {CAME, .usual = 0.4},
     "1,212 bounces in 15 min (what is usual is not known yet)",
     NULL},
    {"whose they are is told of those that were judged",
     {CAME, .usual_known = true, .judged = 140, .ours = 3, .forged = 100},
     "1,212 bounces in 15 min (usual: 0.0); of 140 that could be told, 3 ours, 100 "
     "proven forged",
     "\"judged\":140,\"ours\":3,\"forged\":100"},
};

static void
words_test(void **state)
{
    const row *r = *state;
    ndr_buffer words = {0};
    auto_alarm_words(&words, &r->at);
    ndr_buffer_byte(&words, '\0');
    assert_string_equal((const char *)words.ptr, r->words);
    ndr_buffer_free(&words);
}

static void
event_test(void **state)
{
    const row *r = *state;
    scratch_begin();
    auto_teller t = {.events = scratch, .left = 1};
    char path[96], id[EVENT_ID_BYTES], text[4096];
    auto_tell_storm(&t, "example.com", &r->at, NOON);
    assert_false(t.failing);
    event_id(&(event){.kind = EVENT_STORM, .domain = "example.com", .storm = NOON}, id);
    (void)snprintf(path, sizeof path, EVENTS_NEW "/%s.json", id);
    FILE *f = fopen(scratch_path(path), "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    assert_non_null(strstr(text, "\"bounces\":1212,\"minutes\":15"));
    if (r->usual != NULL)
        assert_non_null(strstr(text, r->usual));
    else
        assert_null(strstr(text, "\"usual\""));
    /* once is enough, and what is left to tell is over */
    auto_tell_storm(&t, "example.com", &r->at, NOON);
    assert_int_equal(t.count, 1);
    auto_teller_free(&t);
    scratch_end();
}

int
main(void)
{
    ADD_ROWS(rows, words_test);
    ADD_ROWS(rows, event_test);
    return run_added("auto_tell");
}
