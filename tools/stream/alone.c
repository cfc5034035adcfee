/* SPDX-License-Identifier: BSD-3-Clause */
/* alone.c - when does ndrscan-client leave a message to ndrscan itself, and how? */
#include "alone.h"

#include "app/diag.h"
#include "app/places.h"
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

typedef int find_place(const char *name, char *path, size_t size, ndr_error *err);

/* Is there one that is not the system's, which the server reads, too? */
static bool
has_own(find_place *own, find_place *of_system, const char *name)
{
    char path[4096], shared[sizeof path];
    return own(name, path, sizeof path, NULL) == 0 &&
           (of_system(name, shared, sizeof shared, NULL) != 0 ||
            strcmp(path, shared) != 0) &&
           (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

static bool
answers(const char *path)
{
    struct sockaddr_un at;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    /* a queue that is full is a server's */
    const bool good = wire_address(path, &at) &&
                      (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 ||
                       errno == EAGAIN);
    (void)close(fd); /* was only to ask */
    return good;
}

bool
alone_is_better(const char *path)
{
    return has_own(place_setting, place_system_setting, ".") ||
           has_own(place_state, place_system_state, "sent") || !answers(path);
}

int
alone_run(const char *word, const ndr_buffer *args)
{
    char self[4096], path[sizeof self + 16];
    ndr_buffer all = {0};
    ndr_buffer_printf(&all, "ndrscan%c%s%c", '\0', word, '\0');
    ndr_buffer_add(&all, (ndr_slice){args->ptr, args->len});
    size_t count = 0;
    for (size_t i = 0; i < all.len; i++)
        count += all.ptr[i] == '\0';
    char **argv = calloc(count + 1, sizeof *argv);
    if (argv == NULL || all.failed || args->failed) {
        diag("out of memory");
        free(argv);
        ndr_buffer_free(&all);
        return EX_TEMPFAIL;
    }
    char *next = (char *)all.ptr;
    for (size_t i = 0; i < count; i++, next += strlen(next) + 1)
        argv[i] = next;
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL) {
        *slash = '\0';
        (void)snprintf(path, sizeof path, "%s/ndrscan", self);
        (void)execv(path, argv);
    }
    (void)execvp("ndrscan", argv);
    diag("ndrscan itself is needed here, and cannot be started (%s)", strerror(errno));
    free(argv);
    ndr_buffer_free(&all);
    return EX_TEMPFAIL;
}
