/* SPDX-License-Identifier: BSD-3-Clause */
/* count_run.h - how does a run that scans mail add to the statistics? */
#ifndef STATS_H
#define STATS_H

#include "ndrscan_stats.h"

/* The file of --stats, or none. All zero: none. */
typedef struct stats {
    const char *path; /* may point into `room`: a stats stays where it is */
    char room[4096];
    ndr_counts *counts; /* NULL: none, or it failed */
    bool failed;        /* told already */
} stats;

/*
 * Which file --stats means: what was given, or for the word "default" the one that report
 * and console look into, its folders made. `room` holds that path. 0, or 2, told.
 */
int stats_place(const char *given, char *room, size_t size, const char **ret_path);
/* What all users share of it, who may open their windows reads: whoever made the file at
 * `path` gives it to that group, if it is the system's and in root's folder. */
void stats_share(const char *path);
/* Open the file, NULL for none, for a run of so many workers that decides by `clock`.
 * 0, or 2, told. */
int stats_begin(stats *s, const char *path, unsigned threads, enum ndr_clock clock);
/* The same for one whose mail waits: another program that keeps the file is waited for
 * only moments, and what is not counted by that is told. */
int stats_begin_in_passing(stats *s, const char *path, unsigned threads,
                           enum ndr_clock clock);
/* The same for a server, which is to answer at once: when another program keeps the file,
 * it is opened by the first tick that can. */
int stats_begin_soon(stats *s, const char *path, unsigned threads, enum ndr_clock clock);
/* For ndr_run_opts.look. 0 or an ndr_code. Thread: the worker's. */
int stats_look(stats *s, unsigned worker, const ndr_message *m, const ndr_verdict *v,
               ndr_error *err);
/* For ndr_run_opts.progress. A failure is told once; the run goes on without. */
void stats_tick(stats *s);
/* Write the rest, tell what was new unless `quiet`. 0, or 2, told. */
int stats_end(stats *s, bool quiet);

#endif
