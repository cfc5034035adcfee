/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve.c - how do rules that stay loaded answer many short-lived clients?
 *
 * One thread reads what clients ask (connections.h), a few workers answer, each a whole
 * question at a time: nobody who is slow to ask keeps a worker waiting.
 */
#include "serve.h"

#include "app/diag.h"
#include "connections.h"
#include "ndr_clock.h"
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
#include <sysexits.h>
#include <unistd.h>

enum {
    ANSWER_MS = 2000, /* it fits into what the kernel holds for a client */
    BACKLOG = 512,
    TICK_MS = 2000, /* counts are written that often */
};

typedef struct server {
    policies *policies;
    const serve_opts *opts;
    connections *connections;
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

/* A worker's; its buffers serve the next question again. */
typedef struct turn {
    const server *server;
    policy_scanner scanner;
    ndr_buffer text;
    const char *recipient[WIRE_RECIPIENTS];
    size_t recipients;
} turn;

static int
take_recipients(turn *t, ndr_slice names, ndr_error *err)
{
    t->recipients = 0;
    for (size_t at = 0; at < names.len;) {
        const char *name = (const char *)names.ptr + at;
        const size_t n = strnlen(name, names.len - at);
        if (at + n == names.len || t->recipients == WIRE_RECIPIENTS)
            return ndr_fail(err, NDR_E_SYNTAX, "recipients: not so many, and a NUL each");
        t->recipient[t->recipients++] = name;
        at += n + 1;
    }
    return 0;
}

/* Judge it: the status, and words in t->text. */
static int
judge_question(turn *t, const connection *asks, ndr_error *err)
{
    const wire_question *q = &asks->q;
    ndr_message m = {.raw = asks->message,
                     .envelope = asks->envelope,
                     .source = "-",
                     .length = q->message_bytes,
                     .framed = NDR_TIME_UNKNOWN,
                     .file_time = NDR_TIME_UNKNOWN};
    if (m.envelope.len > 0)
        m.framed = ndr_postmark_parse(m.envelope);
    if ((q->flags & WIRE_TRUNCATED) != 0 || asks->message.len < q->message_bytes)
        m.flags |= NDR_MSG_TRUNCATED;
    ndr_verdict v;
    const int code = policy_scanner_scan(&t->scanner, &m, t->recipient, t->recipients,
                                         NULL, NULL, &v, err);
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
answer(turn *t, const connection *asks)
{
    const int64_t deadline = ndr_now_ms() + ANSWER_MS;
    ndr_error err = {0};
    ndr_buffer_clear(&t->text);
    int code = asks->odd ? ndr_fail(&err, NDR_E_SYNTAX, "not a question of this version")
                         : take_recipients(t, asks->names, &err);
    int status = code == 0 ? judge_question(t, asks, &err) : EX_PROTOCOL;
    if (t->text.failed) {
        ndr_buffer_clear(&t->text);
        status = EX_TEMPFAIL;
    } else if (status > 1) {
        ndr_buffer_text(&t->text, err.text);
    }
    unsigned char head[WIRE_ANSWER_BYTES];
    wire_put_answer(&(wire_answer){(unsigned char)status, (uint32_t)t->text.len}, head);
    /* who does not wait for the answer has to ask again */
    if (wire_send(asks->fd, head, sizeof head, deadline, NULL) == 0)
        (void)wire_send(asks->fd, t->text.ptr, t->text.len, deadline, NULL);
}

static void *
work(void *arg)
{
    const server *s = arg;
    turn t = {.server = s, .scanner = {.policies = s->policies}};
    connection *asks;
    while ((asks = connections_take(s->connections)) != NULL) {
        answer(&t, asks);
        connections_done(s->connections, asks);
    }
    policy_scanner_done(&t.scanner);
    ndr_buffer_free(&t.text);
    return NULL;
}

static void *
read_all(void *arg)
{
    connections_read(arg);
    return NULL;
}

/* ---- the socket ------------------------------------------------------------------ */

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
    const bool lives = wire_address(path, &at) &&
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
    if (n < 0 || (size_t)n >= sizeof fresh || !wire_address(fresh, &at))
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

/* Remove the socket, unless another stands in its place. */
static void
close_socket(const serve_opts *o, int listener, const struct stat *made)
{
    struct stat now;
    if (listener < 0)
        return;
    if (lstat(o->path, &now) == 0 && now.st_dev == made->st_dev &&
        now.st_ino == made->st_ino)
        (void)unlink(o->path); /* a dead one would be replaced as well */
    (void)close(listener);
}

/* Start the threads, the reading one last: *ret_started; 0 or an ndr_code. */
static int
start(server *s, pthread_t *thread, unsigned *ret_started, ndr_error *err)
{
    const unsigned workers = s->opts->threads;
    *ret_started = 0;
    for (unsigned i = 0; i <= workers; i++) {
        errno = i < workers ? pthread_create(&thread[i], NULL, work, s)
                            : pthread_create(&thread[i], NULL, read_all, s->connections);
        if (errno != 0)
            return ndr_fail(err, NDR_E_SYS, "start a thread");
        ++*ret_started;
    }
    return 0;
}

/* Answer at the socket until it is to stop. */
static int
answer_all(server *s, int listener, ndr_error *err)
{
    const serve_opts *o = s->opts;
    unsigned started = 0;
    pthread_t *thread = calloc((size_t)o->threads + 1, sizeof *thread);
    if (thread == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for %u workers", o->threads);
    int code = connections_new(listener, stop_fd, o->threads,
                               o->message_limit_bytes > 0 ? o->message_limit_bytes
                                                          : (size_t)NDR_MESSAGE_BYTES,
                               &s->connections, err);
    if (code == 0)
        code = start(s, thread, &started, err);
    if (code == 0)
        diag("answering at %s", o->path);
    else
        on_stop(0);
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    while (code == 0 && o->stats != NULL && poll(&stop, 1, TICK_MS) <= 0)
        stats_tick(o->stats);
    if (started > 0 && started <= o->threads)
        connections_read(
            s->connections); /* which ends at once, and the workers with it */
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    connections_free(s->connections);
    free(thread);
    return code;
}

int
serve(policies *j, const serve_opts *o, ndr_error *err)
{
    server s = {.policies = j, .opts = o};
    struct stat made;
    int listener = -1;
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return ndr_fail(err, NDR_E_SYS, "eventfd");
    struct sigaction sa = {.sa_handler = on_stop};
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(SIGTERM, &sa, NULL);
    (void)sigaction(SIGINT, &sa, NULL);
    int code = open_socket(o, &listener, &made, err);
    if (code == 0)
        code = answer_all(&s, listener, err);
    close_socket(o, listener, &made);
    (void)close(stop_fd);
    return code;
}
