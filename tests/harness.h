/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * harness.h - cmocka with tables: each row of cases is a test named by its sentence.
 *
 * A row type begins with `const char *why;`. Bytes given to code under test are
 * exact-size heap copies, so that the sanitizers see one byte too far.
 *
 * A test that cannot be made here says SKIP("why"): cmocka's own skip() says "not ok",
 * which meson counts as a failure.
 */
#ifndef NDR_HARNESS_H
#define NDR_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#undef skip
#pragma GCC poison skip

/* The tests of one program, in the order they were added. */
static struct CMUnitTest test_list[4096];
static size_t test_count;
static size_t test_now; /* how many have begun */

/* What goes before each test. */
static inline int
note_begin(void **state)
{
    (void)state;
    test_now++;
    return 0;
}

/* Run `test` once per row; *state is the row. */
static inline void
add_rows(const void *rows, size_t row_bytes, size_t count, void (*test)(void **state))
{
    for (size_t i = 0; i < count && test_count < 4096; i++) {
        const char *row = (const char *)rows + i * row_bytes;
        struct CMUnitTest *t = &test_list[test_count++];
        memcpy(&t->name, row, sizeof t->name);
        t->test_func = test;
        t->setup_func = note_begin;
        t->initial_state = (void *)(uintptr_t)row;
    }
}
#define ADD_ROWS(rows, test)                                                             \
    add_rows(rows, sizeof(rows)[0], sizeof(rows) / sizeof(rows)[0], test)

/* Add one test that stands alone. */
static inline void
add_test(const char *sentence, void (*test)(void **state))
{
    test_list[test_count++] = (struct CMUnitTest){
        .name = sentence, .test_func = test, .setup_func = note_begin};
}

/* The test that runs is told as one that was left out, and why. */
static inline void
note_skip(const char *why)
{
    static char names[64][256];
    static size_t used;
    if (used == 64 || test_now == 0)
        abort();
    char *name = names[used++];
    struct CMUnitTest *t = &test_list[test_now - 1];
    (void)snprintf(name, sizeof names[0], "%s # SKIP %s", t->name, why);
    t->name = name;
}
#define SKIP(why)                                                                        \
    do {                                                                                 \
        note_skip(why);                                                                  \
        return;                                                                          \
    } while (0)

/* Run all that was added; what main returns. */
static inline int
run_added(const char *file)
{
    return _cmocka_run_group_tests(file, test_list, test_count, NULL, NULL);
}

/* An exact-size heap copy; free() it. Never NULL, even for no bytes. */
static inline unsigned char *
exact_copy(const void *bytes, size_t n)
{
    unsigned char *copy = malloc(n > 0 ? n : 1);
    if (copy == NULL)
        abort();
    if (n > 0)
        memcpy(copy, bytes, n);
#if defined(__SANITIZE_ADDRESS__)
    if (n == 0) {
        free(copy);
        copy = malloc(0);
    }
#endif
    return copy;
}

#endif
