/* SPDX-License-Identifier: BSD-3-Clause */
/* mover.c - how does the console ask the mover? */
#define _GNU_SOURCE /* pipe2 */
#include "mover_packet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct mover {
    int fd;    /* the console's end */
    int shown; /* of the process that compares passwords, until it has it; else -1 */
    pid_t pid;
};

int
mover_start(const mover_opts *o, mover **ret, ndr_error *err)
{
    int pair[2], shown[2];
    mover *m = malloc(sizeof *m);
    if (m == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "out of memory");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        free(m);
        return ndr_fail(err, NDR_E_SYS, "make a pair of sockets");
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, shown) != 0) {
        (void)ndr_fail(err, NDR_E_SYS, "make a pair of sockets");
        (void)close(pair[0]);
        (void)close(pair[1]);
        free(m);
        return NDR_E_SYS;
    }
    m->fd = pair[0];
    m->shown = shown[0];
    m->pid = fork();
    if (m->pid == 0) {
        (void)close(pair[0]);
        (void)close(shown[0]);
        mover_serve(pair[1], shown[1], o);
    }
    (void)close(pair[1]);
    (void)close(shown[1]);
    if (m->pid < 0) {
        (void)ndr_fail(err, NDR_E_SYS, "fork");
        (void)close(pair[0]);
        (void)close(shown[0]);
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
    if (m->shown >= 0)
        (void)close(m->shown);
    while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(m);
}

int
mover_shown_fd(mover *m)
{
    const int fd = m != NULL ? m->shown : -1;
    if (m != NULL)
        m->shown = -1;
    return fd;
}

/* False: it does not fit. */
static bool
put(char *to, size_t size, const char *text)
{
    const size_t n = text != NULL ? strlen(text) : 0;
    if (n >= size)
        return false;
    if (n > 0)
        memcpy(to, text, n);
    to[n] = '\0';
    return true;
}

static int
make_packet(mover_packet *p, enum mover_what what, const mover_for *whose,
            ndr_slice words, ndr_error *err)
{
    *p = (mover_packet){
        .what = what, .below = whose->below, .generation = whose->generation};
    if (!put(p->person, sizeof p->person, whose->person) ||
        !put(p->domain, sizeof p->domain, whose->domain) ||
        !put(p->way, sizeof p->way, whose->way) ||
        !put(p->peer, sizeof p->peer, whose->peer) ||
        !put(p->address, sizeof p->address, whose->address) ||
        words.len >= sizeof p->words)
        return ndr_fail(err, NDR_E_LIMIT, "the request is too long");
    if (words.len > 0)
        memcpy(p->words, words.ptr, words.len);
    return 0;
}

int
mover_ask(mover *m, enum mover_what what, const mover_for *whose, ndr_slice words,
          int *ret_fd, ndr_error *err)
{
    mover_packet p;
    int ends[2];
    const int rc = make_packet(&p, what, whose, words, err);
    if (rc != 0)
        return rc;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ndr_fail(err, NDR_E_SYS, "make a pipe");
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec iov = {&p, MOVER_PACKET_HEAD + words.len};
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
