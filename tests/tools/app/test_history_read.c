/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "app/history_parts.h"
#include "harness.h"
#include "history_told.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/test_history_read.XXXXXX";

static void
put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* The lines of `text` from the last to the first. */
static void
turn(const char *text, ndr_buffer *out)
{
    for (size_t end = strlen(text); end > 0;) {
        size_t begin = end - 1;
        while (begin > 0 && text[begin - 1] != '\n')
            begin--;
        ndr_buffer_add(out,
                       (ndr_slice){(const unsigned char *)text + begin, end - begin});
        end = begin;
    }
    ndr_buffer_byte(out, '\0');
}

static void
same(const char *path, const char *want)
{
    ndr_buffer out = {0}, back = {0}, turned = {0};
    ndr_error err = {0};
    assert_int_equal(history_each(path, &(history_asked){NULL, told_line, &out}, &err), 0);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, want);
    assert_int_equal(history_newest(path, &(history_asked){NULL, told_line, &back}, &err), 0);
    ndr_buffer_byte(&back, '\0');
    turn(want, &turned);
    assert_string_equal((const char *)back.ptr, (const char *)turned.ptr);
    ndr_buffer_free(&out);
    ndr_buffer_free(&back);
    ndr_buffer_free(&turned);
}

typedef struct row {
    const char *why, *text, *want;
} row;
static const row rows[] = {
    {"members are what their strings stand for",
     "{\"who\":\"a\\\"b\\\\c\\u00fc\",\"note\":\"\\u001b[2J\"}\n",
     "who=a\"b\\c\xC3\xBC note=\033[2J\n"},
    {"a key in a note is none", "{\"note\":\"\\\"who\\\":\\\"x\\\"\",\"who\":\"y\"}\n",
     "who=y note=\"who\":\"x\"\n"},
    {"a name of a mailbox may have commas and brackets",
     "{\"mailboxes\":[\"a,b\",\"c]\",\"\\\"\"]}\n",
     "mailbox=a,b mailbox=c] mailbox=\"\n"},
    {"words of another kind are none",
     "{\"who\":1,\"mailboxes\":\"a\",\"until_calm\":\"true\",\"subdomains\":null}\n",
     "\n"},
    {"both yes", "{\"until_calm\":true,\"subdomains\":true}\n", "calm below\n"},
    {"blanks between members change nothing", "{ \"who\" : \"a\" }\n", "who=a\n"},
    {"a line that was cut is passed over, alone",
     "{\"who\":\"a\"}\n{\"who\":\"b\n{\"who\":\"c\"}\n", "who=a\nwho=c\n"},
    {"what has no line end was cut", "{\"who\":\"a\"}\n{\"who\":\"b\"}", "who=a\n"},
    {"what is no object is passed over", "[]\n\"x\"\n\n{}\n", "\n"},
    {"a NUL in a string is of it", "{\"who\":\"\\u0000\",\"what\":\"x\"}\n",
     "who=@ what=x\n"},
};
static void
row_test(void **state)
{
    const row *r = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/rows", folder);
    put_file(path, r->text);
    same(path, r->want);
    (void)unlink(path);
}

static void
no_file_is_no_lines(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/none", folder);
    same(path, "");
}

/* ---- parts ---------------------------------------------------------------------- */

enum { PARTS = 10, LINES = 4000, LONG = 200000 };

/* The lines "at" 0, 1, ... in ten parts and the last file; each tenth is of one domain,
 * and one is longer than all that is read at once. */
static void
make_parts(const char *path)
{
    char name[300];
    unsigned at = 0;
    for (unsigned part = 1; part <= PARTS + 1; part++) {
        (void)history_part_path(path, part, name, sizeof name);
        FILE *f = fopen(part <= PARTS ? name : path, "w");
        assert_non_null(f);
        for (unsigned i = 0; i < LINES; i++, at++)
            (void)fprintf(f, "{\"at\":\"%u\",\"domain\":\"%s\",\"note\":\"%0*d\"}\n", at,
                          at % 10 == 0   ? "ten.example"
                          : at % 10 == 1 ? "t\\u0065n.example"
                                         : "other.example",
                          part == 5 && i == 100 ? LONG : 50, 0);
        assert_int_equal(fclose(f), 0);
    }
}

static void
drop_parts(const char *path)
{
    char name[300];
    for (unsigned part = 1; part <= PARTS; part++) {
        (void)history_part_path(path, part, name, sizeof name);
        (void)unlink(name);
    }
    (void)unlink(path);
}

/* What is wanted of them. */
typedef struct wanted {
    const char *domain; /* NULL: any */
    size_t most, count;
    long first, last; /* told */
    bool down;
} wanted;

static bool
want(void *ctx, const history_line *line)
{
    wanted *w = ctx;
    char at[16] = "";
    memcpy(at, line->at.ptr, line->at.len < sizeof at ? line->at.len : 0);
    const long n = strtol(at, NULL, 10);
    if (w->domain != NULL && !ndr_slice_equal(line->domain, ndr_slice_of(w->domain)))
        return true;
    if (w->count++ == 0)
        w->first = n;
    else
        assert_true(w->down ? n < w->last : n > w->last);
    if (w->domain == NULL && w->count > 1)
        assert_int_equal(labs(n - w->last), 1);
    w->last = n;
    return w->count < w->most;
}

/* So many bytes were read by this process; -1: the kernel does not count. */
static long
bytes_read(void)
{
    char text[256] = "";
    const int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        (void)close(fd);
    return n > 7 && strncmp(text, "rchar: ", 7) == 0 ? strtol(text + 7, NULL, 10) : -1;
}

static long
look(const char *path, bool down, const char *domain, size_t most, wanted *ret)
{
    *ret = (wanted){.domain = domain, .most = most, .down = down};
    const history_asked asked = {domain, want, ret};
    const long before = bytes_read();
    assert_int_equal((down ? history_newest : history_each)(path, &asked, NULL), 0);
    return before >= 0 ? bytes_read() - before : -1;
}

static void
only_what_is_shown(void **state)
{
    enum { ALL = (PARTS + 1) * LINES };
    char path[256];
    wanted w;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/parts", folder);
    make_parts(path);
    const long all = look(path, false, NULL, SIZE_MAX, &w);
    assert_int_equal(w.count, ALL);
    assert_int_equal(w.first, 0);
    const long back = look(path, true, NULL, SIZE_MAX, &w);
    assert_int_equal(w.count, ALL);
    assert_int_equal(w.first, ALL - 1);
    assert_int_equal(w.last, 0);
    const long page = look(path, true, NULL, 200, &w);
    assert_int_equal(w.count, 200);
    assert_int_equal(w.first, ALL - 1);
    const long other = look(path, true, NULL, LINES + 1, &w); /* into the last part */
    assert_int_equal(w.last, ALL - LINES - 1);
    const long few =
        look(path, true, "ten.example", 12, &w); /* as an escape has it, too */
    assert_int_equal(w.count, 12);
    assert_int_equal(w.first, ALL - 9);
    assert_int_equal(w.last, ALL - 60);
    (void)look(path, true, "ten.example", SIZE_MAX, &w);
    assert_int_equal(w.count, ALL / 5);
    (void)look(path, false, "ten.example", SIZE_MAX, &w);
    assert_int_equal(w.count, ALL / 5);
    if (all >= 0) { /* else the kernel counts nothing */
        assert_true(all > 4000000);
        assert_true(back < all + 100000);
        assert_true(page < 70000);
        assert_true(few < 70000);
        assert_true(other < 500000);
    }
    drop_parts(path);
}

/* A part of the same file, whose number it got while it was read, is not told twice. */
static void
number_meanwhile(void **state)
{
    char path[256], part[300];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/same", folder);
    put_file(path, "{\"who\":\"a\"}\n");
    assert_true(history_part_path(path, 3, part, sizeof part));
    assert_int_equal(link(path, part), 0);
    same(path, "who=a\n");
    (void)unlink(path);
    same(path, "who=a\n");
    (void)unlink(part);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 99;
    ADD_ROWS(rows, row_test);
    add_test("no file is no lines", no_file_is_no_lines);
    add_test("a look reads what it shows, whatever there is before it",
             only_what_is_shown);
    add_test("a file that got a number meanwhile is told once", number_meanwhile);
    return run_added(__FILE__);
}
