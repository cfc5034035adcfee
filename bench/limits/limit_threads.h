/* SPDX-License-Identifier: BSD-3-Clause */
/* limit_threads.h - how does a limit use all CPUs? */
#ifndef LIMIT_THREADS_H
#define LIMIT_THREADS_H

#include "measure.h"

#include <pthread.h>

enum { THREADS_MOST = 1024 };

/* Run `work` in so many threads, 1 to THREADS_MOST, to their end. */
static inline void
run_threads(long threads, void *(*work)(void *unused))
{
    pthread_t thread[THREADS_MOST];
    for (long t = 0; t < threads; t++)
        if (pthread_create(&thread[t], NULL, work, NULL) != 0)
            die("start", "no thread");
    for (long t = 0; t < threads; t++)
        (void)pthread_join(thread[t], NULL);
}

#endif
