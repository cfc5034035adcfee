/* SPDX-License-Identifier: BSD-3-Clause */
/* login_delays.c - may this password be tried now? */
#include "login_delays.h"

#include "ndr_hash.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/random.h>

enum kind { BY_BOTH, BY_ADDRESS, BY_NAME, BY_BROWSER };

/* How many are free, and how long the longest wait is. One address may have many people
 * behind it; a name has many strangers who know it. */
static const struct bound {
    unsigned free;
    int64_t most_ms;
} bounds[] = {[BY_BOTH] = {3, 60000},
              [BY_ADDRESS] = {12, 20000},
              [BY_NAME] = {10, 8000},
              [BY_BROWSER] = {5, 60000}};

enum {
    FORGET_MS = 60000, /* one wrong try less */
    WRONG_MOST = 24,   /* so that a long attack is forgotten within the hour */
};

int
login_delays_init(login_delays *d, ndr_error *err)
{
    if (getrandom(&d->seed, sizeof d->seed, 0) != (ssize_t)sizeof d->seed)
        return ndr_fail(err, NDR_E_SYS, "get random bytes");
    return 0;
}

/* The bytes of an address that one stranger can choose within are one. */
static ndr_slice
network_of(const char *address, unsigned char room[16])
{
    if (strchr(address, ':') == NULL || inet_pton(AF_INET6, address, room) != 1 ||
        IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)room))
        return ndr_slice_of(address);
    return (ndr_slice){room, 8};
}

/* The rows that a try counts in: one for each kind, or NULL. */
static void
rows_of(login_delays *d, const login_try *t, struct delay *row[4])
{
    unsigned char room[16];
    const uint64_t name = ndr_hash_nocase(ndr_slice_of(t->name), d->seed);
    memset(row, 0, 4 * sizeof row[0]);
    if (t->browser != NULL) {
        const uint64_t browser = ndr_hash(ndr_slice_of(t->browser), name);
        row[BY_BROWSER] = &d->row[BY_BROWSER][browser % DELAY_ROWS];
        return;
    }
    const ndr_slice network = network_of(t->address, room);
    row[BY_BOTH] = &d->row[BY_BOTH][ndr_hash(network, name) % DELAY_ROWS];
    row[BY_ADDRESS] = &d->row[BY_ADDRESS][ndr_hash(network, d->seed) % DELAY_ROWS];
    row[BY_NAME] = &d->row[BY_NAME][name % DELAY_ROWS];
}

static int64_t
wait_after(unsigned wrong, const struct bound *b)
{
    if (wrong < b->free)
        return 0;
    const unsigned doubled = wrong - b->free;
    const int64_t ms = doubled < 20 ? INT64_C(1000) << doubled : b->most_ms;
    return ms < b->most_ms ? ms : b->most_ms;
}

/* One wrong try less for each minute since they are counted. */
static void
forget(struct delay *row, int64_t now_ms)
{
    const int64_t minutes = (now_ms - row->since_ms) / FORGET_MS;
    if (minutes >= row->wrong) {
        *row = (struct delay){.since_ms = now_ms};
        return;
    }
    row->wrong -= (unsigned)minutes;
    row->since_ms += minutes * FORGET_MS;
}

int64_t
login_delays_take(login_delays *d, const login_try *t, int64_t now_ms)
{
    struct delay *row[4];
    int64_t wait = 0;
    rows_of(d, t, row);
    for (size_t i = 0; i < 4; i++)
        if (row[i] != NULL && row[i]->next_ms - now_ms > wait)
            wait = row[i]->next_ms - now_ms;
    for (size_t i = 0; i < 4 && wait == 0; i++) {
        if (row[i] == NULL)
            continue;
        forget(row[i], now_ms);
        if (row[i]->wrong < WRONG_MOST)
            row[i]->wrong++;
        row[i]->next_ms = now_ms + wait_after(row[i]->wrong, &bounds[i]);
    }
    return wait;
}

void
login_delays_right(login_delays *d, const login_try *t)
{
    struct delay *row[4];
    rows_of(d, t, row);
    for (size_t i = 0; i < 4; i++) {
        if (row[i] == NULL || row[i]->wrong == 0)
            continue;
        if (i == BY_BOTH || i == BY_BROWSER)
            *row[i] = (struct delay){0};
        else
            row[i]->wrong--; /* the others' wrong ones stay */
    }
}
