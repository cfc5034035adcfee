/* SPDX-License-Identifier: BSD-3-Clause */
/* look.c - when is what the console shows taken anew? */
#include "console.h"

#include "app/diag.h"
#include "ndr_clock.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
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
    const uint64_t one = 1;
    (void)pthread_mutex_lock(&c->mu);
    const uint64_t asked = c->look_asked;
    (void)pthread_mutex_unlock(&c->mu);
    snapshot *fresh = take(c);
    (void)pthread_mutex_lock(&c->mu);
    snapshot *old = c->snapshot;
    if (fresh != NULL)
        c->snapshot = fresh;
    else
        old = NULL; /* no memory: it stays */
    const bool awaited = c->look_at != asked;
    c->look_at = asked;
    (void)pthread_mutex_unlock(&c->mu);
    snapshot_free(old);
    if (awaited)
        (void)!write(c->looked, &one, sizeof one); /* a full one wakes as well */
}

uint64_t
console_look(console *c)
{
    (void)pthread_mutex_lock(&c->mu);
    const uint64_t number = ++c->look_asked;
    (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->mu);
    return number;
}

/* All that the mover says to it, up to its end; or nothing of it when it takes too long.
 */
static void
read_said(int fd, asked_wait *w)
{
    const int64_t until = ndr_now_ms() + WAIT_SECONDS * 1000;
    char bytes[1024];
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        const int64_t left = until - ndr_now_ms();
        if (left <= 0)
            break;
        if (poll(&ready, 1, (int)left) <= 0)
            continue;
        const ssize_t n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            ndr_buffer_add(&w->said,
                           (ndr_slice){(const unsigned char *)bytes, (size_t)n});
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    (void)close(fd); /* was only read */
}

/* Have windows ended that were set until calm; a trouble is told when it is a new one. */
static void
end_calm_windows(const console *c)
{
    static char told_before[sizeof((ndr_error *)NULL)->text];
    asked_wait w = {0};
    int fd = -1;
    ndr_error err = {0};
    int rc =
        mover_ask(c->mover, MOVER_SETTLE, &(mover_for){0}, (ndr_slice){0}, &fd, &err);
    if (rc == 0) {
        read_said(fd, &w);
        rc = wait_outcome(&w, &err);
    }
    ndr_buffer_free(&w.said);
    if (rc == 0)
        return;
    if (strcmp(told_before, err.text) != 0)
        diag("windows set until calm: %s", err.text);
    memcpy(told_before, err.text, sizeof told_before);
}

static void *
look_main(void *ctx)
{
    console *c = ctx;
    int64_t settled = ndr_now_ms(); /* as it began */
    (void)pthread_mutex_lock(&c->mu);
    while (!c->stop) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SNAPSHOT_SECONDS;
        int waited = 0;
        while (waited == 0 && !c->stop && c->look_asked == c->look_at)
            waited = pthread_cond_timedwait(&c->wake, &c->mu, &until);
        const bool awaited = c->look_asked != c->look_at;
        if (c->stop)
            break;
        (void)pthread_mutex_unlock(&c->mu);
        if (awaited) /* who waits for it is not to wait for more */
            take_snapshot(c);
        if (!awaited || ndr_now_ms() - settled >= SNAPSHOT_SECONDS * 1000) {
            end_calm_windows(c);
            take_snapshot(c);
            settled = ndr_now_ms();
        }
        (void)pthread_mutex_lock(&c->mu);
    }
    (void)pthread_mutex_unlock(&c->mu);
    return NULL;
}

bool
console_look_begin(console *c)
{
    c->looked = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    end_calm_windows(c);
    take_snapshot(c);
    if (c->looked < 0 || c->snapshot == NULL)
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
    (void)close(c->looked);
}
