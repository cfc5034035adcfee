/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * caller.h - who is it that asks, and what may they do?
 *
 *   proxy's word (forwarded) --,
 *   cookie -> session ---------+--> caller --> their rights, as the file has them now
 *   Bearer token --------------'
 *
 * Asked for each request anew: a session is no right, only a way to a name. It ends when
 * the person is no longer in the file, or the file says something else of them.
 */
#ifndef CALLER_H
#define CALLER_H

#include "app/words.h"
#include "console.h"

typedef struct caller {
    int status; /* 0: somebody; else what to answer: 400, 401, 403, 429, 503 */
    const char *words;
    const ndr_admin *person; /* NULL: the operator. Good until the next request */
    session *session;        /* NULL: a program's, or nobody's */
    forwarded from;          /* by way of whom */
    char peer[64];           /* at the other end of the connection */
    enum lang lang;
    bool secure; /* the browser reaches us by TLS */
    bool fresh;  /* the session began with this request: its cookie is to be set */
} caller;

/* What a route's handler is given besides the console. */
typedef struct route_call {
    const web_request *q;
    const caller *who;
    const request_body *w; /* of a POST */
    const char *domain;    /* that it is about, or "" */
} route_call;

/* Who sends this request, whose body is `w` (NULL: it has none). With status 403 and
 * ->from.person the caller's proxy named somebody who may do nothing here. */
caller caller_find(console *c, const web_request *q, const request_body *w, int64_t now);
/* Only by what way: for who is about to log in. */
caller caller_way(const console *c, const web_request *q);
/* Write down what they did: a log-in, or an act that was denied them (`path`). */
void caller_tell(console *c, const caller *who, const char *what, const char *domain,
                 const char *path);
/* Set the cookie of a session, or with NULL take it back. */
void caller_cookie(const console *c, const caller *who, const session *s, web_reply *ret);
/* The value of the cookie that tells a known browser, into `value`; false without. */
bool caller_known(const console *c, const caller *who, const web_request *q,
                  char value[KNOWN_BYTES]);
/* And set it, for the person of this name. */
void caller_remember(const console *c, bool secure, const char *name, int64_t now,
                     web_reply *ret);

#endif
