/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server.h - how do requests come in and answers go out?
 *
 * One thread: the caller's loop polls what server_poll names and calls server_run. A
 * request is handed over whole, its body included; an answer is handed back whole.
 * libmicrohttpd speaks HTTP; here are the limits on what a client may do to us. What a
 * proxy could read otherwise than we do (a length and a coding, two of either) is 400.
 */
#ifndef SERVER_H
#define SERVER_H

#include "ndrscan.h"

#include <poll.h>

enum {
    BODY_BYTES = 64 << 10, /* of a request; more is 413 */
    REQUEST_SECONDS = 15,  /* from its first byte to its last; then it is cut off */
    CONNECTION_MAX = 1000,
};

/* One request. Everything is borrowed for the call and NUL-terminated. */
typedef struct web_request {
    const char *method, *path;
    const char *peer; /* "127.0.0.1", or "uid 1000" behind a Unix socket */
    ndr_slice body;   /* NUL-terminated too */
    const char *(*field)(const struct web_request *q, const char *name); /* or NULL */
    const char *(*query)(const struct web_request *q, const char *name); /* or NULL */
    /* every field, in the order of the request; the value is "" where it has none */
    void (*each_field)(const struct web_request *q,
                       void (*take)(void *ctx, const char *name, const char *value),
                       void *ctx);
    void *connection;
    uint64_t ticket; /* for server_answer and server_again */
} web_request;

/* One answer. The server frees the buffer. */
typedef struct web_reply {
    int status;
    const char *type; /* static; NULL with an empty body */
    ndr_buffer body;
    ndr_slice fixed;    /* instead of `body`: bytes that outlive the server */
    bool keep;          /* the browser may keep it: it changes with the program only */
    char location[320]; /* of a redirect, "" */
    char cookie[160];   /* Set-Cookie, "" */
    char known[320];    /* another one */
    int retry_seconds;  /* Retry-After, 0 */
    bool close;         /* and nothing more is taken from this connection */
    bool later;         /* nothing of this: server_answer or server_again brings it */
} web_reply;

typedef void web_answer(void *ctx, const web_request *q, web_reply *ret);

typedef struct server server;

/*
 * Listen on "ADDRESS:PORT" ("[::1]:0" for IPv6, port 0 for any) or "unix:PATH" (mode
 * 0600, or with `open_to_all` 0666; a stale socket there is replaced, one in use is not).
 * 0, NDR_E_SYNTAX for what is no address, NDR_E_SYS.
 */
int server_open(const char *listen, bool open_to_all, web_answer *answer, void *ctx,
                server **ret, ndr_error *err);
void server_close(server *s);
/* What it listens on: "127.0.0.1:8025" or "unix:/run/x". */
const char *server_where(const server *s);
bool server_is_unix(const server *s);
/* Can only this machine reach it? */
bool server_is_local(const server *s);

/* The answer that a request was promised by web_reply.later; what `a` owns goes over. A
 * request that is gone is passed over. */
void server_answer(server *s, uint64_t ticket, web_reply *a);

/* Begin such a request again: it is handed over once more, as it was. False: it is gone.
 */
bool server_again(server *s, uint64_t ticket);

/* What to poll, and for how long at the most (milliseconds, -1: for ever). */
struct pollfd server_poll(const server *s, int *ret_timeout_ms);
/* Serve what is ready, and cut off who is too slow. */
void server_run(server *s);

#endif
