/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* setenv */
#include "app/text.h"
#include "harness.h"

#include <time.h>

static void
same(ndr_buffer *got, const char *want)
{
    ndr_buffer_byte(got, '\0');
    assert_false(got->failed);
    assert_string_equal((const char *)got->ptr, want);
    ndr_buffer_free(got);
}

typedef struct count_row {
    const char *why;
    uint64_t n;
    const char *want;
} count_row;
static const count_row counts[] = {
    {"nothing", 0, "0"},
    {"below a thousand there is no comma", 999, "999"},
    {"a thousand", 1000, "1,000"},
    {"every third digit", 1234567, "1,234,567"},
    {"the largest", UINT64_MAX, "18,446,744,073,709,551,615"},
};
static void
count_test(void **state)
{
    const count_row *row = *state;
    number n;
    assert_string_equal(text_count(n, row->n), row->want);
}

static const count_row sizes[] = {
    {"no bytes", 0, "0 bytes"},
    {"the last that is told in bytes", 999, "999 bytes"},
    {"three digits", 1234, "1.23 kB"},
    {"rounding does not make a fourth digit", 9999, "10.0 kB"},
    {"nor at a hundred", 99960, "100 kB"},
    {"1,000 kB are told as 1 MB", 999600, "1.00 MB"},
    {"gigabytes", 4600000000, "4.60 GB"},
    {"the largest", UINT64_MAX, "18.4 EB"},
};
static void
size_test(void **state)
{
    const count_row *row = *state;
    number n;
    assert_string_equal(text_bytes(n, row->n), row->want);
}

typedef struct seconds_row {
    const char *why;
    double seconds;
    const char *want;
} seconds_row;
static const seconds_row times[] = {
    {"hundredths below ten seconds", 0.416, "0.42 s"},
    {"tenths below a minute", 12.34, "12.3 s"},
    {"59.96 is a minute", 59.96, "1m 00s"},
    {"minutes", 192, "3m 12s"},
    {"hours", 3725, "1h 02m"},
    {"a clock that went back is no time", -3, "0.00 s"},
};
static void
seconds_test(void **state)
{
    const seconds_row *row = *state;
    number n;
    assert_string_equal(text_seconds(n, row->seconds), row->want);
}

typedef struct text_row {
    const char *why, *text, *want;
} text_row;
static const text_row safes[] = {
    {"plain text stays", "a b", "a b"},
    {"UTF-8 stays",
     "gr\xC3\xBC\xC3\x9F"
     "e \xF0\x9F\x93\xAC",
     "gr\xC3\xBC\xC3\x9F"
     "e \xF0\x9F\x93\xAC"},
    {"an escape sequence is shown, not obeyed", "\033[2J", "\\x1B[2J"},
    {"a carriage return cannot overwrite the line", "a\rb", "a b"},
    {"line ends and tabs are blanks", "a\n\tb", "a  b"},
    {"DEL", "\x7F", "\\x7F"},
    {"C1 controls in UTF-8",
     "\xC2\x9B"
     "2J",
     "\\xC2\\x9B2J"},
    {"text that runs from right to left on order",
     "a\xE2\x80\xAE"
     "b",
     "a\\xE2\\x80\\xAEb"},
    {"a mark of direction, a soft hyphen, a tag", "\xD8\x9C\xC2\xAD\xF3\xA0\x81\x81",
     "\\xD8\\x9C\\xC2\\xAD\\xF3\\xA0\\x81\\x81"},
    {"a byte that is not UTF-8",
     "a\xFF"
     "b",
     "a\\xFFb"},
    {"a character that is cut", "a\xE2\x82", "a\\xE2\\x82"},
    {"an overlong slash", "\xC0\xAF", "\\xC0\\xAF"},
    {"half of a surrogate pair", "\xED\xA0\x80", "\\xED\\xA0\\x80"},
};
static void
safe_test(void **state)
{
    const text_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_buffer out = {0};
    text_safe(&out, (ndr_slice){p, n});
    free(p);
    same(&out, row->want);
}

static const text_row blanks[] = {
    {"what is seen stays", "a \xC3\xBC \xE9\x80\x80", "a \xC3\xBC \xE9\x80\x80"},
    {"quotes and backslashes are seen", "a\"b\\c", "a\"b\\c"},
    {"a control character is a blank", "a\033b\nc\x7F", "a b c "},
    {"so is a mark of direction", "a\xE2\x80\xAE", "a "},
    {"two where JSON needs a pair", "a\xF3\xA0\x81\x81z", "a  z"},
    {"one for a byte that is not UTF-8",
     "a\xFF"
     "b",
     "a b"},
};
static void
blank_test(void **state)
{
    const text_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_buffer out = {0};
    text_blank(&out, (ndr_slice){p, n});
    free(p);
    same(&out, row->want);
}

static const text_row wraps[] = {
    {"what fits stays on its line", "one two", "one two\n"},
    {"a word too many goes to the next line", "one two three", "one two\n  three\n"},
    {"runs of blanks are one", "a   b", "a b\n"},
    {"a word longer than a line is broken", "abcdefghijklmnop", "abcdefghij\n  klmnop\n"},
    {"nothing is an empty line", "", "\n"},
    {"columns are characters, not bytes",
     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC \xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC",
     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC \xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\n"},
    {"a wide character takes two columns",
     "\xE9\x80\x80\xE4\xBF\xA1 \xE9\x80\x80\xE4\xBF\xA1 x",
     "\xE9\x80\x80\xE4\xBF\xA1 \xE9\x80\x80\xE4\xBF\xA1\n  x\n"},
    {"a mark takes none",
     "e\xCC\x81"
     "bcd fghi",
     "e\xCC\x81"
     "bcd fghi\n"},
    {"what is made safe counts as wide as it is shown", "ab \033\033",
     "ab\n  \\x1B\\x1B\n"},
};
static void
wrap_test(void **state)
{
    const text_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_buffer out = {0};
    text_wrap(&out, (ndr_slice){p, n}, 0, 2, 10);
    free(p);
    same(&out, row->want);
}

static const text_row cuts[] = {
    {"what fits is not cut", "0123456789", "0123456789"},
    {"what is cut says so, within the width", "0123456789a", "012345 ..."},
    {"a wide character is not cut in two", "01234\xE9\x80\x80\xE4\xBF\xA1 end",
     "01234 ..."},
    {"what is shown counts, not what is meant", "\033\033\033", "\\x1B\\x ..."},
    {"nothing", "", ""},
};
static void
cut_test(void **state)
{
    const text_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_buffer out = {0};
    text_cut(&out, (ndr_slice){p, n}, 10);
    free(p);
    same(&out, row->want);
}

typedef struct span_row {
    const char *why;
    int64_t seconds;
    const char *want;
} span_row;
static const span_row spans[] = {
    {"no time", 0, "less than a minute"},
    {"59 seconds", 59, "less than a minute"},
    {"a minute", 60, "1 min"},
    {"the last that is told in minutes", 3599, "59 min"},
    {"whole hours", 7200, "2 h"},
    {"hours and minutes", 11400, "3 h 10 min"},
    {"the last that is told in hours", 86399, "23 h 59 min"},
    {"whole days", 172800, "2 d"},
    {"minutes are left out behind days", 2 * 86400 + 4 * 3600 + 3540, "2 d 4 h"},
};
static void
span_test(void **state)
{
    const span_row *row = *state;
    number n;
    assert_string_equal(text_span(n, row->seconds), row->want);
}

static void
local_test(void **state)
{
    (void)state;
    number n;
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    assert_string_equal(text_local(n, 1210665600), "2008-05-13 10:00");
    assert_string_equal(text_local(n, 1200384000), "2008-01-15 09:00");
}

int
main(void)
{
    ADD_ROWS(spans, span_test);
    add_test("a moment in the zone of this machine, summer and winter", local_test);
    ADD_ROWS(counts, count_test);
    ADD_ROWS(sizes, size_test);
    ADD_ROWS(times, seconds_test);
    ADD_ROWS(safes, safe_test);
    ADD_ROWS(blanks, blank_test);
    ADD_ROWS(wraps, wrap_test);
    ADD_ROWS(cuts, cut_test);
    return run_added("text");
}
