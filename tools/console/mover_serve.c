/* SPDX-License-Identifier: BSD-3-Clause */
/* mover_serve.c - what does the mover do with what the console asks for? */
#define _GNU_SOURCE /* ppoll */
#include "mover_packet.h"

#include "ndr_clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A request, and where it answers. */
typedef struct asked {
    mover_order order; /* first: what turns know of */
    int out;
    pid_t pid; /* 0: it waits */
} asked;

typedef struct service {
    const mover_opts *opts;
    ndr_admins_watch *people; /* NULL: the operator alone */
    sigset_t open;            /* the mask of what is started */
    mover_turns turns;
    mover_shown shown;
    int shown_fd; /* -1: gone */
} service;

static volatile sig_atomic_t mover_end;

static void
on_end(int sig)
{
    (void)sig;
    mover_end = 1;
}

static void
on_child(int sig)
{
    (void)sig; /* wakes the poll */
}

static const ndr_admins *
people_now(service *s)
{
    return s->people != NULL ? ndr_admins_now(s->people, ndr_now_ms()) : NULL;
}

/* The last words, and no more. */
static void
answer(int out, const char *words, int status)
{
    (void)dprintf(out, "%sexit %d\n", words, status);
    (void)close(out);
}

static void
begin(service *s, int at)
{
    asked *a = (asked *)s->turns.waiting[at].order;
    const int place = mover_turns_begin(&s->turns, at);
    a->pid = fork();
    if (a->pid == 0) {
        /* a change is done whole: its history is written before it */
        const bool whole = mover_switches(a->order.what);
        (void)signal(SIGTERM, whole ? SIG_IGN : SIG_DFL);
        (void)signal(SIGINT, whole ? SIG_IGN : SIG_DFL);
        (void)signal(SIGCHLD, SIG_DFL);
        (void)sigprocmask(SIG_SETMASK, &s->open, NULL);
        if (whole)
            mover_switch(s->opts, &a->order, s->people, a->out);
        mover_job(s->opts, &a->order, s->people, a->out);
    }
    if (a->pid > 0)
        return;
    answer(a->out, MOVER_TOO_MUCH, 75);
    mover_turns_end(&s->turns.running[place]);
    free(a);
}

static void
begin_all(service *s)
{
    int at;
    while ((at = mover_turns_next(&s->turns)) >= 0)
        begin(s, at);
}

/* The operator, or a person, who has shown that they are; or it is nobody's wish. */
static bool
is_there(const service *s, const mover_order *o, const ndr_admins *people)
{
    const ndr_admin *who =
        o->person[0] != '\0' ? ndr_admins_find(people, o->person) : NULL;
    return o->what == MOVER_SETTLE || mover_shown_by(&s->shown, who, ndr_now_ms());
}

/* Where no mail was named there is none to move. */
static bool
is_possible(const service *s, const mover_order *o)
{
    return s->opts->mail_count > 0 || o->what == MOVER_RUNS || mover_switches(o->what);
}

/* All that was shown by now: it is sent before the console learns of it. */
static void
take_shown(service *s)
{
    unsigned char hash[NDR_ADMIN_HASH_BYTES];
    ssize_t n = -1;
    while (s->shown_fd >= 0 &&
           (n = recv(s->shown_fd, hash, sizeof hash, MSG_DONTWAIT)) > 0)
        mover_shown_take(&s->shown, (ndr_slice){hash, (size_t)n}, ndr_now_ms());
    if (s->shown_fd >= 0 && n == 0) {
        (void)close(s->shown_fd); /* nobody compares passwords any more */
        s->shown_fd = -1;
    }
}

static void
take_packet(service *s, const mover_packet *p, size_t n, int out)
{
    asked *a = malloc(sizeof *a);
    if (a == NULL) {
        answer(out, MOVER_TOO_MUCH, 75);
        return;
    }
    const ndr_admins *people = people_now(s);
    if (s->opts->mailboxes != NULL) /* what forks from us knows what we know */
        (void)ndr_mailboxes_now(s->opts->mailboxes, ndr_now_ms());
    if (!mover_admit(p, n, people, &a->order) || !is_there(s, &a->order, people) ||
        !is_possible(s, &a->order)) {
        answer(out, MOVER_REFUSED, 77);
        free(a);
        return;
    }
    a->out = out;
    a->pid = 0;
    if (mover_turns_add(&s->turns, &a->order) < 0) {
        answer(out, MOVER_TOO_MUCH, 75);
        free(a);
    }
}

/* The first descriptor that came along; others are closed. -1: none. */
static int
take_fd(struct msghdr *msg)
{
    int out = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len;
             at += sizeof(int)) {
            int fd;
            memcpy(&fd, (const unsigned char *)c + at, sizeof fd);
            if (out < 0)
                out = fd;
            else
                (void)close(fd);
        }
    }
    return out;
}

/* One packet with its descriptor. False: the console is gone. */
static bool
take(service *s, int fd)
{
    mover_packet p;
    union {
        char bytes[CMSG_SPACE(8 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = {&p, sizeof p};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    const ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EINTR;
    const int out = take_fd(&msg);
    if (n == 0 && out < 0)
        return false;
    if (out >= 0)
        take_packet(s, &p, (size_t)n, out);
    return true;
}

static void
reap(service *s)
{
    for (size_t i = 0; i < TURNS_RUNNING; i++) {
        asked *a = (asked *)s->turns.running[i].order;
        int how = 0;
        if (a == NULL || waitpid(a->pid, &how, WNOHANG) != a->pid)
            continue;
        answer(a->out, "", WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how));
        mover_turns_end(&s->turns.running[i]);
        free(a);
    }
}

/* What waits is given up; what runs is asked to stop and waited for. */
static void
end_all(service *s)
{
    for (size_t i = 0; i < TURNS_RUNNING; i++) {
        const asked *a = (const asked *)s->turns.running[i].order;
        if (a != NULL && kill(a->pid, SIGTERM) == 0)
            while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
                ;
    }
}

static void
take_signals(sigset_t *before)
{
    const struct sigaction end = {.sa_handler = on_end};
    const struct sigaction died = {.sa_handler = on_child};
    sigset_t both;
    (void)sigemptyset(&both);
    (void)sigaddset(&both, SIGCHLD);
    (void)sigaddset(&both, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &both, before);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGCHLD, &died, NULL);
    (void)signal(SIGINT, SIG_IGN); /* the console tells */
    (void)signal(SIGPIPE, SIG_IGN);
}

_Noreturn void
mover_serve(int fd, int shown, const mover_opts *o)
{
    static service s;
    ndr_error err = {0};
    s.opts = o;
    s.shown_fd = shown;
    (void)prctl(PR_SET_NAME, "ndrscan-mover");
    take_signals(&s.open);
    if (o->admins != NULL &&
        ndr_admins_watch_begin(o->admins, NULL, NULL, &s.people, &err) != 0)
        (void)fprintf(stderr, "ndrscan: the mover lets nobody in: %s\n", err.text);
    bool open = true;
    while (open && !mover_end) {
        struct pollfd wait[2] = {{.fd = fd, .events = POLLIN},
                                 {.fd = s.shown_fd, .events = POLLIN}};
        const bool woken = ppoll(wait, 2, NULL, &s.open) > 0;
        take_shown(&s);
        if (woken && wait[0].revents != 0)
            open = take(&s, fd);
        reap(&s);
        begin_all(&s);
    }
    end_all(&s);
    _exit(0);
}
