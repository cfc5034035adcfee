/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * console.h - what does the console hold while it serves?
 *
 *   loop (one thread):  server <-> answer -> pages, api        jobs <- pipes of the mover
 *   look (its own):     snapshot, every half minute and after each change
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "access_log.h"
#include "forwarded.h"
#include "jobs.h"
#include "known_browser.h"
#include "login_delays.h"
#include "ndr_admins.h"
#include "pages.h"
#include "password_hash.h"
#include "password_worker.h"
#include "request_guard.h"
#include "runs.h"
#include "server.h"
#include "snapshot.h"
#include "waits.h"

#include <pthread.h>
#include <sys/stat.h>

enum { UNDO_KEPT = 64, PENDING_MAX = WORKER_AT_ONCE + WORKER_QUEUE, KNOWN_RUNS = 32 };

struct caller;
struct route_call; /* caller.h */

typedef struct console {
    const char *host; /* of the page's head */
    char token_path[4096], windows_dir[4096], stats[4096], journal[4096];
    bool windows_alone;        /* they were named: no others count */
    const char *journal_given; /* of --journal, or NULL */
    const char **mail;
    size_t mail_count;
    guard_hosts hosts;
    sessions sessions;
    server *server;
    mover *mover; /* moves no mail without mail folders */
    jobs jobs;
    waits waits;
    row_run undo[UNDO_KEPT];
    size_t undo_at;

    secret known_key;         /* of cookies that tell known browsers */
    secret run_key;           /* of the names that runs have for people */
    ndr_admins_watch *admins; /* NULL: nobody but the operator */
    const ndr_admins *people; /* of this request: another look may free them */
    proxies proxies;
    const char *proxy_logout;   /* where a person who came by a proxy logs out; or NULL */
    login_delays *delays;       /* with admins */
    password_worker *passwords; /* and the token */
    char decoy[PASSWORD_HASH_BYTES]; /* of no password that anybody knows */
    struct pending {                 /* a password that is being compared */
        uint64_t ticket;             /* 0: free */
        char name[SESSION_PERSON_BYTES], typed[PERSON_BYTES + 1]; /* "": nobody's name */
        char known[KNOWN_BYTES];
        uint64_t generation;
        forwarded from;
        char peer[64];
        bool secure;
        int lang;
    } pending[PENDING_MAX];
    struct customer_job { /* whose a job is, and what it was asked for */
        secret key;       /* by which its page asks */
        uint64_t job, generation;
        char person[SESSION_PERSON_BYTES], domain[256], until[16], since[16];
        bool told;
    } customer_job[JOBS_KEPT];
    size_t customer_job_at;
    access_log access;
    uint64_t moved;     /* how often something that was moved has come to its end */
    struct known_runs { /* of a domain, as the journal had them */
        char domain[256];
        uint64_t rights, moved;
        int64_t at_ms;
        runs all;
    } known_runs[KNOWN_RUNS];

    pthread_t look;
    int looked;         /* an eventfd: a look that was asked for is done */
    pthread_mutex_t mu; /* guards the next five */
    pthread_cond_t wake;
    snapshot *snapshot;           /* replaced as a whole; the loop locks while it reads */
    uint64_t look_asked, look_at; /* for changes: how many looks, and up to which */
    bool stop;
} console;

/* For server_open. */
void console_answer(void *ctx, const web_request *q, web_reply *ret);

/* ---- api.c ------------------------------------------------------------------- */

/* {"error":"…"} with a status. */
void api_error(web_reply *ret, int status, const char *words);
/* GET */
void api_domains(console *c, const struct route_call *r, web_reply *ret);
void api_series(console *c, const struct route_call *r, web_reply *ret);
void api_job(console *c, const struct route_call *r, web_reply *ret);
void api_runs(console *c, const struct route_call *r, web_reply *ret);
void api_history(console *c, const struct route_call *r, web_reply *ret);
void api_metrics(console *c, const struct route_call *r, web_reply *ret);

/* ---- changes.c --------------------------------------------------------------- */

#include "request_body.h"
/* Have the mover open or end a window as `w` says, for whoever sent the request. 0,
 * done and looked at; WAIT_LATER, the request comes again; or an ndr_code. */
int console_switch(console *c, const request_body *w, const struct route_call *r,
                   web_reply *ret, ndr_error *err);
/* The same of a wish for the domain that the route is about: that its windows open
 * themselves and take `take`, or no longer. */
int console_wish(console *c, enum ndr_take take, bool on, const struct route_call *r,
                 web_reply *ret, ndr_error *err);
/* Have the mover begin something of MOVER_PREVIEW, MOVER_APPLY and MOVER_UNDO as `w`
 * says, for a person (NULL: the operator); as jobs_start. NDR_E_SYNTAX: it says what
 * cannot be. */
int console_job(console *c, const ndr_admin *who, enum mover_what what,
                const request_body *w, const job **ret, ndr_error *err);
/* POST */
void api_windows(console *c, const struct route_call *r, web_reply *ret);
void api_preview(console *c, const struct route_call *r, web_reply *ret);
void api_apply(console *c, const struct route_call *r, web_reply *ret);
void api_undo(console *c, const struct route_call *r, web_reply *ret);

/* ---- look.c ------------------------------------------------------------------ */

/* Take the first snapshot, and begin the thread that takes others. False, and told: it
 * cannot be. */
bool console_look_begin(console *c);
void console_look_end(console *c);
/* Have the snapshot taken anew, so that a change shows in the answer that waits for it:
 * the number of the look, which c->look_at reaches when it is done. */
uint64_t console_look(console *c);

/* ---- asking.c ------------------------------------------------------------------ */

/* Was this request put aside, and begun again since? */
bool console_is_again(console *c, const struct route_call *r);
/* May it be put aside? To be asked before the mover is, which does what it was asked
 * for whoever waits for it. 0, or NDR_E_LIMIT. */
int console_room(const console *c, const struct route_call *r, ndr_error *err);
/* Put it aside until `fd` says all. WAIT_LATER, or NDR_E_LIMIT. */
int console_wait(console *c, const struct route_call *r, int fd, asked_wait **ret_wait,
                 web_reply *ret, ndr_error *err);
/* The journal's runs of `whose`, for the caller to free. 0; WAIT_LATER, the request comes
 * again; or what runs_take says. Without mail folders there are none. */
int console_runs(console *c, const struct route_call *r, const mover_for *whose,
                 runs *all, web_reply *ret, ndr_error *err);
/* Read what the mover said, and begin those requests again that have it. */
void console_asked(console *c);

#endif
