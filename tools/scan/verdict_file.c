/* SPDX-License-Identifier: BSD-3-Clause */
/* verdict_file.c - which messages did a scan that was kept call junk? */
#define _DEFAULT_SOURCE /* realpath */
#include "verdict_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct kept_row {
    char *path; /* full, without links in its folder */
    char *id, *why;
    uint64_t length;
} kept_row;

struct verdict_file {
    kept_row *row; /* sorted by path */
    size_t count, cap;
};

void
verdict_file_free(verdict_file *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < k->count; i++) {
        free(k->row[i].path);
        free(k->row[i].id);
        free(k->row[i].why);
    }
    free(k->row);
    free(k);
}

/* The full path of a file by that of its folder, which may be gone: NULL then. */
static char *
full_path(const char *source)
{
    const char *slash = strrchr(source, '/');
    char *folder = slash != NULL ? strndup(source, (size_t)(slash - source) + 1) : NULL;
    char *full = folder != NULL ? realpath(folder, NULL) : NULL;
    char *ret = NULL;
    if (full != NULL) {
        const size_t size = strlen(full) + strlen(slash) + 1;
        ret = malloc(size);
        if (ret != NULL)
            (void)snprintf(ret, size, "%s%s", full, slash);
    }
    free(folder);
    free(full);
    return ret;
}

static int
take(verdict_file *k, const json_t *record, ndr_error *err)
{
    const char *source = json_string_value(json_object_get(record, "source"));
    const char *verdict = json_string_value(json_object_get(record, "verdict"));
    const char *why = json_string_value(json_object_get(record, "reason"));
    const json_t *id = json_object_get(record, "message_id");
    const json_t *length = json_object_get(record, "length");
    if (source == NULL || verdict == NULL || why == NULL || !json_is_integer(length) ||
        json_integer_value(length) < 0 || !(json_is_string(id) || json_is_null(id)))
        return ndr_fail(err, NDR_E_SYNTAX, "is no record of 'ndrscan scan'");
    if (strcmp(verdict, "junk") != 0)
        return 0;
    char *path = full_path(source);
    if (path == NULL && errno == ENOMEM)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for records");
    if (path == NULL)
        return 0; /* its folder is gone */
    if (k->count == k->cap) {
        const size_t cap = k->cap > 0 ? k->cap * 2 : 64;
        kept_row *more = realloc(k->row, cap * sizeof *more);
        if (more == NULL) {
            free(path);
            return ndr_fail(err, NDR_E_NOMEM, "no memory for records");
        }
        k->row = more;
        k->cap = cap;
    }
    kept_row *row = &k->row[k->count++];
    *row = (kept_row){path, strdup(json_is_string(id) ? json_string_value(id) : ""),
                      strdup(why), (uint64_t)json_integer_value(length)};
    return row->id != NULL && row->why != NULL
               ? 0
               : ndr_fail(err, NDR_E_NOMEM, "no memory for records");
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const kept_row *)a)->path, ((const kept_row *)b)->path);
}

int
verdict_file_load(const char *path, verdict_file **ret, ndr_error *err)
{
    const int fd = ndr_open_own(AT_FDCWD, path, path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    FILE *in = fdopen(fd, "r");
    if (in == NULL) {
        const int code = ndr_fail(err, NDR_E_SYS, "open '%s'", path);
        (void)close(fd); /* was only opened */
        return code;
    }
    verdict_file *k = calloc(1, sizeof *k);
    int code = k == NULL ? ndr_fail(err, NDR_E_NOMEM, "no memory for records") : 0;
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t n;
    errno = 0;
    while (code == 0 && (n = getline(&line, &room, in)) > 0) {
        number++;
        /* jansson's own words would quote the line, of whatever file this is */
        json_t *record = json_loadb(line, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
        code = record == NULL ? ndr_fail(err, NDR_E_SYNTAX, "is no JSON")
                              : take(k, record, err);
        json_decref(record);
        if (code != 0)
            ndr_error_prefix(err, "%s:%zu", path, number);
    }
    if (code == 0 && ferror(in))
        code = ndr_fail(err, NDR_E_SYS, "read '%s'", path);
    free(line);
    (void)fclose(in); /* was only read */
    if (code != 0) {
        verdict_file_free(k);
        return code;
    }
    if (k->count > 1)
        qsort(k->row, k->count, sizeof *k->row, by_path);
    *ret = k;
    return 0;
}

const char *
verdict_file_next(const verdict_file *k, const char *full, size_t *at)
{
    const size_t n = strlen(full);
    while (*at < k->count) {
        const char *path = k->row[(*at)++].path;
        if (*at > 1 && strcmp(path, k->row[*at - 2].path) == 0)
            continue; /* told twice */
        if (strncmp(path, full, n) == 0 && path[n] == '/')
            return path + n + 1;
    }
    return NULL;
}

enum kept
verdict_file_match(const verdict_file *k, const char *full, const char *rel,
                   ndr_slice message_id, uint64_t length, bool whole_file,
                   const char **ret_why)
{
    const size_t size = strlen(full) + strlen(rel) + 2;
    char *path = malloc(size);
    if (path == NULL)
        return KEPT_OTHER;
    (void)snprintf(path, size, "%s/%s", full, rel);
    const kept_row key = {.path = path};
    const kept_row *row =
        k->count > 0 ? bsearch(&key, k->row, k->count, sizeof *k->row, by_path) : NULL;
    free(path);
    if (row == NULL)
        return KEPT_NONE;
    *ret_why = row->why;
    return whole_file && row->length == length &&
                   ndr_slice_equal(message_id, ndr_slice_of(row->id))
               ? KEPT_SAME
               : KEPT_OTHER;
}
