/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_route.h - who is told of an event, and in which words? */
#ifndef NOTIFY_ROUTE_H
#define NOTIFY_ROUTE_H

#include "app/words.h"
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
    enum lang lang;   /* of the operator, and of who says no other */
    const char *page; /* where the page of domains begins; NULL: not known */
} notify_people;

/*
 * An event as it was put down, or NULL for what is none: an object with a kind, a subject
 * and a text. Owned by the caller.
 */
json_t *notify_event(ndr_slice text);
/*
 * Who is to know of it: those who look after the event's domain, or the operator where
 * that is nobody with an address, or the event is the operator's. A list of readers, each
 * an object: "to", addresses sorted, of those who read the same "language" in the same
 * "zone" ("": this process's), and whether they are the "operator"; no address is in two.
 * Whom the event's "told" names was told before, and is left out; the operator's may have
 * no address. NULL: no memory. Owned by the caller.
 */
json_t *notify_readers(const json_t *event, const notify_people *people);
/* What is given to the command for one of them: the event with "to", and in their words;
 * of many one of the kind "digest" with "events", the first NOTIFY_TOLD of them. NULL: no
 * memory; free() it. Thread: as notify_words. */
char *notify_text(json_t *const *event, size_t count, json_t *reader,
                  const notify_people *people);
/* The event with those who were told, as it is to wait for the others. NULL: no memory;
 * free() it. */
char *notify_rest(json_t *event, json_t *told);

#endif
