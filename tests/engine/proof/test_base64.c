/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "proof/base64.h"

static const struct row {
    const char *why, *text, *want; /* NULL: none */
} rows[] = {
    {"three bytes", "YWJj", "abc"},
    {"two bytes", "YWI=", "ab"},
    {"one byte", "YQ==", "a"},
    {"white space anywhere", " Y W\r\n\tJ j ", "abc"},
    {"white space in the padding", "YQ= =", "a"},
    {"six bytes", "YWJjZGVm", "abcdef"},
    {"nothing", "", NULL},
    {"white space alone", " ", NULL},
    {"no padding", "YQ", NULL},
    {"half the padding", "YQ=", NULL},
    {"padding alone", "====", NULL},
    {"padding too long", "YQ===", NULL},
    {"padding behind a whole group", "YWJj=", NULL},
    {"digits behind padding", "YQ==YQ==", NULL},
    {"one digit", "Y", NULL},
    {"bits behind the last byte count for nothing", "YR==", "a"},
    {"nor do those behind two", "YWJ=", "ab"},
    {"digits of base64url", "YW_-", NULL},
    {"eight bytes do not fit into seven", "YWJjZGVmZ2g=", NULL},
    {"seven bytes fit", "YWJjZGVmZw==", "abcdefg"},
};

static void
test_row(void **state)
{
    const struct row *row = *state;
    unsigned char *text = exact_copy(row->text, strlen(row->text));
    unsigned char *out = exact_copy(".......", 7);
    size_t len = 0;
    const bool good = ndr_base64_read((ndr_slice){text, strlen(row->text)}, out, 7, &len);
    assert_int_equal(good, row->want != NULL);
    if (row->want != NULL) {
        assert_int_equal(len, strlen(row->want));
        assert_memory_equal(out, row->want, len);
    }
    free(text);
    free(out);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    return run_added(__FILE__);
}
