/* SPDX-License-Identifier: BSD-3-Clause */
/* pins.c - see pins.h. */
#include "pins.h"

#include "app/places.h"
#include "app/yaml_files.h"
#include "ndr_file.h"
#include "ndr_hash.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for rules and windows");
}

bool
pins_add(pins *p, const char *name)
{
    if (p->count == p->cap) {
        const size_t cap = p->cap > 0 ? p->cap * 2 : 64;
        pin *row = realloc(p->row, cap * sizeof *row);
        if (row == NULL)
            return false;
        p->row = row;
        p->cap = cap;
    }
    char *own = strdup(name);
    if (own == NULL)
        return false;
    p->row[p->count++] = (pin){.name = own};
    return true;
}

void
pins_free(pins *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->row[i].name);
        ndr_buffer_free(&p->row[i].bytes);
    }
    free(p->row);
    *p = (pins){0};
}

/* All bytes of `fd`, which is closed. */
static int
read_file(void *ctx, const char *name, int fd, ndr_error *err)
{
    pins *p = ctx;
    int code = pins_add(p, name) ? 0 : no_memory(err);
    ndr_buffer *b = code == 0 ? &p->row[p->count - 1].bytes : NULL;
    const int rc = code == 0 ? ndr_read_all(fd, SIZE_MAX, b) : 0;
    if (rc != 0)
        code = rc == NDR_E_NOMEM ? no_memory(err) : ndr_fail(err, rc, "read '%s'", name);
    (void)close(fd); /* was only read */
    return code;
}

/* A file; or those of a folder, in the order in which they count. */
static int
add_path(pins *p, const char *path, ndr_error *err)
{
    return yaml_files_each(path, read_file, p, err);
}

int
pins_of_rules(const setup *s, pins *ret, ndr_error *err)
{
    *ret = (pins){0};
    int code = s->no_shipped ? 0 : add_path(ret, s->shipped, err);
    for (size_t i = 0; code == 0 && i < s->rules_count; i++)
        code = add_path(ret, s->rules[i], err);
    return code;
}

int
pins_of_windows(const setup *s, pins *ret, ndr_error *err)
{
    *ret = (pins){.none = s->window_table == NULL};
    int code = 0;
    for (size_t i = 0; code == 0 && i < s->windows_count; i++)
        code = add_path(ret, s->windows[i], err);
    for (size_t i = 0; s->windows_count == 0 && code == 0 && i < s->places.count; i++) {
        code = windows_place(s->places.dir[i], err);
        code = code == WINDOWS_THERE ? add_path(ret, s->places.dir[i], err)
               : code < 0            ? code
                                     : 0;
    }
    return code;
}

int
pins_of_file(const char *path, ndr_buffer *ret, ndr_error *err)
{
    pins p = {0};
    const int code = add_path(&p, path, err);
    if (code == 0 && p.count == 1) {
        *ret = p.row[0].bytes;
        p.row[0].bytes = (ndr_buffer){0};
    }
    pins_free(&p);
    return code;
}

int
pins_of_map(const setup *s, pins *ret, ndr_error *err)
{
    *ret = (pins){0};
    return s->paths.map != NULL ? add_path(ret, s->paths.map, err) : 0;
}

static uint64_t
hash_file(const pin *f, bool named, uint64_t h)
{
    const uint64_t n = f->bytes.len; /* where one ends and the next begins counts, too */
    h = ndr_hash((ndr_slice){(const unsigned char *)&n, sizeof n}, h);
    if (named)
        h = ndr_hash(ndr_slice_of(f->name), h);
    return ndr_hash((ndr_slice){f->bytes.ptr, f->bytes.len}, h);
}

uint64_t
pins_hash(const pins *p, bool named)
{
    uint64_t h = p->none ? 1 : 0;
    for (size_t i = 0; i < p->count; i++)
        h = hash_file(&p->row[i], named, h);
    return h;
}

int
pins_identity(const setup *s, uint64_t *ret, ndr_error *err)
{
    pins p = {0};
    *ret = 0;
    if (s->identities == NULL)
        return 0;
    const int code =
        add_path(&p, s->identity != NULL ? s->identity : s->identity_file, err);
    *ret = pins_hash(&p, false);
    pins_free(&p);
    return code;
}

static int
hash_segment(void *ctx, const struct dirent *e)
{
    uint64_t *h = ctx;
    *h += ndr_hash(ndr_slice_of(e->d_name), 0); /* they come in any order */
    return 0;
}

int
pins_sent(const setup *s, uint64_t *ret, ndr_error *err)
{
    char place[4096];
    const char *dir = s->sent;
    *ret = 0;
    if (s->sent_set == NULL)
        return 0;
    if (dir == NULL) { /* one was found there */
        const int code = place_state_there("sent", place, sizeof place, err);
        if (code != 0)
            return code;
        dir = place;
    }
    return ndr_folder_each(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), hash_segment,
                           ret) == 0
               ? 0
               : ndr_fail(err, NDR_E_SYS, "list '%s'", dir);
}
