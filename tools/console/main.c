/* SPDX-License-Identifier: BSD-3-Clause */
/* main.c - how does the console start, go round and end? */
#define _GNU_SOURCE /* ppoll, O_PATH, explicit_bzero */
#include "console.h"

#include "app/config.h"
#include "app/confine.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/windows_place.h"
#include "cmd_passwd.h"
#include "console_args.h"
#include "log_in.h"
#include "ndrscan_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t asked_to_end;

static void
on_end(int sig)
{
    (void)sig;
    asked_to_end = 1;
}

/* ---- places ----------------------------------------------------------------- */

static int
find_place(int (*place)(const char *, char *, size_t, ndr_error *), const char *given,
           const char *name, char *path, size_t size)
{
    ndr_error err = {0};
    int rc = 0;
    if (given == NULL)
        rc = place(name, path, size, &err);
    else if ((size_t)snprintf(path, size, "%s", given) >= size)
        rc = ndr_fail(&err, NDR_E_LIMIT, "the path '%s' is too long", given);
    if (rc != 0)
        diag("%s", err.text);
    return rc;
}

static int
place_windows(const char *name, char *path, size_t size, ndr_error *err)
{
    (void)name;
    return windows_place_written(path, size, err);
}

static int
find_places(console *c, const console_args *a)
{
    const size_t size = sizeof c->stats;
    c->windows_alone = a->windows_dir != NULL;
    if (find_place(place_windows, a->windows_dir, "windows.d", c->windows_dir, size) !=
            0 ||
        find_place(place_state, a->stats, "stats.db", c->stats, size) != 0 ||
        find_place(place_state, c->journal_given, "journal", c->journal, size) != 0 ||
        find_place(place_state, a->token_file, "console.token", c->token_path, size) != 0)
        return 2;
    return 0;
}

/* ---- start and end ------------------------------------------------------------ */

/* Is it a path as the kernel knows it, a slash behind it or not? */
static bool
is_plain(const char *path)
{
    char *full = realpath(path, NULL);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    const bool same = full != NULL && strlen(full) == n && strncmp(full, path, n) == 0;
    free(full);
    return same;
}

/* What is wrong with the map of mailboxes, or no longer, from the mover. */
static void
tell_log(void *ctx, const char *text)
{
    (void)ctx;
    diag("--recipient-map: %s", text);
}

static int
start_mover(console *c, const console_args *a)
{
    static char ndrscan[4096];
    static mover_opts o;
    ndr_error err = {0};
    ndr_mailboxes_watch *mailboxes = NULL;
    for (size_t i = 0; i < c->mail_count; i++) {
        DIR *folder = opendir(c->mail[i]);
        if (folder == NULL) {
            diag("--mail '%s': %s; name a folder of Maildirs that this user can read",
                 c->mail[i], strerror(errno));
            return 2;
        }
        (void)closedir(folder); /* was only looked at */
        if (a->admins != NULL && !is_plain(c->mail[i])) {
            diag(
                "--mail '%s': with --admins, name its whole path, without links, so that "
                "it can be told whose a mailbox is",
                c->mail[i]);
            return 2;
        }
    }
    const ssize_t len = readlink("/proc/self/exe", ndrscan, sizeof ndrscan - 1);
    ndrscan[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(ndrscan, '/'); /* `ndrscan` lies beside `ndrscan-console` */
    if (slash == NULL || (size_t)(slash - ndrscan) + sizeof "/ndrscan" > sizeof ndrscan) {
        diag("the path of this program is not known");
        return 2;
    }
    memcpy(slash, "/ndrscan", sizeof "/ndrscan");
    if (a->admins != NULL && a->paths.map != NULL &&
        ndr_mailboxes_watch_begin(a->paths.map, tell_log, NULL, &mailboxes, &err) != 0) {
        diag("--recipient-map: %s", err.text);
        return 2;
    }
    o = (mover_opts){.ndrscan = ndrscan,
                     .mail = c->mail,
                     .mail_count = c->mail_count,
                     .journal = c->journal,
                     .as_owner = a->as_owner,
                     .windows_dir = c->windows_dir,
                     .stats = c->stats,
                     .admins = a->admins,
                     .recipient_path = a->paths.pattern,
                     .recipient_map = a->paths.map,
                     .mailboxes = mailboxes,
                     .windows_alone = c->windows_alone};
    const int rc = mover_start(&o, &c->mover, &err);
    ndr_mailboxes_watch_end(mailboxes); /* the mover has its own by now */
    if (rc != 0) {
        diag("%s", err.text);
        return 2;
    }
    return 0;
}

/* Names by which a page on this machine may be asked for. */
static void
name_hosts(console *c, console_args *a)
{
    const char *where = server_where(c->server);
    const char *port = strrchr(where, ':');
    c->hosts.any = server_is_unix(c->server) && a->host_count == 0;
    if (!server_is_unix(c->server) && port != NULL) {
        guard_host *own = &a->hosts[a->host_count];
        (void)snprintf(own[0].name, sizeof own[0].name, "%s", where);
        (void)snprintf(own[1].name, sizeof own[1].name, "localhost%s", port);
        a->host_count += 2;
    }
    c->hosts.row = a->hosts;
    c->hosts.count = a->host_count;
}

static int
open_server(console *c, console_args *a)
{
    ndr_error err = {0};
    if (server_open(a->listen, c->proxies.uid_count > 0, console_answer, c, &c->server,
                    &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    if (!server_is_local(c->server) && !a->remote) {
        diag("'%s' can be reached from other machines, and what goes over the net can be "
             "read there: put a web server that speaks TLS in front and listen on "
             "127.0.0.1 or unix:PATH; or say --remote",
             a->listen);
        return 2;
    }
    if (!server_is_local(c->server))
        diag("warning: other machines can reach this; put TLS in front");
    name_hosts(c, a);
    diag("listening on %s%s", server_is_unix(c->server) ? "" : "http://",
         server_where(c->server));
    diag("the token to log in with is in %s%s", c->token_path,
         a->token_made ? " (made now)" : "");
    return 0;
}

/* ---- what needs more rights than we serve with ------------------------------------- */

/* The operator's token, for the process that compares it; *user is who we will be. */
static int
load_token(console *c, console_args *a, const struct passwd *user, secret token)
{
    ndr_error err = {0};
    if (place_make_above(c->token_path, 0700, &err) != 0) {
        diag("the token's file '%s': %s", c->token_path, err.text);
        return 2;
    }
    if (token_load(c->token_path, user != NULL ? user->pw_uid : geteuid(), token,
                   &a->token_made, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    if (known_browser_key(token, c->known_key) && secret_new(c->run_key, &err) == 0)
        return 0;
    diag("no key can be made");
    return 2;
}

/* NULL without --user. 0, or 2, told. */
static int
find_user(const char *name, const struct passwd **ret)
{
    static struct passwd kept; /* getpwnam's own is another's after the next look-up */
    *ret = NULL;
    if (name == NULL)
        return 0;
    const struct passwd *found = getpwnam(name);
    if (found != NULL) {
        kept = (struct passwd){.pw_uid = found->pw_uid, .pw_gid = found->pw_gid};
        *ret = &kept;
        return 0;
    }
    diag("--user: there is no user '%s'", name);
    return 2;
}

/* Serve as another user: what takes over this process has his rights and no more. */
static int
become(const char *name, const struct passwd *user)
{
    if (geteuid() == 0)
        places_of_root(); /* whoever writes to them */
    errno = 0;
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0) {
        diag("--user %s: %s; only root can serve as somebody else", name,
             strerror(errno));
        return 2;
    }
    return 0;
}

/* The folder of windows, made if it never was: so that whenever it is not there, or
 * cannot be looked at, that is an error and not "no windows". Another user that we will
 * be is to read it. 0, or 2, told. */
static int
make_windows(const console *c, bool for_another)
{
    char windows[sizeof c->windows_dir + 1];
    ndr_error err = {0};
    if (windows_place(c->windows_dir, &err) != WINDOWS_NEVER)
        return 0; /* what is wrong with it is told when it is looked at */
    (void)snprintf(windows, sizeof windows, "%s/", c->windows_dir);
    int rc = windows_place_make(c->windows_dir, &err);
    if (rc == 0)
        rc = place_make_above(windows, for_another ? 0755 : 0700, &err);
    if (rc == 0)
        return 0;
    diag("the folder of windows '%s': %s", c->windows_dir, err.text);
    return 2;
}

static int
find_windows(const console *c)
{
    ndr_error err = {0};
    const int rc = windows_place(c->windows_dir, &err);
    if (rc == WINDOWS_THERE || rc == WINDOWS_EMPTY)
        return 0;
    if (rc == WINDOWS_NEVER)
        diag("the folder of windows '%s' cannot be made; make it, for this user to read",
             c->windows_dir);
    else
        diag("%s", err.text);
    return 2;
}

/* From here on this process changes nothing but, at its end, its socket; who comes in it
 * writes to a file that is open already. */
static int
give_up_rights(const console *c, const char *listen_on)
{
    char socket[4096] = "";
    confine_place place = {.fd = -1, .right = CONFINE_UNLINK};
    if (server_is_unix(c->server)) {
        (void)snprintf(socket, sizeof socket, "%s", listen_on + sizeof "unix:" - 1);
        place.fd = open(dirname(socket), O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    const bool good = confine_to(&place, 1);
    if (place.fd >= 0)
        (void)close(place.fd); /* was only looked at */
    if (!good) {
        diag("the kernel's Landlock refused: %s", strerror(errno));
        return 2;
    }
    return 0;
}

/* What an apply that has ended leaves for the row that it was started from. */
static void
keep_run(console *c, const job *j)
{
    if (j->domain[0] == '\0' || j->run[0] == '\0')
        return;
    if (j->what == MOVER_UNDO || j->junked + j->released == 0)
        return; /* what is undone the journal tells */
    row_run *r = &c->undo[c->undo_at++ % UNDO_KEPT];
    *r = (row_run){0};
    memcpy(r->domain, j->domain, sizeof r->domain);
    memcpy(r->run, j->run, sizeof r->run);
}

/* The signals that end it come to this thread alone, and only where it waits: one that
 * another thread took between our look and our wait would be slept through. To be called
 * before there are threads, which have the mask from here. */
static void
take_signals(sigset_t *open)
{
    sigset_t ends;
    const struct sigaction end = {.sa_handler = on_end};
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, open);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGINT, &end, NULL);
}

/* False, and told: nobody can come in any more. */
static bool
loop(console *c, const sigset_t *open)
{
    while (!asked_to_end) {
        struct pollfd fds[3 + JOBS_KEPT + WAITS_MAX];
        uint64_t looks;
        int ms = -1;
        fds[0] = server_poll(c->server, &ms);
        fds[1] = worker_poll(c->passwords);
        fds[2] = (struct pollfd){.fd = c->looked, .events = POLLIN};
        size_t n = 3 + jobs_poll(&c->jobs, fds + 3);
        n += waits_poll(&c->waits, fds + n);
        const struct timespec wait = {ms / 1000, ms % 1000 * 1000000L};
        if (ppoll(fds, n, ms >= 0 ? &wait : NULL, open) < 0 && errno != EINTR)
            return true;
        jobs_run(&c->jobs);
        for (size_t i = 0; i < JOBS_KEPT; i++) {
            job *j = &c->jobs.slot[i];
            if (j->id != 0 && j->state == JOB_DONE && j->what != MOVER_PREVIEW &&
                !j->kept) {
                j->kept = true;
                c->moved++;
                keep_run(c, j);
            }
        }
        (void)!read(c->looked, &looks, sizeof looks); /* it does not block */
        console_asked(c);
        log_in_run(c);
        server_run(c->server);
        if (worker_poll(c->passwords).fd < 0) {
            diag("the process that compares passwords and the token is gone");
            return false;
        }
    }
    return true;
}

static void
tell_admins(void *ctx, const char *text)
{
    console *c = ctx;
    diag("%s", text);
    access_log_tell(&c->access, &(access_event){.what = text}, (int64_t)time(NULL));
}

static bool
is_token(void *ctx, const char *text)
{
    return worker_is_token(((const console *)ctx)->passwords, text);
}

/* The process that compares passwords and the token is forked here, with the rights that
 * we serve with; it alone has the token then. 0, or 2, told. */
static int
start_worker(console *c, secret token)
{
    ndr_error err = {0};
    const int rc = worker_start(mover_shown_fd(c->mover), token, &c->passwords, &err);
    explicit_bzero(token, sizeof(secret));
    if (rc != 0) {
        diag("%s", err.text);
        return 2;
    }
    c->sessions.is_token = is_token;
    c->sessions.ctx = c;
    return 0;
}

/* People beside the operator: who they are, and what their ways in need. 0, or 2, told.
 */
static int
let_people_in(console *c, const console_args *a)
{
    ndr_error err = {0};
    secret nobodys;
    bool made = false;
    if (a->proxy_secret_file != NULL) {
        if (token_load(a->proxy_secret_file, geteuid(), c->proxies.secret, &made, &err) !=
            0) {
            diag("%s", err.text);
            return 2;
        }
        if (made)
            diag("the proxy's secret is in %s (made now): it sends it as X-Proxy-Secret",
                 a->proxy_secret_file);
    }
    if (a->admins == NULL)
        return 0;
    c->delays = calloc(1, sizeof *c->delays);
    if (c->delays == NULL ||
        ndr_admins_watch_begin(a->admins, tell_admins, c, &c->admins, &err) != 0 ||
        login_delays_init(c->delays, &err) != 0 || secret_new(nobodys, &err) != 0 ||
        password_hash(nobodys, PASSWORD_COST_USUAL, c->decoy, &err) != 0) {
        diag("%s", c->delays == NULL ? "out of memory" : err.text);
        return 2;
    }
    return 0;
}

static int
serve(console *c, console_args *a)
{
    char host[256] = "";
    sigset_t open;
    int status = 2;
    secret token = "";
    ndr_error err = {0};
    const struct passwd *user;
    (void)gethostname(host, sizeof host - 1);
    c->host = host;
    if (find_user(a->user, &user) != 0 || make_windows(c, user != NULL) != 0 ||
        start_mover(c, a) != 0)
        return 2;
    if (access_log_open(&c->access, user != NULL ? user->pw_gid : getegid(), &err) != 0)
        diag("warning: who comes in is not written down: %s", err.text);
    if (load_token(c, a, user, token) != 0 ||
        (user != NULL && become(a->user, user) != 0) || start_worker(c, token) != 0 ||
        find_windows(c) != 0 || let_people_in(c, a) != 0)
        goto end;
    take_signals(&open); /* in front of the socket, which goes with us */
    if (open_server(c, a) != 0 || give_up_rights(c, a->listen) != 0)
        goto end;
    if (!console_look_begin(c))
        goto end;
    status = loop(c, &open) ? 0 : 2;
    console_look_end(c);
end:
    server_close(c->server);
    sessions_free(&c->sessions);
    access_log_close(&c->access);
    worker_stop(c->passwords);
    ndr_admins_watch_end(c->admins);
    free(c->delays);
    for (size_t i = 0; i < KNOWN_RUNS; i++)
        runs_free(&c->known_runs[i].all);
    jobs_free(&c->jobs);
    waits_free(&c->waits);
    mover_stop(c->mover);
    snapshot_free(c->snapshot);
    return status;
}

int
main(int argc, char **argv)
{
    static console c = {.mu = PTHREAD_MUTEX_INITIALIZER,
                        .wake = PTHREAD_COND_INITIALIZER,
                        .access = {.fd = -1}};
    console_args a = {.listen = "127.0.0.1:8025"};
    if (argc > 1 && strcmp(argv[1], "passwd") == 0)
        return cmd_passwd(argc - 1, argv + 1);
    (void)signal(SIGPIPE, SIG_IGN);
    opts_find_defaults = config_defaults;
    c.mail = calloc((size_t)argc + 1 + NDR_SETTINGS_MAX, sizeof *c.mail);
    if (c.mail == NULL)
        return 2;
    int status = console_args_read(&c, &a, argc, argv);
    if (status == 0 && (status = find_places(&c, &a)) == 0)
        status = serve(&c, &a);
    status = status < 0 ? 0 : status;
    free(c.mail);
    return status;
}
