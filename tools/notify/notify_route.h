/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_route.h - who is told of an event, and in which words? */
#ifndef NOTIFY_ROUTE_H
#define NOTIFY_ROUTE_H

#include "ndr_admins.h"

#include <jansson.h>

enum {
    NOTIFY_DIGEST = 20, /* more for the same people are told in one */
    NOTIFY_TOLD = 200,  /* of which so many stand there whole */
};

/* Who there is. */
typedef struct notify_people {
    const ndr_admins *admins; /* NULL: nobody but the operator */
    char *const *operators;   /* addresses */
    size_t operator_count;
} notify_people;

/*
 * An event as it was put down, or NULL for what is none: an object with a kind, a subject
 * and a text. Owned by the caller.
 */
json_t *notify_event(ndr_slice text);
/*
 * Addresses, sorted, each once: those who look after the event's domain, or the
 * operator's where that is nobody with an address, or the event is the operator's. May be
 * empty. NULL: no memory. Owned by the caller.
 */
json_t *notify_to(const json_t *event, const notify_people *people);
/* What is given to the command: the event with "to"; of many one of the kind "digest"
 * with "events", the first NOTIFY_TOLD of them. NULL: no memory; free() it. */
char *notify_text(json_t *const *event, size_t count, json_t *to);

#endif
