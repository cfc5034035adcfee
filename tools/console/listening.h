/* SPDX-License-Identifier: BSD-3-Clause */
/* listening.h - where do clients reach us? */
#ifndef LISTENING_H
#define LISTENING_H

#include "ndrscan.h"

#include <sys/un.h>

typedef struct listening {
    int fd; /* listens already; whoever begins it closes it */
    char where[256];
    char socket_path[sizeof((struct sockaddr_un){0}.sun_path)]; /* to remove, or "" */
    bool local; /* only this machine can reach it */
} listening;

/* As server_open says. 0, NDR_E_SYNTAX, NDR_E_SYS. */
int
listening_begin(const char *listen_on, bool open_to_all, listening *ret, ndr_error *err);

#endif
