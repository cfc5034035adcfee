/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_words.h - in which words is somebody told of an event? */
#ifndef NOTIFY_WORDS_H
#define NOTIFY_WORDS_H

#include "app/words.h"

#include <jansson.h>

/* Who reads it. */
typedef struct notify_reader {
    enum lang lang;
    const char *zone; /* of its times, "Europe/Paris"; "": this process's */
    bool operator;    /* has a command line; else a page of the domain's */
    const char *page; /* where that begins, as https://host/bounces/; NULL: not known */
} notify_reader;

/*
 * The subject, a line, and the text, lines without the last one's end, appended in plain
 * UTF-8. False: there are no words for it, as it is of a kind that is not known here or
 * lacks what they need; what it says of itself, in English, has to do.
 * Thread: main alone, as it asks for times in other zones.
 */
bool notify_words(const json_t *of, const notify_reader *r, ndr_buffer *subject,
                  ndr_buffer *text);

#endif
