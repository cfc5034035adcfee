/* SPDX-License-Identifier: BSD-3-Clause */
/* maildirs.c - which Maildirs are there, and which of their folders hold mail to judge?
 */
#define _DEFAULT_SOURCE /* realpath, DT_DIR */
#include "maildirs.h"

#include "junk_place.h"
#include "ndr_file.h"
#include "ndrscan_move.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
strings_free(strings *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->at[i]);
    free(s->at);
    *s = (strings){0};
}

bool
strings_add(strings *s, const char *text)
{
    if (s->count == s->cap) {
        const size_t cap = s->cap > 0 ? s->cap * 2 : 8;
        char **more = realloc(s->at, cap * sizeof *more);
        if (more == NULL)
            return false;
        s->at = more;
        s->cap = cap;
    }
    s->at[s->count] = strdup(text);
    if (s->at[s->count] == NULL)
        return false;
    s->count++;
    return true;
}

void
maildirs_free(maildirs *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->row[i].shown);
        free(list->row[i].full);
    }
    free(list->row);
    *list = (maildirs){0};
}

void
maildirs_drop(maildirs *list, bool (*drop)(const void *ctx, const maildir *m),
              const void *ctx)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!drop(ctx, &list->row[i])) {
            list->row[kept++] = list->row[i];
            continue;
        }
        free(list->row[i].shown);
        free(list->row[i].full);
    }
    list->count = kept;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for the list of Maildirs");
}

static char *
join(const char *a, const char *b)
{
    const size_t n = strlen(a);
    const char *slash = n > 0 && a[n - 1] != '/' ? "/" : "";
    const size_t size = n + strlen(b) + 2;
    char *ret = malloc(size);
    if (ret != NULL)
        (void)snprintf(ret, size, "%s%s%s", a, slash, b);
    return ret;
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct listed {
    int fd; /* of the folder */
    strings *names;
    ndr_error *err;
} listed;

static int
list_entry(void *ctx, const struct dirent *e)
{
    const listed *l = ctx;
    struct stat st;
    const bool folder =
        e->d_type == DT_DIR ||
        (e->d_type == DT_UNKNOWN &&
         fstatat(l->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode));
    return !folder || strings_add(l->names, e->d_name) ? 0 : no_memory(l->err);
}

/* The folders in `fd`, sorted; links are none. */
static int
list_folders(int fd, strings *ret, ndr_error *err)
{
    const int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = ndr_folder_each(again, list_entry, &(listed){fd, ret, err});
    if (code > 0)
        code = ndr_fail(err, NDR_E_SYS, "list");
    if (ret->count > 1)
        qsort(ret->at, ret->count, sizeof *ret->at, by_bytes);
    return code;
}

static bool
holds(const strings *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->at[i], name) == 0)
            return true;
    return false;
}

static bool
is_half(const char *name)
{
    return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
}

static int
add_row(maildirs *list, int fd, const char *shown, const char *full, ndr_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "look at it");
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->row[i].full, full) == 0)
            return 0; /* named twice */
    if (list->count == list->cap) {
        const size_t cap = list->cap > 0 ? list->cap * 2 : 8;
        maildir *more = realloc(list->row, cap * sizeof *more);
        if (more == NULL)
            return no_memory(err);
        list->row = more;
        list->cap = cap;
    }
    maildir row = {strdup(shown), strdup(full), st.st_uid, st.st_gid};
    if (row.shown == NULL || row.full == NULL) {
        free(row.shown);
        free(row.full);
        return no_memory(err);
    }
    list->row[list->count++] = row;
    return 0;
}

enum { DEPTH = 32 };

/* Takes `fd` over. */
static int
walk(maildirs *list, int fd, const char *shown, const char *full, bool recursive,
     int depth, ndr_error *err)
{
    strings folders = {0};
    int code = list_folders(fd, &folders, err);
    const bool is = holds(&folders, "cur") || holds(&folders, "new");
    if (code == 0 && is)
        code = add_row(list, fd, shown, full, err);
    if (code == 0 && !is && !recursive)
        code = ndr_fail(err, NDR_E_SYNTAX,
                        "is no Maildir: neither cur nor new is there; for a tree of "
                        "Maildirs add --recursive");
    for (size_t i = 0; code == 0 && recursive && depth < DEPTH && i < folders.count;
         i++) {
        const char *name = folders.at[i];
        if (is && (is_half(name) || strcmp(name, "tmp") == 0 || name[0] == '.' ||
                   junk_place_is(name) || strcmp(name, "Trash") == 0))
            continue; /* a folder of this one, in Dovecot's layout=fs too */
        const int below = ndr_open_beneath(fd, name);
        if (below < 0)
            continue; /* gone, or not ours to read: no mail of it is touched */
        char *a = join(shown, name), *b = join(full, name);
        if (a == NULL || b == NULL) {
            (void)close(below); /* was only read */
            code = no_memory(err);
        } else if (list->leads != NULL && !list->leads(list->leads_ctx, a)) {
            (void)close(below);
        } else {
            code = walk(list, below, a, b, true, depth + 1, err);
        }
        free(a);
        free(b);
    }
    strings_free(&folders);
    (void)close(fd); /* was only read */
    return code;
}

int
maildirs_add(maildirs *list, const char *path, bool recursive, ndr_error *err)
{
    char *full = realpath(path, NULL);
    const int fd = full != NULL ? ndr_open_unlinked(full) : -1;
    int code;
    if (fd < 0)
        code = ndr_fail(err, NDR_E_SYS, "not readable");
    else
        code = walk(list, fd, path, full, recursive, 0, err);
    free(full);
    return code;
}

/* Itself, or what is below it in Maildir++. */
static bool
is_below(const char *name, const char *folder)
{
    const size_t n = strlen(folder);
    return strncmp(name, folder, n) == 0 &&
           (name[n] == '\0' || (folder[0] == '.' && name[n] == '.'));
}

/* Trash and Junk, and what is below them. */
static bool
is_out_of_scope(const char *name, const strings *junk)
{
    for (size_t i = 0; i < junk->count; i++)
        if (is_below(name, junk->at[i]))
            return true;
    return junk_place_is(name) ||
           is_below(name, junk->at[0][0] == '.' ? ".Trash" : "Trash");
}

/* Takes `fd` over. */
static int
add_halves(int fd, const char *rel, const strings *junk, int depth, strings *ret,
           ndr_error *err)
{
    strings folders = {0};
    int code = list_folders(fd, &folders, err);
    for (size_t i = 0; code == 0 && i < folders.count; i++) {
        char *below = join(rel, folders.at[i]);
        const char *name = folders.at[i];
        if (below == NULL) {
            code = no_memory(err);
        } else if (is_half(name)) {
            code = strings_add(ret, below) ? 0 : no_memory(err);
        } else if (strcmp(name, "tmp") != 0 && depth < DEPTH &&
                   (junk->at[0][0] == '.' ? name[0] == '.' && depth == 0
                                          : name[0] != '.') &&
                   !(depth == 0 && is_out_of_scope(name, junk))) {
            const int inner = ndr_open_beneath(fd, name);
            if (inner >= 0)
                code = add_halves(inner, below, junk, depth + 1, ret, err);
        }
        free(below);
    }
    strings_free(&folders);
    (void)close(fd); /* was only read */
    return code;
}

int
maildir_halves(const maildir *m, const strings *junk, strings *ret, ndr_error *err)
{
    const int fd = ndr_open_unlinked(m->full);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "not readable");
    return add_halves(fd, "", junk, 0, ret, err);
}
