/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_vector.c - every way of ndr_vector.h that this CPU has, held against loops of
 * one byte. Needs vector.c and the C library alone, so that vector_elsewhere.py can
 * build it for other machines. With a name: is that way the one that is chosen?
 *
 * Bytes lie between two pages that may not be touched, now at the one, now at the
 * other: one byte too far is the end, with sanitizers or without.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "ndr_vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST = 330, ROOM = 3 * LONGEST };

/* ---- what is right ---- */

static size_t
slow_find(const unsigned char *p, size_t n, const char *what, size_t len)
{
    for (size_t i = 0; i + len <= n; i++)
        if (p[i] == (unsigned char)*what && memcmp(p + i, what, len) == 0)
            return i;
    return n;
}

static size_t
slow_find_last(const unsigned char *p, size_t n, size_t low, const char *what, size_t len)
{
    size_t last = n;
    for (size_t i = low; i + len <= n; i++)
        if (p[i] == (unsigned char)*what && memcmp(p + i, what, len) == 0)
            last = i;
    return last;
}

static size_t
slow_ascii_length(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] > 0x7f)
            return i;
    return n;
}

static size_t
slow_plain(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] > 0x7e || (i > 0 && p[i] == ' ' && p[i - 1] == ' '))
            return i;
    return n;
}

static size_t
slow_name_bytes(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x21 || p[i] > 0x7e || p[i] == ':')
            return i;
    return n;
}

static size_t
slow_field_end(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if (p[i] == '\n' && p[i + 1] != ' ' && p[i + 1] != '\t')
            return i + 1;
    return n;
}

static size_t
slow_unescaped(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] > 0x7e || p[i] == '"' || p[i] == '\\')
            return i;
    return n;
}

/* ---- the same bytes at both ends of what may be read ---- */

static unsigned char *front,
    *back; /* the first byte that may be, the first that may not */

static bool
make_walls(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *p =
        mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) != 0 ||
        mprotect(p + 2 * page, page, PROT_NONE) != 0)
        return false;
    front = p + page;
    back = p + 2 * page;
    return true;
}

static int failures;

#define HOLD(what, got, want)                                                            \
    do {                                                                                 \
        const size_t got_ = (got), want_ = (want);                                       \
        if (got_ != want_ && failures++ < 5)                                             \
            printf("# %s: %s of %zu bytes: %zu, not %zu\n", way->name, what, n, got_,    \
                   want_);                                                               \
    } while (0)

static void
hold_at(const ndr_vector_way *way, const unsigned char *p, size_t n)
{
    static const char *const words[] = {"\nFrom ", "\n-", "?=", "aa", "ab"};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        const size_t len = strlen(words[w]);
        HOLD("find", way->find(p, n, words[w], len), slow_find(p, n, words[w], len));
        for (size_t low = 0; low <= n; low += 1 + n / 3)
            HOLD("find_last", way->find_last(p, n, low, words[w], len),
                 slow_find_last(p, n, low, words[w], len));
    }
    HOLD("ascii_length", way->ascii_length(p, n), slow_ascii_length(p, n));
    HOLD("plain", way->plain(p, n), slow_plain(p, n));
    HOLD("name_bytes", way->name_bytes(p, n), slow_name_bytes(p, n));
    HOLD("field_end", way->field_end(p, n), slow_field_end(p, n));
    unsigned char to[ROOM + 1];
    memset(to, '#', sizeof to);
    const size_t copied = way->copy_unescaped(to, p, n);
    HOLD("copy_unescaped", copied, slow_unescaped(p, n));
    HOLD("copied bytes", copied == 0 || memcmp(to, p, copied) == 0, 1);
    HOLD("byte behind the room", to[n], '#');
}

static void
hold(const ndr_vector_way *way, const unsigned char *bytes, size_t n)
{
    for (unsigned end = 0; end < 2; end++) {
        unsigned char *p = end == 0 ? front : back - n;
        memcpy(p, bytes, n);
        hold_at(way, p, n);
    }
}

/* ---- bytes that try it ---- */

static uint64_t seed = 88172645463325252u;

static uint64_t
roll(void)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return seed >> 33;
}

/* In plain text and in text of half words, each word in each length: at each place of
 * short ones, at every third of the others, another third in the next length. */
static void
places(const ndr_vector_way *way)
{
    static const char *const words[] = {"\nFrom ", "\nFrom", "\n-",  "?=",   "  ",
                                        "\t",      "\x7f",   "\x80", "\xff", ":",
                                        "\"",      "\\",     "\x1f", "\n"};
    unsigned char bytes[LONGEST];
    for (size_t n = 0; n <= LONGEST; n += n < 72 || n % 64 > 61 || n % 64 < 8 ? 1 : 9)
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
            const size_t len = strlen(words[w]);
            for (size_t at = n < 48 ? 0 : n % 3; at + len <= n; at += n < 48 ? 1 : 3) {
                memset(bytes, (n + at) % 3 == 0 ? '\n' : 'x', n);
                memcpy(bytes + at, words[w], len);
                hold(way, bytes, n);
            }
        }
}

/* Pieces of words one behind the other, and bytes of any value. */
static void
crowds(const ndr_vector_way *way)
{
    static const char *const pieces[] = {
        "\nFrom ",   "\nFrom:", "\nF", "\n",    "From ",   "x",       "\nFro",
        "\n\nFrom ", " ",       "\n ", "\n\t",  "word ",   "a",       "ab",
        "\n-",       "?",       "?=",  "Name:", "Subject", "\xc3\xa4"};
    const size_t count = sizeof pieces / sizeof pieces[0];
    for (int round = 0; round < 4000; round++) {
        unsigned char bytes[ROOM];
        const size_t want = roll() % (2 * LONGEST);
        const size_t among = 1 + roll() % count;
        const size_t from = roll() % count;
        size_t n = 0;
        while (n < want)
            if (round % 4 == 0) {
                bytes[n++] = (unsigned char)roll();
            } else {
                const char *w = pieces[(from + roll() % among) % count];
                memcpy(bytes + n, w, strlen(w));
                n += strlen(w);
            }
        hold(way, bytes, n);
    }
}

int
main(int argc, char **argv)
{
    const char *widest = "";
    if (argc > 1) {
        if (strcmp(ndr_vector.name, argv[1]) != 0)
            printf("%s is chosen, not %s\n", ndr_vector.name, argv[1]);
        return strcmp(ndr_vector.name, argv[1]) != 0;
    }
    if (!make_walls())
        return 1;
    printf("1..%zu\n", ndr_vector_way_count + 1);
    int wrong = 0;
    for (size_t i = 0; i < ndr_vector_way_count; i++) {
        const ndr_vector_way *way = ndr_vector_ways[i];
        if (!way->usable()) {
            printf("ok %zu - %s # SKIP this CPU has it not\n", i + 1, way->name);
            continue;
        }
        widest = way->name;
        failures = 0;
        places(way);
        crowds(way);
        printf("%s %zu - %s finds what bytes find\n", failures > 0 ? "not ok" : "ok",
               i + 1, way->name);
        wrong += failures > 0;
    }
    const bool chosen = strcmp(ndr_vector.name, widest) == 0 && !ndr_vector_use("none") &&
                        ndr_vector_use("plain") && strcmp(ndr_vector.name, "plain") == 0;
    printf("%s %zu - the widest is chosen, another where it is asked for\n",
           chosen ? "ok" : "not ok", ndr_vector_way_count + 1);
    return wrong > 0 || !chosen;
}
