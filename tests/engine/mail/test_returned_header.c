/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/returned_header.h"

#include "bytes.h"

#include <stdio.h>
#include <time.h>

typedef struct quoted_row {
    const char *why, *text, *want; /* "": none */
} quoted_row;

#define BARE "Received: from a\n\tby b\nFrom: c@example.com\n"

static const quoted_row rows[] = {
    {"nothing", "", ""},
    {"a header that is neither quoted nor indented is no business of this", BARE, ""},
    {"behind words", "Yours:\n> Received: from a\n> \tby b\n> From: c@example.com\n",
     BARE},
    {"behind an empty line that is quoted",
     "> Hello\n>\n> Received: from a\n> \tby b\n> From: c@example.com\n", BARE},
    {"behind dashes that are quoted",
     "> Hello\n> -- copy\n> Received: from a\n> \tby b\n> From: c@example.com\n", BARE},
    {"right behind words that are quoted it is words",
     "> Hello\n> Received: from a\n> From: c@example.com\n", ""},
    {"deeper than the words in front of it",
     "> Hello\n> > Received: from a\n> > \tby b\n> > From: c@example.com\n", BARE},
    {"the first of two", "> Received: a\n> From: b\n>\n> Received: c\n> From: d\n",
     "Received: a\nFrom: b\n"},
    {"the second, when the first is none",
     "> From: a\n> Date: b\n>\n> Received: c\n> From: d\n", "Received: c\nFrom: d\n"},
    {"its body is not taken", "> Received: a\n> From: b\n>\n> Hello: you\n",
     "Received: a\nFrom: b\n"},
    {"up to a line that is no field", "> Received: a\n> From: b\n> Hello\n> To: c\n",
     "Received: a\nFrom: b\n"},
    {"up to a line without the prefix", "> Received: a\n> From: b\nTo: c\n",
     "Received: a\nFrom: b\n"},
    {"a line that lost the prefix of a fold ends it",
     "> Received: a\n>\tby b\n> From: c\n", ""},
    {"a From_ line in front",
     "> From x Tue May 13 09:31:02 2008\n> Received: a\n> From: b\n",
     "From x Tue May 13 09:31:02 2008\nReceived: a\nFrom: b\n"},
    {"From and Date are no message", "> From: a\n> Date: b\n", ""},
    {"one field is no message", "> Received: a\n", ""},
    {"a fold is no beginning", "x\n\tFrom: a\n  b: c\n", ""},
    {"CRLF stays", "> Received: a\r\n> From: b\r\n>\r\n", "Received: a\r\nFrom: b\r\n"},
    {"without a last line end", "> Received: a\n> From: b", "Received: a\nFrom: b"},
    {"a list", "* Received: yes\n* Paid: no\n", ""},
};

static void
row_test(void **state)
{
    const quoted_row *row = *state;
    const ndr_slice text = slice_copy(row->text);
    ndr_buffer out = {0};
    ndr_buffer_text(&out, "what was here before");
    const bool found = ndr_returned_header_quoted(text, &out);
    assert_int_equal(found, row->want[0] != '\0');
    assert_buffer(&out, row->want);
    ndr_buffer_free(&out);
    drop_slice(text);
}

/* Every prefix of up to three pieces, around every place where the header may be cut. */
static void
prefixes_test(void **state)
{
    (void)state;
    static const char *const pieces[] = {"",   ">",    "> ", "| ", " ",
                                         "\t", "    ", ":",  "# "};
    enum { PIECES = sizeof pieces / sizeof pieces[0] };
    static const char bare[] = "Received: from a\n by b\nX-Y: z\nFrom: c@example.com\n";
    for (size_t k = 1; k < (size_t)PIECES * PIECES * PIECES; k++) {
        char prefix[16];
        (void)snprintf(prefix, sizeof prefix, "%s%s%s", pieces[k % PIECES],
                       pieces[k / PIECES % PIECES], pieces[k / PIECES / PIECES]);
        ndr_buffer text = {0}, out = {0};
        ndr_buffer_text(&text, "It failed:\n\n");
        for (const char *line = bare; *line != '\0';) {
            const size_t n = strcspn(line, "\n") + 1;
            ndr_buffer_text(&text, prefix);
            ndr_buffer_add(&text, (ndr_slice){(const unsigned char *)line, n});
            line += n;
        }
        assert_false(text.failed);
        const size_t from = text.len - (strlen(prefix) + strlen("From: c@example.com\n"));
        for (size_t cut = 0; cut <= text.len; cut++) {
            unsigned char *const copy = exact_copy(text.ptr, cut);
            const bool found = ndr_returned_header_quoted((ndr_slice){copy, cut}, &out);
            assert_int_equal(found, cut >= from + strlen(prefix) + strlen("From:"));
            if (found)
                assert_memory_equal(out.ptr, bare, out.len);
            free(copy);
        }
        ndr_buffer_free(&text);
        ndr_buffer_free(&out);
    }
}

/* Ten megabytes of what could begin a header on each line are looked at once. */
static void
hostile_test(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "> From: a\n",         "> From: a\n>\n",
        "> From: a\n> ---\n",  "> > > > > > > > ",
        " a: b\n  a: b\n",     ">\n",
        "> a: b\n>> a: b\n",   "> From: a\n> hello\n> -\n",
        "> Received: a\n> \n", "* * * * * \n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ndr_buffer text = {0}, out = {0};
        while (text.len < (10 << 20))
            ndr_buffer_text(&text, lines[i]);
        assert_false(text.failed);
        const clock_t begin = clock();
        assert_false(ndr_returned_header_quoted((ndr_slice){text.ptr, text.len}, &out));
        const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
        assert_true(seconds < 5); /* 0.1; were it quadratic, hours */
        ndr_buffer_free(&text);
        ndr_buffer_free(&out);
    }
}

int
main(void)
{
    ADD_ROWS(rows, row_test);
    add_test("every prefix, cut anywhere", prefixes_test);
    add_test("lines without end that could begin one are looked at once", hostile_test);
    return run_added("returned_header");
}
