/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.h - what do the parts of `ndrscan watch` share?
 *
 *   cmd_watch      options, and one watcher a journal
 *   watch_loop     when is what due?
 *   watch_signals  is it asked to end, or to look again?
 *   watch_pass     mail is judged and moved, by other verbs
 *   watch_mail     which mail has come?
 *   auto_pass      which windows open themselves?
 *   auto_storms    which domains may they be of?
 */
#ifndef WATCH_H
#define WATCH_H

#include "app/setup.h"
#include "auto_pass.h"
#include "config_copy.h"
#include "watch_mail.h"

#include <signal.h>

enum {
    GATHER_MS = 300, /* what comes together is judged together */
    QUIET_MS = 300,  /* from a pass that moved nothing to the next, at least */
};

typedef struct watch {
    setup setup; /* which files: to see when they change */
    config_copy config_copy;
    const char *stats, *junk_folder, *journal;
    char stats_room[4096];
    int lock;               /* of the journal: one watcher has it */
    strings common, moving; /* options of both children; those of apply alone */
    char **operand;         /* the Maildirs as they were named */
    size_t operand_count;
    int null; /* what children read and write where nobody asks */
    bool recursive;
    int64_t every_ms, poll_ms;
    char windows_dir[4096]; /* where windows wait for calm */
    auto_opts autos;        /* which windows open themselves, and who is told */
    char autos_list[4096], events_room[4096];
    auto_watch *autos_watch; /* NULL: nobody asked */
    watch_mail *mail;
    char program[4096];
    /* when what is due, milliseconds of the monotonic clock */
    int64_t look_at, poll_at, settle_at, pass_at;
    int64_t ended_at;   /* the last pass */
    int64_t quiet_ms;   /* the rest after it, if it moved nothing */
    bool unsettled;     /* the files are to be read again, whether they change or not */
    bool everything;    /* look through it all */
    bool reloading;     /* the service manager was told so */
    int64_t map_bad_at; /* since when the map of mailboxes is not in order; 0: it is */
    int64_t map_at;     /* then it is tried again, changed or not */
    bool blind;         /* it was told that not all mail can be looked at */
    uint64_t print;
    sigset_t open; /* signals come while we wait */
} watch;

/* Stay until it is asked to end. 0, or the exit status, told. Thread: main. */
int watch_stay(watch *w);
/* From here on signals come only where `open`, what was blocked before, is set. */
void watch_take_signals(sigset_t *open);
/* Was it asked to end? */
bool watch_is_ending(void);
/* Was it asked to look again, since this was asked last? Signals are blocked meanwhile.
 */
bool watch_asked_again(void);

/* Apply the windows to all that lies there. Sets what is due next. */
void watch_apply_everything(watch *w);
/* To what is pending. */
void watch_apply_new(watch *w);

#endif
