/* SPDX-License-Identifier: BSD-3-Clause */
/* survey.h - how does a verb look at every message of some sources, and print no record?
 */
#ifndef SURVEY_H
#define SURVEY_H

#include "app/setup.h"
#include "ndrscan_io.h"

typedef int survey_look(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
                        const ndr_verdict *v, ndr_error *err);

/* What its options ask for. */
typedef struct survey {
    setup setup;
    ndr_input_opts input;
    unsigned threads;
    int output; /* number of the --output word */
} survey;

/*
 * Take all options, and the sources. Below 0: go on; else the exit status (after
 * --help, or a mistake, told). survey_free in any case.
 */
int survey_args(survey *s, opts *o);
/* Load the rules and show `look` every message; *ret is what was seen, the
 * caller's to clear. The exit status, trouble told; EXIT_NOT_RUN: *ret is empty. */
int survey_run(survey *s, survey_look *look, void *ctx, bool try_all, ndr_stats *ret);
void survey_free(survey *s);

/* Write what was made of a survey to standard output; `whole` is false when there was
 * no memory for it. The exit status: `status`, unless something is told now. */
int survey_write(bool whole, const ndr_buffer *out, int status);

#endif
