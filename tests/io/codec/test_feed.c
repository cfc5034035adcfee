/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/feed.h"

#include "file_of.h"
#include "harness.h"
#include "ndr_clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static bool
is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* The next bytes: as `want`, which is the code's number when there are none. */
#define assert_read(f, room, wait, want)                                                 \
    do {                                                                                 \
        unsigned char got_[64];                                                          \
        const int64_t n_ = (f)->read((f), got_, (room), (wait), &err);                   \
        assert_int_equal(n_, sizeof(want) - 1);                                          \
        assert_memory_equal(got_, want, sizeof(want) - 1);                               \
    } while (0)

static int64_t
code_of(ndr_feed *f, bool wait, ndr_error *err)
{
    unsigned char byte[1];
    return f->read(f, byte, 1, wait, err);
}

/* ---- a descriptor ---- */

static void
file_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_fd_feed f;
    const int fd = file_of("abcdef", 6);
    ndr_fd_feed_init(&f, fd, false, NULL);
    assert_read(&f.feed, 4, false, "abcd");
    assert_int_equal(f.taken, 4);
    assert_read(&f.feed, 4, true, "ef");
    assert_int_equal(f.taken, 6);
    assert_int_equal(code_of(&f.feed, true, &err), 0);
    f.feed.close(&f.feed);
    assert_false(is_open(fd));
    f.feed.close(&f.feed); /* not whoever has that number now */
}

static void
keep_test(void **state)
{
    (void)state;
    ndr_fd_feed f;
    const int fd = file_of("", 0);
    ndr_fd_feed_init(&f, fd, false, NULL);
    f.keep = true;
    f.feed.close(&f.feed);
    assert_true(is_open(fd));
    assert_int_equal(close(fd), 0);
}

typedef struct planned_row {
    const char *why;
    uint64_t planned;
    bool ahead, damaged;
} planned_row;

static const planned_row planneds[] = {
    {"as long as it was", 6, false, false},
    {"grown meanwhile", 5, false, false},
    {"not known", 0, false, false},
    {"shorter than it was", 7, false, true},
    {"as long as it was, read by a thread", 6, true, false},
    {"shorter than it was, read by a thread", 7, true, true},
};

static void
planned_test(void **state)
{
    const planned_row *row = *state;
    ndr_error err = {0};
    ndr_fd_feed f;
    ndr_fd_feed_init(&f, file_of("abcdef", 6), false, NULL);
    f.planned = row->planned;
    if (row->ahead)
        ndr_fd_feed_ahead(&f, NULL);
    assert_int_equal(f.feed.lend != NULL, row->ahead);
    assert_read(&f.feed, 4, true, "abcd");
    assert_read(&f.feed, 4, true, "ef");
    assert_int_equal(f.taken, 6);
    const int64_t code = code_of(&f.feed, true, &err);
    assert_int_equal(code, row->damaged ? NDR_E_DAMAGED : 0);
    if (row->damaged)
        assert_string_equal(err.text,
                            "became shorter while it was read: it ended at byte 6 of 7");
    f.feed.close(&f.feed);
}

static void
seek_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_fd_feed f;
    const int fd = file_of("abcdef", 6);
    ndr_fd_feed_init(&f, fd, false, NULL);
    f.planned = 6;
    assert_int_equal(lseek(fd, 6, SEEK_SET),
                     6); /* who seeks sees the end with nothing taken */
    assert_int_equal(code_of(&f.feed, true, &err), 0);
    assert_int_equal(f.taken, 0);
    f.feed.close(&f.feed);
}

static void
trouble_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_fd_feed f;
    const int fd = open("/", O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    ndr_fd_feed_init(&f, fd, false, NULL);
    assert_int_equal(code_of(&f.feed, true, &err), NDR_E_SYS);
    assert_int_equal(err.code, NDR_E_SYS);
    f.feed.close(&f.feed);
}

typedef struct pipe_row {
    const char *why;
    bool nonblocking; /* and not said to wait: it is found out */
} pipe_row;

static const pipe_row pipes[] = {
    {"a pipe is not waited for unless that is asked", false},
    {"one that does not block is waited for all the same", true},
};

static void *
write_later(void *arg)
{
    const struct timespec wait = {.tv_nsec = 20000000};
    (void)nanosleep(&wait, NULL);
    return write(*(int *)arg, "late", 4) == 4 ? arg : NULL;
}

static void
pipe_test(void **state)
{
    const pipe_row *row = *state;
    ndr_error err = {0};
    int ends[2];
    ndr_fd_feed f;
    pthread_t thread;
    void *done = NULL;
    assert_int_equal(pipe(ends), 0);
    if (row->nonblocking)
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    ndr_fd_feed_init(&f, ends[0], !row->nonblocking, NULL);
    assert_int_equal(code_of(&f.feed, false, &err), NDR_FEED_WAIT);
    assert_true(f.waits);
    f.patience_ms = ndr_now_ms() + 30;
    assert_int_equal(code_of(&f.feed, false, &err), NDR_FEED_WAIT);
    assert_true(ndr_now_ms() >= f.patience_ms);
    assert_int_equal(pthread_create(&thread, NULL, write_later, &ends[1]), 0);
    assert_read(&f.feed, 10, true, "late");
    assert_int_equal(pthread_join(thread, &done), 0);
    assert_non_null(done);
    assert_int_equal(write(ends[1], "now", 3), 3);
    assert_read(&f.feed, 10, false, "now");
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(code_of(&f.feed, false, &err), 0);
    f.feed.close(&f.feed);
}

/* ---- stopping ---- */

static void *
wake_later(void *arg)
{
    ndr_wake *wake = arg;
    const struct timespec wait = {.tv_nsec = 20000000};
    const uint64_t one = 1;
    (void)nanosleep(&wait, NULL);
    atomic_store(&wake->set, true);
    return write(wake->fd, &one, sizeof one) == sizeof one ? arg : NULL;
}

static void
wake_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_wake wake = {.fd = eventfd(0, EFD_CLOEXEC)};
    int ends[2];
    ndr_fd_feed f;
    pthread_t thread;
    void *done = NULL;
    assert_true(wake.fd >= 0);
    assert_int_equal(pipe(ends), 0);
    ndr_fd_feed_init(&f, ends[0], true, &wake);
    assert_int_equal(pthread_create(&thread, NULL, wake_later, &wake), 0);
    assert_int_equal(code_of(&f.feed, true, &err), NDR_E_STOPPED);
    assert_int_equal(pthread_join(thread, &done), 0);
    assert_non_null(done);
    f.feed.close(&f.feed);
    assert_int_equal(close(ends[1]), 0);
    for (int ahead = 0; ahead < 2; ahead++) { /* a file is not read any further, either */
        ndr_fd_feed_init(&f, file_of("abc", 3), false, &wake);
        if (ahead == 1)
            ndr_fd_feed_ahead(&f, NULL);
        assert_int_equal(code_of(&f.feed, true, &err), NDR_E_STOPPED);
        assert_int_equal(f.taken, 0);
        f.feed.close(&f.feed);
    }
    assert_int_equal(close(wake.fd), 0);
}

/* ---- lending ---- */

static void
lend_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    for (int ahead = 0; ahead < 2; ahead++) {
        ndr_fd_feed f;
        unsigned char own[4];
        const unsigned char *p = NULL;
        ndr_fd_feed_init(&f, file_of("abcdef", 6), false, NULL);
        if (ahead == 1)
            ndr_fd_feed_ahead(&f, NULL);
        assert_read(&f.feed, 1, true, "a");
        const int64_t n = ndr_feed_lend(&f.feed, own, sizeof own, &p, true, &err);
        assert_int_equal(n, ahead == 1 ? 5 : 4); /* all that lies there */
        assert_memory_equal(p, "bcdef", (size_t)n);
        assert_int_equal(p == own, ahead == 0);
        assert_int_equal(f.taken, 1 + n);
        f.feed.close(&f.feed);
    }
}

/* ---- a look ahead ---- */

/* A feed by hand: `step` bytes at a time, then `code`. */
typedef struct hand_feed {
    ndr_feed feed;
    size_t left, step;
    int code, reads, closed;
    unsigned char next;
} hand_feed;

static int64_t
hand_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    hand_feed *f = (hand_feed *)feed;
    (void)wait;
    f->reads++;
    size_t n = f->left < f->step ? f->left : f->step;
    n = n < room ? n : room;
    for (size_t i = 0; i < n; i++)
        to[i] = f->next++;
    f->left -= n;
    if (n > 0 || f->code == 0)
        return (int64_t)n;
    return ndr_fail(err, f->code, "by hand");
}

static void
hand_close(ndr_feed *feed)
{
    ((hand_feed *)feed)->closed++;
}

typedef struct peek_row {
    const char *why;
    size_t bytes, step;
    int code; /* what it ends with */
    size_t looks;
} peek_row;

static const peek_row peeks[] = {
    {"nothing looked at", 10, 3, 0, 0},
    {"some", 10, 3, 0, 2},
    {"to the end and beyond", 10, 3, 0, 9},
    {"no bytes", 0, 3, 0, 2},
    {"a failure behind what was looked at", 10, 3, NDR_E_DAMAGED, 9},
    {"a failure not met yet", 10, 3, NDR_E_DAMAGED, 1},
    {"a failure at once", 0, 3, NDR_E_LIMIT, 1},
    {"no more room", 3 * NDR_PEEK_BYTES, 1000, 0, 9},
};

static void
peek_test(void **state)
{
    const peek_row *row = *state;
    ndr_error err = {0};
    hand_feed in = {.feed = {.read = hand_read, .close = hand_close},
                    .left = row->bytes,
                    .step = row->step,
                    .code = row->code};
    ndr_peek *p = ndr_peek_new(&in.feed);
    assert_non_null(p);
    assert_null(p->feed.lend); /* as `in` */
    for (size_t i = 0; i < row->looks; i++) {
        const size_t had = p->have;
        const bool more = ndr_peek_more(p);
        assert_int_equal(more, p->have > had);
        assert_true(p->have <= NDR_PEEK_BYTES);
        if (p->end) {
            const int reads = in.reads;
            assert_false(ndr_peek_more(p)); /* it is not asked again */
            assert_int_equal(in.reads, reads);
        }
    }
    unsigned char to[7], next = 0;
    size_t all = 0;
    int64_t n;
    while ((n = p->feed.read(&p->feed, to, sizeof to, true, &err)) > 0) {
        for (int64_t i = 0; i < n; i++)
            assert_int_equal(to[i], next++);
        all += (size_t)n;
    }
    assert_int_equal(all, row->bytes);
    assert_int_equal(n, row->code);
    if (row->code != 0)
        assert_string_equal(err.text, "by hand"); /* told when the bytes are used up */
    p->feed.close(&p->feed);
    assert_int_equal(in.closed, 1);
}

static void
peek_lend_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_fd_feed f;
    const unsigned char *at = NULL;
    ndr_fd_feed_init(&f, file_of("abcdef", 6), false, NULL);
    ndr_fd_feed_ahead(&f, NULL);
    ndr_peek *p = ndr_peek_new(&f.feed);
    assert_non_null(p);
    assert_true(ndr_peek_more(p));
    assert_read(&p->feed, 2, true, "ab");
    assert_int_equal(ndr_feed_lend(&p->feed, NULL, 0, &at, true, &err), 4);
    assert_memory_equal(at, "cdef", 4);
    assert_int_equal(ndr_feed_lend(&p->feed, NULL, 0, &at, true, &err), 0);
    p->feed.close(&p->feed);
}

int
main(void)
{
    add_test("a file is read to its end, and closed once", file_test);
    add_test("a descriptor that is kept stays open", keep_test);
    ADD_ROWS(planneds, planned_test);
    add_test("its place in the file tells the end, not what was taken", seek_test);
    add_test("what cannot be read", trouble_test);
    ADD_ROWS(pipes, pipe_test);
    add_test("who is to stop does not wait", wake_test);
    add_test("bytes are lent where they lie", lend_test);
    ADD_ROWS(peeks, peek_test);
    add_test("a look ahead lends what it has, then what comes", peek_lend_test);
    return run_added("feed");
}
