/* SPDX-License-Identifier: BSD-3-Clause */
/* confine.h - what can the process still do, once it knows what it is to do? */
#ifndef CONFINE_H
#define CONFINE_H

#include "ndrscan.h"

/*
 * From now on this thread and those it starts can make and rename below `tree` (full
 * paths of Maildirs), write below the folder `journal` (a descriptor, -1: none), and
 * change nothing else. They read what they could read before. Where the kernel has no Landlock that does it (before
 * 5.19), nothing happens. False when the kernel has it and refused. Thread: main.
 */
bool confine(char *const *tree, size_t count, int journal);

/*
 * Work as user and group of a Maildir on this thread and those it starts: for access to
 * files only. 0 or an ndr_code. owner_leave goes back to what the process is.
 */
int owner_take(uint32_t uid, uint32_t gid, ndr_error *err);
void owner_leave(void);

#endif
