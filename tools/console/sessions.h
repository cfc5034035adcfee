/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sessions.h - who is logged in?
 *
 * The operator's token is a file that only its owner reads, and is compared elsewhere
 * (password_worker.h). Whoever shows it, or comes in another way, gets a session: a
 * random name in a cookie, and a second one, the form token, that stands in the pages of
 * that session only and has to come back with every POST. A form is good once: its number
 * is remembered when it comes back.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "ndrscan.h"

#include <sys/types.h>

enum {
    SECRET_CHARS = 43, /* 256 bits in base64url */
    SESSION_MAX = 64,  /* of the operator; the oldest makes room */
    SESSION_PERSON_MAX = 8,
    SESSION_SECONDS = 12 * 3600, /* at the most */
    SESSION_IDLE_SECONDS = 30 * 60,
    SESSION_PERSON_BYTES = 65,
    FORMS_KEPT = 256,      /* forms of one session that were used */
    WRONG_PER_MINUTE = 10, /* tokens that one peer may have wrong */
    WRONG_PEERS = 64,
};

typedef char secret[SECRET_CHARS + 1];

enum session_way { WAY_TOKEN, WAY_PASSWORD, WAY_PROXY };
/* "token", "password", "proxy": of the history. Static. */
const char *session_way_name(enum session_way way);

typedef struct session {
    secret name; /* the cookie; "" when the slot is free */
    secret form_token;
    char person[SESSION_PERSON_BYTES]; /* "": the operator */
    uint64_t generation;               /* of the person's rights when it began */
    enum session_way way;
    int64_t until;              /* seconds; it ends then, used or not */
    int64_t used;               /* when it was used last */
    uint64_t forms;             /* how many forms were given out */
    uint64_t taken[FORMS_KEPT]; /* numbers that came back, each at its remainder */
} session;

/* All zero but the first two: nobody. */
typedef struct sessions {
    bool (*is_token)(void *ctx, const char *text); /* is this the operator's? */
    void *ctx;
    session **row; /* owned */
    size_t count;
    struct wrong {
        char peer[64];
        int64_t since;
        unsigned count;
    } wrong[WRONG_PEERS];
} sessions;

/* A new secret. NDR_E_SYS when the kernel gives no random bytes. */
int secret_new(secret ret, ndr_error *err);
/* Compares in a time that does not tell where they differ. NULL is equal to nothing. */
bool secret_equal(const char *a, const char *b);

/*
 * The token of file `path`, made there (mode 0600) when the file is not. A file that
 * others can read, or that is not ours, is refused; but root takes one of user `before`
 * over, who then has it no more. 0 and *ret_made, or an ndr_code.
 */
int
token_load(const char *path, uid_t before, secret ret, bool *ret_made, ndr_error *err);

/* A session for whoever gave `token`; NULL when it is wrong (counted against `peer`) or
 * when there are no random bytes. */
session *sessions_login(sessions *all, const char *token, const char *peer, int64_t now);
/* True when `peer` has had too many wrong ones within the last minute. */
bool sessions_limited(const sessions *all, const char *peer, int64_t now);
/* Is this the token? A wrong one counts against `peer`. */
bool sessions_token(sessions *all, const char *token, const char *peer, int64_t now);
/* A session for a person, "" the operator, who has shown who he is. One too many of the
 * same person's ends the one that was used least lately; nobody else's. NULL: no memory
 * or no random bytes. */
session *sessions_open(sessions *all, const char *person, uint64_t generation,
                       enum session_way way, int64_t now);
/* The session of a cookie, or NULL: ended, too old, or idle for too long. */
session *sessions_find(sessions *all, const char *name, int64_t now);
/* It was used by the person himself. */
void session_touch(session *s, int64_t now);
void sessions_logout(session *s);
void sessions_free(sessions *all);

/* The number of the next form of a session, from 1. */
uint64_t session_form(session *s);
/* Take a form back: true once for each number that was given out. Those given out
 * more than FORMS_KEPT forms ago are no longer good. */
bool session_form_take(session *s, uint64_t number);

#endif
