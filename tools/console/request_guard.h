/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request_guard.h - may this request be served?
 *
 * Three things stand between the page and a stranger: the name it was asked by (a
 * foreign name that was made to resolve to us is refused: DNS rebinding), the page that
 * sent it (a foreign one cannot post), and who is asking (the token, or a session that
 * was opened with it). Everything here works on the words of one request; nothing is
 * read or sent.
 */
#ifndef GUARD_H
#define GUARD_H

#include "ndrscan.h"
#include "sessions.h"

/* What the decision goes by. A field that the request lacks is NULL. */
typedef struct guard_request {
    const char *method, *path;
    const char *host, *origin, *fetch_site; /* Host, Origin, Sec-Fetch-Site */
    const char *cookie, *authorization;     /* Cookie, Authorization */
    const char *cookie_name;                /* which of them is a session's */
    const char *form_token;                 /* X-Form-Token, or the form's field */
    const char *forwarded_proto;            /* X-Forwarded-Proto of a proxy in front */
    const char *peer;                       /* address or user that asks: for the limit */
} guard_request;

/* A name that the page may be asked by. */
typedef struct guard_host {
    char name[280]; /* "host" or "host:port", in any case; without a scheme's own port */
    const char *scheme; /* "http", "https": static; NULL: not known */
    char path[128];     /* where a proxy has the page: "/bounces", "" for the top */
} guard_host;
typedef struct guard_hosts {
    const guard_host *row;
    size_t count;
    bool any; /* a Unix socket: whoever may open it says what he likes */
} guard_hosts;

/* Take "junk.example.com", "junk.example.com:8443" or "https://example.com/bounces/".
 * False for what is none of them. Pure. */
bool guard_host_parse(const char *given, guard_host *ret);
/* Does the browser that asks reach us by TLS? Then its cookie has to keep to it. Pure. */
bool guard_is_secure(const guard_hosts *hosts, const guard_request *q);
/* `path` without the prefix at which a proxy has the page, as Host says; with it where a
 * proxy took it off already. Borrowed from `path`. Pure. */
const char *guard_path(const guard_hosts *hosts, const char *host, const char *path);

enum guard_who {
    GUARD_NOBODY,  /* no token, no session */
    GUARD_SESSION, /* a cookie of login: POST wants the session's form token too */
    GUARD_BEARER,  /* Authorization: Bearer TOKEN, a program */
};

typedef struct guard_answer {
    int status; /* 0: go on; else what to answer: 400, 401, 403, 421, 429 */
    const char *words;
    enum guard_who who;
    session *session; /* with GUARD_SESSION; borrowed until the next call */
} guard_answer;

/*
 * Is the request from a name and a page that may ask? Status 0, 400 (no Host), 421 (a
 * foreign one) or 403 (a POST that a foreign page sent). Pure.
 * Source: RFC 9110 7.2, 15.5.20; Fetch Metadata (Sec-Fetch-Site), RFC 6454 7.
 */
guard_answer guard_origin(const guard_hosts *hosts, const guard_request *q);

/*
 * Who asks, and may he? To be asked once guard_origin is content. 401 without a token or
 * session, 403 for a POST of a session without its form token, 429 after too many wrong
 * tokens, which the right one is never refused for. `now` in seconds. Thread: the
 * server's.
 */
guard_answer guard_who(sessions *all, const guard_request *q, int64_t now);

/* The value of one cookie in a Cookie field into `value`; false when it is not there or
 * does not fit. Source: RFC 6265 4.2. Pure. */
bool guard_cookie(const char *cookie, const char *name, char *value, size_t size);

#endif
