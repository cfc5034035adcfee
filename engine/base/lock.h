/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lock.h - a mutex that clang's thread-safety analysis understands.
 *
 * In C, clang (before its late attribute parsing) cannot name a sibling field
 * in guarded_by(). So guarded fields live in an inner struct, reached only
 * through an accessor that NDR_REQUIRES the mutex.
 */
#ifndef NDR_LOCK_H
#define NDR_LOCK_H

#include <pthread.h>

#if defined(__clang__)
#define NDR_ANNOTATE(x) __attribute__((x))
#else
#define NDR_ANNOTATE(x)
#endif
#define NDR_ACQUIRE(m)  NDR_ANNOTATE(acquire_capability(m))
#define NDR_RELEASE(m)  NDR_ANNOTATE(release_capability(m))
#define NDR_REQUIRES(m) NDR_ANNOTATE(requires_capability(m))
#define NDR_UNCHECKED   NDR_ANNOTATE(no_thread_safety_analysis)

typedef struct NDR_ANNOTATE(capability("mutex")) ndr_mutex {
    pthread_mutex_t os;
} ndr_mutex;

static inline void
ndr_lock(ndr_mutex *m) NDR_ACQUIRE(*m) NDR_UNCHECKED
{
    (void)pthread_mutex_lock(&m->os);
}

static inline void
ndr_unlock(ndr_mutex *m) NDR_RELEASE(*m) NDR_UNCHECKED
{
    (void)pthread_mutex_unlock(&m->os);
}

static inline void
ndr_wait(pthread_cond_t *c, ndr_mutex *m) NDR_REQUIRES(*m) NDR_UNCHECKED
{
    (void)pthread_cond_wait(c, &m->os);
}

#endif
