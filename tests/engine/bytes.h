/* SPDX-License-Identifier: BSD-3-Clause */
/* bytes.h - how do the engine's tests give bytes and compare what comes back? */
#ifndef NDR_TEST_BYTES_H
#define NDR_TEST_BYTES_H

#include "harness.h"
#include "ndrscan.h"

/* A string as a slice of exactly its bytes on the heap; drop_slice() it. */
static inline ndr_slice
slice_copy(const char *text)
{
    const size_t n = strlen(text);
    return (ndr_slice){exact_copy(text, n), n};
}

static inline void
drop_slice(ndr_slice s)
{
    free((void *)(uintptr_t)s.ptr);
}

/* What was appended, as a string; a NUL in it ends it, so none may be there. */
#define assert_buffer(b, want)                                                           \
    do {                                                                                 \
        ndr_buffer_byte(b, '\0');                                                        \
        assert_false((b)->failed);                                                       \
        assert_string_equal((const char *)(b)->ptr, want);                               \
        assert_int_equal((b)->len, strlen(want) + 1);                                    \
        (b)->len--;                                                                      \
    } while (0)

#define assert_slice(s, want)                                                            \
    do {                                                                                 \
        ndr_buffer text_ = {0};                                                          \
        ndr_buffer_add(&text_, s);                                                       \
        assert_buffer(&text_, want);                                                     \
        ndr_buffer_free(&text_);                                                         \
    } while (0)

#endif
