/* SPDX-License-Identifier: BSD-3-Clause */
/* waits.c - which requests wait for the mover, and for what it says? */
#include "waits.h"

#include "ndr_clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16, SAID_MAX = 64 << 20, READS_AT_ONCE = 16 };

asked_wait *
waits_find(waits *all, uint64_t ticket)
{
    for (size_t i = 0; i < WAITS_MAX && ticket != 0; i++)
        if (all->row[i].ticket == ticket)
            return &all->row[i];
    return NULL;
}

bool
waits_room(const waits *all, const char *person)
{
    size_t own = 0;
    if (person == NULL)
        person = "";
    for (size_t i = 0; i < WAITS_MAX && all->count > 0; i++)
        own += all->row[i].ticket != 0 && strcmp(all->row[i].person, person) == 0;
    return all->count < WAITS_MAX && own < WAITS_OF_ONE;
}

asked_wait *
waits_begin(waits *all, uint64_t ticket, int fd, const char *person)
{
    asked_wait *w = all->row;
    if (!waits_room(all, person)) {
        (void)close(fd); /* the mover's words are nobody's */
        return NULL;
    }
    while (w->ticket != 0) /* there is room */
        w++;
    *w = (asked_wait){.ticket = ticket, .fd = fd, .since_ms = ndr_now_ms()};
    (void)snprintf(w->person, sizeof w->person, "%s", person != NULL ? person : "");
    all->count++;
    return w;
}

void
waits_end(waits *all, asked_wait *w)
{
    if (w == NULL)
        return;
    if (w->fd >= 0)
        (void)close(w->fd); /* was only read */
    ndr_buffer_free(&w->said);
    *w = (asked_wait){.fd = -1};
    all->count--;
}

size_t
waits_poll(const waits *all, struct pollfd *fds)
{
    size_t n = 0;
    for (size_t i = 0; i < WAITS_MAX && all->count > 0; i++)
        if (all->row[i].ticket != 0 && all->row[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = all->row[i].fd, .events = POLLIN};
    return n;
}

/* What is there; a little at a time, as others are to be served too. */
static void
read_some(asked_wait *w)
{
    static char bytes[READ_BYTES];
    for (int i = 0; i < READS_AT_ONCE; i++) {
        const ssize_t n = read(w->fd, bytes, sizeof bytes);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n > 0 && w->said.len < SAID_MAX) {
            ndr_buffer_add(&w->said,
                           (ndr_slice){(const unsigned char *)bytes, (size_t)n});
            continue;
        }
        (void)close(w->fd); /* was only read */
        w->fd = -1;
        return;
    }
}

void
waits_read(waits *all, int64_t now_ms)
{
    for (size_t i = 0; i < WAITS_MAX && all->count > 0; i++) {
        asked_wait *w = &all->row[i];
        if (w->ticket == 0)
            continue;
        if (w->fd >= 0)
            read_some(w);
        const bool late = now_ms - w->since_ms > WAIT_SECONDS * 1000;
        if (late && w->fd >= 0) {
            (void)close(w->fd); /* what is asked goes on; it is not waited for */
            w->fd = -1;
            ndr_buffer_clear(&w->said);
        }
        if (late && w->told) /* whoever asked is gone */
            waits_end(all, w);
    }
}

int
wait_outcome(const asked_wait *w, ndr_error *err)
{
    static const char last[] = "exit ";
    const char *text = (const char *)w->said.ptr;
    const size_t n = w->said.len;
    size_t at = n > 0 ? n - 1 : 0; /* where the last line begins, behind the words */
    while (at > 0 && text[at - 1] != '\n')
        at--;
    if (w->said.failed || n - at < sizeof last || memcmp(text + at, last, 5) != 0) {
        errno = 0; /* no call failed */
        return ndr_fail(err, NDR_E_SYS,
                        "it is not known whether it was done: look again");
    }
    const char digit = text[at + 5];
    if (digit == '0')
        return 0;
    errno = 0;
    const int code = n - at > sizeof last + 1           ? NDR_E_SYS
                     : digit == '0' + MOVER_EXIT_SYNTAX ? NDR_E_SYNTAX
                     : digit == '0' + MOVER_EXIT_LIMIT  ? NDR_E_LIMIT
                                                        : NDR_E_SYS;
    return ndr_fail(err, code, "%.*s", (int)(at > 0 ? at - 1 : 0), text);
}

void
waits_free(waits *all)
{
    for (size_t i = 0; i < WAITS_MAX; i++)
        if (all->row[i].ticket != 0)
            waits_end(all, &all->row[i]);
}
