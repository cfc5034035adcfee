/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/transfer.h"

#include "bytes.h"

typedef struct word_row {
    const char *why, *word;
    enum ndr_transfer want;
} word_row;

static const word_row words[] = {
    {"base64", "base64", NDR_TRANSFER_BASE64},
    {"case does not matter", "BASE64", NDR_TRANSFER_BASE64},
    {"quoted-printable", "Quoted-Printable", NDR_TRANSFER_QP},
    {"7bit is none", "7bit", NDR_TRANSFER_NONE},
    {"an unknown word is none", "x-uuencode", NDR_TRANSFER_NONE},
    {"a prefix is none", "base6", NDR_TRANSFER_NONE},
    {"nothing is none", "", NDR_TRANSFER_NONE},
};

static void
word_test(void **state)
{
    const word_row *row = *state;
    const ndr_slice s = slice_copy(row->word);
    assert_int_equal(ndr_transfer_find(s), row->want);
    drop_slice(s);
}

typedef struct coded_row {
    const char *why, *in, *want;
} coded_row;

static const coded_row base64[] = {
    {"nothing", "", ""},
    {"three bytes", "YWJj", "abc"},
    {"two bytes", "YWI=", "ab"},
    {"one byte", "YQ==", "a"},
    {"padding may be missing", "YWI", "ab"},
    {"one digit says nothing", "Y", ""},
    {"a digit too many says nothing", "YWJjZ", "abc"},
    {"line ends are left out", "YW\r\nJj\n", "abc"},
    {"foreign bytes are left out", "Y!W-J\xffj", "abc"},
    {"the first = ends it", "YQ==YWJj", "a"},
    {"= in front ends it at once", "=YWJj", ""},
    {"plus and slash", "++//", "\xfb\xef\xff"},
};

static void
base64_test(void **state)
{
    const coded_row *row = *state;
    const ndr_slice in = slice_copy(row->in);
    ndr_buffer out = {0};
    ndr_base64_decode(in, &out);
    assert_buffer(&out, row->want);
    ndr_base64_decode(in, &out); /* it appends */
    assert_int_equal(out.len, 2 * strlen(row->want));
    ndr_buffer_free(&out);
    drop_slice(in);
}

static const coded_row quoted[] = {
    {"nothing", "", ""},
    {"plain text", "a b", "a b"},
    {"a pair", "a=3Db", "a=b"},
    {"small letters", "=c3=a4", "\xc3\xa4"},
    {"a soft line break", "a=\nb", "ab"},
    {"a soft line break with CR", "a=\r\nb", "ab"},
    {"blanks behind the =", "a= \t \nb", "ab"},
    {"a soft line break at the end", "a=", "a"},
    {"blanks behind the last =", "a= \t", "a"},
    {"a hard line break stays", "a\nb", "a\nb"},
    {"half a pair is text", "a=4", "a=4"},
    {"no pair is text", "a=zz=", "a=zz"},
    {"a blank behind = is text", "a= b", "a= b"},
    {"an underline is itself", "a_b", "a_b"},
    {"two =", "==41", "=A"},
};

static void
quoted_test(void **state)
{
    const coded_row *row = *state;
    const ndr_slice in = slice_copy(row->in);
    ndr_buffer out = {0};
    ndr_qp_decode(in, false, &out);
    assert_buffer(&out, row->want);
    ndr_buffer_free(&out);
    drop_slice(in);
}

static const coded_row q_words[] = {
    {"an underline is a space", "a_b", "a b"},
    {"a coded underline is one", "a=5Fb", "a_b"},
    {"a word has no soft line break", "a=\nb", "a=\nb"},
    {"= at the end is text", "a=", "a="},
};

static void
q_word_test(void **state)
{
    const coded_row *row = *state;
    const ndr_slice in = slice_copy(row->in);
    ndr_buffer out = {0};
    ndr_qp_decode(in, true, &out);
    assert_buffer(&out, row->want);
    ndr_buffer_free(&out);
    drop_slice(in);
}

int
main(void)
{
    ADD_ROWS(words, word_test);
    ADD_ROWS(base64, base64_test);
    ADD_ROWS(quoted, quoted_test);
    ADD_ROWS(q_words, q_word_test);
    return run_added("transfer");
}
