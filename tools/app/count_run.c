/* SPDX-License-Identifier: BSD-3-Clause */
/* count_run.c - how does a run that scans mail add to the statistics? */
#include "count_run.h"

#include "diag.h"
#include "places.h"
#include "text.h"
#include "windows_place.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSING_MS = 100 }; /* for another program that writes, while mail waits */

int
stats_place(const char *given, char *room, size_t size, const char **ret_path)
{
    ndr_error err = {0};
    *ret_path = given;
    if (strcmp(given, "default") != 0)
        return 0;
    *ret_path = room;
    if (place_state("stats.db", room, size, &err) != 0 ||
        place_make_above(room, 0755, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    return 0;
}

void
stats_share(const char *path)
{
    struct stat st, above;
    gid_t group;
    char shared[4096];
    if (geteuid() != 0 ||
        place_system_state("stats.db", shared, sizeof shared, NULL) != 0 ||
        strcmp(shared, path) != 0 || lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        st.st_uid != 0 || !windows_place_group(&group) ||
        (st.st_gid == group && (st.st_mode & S_IRGRP) != 0))
        return;
    *strrchr(shared, '/') = '\0';
    if (lstat(shared, &above) != 0 || above.st_uid != 0 ||
        (above.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return;
    /* who cannot read it is told */
    if (lchown(path, (uid_t)-1, group) == 0)
        (void)chmod(path, (st.st_mode & (S_IRWXU | S_IROTH)) | S_IRGRP);
}

enum how { WITH_TIME, IN_PASSING, SOON };

static int
begin(stats *s, const char *path, unsigned threads, enum ndr_clock clock, enum how how)
{
    *s = (stats){0};
    if (path == NULL)
        return 0;
    if (stats_place(path, s->room, sizeof s->room, &s->path) != 0)
        return 2;
    if (clock != NDR_CLOCK_ARRIVAL) {
        diag("--stats counts by the time of arrival; leave --clock out");
        return 2;
    }
    ndr_error err = {0};
    const int rc =
        how == WITH_TIME ? ndr_counts_open(s->path, threads, &s->counts, &err)
        : how == SOON
            ? ndr_counts_open_soon(s->path, threads, PASSING_MS, &s->counts, &err)
            : ndr_counts_open_in_passing(s->path, threads, PASSING_MS, &s->counts, &err);
    if (rc == 0) {
        stats_share(s->path);
        return 0;
    }
    diag("%s", err.text);
    return 2;
}

int
stats_begin(stats *s, const char *path, unsigned threads, enum ndr_clock clock)
{
    return begin(s, path, threads, clock, WITH_TIME);
}

int
stats_begin_in_passing(stats *s, const char *path, unsigned threads, enum ndr_clock clock)
{
    return begin(s, path, threads, clock, IN_PASSING);
}

int
stats_begin_soon(stats *s, const char *path, unsigned threads, enum ndr_clock clock)
{
    return begin(s, path, threads, clock, SOON);
}

int
stats_look(stats *s, unsigned worker, const ndr_message *m, const ndr_verdict *v,
           ndr_error *err)
{
    return s->counts == NULL ? 0 : ndr_counts_look(s->counts, worker, m, v, err);
}

static void
tell_failure(stats *s, const ndr_error *err)
{
    if (!s->failed)
        diag("statistics '%s': %s; they are not complete: scan the same mail again",
             s->path, err->text);
    s->failed = true;
}

void
stats_tick(stats *s)
{
    ndr_error err = {0};
    if (s->counts != NULL && !s->failed && ndr_counts_flush(s->counts, &err) != 0)
        tell_failure(s, &err);
}

int
stats_end(stats *s, bool quiet)
{
    if (s->counts == NULL)
        return 0;
    ndr_error err = {0};
    ndr_counts_added told = {0};
    if (ndr_counts_close(s->counts, &told, &err) != 0)
        tell_failure(s, &err);
    s->counts = NULL;
    number a, b, c;
    if (!quiet && !s->failed)
        diag("statistics: %s bounces are new, %s were counted before%s%s%s",
             text_count(a, told.counted), text_count(b, told.known + told.changed),
             told.changed > 0 ? " (" : "",
             told.changed > 0 ? text_count(c, told.changed) : "",
             told.changed > 0 ? " as something else)" : "");
    if (told.missed > 0)
        diag("statistics '%s': another program keeps it; %s bounces pass without being "
             "counted",
             s->path, text_count(a, told.missed));
    if (told.undated > 0)
        diag("statistics: %s bounces without a time of arrival are not counted",
             text_count(a, told.undated));
    if (told.old > 0)
        diag("statistics: %s bounces are not counted: they are older than what '%s' "
             "remembers, which tells new ones from those counted before",
             text_count(a, told.old), s->path);
    return s->failed ? 2 : 0;
}
