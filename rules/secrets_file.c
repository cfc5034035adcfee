/* SPDX-License-Identifier: BSD-3-Clause */
/* secrets_file.c - see secrets_file.h. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "secrets_file.h"

#include "quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = NDR_SECRETS_MOST * (NDR_SECRET_BYTES + 2), SHOWN_MAX = 200 };

static int
look_at(int fd, const char *shown, ndr_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "stat '%s'", shown);
    if (!S_ISREG(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", shown);
    if ((st.st_mode & (S_IROTH | S_IWOTH)) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' is open to everybody; make new secrets, and chmod o-rw it",
                        shown);
    if (st.st_size > FILE_BYTES)
        return ndr_fail(err, NDR_E_LIMIT, "'%s' is over %d bytes", shown, FILE_BYTES);
    return 0;
}

/* Into `text`, which has room for FILE_BYTES. */
static int
read_whole(int fd, const char *shown, unsigned char *text, size_t *len, ndr_error *err)
{
    *len = 0;
    while (*len < FILE_BYTES) {
        const ssize_t n = read(fd, text + *len, FILE_BYTES - *len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "read '%s'", shown);
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return 0;
}

/* The next line that is not empty; false: there is none. */
static bool
next_line(ndr_slice text, size_t *at, ndr_slice *ret)
{
    while (*at < text.len) {
        const unsigned char *end = memchr(text.ptr + *at, '\n', text.len - *at);
        const size_t stop = end != NULL ? (size_t)(end - text.ptr) : text.len;
        *ret = (ndr_slice){text.ptr + *at, stop - *at};
        *at = stop + 1;
        if (ret->len > 0 && ret->ptr[ret->len - 1] == '\r')
            ret->len--;
        if (ret->len > 0)
            return true;
    }
    return false;
}

static int
take_lines(ndr_slice text, const char *shown, ndr_keep *k, const ndr_slice **ret,
           size_t *count, ndr_error *err)
{
    ndr_slice line;
    size_t n = 0, i = 0;
    for (size_t at = 0; next_line(text, &at, &line); n++)
        if (line.len > NDR_SECRET_BYTES || n == NDR_SECRETS_MOST)
            return ndr_fail(err, NDR_E_LIMIT,
                            "'%s' holds more than %d secrets, or one of over %d bytes",
                            shown, NDR_SECRETS_MOST, NDR_SECRET_BYTES);
    if (n == 0)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' holds no secret", shown);
    ndr_slice *list = ndr_keep_room(k, n, sizeof *list);
    for (size_t at = 0; list != NULL && next_line(text, &at, &line); i++)
        if (!ndr_keep_copy(k, line, false, &list[i]))
            list = NULL;
    if (list == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    *ret = list;
    *count = n;
    return 0;
}

int
ndr_secrets_read(const char *path, ndr_keep *k, const ndr_slice **ret, size_t *count,
                 ndr_error *err)
{
    char shown[SHOWN_MAX];
    size_t len = 0;
    ndr_quote_path(path, shown, sizeof shown);
    const int fd =
        ndr_open_own(AT_FDCWD, path, shown, O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
    if (fd < 0)
        return fd;
    unsigned char *text = malloc(FILE_BYTES);
    int rc =
        text != NULL ? look_at(fd, shown, err) : ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (rc == 0)
        rc = read_whole(fd, shown, text, &len, err);
    (void)close(fd); /* was only read */
    if (rc == 0)
        rc = take_lines((ndr_slice){text, len}, shown, k, ret, count, err);
    if (text != NULL)
        explicit_bzero(text, len);
    free(text);
    return rc;
}
