/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_tell.h - who is told what of windows that open themselves, and of storms? */
#ifndef AUTO_TELL_H
#define AUTO_TELL_H

#include "app/events.h"
#include "auto_brakes.h"
#include "auto_list.h"
#include "ndrscan_stats.h"
#include "windows/auto_state.h"

enum { AUTO_TELL_MOST = 50 };

/* What was told, so that nothing is told every minute. */
typedef struct auto_teller {
    const char *events; /* folder; NULL: only standard error */
    uint64_t *told;     /* hashes of ids; owned */
    size_t count;
    size_t left;  /* that may be told at this look: each is synced, and mail waits */
    bool failing; /* events cannot be put there: it was said */
} auto_teller;

void auto_teller_free(auto_teller *t);
/* One event, and a line on standard error, if it was not told before. */
void auto_tell(auto_teller *t, const event *e);

/* Many bounces that are not the domain's own came. */
void
auto_tell_storm(auto_teller *t, const char *domain, const ndr_alarm *at, int64_t now);
/* No window opened itself, for this reason. */
void auto_tell_held(auto_teller *t, const char *domain, const ndr_alarm *at,
                    enum auto_brake brake, int64_t now);
/* A window that opened itself, and how it ended. `file`: what the file of windows says of
 * it, or NULL; `why`: what it opened for, or NULL where that is no longer known. */
void auto_tell_window(auto_teller *t, const auto_window *w, const ndr_window *file,
                      const ndr_alarm *why, int64_t now);
/* So many domains have a storm at once. */
void auto_tell_many(auto_teller *t, size_t count, const char *names, int64_t now);
/* Something is amiss that the operator has to mend; told once an hour. */
void
auto_tell_trouble(auto_teller *t, enum event_kind kind, const char *words, int64_t now);

/* "212 bounces in 15 min (usual: 1.2); of 140 that could be told, 3 ours, 100 proven
 * forged": appended, for people. */
void auto_alarm_words(ndr_buffer *out, const ndr_alarm *at);

#endif
