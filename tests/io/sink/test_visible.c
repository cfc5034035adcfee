/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sink/sinks.h"

typedef struct visible_row {
    const char *why;
    const char *bytes;
    size_t n;
    const char *plain, *columns;
} visible_row;

#define B(lit) lit, sizeof(lit) - 1

static const visible_row rows[] = {
    {"nothing", B(""), "", ""},
    {"letters and signs", B("a ~!"), "a ~!", "a ~!"},
    {"letters beyond ASCII", B("b\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\xa7"),
     "b\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\xa7",
     "b\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\xa7"},
    {"tab, line ends and backslash", B("\t\n\r\\"), "\\x09\\x0A\\x0D\\", "\\t\\n\\r\\\\"},
    {"NUL", B("a\0b"), "a\\x00b", "a\\x00b"},
    {"a terminal's command", B("\x1b[2J\x7f"), "\\x1B[2J\\x7F", "\\x1B[2J\\x7F"},
    {"one of C1", B("\xc2\x9b"), "\\xC2\\x9B", "\\xC2\\x9B"},
    {"the other order of a line",
     B("a\xe2\x80\xae"
       "b"),
     "a\\xE2\\x80\\xAE"
     "b",
     "a\\xE2\\x80\\xAE"
     "b"},
    {"tags that nobody sees", B("\xf3\xa0\x81\x81"), "\\xF3\\xA0\\x81\\x81",
     "\\xF3\\xA0\\x81\\x81"},
    {"a byte of Latin-1",
     B("b\xfc"
       "cher"),
     "b\\xFC"
     "cher",
     "b\\xFC"
     "cher"},
    {"a character that is cut", B("a\xe2\x82"), "a\\xE2\\x82", "a\\xE2\\x82"},
    {"a cut one before a letter",
     B("\xe2\x82"
       "a"),
     "\\xE2\\x82"
     "a",
     "\\xE2\\x82"
     "a"},
    {"a continuation alone", B("\x80"), "\\x80", "\\x80"},
    {"written too long", B("\xc0\xaf"), "\\xC0\\xAF", "\\xC0\\xAF"},
    {"half of a pair", B("\xed\xa0\x80"), "\\xED\\xA0\\x80", "\\xED\\xA0\\x80"},
    {"beyond the last character", B("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80",
     "\\xF4\\x90\\x80\\x80"},
};

static void
check(const visible_row *row, bool columns, const char *want)
{
    ndr_buffer out = {0};
    ndr_buffer_text(&out, "<"); /* what is there stays */
    unsigned char *copy = exact_copy(row->bytes, row->n);
    ndr_put_visible(&out, (ndr_slice){copy, row->n}, columns);
    free(copy);
    assert_false(out.failed);
    assert_int_equal(out.len, strlen(want) + 1);
    assert_int_equal(out.ptr[0], '<');
    assert_memory_equal(out.ptr + 1, want, strlen(want));
    ndr_buffer_free(&out);
}

static void
visible_test(void **state)
{
    const visible_row *row = *state;
    check(row, false, row->plain);
    check(row, true, row->columns);
}

static int
digit(unsigned char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* What was put into columns, back. */
static size_t
unput(const ndr_buffer *b, unsigned char *to)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len;) {
        if (b->ptr[i] != '\\') {
            to[n++] = b->ptr[i++];
            continue;
        }
        const unsigned char c = b->ptr[i + 1];
        i += 2;
        if (c != 'x') {
            to[n++] = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
            continue;
        }
        to[n++] = (unsigned char)(digit(b->ptr[i]) << 4 | digit(b->ptr[i + 1]));
        i += 2;
    }
    return n;
}

/* Any bytes: no control byte comes out, and from columns they can be had back. */
static void
any_test(void **state)
{
    (void)state;
    uint64_t seed = 0x9e3779b97f4a7c15;
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[24], back[24 * NDR_VISIBLE_GROWTH];
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        const size_t n = seed % 13;
        for (size_t i = 0; i < n; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            bytes[i] = (unsigned char)(seed >> (seed % 2 != 0 ? 8 : 56));
        }
        unsigned char *copy = exact_copy(bytes, n);
        ndr_buffer out = {0};
        ndr_put_visible(&out, (ndr_slice){copy, n}, true);
        free(copy);
        assert_true(out.len <= n * NDR_VISIBLE_GROWTH);
        for (size_t i = 0; i < out.len; i++)
            assert_true(out.ptr[i] >= ' ' && out.ptr[i] != 0x7f);
        assert_int_equal(unput(&out, back), n);
        assert_memory_equal(back, bytes, n);
        ndr_buffer_free(&out);
    }
}

static void
failed_test(void **state)
{
    (void)state;
    ndr_buffer out = {.failed = true};
    ndr_put_visible(&out, ndr_slice_of("text"), false);
    assert_int_equal(out.len, 0);
    assert_true(out.failed);
}

int
main(void)
{
    ADD_ROWS(rows, visible_test);
    add_test("any bytes are harmless, and come back from columns", any_test);
    add_test("behind a failure nothing is added", failed_test);
    return run_added("visible");
}
