/* SPDX-License-Identifier: BSD-3-Clause */
/* mbox_lock.h - may this mbox be read now? */
#ifndef MBOX_LOCK_H
#define MBOX_LOCK_H

#include "ndrscan.h"

/*
 * Wait until nobody writes to the mbox `fd` at `path` and see to it that nobody does who
 * keeps to locks: a shared fcntl lock, until `fd` is closed, and no PATH.lock beside it.
 * 0; NDR_E_STOPPED when it is still in use after five seconds; NDR_E_SYS. Thread: any.
 */
int mbox_lock(int fd, const char *path, ndr_error *err);

#endif
