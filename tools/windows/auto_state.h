/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auto_state.h - which windows did `ndrscan watch --auto` open, and when did they end?
 *
 * A file in the folder of windows, which those share who share the windows. It is written
 * under the windows' lock, as they change.
 */
#ifndef AUTO_STATE_H
#define AUTO_STATE_H

#include "ndrscan.h"

#define AUTO_STATE_FILE ".ndrscan.auto.json"
#define AUTO_WHO        "watch --auto" /* in the history; no user can be called so */

/* One window that opened itself. */
typedef struct auto_window {
    char domain[256];
    int64_t from;   /* with the domain: which window of the folder it is */
    int64_t opened; /* when */
    int64_t ended;  /* NDR_TIME_OPEN while it is open */
    unsigned times; /* how many times as long it has to be calm as usually */
    bool by_person; /* somebody ended it */
} auto_window;

typedef struct auto_state {
    auto_window *row; /* in the order in which they opened; owned */
    size_t count;
} auto_state;

/* Read it; no file is no windows. 0 (auto_state_free it); NDR_E_DAMAGED for what is no
 * such file, NDR_E_LIMIT for one of a newer version, with the remedy; NDR_E_SYS. */
int auto_state_load(const char *dir, auto_state *ret, ndr_error *err);
void auto_state_free(auto_state *s);
/* Replace it, whole and synced, but for what ended two days before `now`. 0, or an
 * ndr_code. To be called under the windows' lock. */
int auto_state_save(const char *dir, const auto_state *s, int64_t now, ndr_error *err);
/* Add one that opens. NULL: no memory. */
auto_window *auto_state_add(auto_state *s);
/* The one that is open of a domain, from that time on (NDR_TIME_UNKNOWN: from whenever);
 * NULL: none. */
auto_window *auto_state_open(const auto_state *s, ndr_slice domain, int64_t from);
/* Bring `now`, as the file has it, up to `seen`: what it was a while ago, and which ends
 * were noticed since. False, and nothing changed: `now` has a window that was not seen,
 * so that another machine opens some. Pure. */
bool auto_state_follow(auto_state *now, const auto_state *seen);
/* Take out the one that is this one, if it is there: is it? */
bool auto_state_forget(auto_state *s, const auto_window *w);

/* Wait until no program changes the windows of `dir`, and keep others from it until *ret
 * is closed; `alone`: from reading under this lock, too. 0, *ret -1 where nobody changed
 * them yet, or may not be known to; or NDR_E_SYS (EAGAIN: one kept the lock). */
int
auto_state_lock(const char *dir, bool alone, unsigned wait_ms, int *ret, ndr_error *err);
/* Make the lock, as ndr_windows_block does: for who may add to the folder. 0, or
 * NDR_E_SYS. */
int auto_state_lock_make(const char *dir, ndr_error *err);

#endif
