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

typedef struct event {
    const char *kind;   /* "storm", "opened", ...: letters and dashes */
    bool operator;      /* for the operator; else for those who look after the domain */
    const char *domain; /* "": of none */
    int64_t storm;      /* when it began, or what else tells one from another */
    int64_t at;
    const char *subject; /* a line */
    const char *text;    /* sentences for people */
    ndr_slice more; /* members of the object: {…} without its brackets; may be empty */
} event;

/* "KIND-TIME-HASH", NUL-terminated: the same for the same kind, domain and storm. Pure.
 */
void event_id(const event *e, char ret[EVENT_ID_BYTES]);
/*
 * Put it into the folder, whose folders are made when they are not there. 0, also where
 * it was put before; NDR_E_LIMIT where too many wait; NDR_E_SYS, NDR_E_NOMEM.
 */
int event_put(const char *folder, const event *e, ndr_error *err);

#endif
