/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sink/sinks.h"
#include "sink_harness.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

enum { TOTAL = 1 << 20 }; /* many times what a pipe holds */

typedef struct pipe_row {
    const char *why;
    bool nonblock; /* the writer's end answers EAGAIN */
    bool signals;  /* each read is preceded by a signal to the writer */
} pipe_row;

static const pipe_row pipes[] = {
    {"a slow reader gets all of it", false, false},
    {"a descriptor that does not block is waited for", true, false},
    {"signals do not cut a write short", false, true},
    {"signals do not cut waiting short", true, true},
};

typedef struct reader {
    int fd;
    pthread_t writer;
    bool signals;
    atomic_bool done; /* the writer takes no more signals */
    unsigned char *got;
    size_t len;
} reader;

static void
on_signal(int number)
{
    (void)number;
}

/* Reads odd amounts with pauses, so that the pipe is full most of the time. */
static void *
read_slowly(void *ctx)
{
    reader *r = ctx;
    const struct timespec pause = {.tv_nsec = 50000};
    size_t ask = 1;
    for (;;) {
        (void)nanosleep(&pause, NULL);
        if (r->signals && !atomic_load(&r->done))
            (void)pthread_kill(r->writer, SIGUSR1);
        ask = ask * 3 % 32749 + 1;
        if (ask > TOTAL - r->len + 1)
            ask = TOTAL - r->len + 1;
        const ssize_t n = read(r->fd, r->got + r->len, ask);
        if (n <= 0)
            return NULL;
        r->len += (size_t)n;
    }
}

static void
pipe_test(void **state)
{
    const pipe_row *row = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (row->nonblock)
        assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    unsigned char *sent = malloc(TOTAL);
    reader r = {.fd = ends[0],
                .writer = pthread_self(),
                .signals = row->signals,
                .got = malloc(TOTAL + 1)};
    assert_non_null(sent);
    assert_non_null(r.got);
    for (size_t i = 0; i < TOTAL; i++)
        sent[i] = (unsigned char)(i * 2654435761u >> 16);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &r), 0);

    ndr_error err = {0};
    assert_int_equal(ndr_write_whole(ends[1], (ndr_slice){sent, TOTAL}, &err), 0);
    atomic_store(&r.done, true);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(r.len, TOTAL);
    assert_memory_equal(r.got, sent, TOTAL);
    free(sent);
    free(r.got);
}

static void
gone_while_waiting_test(void **state)
{
    (void)state;
    int ends[2];
    unsigned char block[4096] = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    while (write(ends[1], block, sizeof block) > 0)
        ;
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(close(ends[0]), 0);
    ndr_error err = {0};
    assert_int_equal(ndr_write_whole(ends[1], (ndr_slice){block, sizeof block}, &err),
                     NDR_E_SYS);
    assert_int_equal(err.sys_errno, EPIPE);
    assert_int_equal(close(ends[1]), 0);
}

static void
bad_descriptor_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    assert_int_equal(ndr_write_whole(-1, (ndr_slice)BYTES("x"), &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, EBADF);
    assert_int_equal(ndr_write_whole(-1, (ndr_slice){0}, &err), 0);
}

typedef struct mark_row {
    const char *why, *out;
    struct ndr_mark mark[4];
    size_t count;
    uint64_t base;
    const char *want;
} mark_row;

static const mark_row marks[] = {
    {"no marks", "ab", {{0}}, 0, 5, "ab"},
    {"nothing at all", "", {{0}}, 0, 5, ""},
    {"a mark at the start", "ab", {{0, 0}}, 1, 0, "0ab"},
    {"a mark at the end", "ab", {{2, 1}}, 1, 9, "ab10"},
    {"marks side by side", "ab", {{1, 0}, {1, 1}}, 2, 99, "a99100b"},
    {"only a mark", "", {{0, 3}}, 1, 4, "7"},
    {"the largest number", "ab", {{1, 0}}, 1, UINT64_MAX, "a18446744073709551615b"},
};

static void
mark_test(void **state)
{
    const mark_row *row = *state;
    const size_t n = strlen(row->out);
    struct ndr_mark mark[4];
    memcpy(mark, row->mark, sizeof mark);
    ndr_batch b = {.mark = mark, .mark_count = row->count};
    b.out = (ndr_buffer){.ptr = exact_copy(row->out, n), .len = n, .cap = n};
    ndr_writer w = {.fd = -1};
    ndr_writer_batch(&w, &b, row->base);
    assert_int_equal(w.pending.len, strlen(row->want));
    if (w.pending.len > 0)
        assert_memory_equal(w.pending.ptr, row->want, w.pending.len);
    ndr_writer_free(&w);
    ndr_buffer_free(&b.out);
}

static void
failed_test(void **state)
{
    (void)state;
    ndr_writer w = {.fd = -1};
    ndr_batch b = {.out.failed = true};
    ndr_error err = {0};
    ndr_writer_batch(&w, &b, 0);
    assert_int_equal(ndr_writer_flush(&w, &err), NDR_E_NOMEM);
    assert_int_equal(ndr_writer_flush(&w, &err), 0); /* nothing is left of it */
    ndr_writer_free(&w);
}

static void
large_test(void **state)
{
    (void)state;
    enum { N = 9 << 20 };
    FILE *f = tmpfile();
    assert_non_null(f);
    ndr_writer w = {.fd = fileno(f)};
    struct ndr_mark mark = {N, 0};
    ndr_batch b = {.mark = &mark, .mark_count = 1};
    b.out = (ndr_buffer){.ptr = calloc(N, 1), .len = N, .cap = N};
    assert_non_null(b.out.ptr);
    for (int k = 0; k < 2; k++) {
        ndr_writer_batch(&w, &b, 7);
        assert_int_equal(ndr_writer_flush(&w, NULL), 0);
        assert_true(w.pending.cap < N);
    }
    assert_int_equal(lseek(w.fd, 0, SEEK_END), 2 * (N + 1));
    ndr_buffer_free(&b.out);
    ndr_writer_free(&w);
    assert_int_equal(fclose(f), 0);
}

int
main(void)
{
    const struct sigaction act = {.sa_handler = on_signal}; /* no SA_RESTART */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigaction(SIGUSR1, &act, NULL) != 0)
        return 1;
    ADD_ROWS(pipes, pipe_test);
    ADD_ROWS(marks, mark_test);
    add_test("a reader that goes away while it is waited for is EPIPE",
             gone_while_waiting_test);
    add_test("a descriptor that is none is an error", bad_descriptor_test);
    add_test("a batch without memory is an error", failed_test);
    add_test("a large batch does not keep its memory", large_test);
    return run_added("writer");
}
