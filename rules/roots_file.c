/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * roots_file.c - what does a file of root's say now, and may it be believed?
 *
 * It is looked at (one stat) each time that somebody asks. An edit within the tick of
 * the one before it has the same times, so a file that is that young is read all the
 * same and told by its bytes; and so is each now and then, for its folder's sake.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "roots_file.h"

#include "ndr_admins.h"
#include "ndr_clock.h"
#include "ndr_file.h"
#include "ndr_hash.h"
#include "quote.h"
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { YOUNG_S = 2, RETRY_MS = 1000, AGAIN_MS = 5000, SHOWN_MAX = 200 };

struct ndr_roots_file {
    const ndr_roots_kind *kind;
    char *path;
    char shown[SHOWN_MAX];
    void (*tell)(void *ctx, const char *text);
    void *ctx;
    void *good;       /* of the last file that could be used */
    struct stat seen; /* as it was last looked at */
    uint64_t bytes;   /* hash of what was read then */
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
check_file(const ndr_roots_file *w, const struct stat *st, ndr_error *err)
{
    if (!S_ISREG(st->st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", w->shown);
    if (st->st_uid != 0)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is not root's; chown root it", w->shown);
    if ((st->st_mode & 07777 & ~0640U) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' has mode %04o, and others could read or change %s; chmod "
                        "0640 it",
                        w->shown, (unsigned)(st->st_mode & 07777), w->kind->says);
    if (st->st_nlink != 1)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' has a second name; remove that",
                        w->shown);
    return 0;
}

/* Can only root put another file in its place? */
static int
check_folder(const ndr_roots_file *w, ndr_error *err)
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
read_now(ndr_roots_file *w, void **ret, ndr_error *err)
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
        rc = ndr_whole_file(fd, w->shown, w->kind->most_bytes, &text, err);
    (void)close(fd); /* was only read */
    const uint64_t bytes = rc == 0 ? ndr_hash(text, 1) : 0;
    if (rc == 0 && (w->good == NULL || w->bad || bytes != w->bytes))
        rc = w->kind->parse(w->shown, text, ret, err);
    if (rc == 0)
        w->bytes = bytes;
    wipe(text);
    return rc;
}

static void
say(ndr_roots_file *w, const char *text)
{
    if (strcmp(w->told, text) == 0)
        return;
    (void)strncpy(w->told, text, sizeof w->told - 1);
    if (w->tell != NULL)
        w->tell(w->ctx, text);
}

/* Take up what was read, or why it could not be. */
static void
take_up(ndr_roots_file *w, void *fresh, const ndr_error *err, int64_t changed_ms)
{
    if (err != NULL) {
        if (!w->bad) /* its folder may be what changed */
            w->bad_since_ms = changed_ms > w->good_ms ? changed_ms : w->good_ms;
        w->bad = true;
        say(w, err->text);
        return;
    }
    if (fresh != NULL) {
        if (w->tell != NULL && w->kind->changed != NULL)
            w->kind->changed(w->good, fresh, w->tell, w->ctx);
        w->kind->drop(w->good);
        w->good = fresh;
    }
    if (w->bad) {
        char text[96];
        (void)snprintf(text, sizeof text, "%s can be used again", w->kind->name);
        say(w, text);
    }
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

const void *
ndr_roots_file_now(ndr_roots_file *w, int64_t now_ms)
{
    struct stat st = {0};
    const bool there = lstat(w->path, &st) == 0;
    const bool young =
        there && (int64_t)time(NULL) - (int64_t)st.st_ctim.tv_sec < YOUNG_S;
    const bool again = now_ms - w->tried_ms >= (w->bad ? RETRY_MS : AGAIN_MS);
    if (!w->looked || young || again || !same(&st, &w->seen)) {
        ndr_error err = {0};
        void *fresh = NULL;
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
    return over ? NULL : w->good;
}

int
ndr_roots_file_begin(const ndr_roots_kind *kind, const char *path,
                     void (*tell)(void *ctx, const char *text), void *ctx,
                     ndr_roots_file **ret, ndr_error *err)
{
    ndr_roots_file *w = calloc(1, sizeof *w);
    int rc = w != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (rc == 0) {
        w->kind = kind;
        w->path = strdup(path);
        ndr_quote_path(path, w->shown, sizeof w->shown);
        rc = w->path != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    if (rc == 0)
        rc = read_now(w, &w->good, err);
    if (rc != 0) {
        ndr_roots_file_end(w);
        return rc;
    }
    w->tell = tell;
    w->ctx = ctx;
    w->good_ms = ndr_now_ms();
    *ret = w;
    return 0;
}

void
ndr_roots_file_end(ndr_roots_file *w)
{
    if (w == NULL)
        return;
    if (w->good != NULL)
        w->kind->drop(w->good);
    free(w->path);
    free(w);
}
