/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_watch.c - `ndrscan watch`: stay, and apply the windows to mail as it comes.
 *
 *   new names  ->  ndrscan scan  ->  records of junk  ->  ndrscan apply --from-verdicts
 *   windows or rules changed, SIGHUP, the start  ->  ndrscan apply, over everything
 *
 * Both judge by copies of the rules and windows that were last in order.
 *
 * Mail is judged and moved by the verbs that do it, each in a process that ends: what
 * they promise (journal, rights, undo) holds here too, and nothing grows over months.
 */
#define _DEFAULT_SOURCE /* realpath */
#include "watch.h"

#include "app/commands.h"
#include "app/count_run.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/tables.h"
#include "ndrscan_move.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOCK_MS = 50,    /* for the lock of one that was killed, */
    LOCK_TRIES = 60, /* so often */
    AT_ONCE = 5,     /* windows that opened themselves, */
    AT_ONCE_OWNER = 2,
};

/* "--name=argument" or "--name", as it was given to us. */
static bool
pass_on(strings *to, const opts *o, int id, const char *arg)
{
    char word[4200];
    const option_row *row = o->verb->row;
    while (row->id != id || row->name == NULL)
        row++;
    const int n = arg != NULL ? snprintf(word, sizeof word, "--%s=%s", row->name, arg)
                              : snprintf(word, sizeof word, "--%s", row->name);
    return n > 0 && (size_t)n < sizeof word && strings_add(to, word);
}

static int
take_seconds(const opts *o, int id, const char *arg, int64_t *ret_ms)
{
    const int64_t n = opts_number(o, id, arg, 1, 86400);
    *ret_ms = n * 1000;
    return n < 0 ? EXIT_NOT_RUN : 0;
}

/* What is at the place by default, or where `arg` says. 0; or 2, told. */
static int
take_place(const opts *o, const char *arg,
           int (*by_default)(const char *, char *, size_t, ndr_error *), const char *name,
           char *room, const char **ret)
{
    ndr_error err = {0};
    *ret = arg;
    if (strcmp(arg, "default") != 0)
        return 0;
    *ret = room;
    return by_default(name, room, sizeof((watch *)NULL)->events_room, &err) == 0
               ? 0
               : opts_mistake(o, "%s", err.text);
}

/* "07:30" */
static int
take_daily(auto_opts *a, const opts *o, const char *arg)
{
    const char *d = arg;
    bool good = strlen(arg) == 5 && arg[2] == ':';
    for (int i = 0; i < 5 && good; i++)
        good = i == 2 || (d[i] >= '0' && d[i] <= '9');
    const int hour = good ? (d[0] - '0') * 10 + d[1] - '0' : 24;
    const int minute = good ? (d[3] - '0') * 10 + d[4] - '0' : 60;
    if (hour > 23 || minute > 59)
        return opts_mistake(o, "--daily '%s' is no time of day; write it as 07:30", arg);
    a->daily = true;
    a->daily_minute = hour * 60 + minute;
    return 0;
}

static int
take_auto(watch *w, const opts *o, int id, const char *arg)
{
    auto_opts *a = &w->autos;
    int64_t n = 0;
    switch (id) {
    case OPT_AUTO:
        return take_place(o, arg, place_setting, "auto.list", w->autos_list, &a->list);
    case OPT_EVENTS:
        return take_place(o, arg, place_state, "events", w->events_room, &a->events);
    case OPT_ADMINS:
        a->admins = arg;
        return 0;
    case OPT_AUTO_DRY:
        a->dry = true;
        return 0;
    case OPT_METRICS:
        a->metrics = arg;
        return 0;
    case OPT_DAILY:
        return take_daily(a, o, arg);
    case OPT_AUTO_AT_ONCE:
        n = opts_number(o, id, arg, 0, 100000);
        a->at_once = n < 0 ? 0 : (size_t)n;
        break;
    default: /* OPT_AUTO_AT_ONCE_OWNER */
        n = opts_number(o, id, arg, 0, 100000);
        a->at_once_owner = n < 0 ? 0 : (size_t)n;
    }
    return n < 0 ? EXIT_NOT_RUN : 0;
}

/* Begin to look for windows that open themselves, if they are asked for. 0, or 2, told.
 */
static int
begin_auto(watch *w, const opts *o)
{
    ndr_error err = {0};
    struct stat st;
    bool folder = w->setup.windows_count == 0;
    if (w->autos.daily && w->autos.events == NULL)
        return opts_mistake(o, "--daily is told by --events; add it");
    if (w->autos.admins != NULL && w->autos.list == NULL)
        return opts_mistake(o, "--admins is of --auto; add it");
    if (w->autos.list == NULL && w->autos.events == NULL && w->autos.metrics == NULL)
        return w->autos.dry ? opts_mistake(o, "--auto-dry is of --auto; add it") : 0;
    if (w->stats == NULL)
        return opts_mistake(
            o, "--auto, --events and --metrics go by statistics; add --stats "
               "default");
    for (size_t i = 0; i < w->setup.windows_count && !folder; i++)
        folder = stat(w->setup.windows[i], &st) == 0 && S_ISDIR(st.st_mode);
    if (!folder && w->autos.list != NULL)
        return opts_mistake(o,
                            "--auto opens windows in a folder; name one with --windows");
    return auto_watch_begin(&w->autos, &w->autos_watch, &err) == 0
               ? 0
               : opts_mistake(o, "--auto: %s", err.text);
}

static int
take_option(watch *w, const opts *o, int id, const char *arg)
{
    bool good = true;
    int status = 0;
    switch (id) {
    case OPT_RECURSIVE:
        w->recursive = true;
        break;
    case OPT_EVERY:
        return take_seconds(o, id, arg, &w->every_ms);
    case OPT_POLL:
        return take_seconds(o, id, arg, &w->poll_ms);
    case OPT_STATS:
        status = stats_place(arg, w->stats_room, sizeof w->stats_room, &w->stats);
        break;
    case OPT_ADMINS:
    case OPT_AUTO:
    case OPT_AUTO_DRY:
    case OPT_AUTO_AT_ONCE:
    case OPT_AUTO_AT_ONCE_OWNER:
    case OPT_EVENTS:
    case OPT_METRICS:
    case OPT_DAILY:
        return take_auto(w, o, id, arg);
    case OPT_JUNK_FOLDER:
        w->junk_folder = arg;
        good = pass_on(&w->moving, o, id, arg);
        break;
    case OPT_JOURNAL:
        w->journal = arg;
        good = pass_on(&w->moving, o, id, arg);
        break;
    case OPT_AS_OWNER:
        good = pass_on(&w->moving, o, id, arg);
        break;
    case OPT_THREADS:
        good = pass_on(&w->common, o, id, arg);
        break;
    default:
        status = setup_option(&w->setup, o, id, arg);
        /* rules, windows, identity and mailboxes: as they are in force */
        good = status != 0 || id == OPT_RULES || id == OPT_WINDOWS || id == OPT_LOG ||
               id == OPT_IDENTITY || id == OPT_RECIPIENT_MAP ||
               pass_on(&w->common, o, id, arg);
    }
    if (!good)
        return opts_mistake(o, "too long, or out of memory: %s", arg != NULL ? arg : "");
    return status;
}

/* New mail is known by its real path, and all mail by that of the operand: where a path
 * says whose mail it is, they have to be one. 0, or 2, told. */
static int
check_operands(const watch *w, const opts *o)
{
    char plain[NDR_PATH_BYTES];
    int status = 0;
    for (size_t i = 0; i < w->operand_count && status == 0; i++) {
        char *real = mailbox_paths_are_whole(&w->setup.paths)
                         ? realpath(w->operand[i], NULL)
                         : NULL;
        if (real == NULL)
            continue; /* it may come yet */
        bool same = ndr_path_plain(mailbox_paths_here(), w->operand[i], plain);
        if (same) {
            const size_t n = strlen(plain);
            if (n > 1 && plain[n - 1] == '/')
                plain[n - 1] = '\0';
            same = strcmp(plain, real) == 0;
        }
        if (!same)
            status = opts_mistake(o,
                                  "'%s': with --recipient-map or a whole "
                                  "--recipient-path name it without links, as '%s', so "
                                  "that it can be told whose a mailbox is",
                                  w->operand[i], real);
        free(real);
    }
    return status;
}

/* Where this program lies: it is started again for what there is to do. */
static int
find_program(watch *w)
{
    const ssize_t n = readlink("/proc/self/exe", w->program, sizeof w->program - 1);
    if (n <= 0) {
        diag("/proc/self/exe: %s; /proc has to be there", strerror(errno));
        return EXIT_NOT_RUN;
    }
    w->program[n] = '\0';
    return 0;
}

/* One watcher a journal: the lock is on its folder, which the runs do not lock. 0, or the
 * exit status, told. */
static int
take_lock(watch *w)
{
    char path[4096];
    ndr_error err = {0};
    ndr_journal *j = NULL;
    if (w->journal == NULL && place_state("journal", path, sizeof path, &err) != 0) {
        diag("%s; or name a folder with --journal", err.text);
        return EXIT_NOT_RUN;
    }
    const char *folder = w->journal != NULL ? w->journal : path;
    /* makes it when it is not there; another run may be at work in it */
    if (place_make_system(folder, &err) != 0 ||
        (ndr_journal_open(folder, true, NULL, NULL, &j, &err) != 0 &&
         err.sys_errno != EWOULDBLOCK)) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    ndr_journal_close(j);
    w->lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool busy = false;
    /* the child of a watcher that was killed holds its lock until it is another program
     */
    for (int tries = 0; w->lock >= 0 && tries < LOCK_TRIES; tries++) {
        if (flock(w->lock, LOCK_EX | LOCK_NB) == 0)
            return 0;
        busy = errno == EWOULDBLOCK;
        if (!busy)
            break;
        (void)poll(NULL, 0, LOCK_MS);
    }
    if (busy)
        diag(
            "another 'ndrscan watch' uses the journal '%s'; end it, or name another with "
            "--journal",
            folder);
    else
        diag("lock the journal '%s': %s", folder, strerror(errno));
    return busy ? EXIT_BUSY : EXIT_NOT_RUN;
}

int
cmd_watch(opts *o)
{
    watch w = {.lock = -1,
               .null = -1,
               .every_ms = 10000,
               .poll_ms = 30000,
               .quiet_ms = QUIET_MS,
               .autos = {.at_once = AT_ONCE, .at_once_owner = AT_ONCE_OWNER}};
    ndr_error err = {0};
    const char *arg;
    int id = 0, status = setup_begin(&w.setup, o);
    while (status == 0 && (id = opts_next(o, &arg)) > 0)
        status = take_option(&w, o, id, arg);
    w.operand = opts_operands(o, &w.operand_count);
    if (status == 0 && id < 0)
        status = o->status;
    else if (status == 0 && w.operand_count == 0)
        status = opts_mistake(o, "no MAILDIR; name the Maildirs to watch");
    else if (status == 0 && w.setup.windows_count == 0 &&
             windows_place_written(w.windows_dir, sizeof w.windows_dir, &err) != 0)
        status = opts_mistake(o, "%s", err.text);
    else if (status == 0 && (status = check_operands(&w, o)) == 0 &&
             (status = begin_auto(&w, o)) == 0 && (status = find_program(&w)) == 0 &&
             (status = take_lock(&w)) == 0) {
        if (w.setup.windows_count == 0) /* it may come yet */
            windows_places_find(&w.setup.places);
        if (w.setup.identity == NULL) /* so may this */
            (void)place_setting_there("identity.yaml", w.setup.identity_file,
                                      sizeof w.setup.identity_file, NULL);
        status = watch_stay(&w);
    }
    watch_mail_free(w.mail);
    auto_watch_end(w.autos_watch);
    if (w.null >= 0)
        (void)close(w.null); /* /dev/null has nothing to fail at */
    if (w.lock >= 0)
        (void)close(w.lock); /* lets the lock go */
    config_copy_free(&w.config_copy);
    strings_free(&w.common);
    strings_free(&w.moving);
    setup_free(&w.setup);
    return status;
}
