/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_clock.h"
#include "stream/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD    "NDR1"
#define LENGTHS "\0\0\0\5\0\0\0\7\0\0\0\0\0\1\0\0"

typedef struct question_row {
    const char *why, *bytes;
    bool good;
} question_row;
static const question_row questions[] = {
    {"filter", HEAD "f\2\1\0" LENGTHS, true},
    {"check", HEAD "c\0\0\0" LENGTHS, true},
    {"another verb", HEAD "x\0\0\0" LENGTHS, false},
    {"another magic", "NDR2f\0\0\0" LENGTHS, false},
    {"what is kept for later is set", HEAD "f\0\0\1" LENGTHS, false},
    {"as many bytes of recipients as there may be",
     HEAD "f\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", true},
    {"one more", HEAD "f\0\0\0\0\4\0\1\0\0\0\0\0\0\0\0\0\0\0\0", false},
    {"as long an envelope as there may be",
     HEAD "f\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0\0\0", true},
    {"a longer one", HEAD "f\0\0\0\0\0\0\0\0\0\20\1\0\0\0\0\0\0\0\0", false},
};
static void
question_test(void **state)
{
    const question_row *row = *state;
    wire_question q;
    unsigned char again[WIRE_QUESTION_BYTES];
    unsigned char *bytes = exact_copy(row->bytes, WIRE_QUESTION_BYTES);
    assert_int_equal(wire_get_question(bytes, &q), row->good);
    if (row->good) { /* what is read is written as the same bytes */
        wire_put_question(&q, again);
        assert_memory_equal(again, bytes, sizeof again);
    }
    free(bytes);
}

static void
fields_test(void **state)
{
    (void)state;
    wire_question q;
    assert_true(wire_get_question((const unsigned char *)HEAD "f\2\1\0" LENGTHS, &q));
    assert_int_equal(q.verb, WIRE_FILTER);
    assert_int_equal(q.how, 2);
    assert_int_equal(q.flags, WIRE_TRUNCATED);
    assert_int_equal(q.recipient_bytes, 5);
    assert_int_equal(q.envelope_bytes, 7);
    assert_int_equal(q.message_bytes, 1 << 16);
}

typedef struct answer_row {
    const char *why, *bytes;
    bool good;
} answer_row;
static const answer_row answers[] = {
    {"a short text", HEAD "\1\0\0\0\0\0\0\11", true},
    {"as long a text as there may be", HEAD "\0\0\0\0\0\1\0\0", true},
    {"a longer one", HEAD "\0\0\0\0\0\1\0\1", false},
    {"another magic", "HTTP\0\0\0\0\0\0\0\0", false},
};
static void
answer_test(void **state)
{
    const answer_row *row = *state;
    wire_answer a;
    unsigned char again[WIRE_ANSWER_BYTES];
    unsigned char *bytes = exact_copy(row->bytes, WIRE_ANSWER_BYTES);
    assert_int_equal(wire_get_answer(bytes, &a), row->good);
    if (row->good) {
        wire_put_answer(&a, again);
        assert_memory_equal(again, bytes, sizeof again);
    }
    free(bytes);
}

static void
broken_off(void **state)
{
    (void)state;
    int pair[2];
    char got[8];
    ndr_error err = {0};
    const int64_t deadline = ndr_now_ms() + 60000;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(wire_send(pair[0], "abc", 3, deadline, &err), 0);
    assert_int_equal(close(pair[0]), 0);
    assert_int_equal(wire_receive(pair[1], got, 2, deadline, &err), 0);
    assert_memory_equal(got, "ab", 2);
    assert_int_equal(wire_receive(pair[1], got, 2, deadline, &err), NDR_E_DAMAGED);
    assert_int_equal(wire_send(pair[1], "x", 1, deadline, &err), NDR_E_DAMAGED);
    assert_int_equal(close(pair[1]), 0);
}

static void
too_late(void **state)
{
    (void)state;
    int pair[2];
    char got[1];
    ndr_error err = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(wire_receive(pair[1], got, 1, ndr_now_ms() - 1, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, ETIMEDOUT);
    assert_int_equal(wire_send(pair[0], "a", 1, ndr_now_ms() - 1, &err), 0);
    /* what is there is taken, however late it is */
    assert_int_equal(wire_receive(pair[1], got, 1, ndr_now_ms() - 1, &err), 0);
    assert_int_equal(close(pair[0]), 0);
    assert_int_equal(close(pair[1]), 0);
}

int
main(void)
{
    ADD_ROWS(questions, question_test);
    add_test("numbers are big-endian, each in its place", fields_test);
    ADD_ROWS(answers, answer_test);
    add_test("who breaks off is told from who is slow", broken_off);
    add_test("a deadline ends the waiting, not what is there", too_late);
    return run_added("wire");
}
