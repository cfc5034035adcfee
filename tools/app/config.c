/* SPDX-License-Identifier: BSD-3-Clause */
/* config.c - see config.h. */
#include "config.h"

#include "child_mark.h"
#include "diag.h"
#include "nearest.h"
#include "places.h"
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name[] = "ndrscan.yaml";
static const char all[] = "all";

/* ---- against the tables ---------------------------------------------------------- */

static const verb *
find_verb(const char *word)
{
    for (const verb *const *v = all_verbs; *v != NULL; v++)
        if (strcmp((*v)->name, word) == 0)
            return *v;
    return NULL;
}

static const option_row *
find_row(const verb *v, const char *option)
{
    for (const option_row *r = v->row; r->name != NULL || r->help != NULL; r++)
        if (r->name != NULL && strcmp(r->name, option) == 0)
            return r;
    return NULL;
}

/* Of any verb that takes it, for "all". */
static const option_row *
find_any_row(const char *option)
{
    const option_row *r = NULL;
    for (const verb *const *v = all_verbs; *v != NULL && r == NULL; v++)
        r = find_row(*v, option);
    return r;
}

/* The name that was meant; NULL: none is near. */
static const char *
meant(const char *word, const verb *of)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;
    for (const verb *const *v = all_verbs; *v != NULL; v++)
        for (const option_row *r = (*v)->row; r->name != NULL || r->help != NULL; r++) {
            if (r->name == NULL || (of != NULL && *v != of) ||
                !nearest_is_near(word, r->name) ||
                nearest_distance(word, r->name) >= least)
                continue;
            least = nearest_distance(word, r->name);
            best = r->name;
        }
    return best;
}

/* "true" and "false" of an option without an argument; the others' words. */
static int
check_value(const char *file, const ndr_setting *s, const option_row *row, ndr_error *err)
{
    if (row->arg == NULL && strcmp(s->value, "true") != 0 &&
        strcmp(s->value, "false") != 0)
        return ndr_fail(err, NDR_E_SYNTAX, "%s:%zu: %s is true or false, not '%.80s'",
                        file, s->line, s->option, s->value);
    if (row->words != NULL && opts_word_at(row->words, s->value) < 0)
        return ndr_fail(err, NDR_E_SYNTAX, "%s:%zu: %s '%.80s' is none of %s", file,
                        s->line, s->option, s->value, row->words);
    return 0;
}

static int
check_setting(const char *file, const ndr_setting *s, ndr_error *err)
{
    const verb *v = find_verb(s->verb);
    if (v == NULL && strcmp(s->verb, all) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s:%zu: no verb '%.80s'; write one that 'ndrscan --help' "
                        "lists, or all",
                        file, s->line, s->verb);
    const option_row *row = v != NULL ? find_row(v, s->option) : find_any_row(s->option);
    if (row != NULL)
        return check_value(file, s, row, err);
    const char *near = meant(s->option, v);
    return ndr_fail(err, NDR_E_SYNTAX, "%s:%zu: %s %s option '%.80s'%s%s%s", file,
                    s->line, v != NULL ? v->name : "no verb",
                    v != NULL ? "takes no" : "takes an", s->option,
                    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                    near != NULL ? "?" : "");
}

/* ---- files ----------------------------------------------------------------------- */

int
config_read_one(config_file *file, ndr_error *err)
{
    int rc = ndr_settings_load(file->path, &file->settings, err);
    size_t count = 0;
    const ndr_setting *row = rc == 0 ? ndr_settings_rows(file->settings, &count) : NULL;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = check_setting(file->path, &row[i], err);
    if (rc == 0)
        return 0;
    ndr_settings_free(file->settings);
    file->settings = NULL;
    return rc;
}

/* Whoever may write to it says which rules count, and what is run on. */
static int
check_owner(const char *path, const struct stat *st, ndr_error *err)
{
    if ((st->st_uid == 0 || st->st_uid == geteuid()) &&
        (st->st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return 0;
    return ndr_fail(err, NDR_E_SYNTAX,
                    "%s: others could have written it; chown root and chmod go-w it",
                    path);
}

int
config_read(config_file file[CONFIG_FILES], ndr_error *err)
{
    static int (*const find[CONFIG_FILES])(const char *, char *, size_t, ndr_error *) = {
        place_system_setting, place_setting};
    int rc = 0;
    memset(file, 0, CONFIG_FILES * sizeof *file);
    for (size_t i = 0; i < CONFIG_FILES && rc == 0; i++) {
        struct stat st;
        config_file *f = &file[i];
        if (find[i](name, f->path, sizeof f->path, NULL) != 0 ||
            (i > 0 && strcmp(f->path, file[0].path) == 0)) {
            f->path[0] = '\0'; /* no place, or the same one */
            continue;
        }
        if (stat(f->path, &st) != 0) {
            if (errno != ENOENT && errno != ENOTDIR)
                rc = ndr_fail(err, NDR_E_SYS, "look at '%s'", f->path);
            continue;
        }
        rc = check_owner(f->path, &st, err);
        if (rc == 0)
            rc = config_read_one(f, err);
    }
    for (size_t i = 0; i < CONFIG_FILES && rc != 0; i++) {
        ndr_settings_free(file[i].settings);
        file[i].settings = NULL;
    }
    return rc;
}

/* ---- defaults -------------------------------------------------------------------- */

/* What is kept of a verb's, for as long as the program runs. */
static config_file files[CONFIG_FILES];
static opts_default *made;

/* Does a later file, or the verb's own part of this one, say something of it? */
static bool
is_replaced(size_t at, const ndr_setting *s, const verb *v)
{
    for (size_t i = at; i < CONFIG_FILES; i++) {
        size_t count = 0;
        const ndr_setting *row = files[i].settings != NULL
                                     ? ndr_settings_rows(files[i].settings, &count)
                                     : NULL;
        for (size_t k = 0; k < count; k++) {
            const bool own = strcmp(row[k].verb, v->name) == 0;
            const bool later = i > at && (own || strcmp(row[k].verb, all) == 0);
            if (strcmp(row[k].option, s->option) == 0 &&
                (later || (i == at && own && strcmp(s->verb, all) == 0)))
                return true;
        }
    }
    return false;
}

static char *
where_of(const char *path, size_t line)
{
    const size_t size = strlen(path) + 24;
    char *text = malloc(size);
    if (text != NULL)
        (void)snprintf(text, size, "%s:%zu", path, line);
    return text;
}

/* Does it say how mail is judged, or where things are, and nothing of what is done? */
static bool
is_for_children(int id)
{
    static const int ids[] = {
        OPT_RULES,          OPT_NO_SHIPPED_RULES,
        OPT_NO_CACHE,       OPT_WINDOWS,
        OPT_IDENTITY,       OPT_SENT,
        OPT_CLOCK,          OPT_NOW,
        OPT_EVIDENCE,       OPT_MAX_MESSAGE,
        OPT_RECIPIENT_PATH, OPT_RECIPIENT_MAP,
        OPT_JUNK_FOLDER,    OPT_JOURNAL,
        OPT_AS_OWNER,       OPT_JUNK_ONLY,
        OPT_AGAIN,          OPT_THREADS,
        OPT_KEEP_CACHE,     OPT_DROP_AFTER,
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Those of one file for `v`, behind the others. False: no memory. */
static bool
add_file(size_t at, const verb *v, size_t *used)
{
    size_t count = 0;
    const bool is_child = child_is_marked();
    const ndr_setting *row =
        files[at].settings != NULL ? ndr_settings_rows(files[at].settings, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        const option_row *r = find_row(v, row[i].option);
        const bool ours =
            strcmp(row[i].verb, all) == 0 || strcmp(row[i].verb, v->name) == 0;
        if (r == NULL || !ours || (is_child && !is_for_children(r->id)) ||
            is_replaced(at, &row[i], v) ||
            (r->arg == NULL && strcmp(row[i].value, "false") == 0))
            continue;
        char *where = where_of(files[at].path, row[i].line);
        opts_default *more = realloc(made, (*used + 1) * sizeof *made);
        if (more != NULL)
            made = more;
        if (more == NULL || where == NULL) {
            free(where);
            return false;
        }
        made[(*used)++] = (opts_default){r, r->arg != NULL ? row[i].value : NULL, where};
    }
    return true;
}

/* Mail that passes through does not wait for a HOME that is somebody else's. */
static void
look_at_home(const verb *v)
{
    static const verb *const pass[] = {&verb_filter, &verb_check, &verb_milter};
    for (size_t i = 0; i < sizeof pass / sizeof pass[0]; i++)
        if (v == pass[i] && places_leave_home())
            diag("warning: HOME '%s': %s; settings and windows there do not count, those "
                 "that all users share do (set HOME to a folder of whom this runs as)",
                 getenv("HOME"), strerror(errno));
}

int
config_defaults(const verb *v, const opts_default **ret, size_t *count)
{
    ndr_error err = {0};
    *ret = NULL;
    *count = 0;
    if (v == &verb_config || v == &verb_config_check)
        return 0; /* they tell what is wrong in full */
    if (v == &verb_help || v == &verb_version)
        return 0; /* whoever asks, and whatever is out of order */
    look_at_home(v);
    if (config_read(files, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    for (size_t i = 0; i < CONFIG_FILES; i++)
        if (!add_file(i, v, count)) {
            diag("out of memory");
            return 2;
        }
    *ret = made;
    return 0;
}
