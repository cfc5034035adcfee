/* SPDX-License-Identifier: BSD-3-Clause */
/* serve.h - how do rules that stay loaded answer many short-lived clients? */
#ifndef SERVE_H
#define SERVE_H

#include "app/count_run.h"
#include "policy.h"

typedef struct serve_opts {
    const char *path;           /* of the socket */
    unsigned mode;              /* its permissions */
    unsigned threads;           /* questions answered at once */
    size_t message_limit_bytes; /* 0: the usual */
    stats *stats;               /* what counts them, or NULL; borrowed */
} serve_opts;

/*
 * Answer questions (wire.h) until SIGTERM or SIGINT; those under way are finished. 0; or
 * an ndr_code: the socket cannot be had, a server answers there already. Thread: main.
 */
int serve(policies *j, const serve_opts *o, ndr_error *err);

#endif
