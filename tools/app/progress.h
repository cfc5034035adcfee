/* SPDX-License-Identifier: BSD-3-Clause */
/* progress.h - how far is the run? */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "ndrscan_io.h"

enum progress_how { PROGRESS_AUTO, PROGRESS_NEVER, PROGRESS_JSON, PROGRESS_HADOOP };

/* News of one run on standard error. Thread: main. */
typedef struct progress {
    enum progress_how how; /* AUTO only where there is a terminal, else NEVER */
    const ndr_source *source;
    double begun, told; /* seconds, monotonic */
    bool shown;         /* a live line is on the screen */
    ndr_stats counted;  /* of HADOOP: what its counters were told; counts alone */
} progress;

void progress_begin(progress *p, enum progress_how how, const ndr_source *source);
/* Tell, if it is time to: ten lines a second on a terminal, one object as JSON, counters
 * for Hadoop. */
void progress_tick(progress *p, const ndr_stats *so_far);
/* Take the live line off the screen; the next tick puts it back at once. */
void progress_clear(progress *p);
/* Seconds of a clock that only goes on. */
double progress_now(void);
/* Seconds since progress_begin. */
double progress_seconds(const progress *p);
/* The JSON object with type "end", or what Hadoop's counters were not told yet. */
void progress_end_json(progress *p, const ndr_stats *st);
/* Is the news for a program, which wants no table? */
bool progress_is_read(enum progress_how how);
/* An object of --progress=json begins: {"type":TYPE,"seconds":…; and is ended, put on
 * standard error and freed. */
void progress_begin_json(ndr_buffer *line, const char *type, double seconds);
void progress_put_json(ndr_buffer *line);

/* The live line for a terminal of `columns`: what fits, in full words. Pure. */
void progress_line(ndr_buffer *out, const ndr_stats *st, uint64_t total, bool total_known,
                   double seconds, size_t columns);

#endif
