/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/feed.h"

#include "harness.h"

#include <stdio.h>
#include <unistd.h>

typedef struct bid_row {
    const char *why, *bytes;
    bool want;
} bid_row;

static const bid_row bids[] = {
    {"a length and a field", "12\nSubject: x\n", true},
    {"blanks behind the length", "12         \nSubject: x\n", true},
    {"a CR at its line's end", "12 \r\nSubject: x\r\n", true},
    {"no length", "\nSubject: x\n", false},
    {"no bytes", "", false},
    {"a length alone", "12", false},
    {"nothing behind its line", "12\n", false},
    {"text behind it", "12\nhello\n", false},
    {"a length of nothing", "0\nSubject: x\n", false},
    {"a word behind it", "12 x\nSubject: x\n", false},
    {"a sign before it", "-12\nSubject: x\n", false},
    {"a blank before it", " 12\nSubject: x\n", false},
    {"twelve digits", "000000000012\nSubject: x\n", true},
    {"thirteen", "0000000000012\nSubject: x\n", false},
    {"a line that is too long", "12                                \nSubject: x\n",
     false},
};

static void
bid_test(void **state)
{
    const bid_row *row = *state;
    const size_t n = strlen(row->bytes);
    unsigned char *copy = exact_copy(row->bytes, n);
    assert_int_equal(ndr_emlx_bid(copy, n), row->want);
    free(copy);
}

/* A feed that gives `step` bytes at a time, and counts how often it was closed. */
typedef struct slow_feed {
    ndr_feed feed;
    const char *bytes;
    size_t at, n, step;
    int closed;
} slow_feed;

static int64_t
slow_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    slow_feed *f = (slow_feed *)feed;
    (void)wait, (void)err;
    size_t n = f->n - f->at < f->step ? f->n - f->at : f->step;
    n = n < room ? n : room;
    memcpy(to, f->bytes + f->at, n);
    f->at += n;
    return (int64_t)n;
}

static void
slow_close(ndr_feed *feed)
{
    ((slow_feed *)feed)->closed++;
}

typedef struct open_row {
    const char *why, *bytes, *want;
    uint64_t at;
    uint64_t missing; /* 0: the message is whole */
} open_row;

static const open_row opens[] = {
    {"what is behind the message stays out", "12 \nSubject: xx\n<?xml\n", "Subject: xx\n",
     4, 0},
    {"nothing behind it", "12\nSubject: xx\n", "Subject: xx\n", 3, 0},
    {"a length that ends within it", "9\r\nSubject: xx\n", "Subject: ", 3, 0},
    {"a file that was cut", "20\nSubject: xx\n", "Subject: xx\n", 3, 8},
};

static void
open_test(void **state)
{
    const open_row *row = *state;
    for (size_t step = 1; step <= strlen(row->bytes); step++) {
        slow_feed in = {.feed = {.read = slow_read, .close = slow_close},
                        .bytes = row->bytes,
                        .n = strlen(row->bytes),
                        .step = step};
        ndr_error err = {0};
        ndr_peek *peek = ndr_peek_new(&in.feed);
        assert_non_null(peek);
        while (peek->have < 14 && ndr_peek_more(peek)) /* the front */
            continue;
        ndr_feed *f = NULL;
        uint64_t at = 0;
        assert_int_equal(ndr_emlx_open(peek, &f, &at, &err), 0);
        assert_int_equal(at, row->at);
        char got[64];
        size_t have = 0;
        int64_t n;
        while ((n = f->read(f, (unsigned char *)got + have, 5, true, &err)) > 0) {
            assert_true(n <= 5);
            have += (size_t)n;
        }
        assert_int_equal(have, strlen(row->want));
        assert_memory_equal(got, row->want, have);
        if (row->missing == 0) {
            assert_int_equal(n, 0);
        } else {
            char words[40];
            (void)snprintf(words, sizeof words, "%d bytes of its message",
                           (int)row->missing);
            assert_int_equal(n, NDR_E_DAMAGED);
            assert_non_null(strstr(err.text, words));
        }
        f->close(f);
        assert_int_equal(in.closed, 1);
    }
}

int
main(void)
{
    ADD_ROWS(bids, bid_test);
    ADD_ROWS(opens, open_test);
    return run_added("emlx");
}
