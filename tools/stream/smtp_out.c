/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * smtp_out.c - how does a message that has passed go on to a mail server of this host?
 *
 * sendmail(1) would do it, but costs ten times what the rest does: two programs, a file
 * synced before the queue's own, and one pickup(8) for all. A library (libcurl) takes
 * longer to be loaded than a bounce takes to pass.
 */
#include "smtp_out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    WAIT_SECONDS = 600, /* for a reply; RFC 5321, 4.5.3.2.6 */
    REPLY_BYTES = 1 << 13,
    ADDRESS_BYTES = 1 << 10, /* of a name in a command; RFC 5321 asks for 256 */
};

typedef union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un path;
} address;

/* What `text` names: its length, or 0. */
static socklen_t
read_address(const char *text, address *ret)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    *ret = (address){0};
    if (text[0] == '/' && strlen(text) < sizeof ret->path.sun_path) {
        ret->path.sun_family = AF_UNIX;
        memcpy(ret->path.sun_path, text, strlen(text));
        return sizeof ret->path;
    }
    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return 0;
    char *end;
    const unsigned long port = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || port == 0 || port > 65535)
        return 0;
    size_t n = (size_t)(colon - text);
    const bool six = n > 2 && text[0] == '[' && text[n - 1] == ']';
    memcpy(host, text + six, n - 2 * six);
    host[n - 2 * six] = '\0';
    if (six && inet_pton(AF_INET6, host, &ret->six.sin6_addr) == 1) {
        ret->six.sin6_family = AF_INET6;
        ret->six.sin6_port = htons((uint16_t)port);
        return sizeof ret->six;
    }
    if (!six && inet_pton(AF_INET, host, &ret->four.sin_addr) == 1) {
        ret->four.sin_family = AF_INET;
        ret->four.sin_port = htons((uint16_t)port);
        return sizeof ret->four;
    }
    return 0;
}

/* A name that cannot end its command, or begin another. */
static bool
fits(const char *name)
{
    bool quoted = false;
    for (const char *p = name; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f ||
            (!quoted && strchr(" <>", *p) != NULL))
            return false;
        if (quoted && *p == '\\' && p[1] >= ' ')
            p++;
        else if (*p == '"')
            quoted = !quoted;
    }
    return !quoted && strlen(name) < ADDRESS_BYTES;
}

int
smtp_begin(smtp_out *s, ndr_error *err)
{
    address at;
    s->fd = -1;
    s->last = '\n';
    errno = 0; /* no call fails here */
    if (read_address(s->address, &at) == 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "--smtp '%s': give 127.0.0.1:PORT, [::1]:PORT or the path of a "
                        "socket",
                        s->address);
    if (s->recipient_count == 0)
        return ndr_fail(err, NDR_E_SYNTAX, "--smtp: to whom? Give --recipient");
    if (!fits(s->sender))
        return ndr_fail(err, NDR_E_SYNTAX, "--sender: not an address");
    for (size_t i = 0; i < s->recipient_count; i++)
        if (s->recipient[i][0] == '\0' || !fits(s->recipient[i]))
            return ndr_fail(err, NDR_E_SYNTAX, "--recipient: not an address");
    return 0;
}

/* ---- commands and replies ---------------------------------------------------------- */

static int
send_all(const smtp_out *s, ndr_slice bytes, ndr_error *err)
{
    while (bytes.len > 0) {
        const ssize_t n = send(s->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "%s: send", s->address);
        bytes = (ndr_slice){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return 0;
}

/* Where the last line of a whole reply begins in `text`, or SIZE_MAX: there is more. */
static size_t
last_line(const char *text, size_t len)
{
    if (len == 0 || text[len - 1] != '\n')
        return SIZE_MAX;
    size_t at = len - 1;
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return len - at >= 4 && text[at + 3] == '-' ? SIZE_MAX : at;
}

/* A reply, which has to begin with `want`: 0, with its lines in `text`; or an ndr_code.
 */
static int
await_reply(const smtp_out *s, char want, const char *what, char text[REPLY_BYTES],
            ndr_error *err)
{
    size_t len = 0, last;
    while ((last = last_line(text, len)) == SIZE_MAX) {
        const ssize_t n =
            len < REPLY_BYTES - 1 ? recv(s->fd, text + len, REPLY_BYTES - 1 - len, 0) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "%s: %s: no reply", s->address, what);
        if (n == 0)
            return ndr_fail(err, NDR_E_DAMAGED, "%s: %s: it broke off", s->address, what);
        len += (size_t)n;
    }
    text[len] = '\0';
    if (text[last] == want)
        return 0;
    text[last + strcspn(text + last, "\r\n")] = '\0';
    return ndr_fail(err, NDR_E_DAMAGED, "%s: %s: %.300s", s->address, what, text + last);
}

/* Say it, and await the reply. As await_reply. */
static int
say(smtp_out *s, const char *command, const char *name, const char *more, char want,
    char text[REPLY_BYTES], ndr_error *err)
{
    ndr_buffer_clear(&s->out);
    ndr_buffer_printf(&s->out, "%s%s%s\r\n", command, name, more);
    if (s->out.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a command");
    const int code = send_all(s, (ndr_slice){s->out.ptr, s->out.len}, err);
    ndr_buffer_clear(&s->out);
    char what[5];
    (void)snprintf(what, sizeof what, "%s", command);
    return code != 0 ? code : await_reply(s, want, what, text, err);
}

static bool
is_ascii(const char *name)
{
    while (*name != '\0' && (unsigned char)*name < 0x80)
        name++;
    return *name == '\0';
}

static int
dial(smtp_out *s, ndr_error *err)
{
    address at;
    const socklen_t n = read_address(s->address, &at);
    const struct timeval wait = {.tv_sec = WAIT_SECONDS};
    s->fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return ndr_fail(err, NDR_E_SYS, "socket");
    (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    (void)setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    return connect(s->fd, &at.any, n) == 0
               ? 0
               : ndr_fail(err, NDR_E_SYS, "%s: connect", s->address);
}

/* Up to where the message may follow. */
static int
open_mail(smtp_out *s, ndr_error *err)
{
    char text[REPLY_BYTES];
    int code = dial(s, err);
    if (code == 0)
        code = await_reply(s, '2', "greeting", text, err);
    if (code == 0)
        code = say(s, "EHLO ", "localhost", "", '2', text, err);
    if (code != 0)
        return code;
    bool ascii = is_ascii(s->sender);
    for (size_t i = 0; i < s->recipient_count; i++)
        ascii = ascii && is_ascii(s->recipient[i]);
    char more[64];
    (void)snprintf(more, sizeof more, ">%s%s",
                   strstr(text, "8BITMIME") != NULL ? " BODY=8BITMIME" : "",
                   !ascii && strstr(text, "SMTPUTF8") != NULL ? " SMTPUTF8" : "");
    code = say(s, "MAIL FROM:<", s->sender, more, '2', text, err);
    for (size_t i = 0; code == 0 && i < s->recipient_count; i++)
        code = say(s, "RCPT TO:<", s->recipient[i], ">", '2', text, err);
    return code == 0 ? say(s, "DATA", "", "", '3', text, err) : code;
}

/* ---- the message --------------------------------------------------------------------
 */

int
smtp_put(void *smtp, ndr_slice bytes, ndr_error *err)
{
    smtp_out *s = smtp;
    int code = s->fd < 0 ? open_mail(s, err) : 0;
    size_t begin = 0; /* what is behind it goes as it is */
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = bytes.ptr[i];
        const bool stuffed = c == '.' && s->last == '\n';
        if (stuffed || (c == '\n' && s->last != '\r')) {
            ndr_buffer_add(&s->out, (ndr_slice){bytes.ptr + begin, i - begin});
            ndr_buffer_byte(&s->out, stuffed ? '.' : '\r');
            begin = i;
        }
        s->last = c;
    }
    ndr_buffer_add(&s->out, (ndr_slice){bytes.ptr + begin, bytes.len - begin});
    if (code == 0 && s->out.failed)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    if (code == 0)
        code = send_all(s, (ndr_slice){s->out.ptr, s->out.len}, err);
    ndr_buffer_clear(&s->out);
    return code;
}

int
smtp_end(void *smtp, bool whole, ndr_error *err)
{
    smtp_out *s = smtp;
    char text[REPLY_BYTES];
    int code = 0;
    if (whole) {
        static const char end[] = "\r\n.\r\n";
        const size_t skip = s->last == '\n' ? 2 : 0;
        code = send_all(
            s, (ndr_slice){(const unsigned char *)end + skip, sizeof end - 1 - skip},
            err);
        if (code == 0)
            code = await_reply(s, '2', "the message", text, err);
        if (code == 0) /* it has the message, whatever becomes of this */
            (void)send_all(s, NDR_SLICE("QUIT\r\n"), NULL);
    }
    if (s->fd >= 0)
        (void)close(s->fd); /* what was not ended, the server throws away */
    s->fd = -1;
    ndr_buffer_free(&s->out);
    return code;
}
