/* SPDX-License-Identifier: BSD-3-Clause */
/* child.h - how does a verb run another one, and hear of it? */
#ifndef CHILD_H
#define CHILD_H

#include <jansson.h>

#include <signal.h>

typedef struct child_opts {
    const char *program;           /* path */
    char *const *word;             /* argv, NULL at the end */
    int in, out;                   /* become its standard input and output; borrowed */
    const sigset_t *open;          /* the signal mask while it runs, here and there */
    const char *mute;              /* lines with it are dropped; NULL: none */
    void (*news)(const json_t *o); /* each line of its standard error that is an object */
} child_opts;

/*
 * Run it to its end: the exit status; -1: it could not be run, or a signal ended it,
 * told. Of ndrscan.yaml it takes what child_mark says. What else it says on
 * standard error is passed on. It does not get SIGHUP and SIGINT of the terminal. Thread:
 * main, one at a time.
 */
int child_run(const child_opts *o);
/* Ask the one that runs, if one does, to end. For handlers of signals. */
void child_end(void);

#endif
