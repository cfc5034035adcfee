/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_mail.c - which mail has come into these Maildirs? */
#define _DEFAULT_SOURCE /* inotify, st_mtim */
#include "watch_mail.h"

#include "move/junk_place.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENT_BYTES = 1 << 16,
    SLACK_S = 2, /* clocks of file systems are this coarse, at worst */
};

/* A folder in which mail lies: "…/Maildir/new". */
typedef struct half {
    char *full;
    size_t maildir; /* in the list */
    int wd;         /* of the kernel, or -1 */
    dev_t device;   /* which folder it was: a name may be given to another */
    ino_t inode;
    /* as it was when it was last read. Both, since users set the one and clocks that go
     * back spoil the other */
    struct timespec written, changed;
    bool unread;     /* read all of it: it is new here, or could not be read */
    bool again;      /* more may have come within the same tick of the clock */
    strings pending; /* names */
    bool seen;       /* by the look under way */
} half;

struct watch_mail {
    watch_mail_opts o;
    maildirs list;
    uint64_t *device; /* of each operand; 0: it has not been seen yet */
    bool *away;       /* whether it is not there, or another file system is */
    bool came_back;   /* since last asked */
    half *half;       /* by `full` */
    size_t count, cap;
    int fd;       /* of inotify, or -1 */
    bool limited; /* the kernel did not take all folders */
    bool folders; /* it told of new ones */
    bool first;
};

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory to watch mail");
}

/* ---- folders ----------------------------------------------------------------- */

static void
drop_half(watch_mail *w, half *h)
{
    if (h->wd >= 0)
        (void)inotify_rm_watch(w->fd, h->wd); /* gone with its folder, most often */
    free(h->full);
    strings_free(&h->pending);
}

/* Where it is, or is to be. */
static size_t
find_half(const watch_mail *w, const char *full, bool *ret_there)
{
    size_t low = 0, high = w->count;
    *ret_there = false;
    while (low < high && !*ret_there) {
        const size_t at = (low + high) / 2;
        const int order = strcmp(w->half[at].full, full);
        *ret_there = order == 0;
        if (order < 0)
            low = at + 1;
        else
            high = at;
    }
    return *ret_there ? high : low;
}

static void
ask_kernel(watch_mail *w, half *h)
{
    if (w->fd < 0)
        return;
    /* the same number again, unless another folder has the name now */
    const int wd = inotify_add_watch(w->fd, h->full,
                                     IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE |
                                         IN_ONLYDIR | IN_DONT_FOLLOW);
    w->limited |= wd < 0 && errno == ENOSPC;
    if (h->wd >= 0 && h->wd != wd)
        (void)inotify_rm_watch(w->fd, h->wd); /* may be gone with its folder */
    h->wd = wd;
}

/* Hear of folders that are made in this one. */
static void
ask_for_folders(watch_mail *w, const char *path)
{
    if (w->fd >= 0 &&
        inotify_add_watch(w->fd, path, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR) < 0)
        w->limited |= errno == ENOSPC;
}

/* In the Maildir, and beside it. */
static void
ask_around(watch_mail *w, const maildir *m)
{
    char above[4096];
    ask_for_folders(w, m->full);
    const char *slash = strrchr(m->full, '/');
    const size_t n = slash != NULL ? (size_t)(slash - m->full) : 0;
    if (!w->o.recursive || n == 0 || n >= sizeof above)
        return;
    memcpy(above, m->full, n);
    above[n] = '\0';
    ask_for_folders(w, above);
}

static int
add_half(watch_mail *w, size_t in, const char *rel, ndr_error *err)
{
    const char *above = w->list.row[in].full;
    const size_t size = strlen(above) + strlen(rel) + 2;
    char *full = malloc(size);
    bool there;
    if (full == NULL)
        return no_memory(err);
    (void)snprintf(full, size, "%s/%s", above, rel);
    const size_t at = find_half(w, full, &there);
    if (there) {
        free(full);
        w->half[at].maildir = in;
        w->half[at].seen = true;
        ask_kernel(w, &w->half[at]);
        return 0;
    }
    if (w->count == w->cap) {
        const size_t cap = w->cap > 0 ? w->cap * 2 : 16;
        half *more = realloc(w->half, cap * sizeof *more);
        if (more == NULL) {
            free(full);
            return no_memory(err);
        }
        w->half = more;
        w->cap = cap;
    }
    memmove(&w->half[at + 1], &w->half[at], (w->count - at) * sizeof *w->half);
    w->count++;
    w->half[at] = (half){.full = full, .maildir = in, .wd = -1, .seen = true};
    ask_kernel(w, &w->half[at]);
    return 0;
}

/* ---- operands that are away --- */

/* Where nothing is mounted, the mount point is on another file system, without Maildirs;
 * and what was away is not back before there are some.
 * Below an operand no other file system is looked at. */
static void
look_at_operand(watch_mail *w, size_t i, bool found)
{
    struct stat st;
    const uint64_t device = stat(w->o.path[i], &st) == 0 ? (uint64_t)st.st_dev : 0;
    const bool other = device != 0 && w->device[i] != 0 && device != w->device[i];
    const bool away = device == 0 || ((other || w->away[i]) && !found);
    w->came_back |= !away && (w->away[i] || other);
    w->away[i] = away;
    if (!away)
        w->device[i] = device;
}

bool
watch_mail_came_back(watch_mail *w)
{
    const bool came = w->came_back;
    w->came_back = false;
    return came;
}

bool
watch_mail_sees_all(const watch_mail *w)
{
    bool all = true;
    for (size_t i = 0; i < w->o.count; i++)
        all = all && !w->away[i];
    return all;
}

/* Where mail lies that is to be judged. */
static int
find_halves(const watch_mail *w, const maildir *m, strings *ret)
{
    char name[JUNK_PLACE_BYTES];
    strings junk = {0};
    int code = junk_place_find(m->full, w->o.junk_folder, name, NULL);
    if (code == 0 && !strings_add(&junk, name))
        code = NDR_E_NOMEM;
    if (code == 0)
        code = maildir_halves(m, &junk, ret, NULL);
    strings_free(&junk);
    return code;
}

static int
find_folders(watch_mail *w, ndr_error *err)
{
    for (size_t i = 0; i < w->count; i++)
        w->half[i].seen = false;
    maildirs_free(&w->list);
    for (size_t i = 0; i < w->o.count; i++) {
        ask_for_folders(w, w->o.path[i]);
        const size_t before = w->list.count;
        const int code = maildirs_add(&w->list, w->o.path[i], w->o.recursive, NULL);
        if (code == NDR_E_NOMEM)
            return no_memory(err);
        look_at_operand(w, i, w->list.count > before);
    }
    for (size_t m = 0; m < w->list.count; m++) {
        strings rel = {0};
        ask_around(w, &w->list.row[m]);
        int code = find_halves(w, &w->list.row[m], &rel);
        for (size_t i = 0; i < rel.count && code == 0; i++)
            code = add_half(w, m, rel.at[i], err);
        strings_free(&rel);
        if (code == NDR_E_NOMEM)
            return no_memory(err);
    }
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->half[i].seen)
            w->half[kept++] = w->half[i];
        else
            drop_half(w, &w->half[i]);
    w->count = kept;
    return 0;
}

/* ---- names ---------------------------------------------------------------------- */

static bool
add_name(half *h, const char *name)
{
    return name[0] == '.' || strings_add(&h->pending, name);
}

static bool
is_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static bool
is_same(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Names of files that came, or were renamed, at `since` or later, seconds. 1; 0: not all
 * of it could be read; NDR_E_NOMEM. */
static int
read_names(half *h, DIR *d, int64_t since, ndr_error *err)
{
    int whole = 1;
    for (;;) {
        struct stat st;
        errno = 0;
        const struct dirent *e = readdir(d);
        if (e == NULL)
            return errno == 0 ? whole : 0;
        if (e->d_name[0] == '.')
            continue;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            whole = errno == ENOENT ? whole : 0;
        else if (S_ISREG(st.st_mode) && (int64_t)st.st_ctim.tv_sec >= since &&
                 !add_name(h, e->d_name))
            return no_memory(err);
    }
}

/* What is new in a folder that is not as it was. No clock is believed but the folder's
 * own, and that one only while it does not go back. */
static int
read_changed(const watch_mail *w, half *h, DIR *d, const struct stat *folder,
             ndr_error *err)
{
    const bool back = is_later(&h->changed, &folder->st_ctim) ||
                      is_later(&h->written, &folder->st_mtim);
    const int64_t since =
        h->unread || back ? INT64_MIN : (int64_t)h->changed.tv_sec - SLACK_S;
    const int64_t age = (int64_t)time(NULL) - (int64_t)folder->st_ctim.tv_sec;
    const int whole = w->first ? 1 : read_names(h, d, since, err);
    if (whole < 0)
        return whole;
    h->unread = whole == 0;
    h->again = age < SLACK_S && age > -SLACK_S;
    h->changed = folder->st_ctim;
    h->written = folder->st_mtim;
    return 0;
}

/* Names of a changed folder. */
static int
read_half(watch_mail *w, half *h, ndr_error *err)
{
    struct stat folder;
    const int fd =
        open(h->full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL || fstat(fd, &folder) != 0) {
        if (d != NULL)
            (void)closedir(d);
        else if (fd >= 0)
            (void)close(fd);
        return 0; /* gone, or not ours to read: apply says so */
    }
    if (folder.st_ino != h->inode || folder.st_dev != h->device) {
        h->unread = true; /* all that is in it is new here */
        h->inode = folder.st_ino;
        h->device = folder.st_dev;
    }
    int code = 0;
    if (h->unread || h->again || !is_same(&h->changed, &folder.st_ctim) ||
        !is_same(&h->written, &folder.st_mtim))
        code = read_changed(w, h, d, &folder, err);
    (void)closedir(d);
    return code;
}

int
watch_mail_look(watch_mail *w, ndr_error *err)
{
    int code = find_folders(w, err);
    for (size_t i = 0; i < w->count && code == 0; i++)
        code = read_half(w, &w->half[i], err);
    return code;
}

int
watch_mail_open(const watch_mail_opts *o, watch_mail **ret, const char **ret_told,
                ndr_error *err)
{
    watch_mail *w = calloc(1, sizeof *w);
    if (w == NULL)
        return no_memory(err);
    w->o = *o;
    w->first = true;
    w->fd = -1;
    w->device = calloc(o->count + 1, sizeof *w->device);
    w->away = calloc(o->count + 1, sizeof *w->away);
    if (w->device == NULL || w->away == NULL) {
        watch_mail_free(w);
        return no_memory(err);
    }
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    *ret_told = w->fd < 0 ? strerror(errno) : "";
    const int code = watch_mail_look(w, err);
    if (code != 0) {
        watch_mail_free(w);
        return code;
    }
    w->first = false;
    if (w->limited)
        *ret_told = "more folders than fs.inotify.max_user_watches";
    *ret = w;
    return 0;
}

void
watch_mail_free(watch_mail *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->count; i++)
        drop_half(w, &w->half[i]);
    free(w->half);
    maildirs_free(&w->list);
    free(w->device);
    free(w->away);
    if (w->fd >= 0)
        (void)close(w->fd);
    free(w);
}

const maildirs *
watch_mail_maildirs(const watch_mail *w)
{
    return &w->list;
}

int
watch_mail_fd(const watch_mail *w)
{
    return w->fd;
}

static bool
take_event(watch_mail *w, const struct inotify_event *e)
{
    for (size_t i = 0; i < w->count; i++) {
        half *h = &w->half[i];
        if (h->wd != e->wd)
            continue;
        if ((e->mask & IN_IGNORED) != 0)
            h->wd = -1; /* its folder is gone */
        else if (e->len > 0 && (e->mask & IN_ISDIR) == 0)
            return add_name(h, e->name);
        return true;
    }
    w->folders |= (e->mask & IN_ISDIR) != 0 && (e->mask & IN_IGNORED) == 0;
    return true;
}

bool
watch_mail_folders(watch_mail *w)
{
    const bool any = w->folders;
    w->folders = false;
    return any;
}

int
watch_mail_hear(watch_mail *w, ndr_error *err)
{
    alignas(struct inotify_event) char bytes[EVENT_BYTES];
    ssize_t n;
    bool lost = false;
    while (w->fd >= 0 && (n = read(w->fd, bytes, sizeof bytes)) > 0)
        for (size_t at = 0; at < (size_t)n;) {
            struct inotify_event e;
            memcpy(&e, bytes + at, sizeof e);
            const struct inotify_event *whole =
                (const struct inotify_event *)(const void *)(bytes + at);
            lost |= (e.mask & IN_Q_OVERFLOW) != 0;
            if (!take_event(w, whole))
                return no_memory(err);
            at += sizeof e + e.len;
        }
    return lost ? watch_mail_look(w, err) : 0;
}

/* ---- what is pending -------------------------------------------------------------- */

bool
watch_mail_any(const watch_mail *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->half[i].pending.count > 0)
            return true;
    return false;
}

void
watch_mail_forget(watch_mail *w)
{
    for (size_t i = 0; i < w->count; i++)
        strings_free(&w->half[i].pending);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
take_half(const watch_mail *w, half *h,
          int (*take)(void *ctx, const maildir *m, const char *path, ndr_error *err),
          void *ctx, ndr_error *err)
{
    int code = 0;
    char path[4096];
    struct stat st;
    if (h->pending.count > 1)
        qsort(h->pending.at, h->pending.count, sizeof *h->pending.at, by_text);
    for (size_t i = 0; i < h->pending.count && code == 0; i++) {
        if (i > 0 && strcmp(h->pending.at[i], h->pending.at[i - 1]) == 0)
            continue;
        const int n = snprintf(path, sizeof path, "%s/%s", h->full, h->pending.at[i]);
        if (n <= 0 || (size_t)n >= sizeof path)
            continue;
        if (lstat(path, &st) != 0)
            h->unread |= errno != ENOENT; /* moved on meanwhile: told of again */
        else if (S_ISREG(st.st_mode))
            code = take(ctx, &w->list.row[h->maildir], path, err);
    }
    return code;
}

int
watch_mail_take(watch_mail *w,
                int (*take)(void *ctx, const maildir *m, const char *path,
                            ndr_error *err),
                void *ctx, ndr_error *err)
{
    int code = 0;
    for (size_t i = 0; i < w->count && code == 0; i++)
        code = take_half(w, &w->half[i], take, ctx, err);
    watch_mail_forget(w);
    return code;
}
