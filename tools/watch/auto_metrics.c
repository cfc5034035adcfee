/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_metrics.c - see auto_metrics.h. */
#include "auto_metrics.h"

#include "app/events.h"
#include "app/file_put.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void
put(ndr_buffer *out, const char *name, const char *help, int64_t value)
{
    ndr_buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %" PRId64 "\n", name, help,
                      name, name, value);
}

static int
count(void *ctx, const struct dirent *d)
{
    *(int64_t *)ctx += d->d_name[0] != '.';
    return 0;
}

/* How many lie there; 0 where nobody can look. */
static int64_t
events_in(const char *folder, const char *part)
{
    char path[4200];
    int64_t n = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder, part);
    (void)ndr_folder_each(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), count, &n);
    return n;
}

void
auto_metrics_text(const auto_metrics *m, ndr_buffer *out)
{
    put(out, "ndrscan_watch_look_seconds", "When ndrscan watch looked last.", m->now);
    put(out, "ndrscan_watch_trouble", "1 where it could not look.", m->trouble);
    if (m->fresh != NDR_TIME_UNKNOWN)
        put(out, "ndrscan_statistics_fresh_seconds", "Up to when bounces are counted.",
            m->fresh);
    put(out, "ndrscan_storm_domains",
        "Domains that get many bounces of mail they did not send.", (int64_t)m->storms);
    put(out, "ndrscan_auto_listed_domains", "Domains for which windows open themselves.",
        (int64_t)m->listed);
    put(out, "ndrscan_auto_open_windows", "Windows that opened themselves and are open.",
        (int64_t)m->open);
    put(out, "ndrscan_auto_most_windows", "Of so many that may be open at once.",
        (int64_t)m->most);
    put(out, "ndrscan_auto_opened_24h", "Windows that opened themselves in a day.",
        (int64_t)m->day);
    put(out, "ndrscan_auto_held_domains",
        "Listed domains in a storm for which a brake held the window.", (int64_t)m->held);
    if (m->events == NULL)
        return;
    put(out, "ndrscan_events_waiting", "Events that nobody was told of yet.",
        events_in(m->events, EVENTS_NEW));
    put(out, "ndrscan_events_failed", "Events that could not be told for a day.",
        events_in(m->events, EVENTS_FAILED));
}

int
auto_metrics_write(const auto_metrics *m, const char *path, ndr_error *err)
{
    ndr_buffer text = {0};
    const char *base = NULL;
    auto_metrics_text(m, &text);
    const int dir = ndr_folder_of(path, &base);
    int rc = text.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory") : 0;
    if (rc == 0 && (dir < 0 || !file_put(dir, base, NULL, 0644, true,
                                         (ndr_slice){text.ptr, text.len})))
        rc = ndr_fail(err, NDR_E_SYS, "write the metrics '%s'", path);
    if (dir >= 0)
        (void)close(dir); /* what was written is synced */
    ndr_buffer_free(&text);
    return rc;
}
