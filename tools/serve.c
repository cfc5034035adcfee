/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve.c - how do rules that stay loaded answer many short-lived clients?
 *
 * A few workers, each with a connection at a time, all waiting at one socket: what more
 * there is waits in the kernel's queue. A client has its message before it connects, so
 * one that keeps a worker waiting is none of ours, and is cut off.
 */
#define _GNU_SOURCE /* accept4 */
#include "serve.h"

#include "say.h"
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    DEADLINE_MS = 30000, /* of one question and its answer */
    BACKLOG = 512,
    TICK_MS = 2000,       /* counts are written that often */
    KEEP_BYTES = 4 << 20, /* one large message does not hold its memory for good */
};

typedef struct server {
    judge *judge;
    const serve_opts *opts;
    int listener;
    size_t limit;
} server;

static int stop_fd = -1; /* readable from the first signal on */

static void
on_stop(int number)
{
    const int saved = errno;
    const uint64_t one = 1;
    (void)number;
    if (write(stop_fd, &one, sizeof one) < 0)
        _exit(EX_TEMPFAIL);
    errno = saved;
}

/* ---- one question --------------------------------------------------------------- */

/* A question under way; its buffers serve the next one again. */
typedef struct turn {
    const server *server;
    seat seat;
    wire_question q;
    ndr_buffer names, envelope, message, text;
    const char *recipient[1000]; /* as many as a mail server sends at once */
    size_t recipients;
} turn;

/* `n` bytes into `to`, emptied before. */
static int
receive(int fd, ndr_buffer *to, size_t n, int64_t deadline, ndr_error *err)
{
    ndr_buffer_clear(to);
    if (!ndr_buffer_reserve(to, n + 1))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    const int code = wire_receive(fd, to->ptr, n, deadline, err);
    if (code == 0)
        to->len = n;
    return code;
}

/* What is beyond the limit is taken from the wire and not looked at. */
static int
drain(int fd, uint64_t n, int64_t deadline, ndr_error *err)
{
    unsigned char waste[1 << 14];
    int code = 0;
    while (code == 0 && n > 0) {
        const size_t some = n < sizeof waste ? (size_t)n : sizeof waste;
        code = wire_receive(fd, waste, some, deadline, err);
        n -= some;
    }
    return code;
}

static int
take_recipients(turn *t, ndr_error *err)
{
    const size_t most = sizeof t->recipient / sizeof t->recipient[0];
    t->recipients = 0;
    for (size_t at = 0; at < t->names.len;) {
        const char *name = (const char *)t->names.ptr + at;
        const size_t n = strnlen(name, t->names.len - at);
        if (at + n == t->names.len || t->recipients == most)
            return ndr_fail(err, NDR_E_SYNTAX, "recipients: not so many, and a NUL each");
        t->recipient[t->recipients++] = name;
        at += n + 1;
    }
    return 0;
}

static int
take_question(turn *t, int fd, int64_t deadline, ndr_error *err)
{
    unsigned char head[WIRE_QUESTION_BYTES];
    int code = wire_receive(fd, head, sizeof head, deadline, err);
    if (code != 0)
        return code;
    if (!wire_get_question(head, &t->q))
        return ndr_fail(err, NDR_E_SYNTAX, "not a question of this version");
    const size_t limit = t->server->limit;
    const size_t kept = t->q.message_bytes < limit ? (size_t)t->q.message_bytes : limit;
    code = receive(fd, &t->names, t->q.recipient_bytes, deadline, err);
    if (code == 0)
        code = receive(fd, &t->envelope, t->q.envelope_bytes, deadline, err);
    if (code == 0)
        code = receive(fd, &t->message, kept, deadline, err);
    if (code == 0)
        code = drain(fd, t->q.message_bytes - kept, deadline, err);
    return code == 0 ? take_recipients(t, err) : code;
}

/* Judge it: the status, and words in t->text. */
static int
judge_question(turn *t, ndr_error *err)
{
    const wire_question *q = &t->q;
    ndr_message m = {.raw = {t->message.ptr, t->message.len},
                     .envelope = {t->envelope.ptr, t->envelope.len},
                     .source = "-",
                     .length = q->message_bytes,
                     .framed = NDR_TIME_UNKNOWN,
                     .file_time = NDR_TIME_UNKNOWN};
    if (m.envelope.len > 0)
        m.framed = ndr_postmark_parse(m.envelope);
    if ((q->flags & WIRE_TRUNCATED) != 0 || t->message.len < q->message_bytes)
        m.flags |= NDR_MSG_TRUNCATED;
    ndr_verdict v;
    const int code =
        seat_scan(&t->seat, &m, t->recipient, t->recipients, NULL, NULL, &v, err);
    if (code != 0)
        return code == NDR_E_NOMEM ? EX_TEMPFAIL : EX_SOFTWARE;
    if (t->server->opts->stats != NULL) /* an answer does not wait for its count */
        (void)stats_look(t->server->opts->stats, 0, &m, &v, NULL);
    if (q->verb == WIRE_FILTER)
        ndr_stamp_fields(&v, NDR_VERSION, q->how, &t->text);
    else
        ndr_stamp_status(&v, NDR_VERSION, &t->text);
    return q->verb == WIRE_CHECK && v.decision == NDR_JUNK ? 1 : EX_OK;
}

static void
answer(turn *t, int fd)
{
    const int64_t deadline = wire_now() + DEADLINE_MS;
    ndr_error err = {0};
    ndr_buffer_clear(&t->text);
    int code = take_question(t, fd, deadline, &err);
    if (code == NDR_E_SYS || code == NDR_E_DAMAGED)
        return; /* nobody is there to be answered */
    int status = code == 0              ? judge_question(t, &err)
                 : code == NDR_E_SYNTAX ? EX_PROTOCOL
                                        : EX_TEMPFAIL;
    if (t->text.failed) {
        ndr_buffer_clear(&t->text);
        status = EX_TEMPFAIL;
    } else if (status > 1) {
        ndr_buffer_text(&t->text, err.text);
    }
    unsigned char head[WIRE_ANSWER_BYTES];
    wire_put_answer(&(wire_answer){(unsigned char)status, (uint32_t)t->text.len}, head);
    /* who does not wait for the answer has to ask again */
    if (wire_send(fd, head, sizeof head, deadline, NULL) == 0)
        (void)wire_send(fd, t->text.ptr, t->text.len, deadline, NULL);
    if (t->message.cap > KEEP_BYTES)
        ndr_buffer_free(&t->message);
}

static void *
work(void *arg)
{
    const server *s = arg;
    turn t = {.server = s, .seat = {.judge = s->judge}};
    for (;;) {
        struct pollfd p[2] = {{.fd = s->listener, .events = POLLIN},
                              {.fd = stop_fd, .events = POLLIN}};
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            break;
        if (p[1].revents != 0)
            break;
        if (p[0].revents == 0)
            continue;
        const int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            /* another worker was faster; or there are no descriptors for a while */
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
                (void)poll(&p[1], 1, 100);
            continue;
        }
        answer(&t, fd);
        (void)close(fd); /* what was to be said was sent */
    }
    seat_leave(&t.seat);
    ndr_buffer_free(&t.names);
    ndr_buffer_free(&t.envelope);
    ndr_buffer_free(&t.message);
    ndr_buffer_free(&t.text);
    return NULL;
}

/* ---- the socket ------------------------------------------------------------------ */

static bool
address_of(const char *path, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret->sun_path)
        return false;
    memcpy(ret->sun_path, path, strlen(path));
    return true;
}

/* 0 when nobody answers at `path`, and what lies there may be replaced. */
static int
check_place(const char *path, ndr_error *err)
{
    struct stat st;
    struct sockaddr_un at;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : ndr_fail(err, NDR_E_SYS, "%s", path);
    if (!S_ISSOCK(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "%s: is there and is no socket", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "socket");
    const bool lives = address_of(path, &at) &&
                       (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 ||
                        errno != ECONNREFUSED);
    (void)close(fd); /* was only to ask */
    return lives ? ndr_fail(err, NDR_E_LIMIT, "%s: a server answers there already", path)
                 : 0;
}

/* Listen at `path`: it appears there with its permissions, in place of a dead one. */
static int
open_socket(const serve_opts *o, int *ret, struct stat *made, ndr_error *err)
{
    struct sockaddr_un at;
    char fresh[sizeof at.sun_path + 32];
    const int n = snprintf(fresh, sizeof fresh, "%s.%ld", o->path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof fresh || !address_of(fresh, &at))
        return ndr_fail(err, NDR_E_LIMIT,
                        "the path of the socket is too long; 90 bytes are allowed");
    int code = check_place(o->path, err);
    if (code != 0)
        return code;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "socket");
    (void)unlink(fresh);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        code = ndr_fail(err, NDR_E_SYS, "%s: cannot be made", o->path);
    } else if (chmod(fresh, o->mode) != 0 || listen(fd, BACKLOG) != 0 ||
               lstat(fresh, made) != 0 || rename(fresh, o->path) != 0) {
        code = ndr_fail(err, NDR_E_SYS, "%s: cannot be made", o->path);
        (void)unlink(fresh);
    }
    if (code != 0)
        (void)close(fd);
    *ret = code == 0 ? fd : -1;
    return code;
}

int
serve(judge *j, const serve_opts *o, ndr_error *err)
{
    server s = {.judge = j,
                .opts = o,
                .limit = o->message_limit_bytes > 0 ? o->message_limit_bytes
                                                    : (size_t)NDR_MESSAGE_BYTES};
    struct stat made, now;
    pthread_t *thread = calloc(o->threads, sizeof *thread);
    unsigned started = 0;
    if (thread == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for %u workers", o->threads);
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0) {
        free(thread);
        return ndr_fail(err, NDR_E_SYS, "eventfd");
    }
    struct sigaction sa = {.sa_handler = on_stop};
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(SIGTERM, &sa, NULL);
    (void)sigaction(SIGINT, &sa, NULL);
    int code = open_socket(o, &s.listener, &made, err);
    while (code == 0 && started < o->threads) {
        errno = pthread_create(&thread[started], NULL, work, &s);
        if (errno != 0)
            code = ndr_fail(err, NDR_E_SYS, "start a thread");
        else
            started++;
    }
    if (code == 0)
        say("answering at %s", o->path);
    else if (started > 0)
        on_stop(0);
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    while (code == 0 && o->stats != NULL && poll(&stop, 1, TICK_MS) <= 0)
        stats_tick(o->stats);
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    if (s.listener >= 0 && lstat(o->path, &now) == 0 && now.st_dev == made.st_dev &&
        now.st_ino == made.st_ino)
        (void)unlink(o->path); /* a dead one would be replaced as well */
    if (s.listener >= 0)
        (void)close(s.listener);
    (void)close(stop_fd);
    free(thread);
    return code;
}
