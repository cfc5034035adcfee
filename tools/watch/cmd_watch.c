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
#define _GNU_SOURCE /* memfd_create, ppoll */
#include "app/child.h"
#include "app/commands.h"
#include "app/count_run.h"
#include "app/diag.h"
#include "app/fingerprint.h"
#include "app/notify.h"
#include "app/places.h"
#include "app/setup.h"
#include "app/tables.h"
#include "app/text.h"
#include "config_copy.h"
#include "ndr_clock.h"
#include "ndrscan_io.h"
#include "ndrscan_move.h"
#include "ndrscan_stats.h"
#include "watch_mail.h"
#include "windows/settle.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    GATHER_MS = 300,   /* what comes together is judged together */
    QUIET_MS = 300,    /* from a pass that moved nothing to the next, at least */
    BUSY_MS = 2000,    /* so long at most, when they follow closely */
    LOOK_MS = 1000,    /* at the files of rules and windows */
    SETTLE_MS = 60000, /* windows that wait for calm */
    KEPT_MS = 100,     /* for another program that keeps the statistics */
    AGAIN_MS = 5000,   /* after another run was in the way */
    LATER_MS = 60000,  /* after what somebody has to mend */
    LOCK_MS = 50,      /* for the lock of one that was killed, */
    LOCK_TRIES = 60,   /* so often */
};

typedef struct watch {
    setup setup; /* which files: to see when they change */
    config_copy config_copy;
    const char *stats, *junk_folder, *journal;
    char stats_room[4096];
    int lock;       /* of the journal: one watcher has it */
    strings common; /* options of both children; those of apply alone */
    strings moving;
    bool recursive;
    int64_t every_ms, poll_ms;
    char windows_dir[4096]; /* where windows wait for calm */
    watch_mail *mail;
    char program[4096];
    /* when what is due, milliseconds of the monotonic clock */
    int64_t look_at, poll_at, settle_at, pass_at;
    int64_t ended_at; /* the last pass */
    int64_t quiet_ms; /* the rest after it, if it moved nothing */
    bool unsettled;   /* the files are to be read again, whether they change or not */
    bool everything;  /* look through it all */
    bool reloading;   /* the service manager was told so */
    bool blind;       /* it was told that not all mail can be looked at */
    uint64_t print;
    sigset_t open; /* signals come while we wait */
} watch;

static volatile sig_atomic_t asked_to_end, asked_again;

static void
on_end(int sig)
{
    asked_to_end = sig;
    child_end(); /* it finishes what is in flight */
}

static void
on_again(int sig)
{
    (void)sig;
    asked_again = 1;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- children -------------------------------------------------------------------- */

/* Messages that the run under way moved. Its news has no context. */
static json_int_t moved;

/* What the end of apply says of itself. */
static void
tell_end(const json_t *o)
{
    number a, b;
    const char *type = json_string_value(json_object_get(o, "type"));
    if (type == NULL || strcmp(type, "end") != 0)
        return;
    const char *run = json_string_value(json_object_get(o, "run"));
    const json_int_t junked = json_integer_value(json_object_get(o, "junked"));
    const json_int_t released = json_integer_value(json_object_get(o, "released"));
    moved += junked + released;
    if (run != NULL && junked + released > 0)
        diag("%s to Junk, %s brought back; to undo: ndrscan undo %s",
             text_count(a, (uint64_t)junked), text_count(b, (uint64_t)released), run);
}

static bool
add_all(strings *to, const strings *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (!strings_add(to, from->at[i]))
            return false;
    return true;
}

/* `ndrscan apply` with these words in front of the Maildirs. False: no memory. */
static bool
apply_words(const watch *w, strings *ret)
{
    return strings_add(ret, "ndrscan") && strings_add(ret, "apply") &&
           strings_add(ret, "--progress=json") && add_all(ret, &w->common) &&
           add_all(ret, &w->config_copy.words) && add_all(ret, &w->moving);
}

/* Ends `words` with NULL, runs it and frees it. */
static int
run_words(const watch *w, strings *words, bool good, int in, int out)
{
    int status = -1;
    if (good && strings_add(words, "")) {
        free(words->at[--words->count]);
        words->at[words->count] = NULL;
        status = child_run(&(child_opts){.program = w->program,
                                         .word = words->at,
                                         .in = in,
                                         .out = out,
                                         .open = &w->open,
                                         .mute = "warning: " IN_FORCE_NAME,
                                         .news = tell_end});
    } else {
        diag("out of memory");
    }
    strings_free(words);
    return status;
}

/* ---- everything ---------------------------------------------------------------------
 */

/* Count what lies there while there is no window to apply: a storm is to show. */
static void
count_everything(const watch *w, char **operand, size_t count, int null)
{
    strings words = {0};
    bool good = strings_add(&words, "ndrscan") && strings_add(&words, "scan") &&
                strings_add(&words, "--quiet") &&
                strings_add(&words, "--output=summary") &&
                strings_add(&words, "--stats") && strings_add(&words, w->stats) &&
                add_all(&words, &w->common) && add_all(&words, &w->config_copy.words);
    if (w->recursive)
        good = good && strings_add(&words, "--recursive");
    good = good && strings_add(&words, "--");
    for (size_t i = 0; i < count; i++)
        good = good && strings_add(&words, operand[i]);
    (void)run_words(w, &words, good, null, null);
}

/* How long mail waits after a pass that began then. What was moved is followed by a rest,
 * so that a storm is not a run a message; and a stream of mail that is no junk, by rests
 * that grow, so that it is not a process a message either. */
static int64_t
rest_after(watch *w, int64_t began)
{
    const bool close = began - w->ended_at <= 2 * (w->quiet_ms + GATHER_MS);
    w->quiet_ms = moved == 0 && close ? least(2 * w->quiet_ms, BUSY_MS) : QUIET_MS;
    return moved > 0 ? w->every_ms : w->quiet_ms;
}

/* Another run, or one that had to stop: again in a while. */
static void
look_again(watch *w, int64_t began, int status)
{
    const int64_t rest = rest_after(w, began);
    moved = 0;
    w->everything = !asked_to_end && status != EXIT_READ && status != EXIT_DAMAGED;
    w->ended_at = ndr_now_ms();
    w->pass_at = w->ended_at + (w->everything ? (int64_t)AGAIN_MS : rest);
}

static void
apply_everything(watch *w, char **operand, size_t count, int null)
{
    strings words = {0};
    const int64_t began = ndr_now_ms();
    watch_mail_forget(w->mail);
    if (!w->config_copy.any) {
        w->everything = false; /* until they are mended */
        return;
    }
    if (!w->config_copy.windows) {
        diag("no windows yet, so nothing is junk: 'ndrscan block' opens one");
        if (w->stats != NULL)
            count_everything(w, operand, count, null);
        w->everything = false; /* until there are */
        return;
    }
    bool good = apply_words(w, &words);
    if (w->stats != NULL)
        good = good && strings_add(&words, "--stats") && strings_add(&words, w->stats);
    if (w->recursive)
        good = good && strings_add(&words, "--recursive");
    good = good && strings_add(&words, "--");
    for (size_t i = 0; i < count; i++)
        good = good && strings_add(&words, operand[i]);
    const int status = run_words(w, &words, good, null, null);
    look_again(w, began, status);
    if (status == EXIT_NOT_RUN) {
        w->pass_at = ndr_now_ms() + LATER_MS;
        diag("trying again in a minute");
    }
}

/* ---- what is new ----------------------------------------------------------------------
 */

/* The names that wait, and the Maildirs that they are in. */
typedef struct batch {
    FILE *names;
    strings maildirs;
    const maildir *last;
    size_t count;
} batch;

static int
take_name(void *ctx, const maildir *m, const char *path, ndr_error *err)
{
    batch *b = ctx;
    if (b->last != m && !strings_add(&b->maildirs, m->full))
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    b->last = m;
    b->count++;
    if (fwrite(path, strlen(path) + 1, 1, b->names) != 1)
        return ndr_fail(err, NDR_E_SYS, "keep the names of new mail");
    return 0;
}

/* The records of the junk among these names go to `out`. */
static int
scan_batch(const watch *w, int names, int out)
{
    strings words = {0};
    bool good = strings_add(&words, "ndrscan") && strings_add(&words, "scan") &&
                strings_add(&words, "--quiet") && strings_add(&words, "--emit=junk") &&
                strings_add(&words, "--output=jsonl") &&
                strings_add(&words, "--format=message") && strings_add(&words, "-0") &&
                strings_add(&words, "--files-from=-") && add_all(&words, &w->common) &&
                add_all(&words, &w->config_copy.words);
    if (w->stats != NULL)
        good = good && strings_add(&words, "--stats") && strings_add(&words, w->stats);
    return run_words(w, &words, good, names, out);
}

static int
move_batch(const watch *w, const batch *b, int records, int null)
{
    strings words = {0};
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", records);
    bool good = apply_words(w, &words) && strings_add(&words, "--from-verdicts") &&
                strings_add(&words, path) && strings_add(&words, "--");
    good = good && add_all(&words, &b->maildirs);
    return run_words(w, &words, good, null, null);
}

static void
apply_new(watch *w, int null)
{
    batch b = {0};
    ndr_error err = {0};
    const int64_t began = ndr_now_ms();
    int status = -1;
    /* apply opens the records by their number: they are left open for it */
    const int names = memfd_create("names", MFD_CLOEXEC);
    const int records = memfd_create("records", 0);
    const int copy = names >= 0 ? fcntl(names, F_DUPFD_CLOEXEC, 0) : -1;
    b.names = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (b.names == NULL || records < 0) {
        diag("keep the names of new mail: %s", strerror(errno));
    } else if (watch_mail_take(w->mail, take_name, &b, &err) != 0 ||
               fflush(b.names) != 0 || lseek(names, 0, SEEK_SET) != 0) {
        diag("%s", err.text[0] != '\0' ? err.text : strerror(errno));
    } else if (b.count == 0) {
        status = EXIT_READ;
    } else {
        status = scan_batch(w, names, records);
        if ((status == EXIT_READ || status == EXIT_DAMAGED) &&
            lseek(records, 0, SEEK_END) > 0)
            status = move_batch(w, &b, records, null);
    }
    if (status != EXIT_READ || b.count > 0)
        look_again(w, began, status);
    if (b.names != NULL)
        (void)fclose(b.names); /* its bytes were flushed */
    if (names >= 0)
        (void)close(names);
    if (records >= 0)
        (void)close(records);
    strings_free(&b.maildirs);
}

/* ---- the day --------------------------------------------------------------------------
 */

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
    if (code == 0)
        code = ndr_counts_close(counts, NULL, &err);
    for (size_t i = 0; i < w->setup.windows_count && code == 0; i++)
        if (is_folder(w->setup.windows[i]))
            code = settle(w->setup.windows[i], w->stats, "watch", (int64_t)time(NULL),
                          &told, &ended, &err);
    if (w->setup.windows_count == 0 && code == 0)
        code = settle(w->windows_dir, w->stats, "watch", (int64_t)time(NULL), &told,
                      &ended, &err);
    if (code != 0 && strcmp(told_before, err.text) != 0)
        diag("windows set until calm: %s", err.text);
    memcpy(told_before, err.text, sizeof told_before);
    (void)put_all(STDERR_FILENO, (ndr_slice){told.ptr, told.len}, NULL);
    ndr_buffer_free(&told);
    return true;
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
do_what_is_due(watch *w, char **operand, size_t count, int null, ndr_error *err)
{
    const int64_t now = ndr_now_ms();
    int code = 0;
    if (asked_again || now >= w->look_at) {
        const bool changed = files_changed(w) || w->unsettled;
        if (changed || asked_again) {
            tell_reloading(w, asked_again != 0);
            take_files(w, changed);
            w->pass_at = now;
        }
        asked_again = 0;
        w->look_at = now + LOOK_MS;
    }
    if (w->stats != NULL && now >= w->settle_at) {
        const bool looked = settle_windows(w);
        w->settle_at = ndr_now_ms() + (looked ? SETTLE_MS : AGAIN_MS);
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
            apply_everything(w, operand, count, null);
        else if (watch_mail_any(w->mail))
            apply_new(w, null);
        if (!w->everything)
            tell_reloading(w, false);
    }
    return code;
}

static void
take_signals(sigset_t *open)
{
    sigset_t ours;
    const struct sigaction end = {.sa_handler = on_end, .sa_flags = SA_RESTART};
    const struct sigaction again = {.sa_handler = on_again, .sa_flags = SA_RESTART};
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGINT);
    (void)sigaddset(&ours, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &ours, open);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaction(SIGHUP, &again, NULL);
}

/* 0, or the exit status, told. */
static int
stay(watch *w, char **operand, size_t count)
{
    ndr_error err = {0};
    const char *untold = "";
    const watch_mail_opts how = {.path = (const char *const *)operand,
                                 .count = count,
                                 .recursive = w->recursive,
                                 .junk_folder = w->junk_folder};
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || watch_mail_open(&how, &w->mail, &untold, &err) != 0) {
        diag("%s", null < 0 ? "/dev/null cannot be opened" : err.text);
        return EXIT_NOT_RUN;
    }
    take_signals(&w->open);
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
    while (!asked_to_end && code == 0) {
        code = do_what_is_due(w, operand, count, null, &err);
        if (!asked_to_end && code == 0)
            code = wait_for_mail(w, &w->open, &err);
    }
    notify("STOPPING=1");
    (void)close(null);
    if (code != 0)
        diag("%s", err.text);
    return code != 0 ? EXIT_NOT_RUN : EXIT_READ;
}

/* ---- options
 * ---------------------------------------------------------------------------- */

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
        /* rules, windows and identity: as they are in force */
        good = status != 0 || id == OPT_RULES || id == OPT_WINDOWS ||
               id == OPT_IDENTITY || pass_on(&w->common, o, id, arg);
    }
    if (!good)
        return opts_mistake(o, "too long, or out of memory: %s", arg != NULL ? arg : "");
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
    if (ndr_journal_open(folder, true, NULL, NULL, &j, &err) != 0 &&
        err.sys_errno != EWOULDBLOCK) {
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
    watch w = {.lock = -1, .every_ms = 10000, .poll_ms = 30000, .quiet_ms = QUIET_MS};
    ndr_error err = {0};
    const char *arg;
    int id = 0, status = setup_begin(&w.setup, o);
    while (status == 0 && (id = opts_next(o, &arg)) > 0)
        status = take_option(&w, o, id, arg);
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (status == 0 && id < 0)
        status = o->status;
    else if (status == 0 && count == 0)
        status = opts_mistake(o, "no MAILDIR; name the Maildirs to watch");
    else if (status == 0 && w.setup.windows_count == 0 &&
             place_setting("windows.d", w.windows_dir, sizeof w.windows_dir, &err) != 0)
        status = opts_mistake(o, "%s", err.text);
    else if (status == 0 && (status = find_program(&w)) == 0 &&
             (status = take_lock(&w)) == 0) {
        if (w.setup.windows_count == 0) /* it may come yet */
            memcpy(w.setup.windows_dir, w.windows_dir, sizeof w.windows_dir);
        if (w.setup.identity == NULL) /* so may this */
            (void)place_setting("identity.yaml", w.setup.identity_file,
                                sizeof w.setup.identity_file, NULL);
        status = stay(&w, operand, count);
    }
    watch_mail_free(w.mail);
    if (w.lock >= 0)
        (void)close(w.lock); /* lets the lock go */
    config_copy_free(&w.config_copy);
    strings_free(&w.common);
    strings_free(&w.moving);
    setup_free(&w.setup);
    return status;
}
