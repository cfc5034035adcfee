/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_asker.c - see sent_asker.h. */
#define _DEFAULT_SOURCE /* pthread_rwlock_t beside c17 */
#include "sent_asker.h"

#include "diag.h"
#include "ndr_clock.h"
#include "ndrscan_sent.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EVERY_MS = 10000 };

struct sent_asker {
    char *dir;
    bool grows;
    pthread_rwlock_t lock;  /* guards `set` */
    ndr_sent *set;          /* NULL: not there yet */
    struct timespec seen;   /* when its folder was changed last; of who looks alone */
    _Atomic int64_t looked; /* milliseconds */
};

static void
tell_trouble(void *ctx, const char *file, const char *text)
{
    (void)ctx;
    diag("%s %s; it is left out", file, text);
}

/* When something was last added to the folder or taken from it. */
static struct timespec
changed_at(const char *dir)
{
    struct stat st;
    return stat(dir, &st) == 0 ? st.st_mtim : (struct timespec){0};
}

int
sent_asker_open(const char *dir, bool wanted, bool grows, sent_asker **ret,
                ndr_error *err)
{
    *ret = NULL;
    sent_asker *a = calloc(1, sizeof *a);
    if (a == NULL || (a->dir = strdup(dir)) == NULL) {
        free(a);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    (void)pthread_rwlock_init(&a->lock, NULL);
    a->grows = grows;
    a->looked = ndr_now_ms();
    a->seen = changed_at(dir);
    ndr_error why = {0};
    int rc = ndr_sent_open(dir, tell_trouble, NULL, &a->set, &why);
    const bool absent = rc == NDR_E_SYS && why.sys_errno == ENOENT && !wanted;
    if (rc == 0 || (absent && grows)) {
        *ret = a;
        return 0;
    }
    sent_asker_close(a);
    if (!absent && err != NULL)
        *err = why;
    return absent ? 0 : rc;
}

void
sent_asker_close(sent_asker *a)
{
    if (a == NULL)
        return;
    ndr_sent_close(a->set);
    (void)pthread_rwlock_destroy(&a->lock);
    free(a->dir);
    free(a);
}

/* Take up what was added. One that cannot be opened now leaves the old one. */
static void
look_again(sent_asker *a)
{
    int64_t looked = atomic_load(&a->looked);
    const int64_t now = ndr_now_ms();
    if (now - looked < EVERY_MS ||
        !atomic_compare_exchange_strong(&a->looked, &looked, now))
        return;
    const struct timespec at = changed_at(a->dir);
    if (at.tv_sec == a->seen.tv_sec && at.tv_nsec == a->seen.tv_nsec)
        return;
    ndr_sent *fresh = NULL;
    if (ndr_sent_open(a->dir, tell_trouble, NULL, &fresh, NULL) != 0)
        return;
    (void)pthread_rwlock_wrlock(&a->lock);
    ndr_sent *old = a->set;
    a->set = fresh;
    (void)pthread_rwlock_unlock(&a->lock);
    a->seen = at;
    atomic_store(&a->looked, ndr_now_ms()); /* and with it hand on what was seen */
    ndr_sent_close(old);
}

int
sent_asker_ask(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient,
               int64_t bounced, int days)
{
    sent_asker *a = ctx;
    enum ndr_sent_answer answer = NDR_SENT_NO; /* its values are those of ndr_sent_fn */
    if (a->grows)
        look_again(a);
    (void)pthread_rwlock_rdlock(&a->lock);
    if (a->set != NULL)
        answer = ndr_sent_ask(a->set, id, domain, recipient, bounced, days);
    (void)pthread_rwlock_unlock(&a->lock);
    return (int)answer;
}
