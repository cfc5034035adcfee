/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/progress.h"
#include "harness.h"

typedef struct row {
    const char *why;
    ndr_stats st;
    uint64_t total;
    bool known;
    double seconds;
    size_t columns;
    const char *want;
} row;
static const row rows[] = {
    {"how much of how much, how fast, how long still",
     {.bytes = 250000, .messages = 1234, .bounces = 56},
     1000000,
     true,
     2.0,
     80,
     " 25% of 1.00 MB  125 kB/s  1,234 messages  56 bounces  7 s left"},
    {"where nobody knows how much there is",
     {.bytes = 250000, .messages = 1},
     0,
     false,
     2.0,
     80,
     "250 kB  125 kB/s  1 messages  0 bounces"},
    {"more than there was to be",
     {.bytes = 2000},
     1000,
     true,
     1.0,
     80,
     "100% of 1.00 kB  2.00 kB/s  0 messages  0 bounces"},
    {"before any time has passed",
     {.bytes = 10},
     100,
     true,
     0,
     80,
     " 10% of 100 bytes  0 bytes/s  0 messages  0 bounces"},
    {"a minute and more is told in minutes",
     {.bytes = 1000},
     101000,
     true,
     1.0,
     80,
     "  0% of 101 kB  1.00 kB/s  0 messages  0 bounces  1m 40s left"},
    {"in a narrow one the time that is left goes first",
     {.bytes = 250000, .messages = 1234, .bounces = 56},
     1000000,
     true,
     2.0,
     54,
     " 25% of 1.00 MB  125 kB/s  1,234 messages  56 bounces"},
    {"then the bounces",
     {.bytes = 250000, .messages = 1234, .bounces = 56},
     1000000,
     true,
     2.0,
     51,
     " 25% of 1.00 MB  125 kB/s  1,234 messages"},
    {"then how fast",
     {.bytes = 250000, .messages = 1234, .bounces = 56},
     1000000,
     true,
     2.0,
     35,
     " 25% of 1.00 MB  1,234 messages"},
    {"how much there is goes last",
     {.bytes = 250000, .messages = 1234, .bounces = 56},
     1000000,
     true,
     2.0,
     16,
     " 25% of 1.00 MB"},
    {"and then there is no line", {.bytes = 250000}, 1000000, true, 2.0, 5, ""},
};
static void
line_test(void **state)
{
    const row *r = *state;
    ndr_buffer out = {0};
    progress_line(&out, &r->st, r->total, r->known, r->seconds, r->columns);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, r->want);
    ndr_buffer_free(&out);
}

static void
json_test(void **state)
{
    (void)state;
    ndr_buffer line = {0};
    progress_begin_json(&line, "end", 1.5);
    ndr_buffer_byte(&line, '\0');
    assert_string_equal((const char *)line.ptr, "{\"type\":\"end\",\"seconds\":1.500");
    ndr_buffer_free(&line);
}

int
main(void)
{
    ADD_ROWS(rows, line_test);
    add_test("an object tells first what it is, and when", json_test);
    return run_added("progress");
}
