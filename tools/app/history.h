/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history.h - how is written down who changed which window, when and why?
 *
 * Files of JSON lines that are only ever appended to (history_parts.h). The windows files
 * are the truth; this tells how they came about. history_read.h reads it.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "ndrscan_rules.h"

#include <sys/types.h>

/* What is told of every change of one command. */
typedef struct history {
    char path[4096];
    char who[128];      /* of SUDO_USER, else of the user's name, else his number */
    const char *note;   /* "": none was given */
    const char *folder; /* of the windows that change; NULL while only read */
    int64_t now;
    off_t part_bytes; /* a file of that many gets a number, and a new one begins */
    /* of a change from the console, where it is known; else NULL */
    const char *person;  /* of admins.yaml */
    const char *way;     /* in which they came in: "token", "password", "proxy" */
    const char *peer;    /* who is at the other end of the connection */
    const char *address; /* and for whom, as a proxy says that we believe */
} history;

/*
 * Fill in path, who and note: of the windows in `folder`, NULL: in the one that `block`
 * writes. What all users share has one history, in the system's state; all other windows
 * have the user's. 0, or an ndr_code.
 */
int history_begin(history *h, const char *folder, const char *note, int64_t now,
                  ndr_error *err);

/* Open the file to append to, made, with the folders above it, when it is not there.
 * 0 and *ret_fd, or NDR_E_SYS. */
int history_open(const history *h, int *ret_fd, ndr_error *err);

/*
 * Append these changes, a line each, and sync: all of them or, where that fails, what
 * was written is cut off again. For ndr_windows_folder.record; `ctx` is a history.
 */
int
history_record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err);

/* What such a line says of a domain whose windows open themselves from now on, or do so
 * no more. */
#define HISTORY_AUTO_ON  "auto-on"
#define HISTORY_AUTO_OFF "auto-off"
/* Append that, as history_record does. */
int history_wish(const history *h, ndr_slice domain, enum ndr_take take, bool on,
                 ndr_error *err);

/* How a line tells of this folder of windows: its path from / on; appended. */
void history_folder(const char *folder, ndr_buffer *out);

/* "example.com: blocked from … until …", and a line end; appended. */
void history_words(ndr_buffer *out, const ndr_window_change *c, int64_t now);

/* What a window takes, as words behind "blocked": " for forged bounces only"; "" where it
 * takes the usual. */
const char *history_take(enum ndr_take take);

#endif
