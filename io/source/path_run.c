/* SPDX-License-Identifier: BSD-3-Clause */
/* path_run.c - see path_run.h. */
#include "path_run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { PATHS_MAX = 8192, TEXT_MAX = 1 << 20 };

struct ndr_paths {
    ndr_buffer text; /* a NUL behind each path */
    ndr_found_name name[PATHS_MAX];
};

static void
free_paths(void *of)
{
    struct ndr_paths *p = of;
    ndr_buffer_free(&p->text);
    free(p);
}

void
ndr_path_run_leave(ndr_path_run *r)
{
    if (r->ahead != NULL)
        ndr_ahead_unref(r->ahead); /* its last reference frees them */
    else if (r->paths != NULL)
        free_paths(r->paths);
    *r = (ndr_path_run){0};
}

int
ndr_path_run_begin(ndr_path_run *r, ndr_error *err)
{
    ndr_path_run_leave(r);
    r->paths = malloc(sizeof *r->paths);
    if (r->paths == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for paths");
    r->paths->text = (ndr_buffer){0};
    return 0;
}

bool
ndr_path_run_has_room(const ndr_path_run *r)
{
    return r->count < PATHS_MAX && r->paths->text.len < TEXT_MAX;
}

int
ndr_path_run_add(ndr_path_run *r, const char *path, ndr_error *err)
{
    ndr_buffer *text = &r->paths->text;
    ndr_buffer_add(text, (ndr_slice){(const unsigned char *)path, strlen(path) + 1});
    if (text->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for paths");
    r->count++;
    return 0;
}

void
ndr_path_run_start(ndr_path_run *r, ndr_ahead *crew, bool named)
{
    struct ndr_paths *p = r->paths;
    size_t at = 0;
    for (size_t i = 0; i < r->count; i++) {
        /* nobody knows their inodes yet: they are read in the order of the list */
        p->name[i] = (ndr_found_name){(const char *)p->text.ptr + at, i};
        at += strlen(p->name[i].name) + 1;
    }
    if (crew != NULL)
        r->ahead =
            ndr_ahead_begin(crew, AT_FDCWD, p->name, r->count, named, free_paths, p);
}

const char *
ndr_path_run_path(const ndr_path_run *r, size_t at)
{
    return r->paths->name[at].name;
}
