/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * snapshot.h - what is there to show?
 *
 * The windows and the history of bounces as they are at one moment, worked out once and
 * then only read: a page of a thousand domains is written from it without a look at the
 * disk. A new one is taken by a thread of its own and takes the old one's place.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "ndrscan_rules.h"
#include "report/report.h"
#include "windows/auto_ready.h"
#include "windows/auto_wishes.h"

enum { DAY_S = 86400 };

/* One domain. Everything it points to is the snapshot's. */
typedef struct domain_view {
    const char *domain; /* NUL-terminated; "" of bounces whose recipient is not known */
    enum ndr_state state;
    double now_per_hour, usual_per_hour;
    bool usual_known;
    int64_t began;          /* of the storm that is on; NDR_TIME_UNKNOWN */
    int64_t calm_since;     /* NDR_TIME_UNKNOWN while it is not, or nothing is known */
    uint64_t bounces, junk; /* of the last 24 hours */
    const ndr_window *open; /* the window that covers it now, or NULL */
    bool ours;              /* it can be ended from here */
    uint64_t whose[NDR_WHOSE_COUNT]; /* of the storm, or of the day: whose mail came back;
                                        all 0: nobody asked */
    const ndr_series *series;        /* NULL: no counts */
} domain_view;

typedef struct snapshot {
    int64_t at, known; /* when it was taken; up to when counts are known */
    domain_view *row;  /* worst first: storms, blocked, calm, quiet; then by bounces */
    size_t count;
    ndr_window_table *window_table; /* owned; NULL when it cannot be read */
    report report;
    auto_wishes wishes;      /* whose windows shall open themselves */
    auto_ready ready;        /* and whose could */
    bool watched;            /* a watcher opens them */
    char error[480];         /* why something is not there, or "" */
    const char *windows_dir; /* borrowed of what it was taken with */
} snapshot;

typedef struct snapshot_opts {
    const char *windows_dir; /* the folder that `ndrscan block` edits */
    bool windows_alone;      /* it was named: no others count */
    const char *stats;       /* the file of counts */
} snapshot_opts;

/* Work one out. NULL: no memory. What cannot be read is told in ->error; a file or
 * folder that is not there is empty. */
snapshot *snapshot_take(const snapshot_opts *o, int64_t now);
void snapshot_free(snapshot *s);
/* NULL when there is none of that name. */
const domain_view *snapshot_find(const snapshot *s, const char *domain);

/* Does the window stand in the file that programs edit, so that it can be ended from
 * here? */
bool snapshot_is_ours(const snapshot *s, const ndr_window *w);

/* "many", "blocked", "calm", "quiet": of the API and the style sheet. */
const char *view_word(enum ndr_state state);
/* "many bounces: 1,200 in the last hour, usual 3 a day; for 2 h": a few words about one
 * domain, appended. */
void view_words(ndr_buffer *out, const domain_view *v, int64_t now);
/* "usual 3 a day"; appended. */
void view_usual(ndr_buffer *out, const domain_view *v);

#endif
