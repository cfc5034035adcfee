/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "facts/sender.h"

#define SAYS(name) (1u << NDR_SAYS_##name)

typedef struct text_row {
    const char *why, *text;
    unsigned signs;
    const char *opening;
} text_row;

static const text_row texts[] = {
    {"no text", "", 0, ""},
    {"a bounce's words", "your message was not delivered.\n", 0,
     "your message was not delivered."},
    {"somebody is greeted", "hello jim, it came back\nx\n", SAYS(GREETING),
     " it came back"},
    {"a greeting alone is passed over", "dear mr. smith,\nit came back\n", SAYS(GREETING),
     "it came back"},
    {"nobody in particular is greeted", "dear sender,\nit came back\n", 0,
     "it came back"},
    {"a greeting of nobody", "hello,\nit came back\n", 0, "it came back"},
    {"a program that says hi", "hi! this is the mail program\n", 0,
     "hi! this is the mail program"},
    {"below others nobody is greeted", "it came back\nhello jim,\n", 0, "it came back"},
    {"the end of a letter", "it came back\nbest regards\n", SAYS(CLOSING),
     "it came back"},
    {"its first words are no end", "thanks for it\n", 0, "thanks for it"},
    {"quoted lines", "look\n> it came back\n", SAYS(QUOTED), "look"},
    {"that begin within a paragraph", "bob wrote: > it came back\n", SAYS(QUOTED),
     "bob wrote: > it came back"},
    {"an smtp session is not quoted", ">>> rcpt to:<a@x>\n", 0, ">>> rcpt to:<a@x>"},
    {"a mail daemon's mail is passed on", "x\nfrom: mailer-daemon@x\n", SAYS(PASSED_ON),
     "x"},
    {"its name without a label is not", "x\nmailer-daemon\n", 0, "x"},
    {"nor behind another label", "from: bob subject: a mailer-daemon\n", SAYS(PASSED_ON),
     "from: bob subject: a mailer-daemon"},
    {"labels and rules are no opening", "----\nsubject: x\nto: y\n***\nit came back\n", 0,
     "it came back"},
    {"nor is what is left of mime",
     "this is a multi-part message in it\n--b content-type: text/plain\nit came back\n",
     0, "it came back"},
    {"nothing but rules", "----\n...\n", 0, ""},
    {"no line end", "it came back", 0, "it came back"},
};

static void
text_test(void **state)
{
    const text_row *row = *state;
    const ndr_slice text = slice_copy(row->text);
    assert_int_equal(ndr_sender_of_text(text), row->signs);
    const ndr_slice opening = ndr_sender_opening(text);
    assert_slice(opening, row->opening);
    if (opening.len > 0) /* borrowed */
        assert_true(opening.ptr >= text.ptr &&
                    opening.ptr + opening.len <= text.ptr + text.len);
    drop_slice(text);
}

typedef struct line_row {
    const char *why, *line;
    bool quoted, question, prelude;
} line_row;

static const line_row lines[] = {
    {"nothing", "", false, false, false},
    {"a sign alone", ">", false, false, false},
    {"a quoted line", "> x", true, false, false},
    {"two signs are a session's", ">> x", false, false, false},
    {"behind a colon", "he wrote: > x", true, false, false},
    {"a question", "why?", false, true, false},
    {"in chinese", "x\xef\xbc\x9f", false, true, false},
    {"a question within", "why? so.", false, false, false},
    {"it says nothing yet", "this is an automatically generated message", false, false,
     true},
    {"behind stars", "*** message from x", false, false, true},
    {"do not reply", "please do not reply to it", false, false, true},
    {"in german", "dies ist eine automatische nachricht", false, false, true},
    {"words of it within", "we say that this is an automatic one", false, false, false},
    {"signs alone", "***", false, false, false},
};

static void
line_test(void **state)
{
    const line_row *row = *state;
    const ndr_slice line = slice_copy(row->line);
    assert_int_equal(ndr_sender_is_quoted(line), row->quoted);
    assert_int_equal(ndr_sender_is_question(line), row->question);
    assert_int_equal(ndr_sender_is_prelude(line), row->prelude);
    drop_slice(line);
}

/* What is far below is not read. */
static void
far_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    for (int i = 0; i < 999; i++)
        ndr_buffer_text(&b, "-\n");
    ndr_buffer_text(&b, "words\n");
    assert_slice(ndr_sender_opening((ndr_slice){b.ptr, b.len}), "words");
    b.len -= strlen("words\n");
    ndr_buffer_text(&b, "-\nwords\n> x\n");
    assert_int_equal(ndr_sender_opening((ndr_slice){b.ptr, b.len}).len, 0);
    assert_int_equal(ndr_sender_of_text((ndr_slice){b.ptr, b.len}), 0);
    ndr_buffer_free(&b);
}

int
main(void)
{
    ADD_ROWS(texts, text_test);
    ADD_ROWS(lines, line_test);
    add_test("a thousand paragraphs are read", far_test);
    return run_added("sender_text");
}
