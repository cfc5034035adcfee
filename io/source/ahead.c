/* SPDX-License-Identifier: BSD-3-Clause */
/* ahead.c - see ahead.h. Source: preadv2(2), readdir(3) on d_ino. */
#define _GNU_SOURCE /* preadv2, RWF_NOWAIT */

#include "ahead.h"

#include "codec/quiet_thread.h"
#include "codec/read_at.h"
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    SAMPLED = 8,  /* of so many names one is asked for, */
    SAMPLES = 16, /* and at most so many */
    TAKEN_AT_ONCE = 4,
    LEAST_NAMES = 4
};

/* How far a name is; it goes only forward. */
enum state {
    FRESH,  /* nobody came to it */
    OTHERS, /* a worker reads it itself */
    BEGUN,  /* the crew reads it */
    READ,   /* it can be taken, or only its size is known */
    GONE,   /* taken */
};

/* A name of a run that was begun. */
typedef struct entry {
    uint64_t size; /* UINT64_MAX: not known */
    int64_t mtime;
    unsigned char *bytes; /* NULL: not held */
    bool cold;
} entry;

struct ndr_ahead_folder {
    ndr_ahead *crew;
    ndr_ahead_folder *next; /* in the crew's queue */
    atomic_uint refs;
    int dir;
    const ndr_found_name *name;
    size_t count;
    bool named; /* by the operator: see ndr_ahead_begin */
    bool far;   /* its files are on another machine */
    void (*done)(void *of);
    void *of;
    atomic_uchar *state;
    entry *entry; /* written by the crew before READ, by the taker after */
    size_t begun; /* names in runs that were begun; under the crew's lock */
};

struct ndr_ahead {
    unsigned readers, started;
    pthread_t *thread;
    ndr_page_cache *cache;
    pthread_mutex_t mu; /* guards all below but the atomics */
    pthread_cond_t work, read;
    bool stop;
    ndr_ahead_folder *first, *last; /* folders with names that were not begun */
    /* the run at hand */
    ndr_ahead_folder *folder;
    size_t order[NDR_AHEAD_RUN_NAMES]; /* of its names, by their inodes */
    size_t run_count, run_at;
    atomic_size_t waiting;     /* in `read` */
    atomic_size_t outstanding; /* names of runs that were begun and not taken */
    atomic_size_t held;        /* bytes */
    atomic_size_t idle;        /* readers in `work` */
};

/* Open what may be a file; -1: it is none. To open a FIFO or a device that was named
 * could be noticed by others. */
static int
open_name(int dir, const char *name, bool named)
{
    const int flags =
        O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW);
    struct stat st;
    if (named && (fstatat(dir, name, &st, 0) != 0 || !S_ISREG(st.st_mode)))
        return -1;
    return openat(dir, name, flags);
}

/* Read [0, bytes) if all of it is there at once; else it is cold. The try alone would
 * begin to read, and find warm what the disk gave meanwhile. */
static bool
reads_cold(int fd, unsigned char *to, size_t bytes)
{
    const struct iovec iov = {.iov_base = to, .iov_len = bytes};
    return bytes > 0 && (ndr_page_cache_is_cold(fd, bytes) == 1 ||
                         preadv2(fd, &iov, 1, 0, RWF_NOWAIT) != (ssize_t)bytes);
}

/* Would a read of this file wait for the disk? */
static bool
is_cold(int dir, const char *name, bool named)
{
    const int fd = open_name(dir, name, named);
    if (fd < 0)
        return false;
    struct stat st;
    unsigned char byte;
    const struct iovec to = {.iov_base = &byte, .iov_len = 1};
    const bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    const int told = file ? ndr_page_cache_is_cold(fd, 1) : 0;
    const bool cold = told == 1 || (told < 0 && preadv2(fd, &to, 1, 0, RWF_NOWAIT) < 0 &&
                                    errno == EAGAIN);
    (void)close(fd); /* was only read */
    return cold;
}

/* Each that is asked for is opened twice, which of small folders must not be many. */
static bool
looks_cold(int dir, const ndr_found_name *name, size_t count, bool named)
{
    const size_t worth = count / SAMPLED + 1, n = worth < SAMPLES ? worth : SAMPLES;
    for (size_t i = 0; i < n; i++)
        if (is_cold(dir, name[i * count / n].name, named))
            return true;
    return false;
}

/* ---- one file -------------------------------------------------------------------------
 */

/* Have the budget lend `bytes`; false: it has not so many. */
static bool
borrow(ndr_ahead *a, size_t bytes)
{
    if (atomic_fetch_add(&a->held, bytes) + bytes <= NDR_AHEAD_BUDGET_BYTES)
        return true;
    atomic_fetch_sub(&a->held, bytes);
    return false;
}

/* Memory for all of a file, if it is to be held; NULL: its front alone is read. */
static unsigned char *
room_for(ndr_ahead *a, const ndr_ahead_folder *f, uint64_t size)
{
    const size_t most =
        f->far ? (size_t)NDR_AHEAD_FAR_BYTES : (size_t)NDR_AHEAD_FRONT_BYTES;
    if (size == 0 || size > most || !borrow(a, (size_t)size))
        return NULL;
    unsigned char *bytes = malloc((size_t)size);
    if (bytes == NULL)
        atomic_fetch_sub(&a->held, (size_t)size);
    return bytes;
}

/* Read the open file, or its front into `scratch` if it is not to be held. */
static void
read_open(ndr_ahead *a, const ndr_ahead_folder *f, entry *e, int fd, uint64_t size,
          unsigned char *scratch)
{
    unsigned char *bytes = room_for(a, f, size);
    unsigned char *to = bytes != NULL ? bytes : scratch;
    const size_t n = bytes != NULL || size < NDR_AHEAD_FRONT_BYTES
                         ? (size_t)size
                         : (size_t)NDR_AHEAD_FRONT_BYTES;
    e->cold = reads_cold(fd, to, n);
    const bool whole = !e->cold || ndr_read_at(fd, to, n, 0) == (int64_t)n;
    /* what is not held its taker will read again */
    if (whole && e->cold && bytes != NULL && ndr_page_cache_is_full(a->cache, n))
        ndr_page_cache_drop(fd, 0, 0);
    if (whole && e->cold && f->far && n < size)
        ndr_page_cache_ask(
            fd, n, size < NDR_AHEAD_ASKED_BYTES ? size - n : NDR_AHEAD_ASKED_BYTES - n);
    if (!whole && bytes != NULL) {
        free(bytes);
        bytes = NULL;
        atomic_fetch_sub(&a->held, n);
    }
    e->size = size;
    e->bytes = bytes;
}

/* Read a name, if it is a file. */
static void
read_file(ndr_ahead *a, const ndr_ahead_folder *f, size_t at, unsigned char *scratch)
{
    const int fd = open_name(f->dir, f->name[at].name, f->named);
    if (fd < 0)
        return;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0) {
        f->entry[at].mtime = (int64_t)st.st_mtime;
        read_open(a, f, &f->entry[at], fd, (uint64_t)st.st_size, scratch);
    }
    (void)close(fd); /* was only read */
}

/* ---- the crew -------------------------------------------------------------------------
 */

/* The names of a run, by their inodes: qsort has no context for what it compares. */
typedef struct by_inode {
    uint64_t inode;
    size_t at;
} by_inode;

static int
compare(const void *a, const void *b)
{
    const by_inode *x = a, *y = b;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

/* May another run begin? With the lock held. */
static bool
may_begin(const ndr_ahead *a)
{
    return a->first != NULL && atomic_load(&a->outstanding) <= NDR_AHEAD_RUN_NAMES;
}

/* Begin the next run; with the lock held. */
static void
begin_run(ndr_ahead *a)
{
    ndr_ahead_folder *f = a->first;
    const size_t left = f->count - f->begun;
    const size_t n = left < NDR_AHEAD_RUN_NAMES ? left : NDR_AHEAD_RUN_NAMES;
    by_inode sorted[NDR_AHEAD_RUN_NAMES];
    for (size_t i = 0; i < n; i++)
        sorted[i] = (by_inode){f->name[f->begun + i].inode, f->begun + i};
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t i = 0; i < n; i++)
        a->order[i] = sorted[i].at;
    a->run_count = n;
    a->run_at = 0;
    atomic_fetch_add(&a->outstanding, n);
    f->begun += n;
    if (a->folder != f) {
        ndr_ahead_folder *before = a->folder;
        a->folder = ndr_ahead_ref(f);
        if (before != NULL)
            ndr_ahead_unref(before);
    }
    if (f->begun == f->count) {
        a->first = f->next;
        if (a->first == NULL)
            a->last = NULL;
        ndr_ahead_unref(f);
    }
}

static bool
begin(ndr_ahead_folder *f, size_t at)
{
    unsigned char fresh = FRESH;
    return atomic_compare_exchange_strong(&f->state[at], &fresh, BEGUN);
}

/* Read some names of a run; no lock is held. */
static void
read_some(ndr_ahead *a, ndr_ahead_folder *f, const size_t *at, size_t n,
          unsigned char *scratch)
{
    for (size_t i = 0; i < n; i++) {
        if (!begin(f, at[i])) {
            atomic_fetch_sub(&a->outstanding, 1);
            continue;
        }
        read_file(a, f, at[i], scratch);
        atomic_store(&f->state[at[i]], READ);
    }
}

static void *
read_main(void *arg)
{
    ndr_ahead *a = arg;
    unsigned char *scratch = malloc(NDR_AHEAD_FRONT_BYTES);
    if (scratch == NULL)
        return NULL; /* the others, or the workers, read what it does not */
    (void)pthread_mutex_lock(&a->mu);
    for (;;) {
        while (!a->stop && a->run_at == a->run_count && !may_begin(a)) {
            atomic_fetch_add(&a->idle, 1);
            (void)pthread_cond_wait(&a->work, &a->mu);
            atomic_fetch_sub(&a->idle, 1);
        }
        if (a->stop)
            break;
        if (a->run_at == a->run_count)
            begin_run(a);
        size_t at[TAKEN_AT_ONCE], n = 0;
        while (n < TAKEN_AT_ONCE && a->run_at < a->run_count)
            at[n++] = a->order[a->run_at++];
        ndr_ahead_folder *f = ndr_ahead_ref(a->folder);
        (void)pthread_mutex_unlock(&a->mu);
        read_some(a, f, at, n, scratch);
        ndr_ahead_unref(f);
        (void)pthread_mutex_lock(&a->mu);
        if (atomic_load(&a->waiting) > 0)
            (void)pthread_cond_broadcast(&a->read);
    }
    (void)pthread_mutex_unlock(&a->mu);
    free(scratch);
    return NULL;
}

/* Who waits for another machine has no work to do: more can wait. */
static unsigned
most_of(unsigned readers, bool far)
{
    return far ? readers * NDR_AHEAD_FAR_TIMES : readers;
}

ndr_ahead *
ndr_ahead_new(unsigned readers, ndr_page_cache *cache)
{
    ndr_ahead *a = calloc(1, sizeof *a);
    pthread_t *thread = calloc(readers > 0 ? most_of(readers, true) : 1, sizeof *thread);
    if (a == NULL || thread == NULL) {
        free(a);
        free(thread);
        return NULL;
    }
    a->readers = readers;
    a->cache = cache;
    a->thread = thread;
    (void)pthread_mutex_init(&a->mu, NULL); /* none can fail with these attributes */
    (void)pthread_cond_init(&a->work, NULL);
    (void)pthread_cond_init(&a->read, NULL);
    return a;
}

void
ndr_ahead_free(ndr_ahead *a)
{
    if (a == NULL)
        return;
    (void)pthread_mutex_lock(&a->mu);
    a->stop = true;
    (void)pthread_mutex_unlock(&a->mu);
    (void)pthread_cond_broadcast(&a->work);
    for (unsigned i = 0; i < a->started; i++)
        (void)pthread_join(a->thread[i], NULL);
    while (a->first != NULL) {
        ndr_ahead_folder *f = a->first;
        a->first = f->next;
        ndr_ahead_unref(f);
    }
    ndr_ahead_unref(a->folder);
    (void)pthread_cond_destroy(&a->read);
    (void)pthread_cond_destroy(&a->work);
    (void)pthread_mutex_destroy(&a->mu);
    free(a->thread);
    free(a);
}

/* ---- a folder -------------------------------------------------------------------------
 */

static ndr_ahead_folder *
folder_new(ndr_ahead *a, int dir, const ndr_found_name *name, size_t count)
{
    ndr_ahead_folder *f = calloc(1, sizeof *f);
    atomic_uchar *state = calloc(count, sizeof *state);
    entry *e = malloc(count * sizeof *e);
    if (f == NULL || state == NULL || e == NULL) {
        free(f);
        free(state);
        free(e);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        e[i] = (entry){.size = UINT64_MAX};
    f->crew = a;
    atomic_init(&f->refs, 1);
    f->dir = dir;
    f->name = name;
    f->count = count;
    f->state = state;
    f->entry = e;
    return f;
}

ndr_ahead_folder *
ndr_ahead_ref(ndr_ahead_folder *f)
{
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

void
ndr_ahead_unref(ndr_ahead_folder *f)
{
    if (f == NULL || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < f->count; i++)
        if (f->entry[i].bytes != NULL) {
            atomic_fetch_sub(&f->crew->held, (size_t)f->entry[i].size);
            free(f->entry[i].bytes);
        }
    free(f->entry);
    free(f->state);
    if (f->done != NULL)
        f->done(f->of);
    free(f);
}

/* Have the crew at work; false: there is not one of it. */
static bool
start(ndr_ahead *a, bool far)
{
    while (a->started < most_of(a->readers, far) &&
           ndr_quiet_thread(&a->thread[a->started], read_main, a) == 0)
        a->started++;
    return a->started > 0;
}

/* Is it another machine that answers for the first of the names? */
static bool
is_far(int dir, const ndr_found_name *name)
{
    const int fd = openat(dir, name->name, O_PATH | O_CLOEXEC);
    const bool far = fd >= 0 && ndr_mount_shared(fd) != NULL;
    if (fd >= 0)
        (void)close(fd); /* nothing was done with it */
    return far;
}

ndr_ahead_folder *
ndr_ahead_begin(ndr_ahead *a, int dir, const ndr_found_name *name, size_t count,
                bool named, void (*done)(void *of), void *of)
{
    if (count < LEAST_NAMES || !looks_cold(dir, name, count, named))
        return NULL;
    const bool far = is_far(dir, name);
    if (!start(a, far))
        return NULL;
    ndr_ahead_folder *f = folder_new(a, dir, name, count);
    if (f == NULL)
        return NULL;
    f->named = named;
    f->far = far;
    f->done = done;
    f->of = of;
    ndr_ahead_ref(f); /* the queue's */
    (void)pthread_mutex_lock(&a->mu);
    if (a->last != NULL)
        a->last->next = f;
    else
        a->first = f;
    a->last = f;
    (void)pthread_mutex_unlock(&a->mu);
    (void)pthread_cond_broadcast(&a->work);
    return f;
}

/* Wait for a read that was begun. */
static void
await_read(ndr_ahead_folder *f, size_t at)
{
    ndr_ahead *a = f->crew;
    if (atomic_load(&f->state[at]) >= READ)
        return;
    (void)pthread_mutex_lock(&a->mu);
    atomic_fetch_add(&a->waiting, 1);
    while (atomic_load(&f->state[at]) < READ)
        (void)pthread_cond_wait(&a->read, &a->mu);
    atomic_fetch_sub(&a->waiting, 1);
    (void)pthread_mutex_unlock(&a->mu);
}

/* One name less is ahead: is there room for the next run? */
static void
took(ndr_ahead *a)
{
    if (atomic_fetch_sub(&a->outstanding, 1) > NDR_AHEAD_RUN_NAMES + 1 ||
        atomic_load(&a->idle) == 0)
        return;
    (void)pthread_mutex_lock(&a->mu);
    const bool wake = may_begin(a);
    (void)pthread_mutex_unlock(&a->mu);
    if (wake)
        (void)pthread_cond_broadcast(&a->work);
}

bool
ndr_ahead_take(ndr_ahead_folder *f, size_t at, ndr_read_file *ret)
{
    unsigned char fresh = FRESH;
    *ret = (ndr_read_file){0};
    if (atomic_compare_exchange_strong(&f->state[at], &fresh, OTHERS)) {
        /* else what the taker reads would stay in the page cache */
        ret->cold = is_cold(f->dir, f->name[at].name, f->named);
        return false;
    }
    await_read(f, at);
    entry *e = &f->entry[at];
    *ret = (ndr_read_file){e->bytes, e->bytes != NULL ? (size_t)e->size : 0, e->mtime,
                           e->cold};
    e->bytes = NULL;
    atomic_store(&f->state[at], GONE);
    atomic_fetch_sub(&f->crew->held, ret->len);
    took(f->crew);
    return ret->bytes != NULL;
}

void
ndr_ahead_pass_over(ndr_ahead_folder *f, size_t at)
{
    ndr_read_file file;
    if (f != NULL && ndr_ahead_take(f, at, &file))
        free(file.bytes);
}

bool
ndr_ahead_size(ndr_ahead_folder *f, size_t at, uint64_t *ret_bytes)
{
    if (atomic_load(&f->state[at]) == FRESH)
        return false;
    await_read(f, at);
    *ret_bytes = f->entry[at].size;
    return *ret_bytes != UINT64_MAX;
}
