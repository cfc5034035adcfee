/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover_job.c - how is one request done?
 *
 *   mover --fork--> job --exec--> ndrscan, standard output to the console
 *                    ^---- standard error, line by line
 *
 * To the operator goes every line. To a person go the objects of --progress alone: what
 * else is said names paths and files of the host's, so it goes to the log, under a
 * number.
 */
#define _GNU_SOURCE /* memfd_create, pipe2 */
#include "mover_packet.h"

#include "app/child_mark.h"
#include "app/windows_place.h"
#include "ndr_clock.h"
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LOGGED_MAX = 20,
    LINE_BYTES = 4096,
    CHECK_MS = 1000,
    NOT_RUN = MOVER_EXIT_NOT_RUN
};

/* ---- the command line ---------------------------------------------------------------
 */

typedef struct command {
    const char **arg; /* ends with NULL; what it points to lives as long as the process */
    size_t count, cap;
    bool failed;
    windows_places places;
    const ndr_mailboxes_text *map; /* as it is now; NULL: it is not watched */
} command;

static void
add(command *c, const char *word)
{
    if (c->count + 2 > c->cap) {
        const size_t cap = c->cap > 0 ? c->cap * 2 : 64;
        const char **more = realloc(c->arg, cap * sizeof *more);
        if (more == NULL) {
            c->failed = true;
            return;
        }
        c->arg = more;
        c->cap = cap;
    }
    c->arg[c->count++] = word;
    c->arg[c->count] = NULL;
}

static void
add_domain(command *c, ndr_slice domain, bool below)
{
    const size_t size = domain.len + 3;
    char *text = malloc(size);
    if (text == NULL) {
        c->failed = true;
        return;
    }
    (void)snprintf(text, size, "%s%.*s", below ? "*." : "", (int)domain.len,
                   (const char *)domain.ptr);
    add(c, "--only-domain");
    add(c, text);
}

/* In a file that has no name and lasts as long as the process, which the command
 * inherits; its path into `path`. False: no. */
static bool
hold(const char *name, ndr_slice bytes, char path[32])
{
    const int fd = memfd_create(name, 0); /* the command inherits it */
    if (fd < 0 || !ndr_write_all(fd, bytes))
        return false; /* the process ends by that */
    (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
    return true;
}

/* Whose a Maildir is. */
static void
add_mailboxes(command *c, const mover_opts *o)
{
    static char path[32];
    if (o->recipient_path != NULL) {
        add(c, "--recipient-path");
        add(c, o->recipient_path);
    } else if (o->recipient_map != NULL) {
        c->failed =
            c->failed || (c->map != NULL && !hold("mailboxes", c->map->text, path));
        add(c, "--recipient-map");
        add(c, c->map != NULL ? path : o->recipient_map);
    }
}

/* What a person sees. */
static void
add_limits(command *c, const mover_opts *o, const mover_order *order,
           const ndr_admin *who)
{
    /* for the operator a domain is a row of the page, and limits what is listed alone */
    if (order->domain[0] != '\0' && (who != NULL || order->what == MOVER_RUNS))
        add_domain(c, ndr_slice_of(order->domain), order->below);
    else if (who != NULL)
        for (size_t i = 0; i < who->domains.count; i++)
            add_domain(c, who->domains.row[i].domain, who->domains.row[i].below);
    if (who != NULL || order->what == MOVER_PREVIEW || order->what == MOVER_APPLY ||
        order->domain[0] != '\0')
        add_mailboxes(c, o);
}

bool
mover_hold_windows(const mover_order *order, char path[32])
{
    const ndr_slice yaml = {(const unsigned char *)order->words, order->words_bytes};
    return hold("preview.yaml", yaml, path);
}

static void
add_preview(command *c, const mover_order *order, bool alone)
{
    static char path[32];
    if (!mover_hold_windows(order, path)) {
        c->failed = true;
        return;
    }
    add(c, "--try");
    add(c, path);
    add(c, "--dry-run");
    add(c, "--output=jsonl");
    if (alone) { /* by that window: whatever others are open is not told */
        add(c, "--no-windows");
        add(c, "--junk");
    }
}

/* The other places by default; one that cannot be looked at too, for an error. */
static void
add_other_windows(command *c, const mover_opts *o)
{
    if (o->windows_alone)
        return;
    windows_places_find(&c->places);
    for (size_t i = 0; i < c->places.count; i++) {
        const int place = strcmp(c->places.dir[i], o->windows_dir) == 0
                              ? WINDOWS_NEVER
                              : windows_place(c->places.dir[i], NULL);
        if (place == WINDOWS_NEVER || place == WINDOWS_EMPTY)
            continue;
        add(c, "--windows");
        add(c, c->places.dir[i]);
    }
}

static void
make_command(command *c, const mover_opts *o, const mover_order *order,
             const ndr_admin *who)
{
    static const char *const verb[MOVER_WHATS] = {[MOVER_PREVIEW] = "apply",
                                                  [MOVER_APPLY] = "apply",
                                                  [MOVER_UNDO] = "undo",
                                                  [MOVER_RUNS] = "runs"};
    const bool applies = order->what == MOVER_PREVIEW || order->what == MOVER_APPLY;
    const bool alone = order->what == MOVER_PREVIEW && who != NULL;
    add(c, o->ndrscan);
    add(c, verb[order->what]);
    add(c, order->what == MOVER_RUNS ? "--output=jsonl" : "--progress=json");
    if (order->what != MOVER_RUNS && o->as_owner)
        add(c, "--as-owner");
    add(c, "--journal");
    add(c, o->journal);
    if (applies)
        add(c, "--recursive");
    if (order->what != MOVER_RUNS && !alone) {
        /* always named: a folder that is gone is an error, never "no windows" */
        add(c, "--windows");
        add(c, o->windows_dir);
        add_other_windows(c, o);
    }
    add_limits(c, o, order, who);
    if (order->what == MOVER_PREVIEW)
        add_preview(c, order, alone);
    add(c, "--");
    if (order->what == MOVER_UNDO)
        add(c, order->words);
    for (size_t i = 0; i < o->mail_count && applies; i++)
        add(c, o->mail[i]);
}

/* ---- what it says
 * ---------------------------------------------------------------------- */

/* A job under way. */
typedef struct job_run {
    const mover_order *order;
    ndr_admins_watch *people;       /* NULL: the operator alone */
    ndr_mailboxes_watch *mailboxes; /* NULL: nobody watches a map */
    uint64_t map_generation;        /* of the one that the command has */
    int out;
    pid_t pid;
    uint32_t reference; /* 0: nothing was logged yet */
    size_t logged;
    bool changed; /* the rights were; it was asked to stop */
    char line[LINE_BYTES];
    size_t len;
} job_run;

static volatile pid_t to_stop; /* the command, for on_end */
static volatile sig_atomic_t stopped;

static void
on_end(int sig)
{
    stopped = 1;
    if (to_stop > 0)
        (void)kill(to_stop, sig);
}

static void
say(const job_run *j, const char *text)
{
    (void)ndr_write_all(j->out, ndr_slice_of(text));
}

static void
log_line(job_run *j, ndr_slice line)
{
    static const char *const what[MOVER_WHATS] = {[MOVER_PREVIEW] = "preview",
                                                  [MOVER_APPLY] = "apply",
                                                  [MOVER_UNDO] = "undo",
                                                  [MOVER_RUNS] = "runs"};
    while (j->reference == 0)
        if (getrandom(&j->reference, sizeof j->reference, 0) < 0)
            j->reference = 1;
    if (j->logged++ < LOGGED_MAX)
        (void)fprintf(stderr, "ndrscan: reference %08" PRIX32 " (%s, %s %s): %.*s\n",
                      j->reference, j->order->person, what[j->order->what],
                      j->order->domain, (int)line.len, (const char *)line.ptr);
}

static void
take_line(job_run *j)
{
    const ndr_slice line = {(const unsigned char *)j->line, j->len};
    if (j->order->person[0] == '\0' || (j->len > 0 && j->line[0] == '{')) {
        j->line[j->len] = '\n';
        (void)ndr_write_all(j->out, (ndr_slice){line.ptr, j->len + 1});
    } else if (j->len > 0) {
        log_line(j, line);
    }
    j->len = 0;
}

static void
take_bytes(job_run *j, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == '\n')
            take_line(j);
        else if (j->len < LINE_BYTES - 1)
            j->line[j->len++] = bytes[i];
}

/* Is a person's mail still where the command takes it to be? */
static bool
is_same_map(const job_run *j)
{
    if (j->mailboxes == NULL || j->order->person[0] == '\0')
        return true;
    const ndr_mailboxes_text *map = ndr_mailboxes_now(j->mailboxes, ndr_now_ms());
    return map != NULL && map->generation == j->map_generation;
}

/* Rights that are not what they were end it, as SIGTERM does: what is moved is whole. */
static void
check_rights(job_run *j)
{
    const ndr_admin *who;
    if (j->changed || j->people == NULL ||
        (mover_admitted(j->order, ndr_admins_now(j->people, ndr_now_ms()), &who) &&
         is_same_map(j)))
        return;
    j->changed = true;
    (void)kill(j->pid, SIGTERM);
}

/* All that it says on standard error, up to the end. */
static void
listen_to(job_run *j, int fd)
{
    char bytes[LINE_BYTES];
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        const int ready = poll(&wait, 1, CHECK_MS);
        check_rights(j);
        if (ready <= 0)
            continue;
        const ssize_t n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            take_bytes(j, bytes, (size_t)n);
        else if (n == 0 || errno != EINTR)
            break;
    }
    if (j->len > 0)
        take_line(j);
}

static _Noreturn void
run(const command *c, int out, int errors)
{
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0 || !child_mark())
        _exit(NOT_RUN);
    (void)execv(c->arg[0], (char *const *)(uintptr_t)c->arg);
    (void)fprintf(stderr, "ndrscan: cannot run '%s': %s\n", c->arg[0], strerror(errno));
    _exit(NOT_RUN);
}

static int
wait_for(pid_t pid)
{
    int how = 0;
    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return NOT_RUN;
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

/* What a person is told where it was more than records. */
static void
say_how(const job_run *j, int status)
{
    char text[160];
    if (j->changed) {
        say(j, "ndrscan: your rights were changed; it was stopped\n");
        return;
    }
    if (j->reference == 0 || status == 0)
        return;
    (void)snprintf(
        text, sizeof text,
        "ndrscan: %s; your provider finds why under the number %08" PRIX32 "\n",
        status == 1 ? "some mail could not be handled" : "it could not be done",
        j->reference);
    say(j, text);
}

/* The map as it is now, for the command; false: it has not been in order for too long,
 * and nobody knows whose mail is whose. */
static bool
take_map(job_run *j, command *c)
{
    static const char said[] =
        "ndrscan: the map of mailboxes (--recipient-map) has not "
        "been in order for too long; nothing is done until it is\n";
    if (j->mailboxes == NULL)
        return true;
    c->map = ndr_mailboxes_now(j->mailboxes, ndr_now_ms());
    if (c->map != NULL) {
        j->map_generation = c->map->generation;
        return true;
    }
    take_bytes(j, said, sizeof said - 1);
    if (j->order->person[0] != '\0')
        say_how(j, NOT_RUN);
    return false;
}

_Noreturn void
mover_job(const mover_opts *opts, const mover_order *order, ndr_admins_watch *people,
          int out)
{
    const ndr_admin *who = NULL;
    command c = {0};
    int ends[2];
    const struct sigaction end = {.sa_handler = on_end};
    job_run j = {
        .order = order, .people = people, .mailboxes = opts->mailboxes, .out = out};
    if (!mover_admitted(
            order, people != NULL ? ndr_admins_now(people, ndr_now_ms()) : NULL, &who)) {
        say(&j, MOVER_REFUSED);
        _exit(NOT_RUN);
    }
    if (order->what == MOVER_RUNS && access(opts->journal, F_OK) != 0 && errno == ENOENT)
        _exit(0); /* nothing was moved yet; the first apply makes it */
    if (!take_map(&j, &c))
        _exit(NOT_RUN);
    make_command(&c, opts, order, who);
    if (c.failed || pipe2(ends, O_CLOEXEC) != 0)
        _exit(NOT_RUN);
    (void)sigaction(SIGTERM, &end, NULL);
    j.pid = fork();
    if (j.pid == 0)
        run(&c, out, ends[1]);
    (void)close(ends[1]);
    if (j.pid < 0)
        _exit(NOT_RUN);
    to_stop = j.pid;
    if (stopped) /* before there was anything to stop */
        (void)kill(j.pid, SIGTERM);
    listen_to(&j, ends[0]);
    const int status = wait_for(j.pid);
    if (order->person[0] != '\0')
        say_how(&j, status);
    _exit(status);
}
