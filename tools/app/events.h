/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.h - how is something told to people who are not there?
 *
 *   watch -> FOLDER/new/ID.json -> ndrscan-notify -> FOLDER/sent/ID.json, or failed/
 *
 * One file an event, written beside, synced and renamed. An event that waits or was sent
 * is not put there again: its id is of its kind, its domain and its storm.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "ndrscan.h"

#define EVENTS_NEW    "new"
#define EVENTS_SENT   "sent"
#define EVENTS_FAILED "failed"

enum {
    EVENTS_MOST = 1000, /* that wait: more are not put there */
    EVENT_ID_BYTES = 64,
};

/* Of each there are words in app/words: mail_KIND_subject. */
enum event_kind {
    EVENT_STORM,        /* many bounces that are not ours */
    EVENT_OPENED,       /* a window opened itself, */
    EVENT_ENDED,        /* and ended */
    EVENT_HELD,         /* it would have, */
    EVENT_BRAKE,        /* and that is the operator's affair */
    EVENT_MANY_DOMAINS, /* have a storm at once */
    EVENT_STATISTICS,   /* are too old */
    EVENT_TROUBLE,      /* else keeps windows from opening */
    EVENT_DAILY,        /* what came in a day */
    EVENT_NOTIFIER,     /* something could not be told */
    EVENT_KINDS
};

typedef struct event {
    enum event_kind kind;
    bool operator;      /* for the operator; else for those who look after the domain */
    const char *domain; /* "": of none */
    int64_t storm;      /* when it began, or what else tells one from another */
    int64_t at;
    const char *subject; /* a line, in English */
    const char *text;    /* as the log says it, in English */
    ndr_slice more; /* members of the object: {…} without its brackets; may be empty */
} event;

/* "storm", "many-domains", ...: letters and dashes. Static. */
const char *event_kind_name(enum event_kind kind);

/* "KIND-TIME-HASH", NUL-terminated: the same for the same kind, domain and storm. Pure.
 */
void event_id(const event *e, char ret[EVENT_ID_BYTES]);
/*
 * Put it into the folder, whose folders are made when they are not there. 0, also where
 * it was put before; NDR_E_LIMIT where too many wait; NDR_E_SYS, NDR_E_NOMEM.
 */
int event_put(const char *folder, const event *e, ndr_error *err);

#endif
