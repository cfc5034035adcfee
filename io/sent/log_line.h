/* SPDX-License-Identifier: BSD-3-Clause */
/* log_line.h - when was a line of a log written, by whom, and what does it say? */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "ndrscan.h"

/* How stamps without year or zone are read, and what was found so far. */
typedef struct ndr_log_clock {
    int year; /* stated for a file's first line; 0: by file_time */
    int64_t file_time;
    bool zone_given;
    int zone_minutes;
    /* of the file */
    int month, year_now; /* of the last stamp with a stated year; 0: none yet */
    char hour_text[16];  /* "Nov 29 10", for which `hour` is known */
    int64_t hour;
} ndr_log_clock;

/* A file begins: forget the last one's months. */
void ndr_log_clock_begin(ndr_log_clock *c, int64_t file_time);

/* A line in its parts, borrowed from it. */
typedef struct ndr_log_line {
    ndr_slice stamp;   /* "Nov 29 10:00:00", "2026-11-29T10:00:00.1+01:00" or "2026-11-29
                          10:00:00 +0100" */
    ndr_slice host;    /* may be empty: Exim's own log names none */
    ndr_slice program; /* "postfix/smtpd"; empty in Exim's own log */
    ndr_slice text;    /* what it says */
} ndr_log_line;

/* A line of syslog, RFC 3164's or RFC 3339's stamp, a priority before it or not. */
bool ndr_log_line_syslog(ndr_slice line, ndr_log_line *ret);
/* A line of Exim's own log, with or without fractions, zone and [pid]. */
bool ndr_log_line_exim(ndr_slice line, ndr_log_line *ret);
/* Its time; NDR_TIME_UNKNOWN when the stamp is none. */
int64_t ndr_log_time(ndr_log_clock *c, ndr_slice stamp);

/* Does `s` begin with these letters? Then they are taken off. */
bool ndr_log_skip(ndr_slice *s, const char *words);
/* Where `words` begin in s; s.len when they do not. The last place with `last`. */
size_t ndr_log_find(ndr_slice s, const char *words, bool last);

#endif
