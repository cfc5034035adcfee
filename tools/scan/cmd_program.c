/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_program.c - which verbs are programs of their own, and where are they? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* `ndrscan NAME` becomes `ndrscan-NAME` beside it, or where PATH has it; `ndrscan NAME
 * WORD` becomes `ndrscan-NAME WORD`. */
int
cmd_program(opts *o)
{
    char self[4096], path[sizeof self + 64];
    char name[64];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    (void)snprintf(name, sizeof name, "ndrscan-%s", o->verb->name);
    char *second = strchr(name, ' ');
    char **argv = second != NULL ? o->argv - 1 : o->argv; /* from its first word on */
    if (second != NULL)
        *second = '\0';
    argv[0] = name;
    if (slash != NULL) {
        *slash = '\0';
        (void)snprintf(path, sizeof path, "%s/%s", self, name);
        (void)execv(path, argv);
    }
    (void)execvp(name, argv);
    diag(
        "%s cannot be started (%s); it is a program of its own, which is built where its "
        "libraries are installed",
        name, strerror(errno));
    /* mail is waiting for the client */
    return o->verb == &verb_client ? EX_TEMPFAIL : EXIT_NOT_RUN;
}
