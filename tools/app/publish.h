/* SPDX-License-Identifier: BSD-3-Clause */
/* publish.h - who may have a file that a run writes, and may it be there already? */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "ndr_file.h"
#include "ndrscan_io.h"

/* A file being written that nobody sees yet. */
typedef struct publish {
    const char *path; /* its name to be; borrowed */
    int fd;           /* to write to */
    int dir;          /* the folder it will be in */
    ndr_new_file file;
} publish;

/*
 * Begin a file for `path`, readable by its owner alone. Where the file system can, it has
 * no name, so that nothing is left of it however the program ends. 0 or NDR_E_SYS;
 * NDR_E_SYNTAX when `path` is there and `force` is not set, or is no regular file.
 */
int publish_begin(publish *p, const char *path, bool force, ndr_error *err);
/*
 * Bring it to the disk and under its name, in one step. With mail in it it is read by
 * whom `privacy` allows, and by no more than what it replaces; NULL: by whom the umask
 * allows. Ends it, whatever it answers.
 */
int publish_commit(publish *p, bool force, const ndr_privacy *privacy, ndr_error *err);
/* Forget it. */
void publish_drop(publish *p);

#endif
