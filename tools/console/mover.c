/* SPDX-License-Identifier: BSD-3-Clause */
/* mover.c - who moves mail for the console? */
#define _GNU_SOURCE /* memfd_create, pipe2 */
#include "mover.h"

#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct mover {
    int fd; /* the console's end */
    pid_t pid;
};

/* What goes over the socket, one packet a request; the pipe's end rides along. */
typedef struct packet {
    uint32_t what;
    char words[MOVER_WORDS_BYTES];
} packet;

enum { CHILDREN_MAX = 16, ARGS_MAX = 256 };

/* A command that runs. */
typedef struct child {
    pid_t pid; /* 0: free */
    int out;   /* our end, for the last line */
} child;

bool
mover_is_run(ndr_slice id)
{
    if (id.len == 0 || id.len > 64 || id.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < id.len; i++) {
        const unsigned char c = id.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
            return false;
    }
    return true;
}

/* ---- in the mover --------------------------------------------------------------- */

static volatile sig_atomic_t mover_end;

static void
on_end(int sig)
{
    (void)sig;
    mover_end = 1;
}

/* A window file that has no name and lasts as long as the command. -1: no. */
static int
hold_windows(const char *yaml, size_t n)
{
    const int fd = memfd_create("preview.yaml", 0); /* the command inherits it */
    if (fd >= 0 && !ndr_write_all(fd, (ndr_slice){(const unsigned char *)yaml, n})) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static _Noreturn void
run(const mover_opts *o, const packet *p, size_t words_len, int out)
{
    if (p->what == MOVER_RUNS && access(o->journal, F_OK) != 0 && errno == ENOENT)
        _exit(0); /* nothing was moved yet; the first apply makes it */
    const char *arg[ARGS_MAX];
    char windows_fd[32];
    size_t n = 0;
    const bool applies = p->what == MOVER_PREVIEW || p->what == MOVER_APPLY;
    arg[n++] = o->ndrscan;
    arg[n++] = applies ? "apply" : p->what == MOVER_UNDO ? "undo" : "runs";
    arg[n++] = p->what == MOVER_RUNS ? "--output=jsonl" : "--progress=json";
    if (p->what != MOVER_RUNS && o->as_owner)
        arg[n++] = "--as-owner";
    arg[n++] = "--journal";
    arg[n++] = o->journal;
    if (applies)
        arg[n++] = "--recursive";
    if (p->what != MOVER_RUNS) {
        /* always named: a folder that is gone is an error, never "no windows" */
        arg[n++] = "--windows";
        arg[n++] = o->windows_dir;
    }
    if (p->what == MOVER_PREVIEW) {
        const int fd = hold_windows(p->words, words_len);
        if (fd < 0)
            _exit(75);
        (void)snprintf(windows_fd, sizeof windows_fd, "/proc/self/fd/%d", fd);
        arg[n++] = "--try";
        arg[n++] = windows_fd;
        arg[n++] = "--dry-run";
        arg[n++] = "--output=jsonl";
    }
    arg[n++] = "--";
    if (p->what == MOVER_UNDO)
        arg[n++] = p->words;
    for (size_t i = 0; i < o->mail_count && applies && n < ARGS_MAX - 1; i++)
        arg[n++] = o->mail[i];
    arg[n] = NULL;
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        _exit(75);
    (void)execv(o->ndrscan, (char *const *)(uintptr_t)arg);
    (void)fprintf(stderr, "ndrscan: cannot run '%s': %s\n", o->ndrscan, strerror(errno));
    _exit(75);
}

static void
start(const mover_opts *o, packet *p, size_t len, int out, const sigset_t *open,
      child *children)
{
    const size_t head = offsetof(packet, words);
    child *j = NULL;
    for (size_t i = 0; i < CHILDREN_MAX && j == NULL; i++)
        if (children[i].pid == 0)
            j = &children[i];
    const bool sound =
        len >= head && len < sizeof *p && p->what <= MOVER_RUNS &&
        (p->what != MOVER_UNDO ||
         mover_is_run((ndr_slice){(const unsigned char *)p->words, len - head}));
    const pid_t pid = j != NULL && sound ? fork() : -1;
    if (pid == 0) {
        p->words[len - head] = '\0';
        (void)signal(SIGTERM, SIG_DFL);
        (void)signal(SIGINT, SIG_DFL);
        (void)sigprocmask(SIG_SETMASK, open, NULL);
        run(o, p, len - head, out);
    }
    if (pid < 0) {
        (void)dprintf(out, "ndrscan: too much at once\nexit 75\n");
        (void)close(out);
        return;
    }
    *j = (child){.pid = pid, .out = out};
}

/* One packet with its descriptor. False: the console is gone. */
static bool
take(int fd, const mover_opts *o, const sigset_t *open, child *children)
{
    packet p;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = {&p, sizeof p};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    const ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    const struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (c == NULL || c->cmsg_type != SCM_RIGHTS)
        return true;
    int out;
    memcpy(&out, CMSG_DATA(c), sizeof out);
    start(o, &p, (size_t)n, out, open, children);
    return true;
}

static void
reap(child *children)
{
    for (size_t i = 0; i < CHILDREN_MAX; i++) {
        int how = 0;
        if (children[i].pid == 0 ||
            waitpid(children[i].pid, &how, WNOHANG) != children[i].pid)
            continue;
        const int status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
        (void)dprintf(children[i].out, "exit %d\n", status);
        (void)close(children[i].out);
        children[i].pid = 0;
    }
}

static void
on_child(int sig)
{
    (void)sig; /* wakes the poll */
}

static _Noreturn void
serve(int fd, const mover_opts *o)
{
    static child children[CHILDREN_MAX];
    const struct sigaction end = {.sa_handler = on_end};
    const struct sigaction died = {.sa_handler = on_child};
    sigset_t both;
    sigset_t before;
    (void)prctl(PR_SET_NAME, "ndrscan-mover");
    (void)sigemptyset(&both);
    (void)sigaddset(&both, SIGCHLD);
    (void)sigaddset(&both, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &both, &before);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGCHLD, &died, NULL);
    (void)signal(SIGINT, SIG_IGN); /* the console tells */
    (void)signal(SIGPIPE, SIG_IGN);
    bool open = true;
    while (open && !mover_end) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (ppoll(&wait, 1, NULL, &before) > 0)
            open = take(fd, o, &before, children);
        reap(children);
    }
    for (size_t i = 0; i < CHILDREN_MAX; i++)
        if (children[i].pid != 0 && kill(children[i].pid, SIGTERM) == 0)
            while (waitpid(children[i].pid, NULL, 0) < 0 && errno == EINTR)
                ;
    _exit(0);
}

/* ---- in the console -------------------------------------------------------------- */

int
mover_start(const mover_opts *o, mover **ret, ndr_error *err)
{
    int pair[2];
    mover *m = malloc(sizeof *m);
    if (m == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "out of memory");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        free(m);
        return ndr_fail(err, NDR_E_SYS, "make a pair of sockets");
    }
    m->fd = pair[0];
    m->pid = fork();
    if (m->pid == 0) {
        (void)close(pair[0]);
        serve(pair[1], o);
    }
    (void)close(pair[1]);
    if (m->pid < 0) {
        (void)ndr_fail(err, NDR_E_SYS, "fork");
        (void)close(pair[0]);
        free(m);
        return NDR_E_SYS;
    }
    *ret = m;
    return 0;
}

void
mover_stop(mover *m)
{
    if (m == NULL)
        return;
    (void)close(m->fd); /* it ends by that, whatever rights we still have over it */
    while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(m);
}

int
mover_ask(mover *m, enum mover_what what, ndr_slice words, int *ret_fd, ndr_error *err)
{
    packet p = {.what = what};
    int ends[2];
    if (words.len >= sizeof p.words)
        return ndr_fail(err, NDR_E_LIMIT, "the request is too long");
    if (words.len > 0)
        memcpy(p.words, words.ptr, words.len);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ndr_fail(err, NDR_E_SYS, "make a pipe");
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec iov = {&p, offsetof(packet, words) + words.len};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &ends[1], sizeof(int));
    const ssize_t sent = sendmsg(m->fd, &msg, MSG_NOSIGNAL);
    const int why = errno;
    (void)close(ends[1]);
    if (sent < 0) {
        (void)close(ends[0]);
        errno = why;
        return ndr_fail(err, NDR_E_SYS, "the mover does not answer");
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *ret_fd = ends[0];
    return 0;
}
