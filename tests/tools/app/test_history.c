/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp, setenv */
#include "app/history.h"
#include "app/history_parts.h"
#include "harness.h"
#include "history_told.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/test_history.XXXXXX";

static void
same(const char *path, const char *want)
{
    ndr_buffer out = {0};
    ndr_error err = {0};
    assert_int_equal(
        history_each(path, &(history_asked){.tell = told_line, .ctx = &out}, &err), 0);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, want);
    ndr_buffer_free(&out);
}

#define CANCELLED                                                                        \
    "at=1970-01-01T00:00:01Z who=me person=al\"ice what=cancel domain=example.net "      \
    "from=1970-01-01T00:00:00Z until=1970-01-01T00:01:00Z "                              \
    "note=\"who\":\"x\" \xE2\x80\xAE folder=/etc/windows.d below\n"

/* What is written down is read as it was given, whatever is in it. */
static void
round_trip(void **state)
{
    (void)state;
    ndr_error err = {0};
    history h;
    ndr_slice mailboxes[] = {NDR_SLICE("a,b"), NDR_SLICE("c")};
    const ndr_window_change change[] = {
        {NDR_WINDOW_ADDED,
         {.domain = NDR_SLICE("example.com"),
          .from = 0,
          .until = NDR_TIME_OPEN,
          .until_calm = true,
          .kinds = NDR_KIND_BIT(NDR_KIND_FAILED),
          .mailboxes = mailboxes,
          .mailbox_count = 2,
          .take = NDR_TAKE_FORGED}},
        {NDR_WINDOW_CANCELLED,
         {.domain = NDR_SLICE("example.net"),
          .from = 0,
          .until = 60,
          .subdomains = true}},
    };
    assert_int_equal(setenv("XDG_STATE_HOME", folder, 1), 0);
    (void)unsetenv("SUDO_USER");
    assert_int_equal(history_begin(&h, NULL, "\"who\":\"x\" \xE2\x80\xAE", 1, &err), 0);
    (void)snprintf(h.path, sizeof h.path, "%s/ndrscan/history.jsonl", folder);
    (void)snprintf(h.who, sizeof h.who, "me");
    h.folder = "/etc/windows.d//";
    h.person = "al\"ice";
    h.way = "proxy";
    h.peer = "uid 33";
    h.address = "192.0.2.1";
    assert_int_equal(history_record(&h, change, 2, &err), 0);
    FILE *f = fopen(h.path, "a");
    assert_non_null(f);
    assert_true(fputs("{\"who\":\"cut", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(history_record(&h, change + 1, 1, &err), 0);
    static const char want[] =
        "at=1970-01-01T00:00:01Z who=me person=al\"ice what=block domain=example.com "
        "from=1970-01-01T00:00:00Z note=\"who\":\"x\" \xE2\x80\xAE "
        "folder=/etc/windows.d take=forged mailbox=a,b mailbox=c calm\n" CANCELLED
            CANCELLED;
    same(h.path, want);
    char text[4096] = "";
    FILE *again = fopen(h.path, "r");
    assert_non_null(again);
    assert_non_null(fgets(text, sizeof text, again));
    assert_non_null(
        strstr(text, ",\"person\":\"al\\\"ice\",\"way\":\"proxy\",\"peer\":\"uid 33\","
                     "\"address\":\"192.0.2.1\","));
    assert_int_equal(fclose(again), 0);
    (void)unlink(h.path);
}

/* Lines of `writer`, numbered by their times. */
static bool
count_lines(void *ctx, const history_line *line)
{
    unsigned *next = ctx;
    char at[32];
    assert_in_range(line->at.len, 1, sizeof at - 1);
    memcpy(at, line->at.ptr, line->at.len);
    at[line->at.len] = '\0';
    int64_t when = 0;
    assert_int_equal(ndr_timestamp_parse(at, &when, NULL), 0);
    const size_t writer = line->person.ptr[0] - (size_t)'0';
    assert_in_range(writer, 0, 3);
    assert_int_equal(when, next[writer]); /* none is lost, doubled, or before another */
    next[writer]++;
    return true;
}

static int
read_all(const char *path, unsigned *next)
{
    const history_asked asked = {.tell = count_lines, .ctx = next};
    return history_each(path, &asked, NULL);
}

/* The same from the last line on, whose times are below those of the ones behind it. */
static bool
count_down(void *ctx, const history_line *line)
{
    unsigned *last = ctx;
    const size_t writer = line->person.ptr[0] - (size_t)'0';
    char at[32] = "";
    int64_t when = 0;
    assert_in_range(writer, 0, 3);
    memcpy(at, line->at.ptr, line->at.len < sizeof at ? line->at.len : 0);
    assert_int_equal(ndr_timestamp_parse(at, &when, NULL), 0);
    if (last[writer] != 0)
        assert_int_equal(when + 1, last[writer] - 1);
    last[writer] = (unsigned)when + 1;
    return true;
}

static int
read_back(const char *path, unsigned *last)
{
    const history_asked asked = {.tell = count_down, .ctx = last};
    return history_newest(path, &asked, NULL);
}

/* A file that is long gets a number, whoever writes at the time; readers see all lines,
 * each once, whoever gives numbers at the time. */
static void
parts(void **state)
{
    enum { WRITERS = 4, LINES = 60 };
    const ndr_window_change change = {
        NDR_WINDOW_ADDED,
        {.domain = NDR_SLICE("example.com"), .from = 0, .until = NDR_TIME_OPEN}};
    char path[256], part[300];
    pid_t pid[WRITERS];
    size_t count = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/parts.jsonl", folder);
    for (int i = 0; i < WRITERS; i++) {
        pid[i] = fork();
        if (pid[i] != 0)
            continue;
        history h;
        const char name[2] = {(char)('0' + i), '\0'};
        int bad = history_begin(&h, NULL, "", 0, NULL);
        (void)snprintf(h.path, sizeof h.path, "%s", path);
        h.person = name;
        h.part_bytes = 2000;
        for (h.now = 0; h.now < LINES && bad == 0; h.now++)
            bad = history_record(&h, &change, 1, NULL);
        _exit(bad != 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        int how = -1;
        for (pid_t done = 0; done == 0; done = waitpid(pid[i], &how, WNOHANG)) {
            unsigned next[WRITERS] = {0}; /* while they write */
            unsigned last[WRITERS] = {0};
            assert_int_equal(read_all(path, next), 0);
            assert_int_equal(read_back(path, last), 0);
            for (int k = 0; k < WRITERS; k++)
                assert_true(last[k] <= 1); /* down to the first, which is at 0 */
        }
        assert_int_equal(how, 0);
    }
    unsigned next[WRITERS] = {0};
    assert_int_equal(read_all(path, next), 0);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(next[i], LINES);
    unsigned *list = NULL;
    assert_int_equal(history_parts(path, &list, &count, NULL), 0);
    assert_true(count > 10);
    assert_int_equal(unlink(path), 0); /* between two parts, or by hand */
    next[0] = 0;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i], i + 1);
        assert_true(history_part_path(path, list[i], part, sizeof part));
        struct stat st;
        assert_int_equal(stat(part, &st), 0);
        assert_in_range(st.st_size, 2000, 2400);
    }
    unsigned older[WRITERS] = {0};
    assert_int_equal(read_all(path, older), 0);
    assert_true(older[0] + older[1] + older[2] + older[3] > WRITERS * LINES - 20);
    for (size_t i = 0; i < count; i++) {
        assert_true(history_part_path(path, list[i], part, sizeof part));
        (void)unlink(part);
    }
    free(list);
}

/* Who may add lines and not make files needs one there at any moment. */
static void
always_there(void **state)
{
    enum { PARTS = 100 };
    const ndr_window_change change = {
        NDR_WINDOW_ADDED,
        {.domain = NDR_SLICE("example.com"), .from = 0, .until = NDR_TIME_OPEN}};
    char path[256], part[300];
    struct stat first, st;
    history h;
    int how = -1;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/there.jsonl", folder);
    assert_int_equal(history_begin(&h, NULL, "", 0, NULL), 0);
    (void)snprintf(h.path, sizeof h.path, "%s", path);
    h.part_bytes = 1;
    assert_int_equal(history_record(&h, &change, 1, NULL), 0);
    assert_int_equal(chmod(path, 0664), 0);
    assert_int_equal(stat(path, &first), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        int bad = 0;
        for (int i = 0; i < PARTS && bad == 0; i++)
            bad = history_record(&h, &change, 1, NULL);
        _exit(bad != 0);
    }
    for (pid_t done = 0; done == 0; done = waitpid(pid, &how, WNOHANG))
        for (int i = 0; i < 1000; i++)
            assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(how, 0);
    assert_int_equal(stat(path, &st), 0); /* who could write before can do so still */
    assert_int_equal(st.st_mode, first.st_mode);
    assert_int_equal(st.st_gid, first.st_gid);
    for (unsigned i = 1; i <= PARTS; i++) {
        assert_true(history_part_path(path, i, part, sizeof part));
        assert_int_equal(stat(part, &st), 0);
        assert_in_range(st.st_size, 100, 400);
        (void)unlink(part);
    }
    (void)unlink(path);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 99;
    add_test("what is written down is read as it was given", round_trip);
    add_test("a long file gets a number while many write, and all is read", parts);
    add_test("there is a file to add lines to at any moment", always_there);
    return run_added(__FILE__);
}
