/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_library.h"

#define C_LIBRARY "libc.so.6"

static size_t (*length)(const char *text);
static int (*absent)(void);

static const struct row {
    const char *why, *file, *second;
    const char *want; /* what `why` holds; NULL: all of it is there */
} rows[] = {
    {"what is there is called", C_LIBRARY, "strlen", NULL},
    {"a library that is not there is told", "libndr-of-nobody.so.1", "strlen",
     "libndr-of-nobody.so.1: cannot open shared object file: No such file or directory"},
    {"a call that is not there is told", C_LIBRARY, "ndr_of_nobody",
     "it has no ndr_of_nobody"},
};

static void
test_row(void **state)
{
    const struct row *row = *state;
    char why[NDR_LIBRARY_WHY] = "";
    absent = NULL;
    const ndr_library_call calls[] = {{"strlen", &length}, {row->second, &absent}};
    const bool loaded = ndr_library_load(row->file, calls, 2, why);
    assert_int_equal(loaded, row->want == NULL);
    assert_string_equal(why, row->want == NULL ? "" : row->want);
    assert_int_equal(absent != NULL, loaded);
    if (loaded)
        assert_int_equal(length("four"), 4);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    return run_added("library");
}
