/* SPDX-License-Identifier: BSD-3-Clause */
/* cpus.h - how many threads are there to work with? */
#ifndef CPUS_H
#define CPUS_H

enum { MAX_THREADS = 512 };

/* CPUs that this process may run on, 1 to MAX_THREADS. */
unsigned cpus_allowed(void);

#endif
