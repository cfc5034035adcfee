/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * login_delays.h - may this password be tried now?
 *
 * Who was wrong too often has to wait, longer each time, up to a bound: by name and
 * address together, by address, by name. A try that has to wait is refused before it
 * costs anything and changes nothing, so that nobody can lock out somebody else: the next
 * moment comes, however many are refused until then. A browser in which the name was
 * right before (known_browser.h) counts by itself: strangers delay it by nothing.
 *
 * Of fixed size: two names may share a row, which a stranger can neither aim at nor
 * empty by filling the table.
 */
#ifndef LOGIN_DELAYS_H
#define LOGIN_DELAYS_H

#include "ndrscan.h"

enum { DELAY_ROWS = 8192 };

typedef struct login_delays {
    uint64_t seed; /* of the hashes: random */
    struct delay {
        int64_t next_ms;  /* when a try may come again */
        int64_t since_ms; /* up to when wrong ones were forgotten */
        unsigned wrong;
    } row[4][DELAY_ROWS]; /* by kind */
} login_delays;

/* Who tries. NUL-terminated; `browser` is NULL where it is not known. */
typedef struct login_try {
    const char *name, *address, *browser;
} login_try;

/* Make it ready, all zero before. NDR_E_SYS when there are no random bytes. */
int login_delays_init(login_delays *d, ndr_error *err);
/*
 * 0: go on, which counts as wrong until login_delays_right is told; else how many
 * milliseconds to wait. Of an IPv6 address the first 64 bits count. `now_ms` never goes
 * back. Thread: the loop's.
 */
int64_t login_delays_take(login_delays *d, const login_try *t, int64_t now_ms);
/* The last try of it was right. */
void login_delays_right(login_delays *d, const login_try *t);

#endif
