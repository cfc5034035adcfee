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

/* Of every length, and of some that are longer than what is taken at once, in steps that
 * fit nothing. */
static void
bit_by_bit_test(void **state)
{
    (void)state;
    enum { ALL = 20000 };
    static const size_t steps[] = {1, 7, 63, 64, 65, 255, 256, 257, 1024, 4093, ALL};
    static unsigned char bytes[ALL];
    ndr_hasher *h = ndr_hasher_new();
    assert_non_null(h);
    for (size_t i = 0; i < ALL; i++)
        bytes[i] = (unsigned char)(i * i >> 3);
    for (size_t len = 0; len <= ALL; len += len < 1100 ? 1 : 977)
        for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
            unsigned char *p = exact_copy(bytes, len);
            ndr_hasher_begin(h, len);
            for (size_t at = 0; at < len; at += steps[k])
                ndr_hasher_add(
                    h, (ndr_slice){p + at, len - at < steps[k] ? len - at : steps[k]});
            assert_true(ndr_hasher_end(h) == ndr_hash((ndr_slice){p, len}, len));
            free(p);
        }
    ndr_hasher_free(h);
    ndr_hasher_free(NULL);
}

int
main(void)
{
    add_test("nothing has the hash that XXH3 gives it", kept_test);
    add_test("another seed is another hash, at every length", seed_test);
    add_test("what comes bit by bit has the hash of the whole", bit_by_bit_test);
    add_test("a letter has one hash in either case, and no other byte has it",
             nocase_test);
    return run_added("hash");
}
