/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_config.c - `ndrscan config`: which defaults are there, and are they in order? */
#include "app/commands.h"
#include "app/config.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/shipped.h"
#include "app/tables.h"
#include "app/text.h"
#include "app/windows_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- config -------------------------------------------------------------------------
 */

static void
put_file(ndr_buffer *out, const config_file *f)
{
    size_t count = 0;
    const ndr_setting *row =
        f->settings != NULL ? ndr_settings_rows(f->settings, &count) : NULL;
    if (f->path[0] == '\0')
        return;
    ndr_buffer_text(out, "# ");
    text_safe(out, ndr_slice_of(f->path));
    ndr_buffer_text(out, f->settings == NULL ? ": is not there\n" : "\n");
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(row[i].verb, row[i - 1].verb) != 0)
            ndr_buffer_printf(out, "%s:\n", row[i].verb);
        const bool listed = (i > 0 && row[i].line == row[i - 1].line) ||
                            (i + 1 < count && row[i].line == row[i + 1].line);
        if (i == 0 || row[i].line != row[i - 1].line)
            ndr_buffer_printf(out, "  %s:%s", row[i].option, listed ? "\n" : " ");
        ndr_buffer_text(out, listed ? "    - '" : "'");
        for (const char *c = row[i].value; *c != '\0'; c++)
            ndr_buffer_text(out, *c == '\'' ? "''" : (char[]){*c, '\0'});
        ndr_buffer_text(out, "'\n");
    }
}

/* 0, or the exit status, told; `count` operands are left. */
static int
take_args(opts *o, char ***ret, size_t *count)
{
    const char *arg;
    const int id = opts_next(o, &arg);
    *ret = opts_operands(o, count);
    return id < 0 && o->status == 0 ? -1 : id < 0 ? o->status : 0;
}

int
cmd_config(opts *o)
{
    config_file file[CONFIG_FILES];
    ndr_buffer out = {0};
    ndr_error err = {0};
    char **word;
    size_t count = 0;
    int status = take_args(o, &word, &count);
    if (status != 0)
        return status < 0 ? 0 : status;
    if (count > 0)
        return opts_mistake(o, "no verb 'config %s'; it is check", word[0]);
    if (config_read(file, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    for (size_t i = 0; i < CONFIG_FILES; i++) {
        put_file(&out, &file[i]);
        ndr_settings_free(file[i].settings);
    }
    if (out.failed) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
    } else if (put_all(1, (ndr_slice){out.ptr, out.len}, &err) != 0) {
        status = output_failed(&err);
    }
    ndr_buffer_free(&out);
    return status;
}

/* ---- config check -------------------------------------------------------------------
 */

/* May others write to it, though they are to have no say in it? Told: 1. */
static int
check_place(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        diag("look at '%s': %s", path, strerror(errno));
        return 1;
    }
    if (st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return 0;
    diag("'%s' is not root's alone to write to; chown root and chmod go-w it", path);
    return 1;
}

/* The places of which whoever writes there decides for all users. How many are bad. */
static int
check_places(void)
{
    static const char *const settings[] = {"", "ndrscan.yaml", "identity.yaml",
                                           "windows.d"};
    char path[4096];
    shipped_databases databases;
    ndr_error err = {0};
    int bad = 0;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (place_system_setting(settings[i], path, sizeof path, NULL) == 0)
            bad += check_place(path);
    if (shipped_rules(path, sizeof path, &err) == 0)
        bad += check_place(path);
    shipped_find_databases(&databases);
    for (size_t i = 0; i < databases.count; i++) {
        bad += check_place(databases.path[i]);
        *strrchr(databases.path[i], '/') = '\0';
        bad += check_place(databases.path[i]);
    }
    return bad;
}

int
cmd_config_check(opts *o)
{
    config_file file[CONFIG_FILES];
    ndr_error err = {0};
    char **word;
    size_t count = 0, settings = 0;
    const int status = take_args(o, &word, &count);
    if (status != 0)
        return status < 0 ? 0 : status;
    if (count > 1)
        return opts_mistake(o, "one FILE at a time");
    memset(file, 0, sizeof file);
    int rc;
    if (count == 1) {
        (void)snprintf(file[0].path, sizeof file[0].path, "%s", word[0]);
        rc = config_read_one(&file[0], &err);
    } else {
        rc = config_read(file, &err);
    }
    if (rc != 0)
        diag("%s", err.text);
    for (size_t i = 0; i < CONFIG_FILES && rc == 0; i++) {
        if (file[i].settings != NULL)
            (void)ndr_settings_rows(file[i].settings, &count);
        settings += file[i].settings != NULL ? count : 0;
        ndr_settings_free(file[i].settings);
    }
    const int bad = word[0] == NULL ? check_places() : 0;
    if (rc != 0 || bad > 0)
        return EXIT_NOT_RUN;
    (void)printf("%zu value%s, all in order\n", settings, settings == 1 ? "" : "s");
    return 0;
}
