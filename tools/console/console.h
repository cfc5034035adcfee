/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * console.h - what does the console hold while it serves?
 *
 *   loop (one thread):  server <-> answer -> pages, api        jobs <- pipes of the mover
 *   watch (its own):    snapshot, every half minute and after each change
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "jobs.h"
#include "pages.h"
#include "request_guard.h"
#include "server.h"
#include "snapshot.h"

#include <pthread.h>
#include <sys/stat.h>

enum { UNDO_KEPT = 64 };

typedef struct console {
    const char *host; /* of the page's head */
    char token_path[4096], windows_dir[4096], stats[4096], journal[4096];
    const char *journal_given; /* of --journal, or NULL */
    const char **mail;
    size_t mail_count;
    guard_hosts hosts;
    sessions sessions;
    server *server;
    mover *mover; /* NULL without mail folders */
    jobs jobs;
    row_run undo[UNDO_KEPT];
    size_t undo_at;

    pthread_mutex_t mu; /* guards the next four */
    pthread_cond_t wake;
    snapshot *snapshot; /* replaced as a whole; the loop holds the lock while it reads */
    uint64_t changes;   /* how often a snapshot was taken for a change of a window */
    bool stop;
} console;

/* For server_open. */
void console_answer(void *ctx, const web_request *q, web_reply *ret);

/* ---- api.c ------------------------------------------------------------------- */

/* {"error":"…"} with a status. */
void api_error(web_reply *ret, int status, const char *words);
/* GET */
void api_domains(console *c, const web_request *q, web_reply *ret);
void api_series(console *c, const web_request *q, web_reply *ret);
void api_job(console *c, const web_request *q, web_reply *ret);
void api_runs(console *c, const web_request *q, web_reply *ret);
void api_history(console *c, const web_request *q, web_reply *ret);
void api_metrics(console *c, const web_request *q, web_reply *ret);

/* ---- changes.c --------------------------------------------------------------- */

#include "request_body.h"
/* Open or end a window as `w` says, in the name of `who`. 0, or an ndr_code. */
int console_switch(console *c, const request_body *w, const char *who, ndr_error *err);
/* POST; `w` is what was asked for, `who` by whom. */
void api_windows(console *c, const request_body *w, const char *who, web_reply *ret);
void api_preview(console *c, const request_body *w, web_reply *ret);
void api_apply(console *c, const request_body *w, web_reply *ret);
void api_undo(console *c, const request_body *w, web_reply *ret);

/* Have the snapshot taken anew. */
void console_refresh(console *c);

#endif
