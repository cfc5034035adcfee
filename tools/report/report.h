/* SPDX-License-Identifier: BSD-3-Clause */
/* report.h - what do the statistics say of each domain, and how does that look? */
#ifndef REPORT_H
#define REPORT_H

#include "ndrscan_stats.h"

/* One domain. Borrows from its report; counts are of five minutes (NDR_STEP_S). */
typedef struct report_row {
    const ndr_series *series;
    ndr_outlook outlook;
    enum ndr_state state;
    const ndr_window *window;        /* open now; the one that ends last; or NULL */
    uint64_t bounces, junk;          /* in [since, now) */
    uint64_t whose[NDR_WHOSE_COUNT]; /* mail came back in the last of `storms`, or since
                                        `since` without one; all 0: it was not asked */
    size_t storms; /* those of outlook.storm, the last ones, that touch it */
} report_row;

/* All of them: storms first, then blocked, calm and quiet ones; most bounces first. */
typedef struct report {
    int64_t since, now; /* `since` begins a step */
    int64_t known; /* up to where the counts reach: `now`, or the file's last write */
    int64_t whole; /* of steps before it bounces may be missing, see ndr_counts_horizon;
                      NDR_TIME_UNKNOWN: of none */
    ndr_series_list list;
    const ndr_windows *windows; /* borrowed */
    report_row *row;
    size_t count;
} report;

/* Read the file and judge. 0, or an ndr_code. report_clear it in either case. */
int report_make(report *r, const char *path, const ndr_windows *windows, int64_t since,
                int64_t now, ndr_error *err);
void report_clear(report *r);

/* Equal parts of time, whole steps each, for plots; the last one ends with the step
 * under way, the first may begin before `since`. */
typedef struct report_grid {
    int64_t from, width_s;
    size_t count; /* most: what was asked for */
} report_grid;
report_grid report_grid_of(const report *r, size_t most);
/* Bounces and junk of a domain in each part; ret_junk may be NULL. */
void report_bins(const report *r, const report_row *row, const report_grid *g,
                 uint64_t *ret_bounces, uint64_t *ret_junk);
/* True when a window covers the domain at some time of [from, until). */
bool
report_blocked_in(const report *r, const report_row *row, int64_t from, int64_t until);

/* "example.com", or "(recipient not known)". */
const char *report_name(const report_row *row);
/* What nobody knows but the administrator, of all that is told here. */
#define REPORT_BY_COUNT                                                                  \
    "Many is told by the count alone: what comes back of a mailing of your own looks "   \
    "the same."
/* "usual 14 an hour", of bounces a step; appended. */
void report_usual(double usual, bool known, ndr_buffer *out);
/* "many bounces: 240 since 2008-05-13 08:00, 2 h ago; …": the last storm of a row in
 * words; appended. */
void report_words(const report *r, const report_row *row, ndr_buffer *out);

/* Keep the rows of these domains only (A-labels). */
void report_keep(report *r, const char (*domain)[256], size_t count);

/* What a terminal can show. */
typedef struct report_look {
    bool colour;
    bool blocks;    /* bars of Unicode's block characters, in UTF-8; else of ASCII */
    size_t columns; /* taken as 40 to 160 */
} report_look;

/* The forms. Each is appended. */
void report_terminal(const report *r, const report_look *look, ndr_buffer *out);
void report_json(const report *r, ndr_buffer *out);
/* A page that stands alone: no script, nothing from elsewhere. 0, or NDR_E_NOMEM. */
int report_html(const report *r, ndr_buffer *out, ndr_error *err);
/* The page as the file `path`, which it replaces, whole or not at all. 0, or 2, told. */
int report_page(const report *r, const char *path);
/* A windows file of what would be opened; what would be closed as comments. 0 or
 * NDR_E_NOMEM. */
int report_suggest(const report *r, ndr_buffer *out, ndr_error *err);

#endif
