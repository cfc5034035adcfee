/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notifier.c - `ndrscan-notify`: tell people what was put down for them.
 *
 *   FOLDER/new -> who is to know -> COMMAND, an object on its standard input
 *
 * A program and a service of its own: the watcher needs no network for it, and waits for
 * nobody. What was told is put away only behind the command's good end, so it is told at
 * least once.
 */
#define _GNU_SOURCE /* asprintf, ppoll */
#include "app/commands.h"
#include "app/config.h"
#include "app/diag.h"
#include "app/events.h"
#include "app/json_writer.h"
#include "app/places.h"
#include "app/tables.h"
#include "ndr_clock.h"
#include "notify_queue.h"
#include "notify_route.h"
#include "notify_send.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum {
    LIMIT_MS = 10000, /* of a command */
    LOOK_MS = 30000,  /* where the kernel tells nothing */
    PAUSE_MS = 60000, /* after FAILURES in a row: the way itself is broken */
    FAILURES = 3,
    PRUNE_MS = 3600000,
    AGAIN_MS = 1000, /* for what could not even be tried */
    OPERATORS = 16,
    AT_ONCE = EVENTS_MOST,
};

typedef struct notifier {
    const char *events, *admins_path;
    enum lang lang; /* of who says no other */
    char *page;     /* owned */
    char events_room[4096];
    char *operators[OPERATORS];
    size_t operator_count;
    bool once;
    char **command;
    notify_queue queue;
    ndr_admins_watch *admins;
    int heard; /* inotify, or -1 */
    int64_t pause_until, prune_at;
    unsigned failures;
    bool silent; /* what failed was told: until something is told well */
} notifier;

static volatile sig_atomic_t asked_to_end;

static void
on_end(int sig)
{
    asked_to_end = sig;
}

/* Signals are let in while it rests; until then they only lie there. */
static bool
is_asked_to_end(void)
{
    sigset_t there;
    return asked_to_end ||
           (sigpending(&there) == 0 &&
            (sigismember(&there, SIGTERM) == 1 || sigismember(&there, SIGINT) == 1));
}

/* ---- telling ------------------------------------------------------------------------
 */

/* What one command is given. */
typedef struct bundle {
    json_t *readers;
    json_t *event[AT_ONCE];
    waiting *row[AT_ONCE];
    size_t count;
} bundle;

static void
bundle_clear(bundle *b)
{
    for (size_t i = 0; i < b->count; i++)
        json_decref(b->event[i]);
    json_decref(b->readers);
    b->count = 0;
    b->readers = NULL;
}

/* What could not be told for a day: the operator should hear of it, once it can be. */
static void
tell_given_up(const notifier *n, size_t count)
{
    char words[160], folder[80];
    ndr_buffer more = {0};
    (void)snprintf(folder, sizeof folder, "%.60s/failed", n->events);
    (void)snprintf(words, sizeof words,
                   "%zu events could not be told for a day; they lie in %s", count,
                   folder);
    json_put_count(&more, "count", count);
    json_put_word(&more, "folder", folder);
    const int64_t now = (int64_t)time(NULL);
    const event e = {.kind = EVENT_NOTIFIER,
                     .operator= true,
                     .domain = "",
                     .storm = now - now % 86400,
                     .at = now,
                     .subject = "events could not be told",
                     .text = words,
                     .more = {more.ptr, more.failed ? 0 : more.len}};
    diag("%s", words);
    (void)event_put(n->events, &e, NULL); /* the line above says it all the same */
    ndr_buffer_free(&more);
}

/* The way is broken where nobody was told by it: one whom it does not reach keeps it from
 * no others. */
static void
end_bundle(notifier *n, bundle *b, bool good, bool some, const char *why)
{
    const int64_t now_ms = ndr_now_ms(), now = (int64_t)time(NULL);
    size_t given_up = 0;
    for (size_t i = 0; i < b->count; i++)
        if (good && !notify_queue_done(&n->queue, b->row[i]))
            diag("%s was told, and cannot be put away: %s", b->row[i]->name,
                 strerror(errno));
        else if (!good)
            given_up += !notify_queue_again(&n->queue, b->row[i], now_ms, now);
    if (!good && !n->silent)
        diag("%s: %s: %s; trying again for a day", b->row[0]->name, n->command[0], why);
    else if (good && n->silent)
        diag("events are told again");
    n->silent = !good;
    n->failures = good || some ? 0 : n->failures + 1;
    if (n->failures >= FAILURES) {
        n->pause_until = now_ms + PAUSE_MS;
        n->failures = 0;
    }
    if (given_up > 0)
        tell_given_up(n, given_up);
}

/* Some were told, others were not: who was is not told again, though he may be written
 * to in another language by then. */
static void
keep_told(const notifier *n, const bundle *b, json_t *told)
{
    for (size_t i = 0; i < b->count; i++) {
        char *text = notify_rest(b->event[i], told);
        if (text == NULL ||
            !notify_queue_rewrite(&n->queue, b->row[i], ndr_slice_of(text)))
            diag("%s was told to some, who are told again: %s", b->row[i]->name,
                 text == NULL ? "no memory" : strerror(errno));
        free(text);
    }
}

/* To each in their words; what one cannot be told does not keep it from the others. Whom
 * an end of this program, or of the command by the same hand, kept from hearing it was
 * not tried: that is no failure. */
static void
tell_bundle(notifier *n, bundle *b, const notify_people *people)
{
    char why[120] = "no memory";
    json_t *told = json_array(), *reader;
    size_t i;
    bool good = told != NULL, cut = false;
    json_array_foreach(b->readers, i, reader)
    {
        cut = is_asked_to_end();
        char *text = cut ? NULL : notify_text(b->event, b->count, reader, people);
        const bool heard = text != NULL && notify_send(n->command, ndr_slice_of(text),
                                                       LIMIT_MS, why, sizeof why);
        if (text == NULL)
            (void)snprintf(why, sizeof why, "no memory");
        if (heard)
            (void)json_array_extend(told, json_object_get(reader, "to"));
        free(text);
        good = good && heard;
        cut = cut || (!heard && is_asked_to_end());
        if (cut)
            break;
    }
    const bool some = json_array_size(told) > 0;
    if (!good && some)
        keep_told(n, b, told);
    json_decref(told);
    if (!cut)
        end_bundle(n, b, good, some, why);
}

/* ---- what is due ---------------------------------------------------------------------
 */

/* The event of a row, and who is to know. False: it is none, or gone. */
static bool
load(notifier *n, waiting *w, const notify_people *people, json_t **said,
     json_t **readers)
{
    ndr_buffer text = {0};
    const bool there = notify_queue_read(&n->queue, w, &text);
    *said = there ? notify_event((ndr_slice){text.ptr, text.len}) : NULL;
    ndr_buffer_free(&text);
    if (*said == NULL && (there || errno != ENOENT)) {
        diag("%s: it is no event; put away in failed", w->name);
        notify_queue_drop(&n->queue, w);
    }
    *readers = *said != NULL ? notify_readers(*said, people) : NULL;
    if (*said != NULL && *readers == NULL) {
        json_decref(*said);
        *said = NULL;
    }
    return *said != NULL;
}

static bool
is_due(const notifier *n, const waiting *w)
{
    const int64_t now = ndr_now_ms();
    return w->due_ms <= now && n->pause_until <= now && !is_asked_to_end();
}

/* Gather all that is due for the same people as `first`, for one digest; one alone where
 * there are few. */
static void
gather(notifier *n, size_t first, const notify_people *people, bundle *b)
{
    waiting *row = n->queue.row;
    if (!load(n, &row[first], people, &b->event[0], &b->readers))
        return;
    b->row[0] = &row[first];
    b->count = 1;
    for (size_t i = first + 1;
         n->queue.count > NOTIFY_DIGEST && i < n->queue.count && b->count < AT_ONCE;
         i++) {
        json_t *said, *readers;
        if (!is_due(n, &row[i]) || !load(n, &row[i], people, &said, &readers))
            continue;
        if (json_equal(readers, b->readers)) {
            b->event[b->count] = said;
            b->row[b->count++] = &row[i];
        } else {
            json_decref(said);
        }
        json_decref(readers);
    }
    if (b->count > NOTIFY_DIGEST)
        return;
    while (b->count > 1)
        json_decref(b->event[--b->count]);
}

static void
tell_all(notifier *n, bundle *b)
{
    const notify_people people = {
        .admins = n->admins != NULL ? ndr_admins_now(n->admins, ndr_now_ms()) : NULL,
        .operators = n->operators,
        .operator_count = n->operator_count,
        .lang = n->lang,
        .page = n->page};
    for (size_t i = 0; i < n->queue.count; i++) {
        if (!is_due(n, &n->queue.row[i]))
            continue;
        gather(n, i, &people, b);
        if (b->count > 0)
            tell_bundle(n, b, &people);
        bundle_clear(b);
    }
}

/* ---- the day --------------------------------------------------------------------------
 */

/* Until something comes, or is due. */
static void
rest(const notifier *n, const sigset_t *open)
{
    int64_t until = ndr_now_ms() + LOOK_MS;
    const int64_t now = ndr_now_ms();
    for (size_t i = 0; i < n->queue.count; i++)
        until = n->queue.row[i].due_ms < until ? n->queue.row[i].due_ms : until;
    if (n->queue.count > 0 && until < n->pause_until)
        until = n->pause_until;
    const int64_t ms = until > now ? until - now : AGAIN_MS;
    const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000L};
    struct pollfd fd = {.fd = n->heard, .events = POLLIN};
    char bytes[4096];
    if (ppoll(&fd, 1, &t, open) > 0)
        while (read(n->heard, bytes, sizeof bytes) > 0)
            ; /* the folder says what there is */
}

static int
stay(notifier *n, const sigset_t *open)
{
    ndr_error err = {0};
    bundle *b = calloc(1, sizeof *b);
    int rc = b == NULL ? ndr_fail(&err, NDR_E_NOMEM, "no memory") : 0;
    while (rc == 0 && !asked_to_end) {
        rc = notify_queue_look(&n->queue, &err);
        if (rc == 0)
            tell_all(n, b);
        if (ndr_now_ms() >= n->prune_at) {
            notify_queue_prune(&n->queue, (int64_t)time(NULL));
            n->prune_at = ndr_now_ms() + PRUNE_MS;
        }
        if (n->once || rc != 0)
            break;
        rest(n, open);
    }
    free(b);
    if (rc != 0)
        diag("%s", err.text);
    size_t left = 0;
    for (size_t i = 0; i < n->queue.count; i++)
        left += n->queue.row[i].due_ms != INT64_MAX;
    return rc != 0 ? EXIT_NOT_RUN : n->once && left > 0 ? EXIT_DAMAGED : EXIT_READ;
}

/* ---- the command line -----------------------------------------------------------------
 */

/* What a path of a domain's page is put behind. */
static int
take_page(notifier *n, const opts *o, const char *arg)
{
    const size_t len = strlen(arg);
    bool good = (strncmp(arg, "https://", 8) == 0 && len > 8) ||
                (strncmp(arg, "http://", 7) == 0 && len > 7);
    for (size_t i = 0; i < len; i++)
        good = good && arg[i] > ' ' && arg[i] != 0x7f && strchr("?#\"<>", arg[i]) == NULL;
    if (!good)
        return opts_mistake(o, "--page '%.80s': give it whole, as https://host.example/",
                            arg);
    free(n->page);
    if (asprintf(&n->page, "%s%s", arg, arg[len - 1] == '/' ? "" : "/") < 0)
        n->page = NULL;
    return n->page != NULL ? 0 : EXIT_NOT_RUN;
}

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    notifier *n = ctx;
    switch (id) {
    case OPT_EVENTS:
        n->events = strcmp(arg, "default") != 0 ? arg : NULL;
        return 0;
    case OPT_ADMINS:
        n->admins_path = arg;
        return 0;
    case OPT_OPERATOR:
        if (n->operator_count == OPERATORS)
            return opts_mistake(o, "--operator is there over %d times", OPERATORS);
        if (arg[0] == '-' || arg[0] == '\0')
            return opts_mistake(o, "--operator '%s' is no address", arg);
        n->operators[n->operator_count] = strdup(arg);
        return n->operators[n->operator_count++] != NULL ? 0 : EXIT_NOT_RUN;
    case OPT_LANGUAGE:
        return opts_word(o, id, arg) >= 0 && lang_find(arg, &n->lang) ? 0 : EXIT_NOT_RUN;
    case OPT_PAGE:
        return take_page(n, o, arg);
    default: /* OPT_ONCE */
        n->once = true;
        return 0;
    }
}

static void
tell_admins(void *ctx, const char *text)
{
    (void)ctx;
    diag("%s", text);
}

/* 0; or the exit status, told. */
static int
begin(notifier *n, const opts *o)
{
    ndr_error err = {0};
    size_t count = 0;
    n->command = opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "no COMMAND; name the program that tells, behind --");
    if (n->events == NULL &&
        place_state("events", n->events_room, sizeof n->events_room, &err) != 0)
        return opts_mistake(o, "%s, or give --events", err.text);
    if (n->events == NULL)
        n->events = n->events_room;
    if (n->admins_path != NULL && ndr_admins_watch_begin(n->admins_path, tell_admins,
                                                         NULL, &n->admins, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    if (notify_queue_open(n->events, &n->queue, &err) == 0)
        return 0;
    if (err.sys_errno != EWOULDBLOCK) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    diag("another ndrscan-notify takes the events '%s'", n->events);
    return EXIT_BUSY;
}

static void
take_signals(sigset_t *open)
{
    sigset_t ours;
    const struct sigaction end = {.sa_handler = on_end};
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &ours, open);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaddset(&ours, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &ours, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
    static notifier n = {.queue = {-1, -1, -1, -1, NULL, 0}, .heard = -1};
    opts o;
    sigset_t open;
    if (!hold_standard_descriptors())
        return EXIT_NOT_RUN;
    opts_find_defaults = config_defaults;
    opts_begin(&o, &verb_notify, argc, argv);
    int status = opts_take(&o, take_option, &n);
    if (status == -1)
        status = begin(&n, &o);
    else
        return status;
    if (status == 0) {
        take_signals(&open);
        n.heard = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        char path[4200];
        (void)snprintf(path, sizeof path, "%s/" EVENTS_NEW, n.events);
        if (n.heard >= 0)
            (void)inotify_add_watch(n.heard, path, IN_MOVED_TO | IN_CREATE);
        status = stay(&n, &open);
    }
    notify_queue_close(&n.queue);
    ndr_admins_watch_end(n.admins);
    if (n.heard >= 0)
        (void)close(n.heard); /* was only heard */
    for (size_t i = 0; i < n.operator_count; i++)
        free(n.operators[i]);
    free(n.page);
    return status;
}
