/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * later.c - a clock that a test moves on, to be preloaded.
 *
 * NDR_LATER=F  so many seconds as file F says, if it is there, have passed on the
 *              monotonic clock besides those that did
 */
#define _DEFAULT_SOURCE /* syscall */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Read each time: it is moved on while programs run. */
static long
seconds_later(void)
{
    const char *path = getenv("NDR_LATER");
    FILE *in = path != NULL ? fopen(path, "re") : NULL;
    char text[32] = "";
    if (in == NULL)
        return 0;
    const long later = fgets(text, sizeof text, in) != NULL ? strtol(text, NULL, 10) : 0;
    (void)fclose(in); /* was only read */
    return later;
}

int
clock_gettime(clockid_t id, struct timespec *ret)
{
    if (syscall(SYS_clock_gettime, id, ret) != 0)
        return -1;
    if (id == CLOCK_MONOTONIC)
        ret->tv_sec += seconds_later();
    return 0;
}
