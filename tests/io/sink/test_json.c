/* SPDX-License-Identifier: BSD-3-Clause */
#include "ndr_vector.h"
#include "sink/sinks.h"

#include "harness.h"

#define BAD "\xEF\xBF\xBD"

typedef struct text_row {
    const char *why;
    ndr_slice text, want;
    bool utf8;
} text_row;

#define BYTES(lit)                                                                       \
    {                                                                                    \
        (const unsigned char *)(lit), sizeof(lit) - 1                                    \
    }
#define ROW(why, text, want, utf8)                                                       \
    {                                                                                    \
        why, BYTES(text), BYTES(want), utf8                                              \
    }

/* Each stands behind and before plain bytes of every count up to 40. */
static const text_row texts[] = {
    ROW("nothing", "", "", true),
    ROW("a quote is escaped", "\"", "\\\"", true),
    ROW("a backslash is escaped", "\\", "\\\\", true),
    ROW("a slash is not", "/", "/", true),
    ROW("the short escapes", "\b\t\n\f\r", "\\b\\t\\n\\f\\r", true),
    ROW("NUL", "\0", "\\u0000", true),
    ROW("ESC", "\x1B", "\\u001b", true),
    ROW("vertical tab has no letter", "\v", "\\u000b", true),
    ROW("the last control character", "\x1F", "\\u001f", true),
    ROW("the first printable", " ", " ", true),
    ROW("DEL is escaped", "\x7F", "\\u007f", true),
    ROW("many DELs in a row", "\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F",
        "\\u007f\\u007f\\u007f\\u007f\\u007f\\u007f\\u007f\\u007f\\u007f", true),
    ROW("many escapes in a row", "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
        "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"", true),
    ROW("the first of two bytes, a command", "\xC2\x80", "\\u0080", true),
    ROW("the last command of a terminal", "\xC2\x9F", "\\u009f", true),
    ROW("the first behind them", "\xC2\xA0", "\xC2\xA0", true),
    ROW("commands in a row", "\xC2\x9B\xC2\x9B\xC2\x9B\xC2\x9B\xC2\x9B\xC2\x9B\xC2\x9B",
        "\\u009b\\u009b\\u009b\\u009b\\u009b\\u009b\\u009b", true),
    ROW("override of direction", "\xE2\x80\xAE", "\\u202e", true),
    ROW("isolates", "\xE2\x81\xA6\xE2\x81\xA9", "\\u2066\\u2069", true),
    ROW("an Arabic letter mark", "\xD8\x9C", "\\u061c", true),
    ROW("no width", "\xE2\x80\x8B\xEF\xBB\xBF", "\\u200b\\ufeff", true),
    ROW("a soft hyphen", "\xC2\xAD", "\\u00ad", true),
    ROW("tags, above U+FFFF", "\xF3\xA0\x81\x81\xF3\xA0\x81\x81",
        "\\udb40\\udc41\\udb40\\udc41", true),
    ROW("letters of every script stand as they are",
        "\xD7\xA9\xD8\xB9\xD0\xB6\xE4\xB8\xAD\xE3\x81\x82\xF0\x9F\x98\x80",
        "\xD7\xA9\xD8\xB9\xD0\xB6\xE4\xB8\xAD\xE3\x81\x82\xF0\x9F\x98\x80", true),
    ROW("the last of two bytes", "\xDF\xBF", "\xDF\xBF", true),
    ROW("the first of three bytes", "\xE0\xA0\x80", "\xE0\xA0\x80", true),
    ROW("the last before the surrogates", "\xED\x9F\xBF", "\xED\x9F\xBF", true),
    ROW("the first behind the surrogates", "\xEE\x80\x80", "\xEE\x80\x80", true),
    ROW("the last of three bytes, no character", "\xEF\xBF\xBF", "\\uffff", true),
    ROW("the first of four bytes", "\xF0\x90\x80\x80", "\xF0\x90\x80\x80", true),
    ROW("U+10FFFD", "\xF4\x8F\xBF\xBD", "\xF4\x8F\xBF\xBD", true),
    ROW("U+10FFFF, no character", "\xF4\x8F\xBF\xBF", "\\udbff\\udfff", true),
    ROW("U+2028 and U+2029", "\xE2\x80\xA8\xE2\x80\xA9", "\\u2028\\u2029", true),
    ROW("U+FFFD of the text itself is UTF-8", BAD, BAD, true),
    ROW("umlauts one after the other", "\xC3\xA4\xC3\xB6\xC3\xBC",
        "\xC3\xA4\xC3\xB6\xC3\xBC", true),
    ROW("a continuation alone", "\x80", BAD, false),
    ROW("the last continuation alone", "\xBF", BAD, false),
    ROW("Latin-1", "f\xFCr", "f" BAD "r", false),
    ROW("overlong in two bytes", "\xC0\xAF", BAD BAD, false),
    ROW("the last overlong of two bytes", "\xC1\xBF", BAD BAD, false),
    ROW("an overlong NUL", "\xC0\x80", BAD BAD, false),
    ROW("overlong in three bytes", "\xE0\x80\xAF", BAD BAD BAD, false),
    ROW("the last overlong of three bytes", "\xE0\x9F\xBF", BAD BAD BAD, false),
    ROW("overlong in four bytes", "\xF0\x80\x80\xAF", BAD BAD BAD BAD, false),
    ROW("the last overlong of four bytes", "\xF0\x8F\xBF\xBF", BAD BAD BAD BAD, false),
    ROW("the first surrogate", "\xED\xA0\x80", BAD BAD BAD, false),
    ROW("the last surrogate", "\xED\xBF\xBF", BAD BAD BAD, false),
    ROW("a pair of surrogates", "\xED\xA0\xBD\xED\xB8\x80", BAD BAD BAD BAD BAD BAD,
        false),
    ROW("the first above U+10FFFF", "\xF4\x90\x80\x80", BAD BAD BAD BAD, false),
    ROW("a lead that leads nowhere", "\xF5\x80\x80\x80", BAD BAD BAD BAD, false),
    ROW("five bytes", "\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD, false),
    ROW("0xFE and 0xFF", "\xFE\xFF", BAD BAD, false),
    ROW("two bytes cut short", "\xC3", BAD, false),
    ROW("three bytes cut after one", "\xE2", BAD, false),
    ROW("three bytes cut after two are one piece", "\xE2\x82", BAD, false),
    ROW("four bytes cut after two are one piece", "\xF0\x9F", BAD, false),
    ROW("four bytes cut after three are one piece", "\xF0\x9F\x98", BAD, false),
    ROW("a lead behind a lead", "\xE2\xE2\x82\xAC", BAD "\xE2\x82\xAC", false),
    ROW("a quote inside a character", "\xE2\x82\"", BAD "\\\"", false),
    ROW("a line end inside a character", "\xC3\n", BAD "\\n", false),
};

/* Written with every width of vectors that this CPU has. */
static void
check(ndr_slice text, ndr_slice want, bool utf8)
{
    unsigned char *p = exact_copy(text.ptr, text.len);
    for (size_t i = 0; i < ndr_vector_way_count; i++) {
        if (!ndr_vector_use(ndr_vector_ways[i]->name))
            continue;
        ndr_buffer out = {0};
        ndr_buffer_text(&out, "<");
        const bool answer = ndr_json_put(&out, (ndr_slice){p, text.len});
        assert_false(out.failed);
        assert_int_equal(out.len, want.len + 1);
        if (want.len > 0)
            assert_memory_equal(out.ptr + 1, want.ptr, want.len);
        assert_int_equal(answer, utf8);
        ndr_buffer_free(&out);
    }
    free(p);
}

static void
text_test(void **state)
{
    const text_row *row = *state;
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t before = 0; before <= 40; before++)
        for (size_t after = 0; after <= 40; after++) {
            unsigned char text[160];
            unsigned char want[160];
            memcpy(text, plain, before);
            memcpy(want, plain, before);
            memcpy(text + before, row->text.ptr, row->text.len);
            memcpy(want + before, row->want.ptr, row->want.len);
            memcpy(text + before + row->text.len, plain, after);
            memcpy(want + before + row->want.len, plain, after);
            const ndr_slice t = {text, before + row->text.len + after};
            const ndr_slice w = {want, before + row->want.len + after};
            check(t, w, row->utf8);
        }
}

/* Unicode table 3-7, as it is printed: the ranges of each byte. */
static const unsigned char well_formed[9][4][2] = {
    {{0x00, 0x7F}},
    {{0xC2, 0xDF}, {0x80, 0xBF}},
    {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}},
    {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}},
    {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}},
};

static uint32_t
code_of(const unsigned char *p, size_t n)
{
    static const unsigned char bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = p[0] & bits[n];
    for (size_t i = 1; i < n; i++)
        code = code * 64 + p[i] % 64;
    return code;
}

/* The slow way: the longest prefix of any row of the table. */
static bool
slow_put(ndr_buffer *out, ndr_slice text)
{
    bool utf8 = true;
    for (size_t i = 0; i < text.len;) {
        size_t longest = 0;
        bool whole = false;
        for (size_t r = 0; r < 9; r++) {
            size_t k = 0;
            while (k < 4 && well_formed[r][k][1] != 0 && i + k < text.len &&
                   text.ptr[i + k] >= well_formed[r][k][0] &&
                   text.ptr[i + k] <= well_formed[r][k][1])
                k++;
            if (k > longest) {
                longest = k;
                whole = k == 4 || well_formed[r][k][1] == 0;
            }
        }
        const unsigned char c = text.ptr[i];
        const char *letter = strchr("\bb\tt\nn\ff\rr\"\"\\\\", c);
        if (!whole) {
            ndr_buffer_text(out, BAD);
            utf8 = false;
        } else if (c == '"' || c == '\\' || (c != 0 && c < 0x20 && letter != NULL)) {
            ndr_buffer_byte(out, '\\');
            ndr_buffer_byte(out, (unsigned char)letter[1]);
        } else if (c < 0x20 || c == 0x7f) {
            ndr_buffer_printf(out, "\\u%04x", (unsigned)c);
        } else if (c >= 0x80 && ndr_char_hidden(code_of(text.ptr + i, longest))) {
            const uint32_t code = code_of(text.ptr + i, longest);
            if (code > 0xffff)
                ndr_buffer_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10),
                                  0xdc00 | (code & 0x3ff));
            else
                ndr_buffer_printf(out, "\\u%04x", code);
        } else {
            ndr_buffer_add(out, (ndr_slice){text.ptr + i, longest});
        }
        i += longest > 0 ? longest : 1;
    }
    return utf8;
}

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
agree(ndr_slice text)
{
    ndr_buffer slow = {0};
    const bool utf8 = slow_put(&slow, text);
    check(text, (ndr_slice){slow.ptr, slow.len}, utf8);
    ndr_buffer_free(&slow);
}

static void
pairs_test(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            agree((ndr_slice){(unsigned char[]){(unsigned char)a, (unsigned char)b}, 2});
}

static void
random_test(void **state)
{
    (void)state;
    uint64_t seed = 0x9E3779B97F4A7C15u;
    static const unsigned char few[] = {'a',  '"',  '\n', 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                        0xBF, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF1, 0xF4};
    for (int turn = 0; turn < 40000; turn++) {
        unsigned char text[96];
        const size_t n = next_random(&seed) % sizeof text;
        const bool rare = next_random(&seed) % 2 == 0; /* mostly plain text */
        for (size_t i = 0; i < n; i++) {
            const uint64_t r = next_random(&seed);
            text[i] = rare && r % 8 != 0 ? (unsigned char)('a' + r / 8 % 26)
                      : turn % 3 == 0    ? (unsigned char)(r >> 32)
                                         : few[(r >> 32) % sizeof few];
        }
        agree((ndr_slice){text, n});
    }
}

static void
growth_test(void **state)
{
    (void)state;
    enum { N = 100000 };
    unsigned char *nuls = calloc(N, 1);
    ndr_buffer out = {0};
    assert_non_null(nuls);
    ndr_json_text(&out, (ndr_slice){nuls, N});
    free(nuls);
    assert_int_equal(out.len, 6 * N);
    assert_memory_equal(out.ptr + 6 * (N - 1), "\\u0000", 6);
    ndr_buffer_free(&out);
}

static void
in_place_test(void **state)
{
    (void)state;
    ndr_buffer out = {0};
    for (unsigned c = 0; c < 256; c++)
        ndr_buffer_byte(&out, (unsigned char)c);
    ndr_buffer want = {0};
    (void)slow_put(&want, (ndr_slice){out.ptr, out.len});
    assert_true(ndr_buffer_reserve(&out, 256 * NDR_JSON_GROWTH + NDR_JSON_SLACK));
    const unsigned char *before = out.ptr;
    assert_false(ndr_json_put(&out, (ndr_slice){out.ptr, 256}));
    assert_ptr_equal(out.ptr, before);
    assert_int_equal(out.len, 256 + want.len);
    assert_memory_equal(out.ptr + 256, want.ptr, want.len);
    ndr_buffer_free(&out);
    ndr_buffer_free(&want);
}

static void
failed_test(void **state)
{
    (void)state;
    ndr_buffer out = {0};
    ndr_buffer_text(&out, "kept");
    out.failed = true;
    ndr_json_text(&out, NDR_SLICE("dropped"));
    assert_true(out.failed);
    assert_int_equal(out.len, 4);
    ndr_buffer_free(&out);
}

int
main(void)
{
    ADD_ROWS(texts, text_test);
    add_test("every pair of bytes, against the printed table", pairs_test);
    add_test("random bytes, against the printed table", random_test);
    add_test("escapes may need six times the text", growth_test);
    add_test("text may lie in the buffer it is written to", in_place_test);
    add_test("a failed buffer takes nothing more", failed_test);
    return run_added("json");
}
