/* SPDX-License-Identifier: BSD-3-Clause */
/* connections.c - see connections.h. */
#define _GNU_SOURCE /* accept4, struct ucred */
#include "connections.h"

#include "ndr_clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEAD_MS = 3000,      /* a client has its question before it connects */
    QUESTION_MS = 30000, /* for all of one */
    STALL_MS = 10000,    /* without a byte of it */
    PAUSE_MS = 100,      /* when there are no descriptors */
    GUESTS_MAX = 1024,
    OTHER_DESCRIPTORS = 64,  /* of the program itself */
    SMALL_BYTES = 128 << 10, /* more than that takes a place */
    TURN_BYTES = 1 << 20,    /* read of one before the others have their turn */
    ACCEPTS = 64,
};

/* What a user has. */
typedef struct user {
    unsigned uid;
    unsigned connections, large, busy;
} user;

struct connections {
    int listener, stop_fd, wake_fd;
    size_t limit;
    unsigned most, workers, places;
    bool stopping;
    connection *coming; /* in the order they came; the reading thread's */
    struct pollfd *poll;
    connection **polled;
    /* guarded by mu */
    pthread_mutex_t mu;
    pthread_cond_t some;
    bool ended;
    user *user; /* room for one a connection */
    unsigned users, total, large;
    connection *first, **last; /* whole questions */
};

/* ---- what users have; under the lock ------------------------------------------------
 */

static user *
user_of(connections *g, unsigned uid)
{
    for (unsigned i = 0; i < g->users; i++)
        if (g->user[i].uid == uid)
            return &g->user[i];
    g->user[g->users] = (user){.uid = uid};
    return &g->user[g->users++];
}

/* All but one of `count`, or the only one. */
static unsigned
share(unsigned count)
{
    return count > 1 ? count - 1 : count;
}

static void
forget(connections *g, connection *one)
{
    user *u = user_of(g, one->uid);
    u->connections--;
    u->large -= one->large;
    g->large -= one->large;
    g->total--;
    if (u->connections == 0)
        *u = g->user[--g->users];
}

static void
let_go(connections *g, connection *one)
{
    (void)pthread_mutex_lock(&g->mu);
    forget(g, one);
    (void)pthread_mutex_unlock(&g->mu);
    (void)close(one->fd); /* what was to be said was sent */
    ndr_buffer_free(&one->bytes);
    free(one);
}

/* ---- a question comes in; the reading thread's ----------------------------------------
 */

enum coming { PARTIAL, WHOLE, GONE };

/* May it be large now? */
static bool
take_place(connections *g, connection *one)
{
    (void)pthread_mutex_lock(&g->mu);
    user *u = user_of(g, one->uid);
    if (g->large < g->places && u->large < share(g->places)) {
        one->large = true;
        one->until_ms = ndr_now_ms() + QUESTION_MS;
        one->stalls_ms = ndr_now_ms() + STALL_MS;
        u->large++;
        g->large++;
    }
    (void)pthread_mutex_unlock(&g->mu);
    one->waits = !one->large;
    return one->large;
}

/* The head is there: what is to come? */
static enum coming
take_head(connections *g, connection *one)
{
    if (!wire_get_question(one->head, &one->q)) {
        one->odd = true;
        return WHOLE;
    }
    const wire_question *q = &one->q;
    const size_t message =
        q->message_bytes < g->limit ? (size_t)q->message_bytes : g->limit;
    one->kept = q->recipient_bytes + q->envelope_bytes + message;
    one->over = q->message_bytes - message;
    one->until_ms = ndr_now_ms() + QUESTION_MS;
    one->waits = one->kept > SMALL_BYTES;
    return PARTIAL;
}

/* Bytes are there, or the end. */
static enum coming
read_some(connections *g, connection *one)
{
    unsigned char waste[1 << 14];
    for (size_t turn = 0;;) {
        const size_t head = sizeof one->head;
        unsigned char *to = waste;
        size_t room = one->over < sizeof waste ? (size_t)one->over : sizeof waste;
        if (one->got < head) {
            to = one->head + one->got;
            room = head - one->got;
        } else if (one->got - head < one->kept) {
            if (!ndr_buffer_reserve(&one->bytes, one->kept + 1))
                return GONE; /* no memory: it is told so by its end */
            to = one->bytes.ptr + (one->got - head);
            room = one->kept - (one->got - head);
        }
        if (room == 0)
            return WHOLE;
        if (turn >= TURN_BYTES)
            return PARTIAL; /* there is more: it is told again */
        const ssize_t n = recv(one->fd, to, room, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? PARTIAL : GONE;
        if (n == 0)
            return GONE;
        one->stalls_ms = ndr_now_ms() + STALL_MS;
        turn += (size_t)n;
        if (to == waste)
            one->over -= (uint64_t)n;
        else
            one->got += (size_t)n;
        if (one->got == head && to != waste && take_head(g, one) == WHOLE)
            return WHOLE;
        if (one->waits && !take_place(g, one))
            return PARTIAL;
    }
}

/* Its question goes to the workers. */
static void
hand_over(connections *g, connection *one)
{
    const unsigned char *p = one->bytes.ptr;
    if (!one->odd && p != NULL) {
        const size_t names = one->q.recipient_bytes, envelope = one->q.envelope_bytes;
        one->names = (ndr_slice){p, names};
        one->envelope = (ndr_slice){p + names, envelope};
        one->message = (ndr_slice){p + names + envelope, one->kept - names - envelope};
    }
    one->next = NULL;
    (void)pthread_mutex_lock(&g->mu);
    *g->last = one;
    g->last = &one->next;
    (void)pthread_cond_signal(&g->some);
    (void)pthread_mutex_unlock(&g->mu);
}

/* ---- who comes, and who has to go
 * -------------------------------------------------------
 */

/*
 * Send away the one who has waited longest to ask anything; of this user, or of any. A
 * client asks at once, and all heads that have come are read before others are let in.
 */
static bool
make_room(connections *g, bool any, unsigned uid)
{
    for (connection **at = &g->coming; *at != NULL; at = &(*at)->next) {
        connection *one = *at;
        if ((any || one->uid == uid) && one->got < sizeof one->head) {
            *at = one->next;
            let_go(g, one);
            return true;
        }
    }
    return false;
}

static bool
is_full(connections *g, unsigned uid, bool *own)
{
    (void)pthread_mutex_lock(&g->mu);
    unsigned has = 0;
    for (unsigned i = 0; i < g->users; i++)
        if (g->user[i].uid == uid)
            has = g->user[i].connections;
    *own = has >= g->most / 2;
    const bool full = g->total >= g->most;
    (void)pthread_mutex_unlock(&g->mu);
    return full || *own;
}

static void
welcome(connections *g, int fd)
{
    struct ucred who = {.uid = (uid_t)-1};
    socklen_t len = sizeof who;
    bool own;
    (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len); /* -1 is a user, too */
    connection *one = NULL;
    if (!is_full(g, who.uid, &own) || make_room(g, !own, who.uid))
        one = calloc(1, sizeof *one);
    if (one == NULL) {
        (void)close(fd); /* it has to ask again */
        return;
    }
    one->fd = fd;
    one->uid = who.uid;
    one->came_ms = ndr_now_ms();
    one->until_ms = one->came_ms + HEAD_MS;
    one->stalls_ms = INT64_MAX;
    connection **at = &g->coming;
    while (*at != NULL)
        at = &(*at)->next;
    *at = one;
    (void)pthread_mutex_lock(&g->mu);
    user_of(g, one->uid)->connections++;
    g->total++;
    (void)pthread_mutex_unlock(&g->mu);
}

/* False: there are no descriptors for a while. */
static bool
take_in(connections *g)
{
    for (int i = 0; i < ACCEPTS; i++) {
        const int fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return errno != EMFILE && errno != ENFILE && errno != ENOMEM;
        welcome(g, fd);
    }
    return true;
}

/* Is it time for it to go? */
static bool
is_late(const connections *g, const connection *one, int64_t now)
{
    if (one->got < sizeof one->head)
        return g->stopping || now >= one->until_ms;
    return !one->waits && (now >= one->until_ms || now >= one->stalls_ms);
}

/* ---- the reading
 * ----------------------------------------------------------------------- */

/* What to poll for, and how many; until when. */
static nfds_t
gather(connections *g, bool accepting, int *ret_wait_ms)
{
    const int64_t now = ndr_now_ms();
    int64_t until = now + STALL_MS;
    nfds_t n = 3;
    g->poll[0] = (struct pollfd){.fd = g->stopping ? -1 : g->stop_fd, .events = POLLIN};
    g->poll[1] = (struct pollfd){.fd = accepting && !g->stopping ? g->listener : -1,
                                 .events = POLLIN};
    g->poll[2] = (struct pollfd){.fd = g->wake_fd, .events = POLLIN};
    for (connection *one = g->coming; one != NULL; one = one->next) {
        g->polled[n] = one;
        g->poll[n++] = (struct pollfd){.fd = one->fd, .events = one->waits ? 0 : POLLIN};
        if (one->waits)
            continue;
        until = one->until_ms < until ? one->until_ms : until;
        until = one->stalls_ms < until ? one->stalls_ms : until;
    }
    if (!accepting && until > now + PAUSE_MS)
        until = now + PAUSE_MS;
    *ret_wait_ms = until > now ? (int)(until - now) : 0;
    return n;
}

/* Look at each that is coming: those that are whole, and those that are gone, leave. */
static void
look_at_all(connections *g, nfds_t polled)
{
    nfds_t at = 3;
    for (connection **link = &g->coming; *link != NULL;) {
        connection *one = *link;
        const bool known = at < polled && g->polled[at] == one;
        const short news = known ? g->poll[at].revents : 0;
        at += known;
        enum coming now = PARTIAL;
        if (one->waits && (news & (POLLHUP | POLLERR)) != 0)
            now = GONE;
        else if (one->waits ? take_place(g, one) : news != 0)
            now = read_some(g, one);
        if (now == PARTIAL && is_late(g, one, ndr_now_ms()))
            now = GONE;
        if (now == PARTIAL) {
            link = &one->next;
            continue;
        }
        *link = one->next;
        if (now == WHOLE)
            hand_over(g, one);
        else
            let_go(g, one);
    }
}

void
connections_read(connections *g)
{
    bool accepting = true;
    while (!g->stopping || g->coming != NULL) {
        int wait_ms;
        uint64_t ignored;
        const nfds_t n = gather(g, accepting, &wait_ms);
        if (poll(g->poll, n, wait_ms) < 0 && errno != EINTR && errno != ENOMEM)
            break;
        if (g->poll[2].revents != 0 && read(g->wake_fd, &ignored, sizeof ignored) < 0 &&
            errno != EAGAIN && errno != EINTR)
            break;
        g->stopping = g->stopping || g->poll[0].revents != 0;
        look_at_all(g, n);
        accepting = true;
        if (g->poll[1].revents != 0 && !g->stopping)
            accepting = take_in(g);
    }
    while (g->coming != NULL) {
        connection *one = g->coming;
        g->coming = one->next;
        let_go(g, one);
    }
    (void)pthread_mutex_lock(&g->mu);
    g->ended = true;
    (void)pthread_cond_broadcast(&g->some);
    (void)pthread_mutex_unlock(&g->mu);
}

/* ---- workers
 * ----------------------------------------------------------------------------
 */

connection *
connections_take(connections *g)
{
    connection *found = NULL;
    (void)pthread_mutex_lock(&g->mu);
    for (;;) {
        connection **link = &g->first;
        while (*link != NULL && user_of(g, (*link)->uid)->busy >= share(g->workers))
            link = &(*link)->next;
        found = *link;
        if (found != NULL) {
            *link = found->next;
            if (g->last == &found->next)
                g->last = link;
            user_of(g, found->uid)->busy++;
        }
        if (found != NULL || (g->ended && g->first == NULL))
            break;
        (void)pthread_cond_wait(&g->some, &g->mu);
    }
    (void)pthread_mutex_unlock(&g->mu);
    return found;
}

void
connections_done(connections *g, connection *one)
{
    const uint64_t news = 1;
    const bool large = one->large;
    (void)pthread_mutex_lock(&g->mu);
    user_of(g, one->uid)->busy--;
    (void)pthread_cond_broadcast(&g->some); /* another of this user's may be next */
    (void)pthread_mutex_unlock(&g->mu);
    let_go(g, one);
    if (large && write(g->wake_fd, &news, sizeof news) < 0)
        return; /* it is full of such news */
}

void
connections_free(connections *g)
{
    if (g == NULL)
        return;
    if (g->wake_fd >= 0)
        (void)close(g->wake_fd); /* nobody waits */
    (void)pthread_cond_destroy(&g->some);
    (void)pthread_mutex_destroy(&g->mu);
    free(g->user);
    free(g->poll);
    free(g->polled);
    free(g);
}

int
connections_new(int listener, int stop_fd, unsigned workers, size_t message_limit_bytes,
                connections **ret, ndr_error *err)
{
    connections *g = calloc(1, sizeof *g);
    if (g == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to serve");
    struct rlimit files = {.rlim_cur = 256, .rlim_max = 256};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max &&
        files.rlim_cur < GUESTS_MAX + OTHER_DESCRIPTORS) {
        files.rlim_cur = files.rlim_max < GUESTS_MAX + OTHER_DESCRIPTORS
                             ? files.rlim_max
                             : GUESTS_MAX + OTHER_DESCRIPTORS;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0)
            (void)getrlimit(RLIMIT_NOFILE, &files); /* then it is as it was */
    }
    const rlim_t room =
        files.rlim_cur > 2 * OTHER_DESCRIPTORS ? files.rlim_cur - OTHER_DESCRIPTORS : 16;
    (void)pthread_mutex_init(&g->mu, NULL);
    (void)pthread_cond_init(&g->some, NULL);
    g->listener = listener;
    g->stop_fd = stop_fd;
    g->limit = message_limit_bytes;
    g->workers = workers;
    g->places = workers > 2 ? workers : 2;
    g->most = room < GUESTS_MAX ? (unsigned)room : GUESTS_MAX;
    g->last = &g->first;
    g->user = calloc((size_t)g->most + 1, sizeof *g->user);
    g->poll = calloc((size_t)g->most + 4, sizeof *g->poll);
    g->polled = calloc((size_t)g->most + 4, sizeof *g->polled);
    g->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code = 0;
    if (g->wake_fd < 0)
        code = ndr_fail(err, NDR_E_SYS, "eventfd");
    else if (g->user == NULL || g->poll == NULL || g->polled == NULL)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory to serve");
    if (code != 0)
        connections_free(g);
    else
        *ret = g;
    return code;
}
