/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_metrics.h - how is it told to Prometheus what opens itself? */
#ifndef AUTO_METRICS_H
#define AUTO_METRICS_H

#include "ndrscan.h"

/* What is so at one look. */
typedef struct auto_metrics {
    int64_t now, fresh; /* fresh: NDR_TIME_UNKNOWN where there are no statistics */
    size_t storms;      /* domains in a storm of bounces that are not theirs */
    size_t open;        /* windows that opened themselves, and are open, */
    size_t most;        /* of so many that may be */
    size_t day;         /* that opened in the last day */
    size_t held;        /* domains in a storm that no window opened for */
    size_t listed;      /* domains for which one may */
    bool trouble;       /* it could not be looked */
    const char *events; /* folder of events, or NULL */
} auto_metrics;

/* As text that Prometheus reads, appended. Source: Prometheus text format 0.0.4. */
void auto_metrics_text(const auto_metrics *m, ndr_buffer *out);
/* The file of that text: replaced whole. 0, NDR_E_SYS or NDR_E_NOMEM. */
int auto_metrics_write(const auto_metrics *m, const char *path, ndr_error *err);

#endif
