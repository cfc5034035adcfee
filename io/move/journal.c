/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal.c - which runs were there, and what did the last one leave open?
 *
 * A run's lines are only ever added. What a kill or a power cut tore off at the end was
 * never acted upon, since intents are on the disk before the first rename: it is cut off
 * before anything is added behind it.
 */
#define _DEFAULT_SOURCE /* flock */
#include "journal.h"

#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ndr_journal {
    char *path;
    int fd, lock; /* -1: none */
    ndr_journal_file **file;
    ndr_journal_run *run; /* copies of what the files hold, sorted by sequence */
    size_t count, cap;
    uint64_t next; /* sequence */
    char id[64];   /* of the run that was begun */
    ndr_journal_windows *windows;
};

/* ---- the folder ----------------------------------------------------------------------
 */

static int
sync_file(int fd, bool folder)
{
    int rc;
    while ((rc = folder ? fsync(fd) : fdatasync(fd)) != 0 && errno == EINTR)
        ;
    return rc;
}

static int
open_folder(ndr_journal *j, bool change, ndr_error *err)
{
    if (change && ndr_folders_make(j->path, 0, 0700, true, err) != 0)
        return err != NULL ? err->code : NDR_E_SYS;
    j->fd = open(j->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->fd < 0 && errno == ENOENT && !change)
        return 0;
    struct stat st;
    if (j->fd < 0 || fstat(j->fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "open journal folder '%s'", j->path);
    if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "journal folder '%s': must be yours, and writable by nobody else "
                        "(chmod go-w)",
                        j->path);
    if (!change)
        return 0;
    j->lock = openat(j->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = j->lock < 0 ? -1 : 0;
    while (rc == 0 && (rc = flock(j->lock, LOCK_EX | LOCK_NB)) != 0 && errno == EINTR)
        rc = 0;
    if (rc != 0)
        return ndr_fail(err, NDR_E_SYS, "lock journal folder '%s'", j->path);
    return 0;
}

/* "20080513T080000Z-17.run": its 17; 0 when it is no run's name. */
static uint64_t
sequence_of(const char *name)
{
    const char *dash = strchr(name, '-');
    if (dash == NULL || dash[1] < '1' || dash[1] > '9')
        return 0;
    char *end;
    errno = 0;
    const unsigned long long n = strtoull(dash + 1, &end, 10);
    return errno == 0 && strcmp(end, ".run") == 0 ? n : 0;
}

static int
read_whole(int fd, ndr_buffer *out, ndr_error *err)
{
    const int rc = ndr_read_all(fd, SIZE_MAX, out);
    return rc == 0 ? 0
                   : ndr_fail(err, rc,
                              rc == NDR_E_NOMEM ? "no memory for the journal" : "read");
}

static int
load(ndr_journal *j, const char *name, bool change, ndr_error *err)
{
    const uint64_t sequence = sequence_of(name);
    char id[64];
    (void)snprintf(id, sizeof id, "%.*s", (int)(strlen(name) - 4), name);
    if (j->count == j->cap) {
        const size_t cap = j->cap > 0 ? j->cap * 2 : 16;
        ndr_journal_file **more = realloc(j->file, cap * sizeof(ndr_journal_file *));
        if (more == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
        j->file = more;
        j->cap = cap;
    }
    const int fd = openat(
        j->fd, name, (change ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ndr_buffer bytes = {0};
    ndr_journal_file *f = NULL;
    size_t good = 0;
    int code = fd < 0 ? ndr_fail(err, NDR_E_SYS, "open") : read_whole(fd, &bytes, err);
    if (code == 0)
        code = ndr_journal_parse(id, sequence, (ndr_slice){bytes.ptr, bytes.len}, &f,
                                 &good, err);
    if (code == 0 && change && good < bytes.len && ftruncate(fd, (off_t)good) != 0)
        code = ndr_fail(err, NDR_E_SYS, "cut off a torn line");
    if (fd >= 0)
        (void)close(fd); /* nothing was written through it */
    ndr_buffer_free(&bytes);
    if (code != 0) {
        ndr_error_prefix(err, "journal '%s/%s'", j->path, name);
        ndr_journal_file_free(f);
        return code;
    }
    if (sequence >= j->next)
        j->next = sequence + 1;
    if (f != NULL)
        j->file[j->count++] = f;
    return 0;
}

/* The windows that runs were told of. */
static int
load_windows(ndr_journal *j, bool change, ndr_error *err)
{
    ndr_buffer bytes = {0};
    size_t whole = 0;
    const int fd =
        j->fd < 0
            ? -1
            : openat(j->fd, NDR_JOURNAL_WINDOWS,
                     (change ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int code = 0;
    if (fd < 0 && j->fd >= 0 && errno != ENOENT)
        code = ndr_fail(err, NDR_E_SYS, "open");
    if (fd >= 0)
        code = read_whole(fd, &bytes, err);
    if (code == 0)
        code = ndr_journal_windows_parse((ndr_slice){bytes.ptr, bytes.len}, &j->windows,
                                         &whole, err);
    if (code == 0 && change && whole < bytes.len && ftruncate(fd, (off_t)whole) != 0)
        code = ndr_fail(err, NDR_E_SYS, "cut off a torn line");
    if (fd >= 0)
        (void)close(fd); /* nothing was written through it */
    ndr_buffer_free(&bytes);
    if (code != 0)
        ndr_error_prefix(err, "journal '%s/" NDR_JOURNAL_WINDOWS "'", j->path);
    return code;
}

ndr_journal_windows *
ndr_journal_known(const ndr_journal *j)
{
    return j->windows;
}

static int
by_sequence(const void *a, const void *b)
{
    const uint64_t x = ndr_journal_file_run(*(ndr_journal_file *const *)a)->sequence;
    const uint64_t y = ndr_journal_file_run(*(ndr_journal_file *const *)b)->sequence;
    return x < y ? -1 : x > y;
}

static int
by_key(const void *key, const void *run)
{
    const uint64_t x = *(const uint64_t *)key;
    const uint64_t y = ((const ndr_journal_run *)run)->sequence;
    return x < y ? -1 : x > y;
}

static ndr_journal_run *
find_run(const ndr_journal *j, uint64_t sequence)
{
    return bsearch(&sequence, j->run, j->count, sizeof *j->run, by_key);
}

static int
by_number(const void *key, const void *move)
{
    const uint64_t x = *(const uint64_t *)key, y = ((const ndr_move *)move)->number;
    return x < y ? -1 : x > y;
}

/* Tell moves that others put back. */
static void
mark_reversed(ndr_journal *j)
{
    for (size_t i = 0; i < j->count; i++)
        for (size_t k = 0; k < j->run[i].move_count; k++) {
            const ndr_move *m = &j->run[i].move[k];
            ndr_journal_run *of =
                m->of_run > 0 && m->state != NDR_MOVE_NOT && m->state != NDR_MOVE_GONE
                    ? find_run(j, m->of_run)
                    : NULL;
            ndr_move *was = of != NULL && of->move_count > 0
                                ? bsearch(&m->of_number, of->move, of->move_count,
                                          sizeof *of->move, by_number)
                                : NULL;
            if (was == NULL)
                continue;
            was->reversed = true;
            was->by = &j->run[i].move[k];
            was->by_run = &j->run[i];
        }
}

typedef struct loading {
    ndr_journal *journal;
    bool change;
    ndr_error *err;
} loading;

static int
load_entry(void *ctx, const struct dirent *e)
{
    const loading *l = ctx;
    return sequence_of(e->d_name) > 0 ? load(l->journal, e->d_name, l->change, l->err)
                                      : 0;
}

static int
load_all(ndr_journal *j, bool change, ndr_error *err)
{
    const int fd = openat(j->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int code = ndr_folder_each(fd, load_entry, &(loading){j, change, err});
    if (code > 0)
        return ndr_fail(err, NDR_E_SYS, "list journal folder '%s'", j->path);
    if (code != 0 || j->count == 0)
        return code;
    qsort(j->file, j->count, sizeof(ndr_journal_file *), by_sequence);
    j->run = calloc(j->count, sizeof *j->run);
    if (j->run == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    for (size_t i = 0; i < j->count; i++)
        j->run[i] = *ndr_journal_file_run(j->file[i]);
    return 0;
}

int
ndr_journal_open(const char *path, bool change, void (*warn)(void *ctx, const char *text),
                 void *ctx, ndr_journal **ret, ndr_error *err)
{
    ndr_journal *j = calloc(1, sizeof *j);
    if (j == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    *j = (ndr_journal){.fd = -1, .lock = -1, .next = 1, .path = strdup(path)};
    int code = j->path == NULL ? ndr_fail(err, NDR_E_NOMEM, "no memory for the journal")
                               : open_folder(j, change, err);
    if (code == 0 && j->fd >= 0)
        code = load_all(j, change, err);
    if (code == 0)
        code = load_windows(j, change, err);
    for (size_t i = 0; code == 0 && change && i < j->count; i++)
        code = ndr_journal_settle(j, &j->run[i], warn, ctx, err);
    if (code != 0) {
        ndr_journal_close(j);
        return code;
    }
    mark_reversed(j);
    *ret = j;
    return 0;
}

void
ndr_journal_close(ndr_journal *j)
{
    if (j == NULL)
        return;
    for (size_t i = 0; i < j->count; i++)
        ndr_journal_file_free(j->file[i]);
    free(j->file);
    ndr_journal_windows_free(j->windows);
    free(j->run);
    free(j->path);
    if (j->lock >= 0)
        (void)close(j->lock); /* lets the lock go */
    if (j->fd >= 0)
        (void)close(j->fd); /* was only read */
    free(j);
}

ndr_journal_run *
ndr_journal_runs(ndr_journal *j, size_t *ret_count)
{
    *ret_count = j->count;
    return j->run;
}

int
ndr_journal_folder(const ndr_journal *j)
{
    return j->fd;
}

/* ---- writing --------------------------------------------------------------------------
 */

/* What could not be done, with the file's name where the kernel tells it. */
static int
not_written(int fd, const char *what, ndr_error *err)
{
    const int why = errno;
    char link[40], name[4096];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, name, sizeof name - 1);
    name[n > 0 ? n : 0] = '\0';
    errno = why;
    return ndr_fail(err, NDR_E_SYS, n > 0 ? "%s the journal '%s'" : "%s the journal%s",
                    what, name);
}

int
ndr_journal_add(int fd, ndr_slice lines, bool sync, ndr_error *err)
{
    const off_t was = lseek(fd, 0, SEEK_END);
    if (was < 0)
        return not_written(fd, "write", err);
    if (!ndr_write_all(fd, lines)) {
        const int code = not_written(fd, "write", err);
        /* a torn end that cannot be cut off now is cut off by the next run */
        if (ftruncate(fd, was) != 0)
            ndr_error_prefix(err, "its last line is torn");
        return code;
    }
    if (sync && sync_file(fd, false) != 0) {
        const int code = not_written(fd, "sync", err);
        if (ftruncate(fd, was) != 0)
            ndr_error_prefix(err, "its last lines may be torn");
        return code;
    }
    return 0;
}

int
ndr_journal_reopen(const ndr_journal *j, const char *id, ndr_error *err)
{
    char name[80];
    (void)snprintf(name, sizeof name, "%s.run", id);
    const int fd = openat(j->fd, name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0)
        (void)ndr_fail(err, NDR_E_SYS, "open journal '%s/%s'", j->path, name);
    return fd;
}

int
ndr_journal_begin(ndr_journal *j, const char *verb, uint64_t undoes, bool part,
                  int *ret_fd, const char **ret_id, ndr_error *err)
{
    const time_t now = time(NULL);
    struct tm tm;
    char name[80];
    if (gmtime_r(&now, &tm) == NULL)
        return ndr_fail(err, NDR_E_SYS, "tell the time");
    for (;; j->next++) {
        const size_t n = strftime(j->id, sizeof j->id, "%Y%m%dT%H%M%SZ", &tm);
        (void)snprintf(j->id + n, sizeof j->id - n, "-%llu", (unsigned long long)j->next);
        (void)snprintf(name, sizeof name, "%s.run", j->id);
        *ret_fd =
            openat(j->fd, name,
                   O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (*ret_fd >= 0)
            break;
        if (errno != EEXIST)
            return ndr_fail(err, NDR_E_SYS, "make '%s' in journal folder '%s'", name,
                            j->path);
    }
    char words[160];
    ndr_buffer line = {0};
    (void)snprintf(words, sizeof words, "ndrscan-journal 2 %s %lld %llu", verb,
                   (long long)now, (unsigned long long)undoes);
    ndr_journal_line(&line, ndr_slice_of(words));
    if (undoes != 0) {
        (void)snprintf(words, sizeof words, "decided %llu",
                       (unsigned long long)ndr_journal_windows_last(j->windows));
        ndr_journal_line(&line, ndr_slice_of(words));
    }
    if (part)
        ndr_journal_line(&line, NDR_SLICE("part"));
    int code = line.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for the journal")
                           : ndr_journal_add(*ret_fd, (ndr_slice){line.ptr, line.len},
                                             false, err);
    ndr_buffer_free(&line);
    if (code == 0 && sync_file(j->fd, true) != 0)
        code = ndr_fail(err, NDR_E_SYS, "sync journal folder '%s'", j->path);
    if (code != 0) {
        (void)close(*ret_fd);
        (void)unlinkat(j->fd, name, 0); /* it says nothing */
        *ret_fd = -1;
        return code;
    }
    j->next++;
    *ret_id = j->id;
    return 0;
}
