/* SPDX-License-Identifier: BSD-3-Clause */
/* quiet_thread.h - how is a thread begun that no signal is for? Signals are for the
 * threads that look out for them. */
#ifndef NDR_QUIET_THREAD_H
#define NDR_QUIET_THREAD_H

#include <pthread.h>
#include <signal.h>

/* As pthread_create with the usual attributes. */
static inline int
ndr_quiet_thread(pthread_t *thread, void *(*fn)(void *arg), void *arg)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int code = pthread_create(thread, NULL, fn, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

#endif
