/* SPDX-License-Identifier: BSD-3-Clause */
/* setup.c - which rules, windows and identity does a verb work with? */
#include "setup.h"

#include "diag.h"
#include "places.h"
#include "shipped.h"
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int
setup_begin(setup *s, const opts *o)
{
    *s = (setup){0};
    const size_t room = opts_room(o);
    s->rules = calloc(room, sizeof *s->rules);
    s->windows = calloc(room, sizeof *s->windows);
    /* a verb that decides nothing reads no windows and no identity */
    s->no_windows = s->no_identity = true;
    for (const option_row *row = o->verb->row; row->name != NULL || row->help != NULL;
         row++) {
        s->no_windows = s->no_windows && row->id != OPT_NO_WINDOWS;
        s->no_identity = s->no_identity && row->id != OPT_IDENTITY;
    }
    if (s->rules != NULL && s->windows != NULL)
        return 0;
    diag("out of memory");
    setup_free(s);
    return 2;
}

void
setup_unload(setup *s)
{
    ndr_prover_free(s->prover);
    sent_asker_close(s->sent_set);
    ndr_identity_free(s->identities);
    ndr_window_table_free(s->window_table);
    ndr_ruleset_free(s->ruleset);
    mailbox_paths_unload(&s->paths);
    *s = setup_afresh(s);
}

setup
setup_afresh(const setup *s)
{
    setup fresh = *s;
    fresh.prover = NULL;
    fresh.sent_set = NULL;
    fresh.identities = NULL;
    fresh.window_table = NULL;
    fresh.ruleset = NULL;
    fresh.paths.table = NULL;
    fresh.paths.by = (ndr_mailboxes){0};
    return fresh;
}

void
setup_free(setup *s)
{
    setup_unload(s);
    free(s->rules);
    free(s->windows);
    *s = (setup){0};
}

int
setup_option(setup *s, const opts *o, int id, const char *arg)
{
    switch (id) {
    case OPT_RULES:
        s->rules[s->rules_count++] = arg;
        return 0;
    case OPT_NO_SHIPPED_RULES:
        s->no_shipped = true;
        return 0;
    case OPT_NO_CACHE:
        s->no_cache = true;
        return 0;
    case OPT_LOG:
        if (opts_word(o, id, arg) < 0)
            return 2;
        diag_log_to(arg);
        return 0;
    case OPT_VERBOSE:
        s->verbose = true;
        return 0;
    case OPT_WINDOWS:
        s->windows[s->windows_count++] = arg;
        return 0;
    case OPT_NO_WINDOWS:
        s->no_windows = true;
        return 0;
    case OPT_IDENTITY:
        s->identity = arg;
        return 0;
    case OPT_SENT:
        s->sent = arg;
        return 0;
    case OPT_CLOCK: {
        const int at = opts_word(o, id, arg);
        s->clock = (enum ndr_clock)at; /* the words stand in the enum's order */
        return at < 0 ? 2 : 0;
    }
    case OPT_NOW: {
        ndr_error err;
        s->now_said = true;
        return ndr_timestamp_parse(arg, &s->now, &err) == 0
                   ? 0
                   : opts_mistake(o, "--now '%s': %s", arg, err.text);
    }
    case OPT_RECIPIENT_PATH:
    case OPT_RECIPIENT_MAP:
        return mailbox_paths_option(&s->paths, o, id, arg);
    case OPT_MAX_MESSAGE: {
        const int64_t bytes = opts_size(o, id, arg);
        s->message_limit_bytes = bytes > 0 ? (size_t)bytes : 0;
        return bytes < 0 ? 2 : 0;
    }
    default:
        return 1;
    }
}

int
setup_rules_opts(setup *s, ndr_rules_opts *ret)
{
    if (s->no_shipped && s->rules_count == 0) {
        diag("--no-shipped-rules leaves no rules; name some with --rules FILE");
        return 2;
    }
    *ret = (ndr_rules_opts){NDR_SIZED(ndr_rules_opts), .path = s->rules,
                            .path_count = s->rules_count};
    if (!s->no_shipped) {
        ndr_error err;
        if (shipped_rules(s->shipped, sizeof s->shipped, &err) != 0) {
            diag("%s", err.text);
            return 2;
        }
        ret->shipped = s->shipped;
    }
    if (s->no_cache)
        return 0;
    if (!s->no_shipped && s->rules_count == 0) {
        shipped_find_databases(&s->databases);
        for (size_t i = 0; i < s->databases.count; i++)
            s->database[i] = s->databases.path[i];
        ret->database = s->database;
        ret->database_count = s->databases.count;
    } else {
        ndr_cache_dir(s->cache, sizeof s->cache);
        ret->cache_dir = s->cache[0] != '\0' ? s->cache : NULL;
    }
    return 0;
}

static void
warn(void *ctx, const char *text)
{
    (void)ctx;
    diag("warning: %s", text);
}

/* A folder that is named and holds no windows. 0, or NDR_E_SYNTAX. */
static int
look_at_empty(const setup *s, const char *dir, ndr_error *err)
{
    if (s->empty == SETUP_EMPTY_REFUSE)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "no file of windows is in the folder '%s', which would bring "
                        "back all mail: is a file system not mounted? If no window is "
                        "meant, make an empty " NDR_WINDOWS_OWN_FILE " in it",
                        dir);
    if (s->empty == SETUP_EMPTY_WARN)
        diag(
            "warning: no file of windows is in the folder '%s', so nothing is junk by it",
            dir);
    return 0;
}

/* What is named has to be there; a place by default may be none. */
static int
load_windows(setup *s, ndr_error *err)
{
    const char *by_default[WINDOWS_PLACES];
    const char *const *windows = s->windows;
    size_t count = s->windows_count;
    int rc = 0;
    for (size_t i = 0; i < count && rc >= 0; i++) {
        rc = windows_place(windows[i], err);
        if (rc == WINDOWS_EMPTY)
            rc = look_at_empty(s, windows[i], err);
    }
    if (!s->no_windows && count == 0) {
        rc = windows_places_there(NULL, &s->places, by_default, err);
        windows = by_default;
        count = rc > 0 ? (size_t)rc : 0;
    }
    if (rc < 0 || count == 0)
        return rc < 0 ? rc : 0;
    const ndr_windows_warn warned = {NDR_SIZED(ndr_windows_warn), .tell = warn,
                                     .since = (int64_t)time(NULL)};
    return ndr_windows_load(windows, count, &warned, &s->window_table, err);
}

/* The file by default, if it is there: what cannot be looked at is not taken for none. */
static int
find_identity(setup *s, ndr_error *err)
{
    struct stat st;
    char *path = s->identity_file;
    if (place_setting_there("identity.yaml", path, sizeof s->identity_file, NULL) != 0) {
        path[0] = '\0';
        return 0;
    }
    if (lstat(path, &st) == 0)
        return 1;
    return errno == ENOENT ? 0 : ndr_fail(err, NDR_E_SYS, "look at '%s'", path);
}

static int
load_sent(setup *s, ndr_error *err)
{
    char dir[4096];
    if (s->sent != NULL)
        return sent_asker_open(s->sent, true, s->sent_grows, &s->sent_set, err);
    if (place_state_there("sent", dir, sizeof dir, NULL) != 0)
        return 0;
    return sent_asker_open(dir, false, s->sent_grows, &s->sent_set, err);
}

int
setup_prover(const setup *s, ndr_prover **ret, ndr_error *err)
{
    return ndr_prover_new(ndr_identity_rows(s->identities),
                          s->sent_set != NULL ? sent_asker_ask : NULL, s->sent_set, ret,
                          err);
}

bool
setup_proves(const setup *s)
{
    return s->prover != NULL && (s->counts || s->prove_always ||
                                 (s->window_table != NULL &&
                                  ndr_window_table_rows(s->window_table)->count > 0));
}

static int
load_identity(setup *s, ndr_error *err)
{
    const char *path = s->identity;
    if (s->no_identity)
        return 0;
    if (path == NULL) {
        const int found = find_identity(s, err);
        if (found <= 0)
            return found;
        path = s->identity_file;
    }
    int rc = ndr_identity_load(path, warn, NULL, &s->identities, err);
    if (rc < 0 || ndr_identity_rows(s->identities)->count == 0)
        return rc;
    rc = load_sent(s, err);
    if (rc == 0)
        rc = setup_prover(s, &s->prover, err);
    return rc;
}

int
setup_load(setup *s)
{
    ndr_error err = {0};
    ndr_rules_opts rules;
    if (s->no_windows && s->windows_count > 0) {
        diag("--windows and --no-windows exclude each other; leave one out");
        return 2;
    }
    if (setup_rules_opts(s, &rules) != 0)
        return 2;
    if (mailbox_paths_load(&s->paths) != 0)
        return 2;
    /* windows first: they are quick to read, and as fatal when they are bad */
    if (load_windows(s, &err) != 0 || load_identity(s, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    char note[NDR_CACHE_NOTE_BYTES];
    if (ndr_rules_load(&rules, &s->ruleset, note, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    if (note[0] != '\0' && rules.database_count > 0)
        diag("warning: the shipped rules were compiled anew, as they will be each time: "
             "%s; "
             "root ends that for all users: ndrscan rules compile --install",
             note);
    else if (s->verbose && note[0] != '\0')
        diag("rules were compiled anew: %s", note);
    return 0;
}

int
setup_input(const setup *s, opts *o, ndr_input_opts *in, const char *nothing)
{
    in->size = sizeof *in;
    in->path = (const char *const *)opts_operands(o, &in->path_count);
    in->message_limit_bytes = s->message_limit_bytes;
    if (in->path_count == 0 && in->files_from == NULL && nothing != NULL)
        return opts_mistake(o, "%s; give a file, a folder, or - for standard input",
                            nothing);
    if (in->files_from_nul && in->files_from == NULL)
        return opts_mistake(o,
                            "-0 is about the list of --files-from; add --files-from - or "
                            "leave it out");
    return -1;
}

ndr_scan_opts
setup_scan_opts(const setup *s)
{
    return (ndr_scan_opts){
        NDR_SIZED(ndr_scan_opts),
        .rules = s->ruleset,
        .windows =
            s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL,
        .clock = s->clock,
        .now = s->now_said ? s->now : (int64_t)time(NULL),
        .mailboxes = mailbox_paths_by(&s->paths),
        .prove = s->prover != NULL ? ndr_prover_judge : NULL,
        .prove_ctx = s->prover,
        .prove_always = s->counts || s->prove_always,
    };
}
