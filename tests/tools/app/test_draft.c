/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/draft.h"
#include "harness.h"

typedef struct blank_row {
    const char *why, *line, *want; /* A address, H host, N number, D day, Q quoted */
} blank_row;

static const blank_row blanks[] = {
    {"words stay", "Delivery has failed", "Delivery has failed"},
    {"an address", "to <bob@example.org> failed", "to <A> failed"},
    {"a host at the end of a sentence", "at mx.example.net.", "at H."},
    {"an address of the network", "from 192.0.2.1 (x)", "from H (x)"},
    {"a URL, whatever it holds", "see https://example.net/a?b=c here", "see H here"},
    {"a word with a digit", "id 4XyZ and 550", "id N and N"},
    {"a date", "on Wed, 14 May 2008 09:01:55 +0200", "on D, N D N N:N:N N"},
    {"quoted words", "your letter \"Cheap watches\" came", "your letter Q came"},
    {"an apostrophe is no quote", "I'm sorry you don't", "I'm sorry you don't"},
    {"an abbreviation is no host", "e.g. this etc.", "e.g. this etc."},
    {"nothing", "", ""},
    {"a quote alone", "\"", "\""},
};

static void
blank_test(void **state)
{
    const blank_row *row = *state;
    const size_t n = strlen(row->line);
    unsigned char *p = exact_copy(row->line, n);
    ndr_buffer out = {0};
    draft_blank((ndr_slice){p, n}, &out);
    free(p);
    for (size_t i = 0; i < out.len; i++)
        if (out.ptr[i] < DRAFT_BLANKS)
            out.ptr[i] = (unsigned char)" AHNDQ"[out.ptr[i]];
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, row->want);
    ndr_buffer_free(&out);
}

#define HEAD                                                                             \
    "# A draft: check kinds and lines, add misses, then run\n"                           \
    "#   ndrscan rules check --rules FILE\n"

static void
add(draft *d, const char *name, const char *subject, const char *text)
{
    const draft_message m = {.name = ndr_slice_of(name),
                             .subject = ndr_slice_of(subject),
                             .text = ndr_slice_of(text)};
    assert_true(draft_add(d, &m));
}

static void
same(draft *d, const char *want)
{
    ndr_buffer out = {0};
    assert_true(draft_write(d, &out));
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, want);
    ndr_buffer_free(&out);
    draft_free(d);
}

static void
quoting_test(void **state)
{
    (void)state;
    draft *d = draft_new();
    assert_non_null(d);
    add(d, "a", "It's [over]: #1\n", "Can't find (x) \\ 'y z' at all\n");
    same(d, HEAD "rules:\n"
                 "  # 1 message: a\n"
                 "  - id: suggested.can-t-find-x-1\n"
                 "    kind: failed # a guess: check it\n"
                 "    all:\n"
                 "      - {in: subject, match: '^It''s \\[over\\]: .*$'}\n"
                 "      - {in: text, match: 'Can''t find \\(x\\) \\\\'}\n"
                 "    examples:\n"
                 "      hit:\n"
                 "        - |\n"
                 "          From: MAILER-DAEMON@mx.example.net\n"
                 "          Subject: It's [over]: 12\n"
                 "          MIME-Version: 1.0\n"
                 "          Content-Type: text/plain; charset=utf-8\n"
                 "\n"
                 "          Can't find (x) \\ \"Hello\" at all\n");
}

static void
unshown_test(void **state)
{
    (void)state;
    draft *d = draft_new();
    assert_non_null(d);
    add(d, "a", "\x1b[2J red alert in the subject\n",
        "\xc2\x85 hidden control character\n");
    same(d, HEAD "rules: []\n# 1 more without words of their own\n");
}

static void
empty_test(void **state)
{
    (void)state;
    draft *d = draft_new();
    assert_non_null(d);
    same(d, HEAD "rules: []\n");
}

static void
groups_test(void **state)
{
    (void)state;
    draft *d = draft_new();
    assert_non_null(d);
    add(d, "a", "Sorry 1\n", "the letter was eaten by a dog\n");
    add(d, "b", "Pardon\n", "the letter was lost at sea\n");
    add(d, "c", "Sorry 2\n", "The Letter was eaten by a dog\n");
    ndr_buffer out = {0};
    assert_true(draft_write(d, &out));
    ndr_buffer_byte(&out, '\0');
    const char *text = (const char *)out.ptr;
    assert_non_null(strstr(text, "# 2 messages: a c\n"));
    assert_non_null(strstr(text, "'^Sorry .*$'"));
    assert_non_null(strstr(text, "# 1 message: b\n"));
    ndr_buffer_free(&out);
    draft_free(d);
}

int
main(void)
{
    ADD_ROWS(blanks, blank_test);
    add_test("quotes and signs of YAML and of patterns", quoting_test);
    add_test("control characters are left out", unshown_test);
    add_test("no message, no rule", empty_test);
    add_test("messages that share a phrase are one group, whatever its case",
             groups_test);
    return run_added("draft");
}
