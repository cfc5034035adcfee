/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * access_log.h - who came in, by which way, and what was denied?
 *
 * access.jsonl beside the history of windows: a line of JSON each, only ever appended to.
 * A file that has grown large gets the name access.jsonl.1 when the console starts.
 */
#ifndef ACCESS_LOG_H
#define ACCESS_LOG_H

#include "ndrscan.h"

#include <sys/types.h>

enum { ACCESS_ROTATE_BYTES = 16 << 20, ACCESS_PER_MINUTE = 600 };

typedef struct access_log {
    char path[4096];
    int fd;         /* -1: it cannot be written */
    int64_t minute; /* of those counted */
    unsigned in_minute, left_out;
} access_log;

/* One line. NULL for what there is not. */
typedef struct access_event {
    const char *what;   /* "log-in", "log-out", "wrong password", "denied", "ended" */
    const char *person; /* NULL: the operator */
    const char *way;    /* "token", "password", "proxy" */
    const char *peer, *address; /* at the other end; whom it asks for */
    const char *domain, *path;  /* what was denied */
} access_event;

/* Open it, made where it is not there, for group `readers` to read. 0, or an ndr_code:
 * then nothing is written. To be called with the right to make files. */
int access_log_open(access_log *l, gid_t readers, ndr_error *err);
void access_log_close(access_log *l);
/* Append a line; of more than ACCESS_PER_MINUTE in a minute the number alone. */
void access_log_tell(access_log *l, const access_event *e, int64_t now);

#endif
