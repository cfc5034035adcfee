/* SPDX-License-Identifier: BSD-3-Clause */
/* look.c - when is what the console shows taken anew? */
#include "console.h"

#include "app/diag.h"
#include "windows/settle.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SNAPSHOT_SECONDS = 30 };

/* One as things are now; NULL: no memory. */
static snapshot *
take(const console *c)
{
    const snapshot_opts o = {.windows_dir = c->windows_dir,
                             .windows_alone = c->windows_alone,
                             .stats = c->stats};
    return snapshot_take(&o, (int64_t)time(NULL));
}

static void
take_snapshot(console *c)
{
    (void)pthread_mutex_lock(&c->mu);
    const uint64_t begun = c->changes;
    (void)pthread_mutex_unlock(&c->mu);
    snapshot *fresh = take(c);
    if (fresh == NULL)
        return; /* the old one stays */
    (void)pthread_mutex_lock(&c->mu);
    snapshot *old = c->snapshot;
    if (c->changes == begun)
        c->snapshot = fresh;
    else
        old = fresh; /* a switch was flipped meanwhile: what it left is newer */
    (void)pthread_mutex_unlock(&c->mu);
    snapshot_free(old);
}

void
console_refresh(console *c)
{
    c->changes++;
    snapshot *fresh = take(c);
    if (fresh == NULL)
        return;
    snapshot_free(c->snapshot);
    c->snapshot = fresh;
}

/* Windows that were set until calm; a trouble is told when it is a new one. */
static void
end_calm_windows(const console *c)
{
    static char told_before[sizeof((ndr_error *)NULL)->text];
    ndr_buffer told = {0};
    size_t ended = 0;
    ndr_error err = {0};
    if (settle(c->windows_dir, c->stats, "console", (int64_t)time(NULL), &told, &ended,
               &err) != 0) {
        if (strcmp(told_before, err.text) != 0)
            diag("windows set until calm: %s", err.text);
        memcpy(told_before, err.text, sizeof told_before);
    }
    if (ended > 0)
        (void)put_all(STDERR_FILENO, (ndr_slice){told.ptr, told.len}, NULL);
    ndr_buffer_free(&told);
}

static void *
look_main(void *ctx)
{
    console *c = ctx;
    (void)pthread_mutex_lock(&c->mu);
    while (!c->stop) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SNAPSHOT_SECONDS;
        (void)pthread_cond_timedwait(&c->wake, &c->mu, &until);
        if (c->stop)
            break;
        (void)pthread_mutex_unlock(&c->mu);
        end_calm_windows(c);
        take_snapshot(c);
        (void)pthread_mutex_lock(&c->mu);
    }
    (void)pthread_mutex_unlock(&c->mu);
    return NULL;
}

bool
console_look_begin(console *c)
{
    end_calm_windows(c);
    take_snapshot(c);
    if (c->snapshot == NULL)
        diag("out of memory");
    else if (pthread_create(&c->look, NULL, look_main, c) != 0)
        diag("no thread can be started");
    else
        return true;
    return false;
}

void
console_look_end(console *c)
{
    (void)pthread_mutex_lock(&c->mu);
    c->stop = true;
    (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->mu);
    (void)pthread_join(c->look, NULL);
}
