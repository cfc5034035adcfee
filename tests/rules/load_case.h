/* SPDX-License-Identifier: BSD-3-Clause */
/* load_case.h - a file, and what is loaded from it or said against it, for tests. */
#ifndef LOAD_CASE_H
#define LOAD_CASE_H

#include "harness.h"
#include "ndrscan_rules.h"

#include "scratch.h"

typedef struct text_row {
    const char *why, *text, *want;
} text_row;

/* Loads the file; what was loaded as text, to be freed, in *ret. What the load answers.
 */
typedef int load_print(const char *path, char **ret, ndr_error *err);

/* The text, ended, of what was printed. */
static inline char *
load_text(ndr_buffer *out)
{
    ndr_buffer_byte(out, '\0');
    assert_false(out->failed);
    return (char *)out->ptr;
}

/* `text` as the file `name` is loaded, and prints as `want`. */
static inline void
load_good(const text_row *row, const char *name, load_print *print)
{
    scratch_begin();
    char *got = NULL;
    ndr_error err = {0};
    const int rc = print(scratch_text(name, row->text), &got, &err);
    scratch_end();
    assert_string_equal(rc == 0 ? got : err.text, row->want);
    free(got);
}

/* It is refused, with the words `want`, in which DIR stands for the scratch folder. */
static inline void
load_bad(const text_row *row, const char *name, load_print *print)
{
    scratch_begin();
    char *got = NULL;
    ndr_error err = {0};
    char want[1000];
    const int rc = print(scratch_text(name, row->text), &got, &err);
    scratch_expand(row->want, want, sizeof want);
    scratch_end();
    free(got);
    assert_string_equal(rc == 0 ? "(it loaded)" : err.text, want);
    assert_int_equal(rc, NDR_E_SYNTAX);
}

#endif
