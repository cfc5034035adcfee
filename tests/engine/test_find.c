/* SPDX-License-Identifier: BSD-3-Clause */
#include "find.h"

#include "harness.h"

enum { LONGEST = 140 };

/* A pair at every place of every length, from every alignment. */
static void
place_test(void **state)
{
    (void)state;
    unsigned char bytes[LONGEST];
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t at = 0; at <= n; at++) { /* n: nowhere */
            memset(bytes, '.', sizeof bytes);
            for (size_t i = 0; i + 1 < at; i += 3)
                bytes[i] = '\n'; /* half pairs in front */
            if (at + 1 < n)
                memcpy(bytes + at, "\n-", 2);
            unsigned char *p = exact_copy(bytes, n);
            const size_t plain = ndr_find_pair_plain(p, n, '\n', '-');
            const size_t got = ndr_find_pair(p, n, '\n', '-');
            if (got != plain || (at + 1 < n && got != at) || (at + 1 >= n && got != n))
                fail_msg("%zu bytes, at %zu: %zu, plain %zu", n, at, got, plain);
            free(p);
        }
    }
}

/* Random bytes of two letters, so that pairs of all sorts stand everywhere. */
static void
random_test(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    unsigned char bytes[LONGEST];
    for (int round = 0; round < 20000; round++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        const size_t n = seed % (LONGEST + 1);
        const unsigned rare = 1 + (unsigned)(seed >> 32) % 40;
        uint64_t s = seed;
        for (size_t i = 0; i < n; i++) {
            s = s * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (s >> 33) % rare == 0 ? 'a' : (s >> 50) % 7 == 0 ? 'b' : '.';
        }
        unsigned char *p = exact_copy(bytes, n);
        for (int k = 0; k < 4; k++) {
            const unsigned char a = (unsigned char)"aab."[k],
                                b = (unsigned char)"abab"[k];
            const size_t plain = ndr_find_pair_plain(p, n, a, b);
            const size_t got = ndr_find_pair(p, n, a, b);
            if (got != plain)
                fail_msg("round %d, '%c%c' in %zu bytes: %zu, plain %zu", round, a, b, n,
                         got, plain);
        }
        free(p);
    }
}

int
main(void)
{
    add_test("a pair is found at every place of every length", place_test);
    add_test("vectors and bytes find the same", random_test);
    return run_added("find");
}
