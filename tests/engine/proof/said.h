/* SPDX-License-Identifier: BSD-3-Clause */
/* said.h - a text, and what is said of it, for tests. */
#ifndef SAID_H
#define SAID_H

#include "harness.h"
#include "ndrscan_common.h"

typedef struct said_row {
    const char *why, *text, *want;
} said_row;

/* `say` writes what it finds in the text, and a NUL. */
static inline void
said_check(const said_row *row, void (*say)(ndr_slice text, ndr_buffer *out))
{
    const size_t len = strlen(row->text);
    unsigned char *text = exact_copy(row->text, len);
    ndr_buffer out = {0};
    say((ndr_slice){text, len}, &out);
    assert_string_equal((const char *)out.ptr, row->want);
    ndr_buffer_free(&out);
    free(text);
}

#endif
