/* SPDX-License-Identifier: BSD-3-Clause */
/* confine.h - what can the process still do, once it knows what it is to do? */
#ifndef CONFINE_H
#define CONFINE_H

#include "ndrscan.h"

/* What stays possible in one place. */
enum confine_right {
    CONFINE_MOVE,   /* below a folder: make, rename and remove files and folders */
    CONFINE_KEEP,   /* below a folder: make, write, rename and remove files */
    CONFINE_UNLINK, /* remove files below a folder */
};
typedef struct confine_place {
    const char *folder; /* its full path; one that is not there is passed over */
    int fd;             /* without a path: open on it, borrowed; -1: passed over */
    enum confine_right right;
} confine_place;

/*
 * From now on this thread and those it starts change nothing on disk but in these
 * places. They read what they could read before. Where the kernel has no Landlock that
 * does it (before 5.19), nothing happens. False when the kernel has it and refused.
 * Thread: main.
 */
bool confine_to(const confine_place *place, size_t count);

/*
 * From now on this thread and those it starts can make and rename below `tree` (full
 * paths of Maildirs), write below the folder `journal` (a descriptor, -1: none), and
 * change nothing else, as confine_to.
 */
bool confine(char *const *tree, size_t count, int journal);

/*
 * Work as user and group of a Maildir on this thread and those it starts: for access to
 * files only. 0 or an ndr_code. owner_leave goes back to what the process is.
 */
int owner_take(uint32_t uid, uint32_t gid, ndr_error *err);
void owner_leave(void);

#endif
