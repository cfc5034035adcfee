/* SPDX-License-Identifier: BSD-3-Clause */
/* log_postfix.h, log_exim.h - what does one line say of mail that we sent? */
#ifndef LOG_POSTFIX_H
#define LOG_POSTFIX_H

#include "log_joins.h"
#include "log_line.h"
#include "ndr_network.h"

/* What readers of lines share. */
typedef struct ndr_log_state {
    ndr_sent_log_opts opts;
    ndr_network *network; /* of opts.submitter; owned */
    ndr_log_clock clock;
    ndr_joins joins;
    ndr_sent_log_counts counts;
} ndr_log_state;

/* Take one line of the log. 0, NDR_E_NOMEM, or what opts.found answers. */
int ndr_log_postfix(ndr_log_state *s, const ndr_log_line *line, ndr_error *err);

#endif
