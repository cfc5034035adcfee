/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * admins_watch.c - what does the file of people say now, and may it be believed?
 *
 * It is looked at (one stat) each time that somebody asks. An edit within the tick of
 * the one before it has the same times, so a file that is that young is read all the
 * same and told by its bytes; and so is each now and then, for its folder's sake.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "ndr_admins.h"
#include "ndr_clock.h"
#include "ndr_file.h"
#include "ndr_hash.h"
#include "quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_BYTES = 8 << 20,
    YOUNG_S = 2,
    RETRY_MS = 1000,
    AGAIN_MS = 5000,
    CHANGES_MAX = 100,
    SHOWN_MAX = 200
};

struct ndr_admins_watch {
    char *path;
    char shown[SHOWN_MAX];
    void (*tell)(void *ctx, const char *text);
    void *ctx;
    ndr_admins *good;   /* of the last file that could be used */
    ndr_admins *nobody; /* an empty one */
    struct stat seen;   /* as it was last looked at */
    uint64_t bytes;     /* hash of what was read then */
    bool looked, bad;
    int64_t good_ms; /* when it was last found in order */
    int64_t bad_since_ms;
    int64_t tried_ms; /* when it was last read */
    char told[sizeof((ndr_error *)NULL)->text];
};

static bool
same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
           a->st_nlink == b->st_nlink && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* May what this file says be believed? */
static int
check_file(const ndr_admins_watch *w, const struct stat *st, ndr_error *err)
{
    if (!S_ISREG(st->st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", w->shown);
    if (st->st_uid != 0)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is not root's; chown root it", w->shown);
    if ((st->st_mode & 07777 & ~0640U) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' has mode %04o, and others could read or change who may do "
                        "what; chmod 0640 it",
                        w->shown, (unsigned)(st->st_mode & 07777));
    if (st->st_nlink != 1)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' has a second name; remove that",
                        w->shown);
    if (st->st_size > MAX_BYTES)
        return ndr_fail(err, NDR_E_LIMIT, "'%s' is over %d MiB", w->shown,
                        MAX_BYTES >> 20);
    return 0;
}

/* Can only root put another file in its place? */
static int
check_folder(const ndr_admins_watch *w, ndr_error *err)
{
    const char *base;
    struct stat st;
    const int dir = ndr_folder_of(w->path, &base);
    const bool good = dir >= 0 && fstat(dir, &st) == 0;
    const int rc =
        good ? 0 : ndr_fail(err, NDR_E_SYS, "look at the folder of '%s'", w->shown);
    if (dir >= 0)
        (void)close(dir); /* was only looked at */
    if (rc != 0)
        return rc;
    const bool others = (st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0;
    if (st.st_uid != 0 || others)
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "the folder of '%s' can be changed by others than root; chown root "
            "and chmod go-w it",
            w->shown);
    return 0;
}

/* All of it into *text, which is to be freed. */
static int
read_all(const ndr_admins_watch *w, int fd, ndr_slice *ret, ndr_error *err)
{
    unsigned char *text = malloc(MAX_BYTES + 1);
    size_t n = 0;
    int rc = text != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
    while (rc == 0 && n <= MAX_BYTES) {
        const ssize_t got = read(fd, text + n, MAX_BYTES + 1 - n);
        if (got == 0)
            break;
        if (got > 0)
            n += (size_t)got;
        else if (errno != EINTR)
            rc = ndr_fail(err, NDR_E_SYS, "read '%s'", w->shown);
    }
    if (rc == 0 && n > MAX_BYTES)
        rc = ndr_fail(err, NDR_E_LIMIT, "'%s' is over %d MiB", w->shown, MAX_BYTES >> 20);
    *ret = (ndr_slice){text, n};
    return rc;
}

static void
wipe(ndr_slice text)
{
    unsigned char *bytes = (unsigned char *)(uintptr_t)text.ptr;
    if (bytes != NULL)
        explicit_bzero(bytes, text.len);
    free(bytes);
}

/* What the file says now, into *ret; NULL there: what it said before. */
static int
read_now(ndr_admins_watch *w, ndr_admins **ret, ndr_error *err)
{
    ndr_slice text = {0};
    struct stat st;
    *ret = NULL;
    const int fd =
        open(w->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "open '%s'", w->shown);
    int rc = fstat(fd, &st) != 0 ? ndr_fail(err, NDR_E_SYS, "stat '%s'", w->shown)
                                 : check_file(w, &st, err);
    if (rc == 0)
        rc = check_folder(w, err);
    if (rc == 0)
        rc = read_all(w, fd, &text, err);
    (void)close(fd); /* was only read */
    const uint64_t bytes = rc == 0 ? ndr_hash(text, 1) : 0;
    if (rc == 0 && (w->good == NULL || w->bad || bytes != w->bytes))
        rc = ndr_admins_parse(w->shown, text, ret, err);
    if (rc == 0)
        w->bytes = bytes;
    wipe(text);
    return rc;
}

static void
say(ndr_admins_watch *w, const char *text)
{
    if (strcmp(w->told, text) == 0)
        return;
    (void)strncpy(w->told, text, sizeof w->told - 1);
    if (w->tell != NULL)
        w->tell(w->ctx, text);
}

/* Whose rights are others now. Both are sorted by name. */
static void
say_changes(const ndr_admins_watch *w, const ndr_admins *was, const ndr_admins *is)
{
    size_t n = 0, k = 0, told = 0;
    const ndr_admin *a = ndr_admins_rows(was, &n), *b = ndr_admins_rows(is, &k);
    for (size_t i = 0, j = 0; (i < n || j < k) && told < CHANGES_MAX;) {
        char text[160];
        const int c = i == n ? 1 : j == k ? -1 : strcmp(a[i].name, b[j].name);
        const bool same = c == 0 && a[i].generation == b[j].generation;
        (void)snprintf(text, sizeof text, "admin '%s' %s", c <= 0 ? a[i].name : b[j].name,
                       c < 0   ? "was taken out"
                       : c > 0 ? "was let in"
                               : "has other rights, or another way in");
        i += c <= 0;
        j += c >= 0;
        told += !same;
        if (!same)
            w->tell(w->ctx, text);
    }
}

/* Take up what was read, or why it could not be. */
static void
take_up(ndr_admins_watch *w, ndr_admins *fresh, const ndr_error *err, int64_t changed_ms)
{
    if (err != NULL) {
        if (!w->bad) /* its folder may be what changed */
            w->bad_since_ms = changed_ms > w->good_ms ? changed_ms : w->good_ms;
        w->bad = true;
        say(w, err->text);
        return;
    }
    if (fresh != NULL) {
        if (w->tell != NULL)
            say_changes(w, w->good, fresh);
        ndr_admins_free(w->good);
        w->good = fresh;
    }
    if (w->bad)
        say(w, "the file of admins can be used again");
    w->bad = false;
    w->told[0] = '\0';
}

/* When the file was changed, on the clock of `now_ms`; never later than now. */
static int64_t
changed_at(const struct stat *st, bool there, int64_t now_ms)
{
    const int64_t age = there ? (int64_t)time(NULL) - (int64_t)st->st_ctim.tv_sec : 0;
    return now_ms - (age > 0 ? age : 0) * 1000;
}

const ndr_admins *
ndr_admins_now(ndr_admins_watch *w, int64_t now_ms)
{
    struct stat st = {0};
    const bool there = lstat(w->path, &st) == 0;
    const bool young =
        there && (int64_t)time(NULL) - (int64_t)st.st_ctim.tv_sec < YOUNG_S;
    const bool again = now_ms - w->tried_ms >= (w->bad ? RETRY_MS : AGAIN_MS);
    if (!w->looked || young || again || !same(&st, &w->seen)) {
        ndr_error err = {0};
        ndr_admins *fresh = NULL;
        const int rc = read_now(w, &fresh, &err);
        take_up(w, fresh, rc != 0 ? &err : NULL, changed_at(&st, there, now_ms));
        w->seen = st;
        w->looked = true;
        w->tried_ms = now_ms;
    }
    if (!w->bad)
        w->good_ms = now_ms;
    const bool over =
        w->bad && now_ms - w->bad_since_ms >= (int64_t)NDR_ADMINS_GRACE_S * 1000;
    return over || w->good == NULL ? w->nobody : w->good;
}

int
ndr_admins_watch_begin(const char *path, void (*tell)(void *ctx, const char *text),
                       void *ctx, ndr_admins_watch **ret, ndr_error *err)
{
    ndr_admins_watch *w = calloc(1, sizeof *w);
    int rc = w != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (rc == 0) {
        w->path = strdup(path);
        ndr_quote_path(path, w->shown, sizeof w->shown);
        rc = w->path != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    if (rc == 0)
        rc = ndr_admins_parse("", (ndr_slice){0}, &w->nobody, err);
    if (rc == 0)
        rc = read_now(w, &w->good, err);
    if (rc != 0) {
        ndr_admins_watch_end(w);
        return rc;
    }
    w->tell = tell;
    w->ctx = ctx;
    w->good_ms = ndr_now_ms();
    *ret = w;
    return 0;
}

void
ndr_admins_watch_end(ndr_admins_watch *w)
{
    if (w == NULL)
        return;
    ndr_admins_free(w->good);
    ndr_admins_free(w->nobody);
    free(w->path);
    free(w);
}
