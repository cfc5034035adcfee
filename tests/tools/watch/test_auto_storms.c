/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"
#include "watch/auto_storms.h"
#include "windows/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/test_auto_storms.XXXXXX";

enum { NOON = 1210680000 }; /* 2008-05-13T12:00:00Z */

#define LINE(at, what, domain, note)                                                     \
    "{\"at\":\"" at "\",\"what\":\"" what "\",\"domain\":\"" domain                      \
    "\",\"note\":\"" note "\"}\n"
#define OTHERS LINE("2008-05-13T11:00:00Z", "block", "other.example", "")

typedef struct row {
    const char *why, *text;
    size_t old; /* lines of the year 1970 behind it */
    int64_t off;
} row;
static const row rows[] = {
    {"who ended a window is found",
     LINE("2008-05-13T10:00:00Z", "unblock", "example.com", "") OTHERS, 0, NOON - 7200},
    {"who cancelled one, too", LINE("2008-05-13T10:00:00Z", "cancel", "example.com", ""),
     0, NOON - 7200},
    {"the last one counts",
     LINE("2008-05-13T10:00:00Z", "unblock", "example.com", "")
         LINE("2008-05-13T11:00:00Z", "unblock", "example.com", ""),
     0, NOON - 3600},
    {"one that opened a window ended none",
     LINE("2008-05-13T10:00:00Z", "block", "example.com", ""), 0, NDR_TIME_UNKNOWN},
    {"what was calm ended by itself",
     LINE("2008-05-13T10:00:00Z", "unblock", "example.com", SETTLE_NOTE), 0,
     NDR_TIME_UNKNOWN},
    {"another domain is another's",
     LINE("2008-05-13T10:00:00Z", "unblock", "a.example.com", ""), 0, NDR_TIME_UNKNOWN},
    {"a time that cannot be read is none", LINE("x", "unblock", "example.com", ""), 0,
     NDR_TIME_UNKNOWN},
    {"a clock that was wrong for some lines hides nothing before them",
     LINE("2008-05-13T10:00:00Z", "unblock", "example.com", ""), 900, NOON - 7200},
    {"a clock that is ahead hides nothing",
     LINE("2008-05-13T10:00:00Z", "unblock", "example.com", "")
         LINE("2038-01-01T00:00:00Z", "block", "example.com", ""),
     0, NOON - 7200},
    {"what is before a thousand lines of long ago is not read",
     LINE("2008-05-13T10:00:00Z", "unblock", "example.com", ""), 1000, NDR_TIME_UNKNOWN},
};

static void
row_test(void **state)
{
    const row *r = *state;
    char path[128];
    auto_storm storm[] = {{.domain = "example.com", .off = NDR_TIME_UNKNOWN},
                          {.domain = "example.net", .off = NDR_TIME_UNKNOWN}};
    auto_storms s = {storm, 2};
    (void)snprintf(path, sizeof path, "%s/history.jsonl", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(r->text, f) >= 0);
    for (size_t i = 0; i < r->old; i++)
        assert_true(fputs(LINE("1970-01-01T00:00:00Z", "block", "b", ""), f) >= 0);
    assert_int_equal(fclose(f), 0);
    storm[0].at.usual = 2; /* the smallest comes first */
    storm[1].at.usual = 1;
    assert_int_equal(auto_storms_line_up(&s, path, NOON, NULL), 0);
    assert_string_equal(storm[0].domain, "example.net");
    assert_true(storm[0].off == NDR_TIME_UNKNOWN);
    assert_true(storm[1].off == r->off);
    (void)unlink(path);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 99;
    ADD_ROWS(rows, row_test);
    return run_added(__FILE__);
}
