/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_io.h"

typedef struct format_row {
    const char *why, *word;
    int want;
} format_row;

static const format_row rows[] = {
    {"by its content", "auto", NDR_FORMAT_AUTO},
    {"From_ lines", "mbox", NDR_FORMAT_MBOX},
    {"From_ lines and lengths", "mboxcl2", NDR_FORMAT_MBOXCL2},
    {"Maildirs", "maildir", NDR_FORMAT_MAILDIR},
    {"one message a file", "message", NDR_FORMAT_MESSAGE},
    {"no word", "", -1},
    {"capitals", "Maildir", -1},
    {"the front of a word", "mail", -1},
    {"more than a word", "mboxcl", -1},
    {"another program's word", "mboxrd", -1},
};

static void
format_test(void **state)
{
    const format_row *row = *state;
    char *word = (char *)exact_copy(row->word, strlen(row->word) + 1);
    assert_int_equal(ndr_format_find(word), row->want);
    free(word);
}

int
main(void)
{
    ADD_ROWS(rows, format_test);
    return run_added("format");
}
