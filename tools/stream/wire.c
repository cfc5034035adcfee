/* SPDX-License-Identifier: BSD-3-Clause */
/* wire.c - see wire.h. */
#include "wire.h"

#include "ndr_clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static const unsigned char magic[4] = {'N', 'D', 'R', '1'};

static void
put_number(unsigned char *to, uint64_t v, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--, v >>= 8)
        to[i - 1] = (unsigned char)(v & 0xff);
}

static uint64_t
get_number(const unsigned char *from, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | from[i];
    return v;
}

void
wire_put_question(const wire_question *q, unsigned char to[WIRE_QUESTION_BYTES])
{
    memcpy(to, magic, sizeof magic);
    to[4] = q->verb;
    to[5] = q->how;
    to[6] = q->flags;
    to[7] = 0;
    put_number(to + 8, q->recipient_bytes, 4);
    put_number(to + 12, q->envelope_bytes, 4);
    put_number(to + 16, q->message_bytes, 8);
}

bool
wire_get_question(const unsigned char from[WIRE_QUESTION_BYTES], wire_question *q)
{
    *q = (wire_question){.verb = from[4],
                         .how = from[5],
                         .flags = from[6],
                         .recipient_bytes = (uint32_t)get_number(from + 8, 4),
                         .envelope_bytes = (uint32_t)get_number(from + 12, 4),
                         .message_bytes = get_number(from + 16, 8)};
    return memcmp(from, magic, sizeof magic) == 0 &&
           (q->verb == WIRE_FILTER || q->verb == WIRE_CHECK) && from[7] == 0 &&
           q->recipient_bytes <= WIRE_RECIPIENTS_MAX &&
           q->envelope_bytes <= WIRE_ENVELOPE_MAX;
}

void
wire_put_answer(const wire_answer *a, unsigned char to[WIRE_ANSWER_BYTES])
{
    memcpy(to, magic, sizeof magic);
    to[4] = a->status;
    to[5] = to[6] = to[7] = 0;
    put_number(to + 8, a->text_bytes, 4);
}

bool
wire_get_answer(const unsigned char from[WIRE_ANSWER_BYTES], wire_answer *a)
{
    *a =
        (wire_answer){.status = from[4], .text_bytes = (uint32_t)get_number(from + 8, 4)};
    return memcmp(from, magic, sizeof magic) == 0 && a->text_bytes <= WIRE_TEXT_MAX;
}

bool
wire_address(const char *path, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret->sun_path)
        return false;
    memcpy(ret->sun_path, path, strlen(path));
    return true;
}

/* Until the socket is ready: 0, or NDR_E_SYS. */
static int
await(int fd, short events, int64_t deadline, ndr_error *err)
{
    for (;;) {
        const int64_t left = deadline - ndr_now_ms();
        struct pollfd p = {.fd = fd, .events = events};
        const int got = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (got > 0)
            return 0;
        if (got == 0) {
            errno = ETIMEDOUT;
            return ndr_fail(err, NDR_E_SYS, "no answer");
        }
        if (errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "poll");
    }
}

int
wire_send(int fd, const void *bytes, size_t n, int64_t deadline, ndr_error *err)
{
    const unsigned char *p = bytes;
    while (n > 0) {
        const ssize_t put = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put >= 0) {
            p += put;
            n -= (size_t)put;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const int code = await(fd, POLLOUT, deadline, err);
            if (code != 0)
                return code;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return ndr_fail(err, NDR_E_DAMAGED, "the other side broke off");
        } else if (errno != EINTR) {
            return ndr_fail(err, NDR_E_SYS, "send");
        }
    }
    return 0;
}

int
wire_receive(int fd, void *bytes, size_t n, int64_t deadline, ndr_error *err)
{
    unsigned char *p = bytes;
    while (n > 0) {
        const ssize_t got = recv(fd, p, n, MSG_DONTWAIT);
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        } else if (got == 0 || errno == ECONNRESET) {
            return ndr_fail(err, NDR_E_DAMAGED, "the other side broke off");
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const int code = await(fd, POLLIN, deadline, err);
            if (code != 0)
                return code;
        } else if (errno != EINTR) {
            return ndr_fail(err, NDR_E_SYS, "receive");
        }
    }
    return 0;
}
