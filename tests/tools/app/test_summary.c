/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/progress.h"
#include "app/summary.h"
#include "harness.h"

static void
same(ndr_buffer *got, const char *want)
{
    ndr_buffer_byte(got, '\0');
    assert_false(got->failed);
    assert_string_equal((const char *)got->ptr, want);
    ndr_buffer_free(got);
}

static ndr_domain_count domains[] = {
    {"example.com", 1100, 900},
    {"a-rather-long-name.of-a-host.somewhere.example.net", 100, 0},
    {"", 34, 0},
};
static uint64_t junk_by_window[] = {900, 0};
static const ndr_window window_rows[] = {
    {.domain = {(const unsigned char *)"example.com", 11},
     .from = 1210665600,
     .until = 1210838400,
     .note = {(const unsigned char *)"spoofed \033since Tuesday", 22}},
    {.domain = {(const unsigned char *)"example.org", 11},
     .from = 1210665600,
     .until = NDR_TIME_OPEN},
};

static ndr_stats
sample(void)
{
    ndr_stats st = {
        .messages = 4000,
        .bytes = 12345678,
        .bounces = 1234,
        .junk = 900,
        .junk_by_window = junk_by_window,
        .domain = domains,
        .domain_count = 3,
        .sources_failed = 2,
    };
    st.by_kind[NDR_KIND_FAILED] = 1100;
    st.by_kind[NDR_KIND_DELAYED] = 134;
    return st;
}

static void
table_test(void **state)
{
    (void)state;
    const ndr_stats st = sample();
    const ndr_windows windows = {window_rows, 2};
    ndr_buffer out = {0};
    summary_table(&out, &st, &windows, 0.5, NULL);
    same(&out,
         "messages                                  4,000  12.3 MB in 0.50 s\n"
         "bounces                                   1,234  30.9% of the messages\n"
         "  failed                                  1,100\n"
         "  delayed                                   134\n"
         "junk                                        900  of 2 windows, 1 met nothing\n"
         "  example.com                               900\n"
         "    2008-05-13 08:00 to 2008-05-15 08:00\n"
         "    spoofed \\x1Bsince Tuesday\n"
         "\n"
         "domain the bounces came to              bounces         junk\n"
         "  example.com                             1,100          900\n"
         "  a-rather-long-name.of-a-host.somewhere.example.net\n"
         "                                            100            0\n"
         "  (not known)                                34            0\n"
         "\n"
         "damaged or unreadable sources                 2  named above\n"
         "messages a second                         8,000  24.7 MB/s\n");
}

static void
whose_test(void **state)
{
    (void)state;
    ndr_stats st = {.messages = 1, .bounces = 1000, .judged = 930, .spared = 31};
    st.by_whose[NDR_WHOSE_OURS] = 31;
    st.by_whose[NDR_WHOSE_FORGED] = 800;
    st.by_whose[NDR_WHOSE_UNKNOWN] = 99;
    ndr_buffer out = {0};
    summary_table(&out, &st, NULL, 0, NULL);
    ndr_buffer_byte(&out, '\0');
    assert_false(out.failed);
    assert_non_null(
        strstr((const char *)out.ptr,
               "junk                                          0  no windows were given\n"
               "judged by what they return                  930\n"
               "  ours                                       31\n"
               "  forged                                    800\n"
               "  unknown                                    99\n"
               "kept for it                                  31  though a window covers "
               "them\n\n"));
    ndr_buffer_free(&out);
}

static void
empty_test(void **state)
{
    (void)state;
    const ndr_stats st = {0};
    ndr_buffer out = {0};
    summary_table(&out, &st, NULL, 0, "SIGTERM");
    same(&out, "messages                                      0  0 bytes in 0.00 s\n"
               "bounces                                       0\n"
               "junk                                          0  no windows were given\n"
               "\n"
               "damaged or unreadable sources                 0\n"
               "messages a second                             0  0 bytes/s\n"
               "\n"
               "stopped by SIGTERM; the counts go as far as it got\n");
}

typedef struct line_row {
    const char *why;
    uint64_t total;
    size_t columns;
    const char *want;
} line_row;
static const line_row lines[] = {
    {"everything on 79 columns", 24691356, 79,
     " 50% of 24.7 MB  24.7 MB/s  4,000 messages  1,234 bounces  1 s left"},
    {"a long way to go", 24691356000, 79,
     "  0% of 24.7 GB  24.7 MB/s  4,000 messages  1,234 bounces  16m 40s left"},
    {"the time left goes first", 24691356, 60,
     " 50% of 24.7 MB  24.7 MB/s  4,000 messages  1,234 bounces"},
    {"then the bounces", 24691356, 50, " 50% of 24.7 MB  24.7 MB/s  4,000 messages"},
    {"then the rate", 24691356, 40, " 50% of 24.7 MB  4,000 messages"},
    {"a very narrow screen keeps the share", 24691356, 20, " 50% of 24.7 MB"},
    {"a screen too narrow for anything stays empty", 24691356, 3, ""},
    {"no total, no share and no time left", 0, 79,
     "12.3 MB  24.7 MB/s  4,000 messages  1,234 bounces"},
    {"more read than was there is all of it", 12345, 79,
     "100% of 12.3 kB  24.7 MB/s  4,000 messages  1,234 bounces"},
};
static void
line_test(void **state)
{
    const line_row *row = *state;
    const ndr_stats st = sample();
    ndr_buffer out = {0};
    progress_line(&out, &st, row->total, row->total > 0, 0.5, row->columns);
    same(&out, row->want);
}

int
main(void)
{
    add_test("the table of a run", table_test);
    add_test("whose mail came back, where it was asked", whose_test);
    add_test("the table of a run that was stopped before it began", empty_test);
    ADD_ROWS(lines, line_test);
    return run_added("summary");
}
