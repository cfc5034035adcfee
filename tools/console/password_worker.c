/* SPDX-License-Identifier: BSD-3-Clause */
/* password_worker.c - who compares passwords with their hashes, and tokens? */
#define _GNU_SOURCE /* ppoll, explicit_bzero */
#include "password_worker.h"

#include "app/confine.h"
#include "password_hash.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One packet to the worker. */
typedef struct question {
    uint64_t ticket;
    char hash[PASSWORD_HASH_BYTES], password[PASSWORD_BYTES + 1];
} question;

enum outcome { WRONG, RIGHT, FAILED };

/* How a child ends whose password is right: as nothing ends that went wrong. */
enum { EXIT_RIGHT = 42 };

/* And back. */
typedef struct reply {
    uint64_t ticket;
    uint32_t outcome;
} reply;

struct password_worker {
    int fd;       /* -1: gone */
    int token_fd; /* a token goes there, and a byte comes back */
    pid_t pid;
    uint64_t hashes;
    uint64_t under_way[WORKER_AT_ONCE];
    size_t running;
    question waiting[WORKER_QUEUE]; /* a ring */
    size_t first, count;
};

/* ---- in the worker ----------------------------------------------------------------- */

typedef struct hashing {
    pid_t pid; /* 0: free */
    uint64_t ticket;
    char hash[PASSWORD_HASH_BYTES];
} hashing;

static void
on_child(int sig)
{
    (void)sig; /* wakes the poll */
}

static void
send_reply(int fd, uint64_t ticket, enum outcome outcome)
{
    const reply r = {ticket, outcome};
    (void)send(fd, &r, sizeof r, MSG_NOSIGNAL); /* who is gone needs no answer */
}

/* One question. False: the console is gone. */
static bool
take(int fd, hashing *all)
{
    static question q;
    hashing *h = NULL;
    const ssize_t n = recv(fd, &q, sizeof q, 0);
    if (n != (ssize_t)sizeof q)
        return n < 0 && errno == EINTR;
    for (size_t i = 0; i < WORKER_AT_ONCE; i++)
        if (all[i].pid == 0)
            h = &all[i];
    const pid_t pid = h != NULL ? fork() : -1;
    if (pid == 0)
        _exit(password_is(q.password, q.hash) ? EXIT_RIGHT : 0);
    explicit_bzero(&q.password, sizeof q.password);
    if (pid < 0)
        send_reply(fd, q.ticket, FAILED);
    else
        *h = (hashing){.pid = pid, .ticket = q.ticket};
    if (pid > 0)
        memcpy(h->hash, q.hash, sizeof h->hash);
    return true;
}

/* Tell who has to know it from us, in front of the console. */
static void
tell_shown(int shown, const char *what)
{
    if (shown >= 0)
        (void)send(shown, what, strlen(what), MSG_NOSIGNAL); /* it may have ended */
}

/* One that may be the token. False: the console is gone. */
static bool
take_token(int fd, int shown, const secret token)
{
    secret asked;
    const ssize_t n = recv(fd, asked, sizeof asked, 0);
    if (n != (ssize_t)sizeof asked)
        return n < 0 && errno == EINTR;
    asked[SECRET_CHARS] = '\0';
    const unsigned char good = secret_equal(asked, token);
    explicit_bzero(asked, sizeof asked);
    if (good)
        tell_shown(shown, WORKER_TOKEN);
    (void)send(fd, &good, 1, MSG_NOSIGNAL); /* who is gone needs no answer */
    return true;
}

static void
reap(int fd, int shown, hashing *all)
{
    for (size_t i = 0; i < WORKER_AT_ONCE; i++) {
        int how = 0;
        if (all[i].pid == 0 || waitpid(all[i].pid, &how, WNOHANG) != all[i].pid)
            continue;
        const int status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
        /* the console chose what it was compared with: a hash says whose */
        if (status == EXIT_RIGHT && all[i].hash[0] == '$')
            tell_shown(shown, all[i].hash);
        send_reply(fd, all[i].ticket,
                   status == EXIT_RIGHT ? RIGHT
                   : status == 0        ? WRONG
                                        : FAILED);
        all[i].pid = 0;
    }
}

static _Noreturn void
serve(int fd, int token_fd, int shown, const secret token)
{
    const struct sigaction died = {.sa_handler = on_child};
    const struct rlimit none = {0, 0};
    hashing all[WORKER_AT_ONCE] = {{0}};
    sigset_t blocked;
    sigset_t open;
    (void)prctl(PR_SET_NAME, "ndrscan-passwd");
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    if (!confine_to(NULL, 0))
        _exit(1);
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &blocked, &open);
    (void)sigdelset(&open, SIGCHLD);
    (void)sigaction(SIGCHLD, &died, NULL);
    /* the console tells, by its end of the socket */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    bool more = true;
    while (more) {
        struct pollfd wait[2] = {{.fd = token_fd, .events = POLLIN},
                                 {.fd = fd, .events = POLLIN}};
        const bool woken = ppoll(wait, 2, NULL, &open) > 0;
        if (woken && wait[0].revents != 0)
            more = take_token(token_fd, shown, token);
        if (woken && wait[1].revents != 0)
            more = take(fd, all) && more;
        reap(fd, shown, all);
    }
    _exit(0);
}

/* ---- in the console ---------------------------------------------------------------- */

/* A pair for passwords and one for tokens. */
static bool
make_pairs(int pair[2], int tokens[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, tokens) == 0)
        return true;
    (void)close(pair[0]);
    (void)close(pair[1]);
    return false;
}

int
worker_start(int shown, const secret token, password_worker **ret, ndr_error *err)
{
    int pair[2], tokens[2];
    password_worker *w = calloc(1, sizeof *w);
    if (w == NULL || !make_pairs(pair, tokens)) {
        (void)(w != NULL ? ndr_fail(err, NDR_E_SYS, "make a pair of sockets")
                         : ndr_fail(err, NDR_E_NOMEM, "out of memory"));
        if (shown >= 0)
            (void)close(shown);
        const int rc = w != NULL ? NDR_E_SYS : NDR_E_NOMEM;
        free(w);
        return rc;
    }
    w->fd = pair[0];
    w->token_fd = tokens[0];
    w->pid = fork();
    if (w->pid == 0) {
        (void)close(pair[0]);
        (void)close(tokens[0]);
        serve(pair[1], tokens[1], shown, token);
    }
    (void)close(pair[1]);
    (void)close(tokens[1]);
    if (shown >= 0)
        (void)close(shown); /* the console itself cannot say so */
    if (w->pid < 0) {
        (void)ndr_fail(err, NDR_E_SYS, "fork");
        (void)close(pair[0]);
        (void)close(tokens[0]);
        free(w);
        return NDR_E_SYS;
    }
    *ret = w;
    return 0;
}

void
worker_stop(password_worker *w)
{
    if (w == NULL)
        return;
    if (w->fd >= 0)
        (void)close(w->fd); /* it ends by that */
    (void)close(w->token_fd);
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    explicit_bzero(w, sizeof *w);
    free(w);
}

/* Give it as much as it works on at once. */
static void
feed(password_worker *w)
{
    while (w->fd >= 0 && w->count > 0 && w->running < WORKER_AT_ONCE) {
        question *q = &w->waiting[w->first];
        if (send(w->fd, q, sizeof *q, MSG_NOSIGNAL) != (ssize_t)sizeof *q)
            return; /* it is gone, which the poll tells */
        w->under_way[w->running++] = q->ticket;
        w->hashes++;
        explicit_bzero(q, sizeof *q);
        w->first = (w->first + 1) % WORKER_QUEUE;
        w->count--;
    }
}

bool
worker_ask(password_worker *w, uint64_t ticket, const char *hash, const char *password)
{
    const size_t h = strlen(hash), p = strlen(password);
    if (w->fd < 0 || w->count == WORKER_QUEUE || h >= PASSWORD_HASH_BYTES ||
        p > PASSWORD_BYTES)
        return false;
    question *q = &w->waiting[(w->first + w->count) % WORKER_QUEUE];
    q->ticket = ticket;
    memcpy(q->hash, hash, h + 1);
    memcpy(q->password, password, p + 1);
    w->count++;
    feed(w);
    return true;
}

bool
worker_is_token(const password_worker *w, const char *text)
{
    secret asked = "";
    unsigned char good = 0;
    ssize_t n;
    if (strlen(text) != SECRET_CHARS) /* of which length one is, everybody knows */
        return false;
    memcpy(asked, text, SECRET_CHARS);
    n = send(w->token_fd, asked, sizeof asked, MSG_NOSIGNAL);
    explicit_bzero(asked, sizeof asked);
    while (n > 0 && (n = recv(w->token_fd, &good, 1, 0)) < 0 && errno == EINTR)
        n = 1;
    return n == 1 && good == 1;
}

struct pollfd
worker_poll(const password_worker *w)
{
    return (struct pollfd){.fd = w->fd, .events = POLLIN};
}

static bool
end_one(password_worker *w, uint64_t ticket)
{
    for (size_t i = 0; i < w->running; i++)
        if (w->under_way[i] == ticket) {
            w->under_way[i] = w->under_way[--w->running];
            return true;
        }
    return false;
}

void
worker_run(password_worker *w,
           void (*answer)(void *ctx, uint64_t ticket, bool good, bool failed), void *ctx)
{
    reply r;
    ssize_t n = 0;
    while (w->fd >= 0 && (n = recv(w->fd, &r, sizeof r, MSG_DONTWAIT)) == sizeof r) {
        if (end_one(w, r.ticket))
            answer(ctx, r.ticket, r.outcome == RIGHT, r.outcome == FAILED);
        feed(w);
    }
    if (w->fd < 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    (void)close(w->fd); /* it died: nobody gets in by a password from here on */
    w->fd = -1;
    while (w->running > 0)
        answer(ctx, w->under_way[--w->running], false, true);
    for (; w->count > 0; w->count--) {
        answer(ctx, w->waiting[w->first].ticket, false, true);
        w->first = (w->first + 1) % WORKER_QUEUE;
    }
}

uint64_t
worker_hashes(const password_worker *w)
{
    return w->hashes;
}
