/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * password_worker.h - who compares passwords with their hashes, and tokens?
 *
 *   console --hash, password--> worker --fork--> crypt
 *      ^-------- ticket, good ----'   (two at a time)
 *
 * A process of its own: one hash takes longer than a page, and megabytes. Two are worked
 * out at a time, WORKER_QUEUE wait here, and what comes then is refused. The operator's
 * token is held there, and nowhere else: it is compared at once, whatever waits.
 */
#ifndef PASSWORD_WORKER_H
#define PASSWORD_WORKER_H

#include "ndrscan.h"
#include "sessions.h"

#include <poll.h>

enum { WORKER_AT_ONCE = 2, WORKER_QUEUE = 16 };

typedef struct password_worker password_worker;

/* Fork it. It sends the hash of each password that is right, and WORKER_TOKEN for the
 * token, to `shown` (mover_shown_fd) before it answers; that is closed here, -1: nobody
 * is told. The caller wipes `token` then. 0, NDR_E_SYS or NDR_E_NOMEM. Thread: the only
 * one there is. */
int worker_start(int shown, const secret token, password_worker **ret, ndr_error *err);
#define WORKER_TOKEN "token" /* no hash: those begin with '$' */
/* End it; what it has not answered stays unanswered. NULL allowed. */
void worker_stop(password_worker *w);

/* Compare. `ticket` comes back with the answer. Both texts are copied, and wiped once
 * they were used. False: too many wait, or a text is too long. Thread: the loop's. */
bool
worker_ask(password_worker *w, uint64_t ticket, const char *hash, const char *password);
/* Is this the operator's token? Compared in a time that does not tell where they differ;
 * false too where the worker is gone. Thread: the loop's. */
bool worker_is_token(const password_worker *w, const char *text);
/* What to poll; fd -1 once it is gone. */
struct pollfd worker_poll(const password_worker *w);
/* Take the answers that are there. `good` is false for a password that is wrong, and
 * `failed` true where none was worked out: no memory, or the worker is gone. */
void
worker_run(password_worker *w,
           void (*answer)(void *ctx, uint64_t ticket, bool good, bool failed), void *ctx);
/* How many were given to be worked out since the start. */
uint64_t worker_hashes(const password_worker *w);

#endif
