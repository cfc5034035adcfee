/* SPDX-License-Identifier: BSD-3-Clause */
/* work.c - who holds what a batch is about, and for how long? */
#include "work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ndr_place *
ndr_place_new(int fd, const char *path)
{
    const size_t n = strlen(path) + 1;
    ndr_place *p = malloc(sizeof *p + n);
    if (p == NULL) {
        if (fd >= 0)
            (void)close(fd); /* was only read */
        return NULL;
    }
    atomic_init(&p->refs, 1);
    atomic_init(&p->told_shorter, false);
    p->fd = fd;
    memcpy(p->path, path, n);
    return p;
}

ndr_place *
ndr_place_ref(ndr_place *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void
ndr_place_unref(ndr_place *p)
{
    if (p == NULL || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (p->fd >= 0)
        (void)close(p->fd); /* was only read */
    free(p);
}

void
ndr_work_drop(ndr_work *w, size_t keep_bytes)
{
    if (w->room != NULL)
        ndr_large_slot_give_filled(w->room, &w->bytes);
    w->room = NULL;
    if (w->bytes.cap > 2 * keep_bytes)
        ndr_buffer_free(&w->bytes);
}

static void
clear_buffer(ndr_buffer *b, size_t keep_bytes)
{
    if (b->cap / 4 > keep_bytes)
        ndr_buffer_free(b);
    else
        ndr_buffer_clear(b);
}

void
ndr_work_clear(ndr_work *w, size_t keep_bytes)
{
    ndr_ahead_unref(w->ahead);
    w->ahead = NULL;
    ndr_place_unref(w->place);
    w->place = NULL;
    ndr_zstd_link_unref(w->link_before);
    ndr_zstd_link_leave(w->link_own);
    ndr_zstd_link_unref(w->link_own);
    w->link_before = w->link_own = NULL;
    w->kind = NDR_WORK_NONE;
    w->cold = false;
    w->count = 0;
    w->planned = w->first = w->broken = w->lied = false;
    w->stamp = w->sum = w->content = w->origin = 0;
    clear_buffer(&w->text, keep_bytes);
    ndr_work_drop(w, keep_bytes);
    clear_buffer(&w->bytes, keep_bytes);
}

void
ndr_work_free(ndr_work *w)
{
    ndr_work_drop(w, 0);
    ndr_ahead_unref(w->ahead);
    ndr_place_unref(w->place);
    ndr_zstd_link_unref(w->link_before);
    ndr_zstd_link_leave(w->link_own);
    ndr_zstd_link_unref(w->link_own);
    ndr_buffer_free(&w->text);
    ndr_buffer_free(&w->bytes);
    free(w->piece);
    *w = (ndr_work){0};
}

ndr_piece *
ndr_work_piece(ndr_work *w)
{
    if (w->count == w->piece_cap) {
        const size_t cap = w->piece_cap > 0 ? w->piece_cap * 2 : 16;
        ndr_piece *piece = realloc(w->piece, cap * sizeof *piece);
        if (piece == NULL)
            return NULL;
        w->piece = piece;
        w->piece_cap = cap;
    }
    w->piece[w->count] = (ndr_piece){.member = SIZE_MAX};
    return &w->piece[w->count++];
}

char *
ndr_path_join(const char *folder, const char *name)
{
    const size_t n = strlen(folder), m = strlen(name);
    const bool slash = n == 0 || folder[n - 1] != '/';
    char *path = malloc(n + m + 2);
    if (path == NULL)
        return NULL;
    memcpy(path, folder, n);
    if (slash)
        path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

const char *
ndr_mode_trouble(unsigned mode)
{
    if (S_ISREG(mode))
        return NULL;
    if (S_ISDIR(mode))
        return "is a folder, not a mail file";
    if (S_ISFIFO(mode))
        return "is a FIFO, not a mail file";
    if (S_ISSOCK(mode))
        return "is a socket, not a mail file";
    return "is a device, not a mail file";
}
