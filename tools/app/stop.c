/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stop.c - did a signal ask the run to end?
 *
 * The handler only sets atomics and calls the source's stop, which is made
 * for signals: what was taken up is finished and written by the run itself.
 */
#include "stop.h"

#include "commands.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static ndr_stop stopped;
static atomic_bool in_run; /* records may be in flight */
static _Atomic(int) by;
static _Atomic(ndr_source *) waiting;

static void
on_signal(int number)
{
    const int saved = errno;
    if (!atomic_load(&in_run))
        _exit(number == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED);
    atomic_store(&by, number);
    ndr_stop_ask(&stopped);
    ndr_source *s = atomic_load(&waiting);
    if (s != NULL)
        s->stop(s);
    errno = saved;
}

static void
take_signals(void)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(SIGTERM, &sa, NULL);
    /* who starts a job in the background has ^C ignored for it: that stays */
    struct sigaction was;
    if (sigaction(SIGINT, NULL, &was) == 0 && was.sa_handler == SIG_IGN)
        return;
    sa.sa_flags |= (int)SA_RESETHAND; /* the second one meets the default: death */
    (void)sigaction(SIGINT, &sa, NULL);
}

void
stop_at_once_on_signals(void)
{
    take_signals();
}

void
stop_on_signals(ndr_source *source)
{
    atomic_store(&waiting, source);
    atomic_store(&in_run, true);
    take_signals();
}

void
stop_on_hangup(void)
{
    struct sigaction was, sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    (void)sigemptyset(&sa.sa_mask);
    if (sigaction(SIGHUP, NULL, &was) != 0 || was.sa_handler != SIG_IGN)
        (void)sigaction(SIGHUP, &sa, NULL);
}

void
stop_forget(void)
{
    atomic_store(&waiting, NULL);
}

const ndr_stop *
stop_flag(void)
{
    return &stopped;
}

int
stop_signal(void)
{
    return atomic_load(&by);
}
