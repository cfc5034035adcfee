/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch_mail.h - which mail has come into these Maildirs?
 *
 *   kernel (inotify) --names--> pending
 *   clock: a folder is not as it was --names newer than its last change--> pending
 *
 * The kernel is quick and may forget; the clock is slow and does not.
 */
#ifndef WATCH_MAIL_H
#define WATCH_MAIL_H

#include "move/maildirs.h"

typedef struct watch_mail watch_mail;

typedef struct watch_mail_opts {
    const char *const *path; /* operands; borrowed while it is open */
    size_t count;
    bool recursive;
    const char *junk_folder; /* as it was asked for, or NULL */
} watch_mail_opts;

/*
 * Begin: what lies there now is not pending. NDR_E_NOMEM. Maildirs that are not there,
 * or cannot be read, may come later. *ret_told: why the kernel does not tell of some, or
 * "". Thread: one.
 */
int watch_mail_open(const watch_mail_opts *o, watch_mail **ret, const char **ret_told,
                    ndr_error *err);
void watch_mail_free(watch_mail *w);
/* The Maildirs there were when last looked. Borrowed until watch_mail_look. */
const maildirs *watch_mail_maildirs(const watch_mail *w);

/* To poll for POLLIN; -1: the kernel tells nothing. */
int watch_mail_fd(const watch_mail *w);
/* Take what the kernel told. NDR_E_NOMEM. */
int watch_mail_hear(watch_mail *w, ndr_error *err);
/* Did it tell of new folders since last asked? watch_mail_look finds what is in them. */
bool watch_mail_folders(watch_mail *w);
/* Look which folders there are, and what has changed in them. NDR_E_NOMEM. */
int watch_mail_look(watch_mail *w, ndr_error *err);

/* Since last asked: did an operand come back, with Maildirs in it, that was not there, or
 * whose file system was not mounted? What changed meanwhile is not known of it. */
bool watch_mail_came_back(watch_mail *w);
/* Are all operands there, on the file systems that they were on first? Else silence says
 * nothing. */
bool watch_mail_sees_all(const watch_mail *w);

/* Is anything pending? */
bool watch_mail_any(const watch_mail *w);
/*
 * Hand over what is pending, each file once, by Maildir (`full`, without links), and
 * forget it. `take` answers 0, or an ndr_code that stops it.
 */
int watch_mail_take(watch_mail *w,
                    int (*take)(void *ctx, const maildir *m, const char *path,
                                ndr_error *err),
                    void *ctx, ndr_error *err);
/* Forget what is pending: everything is looked through anyway. */
void watch_mail_forget(watch_mail *w);

#endif
