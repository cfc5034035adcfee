/* SPDX-License-Identifier: BSD-3-Clause */
/* listening.c - where do clients reach us? */
#include "listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int
listen_unix(listening *l, const char *path, bool open_to_all, ndr_error *err)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path || path[0] == '\0')
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' cannot be the path of a socket", path);
    memcpy(a.sun_path, path, strlen(path) + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "make a socket");
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
        connect(fd, (const struct sockaddr *)&a, sizeof a) != 0 && errno == ECONNREFUSED)
        (void)unlink(path); /* of a server that is gone */
    const mode_t before = umask(open_to_all ? 0111 : 0177);
    const int bound = bind(fd, (const struct sockaddr *)&a, sizeof a);
    const int why = errno;
    (void)umask(before);
    errno = why;
    if (bound != 0 || listen(fd, SOMAXCONN) != 0) {
        (void)ndr_fail(err, NDR_E_SYS, "listen on '%s'", path);
        (void)close(fd);
        return NDR_E_SYS;
    }
    memcpy(l->socket_path, path, strlen(path) + 1);
    (void)snprintf(l->where, sizeof l->where, "unix:%s", path);
    l->local = true;
    l->fd = fd;
    return 0;
}

static bool
is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >>
                24) == 127;
    return IN6_IS_ADDR_LOOPBACK(
        &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

static int
bind_address(listening *l, const struct addrinfo *at, const char *listen_on,
             ndr_error *err)
{
    const int yes = 1;
    const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_storage got;
    socklen_t n = sizeof got;
    char host[128];
    char port[16];
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "make a socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&got, &n) != 0 ||
        getnameinfo((const struct sockaddr *)&got, n, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        (void)ndr_fail(err, NDR_E_SYS, "listen on '%s'", listen_on);
        (void)close(fd);
        return NDR_E_SYS;
    }
    l->local = is_loopback((const struct sockaddr *)&got);
    (void)snprintf(l->where, sizeof l->where,
                   at->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    l->fd = fd;
    return 0;
}

static int
listen_address(listening *l, const char *listen_on, ndr_error *err)
{
    const char *colon = strrchr(listen_on, ':');
    char host[128];
    size_t n = colon != NULL ? (size_t)(colon - listen_on) : 0;
    const char *from = listen_on;
    if (n > 2 && from[0] == '[' && from[n - 1] == ']') {
        from++;
        n -= 2;
    }
    if (n == 0 || n >= sizeof host)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' is no place to listen: write 127.0.0.1:8025 or "
                        "unix:/run/ndrscan.sock",
                        listen_on);
    memcpy(host, from, n);
    host[n] = '\0';
    const struct addrinfo request_body = {.ai_family = AF_UNSPEC,
                                          .ai_socktype = SOCK_STREAM,
                                          .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
                                                      AI_PASSIVE};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, colon + 1, &request_body, &found) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' is no place to listen: ADDRESS is a number, as in "
                        "127.0.0.1:8025 or [::1]:8025",
                        listen_on);
    const int rc = bind_address(l, found, listen_on, err);
    freeaddrinfo(found);
    return rc;
}

int
listening_begin(const char *listen_on, bool open_to_all, listening *ret, ndr_error *err)
{
    *ret = (listening){.fd = -1};
    return strncmp(listen_on, "unix:", 5) == 0
               ? listen_unix(ret, listen_on + 5, open_to_all, err)
               : listen_address(ret, listen_on, err);
}
