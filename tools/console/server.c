/* SPDX-License-Identifier: BSD-3-Clause */
/* server.c - how do requests come in and answers go out? */
#define _GNU_SOURCE /* struct ucred: which user is behind a Unix socket */
#include "server.h"

#include "listening.h"
#include "ndr_clock.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A client, from accept to close. */
typedef struct client {
    struct client *next;
    int fd;
    int64_t since_ms; /* when what it is sending began; 0 between two requests */
} client;

/* A request under way. */
typedef struct exchange {
    struct exchange *next; /* of those that wait */
    struct MHD_Connection *connection;
    ndr_buffer body;
    bool too_large;
    bool waits, answered; /* for the answer that comes later; it is there */
    uint64_t ticket;
    web_reply answer;
} exchange;

struct server {
    struct MHD_Daemon *daemon;
    web_answer *answer;
    void *ctx;
    client *clients;
    exchange *waiting;
    uint64_t tickets;
    listening at;
};

/* ---- who is connected ----------------------------------------------------- */

static void
on_connection(void *cls, struct MHD_Connection *connection, void **context,
              enum MHD_ConnectionNotificationCode what)
{
    server *s = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        client *c = calloc(1, sizeof *c);
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = c;
        if (c == NULL || info == NULL) {
            free(c);
            *context = NULL;
            return;
        }
        c->fd = info->connect_fd;
        c->since_ms = ndr_now_ms();
        c->next = s->clients;
        s->clients = c;
        return;
    }
    client *gone = *context;
    *context = NULL;
    for (client **at = &s->clients; *at != NULL && gone != NULL; at = &(*at)->next)
        if (*at == gone) {
            *at = gone->next;
            break;
        }
    free(gone);
}

static client *
client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* "127.0.0.1", or the user behind a Unix socket. */
static void
name_peer(struct MHD_Connection *connection, char *name, size_t size)
{
    (void)snprintf(name, size, "unknown");
    const client *c = client_of(connection);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (c == NULL || info == NULL || info->client_addr == NULL)
        return;
    const struct sockaddr *a = info->client_addr;
    if (a->sa_family == AF_UNIX) {
        struct ucred who;
        socklen_t n = sizeof who;
        if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
            (void)snprintf(name, size, "uid %u", who.uid);
        return;
    }
    (void)getnameinfo(a,
                      a->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                              : sizeof(struct sockaddr_in6),
                      name, (socklen_t)size, NULL, 0, NI_NUMERICHOST);
}

/* ---- one request ------------------------------------------------------------ */

static const char *
field(const web_request *q, const char *name)
{
    return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

static const char *
query(const web_request *q, const char *name)
{
    return MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* For MHD, whose calls it becomes. */
typedef struct each {
    void (*take)(void *ctx, const char *name, const char *value);
    void *ctx;
} each;

static enum MHD_Result
hand_over(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    const each *e = cls;
    (void)kind;
    e->take(e->ctx, name, value != NULL ? value : "");
    return MHD_YES;
}

static void
each_field(const web_request *q,
           void (*take)(void *ctx, const char *name, const char *value), void *ctx)
{
    each e = {take, ctx};
    (void)MHD_get_connection_values(q->connection, MHD_HEADER_KIND, hand_over, &e);
}

/* What every answer carries, whoever asked. */
static void
add_fields(struct MHD_Response *r, const web_reply *a)
{
    static const char *const always[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
         "connect-src 'self'; form-action 'self'; base-uri 'none'; "
         "frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"}, /* without, a form's Origin is "null" */
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        (void)MHD_add_response_header(r, always[i][0], always[i][1]);
    (void)MHD_add_response_header(r, "Cache-Control",
                                  a->keep ? "private, max-age=86400" : "no-store");
    if (a->type != NULL)
        (void)MHD_add_response_header(r, "Content-Type", a->type);
    if (a->location[0] != '\0')
        (void)MHD_add_response_header(r, "Location", a->location);
    if (a->cookie[0] != '\0')
        (void)MHD_add_response_header(r, "Set-Cookie", a->cookie);
    if (a->known[0] != '\0')
        (void)MHD_add_response_header(r, "Set-Cookie", a->known);
    if (a->retry_seconds > 0) {
        char seconds[16];
        (void)snprintf(seconds, sizeof seconds, "%d", a->retry_seconds);
        (void)MHD_add_response_header(r, "Retry-After", seconds);
    }
    if (a->close)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    if (a->status == 401)
        (void)MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
}

static enum MHD_Result
send_reply(struct MHD_Connection *connection, web_reply *a)
{
    struct MHD_Response *r = NULL;
    if (a->body.failed) {
        ndr_buffer_free(&a->body);
        *a = (web_reply){.status = 503};
    }
    if (a->fixed.len > 0)
        r = MHD_create_response_from_buffer(a->fixed.len, (void *)(uintptr_t)a->fixed.ptr,
                                            MHD_RESPMEM_PERSISTENT);
    else
        r = MHD_create_response_from_buffer(a->body.len, a->body.ptr,
                                            MHD_RESPMEM_MUST_COPY);
    ndr_buffer_free(&a->body);
    if (r == NULL)
        return MHD_NO;
    add_fields(r, a);
    const enum MHD_Result done = MHD_queue_response(connection, (unsigned)a->status, r);
    MHD_destroy_response(r);
    return done;
}

/* What two readers may see the end of a body by. */
typedef struct framing {
    unsigned lengths, codings, hosts;
    bool odd; /* a coding that is not chunked; of a length MHD sees to it */
} framing;

static enum MHD_Result
look_at_field(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    framing *f = cls;
    (void)kind;
    if (strcasecmp(name, "Content-Length") == 0) {
        f->lengths++;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        f->codings++;
        f->odd |= value == NULL || strcasecmp(value, "chunked") != 0;
    } else if (strcasecmp(name, "Host") == 0) {
        f->hosts++;
    }
    return MHD_YES;
}

/* Would a proxy in front see another end of this request, or another host? Then its
 * body could hold a request that the proxy never saw. Source: RFC 9112 6.1, 6.3, 3.2. */
static bool
is_ambiguous(struct MHD_Connection *connection, const char *version)
{
    framing f = {0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_field, &f);
    return f.lengths + f.codings > 1 || f.hosts > 1 || f.odd ||
           (f.codings > 0 && strcmp(version, MHD_HTTP_VERSION_1_1) != 0);
}

/* All of a request is here. */
static enum MHD_Result
answer_whole(server *s, exchange *x, const char *path, const char *method)
{
    client *c = client_of(x->connection);
    if (c != NULL)
        c->since_ms = 0;
    web_reply a = {.status = 500};
    char peer[64];
    name_peer(x->connection, peer, sizeof peer);
    if (x->ticket == 0) { /* else it is begun again */
        ndr_buffer_byte(&x->body, '\0');
        x->ticket = ++s->tickets;
    }
    web_request q = {
        .method = method,
        .path = path,
        .peer = peer,
        .body = {x->body.ptr, x->body.len > 0 ? x->body.len - 1 : 0},
        .field = field,
        .query = query,
        .each_field = each_field,
        .connection = x->connection,
        .ticket = x->ticket,
    };
    if (x->too_large)
        a.status = 413;
    else if (x->body.failed)
        a.status = 503;
    else
        s->answer(s->ctx, &q, &a);
    if (!a.later)
        return send_reply(x->connection, &a);
    ndr_buffer_free(&a.body);
    x->waits = true;
    x->next = s->waiting;
    s->waiting = x;
    MHD_suspend_connection(x->connection);
    return MHD_YES;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *path,
           const char *method, const char *version, const char *bytes, size_t *n,
           void **context)
{
    server *s = cls;
    exchange *x = *context;
    if (x == NULL) { /* the header is here; the body, if any, comes next */
        *context = x = calloc(1, sizeof(exchange));
        if (x == NULL)
            return MHD_NO;
        x->connection = connection;
        if (!is_ambiguous(connection, version))
            return MHD_YES;
        web_reply bad = {.status = 400, .close = true};
        return send_reply(connection,
                          &bad); /* before its body: nothing of that is read */
    }
    if (*n > 0) {
        if (x->body.len + *n > BODY_BYTES)
            x->too_large = true;
        else
            ndr_buffer_add(&x->body, (ndr_slice){(const unsigned char *)bytes, *n});
        *n = 0;
        return MHD_YES;
    }
    if (x->answered) {
        x->answered = false;
        return send_reply(connection, &x->answer);
    }
    return answer_whole(s, x, path, method);
}

static void
stop_waiting(server *s, exchange *x)
{
    for (exchange **at = &s->waiting; *at != NULL; at = &(*at)->next)
        if (*at == x) {
            *at = x->next;
            break;
        }
    x->waits = false;
}

static exchange *
find_waiting(const server *s, uint64_t ticket)
{
    exchange *x = s->waiting;
    while (x != NULL && x->ticket != ticket)
        x = x->next;
    return x;
}

bool
server_again(server *s, uint64_t ticket)
{
    exchange *x = find_waiting(s, ticket);
    if (x == NULL)
        return false;
    stop_waiting(s, x);
    MHD_resume_connection(x->connection);
    return true;
}

void
server_answer(server *s, uint64_t ticket, web_reply *a)
{
    exchange *x = find_waiting(s, ticket);
    if (x == NULL) {
        ndr_buffer_free(&a->body);
        return;
    }
    stop_waiting(s, x);
    x->answer = *a;
    x->answered = true;
    MHD_resume_connection(x->connection);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **context,
             enum MHD_RequestTerminationCode how)
{
    server *s = cls;
    (void)how;
    exchange *x = *context;
    *context = NULL;
    if (x != NULL) {
        if (x->waits)
            stop_waiting(s, x);
        if (x->answered)
            ndr_buffer_free(&x->answer.body);
        if (x->body.ptr != NULL)
            explicit_bzero(x->body.ptr, x->body.cap); /* a password, it may be */
        ndr_buffer_free(&x->body);
    }
    free(x);
    client *c = client_of(connection);
    if (c != NULL)
        c->since_ms =
            ndr_now_ms(); /* the next request, or the idle client, has its time too */
}

/* ---- the whole ------------------------------------------------------------- */

int
server_open(const char *listen_on, bool open_to_all, web_answer *answer, void *ctx,
            server **ret, ndr_error *err)
{
    server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "out of memory");
    s->answer = answer;
    s->ctx = ctx;
    const int rc = listening_begin(listen_on, open_to_all, &s->at, err);
    if (rc != 0) {
        free(s);
        return rc;
    }
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
        MHD_OPTION_LISTEN_SOCKET, s->at.fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTION_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(4 * REQUEST_SECONDS), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)(32 << 10), MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
    if (s->daemon == NULL) {
        (void)close(s->at.fd);
        server_close(s);
        return ndr_fail(err, NDR_E_NOMEM, "the HTTP server does not start");
    }
    *ret = s;
    return 0;
}

void
server_close(server *s)
{
    if (s == NULL)
        return;
    while (s->waiting != NULL) { /* none may sleep when it stops */
        web_reply gone = {.status = 503, .close = true};
        server_answer(s, s->waiting->ticket, &gone);
    }
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon); /* closes the socket too */
    if (s->at.socket_path[0] != '\0')
        (void)unlink(s->at.socket_path);
    free(s);
}

const char *
server_where(const server *s)
{
    return s->at.where;
}

bool
server_is_unix(const server *s)
{
    return s->at.socket_path[0] != '\0';
}

bool
server_is_local(const server *s)
{
    return s->at.local;
}

struct pollfd
server_poll(const server *s, int *ret_timeout_ms)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    MHD_UNSIGNED_LONG_LONG ms = 0;
    *ret_timeout_ms = -1;
    if (MHD_get_timeout(s->daemon, &ms) == MHD_YES)
        *ret_timeout_ms = ms > 60000 ? 60000 : (int)ms;
    if (s->clients != NULL && (*ret_timeout_ms < 0 || *ret_timeout_ms > 1000))
        *ret_timeout_ms = 1000; /* to look who is too slow */
    return (struct pollfd){.fd = info != NULL ? info->epoll_fd : -1, .events = POLLIN};
}

void
server_run(server *s)
{
    (void)MHD_run(s->daemon);
    const int64_t now = ndr_now_ms();
    for (client *c = s->clients; c != NULL; c = c->next)
        if (c->since_ms != 0 && now - c->since_ms > REQUEST_SECONDS * 1000) {
            c->since_ms = 0;
            (void)shutdown(c->fd, SHUT_RDWR);
        }
}
