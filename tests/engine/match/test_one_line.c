/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/one_line.h"

#include "harness.h"

typedef struct line_row {
    const char *why, *match;
    bool want;
} line_row;

static const line_row rows[] = {
    {"plain words", "mail delivery failed", true},
    {"a dot is no line feed", "returned .* to .{1,40} sender", true},
    {"anchors are the line's", "^returned mail$|(^|x)y", true},
    {"groups and counts", "(?:un)?deliver(ed|able){1,3}", true},
    {"escaped signs", "\\(a\\.b\\)\\[c\\]\\\\", true},
    {"digits, words, what is no space, word ends", "\\d+\\w*\\S\\bx\\Bx", true},
    {"horizontal white space, tab and CR", "a\\hb\\tc\\r", true},
    {"a class of letters", "[a-z0-9_]+[]x][a^]", true},
    {"a class of escapes", "[\\d\\w\\]\\-.]", true},
    {"a negated class that holds the line feed", "[^a-z\\n]x[^\\n<>]", true},
    {"a negated class that holds white space", "[^\\s]+[^\\Wa]", true},
    {"a bracket that stands first is no end", "[^]\\n]", true},
    {"letters beyond ASCII", "empf\xc3\xa4nger", true},

    {"white space", "mail\\sfailed", false},
    {"what is no word", "a\\Wb", false},
    {"what is no digit", "a\\Db", false},
    {"a line feed", "a\\nb", false},
    {"a line feed as it is", "a\nb", false},
    {"a byte by its number", "a\\x0ab", false},
    {"an octal or a back-reference", "(a)\\1", false},
    {"any line end", "a\\Rb", false},
    {"vertical white space", "a\\vb", false},
    {"a property", "a\\p{Z}b", false},
    {"a quoted run", "\\Qa\\E", false},
    {"the start and the end of all", "\\Aa", false},
    {"flags change what a dot is", "(?s)a.b", false},
    {"flags inside", "a(?s:.)b", false},
    {"verbs", "(*UTF8)a", false},
    {"a negated class without the line feed", "[^a-z]", false},
    {"a negated class whose line feed begins a range", "[^\\n-\\r]", false},
    {"a negated class of what is no white space", "[^\\S]", false},
    {"white space in a class", "[a\\s]", false},
    {"what is no word in a class", "[\\W]", false},
    {"a line feed in a class", "[a\\n]", false},
    {"a backspace in a class", "[\\b-z]", false},
    {"a range from the tab on", "[\\t-z]", false},
    {"a range from a control character on", "[\x01-z]", false},
    {"a named class", "[[:space:]]", false},
    {"a class without end", "[abc", false},
    {"a backslash at the end", "abc\\", false},
    {"a backslash at the end of a class", "[abc\\", false},
};

static void
line_test(void **state)
{
    const line_row *row = *state;
    assert_int_equal(ndr_pattern_one_line(row->match), row->want);
}

int
main(void)
{
    ADD_ROWS(rows, line_test);
    return run_added("one_line");
}
