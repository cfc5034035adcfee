/* SPDX-License-Identifier: BSD-3-Clause */
/* prefetch.c - see prefetch.h. The thread is woken for half of the blocks at once. */
#include "prefetch.h"

#include "quiet_thread.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCKS = 8, BLOCK_BYTES = 1 << 17 };

struct ndr_prefetch {
    int fd;
    ndr_page_cache *cache;
    pthread_t thread;
    pthread_mutex_t
        mu; /* guards the counts, and all of a block between filled and done */
    pthread_cond_t fillable, filled;
    uint64_t fill, done; /* blocks that were filled, and that are not needed any more */
    bool stop;
    bool lent; /* the block `done` is with who asked last */
    struct block {
        ssize_t len;
        ndr_error err; /* len < 0 */
        unsigned char bytes[BLOCK_BYTES];
    } block[BLOCKS];
};

/* Fill a block; what it holds is the file's end, or why it could not be read, at last. */
static bool
read_block(int fd, struct block *b)
{
    do
        b->len = read(fd, b->bytes, BLOCK_BYTES);
    while (b->len < 0 && errno == EINTR);
    if (b->len < 0)
        (void)ndr_fail(&b->err, NDR_E_SYS, "read");
    return b->len > 0;
}

/* The file from `at` on, whose place in it is `at`: as far as that can be told. */
typedef struct track {
    ndr_fetcher fetch;
    uint64_t at, dropped;
} track;

static void
track_begin(track *t, int fd)
{
    struct stat st;
    const off_t at = lseek(fd, 0, SEEK_CUR);
    const bool known = at >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    ndr_fetcher_begin(&t->fetch, fd, known ? (uint64_t)st.st_size : 0);
    t->at = t->dropped = known ? (uint64_t)at : 0;
}

/* `bytes` were read; whole blocks of them may be dropped. */
static void
track_read(track *t, ndr_page_cache *cache, uint64_t bytes)
{
    t->at += bytes;
    while (t->at / NDR_FETCH_BLOCK_BYTES > t->dropped / NDR_FETCH_BLOCK_BYTES) {
        const uint64_t n = NDR_FETCH_BLOCK_BYTES - t->dropped % NDR_FETCH_BLOCK_BYTES;
        if (ndr_fetcher_at(&t->fetch, t->dropped) && cache != NULL &&
            ndr_page_cache_is_full(cache, n))
            ndr_page_cache_drop(t->fetch.fd, t->dropped, n);
        t->dropped += n;
    }
}

static void *
read_main(void *arg)
{
    ndr_prefetch *p = arg;
    track t;
    track_begin(&t, p->fd);
    for (bool more = true; more;) {
        (void)pthread_mutex_lock(&p->mu);
        while (!p->stop && p->fill - p->done == BLOCKS)
            (void)pthread_cond_wait(&p->fillable, &p->mu);
        const bool stop = p->stop;
        struct block *b = &p->block[p->fill % BLOCKS];
        (void)pthread_mutex_unlock(&p->mu);
        if (stop)
            break;
        (void)ndr_fetcher_at(&t.fetch, t.at);
        more = read_block(p->fd, b);
        if (more)
            track_read(&t, p->cache, (uint64_t)b->len);
        (void)pthread_mutex_lock(&p->mu);
        p->fill++;
        (void)pthread_mutex_unlock(&p->mu);
        (void)pthread_cond_signal(&p->filled);
    }
    return NULL;
}

static void
destroy(ndr_prefetch *p)
{
    (void)pthread_cond_destroy(&p->filled);
    (void)pthread_cond_destroy(&p->fillable);
    (void)pthread_mutex_destroy(&p->mu);
    free(p);
}

ndr_prefetch *
ndr_prefetch_new(int fd, ndr_page_cache *cache)
{
    ndr_prefetch *p = malloc(sizeof *p);
    if (p == NULL)
        return NULL;
    p->fd = fd;
    p->cache = cache;
    p->fill = p->done = 0;
    p->stop = p->lent = false;
    (void)pthread_mutex_init(&p->mu, NULL); /* none can fail with these attributes */
    (void)pthread_cond_init(&p->fillable, NULL);
    (void)pthread_cond_init(&p->filled, NULL);
    if (ndr_quiet_thread(&p->thread, read_main, p) == 0)
        return p;
    destroy(p);
    return NULL;
}

int64_t
ndr_prefetch_next(ndr_prefetch *p, const unsigned char **ret, ndr_error *err)
{
    (void)pthread_mutex_lock(&p->mu);
    /* the end stays the end: the thread has left, and nothing more would be waited for */
    if (p->lent && p->block[p->done % BLOCKS].len > 0)
        p->done++;
    p->lent = true;
    const bool wake = p->fill - p->done <= BLOCKS / 2;
    while (p->fill == p->done) {
        (void)pthread_cond_signal(&p->fillable);
        (void)pthread_cond_wait(&p->filled, &p->mu);
    }
    const struct block *b = &p->block[p->done % BLOCKS];
    (void)pthread_mutex_unlock(&p->mu);
    if (wake)
        (void)pthread_cond_signal(&p->fillable);
    *ret = b->bytes;
    if (b->len < 0 && err != NULL)
        *err = b->err;
    return b->len < 0 ? (int64_t)b->err.code : (int64_t)b->len;
}

void
ndr_prefetch_free(ndr_prefetch *p)
{
    if (p == NULL)
        return;
    (void)pthread_mutex_lock(&p->mu);
    p->stop = true;
    (void)pthread_mutex_unlock(&p->mu);
    (void)pthread_cond_signal(&p->fillable);
    (void)pthread_join(p->thread, NULL);
    destroy(p);
}
