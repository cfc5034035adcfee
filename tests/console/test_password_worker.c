/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "password_hash.h"
#include "password_worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static char hash[PASSWORD_HASH_BYTES];
static const secret token = "0123456789012345678901234567890123456789-_A";

static void
hashes(void **state)
{
    char other[PASSWORD_HASH_BYTES];
    ndr_error err;
    char longest[PASSWORD_BYTES + 2];
    (void)state;
    assert_int_equal(password_hash("correct horse", 1, hash, &err), 0);
    assert_int_equal(password_hash("correct horse", 1, other, &err), 0);
    assert_memory_equal(hash, "$y$", 3);
    assert_string_not_equal(hash, other);
    assert_true(password_is("correct horse", hash));
    assert_true(password_is("correct horse", other));
    assert_false(password_is("correct hors", hash));
    assert_false(password_is("correct horse ", hash));
    assert_false(password_is("", hash));
    assert_false(password_is("correct horse", ""));
    assert_false(password_is("*0", "*0"));
    assert_false(password_is("*1", "*"));
    assert_false(password_is("correct horse", "correct horse"));
    assert_int_equal(password_hash("too short", 1, other, &err), NDR_E_SYNTAX);
    assert_int_equal(
        password_hash("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 1, other, &err),
        NDR_E_SYNTAX); /* ten bytes are not ten characters */
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(password_hash(longest, 1, other, &err), NDR_E_SYNTAX);
    assert_int_equal(password_hash("correct horse", 0, other, &err), NDR_E_SYNTAX);
    assert_int_equal(password_hash("correct horse", 12, other, &err), NDR_E_SYNTAX);
}

typedef struct answers {
    unsigned good, wrong, failed;
    uint64_t seen; /* a bit a ticket */
} answers;

static void
take(void *ctx, uint64_t ticket, bool good, bool failed)
{
    answers *a = ctx;
    assert_false(a->seen & 1u << ticket);
    a->seen |= 1u << ticket;
    a->good += good;
    a->failed += failed;
    a->wrong += !good && !failed;
}

static void
wait_for(password_worker *w, answers *a, unsigned count)
{
    while (a->good + a->wrong + a->failed < count) {
        struct pollfd p = worker_poll(w);
        assert_true(poll(&p, 1, 30000) > 0);
        worker_run(w, take, a);
    }
}

/* Whoever has to know learns of a password that is right before the console does. */
static void
shown_first(void **state)
{
    password_worker *w;
    answers a = {0};
    ndr_error err;
    int pair[2];
    char got[PASSWORD_HASH_BYTES + 1] = "";
    (void)state;
    assert_int_equal(password_hash("correct horse", 1, hash, &err), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_int_equal(worker_start(pair[0], token, &w, &err), 0);
    assert_int_equal(fcntl(pair[0], F_GETFD), -1); /* the console has it no more */
    assert_true(worker_ask(w, 0, hash, "a wrong horse"));
    wait_for(w, &a, 1);
    assert_int_equal(recv(pair[1], got, sizeof got - 1, MSG_DONTWAIT), -1);
    assert_true(worker_ask(w, 1, hash, "correct horse"));
    wait_for(w, &a, 2);
    assert_int_equal(recv(pair[1], got, sizeof got - 1, MSG_DONTWAIT), strlen(hash));
    assert_string_equal(got, hash);
    worker_stop(w);
    (void)close(pair[1]);
}

static void
two_at_a_time(void **state)
{
    password_worker *w;
    answers a = {0};
    ndr_error err;
    unsigned taken = 0;
    (void)state;
    assert_int_equal(password_hash("correct horse", 1, hash, &err), 0);
    assert_int_equal(worker_start(-1, token, &w, &err), 0);
    for (unsigned i = 0; i < 60; i++)
        taken += worker_ask(w, i, hash, i % 3 == 0 ? "correct horse" : "a wrong horse");
    assert_int_equal(taken,
                     WORKER_AT_ONCE + WORKER_QUEUE); /* the rest is refused at once */
    assert_int_equal(worker_hashes(w), WORKER_AT_ONCE);
    wait_for(w, &a, taken);
    assert_int_equal(worker_hashes(w), taken);
    assert_int_equal(a.good, (taken + 2) / 3);
    assert_int_equal(a.failed, 0);
    a = (answers){0};
    assert_true(worker_ask(w, 1, hash, "correct horse"));
    wait_for(w, &a, 1);
    assert_int_equal(a.good, 1);
    worker_stop(w);
}

/* Its process; 0: a kernel that does not list children. */
static int
our_child(void)
{
    char name[64];
    int pid = 0;
    (void)snprintf(name, sizeof name, "/proc/self/task/%d/children", getpid());
    FILE *f = fopen(name, "re");
    if (f == NULL || fscanf(f, "%d", &pid) != 1)
        pid = 0;
    if (f != NULL)
        (void)fclose(f);
    return pid;
}

/* Of a service all processes are told at once: one that ended before the console would
 * have it end as one that has lost it. */
static void
all_are_told_to_end(void **state)
{
    password_worker *w;
    answers a = {0};
    ndr_error err;
    (void)state;
    assert_int_equal(password_hash("correct horse", 1, hash, &err), 0);
    assert_int_equal(worker_start(-1, token, &w, &err), 0);
    assert_true(worker_is_token(w, token)); /* it has begun */
    const int pid = our_child();
    if (pid == 0) {
        worker_stop(w);
        SKIP("no /proc tells the children of a process");
    }
    (void)kill(pid, SIGTERM);
    (void)kill(pid, SIGINT);
    assert_true(worker_is_token(w, token));
    assert_true(worker_ask(w, 1, hash, "correct horse"));
    wait_for(w, &a, 1);
    assert_int_equal(a.good, 1);
    worker_stop(w); /* which waits for it */
}

static void
a_worker_that_dies(void **state)
{
    password_worker *w;
    answers a = {0};
    ndr_error err;
    (void)state;
    assert_int_equal(worker_start(-1, token, &w, &err), 0);
    const int pid = our_child();
    if (pid == 0) {
        worker_stop(w);
        SKIP("no /proc tells the children of a process");
    }
    for (unsigned i = 0; i < 5; i++)
        assert_true(worker_ask(w, i, hash, "correct horse"));
    (void)kill(pid, SIGKILL);
    wait_for(w, &a, 5);
    assert_int_equal(a.seen, 31);
    assert_false(worker_ask(w, 9, hash, "correct horse"));
    assert_false(worker_is_token(w, token));
    assert_int_equal(worker_poll(w).fd, -1);
    worker_stop(w);
}

/* The token is compared whatever waits, and whoever has to know learns of it first. */
static void
tokens(void **state)
{
    static const struct {
        const char *why, *text;
        bool good;
    } row[] = {
        {"the first letter is another", "1123456789012345678901234567890123456789-_A",
         false},
        {"the last letter is another", "0123456789012345678901234567890123456789-_B",
         false},
        {"it is cut off", "0123456789012345678901234567890123456789-_", false},
        {"there is more", "0123456789012345678901234567890123456789-_AA", false},
        {"there is nothing", "", false},
        {"it is the word for it", "token", false},
        {"it is the token", token, true},
        {"and is again", token, true},
        {"and then is not", "0123456789012345678901234567890123456789-_B", false},
    };
    password_worker *w;
    answers a = {0};
    ndr_error err;
    int pair[2];
    unsigned taken = 0;
    char got[PASSWORD_HASH_BYTES + 1];
    (void)state;
    assert_int_equal(password_hash("correct horse", 1, hash, &err), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_int_equal(worker_start(pair[0], token, &w, &err), 0);
    for (unsigned i = 0; i < 60; i++)
        taken += worker_ask(w, i, hash, "a wrong horse");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        if (worker_is_token(w, row[i].text) != row[i].good)
            fail_msg("%s", row[i].why);
        const ssize_t n = recv(pair[1], got, sizeof got, MSG_DONTWAIT);
        assert_int_equal(n, row[i].good ? (ssize_t)strlen(WORKER_TOKEN) : -1);
    }
    assert_int_equal(a.wrong, 0);
    wait_for(w, &a, taken);
    assert_int_equal(a.wrong, taken);
    assert_true(worker_ask(w, 1, WORKER_TOKEN, "correct horse")); /* what is no hash */
    a = (answers){0};
    wait_for(w, &a, 1);
    assert_int_equal(recv(pair[1], got, sizeof got, MSG_DONTWAIT), -1);
    worker_stop(w);
    (void)close(pair[1]);
}

int
main(void)
{
    add_test("a password is what its hash was made of, and nothing else", hashes);
    add_test("the hash of a right password is told before the answer", shown_first);
    add_test("the token is compared whatever waits, and told first", tokens);
    add_test("two are worked out at a time, some wait, and the rest is refused",
             two_at_a_time);
    add_test("where all processes are told to end it goes on until the console has",
             all_are_told_to_end);
    add_test("a worker that dies leaves nobody without an answer", a_worker_that_dies);
    return run_added("password_worker");
}
