/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/paragraph.h"

#include "bytes.h"

typedef struct text_row {
    const char *why, *text;
    const char *want;     /* paragraphs, each with its LF */
    const char *returned; /* the start of the block that was given back; NULL: none */
} text_row;

#define BLOCK "Received: from a by b\nFrom: c@example.com\n\nhello\n"

static const text_row rows[] = {
    {"nothing", "", "", NULL},
    {"empty lines are nothing", "\n\n\n", "", NULL},
    {"a line", "hello", "hello\n", NULL},
    {"line breaks are spaces", "a\nb\n c\n", "a b c\n", NULL},
    {"CRLF", "a\r\nb\r\n\r\nc\r\n", "a b\nc\n", NULL},
    {"empty lines end a paragraph", "a\n\n\nb\n", "a\nb\n", NULL},
    {"a line of white space is empty", "a\n \t\xc2\xa0\nb", "a\nb\n", NULL},
    {"runs of white space are one space", "  a \t b\xe3\x80\x80 c  \n", "a b c\n", NULL},
    {"a NUL is white space in a literal too",
     "a\x01"
     "b",
     "a b\n", NULL},
    {"a word longer than any register",
     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz x",
     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz x\n", NULL},
    {"letters beyond ASCII", "\xc3\xa4 \xe2\x82\xac", "\xc3\xa4 \xe2\x82\xac\n", NULL},

    {"a block at the start", BLOCK, "", "Received:"},
    {"a block behind an empty line", "x\n\n" BLOCK, "x\n", "Received:"},
    {"a block behind a line of blanks", "x\n  \n" BLOCK, "x\n", "Received:"},
    {"a block behind --", "x\n--\n" BLOCK, "x --\n", "Received:"},
    {"a block behind ==", "==== copy ====\n" BLOCK, "==== copy ====\n", "Received:"},
    {"a block behind __", "__\n" BLOCK, "__\n", "Received:"},
    {"a block behind **", " \t** x\n" BLOCK, "** x\n", "Received:"},
    {"a block behind a single hyphen is text", "- x\n" BLOCK,
     "- x Received: from a by b From: c@example.com\nhello\n", NULL},
    {"a block right behind prose is text", "x\n" BLOCK,
     "x Received: from a by b From: c@example.com\nhello\n", NULL},
    {"an indented block is text", " Received: a\n From: b\n", "Received: a From: b\n",
     NULL},
    {"Return-Path and Date", "Return-Path: <>\nDate: x\n", "", "Return-Path:"},
    {"Message-ID and MIME-Version", "mime-version: 1.0\nMESSAGE-ID: <x>\n", "",
     "mime-version:"},
    {"two sure ones", "Received: a\nMessage-ID: <x>\n", "", "Received:"},
    {"twice the same is one", "Received: a\nReceived: b\n\nx",
     "Received: a Received: b\nx\n", NULL},
    {"From and Date are no message", "From: a\nDate: b\n\nx", "From: a Date: b\nx\n",
     NULL},
    {"one field is no message", "Received: a\n\nx", "Received: a\nx\n", NULL},
    {"other fields between", "X-A: b\nReceived: a\nX-C: d\n e\nFrom: f\n", "", "X-A:"},
    {"the block ends at an empty line", "Received: a\n\nFrom: b\n",
     "Received: a\nFrom: b\n", NULL},
    {"the block ends at a line that is no field", "Received: a\nhello\nFrom: b\n",
     "Received: a hello From: b\n", NULL},
    {"a From_ line in the block",
     "From x Tue May 13 09:31:02 2008\nReceived: a\nFrom: b\n", "", "From x"},
    {"a quoted From_ line in front", ">From x\nReceived: a\nFrom: b\n", "", ">From x"},
    {"a From_ line in the middle", "Received: a\nFrom x\nFrom: b\n", "", "Received:"},
    {"a From_ line alone", "From x\nhello\n", "From x hello\n", NULL},
    {"the second block of two", "A: b\nC: d\n\n" BLOCK, "A: b C: d\n", "Received:"},
    {"a divider folded into a block that is none", "A: b\n --\nReceived: a\nFrom: b\n",
     "", "A: b"},
    {"behind a folded divider of a block that is none", "A: b\n --\nC: d\nx\n--\n" BLOCK,
     "A: b -- C: d x --\n", "Received:"},
    {"the text in front of it is kept", "This is the mail\nsystem.\n\n" BLOCK,
     "This is the mail system.\n", "Received:"},
};

static void
text_test(void **state)
{
    const text_row *row = *state;
    const ndr_slice text = slice_copy(row->text);
    ndr_buffer out = {0};
    const ndr_slice pasted = ndr_paragraphs_add(text, &out);
    assert_buffer(&out, row->want);
    if (row->returned == NULL) {
        assert_int_equal(pasted.len, 0);
    } else {
        assert_true(pasted.len >= strlen(row->returned));
        assert_memory_equal(pasted.ptr, row->returned, strlen(row->returned));
        assert_ptr_equal(pasted.ptr + pasted.len, text.ptr + text.len);
    }
    ndr_buffer_free(&out);
    drop_slice(text);
}

static void
cut_test(void **state)
{
    const text_row *row = *state;
    for (size_t n = 0; n <= strlen(row->text); n++) {
        const ndr_slice text = {exact_copy(row->text, n), n};
        ndr_buffer out = {0};
        (void)ndr_paragraphs_add(text, &out);
        assert_false(out.failed);
        assert_true(out.len == 0 || out.ptr[out.len - 1] == '\n');
        ndr_buffer_free(&out);
        drop_slice(text);
    }
}

/* A paragraph does not depend on how its lines end. */
static void
crlf_test(void **state)
{
    const text_row *row = *state;
    ndr_buffer crlf = {0}, out = {0};
    for (const char *c = row->text; *c != '\0'; c++) {
        if (*c == '\n' && (c == row->text || c[-1] != '\r'))
            ndr_buffer_byte(&crlf, '\r');
        ndr_buffer_byte(&crlf, (unsigned char)*c);
    }
    const ndr_slice pasted = ndr_paragraphs_add((ndr_slice){crlf.ptr, crlf.len}, &out);
    assert_buffer(&out, row->want);
    assert_int_equal(pasted.len > 0, row->returned != NULL);
    ndr_buffer_free(&out);
    ndr_buffer_free(&crlf);
}

typedef struct line_row {
    const char *why, *text, *want;
} line_row;

static const line_row lines[] = {
    {"LF stays", "a\nb\n", "a\nb\n"},
    {"CRLF stays", "a\r\nb\r\n", "a\r\nb\r\n"},
    {"a lone CR is a line end", "a\rb\r", "a\nb\n"},
    {"two CRs before an LF", "a\r\r\nb", "a\n\r\nb"},
    {"CRs alone", "\r\r\r", "\n\n\n"},
    {"nothing", "", ""},
};

static void
line_test(void **state)
{
    const line_row *row = *state;
    const ndr_slice text = slice_copy(row->text);
    ndr_buffer into = {0};
    const ndr_slice got = ndr_lines_unify(text, &into);
    assert_slice(got, row->want);
    if (strcmp(row->text, row->want) == 0)
        assert_ptr_equal(got.ptr, text.ptr);
    ndr_buffer_free(&into);
    drop_slice(text);
}

int
main(void)
{
    ADD_ROWS(rows, text_test);
    ADD_ROWS(rows, cut_test);
    ADD_ROWS(rows, crlf_test);
    ADD_ROWS(lines, line_test);
    return run_added("paragraph");
}
