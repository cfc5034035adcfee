/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * walk.c - which folder comes next, and which files are in it?
 *
 * Names are sorted, a folder at a time, so that the same mail gives the same
 * output on every file system. Links are never followed below what the operator
 * named: a tree has no loops then, and no way out.
 */
#define _DEFAULT_SOURCE /* d_type: POSIX has only d_name */
#include "ndr_file.h"
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
push(ndr_walk *w, char *path, enum ndr_folder_sort sort)
{
    if (path != NULL && w->pending_count == w->pending_cap) {
        const size_t cap = w->pending_cap > 0 ? w->pending_cap * 2 : 16;
        struct pending *pending = realloc(w->pending, cap * sizeof *pending);
        if (pending == NULL) {
            free(path);
            return NDR_E_NOMEM;
        }
        w->pending = pending;
        w->pending_cap = cap;
    }
    if (path == NULL)
        return NDR_E_NOMEM;
    w->pending[w->pending_count++] = (struct pending){path, sort};
    return 0;
}

/* What of a folder is needed until all that was read ahead of it is done with. */
typedef struct lent {
    ndr_buffer names;
    ndr_found_name *name;
    ndr_place *folder;
} lent;

static void
give_back(void *of)
{
    lent *l = of;
    ndr_buffer_free(&l->names);
    free(l->name);
    ndr_place_unref(l->folder);
    free(l);
}

/* Read ahead what the folder at hand holds, if that can gain anything. */
static void
read_ahead(ndr_walk *w)
{
    if (w->crew == NULL || w->name_count == 0)
        return;
    lent *l = calloc(1, sizeof *l);
    if (l == NULL)
        return;
    w->ahead = ndr_ahead_begin(w->crew, w->folder->fd, w->name, w->name_count, false,
                               give_back, l);
    w->lent = w->ahead != NULL ? l : NULL;
    if (w->ahead == NULL)
        free(l);
}

/* Leave the names and the folder to those who still read of it. */
static void
leave_ahead(ndr_walk *w)
{
    *(lent *)w->lent = (lent){w->names, w->name, ndr_place_ref(w->folder)};
    w->names = (ndr_buffer){0};
    w->name = NULL;
    w->name_cap = 0;
    ndr_ahead_unref(w->ahead);
    w->ahead = NULL;
    w->lent = NULL;
}

static void
drop_folder(ndr_walk *w)
{
    if (w->ahead != NULL)
        leave_ahead(w);
    ndr_place_unref(w->folder);
    w->folder = NULL;
    w->name_count = w->at = 0;
    if (w->names.cap > 1 << 20)
        ndr_buffer_free(&w->names);
    ndr_buffer_clear(&w->names);
}

int
ndr_walk_begin(ndr_walk *w, const char *path, ndr_error *err)
{
    ndr_walk_clear(w);
    if (push(w, strdup(path), NDR_SORT_ROOT) != 0)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to list a folder");
    return 0;
}

int
ndr_walk_begin_leaves(ndr_walk *w, const char *path, ndr_error *err)
{
    ndr_walk_clear(w);
    if (push(w, ndr_path_join(path, "new"), NDR_SORT_LEAF) != 0 ||
        push(w, ndr_path_join(path, "cur"), NDR_SORT_LEAF) != 0)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to list a folder");
    return 0;
}

void
ndr_walk_clear(ndr_walk *w)
{
    drop_folder(w);
    while (w->pending_count > 0)
        free(w->pending[--w->pending_count].path);
}

void
ndr_walk_free(ndr_walk *w)
{
    ndr_walk_clear(w);
    ndr_buffer_free(&w->names);
    free(w->name);
    free(w->pending);
    free(w->failed_path);
}

static int
by_bytes(const void *a, const void *b)
{
    const ndr_found_name *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Names lie behind each other, each behind the number of its inode, a NUL behind each. */
static void
put_name(ndr_buffer *b, const struct dirent *e)
{
    const uint64_t inode = e->d_ino;
    ndr_buffer_add(b, (ndr_slice){(const unsigned char *)&inode, sizeof inode});
    ndr_buffer_add(b,
                   (ndr_slice){(const unsigned char *)e->d_name, strlen(e->d_name) + 1});
}

/* The name at *at, which becomes where the next one is; false: there is none. */
static bool
next_name(const ndr_buffer *b, size_t *at, ndr_found_name *ret)
{
    if (*at >= b->len)
        return false;
    memcpy(&ret->inode, b->ptr + *at, sizeof ret->inode);
    ret->name = (const char *)b->ptr + *at + sizeof ret->inode;
    *at += sizeof ret->inode + strlen(ret->name) + 1;
    return true;
}

/* Leave out what is hidden, as in a leaf: a file that is being copied there, or was
 * deleted on NFS while it is open, is no mail yet, or no more. */
static void
drop_hidden(ndr_buffer *names)
{
    size_t kept = 0;
    ndr_found_name one;
    for (size_t at = 0, was = 0; next_name(names, &at, &one); was = at) {
        if (one.name[0] == '.')
            continue;
        memmove(names->ptr + kept, names->ptr + was, at - was);
        kept += at - was;
    }
    names->len = kept;
}

/* Point at the names in w->names and sort them. */
static int
sort_names(ndr_walk *w)
{
    size_t count = 0, at = 0;
    ndr_found_name one;
    while (next_name(&w->names, &at, &one))
        count++;
    if (count > w->name_cap) {
        ndr_found_name *name = realloc(w->name, count * sizeof *name);
        if (name == NULL)
            return NDR_E_NOMEM;
        w->name = name;
        w->name_cap = count;
    }
    w->name_count = at = 0;
    while (next_name(&w->names, &at, &one))
        w->name[w->name_count++] = one;
    if (w->name_count > 1)
        qsort(w->name, w->name_count, sizeof *w->name, by_bytes);
    return 0;
}

static bool
is_leaf_name(const char *name)
{
    return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
}

/* What an entry is, links not followed: 'f', 'd', or 0 for all else. */
static char
sort_of(int dir, const struct dirent *e)
{
    if (e->d_type == DT_REG)
        return 'f';
    if (e->d_type == DT_DIR)
        return 'd';
    struct stat st;
    if (e->d_type != DT_UNKNOWN || fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    return S_ISREG(st.st_mode) ? 'f' : S_ISDIR(st.st_mode) ? 'd' : 0;
}

typedef struct lists {
    int fd; /* of the folder */
    bool leaf;
    ndr_buffer *files, *folders;
} lists;

static int
list_entry(void *ctx, const struct dirent *e)
{
    const lists *l = ctx;
    if (l->leaf && e->d_name[0] == '.')
        return 0;
    const char sort = sort_of(l->fd, e);
    if (sort == 'f' && !ndr_maildir_control(e->d_name))
        put_name(l->files, e);
    else if (sort == 'd' && !l->leaf)
        put_name(l->folders, e);
    return 0;
}

/* List one folder: files into w->names, folders into `folders`, both unsorted. */
static int
list_folder(ndr_walk *w, int fd, bool leaf, ndr_buffer *folders, ndr_error *err)
{
    lists l = {fd, leaf, &w->names, folders};
    if (ndr_folder_each(fcntl(fd, F_DUPFD_CLOEXEC, 0), list_entry, &l) != 0)
        return ndr_fail(err, NDR_E_SYS, "list");
    if (w->names.failed || folders->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to list a folder");
    return 0;
}

/* Push the folders that are to be walked, the last first; w->name is used for it. */
static int
push_folders(ndr_walk *w, const char *path, ndr_buffer *folders, bool maildir)
{
    const ndr_buffer files = w->names;
    w->names = *folders;
    int code = sort_names(w);
    for (size_t i = w->name_count; code == 0 && i > 0; i--) {
        const char *name = w->name[i - 1].name;
        const bool own = maildir && (is_leaf_name(name) || strcmp(name, "tmp") == 0);
        if (!own && (w->recursive || name[0] == '.'))
            code = push(w, ndr_path_join(path, name), NDR_SORT_FOUND);
    }
    for (size_t i = w->name_count; code == 0 && maildir && i > 0; i--)
        if (is_leaf_name(w->name[i - 1].name)) /* "new" first, so that "cur" comes next */
            code = push(w, ndr_path_join(path, w->name[i - 1].name), NDR_SORT_LEAF);
    *folders = w->names;
    w->names = files;
    w->name_count = 0;
    return code;
}

static bool
holds_leaf(const ndr_buffer *folders)
{
    ndr_found_name one;
    for (size_t at = 0; next_name(folders, &at, &one);)
        if (is_leaf_name(one.name))
            return true;
    return false;
}

/* Whether the operator named a Maildir's cur or new itself. */
static bool
names_leaf(const char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    return n >= 3 && (n == 3 || path[n - 4] == '/') &&
           (memcmp(path + n - 3, "cur", 3) == 0 || memcmp(path + n - 3, "new", 3) == 0);
}

/* What a folder that the operator named, and that is no Maildir, lacks: 0 or a code. */
static int
check_named(const ndr_walk *w, bool holds_folders, ndr_error *err)
{
    if (w->format == NDR_FORMAT_MAILDIR)
        return ndr_fail(err, NDR_E_SYNTAX, "is no Maildir: neither cur nor new is there");
    if (w->name_count == 0 && holds_folders)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "holds folders but no mail files: read it recursively");
    return 0;
}

/* List the folder that w->folder is, open as `fd`. 0 or an ndr_code. */
static int
take_folder(ndr_walk *w, const struct pending *p, int fd, ndr_error *err)
{
    const bool named = p->sort == NDR_SORT_ROOT;
    ndr_buffer folders = {0};
    bool leaf = p->sort == NDR_SORT_LEAF;
    int code = list_folder(w, fd, leaf, &folders, err);
    if (code != 0)
        goto out;
    const bool maildir = !leaf && holds_leaf(&folders);
    if (!leaf && !maildir && named && names_leaf(p->path)) {
        leaf = true;
        drop_hidden(&w->names);
    }
    if (maildir || (w->recursive && !leaf))
        code = push_folders(w, p->path, &folders, maildir);
    if (code == 0 && !maildir && (leaf || w->recursive || named))
        code = sort_names(w);
    if (code != 0) {
        (void)ndr_fail(err, code, "no memory to list a folder");
        goto out;
    }
    w->finding = leaf ? NDR_FOUND_MAILDIR : NDR_FOUND_FOLDER;
    if (named && !maildir && !leaf && !w->recursive)
        code = check_named(w, folders.len > 0, err);
out:
    ndr_buffer_free(&folders);
    return code;
}

/* Take up one folder: 1 when it has files, 0, or an ndr_code. */
static int
enter(ndr_walk *w, const struct pending *p, ndr_error *err)
{
    const int fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
                                     (p->sort == NDR_SORT_ROOT ? 0 : O_NOFOLLOW));
    if (fd < 0) {
        if (errno == ENOENT && p->sort != NDR_SORT_ROOT)
            return 0; /* gone since it was listed */
        return ndr_fail(err, NDR_E_SYS, "not readable");
    }
    w->folder = ndr_place_new(fd, p->path);
    if (w->folder == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to list a folder");
    const int code = take_folder(w, p, fd, err);
    if (code == 0)
        read_ahead(w);
    return code != 0 ? code : w->name_count > 0;
}

int
ndr_walk_step(ndr_walk *w, const char **ret_path, ndr_error *err)
{
    while (w->pending_count > 0) {
        drop_folder(w);
        const struct pending p = w->pending[--w->pending_count];
        const int code = enter(w, &p, err);
        if (code == 0) {
            free(p.path);
            continue;
        }
        if (code < 0) {
            w->name_count = w->at = 0;
            free(w->failed_path);
            w->failed_path = p.path;
            *ret_path = p.path;
            return code;
        }
        free(p.path);
        return 1;
    }
    drop_folder(w);
    return 0;
}
