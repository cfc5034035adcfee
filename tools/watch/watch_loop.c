/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_loop.c - when is what due, while `ndrscan watch` stays? */
#define _GNU_SOURCE /* ppoll */
#include "watch.h"

#include "app/child.h"
#include "app/commands.h"
#include "app/count_run.h"
#include "app/diag.h"
#include "app/fingerprint.h"
#include "app/notify.h"
#include "app/text.h"
#include "ndr_admins.h"
#include "ndr_clock.h"
#include "ndrscan_stats.h"
#include "windows/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOK_MS = 1000,    /* at the files of rules and windows */
    SETTLE_MS = 60000, /* windows that wait for calm */
    SOON_MS = 5000,    /* they again, when another program kept the statistics, */
    KEPT_MS = 100,     /* for which they wait so long */
    MAP_MS = 5000,     /* at a map of mailboxes that is not in order */
    MAP_GRACE_MS = NDR_ADMINS_GRACE_S * 1000,
};

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool
files_changed(watch *w)
{
    int64_t newest = INT64_MIN;
    const uint64_t print = fingerprint_files(&w->setup, &newest);
    const bool changed = print != w->print;
    w->print = print;
    return changed;
}

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* End what waits for calm. That nothing came is news too, to those who count; but not
 * while mail may come where nobody can look. False: another program keeps the file. */
static bool
settle_windows(watch *w)
{
    static char told_before[sizeof((ndr_error *)NULL)->text];
    const bool blind = !watch_mail_sees_all(w->mail);
    if (blind && !w->blind)
        diag("windows set until calm wait: not all mail can be looked at (is a file "
             "system "
             "not mounted?)");
    w->blind = blind;
    if (blind)
        return true;
    ndr_buffer told = {0};
    ndr_error err = {0};
    ndr_counts *counts = NULL;
    size_t ended = 0;
    int code = ndr_counts_open_in_passing(w->stats, 1, KEPT_MS, &counts, &err);
    if (code == NDR_E_SYS && err.sys_errno == EAGAIN)
        return false; /* new mail does not wait for another program that counts */
    if (code == 0) {
        stats_share(w->stats);
        code = ndr_counts_close(counts, NULL, &err);
    }
    for (size_t i = 0; i < w->setup.windows_count && code == 0; i++)
        if (is_folder(w->setup.windows[i]))
            code = settle(w->setup.windows[i], w->stats, "watch", (int64_t)time(NULL),
                          &told, &ended, &err);
    if (w->setup.windows_count == 0 && code == 0)
        code = settle_all(w->stats, "watch", (int64_t)time(NULL), &told, &ended, &err);
    if (code != 0 && strcmp(told_before, err.text) != 0)
        diag("windows set until calm: %s", err.text);
    memcpy(told_before, err.text, sizeof told_before);
    (void)put_all(STDERR_FILENO, (ndr_slice){told.ptr, told.len}, NULL);
    ndr_buffer_free(&told);
    return true;
}

/* Look which windows open themselves, in the first folder of windows. */
static void
open_windows(watch *w)
{
    const char *there[WINDOWS_PLACES];
    size_t count = 0;
    ndr_error err = {0};
    if (w->autos_watch == NULL || w->blind)
        return;
    if (w->setup.windows_count == 0 && windows_place_make(w->windows_dir, &err) != 0)
        diag("%s", err.text);
    for (size_t i = 0; i < w->setup.places.count; i++)
        if (is_folder(w->setup.places.dir[i]))
            there[count++] = w->setup.places.dir[i];
    auto_place place = {.stats = w->stats,
                        .identity = w->setup.identity != NULL ? w->setup.identity
                                                              : w->setup.identity_file,
                        .windows = w->windows_dir,
                        .all = there,
                        .all_count = count};
    if (w->setup.windows_count > 0) {
        size_t i = 0;
        while (i + 1 < w->setup.windows_count && !is_folder(w->setup.windows[i]))
            i++;
        place.windows = w->setup.windows[i];
        place.all = w->setup.windows;
        place.all_count = w->setup.windows_count;
    }
    auto_watch_look(w->autos_watch, &place, (int64_t)time(NULL));
}

/* Judge by what the files say now, if they are in order. */
static void
take_files(watch *w, bool changed)
{
    const int status = config_copy_take(&w->config_copy, &w->setup);
    w->unsettled = status == 1;
    if (w->unsettled)
        return;
    const char *why = changed ? "the settings have changed" : "SIGHUP asks to look again";
    if (status == 0)
        diag("%s: looking through everything", why);
    else if (w->config_copy.any)
        diag("%s, and they are not in order: the old ones stay in force", why);
    else
        diag("nothing is moved until that is mended");
    w->everything = status == 0 || !changed;
}

/* A map of mailboxes that is not in order was right for a while: time to mend a slip of
 * the pen, as for the console's. Then nobody knows whose mail is whose. */
static void
look_at_map(watch *w, int64_t now, bool taken)
{
    number until;
    if (w->config_copy.map_trouble.text[0] == '\0')
        w->map_bad_at = 0;
    else if (w->map_bad_at == 0)
        w->map_bad_at = now;
    if (w->map_bad_at == 0 || !w->config_copy.any)
        return;
    const int64_t left_ms = w->map_bad_at + MAP_GRACE_MS - now;
    if (left_ms > 0) {
        if (taken)
            diag("--recipient-map is not in order: the last good one is used until %s",
                 text_local_zone(until, (int64_t)time(NULL) + left_ms / 1000));
        return;
    }
    config_copy_drop(&w->config_copy);
    diag("--recipient-map has not been in order for %d minutes: nothing is moved until "
         "that is mended",
         NDR_ADMINS_GRACE_S / 60);
}

/* What was wrong with it may have been none of the file's: too many open files. */
static bool
map_is_back(watch *w, int64_t now)
{
    if (w->config_copy.map_trouble.text[0] == '\0' || now < w->map_at)
        return false;
    w->map_at = now + MAP_MS;
    return config_copy_map_is_back(&w->config_copy, &w->setup);
}

/* Until the pass that SIGHUP asked for is done. */
static void
tell_reloading(watch *w, bool now)
{
    char state[64];
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                   ndr_now_us());
    if (now != w->reloading)
        notify(now ? state : "READY=1");
    w->reloading = now;
}

/* Wait for what is next. New names wait for others, and for what is due. */
static int
wait_for_mail(watch *w, const sigset_t *open, ndr_error *err)
{
    const int64_t now = ndr_now_ms();
    int64_t until = least(w->look_at, w->poll_at);
    if (w->stats != NULL)
        until = least(until, w->settle_at);
    if (w->everything || watch_mail_any(w->mail))
        until = least(until, w->pass_at);
    const int64_t ms = until > now ? until - now : 0;
    const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000L};
    struct pollfd fd = {.fd = watch_mail_fd(w->mail), .events = POLLIN};
    if (ppoll(&fd, 1, &t, open) > 0) {
        const bool any = watch_mail_any(w->mail);
        const int code = watch_mail_hear(w->mail, err);
        if (code != 0)
            return code;
        if (watch_mail_folders(w->mail)) /* what is to be in them may still be made */
            w->poll_at = least(w->poll_at, ndr_now_ms() + GATHER_MS);
        if (!any && watch_mail_any(w->mail) && w->pass_at < ndr_now_ms() + GATHER_MS)
            w->pass_at = ndr_now_ms() + GATHER_MS;
    }
    return 0;
}

static int
do_what_is_due(watch *w, ndr_error *err)
{
    const int64_t now = ndr_now_ms();
    int code = 0;
    const bool again = watch_asked_again();
    if (again || now >= w->look_at) {
        const bool changed = files_changed(w) || w->unsettled || map_is_back(w, now);
        if (changed || again) {
            tell_reloading(w, again);
            take_files(w, changed);
            w->pass_at = now;
        }
        look_at_map(w, now, (changed || again) && !w->unsettled);
        w->look_at = now + LOOK_MS;
    }
    if (w->stats != NULL && now >= w->settle_at) {
        const bool looked = settle_windows(w);
        open_windows(w);
        w->settle_at = ndr_now_ms() + (looked ? SETTLE_MS : SOON_MS);
    }
    if (now >= w->poll_at) {
        code = watch_mail_look(w->mail, err);
        w->poll_at = ndr_now_ms() + w->poll_ms;
        if (watch_mail_came_back(w->mail)) {
            diag("Maildirs are there again that were not: looking through everything");
            w->everything = true;
            w->pass_at = ndr_now_ms();
        }
    }
    if (code == 0 && ndr_now_ms() >= w->pass_at) {
        if (w->everything || !w->config_copy.any)
            watch_apply_everything(w);
        else if (watch_mail_any(w->mail))
            watch_apply_new(w);
        if (!w->everything)
            tell_reloading(w, false);
    }
    return code;
}

int
watch_stay(watch *w)
{
    ndr_error err = {0};
    const char *untold = "";
    const watch_mail_opts how = {.path = (const char *const *)w->operand,
                                 .count = w->operand_count,
                                 .recursive = w->recursive,
                                 .junk_folder = w->junk_folder};
    w->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (w->null < 0 || watch_mail_open(&how, &w->mail, &untold, &err) != 0) {
        diag("%s", w->null < 0 ? "/dev/null cannot be opened" : err.text);
        return EXIT_NOT_RUN;
    }
    watch_take_signals(&w->open);
    if (untold[0] != '\0')
        diag("the kernel does not tell of all new mail (%s): it is looked for every "
             "%" PRId64 " s",
             untold, w->poll_ms / 1000);
    number n;
    const size_t found = watch_mail_maildirs(w->mail)->count;
    diag("watching %s Maildir%s", text_count(n, found), found == 1 ? "" : "s");
    (void)files_changed(w);
    const int status = config_copy_take(&w->config_copy, &w->setup);
    w->unsettled = status == 1;
    if (status == 2)
        diag("nothing is moved until that is mended");
    w->everything = true;
    const int64_t now = ndr_now_ms();
    w->look_at = now + LOOK_MS;
    w->poll_at = now + w->poll_ms;
    w->settle_at = w->pass_at = now;
    notify("READY=1");
    int code = 0;
    while (!watch_is_ending() && code == 0) {
        code = do_what_is_due(w, &err);
        if (!watch_is_ending() && code == 0)
            code = wait_for_mail(w, &w->open, &err);
    }
    notify("STOPPING=1");
    if (code != 0)
        diag("%s", err.text);
    return code != 0 ? EXIT_NOT_RUN : EXIT_READ;
}
