/* SPDX-License-Identifier: BSD-3-Clause */
/* plan.c - what is a piece, and is it still what it was? */
#define _DEFAULT_SOURCE /* O_NOFOLLOW */
#include "ndr_hash.h"
#include "plan_list.h"
#include "stored_sum.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[NDR_PLAN_WHAT_COUNT] = {
    [NDR_PLAN_FILE] = "file",       [NDR_PLAN_MEMBER] = "member",
    [NDR_PLAN_MAILDIR] = "maildir", [NDR_PLAN_LEAF] = "leaf",
    [NDR_PLAN_RANGE] = "range",     [NDR_PLAN_FRAMES] = "frames",
};

const char *
ndr_plan_what_name(enum ndr_plan_what what)
{
    return words[what];
}

/* ---- making one ----------------------------------------------------------------------
 */

/* Room for one more; false: no memory. */
static bool
make_room(void **rows, size_t count, size_t *cap, size_t bytes)
{
    if (count < *cap)
        return true;
    const size_t more = *cap > 0 ? *cap * 2 : 64;
    void *longer = more > SIZE_MAX / bytes ? NULL : realloc(*rows, more * bytes);
    if (longer == NULL)
        return false;
    *rows = longer;
    *cap = more;
    return true;
}

bool
ndr_plan_add_text(ndr_plan *p, ndr_slice text, size_t *ret)
{
    *ret = p->names.len;
    ndr_buffer_add(&p->names, text);
    ndr_buffer_byte(&p->names, '\0');
    return !p->names.failed;
}

bool
ndr_plan_add_source(ndr_plan *p, const ndr_plan_source *s)
{
    if (!make_room((void **)&p->source, p->source_count, &p->source_cap, sizeof *s))
        return false;
    p->source[p->source_count++] = *s;
    return true;
}

static ndr_slice
name_of(const ndr_plan *p, const ndr_plan_source *s)
{
    return ndr_slice_of(ndr_plan_text(p, s->path + s->name));
}

static uint64_t
id_of(const ndr_plan *p, const ndr_plan_source *s, uint64_t number, uint64_t seed)
{
    const uint64_t before = s->operand;
    uint64_t h =
        ndr_hash((ndr_slice){(const unsigned char *)&before, sizeof before}, seed);
    h = ndr_hash(name_of(p, s), h);
    return ndr_hash((ndr_slice){(const unsigned char *)&number, sizeof number}, h);
}

static uint64_t
bytes_of(const ndr_plan_source *s)
{
    return s->what == NDR_PLAN_RANGE || s->what == NDR_PLAN_FRAMES ? s->until - s->from
                                                                   : s->bytes;
}

bool
ndr_plan_add_piece(ndr_plan *p, uint64_t number, bool partial, uint64_t stamp)
{
    if (!make_room((void **)&p->piece, p->piece_count, &p->piece_cap, sizeof *p->piece))
        return false;
    const ndr_plan_piece *last =
        p->piece_count > 0 ? &p->piece[p->piece_count - 1] : NULL;
    const uint32_t first = last != NULL ? last->first + last->count : 0;
    const ndr_plan_source *s = &p->source[first];
    ndr_plan_piece piece = {.number = number,
                            .partial = partial,
                            .stamp = stamp,
                            .first = first,
                            .count = (uint32_t)(p->source_count - first)};
    for (uint32_t i = 0; i < piece.count; i++)
        piece.bytes += bytes_of(&s[i]);
    for (uint64_t seed = 0; seed < 2; seed++)
        piece.id[seed] = id_of(p, s, number, seed);
    p->piece[p->piece_count++] = piece;
    return true;
}

bool
ndr_plan_add_trouble(ndr_plan *p, ndr_slice path, ndr_slice text)
{
    ndr_plan_trouble t;
    if (!ndr_plan_add_text(p, path, &t.path) || !ndr_plan_add_text(p, text, &t.text) ||
        !make_room((void **)&p->trouble, p->trouble_count, &p->trouble_cap, sizeof t))
        return false;
    p->trouble[p->trouble_count++] = t;
    return true;
}

void
ndr_plan_clear(ndr_plan *p)
{
    ndr_buffer_free(&p->names);
    free(p->source);
    free(p->piece);
    free(p->trouble);
    *p = (ndr_plan){0};
}

/* ---- is it still what it was?
 * ---------------------------------------------------------- */

uint64_t
ndr_plan_stamp_add(uint64_t stamp, const ndr_plan *p, const ndr_plan_source *s)
{
    const uint64_t of[] = {s->bytes, (uint64_t)s->mtime_ns, s->listing, s->from, s->until,
                           s->what};
    stamp = ndr_hash(name_of(p, s), stamp);
    return ndr_hash((ndr_slice){(const unsigned char *)of, sizeof of}, stamp);
}

int
ndr_plan_look(const ndr_plan *p, ndr_plan_source *s, ndr_error *err)
{
    const char *path = ndr_plan_text(p, s->path);
    if (s->what == NDR_PLAN_MAILDIR || s->what == NDR_PLAN_LEAF)
        return ndr_plan_look_maildir(path, s, err);
    struct stat st = {0};
    if (fstatat(AT_FDCWD, path, &st, s->in_folder ? AT_SYMLINK_NOFOLLOW : 0) == 0)
        ndr_plan_take_stat(s, &st);
    else {
        s->bytes = UINT64_MAX; /* gone, or not to be looked at */
        s->mtime_ns = 0;
    }
    return 0;
}

int
ndr_plan_stamp(const ndr_plan *p, size_t piece, uint64_t *ret, ndr_error *err)
{
    const ndr_plan_piece *k = &p->piece[piece];
    uint64_t stamp = 0;
    for (uint32_t i = 0; i < k->count; i++) {
        ndr_plan_source s = p->source[k->first + i];
        const int code = ndr_plan_look(p, &s, err);
        if (code != 0)
            return code;
        stamp = ndr_plan_stamp_add(stamp, p, &s);
    }
    *ret = stamp;
    return 0;
}

static int
sum_source(ndr_stored_sum *sum, const ndr_plan *p, const ndr_plan_source *s,
           uint32_t number, uint64_t *ret, ndr_error *err)
{
    const char *path = ndr_plan_text(p, s->path);
    const bool part = s->what == NDR_PLAN_RANGE || s->what == NDR_PLAN_FRAMES;
    if (s->what == NDR_PLAN_MAILDIR || s->what == NDR_PLAN_LEAF)
        return 0;
    struct stat st;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY |
                                  (s->in_folder ? O_NOFOLLOW : 0));
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "'%s': not readable", path);
    int code = 0;
    if (fstat(fd, &st) != 0)
        code = ndr_fail(err, NDR_E_SYS, "'%s': fstat", path);
    const uint64_t size = code == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    const uint64_t from = part ? s->from : 0;
    const uint64_t until = part && s->until < size ? s->until : size;
    if (code == 0)
        code = ndr_stored_sum_read(sum, fd, from, until, from, until, number, ret, err);
    (void)close(fd); /* was only read */
    return code;
}

int
ndr_plan_sum(const ndr_plan *p, size_t piece, uint64_t *ret, ndr_error *err)
{
    const ndr_plan_piece *k = &p->piece[piece];
    ndr_stored_sum sum = {0};
    int code = 0;
    *ret = 0;
    for (uint32_t i = 0; code == 0 && i < k->count; i++)
        code = sum_source(&sum, p, &p->source[k->first + i], i, ret, err);
    ndr_stored_sum_free(&sum);
    return code;
}
