/* SPDX-License-Identifier: BSD-3-Clause */
/* whole_file.c - what is in an open file? */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BEGIN_BYTES = 64 << 10 };

/* As realloc, but what was there, a secret perhaps, is not left behind. */
static unsigned char *
grow(unsigned char *text, size_t n, size_t room)
{
    unsigned char *more = malloc(room);
    if (more == NULL || n == 0)
        return more;
    memcpy(more, text, n);
    explicit_bzero(text, n);
    free(text);
    return more;
}

int
ndr_whole_file(int fd, const char *shown, size_t most, ndr_slice *ret, ndr_error *err)
{
    unsigned char *text = NULL;
    size_t n = 0, room = 0;
    int rc = 0;
    while (rc == 0 && n <= most) {
        if (n == room) {
            const size_t more = room > 0 ? 2 * room : BEGIN_BYTES;
            unsigned char *grown = grow(text, n, more);
            if (grown == NULL) {
                rc = ndr_fail(err, NDR_E_NOMEM, "no memory for '%s'", shown);
                break;
            }
            text = grown;
            room = more;
        }
        const ssize_t got = read(fd, text + n, room - n);
        if (got == 0)
            break;
        if (got > 0)
            n += (size_t)got;
        else if (errno != EINTR)
            rc = ndr_fail(err, NDR_E_SYS, "read '%s'", shown);
    }
    if (rc == 0 && n > most)
        rc = ndr_fail(err, NDR_E_LIMIT, "'%s' is over %zu MiB", shown, most >> 20);
    *ret = (ndr_slice){text, n};
    return rc;
}
