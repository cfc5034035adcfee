/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auto_pass.h - which windows open themselves now, and who is told what?
 *
 *   statistics -> domains with much of late -> gates (ndr_alarms_*) -> brakes -> a window
 *                                                   \-> events, for ndrscan-notify
 */
#ifndef AUTO_PASS_H
#define AUTO_PASS_H

#include "auto_list.h"
#include "windows/auto_state.h"

typedef struct auto_opts {
    const char *list; /* file of --auto; NULL: no window opens itself */
    const char
        *admins; /* file of --admins: wishes of its people count; NULL: of nobody */
    const char *events; /* folder of --events; NULL: nobody is told but standard error */
    bool dry;
    size_t at_once, at_once_owner;
    bool daily;          /* all is summed up once a day, */
    int daily_minute;    /* at this minute of it */
    const char *metrics; /* file of --metrics; NULL: none */
} auto_opts;

/* What one pass looks at. */
typedef struct auto_place {
    const char *stats, *identity; /* identity: NULL, or not there: none */
    const char *windows;          /* the folder in which windows open */
    const char *const *all;       /* all windows there are: their files and folders */
    size_t all_count;
} auto_place;

typedef struct auto_watch auto_watch;

/* Begin, and look whether the list is in order. 0 and *ret, or an ndr_code. */
int auto_watch_begin(const auto_opts *o, auto_watch **ret, ndr_error *err);
void auto_watch_end(auto_watch *a); /* NULL allowed */
/* Look once. What is amiss is told, on standard error, when it is new. Thread: main. */
void auto_watch_look(auto_watch *a, const auto_place *place, int64_t now);

#endif
