/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_counts.c - see merge_counts.h. */
#define _DEFAULT_SOURCE /* mkstemps */
#include "merge_counts.h"

#include "app/commands.h"
#include "app/count_run.h"
#include "app/diag.h"
#include "app/stop.h"
#include "app/text.h"
#include "ndr_file.h"
#include "pieces_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of statistics that is added to, or made beside its name and named when all is in
 * it. */
typedef struct target {
    const char *path; /* borrowed */
    const char *base;
    int folder;
    bool made;
    ndr_buffer beside; /* what is written to, NUL-terminated, if `made` */
} target;

/* ---- the file -----------------------------------------------------------------------
 */

static int
begin_target(target *t, const char *path, ndr_error *err)
{
    struct stat st;
    *t = (target){.path = path, .base = path};
    t->folder = ndr_folder_of(path, &t->base);
    if (t->folder < 0 && errno == ENOENT)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "the folder of '%s' is not there; make it first", path);
    if (t->folder < 0)
        return ndr_fail(err, NDR_E_SYS, "open the folder of '%s'", path);
    /* SQLite's locks do not hold there */
    const char *shared = ndr_mount_shared(t->folder);
    if (shared != NULL)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' would lie on a mount of %s, where a database that several "
                        "programs write comes to harm; name a file on a disk of this "
                        "machine",
                        path, shared);
    if (fstatat(t->folder, t->base, &st, 0) == 0)
        return 0;
    if (errno != ENOENT)
        return ndr_fail(err, NDR_E_SYS, "'%s'", path);
    ndr_buffer_printf(&t->beside, "%.*s" NDR_NEW_FILE_BEGIN "XXXXXX" NDR_NEW_FILE_END,
                      (int)(t->base - path), path);
    ndr_buffer_byte(&t->beside, '\0');
    if (t->beside.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a name");
    const int fd = mkstemps((char *)t->beside.ptr, (int)strlen(NDR_NEW_FILE_END));
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "make a file beside '%s'", path);
    (void)close(fd); /* is opened anew */
    t->made = true;
    return 0;
}

static const char *
target_file(const target *t)
{
    return t->made ? (const char *)t->beside.ptr : t->path;
}

/* Name it; what came to be there meanwhile stays. SQLite has brought it to the disk. */
static int
name_target(target *t, ndr_error *err)
{
    if (!t->made)
        return 0;
    const char *beside = (const char *)t->beside.ptr;
    if (linkat(AT_FDCWD, beside, t->folder, t->base, 0) != 0)
        return ndr_fail(err, NDR_E_SYS, "name '%s'", t->path);
    return ndr_folder_sync(t->folder) == 0
               ? 0
               : ndr_fail(err, NDR_E_SYS, "bring the name of '%s' to the disk", t->path);
}

static void
end_target(target *t)
{
    if (t->made) {
        (void)unlink((const char *)t->beside.ptr); /* has its name, or is not wanted */
        ndr_buffer journal = {0};
        ndr_buffer_printf(&journal, "%s-journal", (const char *)t->beside.ptr);
        ndr_buffer_byte(&journal, '\0');
        if (!journal.failed)
            (void)unlink((const char *)journal.ptr); /* of a run that failed */
        ndr_buffer_free(&journal);
    }
    if (t->folder >= 0)
        (void)close(t->folder); /* was only looked at */
    ndr_buffer_free(&t->beside);
}

/* ---- counting -------------------------------------------------------------------------
 */

static int
refuse(const merge *m, size_t at, const char *why)
{
    char name[PIECE_COUNTS_NAME_BYTES];
    const ndr_plan_piece *k = &m->plan.plan.piece[at];
    piece_counts_name(k, name);
    diag("%s (%s/%s): %s; remove its result and run its shard again",
         piece_name(&m->plan.plan, k), m->path[m->piece[at].dir], name, why);
    return EXIT_REFUSED;
}

/* All bounces of all pieces: 0, or the exit status, told. */
static int
gather(const merge *m, ndr_count_list *list, uint64_t *ret_undated)
{
    for (size_t i = 0; i < m->plan.plan.piece_count; i++) {
        const merge_piece *p = &m->piece[i];
        ndr_error err = {0};
        if (p->dropped)
            continue;
        if (!p->counted.known)
            return refuse(m, i, "was made without what is to be counted");
        const int code = piece_counts_read(m->dir[p->dir], &m->plan.plan.piece[i],
                                           &p->counted, list, &err);
        if (code == NDR_E_DAMAGED)
            return refuse(m, i, err.text);
        if (code != 0) {
            diag("%s", err.text);
            return pieces_status(&err);
        }
        if (ndr_stop_asked(stop_flag()))
            return stop_signal() == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
        *ret_undated += p->counted.undated;
    }
    return 0;
}

static void
tell(const ndr_counts_added *told, uint64_t undated, const target *t)
{
    number a, b, c;
    char day[32];
    int64_t horizon = INT64_MIN;
    diag("statistics: %s bounces are new, %s were counted before",
         text_count(a, told->counted), text_count(b, told->known + told->changed));
    if (undated > 0)
        diag("statistics: %s bounces without a time of arrival are not counted",
             text_count(c, undated));
    if (ndr_counts_horizon(t->path, &horizon, NULL) != 0 || horizon == INT64_MIN)
        return;
    ndr_time_format(horizon, day);
    if (told->old > 0)
        diag("statistics: %s bounces are not counted: they came before %s, the oldest "
             "step that '%s' still tells single bounces of; a new file counts them",
             text_count(c, told->old), day, t->path);
    else
        diag("statistics: bounces that came before %s are told apart no longer: what is "
             "found of that time later is not counted",
             day);
}

/* Into the file: 0, or the exit status, told. */
static int
count(const merge *m, bool quiet, ndr_count_list *list, target *t, uint64_t undated)
{
    ndr_error err = {0}, close_err = {0};
    ndr_counts *counts = NULL;
    ndr_counts_added told = {0};
    int code = ndr_counts_open(target_file(t), 1, &counts, &err);
    if (code == 0) {
        code = ndr_counts_take_list(counts, list, m->plan.made, stop_flag(), &err);
        const int close_code = ndr_counts_close(counts, &told, &close_err);
        if (code == 0 && close_code != 0) {
            code = close_code;
            err = close_err;
        }
    }
    if (code == 0)
        code = name_target(t, &err);
    if (code == 0) {
        stats_share(t->path);
        if (!quiet)
            tell(&told, undated, t);
        return 0;
    }
    if (code == NDR_E_STOPPED)
        return stop_signal() == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    diag("%s%s", err.text,
         t->made || counts == NULL
             ? ""
             : "; give the same command again: what was counted is not counted twice");
    return pieces_status(&err);
}

int
merge_counts(const merge *m, const char *path, bool quiet)
{
    ndr_error err = {0};
    ndr_count_list *list = NULL;
    target t;
    uint64_t undated = 0;
    int status = 0;
    if (!settings_count(&m->plan.settings)) {
        diag("the scan was with --clock %s; statistics count by the time of arrival",
             m->plan.settings.value[SETTING_CLOCK]);
        return EXIT_REFUSED;
    }
    int code = begin_target(&t, path, &err);
    if (code == 0)
        code = ndr_count_list_new(t.folder, 0, &list, &err);
    if (code != 0) {
        diag("%s", err.text);
        status = pieces_status(&err);
    }
    stop_on_signals(NULL);
    if (status == 0)
        status = gather(m, list, &undated);
    if (status == 0)
        status = count(m, quiet, list, &t, undated);
    stop_forget();
    ndr_count_list_free(list);
    end_target(&t);
    return status;
}
