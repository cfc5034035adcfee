/* SPDX-License-Identifier: BSD-3-Clause */
#include "ndr_hash.h"

#include "bytes.h"

/* What files hold (compiled rules, what was sent) is by these numbers. Source: the
 * xxHash reference implementation's sanity check. */
static void
kept_test(void **state)
{
    (void)state;
    assert_true(ndr_hash((ndr_slice){0}, 0) == UINT64_C(0x2d06800538d394c2));
}

static void
seed_test(void **state)
{
    (void)state;
    for (size_t len = 0; len < 300; len++) {
        char bytes[300];
        memset(bytes, 'x', sizeof bytes);
        unsigned char *p = exact_copy(bytes, len);
        assert_true(ndr_hash((ndr_slice){p, len}, 1) != ndr_hash((ndr_slice){p, len}, 2));
        free(p);
    }
}

/* One letter at each place of each length, across the pieces that are folded at once. */
static void
nocase_test(void **state)
{
    (void)state;
    for (size_t len = 1; len < 140; len++)
        for (size_t i = 0; i < len; i++) {
            char bytes[140];
            memset(bytes, 'x', sizeof bytes);
            unsigned char *p = exact_copy(bytes, len);
            const uint64_t small = ndr_hash_nocase((ndr_slice){p, len}, 7);
            p[i] = 'X';
            assert_true(ndr_hash_nocase((ndr_slice){p, len}, 7) == small);
            p[i] = 'Y';
            assert_true(ndr_hash_nocase((ndr_slice){p, len}, 7) != small);
            p[i] = 'x' ^ 0x80;
            assert_true(ndr_hash_nocase((ndr_slice){p, len}, 7) != small);
            free(p);
        }
}

int
main(void)
{
    add_test("nothing has the hash that XXH3 gives it", kept_test);
    add_test("another seed is another hash, at every length", seed_test);
    add_test("a letter has one hash in either case, and no other byte has it", nocase_test);
    return run_added("hash");
}
