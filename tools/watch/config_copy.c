/* SPDX-License-Identifier: BSD-3-Clause */
/* config_copy.c - which rules and windows were in order when last looked at? */
#define _GNU_SOURCE /* memfd_create */
#include "config_copy.h"

#include "app/diag.h"
#include "app/fingerprint.h"
#include "app/windows_told.h"
#include "app/yaml_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

void
config_copy_free(config_copy *f)
{
    for (size_t i = 0; i < f->count; i++)
        (void)close(f->fd[i]); /* its bytes are nobody's any more */
    free(f->fd);
    strings_free(&f->words);
    *f = (config_copy){0};
}

void
config_copy_drop(config_copy *f)
{
    const config_copy was = {
        .windows = f->windows, .identity = f->identity, .map_trouble = f->map_trouble};
    config_copy_free(f);
    *f = was;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for rules and windows");
}

/* Room for one more, which comes last. */
static int
add_copy(config_copy *f, const char *option, ndr_error *err)
{
    char word[96];
    if (f->count == f->cap) {
        const size_t cap = f->cap > 0 ? f->cap * 2 : 8;
        int *more = realloc(f->fd, cap * sizeof *more);
        if (more == NULL)
            return no_memory(err);
        f->fd = more;
        f->cap = cap;
    }
    const int fd = memfd_create("ndrscan", 0); /* children are to have it */
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "keep a copy");
    f->fd[f->count++] = fd;
    (void)snprintf(word, sizeof word, "--%s=" IN_FORCE_NAME "%d", option, fd);
    return strings_add(&f->words, word) ? 0 : no_memory(err);
}

/* A file, and the option that names its copy. */
typedef struct copying {
    config_copy *to;
    const char *option;
} copying;

/* Takes `from` over. */
static int
copy_file(void *ctx, const char *shown, int from, ndr_error *err)
{
    const copying *c = ctx;
    unsigned char bytes[1 << 14];
    ssize_t n = -1;
    int code = add_copy(c->to, c->option, err);
    while (code == 0 && (n = read(from, bytes, sizeof bytes)) != 0)
        if (n > 0)
            code =
                put_all(c->to->fd[c->to->count - 1], (ndr_slice){bytes, (size_t)n}, err);
        else if (errno != EINTR)
            code = ndr_fail(err, NDR_E_SYS, "read '%s'", shown);
    (void)close(from); /* was only read */
    return code;
}

/* A file; or those of a folder, in the order in which they count. */
static int
copy_path(config_copy *f, const char *option, const char *path, ndr_error *err)
{
    copying c = {f, option};
    return yaml_files_each(path, copy_file, &c, err);
}

static int
copy_all(config_copy *f, const setup *s, ndr_error *err)
{
    int code = 0;
    for (size_t i = 0; i < s->rules_count && code == 0; i++)
        code = copy_path(f, "rules", s->rules[i], err);
    for (size_t i = 0; i < s->windows_count && code == 0; i++)
        code = copy_path(f, "windows", s->windows[i], err);
    for (size_t i = 0; i < s->places.count && s->windows_count == 0 && code == 0; i++) {
        code = windows_place(s->places.dir[i], err);
        code = code == WINDOWS_THERE ? copy_path(f, "windows", s->places.dir[i], err)
               : code < 0            ? code
                                     : 0;
    }
    if (code == 0 && s->identities != NULL) {
        f->identity = true;
        code = copy_path(f, "identity",
                         s->identity != NULL ? s->identity : s->identity_file, err);
    } else if (code == 0) {
        code =
            add_copy(f, "identity", err); /* empty: one that comes is looked at first */
    }
    if (code == 0 && s->paths.map != NULL) {
        const bool good = s->paths.trouble.text[0] == '\0';
        code = copy_path(f, "recipient-map", good ? s->paths.map : s->paths.last, err);
        f->has_map = code == 0;
    }
    for (size_t i = 0; i < f->words.count; i++)
        f->windows = f->windows || strncmp(f->words.at[i], "--windows", 9) == 0;
    if (code == 0 && !f->windows && !strings_add(&f->words, "--no-windows"))
        code = no_memory(err);
    return code;
}

bool
config_copy_map_is_back(config_copy *f, const setup *asked)
{
    ndr_mailbox_table *table = NULL;
    ndr_error err = {0};
    const bool good = ndr_mailboxes_load(asked->paths.map, &table, &err) == 0;
    ndr_mailbox_table_free(table);
    if (!good && strcmp(err.text, f->map_trouble.text) != 0) {
        diag("--recipient-map: %s", err.text);
        f->map_trouble = err;
    }
    return good;
}

int
config_copy_take(config_copy *f, const setup *asked)
{
    config_copy fresh = {.any = true};
    ndr_error err = {0};
    setup now = setup_afresh(asked);
    char written[4096] = "", last[48];
    (void)windows_place_written(written, sizeof written, NULL);
    int64_t newest = INT64_MIN;
    now.no_windows = false;
    now.empty = SETUP_EMPTY_REFUSE;
    now.paths.trouble = f->map_trouble; /* if it is not even looked at */
    if (f->has_map) {
        (void)snprintf(last, sizeof last, IN_FORCE_NAME "%d", f->fd[f->count - 1]);
        now.paths.last = last;
    }
    const uint64_t before = fingerprint_files(asked, &newest);
    int status = setup_load(&now);
    fresh.map_trouble = f->map_trouble = now.paths.trouble;
    if (status == 0 && now.window_table == NULL && f->windows) {
        diag("the windows in '%s' are gone; if no window is meant, make that folder and "
             "an "
             "empty " NDR_WINDOWS_OWN_FILE " in it",
             written);
        status = 2;
    }
    if (status == 0 && now.identities == NULL && f->identity) {
        diag("'%s' is gone; if no identity is meant, make an empty one",
             now.identity_file);
        status = 2;
    }
    if (status == 0 && copy_all(&fresh, &now, &err) != 0) {
        diag("%s", err.text);
        status = 2;
    }
    if (status == 0)
        windows_tell(&now, (int64_t)time(NULL));
    setup_unload(&now);
    if (status == 0 && fingerprint_files(asked, &newest) != before)
        status = 1; /* the copies may not be what was found in order */
    if (status != 0) {
        config_copy_free(&fresh);
        return status;
    }
    config_copy_free(f);
    *f = fresh;
    return 0;
}
