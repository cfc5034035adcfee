/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz.h - what every fuzz target shares: how it is called, and its laws.
 *
 * A target is one file with LLVMFuzzerInitialize and LLVMFuzzerTestOneInput. It is
 * linked twice: with libFuzzer, which searches, and with replay.c, which tries the
 * kept inputs and cheap mutations of them with any compiler.
 */
#ifndef NDR_FUZZ_H
#define NDR_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ndrscan.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
/* 0: the input counts; -1: keep it out of the corpus. A broken law aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* What must hold for every input. */
#define LAW(holds, ...)                                                                  \
    do {                                                                                 \
        if (!(holds)) {                                                                  \
            (void)fprintf(stderr, "%s:%d: broken law: %s\n", __FILE__, __LINE__,         \
                          #holds);                                                       \
            (void)fprintf(stderr, "  " __VA_ARGS__);                                     \
            (void)fprintf(stderr, "\n");                                                 \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* An exact-size heap copy; free() it. NULL for no bytes, as an ndr_slice may have it. */
static inline unsigned char *
fuzz_copy(const void *bytes, size_t n)
{
    unsigned char *copy = n > 0 ? malloc(n) : NULL;
    if (copy == NULL && n > 0)
        abort();
    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

/* A number that any change of the input changes. */
static inline uint32_t
fuzz_hash(const uint8_t *bytes, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (uint32_t)(((uint64_t)h ^ bytes[i]) * 16777619u);
    return h ^ (h >> 15);
}

/* The last two bytes as a number: what the input itself chooses. */
static inline size_t
fuzz_choice(const uint8_t *bytes, size_t n)
{
    return n < 2 ? 0 : (size_t)bytes[n - 1] * 256 + bytes[n - 2];
}

/* UTF-8 by RFC 3629, written without a look at the engine's own. */
static inline bool
fuzz_is_utf8(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        const unsigned char c = p[i++];
        size_t tail = 0;
        uint32_t code = c, least = 0;
        if (c >= 0xf0) {
            tail = 3, code = c & 7u, least = 0x10000;
        } else if (c >= 0xe0) {
            tail = 2, code = c & 15u, least = 0x800;
        } else if (c >= 0xc0) {
            tail = 1, code = c & 31u, least = 0x80;
        } else if (c >= 0x80) {
            return false;
        }
        if (c >= 0xf8 || n - i < tail)
            return false;
        for (; tail > 0; tail--, i++) {
            if (p[i] < 0x80 || p[i] > 0xbf)
                return false;
            code = code << 6 | (p[i] & 63u);
        }
        if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
    }
    return true;
}

/* One line of words: what an error must be. */
static inline void
fuzz_check_error(int code, const ndr_error *err)
{
    const size_t n = strlen(err->text);
    LAW(code < 0 && err->code == code, "answer %d, code %d", code, err->code);
    LAW(n > 0 && n < sizeof err->text, "%zu bytes", n);
    LAW(memchr(err->text, '\n', n) == NULL, "%s", err->text);
    LAW(fuzz_is_utf8((const unsigned char *)err->text, n), "%s", err->text);
}

#endif
