/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_queue.c - see notify_queue.h. */
#include "notify_queue.h"

#include "app/file_put.h"
#include "app/places.h"
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* One of its folders, made; -1 and errno. */
static int
part(int folder, const char *name)
{
    if (mkdirat(folder, name, 0750) != 0 && errno != EEXIST)
        return -1;
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
notify_queue_open(const char *folder, notify_queue *q, ndr_error *err)
{
    *q = (notify_queue){-1, -1, -1, -1, NULL, 0};
    int rc = place_make_system(folder, err);
    if (rc == 0)
        rc = ndr_folders_make(folder, 0, 0750, false, err);
    q->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (q->folder < 0)
        return rc < 0 ? rc : ndr_fail(err, NDR_E_SYS, "open the events '%s'", folder);
    if (flock(q->folder, LOCK_EX | LOCK_NB) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "lock the events '%s'", folder);
    else if ((q->fresh = part(q->folder, EVENTS_NEW)) < 0 ||
             (q->sent = part(q->folder, EVENTS_SENT)) < 0 ||
             (q->failed = part(q->folder, EVENTS_FAILED)) < 0)
        rc = ndr_fail(err, NDR_E_SYS, "make the folders of the events '%s'", folder);
    else
        rc = 0;
    if (rc < 0)
        notify_queue_close(q);
    return rc;
}

void
notify_queue_close(notify_queue *q)
{
    const int all[] = {q->fresh, q->sent, q->failed, q->folder};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] >= 0)
            (void)close(all[i]); /* were only listed */
    free(q->row);
    *q = (notify_queue){-1, -1, -1, -1, NULL, 0};
}

/* ---- looking ----------------------------------------------------------------------- */

static bool
is_event(const char *name)
{
    const size_t n = strlen(name);
    return name[0] != '.' && n > 5 && n < sizeof((waiting *)NULL)->name &&
           strcmp(name + n - 5, ".json") == 0;
}

static int
take(void *ctx, const struct dirent *d)
{
    notify_queue *q = ctx;
    struct stat st;
    if (!is_event(d->d_name) ||
        fstatat(q->fresh, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
        return 0;
    for (size_t i = 0; i < q->count; i++)
        if (strcmp(q->row[i].name, d->d_name) == 0) {
            q->row[i].seen = true;
            return 0;
        }
    const size_t n = q->count;
    if (n == 0 || (n & (n - 1)) == 0) { /* room doubles at powers of two */
        waiting *longer = realloc(q->row, (n == 0 ? 1 : 2 * n) * sizeof *longer);
        if (longer == NULL)
            return NDR_E_NOMEM;
        q->row = longer;
    }
    q->row[q->count++] = (waiting){.came = (int64_t)st.st_mtime, .seen = true};
    memcpy(q->row[n].name, d->d_name, strlen(d->d_name) + 1);
    return 0;
}

static int
by_coming(const void *a, const void *b)
{
    const waiting *x = a, *y = b;
    return x->came != y->came ? (x->came > y->came ? 1 : -1) : strcmp(x->name, y->name);
}

int
notify_queue_look(notify_queue *q, ndr_error *err)
{
    for (size_t i = 0; i < q->count; i++)
        q->row[i].seen = false;
    const int list = openat(q->fresh, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int code = ndr_folder_each(list, take, q);
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (code != 0)
        return ndr_fail(err, NDR_E_SYS, "list the events that wait");
    size_t kept = 0;
    for (size_t i = 0; i < q->count; i++)
        if (q->row[i].seen)
            q->row[kept++] = q->row[i];
    q->count = kept;
    if (kept > 1)
        qsort(q->row, kept, sizeof *q->row, by_coming);
    return 0;
}

bool
notify_queue_read(const notify_queue *q, const waiting *w, ndr_buffer *out)
{
    const int fd =
        openat(q->fresh, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    const int rc = ndr_read_all(fd, NOTIFY_BYTES, out), why = errno;
    (void)close(fd); /* was only read */
    errno = why;
    return rc == 0;
}

/* ---- what became of it --------------------------------------------------------------
 */

/* Out of those that wait, under its name there, to the disk. False and errno. */
static bool
move_to(notify_queue *q, waiting *w, int there)
{
    if (renameat(q->fresh, w->name, there, w->name) != 0 && errno != ENOENT)
        return false;
    w->due_ms = INT64_MAX;
    return ndr_folder_sync(there) == 0;
}

bool
notify_queue_done(notify_queue *q, waiting *w)
{
    return move_to(q, w, q->sent);
}

bool
notify_queue_rewrite(const notify_queue *q, const waiting *w, ndr_slice text)
{
    const struct timespec came[] = {{.tv_sec = (time_t)w->came},
                                    {.tv_sec = (time_t)w->came}};
    if (text.len > NOTIFY_BYTES) { /* it could not be read again */
        errno = EFBIG;
        return false;
    }
    return file_put(q->fresh, w->name, ".told", 0644, true, text) &&
           utimensat(q->fresh, w->name, came, AT_SYMLINK_NOFOLLOW) == 0;
}

void
notify_queue_drop(notify_queue *q, waiting *w)
{
    if (!move_to(q, w, q->failed))
        w->due_ms = INT64_MAX; /* it stays, and is looked at by the next one */
}

bool
notify_queue_again(notify_queue *q, waiting *w, int64_t now_ms, int64_t now)
{
    int64_t wait = NOTIFY_FIRST_MS;
    for (unsigned i = 0; i < w->tries && wait < NOTIFY_MOST_MS; i++)
        wait *= 2;
    w->tries++;
    w->due_ms = now_ms + (wait < NOTIFY_MOST_MS ? wait : NOTIFY_MOST_MS);
    if (now - w->came < NOTIFY_GIVE_UP_S)
        return true;
    notify_queue_drop(q, w);
    return false;
}

/* ---- what is over --------------------------------------------------------------------
 */

typedef struct prune {
    int dir;
    int64_t before;
} prune;

static int
prune_one(void *ctx, const struct dirent *d)
{
    const prune *p = ctx;
    struct stat st;
    if (is_event(d->d_name) &&
        fstatat(p->dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        (int64_t)st.st_ctime < p->before)
        (void)unlinkat(p->dir, d->d_name, 0);
    return 0;
}

void
notify_queue_prune(const notify_queue *q, int64_t now)
{
    const int all[] = {q->sent, q->failed};
    for (size_t i = 0; i < 2; i++) {
        prune p = {all[i], now - NOTIFY_SENT_S};
        (void)ndr_folder_each(openat(p.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                              prune_one, &p);
    }
}
