/* SPDX-License-Identifier: BSD-3-Clause */
#include "window_text.h"

#include "harness.h"
#include "load_windows.h"

/* A text with the windows that it holds; free_text() it. */
typedef struct windows_text {
    ndr_buffer text;
    ndr_yaml yaml;
    size_t count;
} windows_text;

static windows_text
read_text(const char *text)
{
    windows_text t = {0};
    ndr_error err = {0};
    ndr_window_table *table = NULL;
    char name[] = "w.yaml";
    unsigned char *copy = exact_copy(text, strlen(text));
    const ndr_file file = {.name = name, .ptr = copy, .len = strlen(text)};
    if (ndr_windows_of_file(&file, &table, &t.yaml, &err) < 0)
        fail_msg("%s", err.text);
    t.count = ndr_window_table_rows(table)->count;
    ndr_window_table_free(table);
    ndr_buffer_add(&t.text, (ndr_slice){copy, strlen(text)});
    free(copy);
    return t;
}

static void
expect_text(windows_text *t, const char *want)
{
    ndr_buffer_byte(&t->text, '\0');
    assert_false(t->text.failed);
    assert_string_equal((const char *)t->text.ptr, want);
}

static void
free_text(windows_text *t)
{
    ndr_buffer_free(&t->text);
    ndr_yaml_free(&t->yaml);
}

#define AT   INT64_C(1210672800) /* 2008-05-13T10:00:00Z */
#define A    "- domain: a.example\n  from: 2008-05-01T00:00:00Z\n"
#define B    "- domain: b.example\n  from: 2008-05-02T00:00:00Z\n"
#define C    "- domain: c.example\n  from: 2008-05-03T00:00:00Z\n"
#define SAME "2008-05-13T10:00:00Z"

typedef struct edit_row {
    const char *why, *text;
    size_t entry;
    const char *want; /* NULL: refused, and nothing has changed */
} edit_row;

/* ---- begin ---- */

static const edit_row begins[] = {
    {"the first of two", "windows:\n" A B, 0,
     "windows:\n- domain: a.example\n  from: " SAME "\n" B},
    {"the last one", "windows:\n" A B, 1,
     "windows:\n" A "- domain: b.example\n  from: " SAME "\n"},
    {"quotes go, a comment stays",
     "windows:\n- domain: a.example\n  from: '2008-05-01T00:00:00Z'  # since\n", 0,
     "windows:\n- domain: a.example\n  from: " SAME "  # since\n"},
    {"behind the dash",
     "windows:\n  - from: 2008-05-01T00:00:00Z\n    domain: a.example\n", 0,
     "windows:\n  - from: " SAME "\n    domain: a.example\n"},
    {"line ends of another system",
     "windows:\r\n- domain: a.example\r\n  from: 2008-05-01T00:00:00Z\r\n", 0,
     "windows:\r\n- domain: a.example\r\n  from: " SAME "\r\n"},
    {"no line end at the end",
     "windows:\n- domain: a.example\n  from: 2008-05-01T00:00:00Z", 0,
     "windows:\n- domain: a.example\n  from: " SAME},
    {"all in one line", "windows: [{domain: a.example, from: 2008-05-01T00:00:00Z}]\n", 0,
     NULL},
    {"a key in quotes", "windows:\n- domain: a.example\n  'from': 2008-05-01T00:00:00Z\n",
     0, NULL},
};

static void
begin_test(void **state)
{
    const edit_row *row = *state;
    windows_text t = read_text(row->text);
    const bool done = ndr_window_text_begin(&t.text, &t.yaml, row->entry, AT);
    assert_int_equal(done, row->want != NULL);
    expect_text(&t, done ? row->want : row->text);
    free_text(&t);
}

/* ---- end ---- */

static const edit_row ends[] = {
    {"an end that is there",
     "windows:\n" A "  until: 2008-06-01T00:00:00Z # two weeks\n" B, 0,
     "windows:\n" A "  until: " SAME " # two weeks\n" B},
    {"one that is not comes behind the beginning", "windows:\n" A "  note: x\n" B, 0,
     "windows:\n" A "  until: " SAME "\n  note: x\n" B},
    {"of the last one", "windows:\n" A B, 1, "windows:\n" A B "  until: " SAME "\n"},
    {"where the beginning stands behind the dash",
     "windows:\n  - from: 2008-05-01T00:00:00Z\n    domain: a.example\n", 0,
     "windows:\n  - from: 2008-05-01T00:00:00Z\n    until: " SAME
     "\n    domain: a.example\n"},
    {"no line end at the end",
     "windows:\n- domain: a.example\n  from: 2008-05-01T00:00:00Z", 0,
     "windows:\n" A "  until: " SAME "\n"},
    {"until-calm is another key",
     "windows:\n" A "  until-calm: true\n  until: 2008-06-01T00:00:00Z\n", 0,
     "windows:\n" A "  until-calm: true\n  until: " SAME "\n"},
    {"all in one line", "windows: [{domain: a.example, from: 2008-05-01T00:00:00Z}]\n", 0,
     NULL},
};

static void
end_test(void **state)
{
    const edit_row *row = *state;
    windows_text t = read_text(row->text);
    const bool done = ndr_window_text_end(&t.text, &t.yaml, row->entry, AT);
    assert_int_equal(done, row->want != NULL);
    expect_text(&t, done ? row->want : row->text);
    free_text(&t);
}

/* ---- drop ---- */

static const edit_row drops[] = {
    {"the first", "windows:\n" A B, 0, "windows:\n" B},
    {"the last", "windows:\n" A B, 1, "windows:\n" A},
    {"one between", "windows:\n" A B C, 1, "windows:\n" A C},
    {"the only one", "windows:\n" A, 0, "windows:\n"},
    {"comments and empty lines stay", "windows:\n" A "  # ours\n\n# below\n" B, 0,
     "windows:\n  # ours\n\n# below\n" B},
    {"a comment behind a value goes with it",
     "windows:\n- domain: a.example # ours\n  from: 2008-05-01T00:00:00Z\n" B, 0,
     "windows:\n" B},
    {"all keys of it, and lists",
     "windows:\n" A "  kinds:\n    - failed\n  note: |\n    two\n    lines\n" B, 0,
     "windows:\n" B},
    {"without a line end",
     "windows:\n" A "- domain: b.example\n  from: 2008-05-02T00:00:00Z", 1,
     "windows:\n" A},
    {"all in one line", "windows: [{domain: a.example, from: 2008-05-01T00:00:00Z}]\n", 0,
     NULL},
    {"the dash on a line of its own",
     "windows:\n-\n  domain: a.example\n  from: 2008-05-01T00:00:00Z\n", 0, NULL},
};

static void
drop_test(void **state)
{
    const edit_row *row = *state;
    windows_text t = read_text(row->text);
    const bool done = ndr_window_text_drop(&t.text, &t.yaml, row->entry, t.count);
    assert_int_equal(done, row->want != NULL);
    expect_text(&t, done ? row->want : row->text);
    free_text(&t);
}

/* ---- indent ---- */

typedef struct indent_row {
    const char *why, *text;
    size_t want;
} indent_row;

static const indent_row indents[] = {
    {"none", "windows:\n" A, 0},
    {"two blanks", "windows:\n  - domain: a.example\n    from: 2008-05-01T00:00:00Z\n",
     2},
    {"behind comments",
     "# c\n\nwindows:\n # d\n - domain: a.example\n   from: "
     "2008-05-01T00:00:00Z\n",
     1},
    {"a list in brackets", "windows: [{domain: a.example, from: 2008-05-01T00:00:00Z}]\n",
     SIZE_MAX},
};

static void
indent_test(void **state)
{
    const indent_row *row = *state;
    windows_text t = read_text(row->text);
    unsigned char *copy = exact_copy(t.text.ptr, t.text.len);
    assert_int_equal(ndr_window_text_indent((ndr_slice){copy, t.text.len}, &t.yaml, 0),
                     row->want);
    free(copy);
    free_text(&t);
}

/* ---- unlist and append ---- */

typedef struct unlist_row {
    const char *why, *text, *want;
} unlist_row;

static const unlist_row unlists[] = {
    {"an empty list in brackets", "windows: []\n", "windows:\n"},
    {"blanks in it", "# a\nwindows: [  ]   # none yet\n# b\n",
     "# a\nwindows:   # none yet\n# b\n"},
    {"no line end", "windows: []", "windows:"},
    {"a list that holds something stays", "windows: [{domain: a.example}]\n",
     "windows: [{domain: a.example}]\n"},
    {"over two lines it stays", "windows: [\n]\n", "windows: [\n]\n"},
    {"another key stays", "others: []\n", "others: []\n"},
    {"one that is indented is another's", "x:\n  windows: []\n", "x:\n  windows: []\n"},
    {"no key at all", "# nothing\n", "# nothing\n"},
    {"no text", "", ""},
};

static void
unlist_test(void **state)
{
    const unlist_row *row = *state;
    windows_text t = {0};
    ndr_buffer_text(&t.text, row->text);
    ndr_window_text_unlist(&t.text);
    expect_text(&t, row->want);
    free_text(&t);
}

typedef struct append_row {
    const char *why, *text;
    bool begun;
    size_t indent;
    ndr_window window;
    const char *want;
} append_row;

#define DOMAIN(text)                                                                     \
    {                                                                                    \
        (const unsigned char *)(text), sizeof(text) - 1                                  \
    }
static const ndr_slice mailboxes[] = {DOMAIN("a"), DOMAIN("b\"c")};

static const append_row appends[] = {
    {"to nothing",
     "",
     false,
     2,
     {.domain = DOMAIN("a.example"), .from = AT, .until = NDR_TIME_OPEN},
     "windows:\n  - domain: a.example\n    from: " SAME "\n"},
    {"behind a line without its end",
     "# c",
     false,
     0,
     {.domain = DOMAIN("a.example"), .from = AT, .until = NDR_TIME_OPEN},
     "# c\nwindows:\n- domain: a.example\n  from: " SAME "\n"},
    {"to a list, with all that a window may say",
     "windows:\n" A,
     true,
     0,
     {.domain = DOMAIN("a.example"),
      .from = AT,
      .until = AT + 3600,
      .until_calm = true,
      .subdomains = true,
      .kinds = NDR_KIND_BIT(NDR_KIND_FAILED) | NDR_KIND_BIT(NDR_KIND_AUTO_REPLY),
      .mailboxes = mailboxes,
      .mailbox_count = 2,
      .take = NDR_TAKE_FORGED,
      .note = DOMAIN("a \"b\" \\ \n\x7f b\xc3\xbc")},
     "windows:\n" A "- domain: a.example\n  from: " SAME
     "\n  until: 2008-05-13T11:00:00Z\n"
     "  until-calm: true\n  subdomains: true\n  kinds: [failed, auto-reply]\n"
     "  mailboxes: [\"a\", \"b\\\"c\"]\n  take: forged\n"
     "  note: \"a \\\"b\\\" \\\\ \\x0a\\x7f b\xc3\xbc\"\n"},
    {"usual kinds are not written out",
     "",
     true,
     0,
     {.domain = DOMAIN("a.example"),
      .from = AT,
      .until = NDR_TIME_OPEN,
      .kinds = NDR_KINDS_DEFAULT},
     "- domain: a.example\n  from: " SAME "\n"},
    {"what might be a number is quoted",
     "",
     true,
     0,
     {.domain = DOMAIN("1e1.5"), .from = AT, .until = NDR_TIME_OPEN},
     "- domain: \"1e1.5\"\n  from: " SAME "\n"},
    {"and a word that might be true",
     "",
     true,
     0,
     {.domain = DOMAIN("no"), .from = AT, .until = NDR_TIME_OPEN},
     "- domain: \"no\"\n  from: " SAME "\n"},
};

static void
append_test(void **state)
{
    const append_row *row = *state;
    windows_text t = {0};
    ndr_buffer_text(&t.text, row->text);
    ndr_window_text_append(&t.text, row->begun, row->indent, &row->window);
    expect_text(&t, row->want);
    free_text(&t);
}

/* What is written is read as what was meant. */
static void
back_test(void **state)
{
    const append_row *row = *state;
    ndr_buffer text = {0};
    ndr_window_text_append(&text, false, row->indent, &row->window);
    char name[] = "w.yaml";
    const ndr_file file = {.name = name, .ptr = text.ptr, .len = text.len};
    ndr_window_table *table = NULL;
    ndr_yaml yaml;
    ndr_error err = {0};
    if (ndr_windows_of_file(&file, &table, &yaml, &err) < 0) {
        assert_non_null(strstr(err.text, "domain")); /* `no` is none */
    } else {
        const ndr_window *got = &ndr_window_table_rows(table)->row[0];
        assert_true(ndr_slice_equal(got->domain, row->window.domain));
        assert_true(ndr_slice_equal(got->note, row->window.note));
        assert_int_equal(got->from, row->window.from);
        assert_int_equal(got->until, row->window.until);
        assert_int_equal(got->until_calm, row->window.until_calm);
        assert_int_equal(got->subdomains, row->window.subdomains);
        assert_int_equal(got->mailbox_count, row->window.mailbox_count);
        assert_int_equal(got->take, row->window.take);
        ndr_window_table_free(table);
        ndr_yaml_free(&yaml);
    }
    ndr_buffer_free(&text);
}

int
main(void)
{
    ADD_ROWS(begins, begin_test);
    ADD_ROWS(ends, end_test);
    ADD_ROWS(drops, drop_test);
    ADD_ROWS(indents, indent_test);
    ADD_ROWS(unlists, unlist_test);
    ADD_ROWS(appends, append_test);
    ADD_ROWS(appends, back_test);
    return run_added("window_text");
}
