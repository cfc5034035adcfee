/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"

#include <errno.h>
#include <stdio.h>

static void
error_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    errno = ENOENT;
    assert_int_equal(ndr_fail(&err, NDR_E_SYS, "open '%s'", "x"), NDR_E_SYS);
    assert_int_equal(err.code, NDR_E_SYS);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_non_null(strstr(err.text, "open 'x': "));
    ndr_error_prefix(&err, "file %d", 3);
    assert_int_equal(strncmp(err.text, "file 3: open 'x': ", 18), 0);
    errno = ENOENT;
    assert_int_equal(ndr_fail(&err, NDR_E_SYNTAX, "plain"), NDR_E_SYNTAX);
    assert_string_equal(err.text, "plain");
    assert_int_equal(err.sys_errno, 0);
    assert_int_equal(ndr_fail(NULL, NDR_E_LIMIT, "nobody listens"), NDR_E_LIMIT);
    ndr_error_prefix(NULL, "nobody listens");
    char words[2 * sizeof err.text];
    memset(words, 'w', sizeof words);
    words[sizeof words - 1] = '\0';
    errno = EIO;
    ndr_fail(&err, NDR_E_SYS, "%s", words);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    ndr_error_prefix(&err, "%s", words);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

typedef struct words_row {
    const char *why, *words, *want;
} words_row;

static const words_row words_rows[] = {
    {"line ends are shown", "a\nb\r\tc", "a?b??c"},
    {"a terminal's commands", "\x1b[2J\x7f", "?[2J?"},
    {"letters beyond ASCII stay",
     "b\xc3\xbc"
     "cher",
     "b\xc3\xbc"
     "cher"},
    {"a percent sign of a name is no format", "%s%n", "%s%n"},
    {"nothing", "", ""},
};

static void
words_test(void **state)
{
    const words_row *row = *state;
    ndr_error err = {0};
    assert_int_equal(ndr_fail(&err, NDR_E_LIMIT, "%s", row->words), NDR_E_LIMIT);
    assert_string_equal(err.text, row->want);
    char want[100];
    (void)snprintf(want, sizeof want, "%s: %s", row->want, row->want);
    ndr_error_prefix(&err, "%s", row->words);
    assert_string_equal(err.text, want);
    assert_int_equal(err.code, NDR_E_LIMIT); /* words alone are added */
}

typedef struct cut_row {
    const char *why, *sign; /* a character of UTF-8 */
} cut_row;

static const cut_row cuts[] = {
    {"of two bytes", "\xc3\xbc"},
    {"of three", "\xe2\x82\xac"},
    {"of four", "\xf0\x9f\x93\xa7"},
};

/* Wherever the end of the room falls, characters are whole. */
static void
cut_test(void **state)
{
    const cut_row *row = *state;
    const size_t n = strlen(row->sign);
    for (size_t front = 0; front < n; front++) {
        char words[1000] = "xxxx";
        size_t at = front;
        for (; at + n < sizeof words; at += n)
            memcpy(words + at, row->sign, n + 1);
        ndr_error err = {0};
        (void)ndr_fail(&err, NDR_E_SYNTAX, "%s", words);
        const size_t len = strlen(err.text), room = sizeof err.text - 1;
        assert_int_equal(len, room - (room - front) % n);
        assert_memory_equal(err.text, words, len);
        ndr_error_prefix(&err, "y");
        const size_t more = strlen(err.text);
        assert_int_equal((more - 3 - front) % n, 0);
        assert_true(more + n > room);
    }
}

static void
errno_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    errno = 99999; /* no error's number */
    (void)ndr_fail(&err, NDR_E_SYS, "read");
    assert_int_equal(err.sys_errno, 99999);
    assert_int_equal(strncmp(err.text, "read: ", 6), 0);
    assert_non_null(strstr(err.text, "99999"));
}

int
main(void)
{
    add_test("errors have words, causes and places", error_test);
    ADD_ROWS(words_rows, words_test);
    ADD_ROWS(cuts, cut_test);
    add_test("an error that has no words has its number", errno_test);
    return run_added("fail");
}
