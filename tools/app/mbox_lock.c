/* SPDX-License-Identifier: BSD-3-Clause */
/* mbox_lock.c - may this mbox be read now? */
#include "mbox_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 50 }; /* a tenth of a second apart */

int
mbox_lock(int fd, const char *path, ndr_error *err)
{
    static const char end[] = ".lock";
    const size_t n = strlen(path);
    char *dotlock = malloc(n + sizeof end);
    if (dotlock == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    memcpy(dotlock, path, n);
    memcpy(dotlock + n, end, sizeof end);
    int code = 0;
    for (int i = 0;; i++) {
        struct flock shared = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
        const bool locked = fcntl(fd, F_SETLK, &shared) == 0;
        if (!locked && errno != EACCES && errno != EAGAIN && errno != EINTR) {
            code = ndr_fail(err, NDR_E_SYS, "%s: lock", path);
            break;
        }
        if (locked && access(dotlock, F_OK) != 0)
            break;
        if (locked) { /* who made the dotlock may want this lock next */
            shared.l_type = F_UNLCK;
            (void)fcntl(fd, F_SETLK, &shared);
        }
        if (i == TRIES) {
            code = ndr_fail(err, NDR_E_STOPPED, "%s: is in use (%s%s); try again later",
                            path, locked ? "there is " : "it is locked by a program",
                            locked ? dotlock : "");
            break;
        }
        const struct timespec pause = {.tv_nsec = 100000000};
        (void)nanosleep(&pause, NULL);
    }
    free(dotlock);
    return code;
}
