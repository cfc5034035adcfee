/* SPDX-License-Identifier: BSD-3-Clause */
/* history_read.c - see history_read.h. */
#define _GNU_SOURCE /* memmem, memrchr */
#include "history_read.h"

#include "history_parts.h"
#include "ndrscan_io.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 << 10 }; /* bytes that are read at once, from the end */

/* One reading. */
typedef struct reading {
    const char *path;
    const history_asked *asked;
    struct stat last; /* of the last file, if there is one */
    bool enough;
} reading;

/* ---- a line ------------------------------------------------------------------- */

static ndr_slice
text_of(const json_t *value)
{
    return (ndr_slice){(const unsigned char *)json_string_value(value),
                       json_string_length(value)};
}

static ndr_slice
member(const json_t *line, const char *name)
{
    return text_of(json_object_get(line, name));
}

/* Without an escape a text stands in a line as it is. */
static bool
may_hold(ndr_slice line, const char *text)
{
    return text == NULL || memmem(line.ptr, line.len, text, strlen(text)) != NULL ||
           memchr(line.ptr, '\\', line.len) != NULL;
}

/* False: no memory. */
static bool
tell_object(reading *r, ndr_slice whole, const json_t *o)
{
    const json_t *list = json_object_get(o, "mailboxes");
    const size_t count = json_array_size(list);
    ndr_slice *mailboxes = calloc(count + 1, sizeof *mailboxes);
    if (mailboxes == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        mailboxes[i] = text_of(json_array_get(list, i));
    r->enough = !r->asked->tell(
        r->asked->ctx, &(history_line){
                           .whole = whole,
                           .at = member(o, "at"),
                           .who = member(o, "who"),
                           .person = member(o, "person"),
                           .what = member(o, "what"),
                           .domain = member(o, "domain"),
                           .from = member(o, "from"),
                           .until = member(o, "until"),
                           .note = member(o, "note"),
                           .mailboxes = mailboxes,
                           .mailbox_count = count,
                           .folder = member(o, "folder"),
                           .take = member(o, "take"),
                           .until_calm = json_is_true(json_object_get(o, "until_calm")),
                           .subdomains = json_is_true(json_object_get(o, "subdomains")),
                       });
    free(mailboxes);
    return true;
}

static int
tell_line(reading *r, ndr_slice whole, ndr_error *err)
{
    if (!may_hold(whole, r->asked->text))
        return 0;
    errno = 0; /* what no memory was had for must not pass for a line that was cut */
    json_t *o = json_loadb((const char *)whole.ptr, whole.len, JSON_ALLOW_NUL, NULL);
    bool done = o != NULL || errno != ENOMEM;
    if (json_is_object(o))
        done = tell_object(r, whole, o);
    json_decref(o);
    return done ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory for the history");
}

/* ---- a file ------------------------------------------------------------------- */

/* Tell the lines of an open file, which is closed. */
typedef int (*file_reader)(reading *r, int fd, const char *path, ndr_error *err);

static int
tell_forwards(reading *r, int fd, const char *path, ndr_error *err)
{
    FILE *f = fdopen(fd, "r");
    if (f == NULL) {
        const int rc = ndr_fail(err, NDR_E_SYS, "open the history '%s'", path);
        (void)close(fd); /* was only opened */
        return rc;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;
    while (rc == 0 && !r->enough && (n = getline(&line, &cap, f)) > 0)
        if (line[n - 1] == '\n')
            rc = tell_line(r, (ndr_slice){(unsigned char *)line, (size_t)n - 1}, err);
    if (rc == 0 && ferror(f))
        rc = ndr_fail(err, NDR_E_SYS, "read the history '%s'", path);
    free(line);
    (void)fclose(f);
    return rc;
}

/* Of a file that is read from its end: what was read and not told yet, which begins at
 * `at`; before that nothing was read. */
typedef struct rest {
    off_t at;
    unsigned char *ptr;
    size_t len, room;
} rest;

/* Put what is before it in front: as much as there is already, so that a line of any
 * length is moved a few times only. */
static int
read_before(rest *t, int fd, const char *path, ndr_error *err)
{
    size_t more = t->len > BLOCK ? t->len : BLOCK, done = 0;
    more = (off_t)more < t->at ? more : (size_t)t->at;
    if (t->room < t->len + more) {
        unsigned char *longer = realloc(t->ptr, t->len + more);
        if (longer == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory for the history");
        t->ptr = longer;
        t->room = t->len + more;
    }
    if (t->len > 0)
        memmove(t->ptr + more, t->ptr, t->len);
    t->at -= (off_t)more;
    t->len += more;
    while (done < more) {
        const ssize_t n = pread(fd, t->ptr + done, more - done, t->at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ndr_fail(err, NDR_E_SYS, "read the history '%s'", path);
        if (n == 0) { /* a change that could not be kept was cut off meanwhile */
            t->len = done;
            break;
        }
        done += (size_t)n;
    }
    return 0;
}

/* Tell the lines that are whole, the last first, but for the first of them, whose
 * beginning may not have been read. */
static int
tell_rest(reading *r, rest *t, ndr_error *err)
{
    int rc = 0;
    while (rc == 0 && !r->enough && t->len > 0) {
        const bool whole = t->ptr[t->len - 1] == '\n'; /* else it was cut */
        const size_t end = t->len - whole;
        const unsigned char *before = end > 0 ? memrchr(t->ptr, '\n', end) : NULL;
        if (before == NULL && t->at > 0)
            break;
        const size_t begin = before != NULL ? (size_t)(before - t->ptr) + 1 : 0;
        if (whole)
            rc = tell_line(r, (ndr_slice){t->ptr + begin, end - begin}, err);
        t->len = begin;
    }
    return rc;
}

static int
tell_backwards(reading *r, int fd, const char *path, ndr_error *err)
{
    struct stat st;
    rest t = {0};
    int rc = 0;
    if (fstat(fd, &st) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "look at the history '%s'", path);
    else
        t.at = st.st_size;
    while (rc == 0 && !r->enough && t.at > 0) {
        rc = read_before(&t, fd, path, err);
        if (rc == 0)
            rc = tell_rest(r, &t, err);
    }
    free(t.ptr);
    (void)close(fd); /* was only read */
    return rc;
}

/* ---- all of them -------------------------------------------------------------- */

/* -1 and 0: it is not there. */
static int
open_to_read(const char *path, int *ret_fd, ndr_error *err)
{
    ndr_error own = {0};
    *ret_fd = ndr_open_own(AT_FDCWD, path, path, O_RDONLY | O_NONBLOCK, &own);
    if (*ret_fd >= 0 || own.sys_errno == ENOENT)
        return 0;
    ndr_error_prefix(&own, "the history");
    if (err != NULL)
        *err = own;
    return own.code;
}

static int
tell_part(reading *r, unsigned number, file_reader tell, ndr_error *err)
{
    char part[4096];
    struct stat st;
    int fd = -1;
    if (!history_part_path(r->path, number, part, sizeof part))
        return 0;
    const int rc = open_to_read(part, &fd, err);
    if (rc != 0 || fd < 0)
        return rc;
    if (fstat(fd, &st) == 0 &&
        ((st.st_dev == r->last.st_dev && st.st_ino == r->last.st_ino) ||
         st.st_size == 0 || !history_part_is(part, &st))) {
        /* it has got this number since, and is told as the last; or the next one, which
         * held the number for it, has taken its place since: what is in that is newer */
        (void)close(fd);
        return 0;
    }
    return tell(r, fd, part, err);
}

/* Open the last file, -1 where there is none, and find the parts before it: it may get a
 * number as soon as it is open. */
static int
begin(reading *r, int *ret_fd, unsigned **ret, size_t *ret_count, ndr_error *err)
{
    int rc = open_to_read(r->path, ret_fd, err);
    *ret = NULL;
    *ret_count = 0;
    if (rc == 0 && *ret_fd >= 0 && fstat(*ret_fd, &r->last) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "look at the history '%s'", r->path);
    if (rc == 0)
        rc = history_parts(r->path, ret, ret_count, err);
    if (rc == 0 && *ret_fd >= 0)
        *ret_count = history_parts_before(r->path, *ret, *ret_count, &r->last);
    if (rc != 0 && *ret_fd >= 0)
        (void)close(*ret_fd); /* was only opened */
    return rc;
}

int
history_each(const char *path, const history_asked *asked, ndr_error *err)
{
    reading r = {.path = path, .asked = asked};
    unsigned *list;
    size_t count;
    int fd;
    int rc = begin(&r, &fd, &list, &count, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count && rc == 0 && !r.enough; i++)
        rc = tell_part(&r, list[i], tell_forwards, err);
    free(list);
    if (fd >= 0 && rc == 0 && !r.enough)
        return tell_forwards(&r, fd, path, err);
    if (fd >= 0)
        (void)close(fd); /* was only opened */
    return rc;
}

int
history_newest(const char *path, const history_asked *asked, ndr_error *err)
{
    reading r = {.path = path, .asked = asked};
    unsigned *list;
    size_t count;
    int fd;
    int rc = begin(&r, &fd, &list, &count, err);
    if (rc != 0)
        return rc;
    if (fd >= 0)
        rc = tell_backwards(&r, fd, path, err);
    for (size_t i = count; i > 0 && rc == 0 && !r.enough; i--)
        rc = tell_part(&r, list[i - 1], tell_backwards, err);
    free(list);
    return rc;
}
