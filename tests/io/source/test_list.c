/* SPDX-License-Identifier: BSD-3-Clause */
#include "source/work.h"

#include "file_of.h"
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { LONGEST = 1 << 16 };

typedef struct list_row {
    const char *why;
    bool nul;
    const char *bytes;
    size_t n;
    const char *want; /* "|" behind each path */
} list_row;

#define B(lit) lit, sizeof(lit) - 1

static const list_row rows[] = {
    {"no path", false, B(""), ""},
    {"one a line", false, B("a\nb/c\n"), "a|b/c|"},
    {"no line end behind the last", false, B("a\nb"), "a|b|"},
    {"empty lines are no paths", false, B("\n\na\n\n"), "a|"},
    {"blanks are of the name", false, B(" a b \n"), " a b |"},
    {"a CR is of the name", false, B("a\r\n"), "a\r|"},
    {"paths that end in NUL", true, B("a\0b\nc\0"), "a|b\nc|"},
    {"no NUL behind the last", true, B("a\0b"), "a|b|"},
    {"empty ones between NULs", true, B("\0\0a\0\0"), "a|"},
    {"bytes that are no UTF-8", false, B("\xff\n"), "\xff|"},
    {"line ends alone", false, B("\n"), ""},
};

static void
list_test(void **state)
{
    const list_row *row = *state;
    ndr_list l;
    ndr_error err = {0};
    ndr_buffer got = {0};
    char *path = NULL;
    int code;
    const int fd = file_of(row->bytes, row->n);
    ndr_list_open(&l, fd, false, row->nul, NULL);
    while ((code = ndr_list_next(&l, true, &path, &err)) == 1) {
        ndr_buffer_text(&got, path);
        ndr_buffer_byte(&got, '|');
    }
    assert_int_equal(code, 0);
    ndr_list_close(&l);
    assert_int_equal(fcntl(fd, F_GETFD), -1); /* it was closed */
    ndr_buffer_byte(&got, '\0');
    assert_string_equal((char *)got.ptr, row->want);
    ndr_buffer_free(&got);
}

typedef struct long_row {
    const char *why;
    size_t n;    /* bytes of the long path */
    bool is_end; /* nothing is behind it */
    bool refused;
} long_row;

static const long_row longs[] = {
    {"the longest", LONGEST, false, false},
    {"the longest at the end", LONGEST, true, false},
    {"one of four times that", 4 * LONGEST, false, true},
    {"that at the end", 4 * LONGEST, true, true},
};

static void
long_test(void **state)
{
    const long_row *row = *state;
    ndr_buffer bytes = {0};
    ndr_buffer_text(&bytes, "a\n");
    for (size_t i = 0; i < row->n; i++)
        ndr_buffer_byte(&bytes, 'x');
    if (!row->is_end)
        ndr_buffer_text(&bytes, "\nb\n");
    ndr_list l;
    ndr_error err = {0};
    char *path = NULL;
    ndr_list_open(&l, file_of(bytes.ptr, bytes.len), false, false, NULL);
    ndr_buffer_free(&bytes);
    assert_int_equal(ndr_list_next(&l, true, &path, &err), 1);
    assert_string_equal(path, "a");
    if (row->refused) { /* once, and the next can be had */
        assert_int_equal(ndr_list_next(&l, true, &path, &err), NDR_E_LIMIT);
        assert_non_null(strstr(err.text, "65536 bytes"));
    } else {
        assert_int_equal(ndr_list_next(&l, true, &path, &err), 1);
        assert_int_equal(strlen(path), row->n);
    }
    if (!row->is_end) {
        assert_int_equal(ndr_list_next(&l, true, &path, &err), 1);
        assert_string_equal(path, "b");
    }
    assert_int_equal(ndr_list_next(&l, true, &path, &err), 0);
    assert_int_equal(ndr_list_next(&l, true, &path, &err), 0); /* stays at the end */
    ndr_list_close(&l);
}

static void
put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void
pipe_test(void **state)
{
    (void)state;
    int ends[2];
    ndr_list l;
    ndr_error err = {0};
    char *path = NULL;
    assert_int_equal(pipe(ends), 0);
    ndr_list_open(&l, ends[0], true, false, NULL);
    assert_int_equal(ndr_list_next(&l, false, &path, &err), NDR_FEED_WAIT);
    put(ends[1], "a/lon");
    assert_int_equal(ndr_list_next(&l, false, &path, &err), NDR_FEED_WAIT);
    put(ends[1], "g\nb\nc");
    assert_int_equal(ndr_list_next(&l, false, &path, &err), 1);
    assert_string_equal(path, "a/long");
    assert_int_equal(ndr_list_next(&l, false, &path, &err), 1);
    assert_string_equal(path, "b");
    assert_int_equal(ndr_list_next(&l, false, &path, &err), NDR_FEED_WAIT);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(ndr_list_next(&l, false, &path, &err), 1);
    assert_string_equal(path, "c");
    assert_int_equal(ndr_list_next(&l, false, &path, &err), 0);
    ndr_list_close(&l);
    assert_true(fcntl(ends[0], F_GETFD) >= 0); /* kept */
    assert_int_equal(close(ends[0]), 0);
}

static void
trouble_test(void **state)
{
    (void)state;
    ndr_list l;
    ndr_error err = {0};
    char *path = NULL;
    const int fd = open("/", O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    ndr_list_open(&l, fd, false, false, NULL);
    assert_int_equal(ndr_list_next(&l, true, &path, &err), NDR_E_SYS);
    ndr_list_close(&l);
    const ndr_wake wake = {.fd = -1, .set = true};
    ndr_list_open(&l, file_of("a\n", 2), false, false, &wake);
    assert_int_equal(ndr_list_next(&l, true, &path, &err), NDR_E_STOPPED);
    ndr_list_close(&l);
    ndr_list none = {0};
    ndr_list_close(&none); /* that was never opened */
}

int
main(void)
{
    ADD_ROWS(rows, list_test);
    ADD_ROWS(longs, long_test);
    add_test("a pipe is not waited for, and half a path is kept", pipe_test);
    add_test("what cannot be read, and who stops", trouble_test);
    return run_added("list");
}
