/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_report.c - see merge_report.h. */
#include "merge_report.h"

#include "app/commands.h"
#include "app/diag.h"
#include "merge_counts.h"
#include "ndr_count_list.h"
#include "pieces_plan.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY_S = 86400 };

/* From the first step that was counted to the last: an archive ends long before today. */
static int
whole_time(const char *stats, int64_t made, int64_t *ret_since, int64_t *ret_now,
           ndr_error *err)
{
    ndr_series_list list;
    *ret_since = made - DAY_S;
    *ret_now = made;
    const int code = ndr_counts_read(stats, 0, 1, 0, "", &list, err);
    if (code != 0)
        return code;
    if (list.begin != NDR_TIME_UNKNOWN) {
        *ret_since = list.begin;
        *ret_now = list.end + NDR_STEP_S;
    }
    ndr_series_list_clear(&list);
    return 0;
}

static int
write_page(const merge *m, const char *stats, const char *page)
{
    const ndr_windows windows = {m->plan.window, m->plan.window_count};
    report r = {0};
    ndr_error err = {0};
    int64_t since, now;
    int code = whole_time(stats, m->plan.made, &since, &now, &err);
    if (code == 0)
        code = report_make(&r, stats, &windows, since, now, &err);
    int status = 0;
    if (code == 0) {
        status = report_page(&r, page);
    } else {
        diag("%s", err.text);
        status = pieces_status(&err);
    }
    report_clear(&r);
    return status;
}

/* A folder of our own on a disk of this machine, for a file of statistics: its path is
 * in `ret`. False, told: it cannot be made. */
static bool
begin_aside(ndr_buffer *ret, size_t *ret_folder)
{
    const char *top = getenv("TMPDIR");
    ndr_buffer_printf(ret, "%s/ndrscan-XXXXXX",
                      top != NULL && top[0] == '/' ? top : "/var/tmp");
    *ret_folder = ret->len;
    ndr_buffer_text(ret, "/stats.db");
    ndr_buffer_byte(ret, '\0');
    if (ret->failed) {
        diag("out of memory");
        return false;
    }
    ret->ptr[*ret_folder] = '\0';
    const bool made = mkdtemp((char *)ret->ptr) != NULL;
    if (!made) {
        ndr_error err = {0};
        (void)ndr_fail(&err, NDR_E_SYS, "make '%s' for statistics",
                       (const char *)ret->ptr);
        diag("%s; name another folder by TMPDIR, or a file by --stats", err.text);
    }
    ret->ptr[*ret_folder] = made ? '/' : '\0';
    return made;
}

static void
end_aside(ndr_buffer *path, size_t folder)
{
    (void)unlink((const char *)path->ptr); /* was not made where counting failed */
    path->ptr[folder] = '\0';
    if (rmdir((const char *)path->ptr) != 0)
        diag("'%s' is left over; remove it", (const char *)path->ptr);
}

int
merge_report(const merge *m, const char *stats, const char *page, bool quiet)
{
    ndr_buffer aside = {0};
    size_t folder = 0;
    int status = 0;
    if (stats == NULL && begin_aside(&aside, &folder))
        stats = (const char *)aside.ptr;
    if (stats == NULL)
        status = EXIT_TERMINATED;
    else
        status = merge_counts(m, stats, quiet);
    if (status == 0 && page != NULL)
        status = write_page(m, stats, page);
    if (stats != NULL && stats == (const char *)aside.ptr)
        end_aside(&aside, folder);
    ndr_buffer_free(&aside);
    return status;
}
