/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mailboxes.c - which mailbox is it, by the path of its mail?
 *
 * Sorted with slashes first, the rows of a folder and of all that is in it stand side by
 * side. So the row in front of where a path would stand is of a folder on its way, or of
 * one beside it, from which the way up (`above`) leads to the nearest that is.
 */
#include "mailboxes.h"

#include "recipient.h"

#include <string.h>

/* ---- paths ---------------------------------------------------------------------------
 */

/* A path that is being made plain. */
typedef struct making {
    char *to;
    size_t len;
    size_t base;   /* of it are known to be no links */
    bool anywhere; /* what is in front does not matter: a ".." begins anew */
} making;

/* False: it cannot be told where that leads, or it is too long. */
static bool
add_part(making *m, const char *part, size_t n)
{
    if (n == 0 || (n == 1 && part[0] == '.'))
        return true;
    if (n == 2 && part[0] == '.' && part[1] == '.') {
        if (!m->anywhere && m->len > m->base)
            return false;
        while (m->len > 0 && m->to[--m->len] != '/')
            ;
        m->len = m->anywhere ? 0 : m->len;
        m->base = m->len;
        return true;
    }
    if (m->len + 1 + n + 2 > NDR_PATH_BYTES)
        return false;
    m->to[m->len] = '/';
    memcpy(m->to + m->len + 1, part, n);
    m->len += 1 + n;
    return true;
}

static bool
add_parts(making *m, const char *path)
{
    for (const char *at = path; *at != '\0';) {
        at += strspn(at, "/");
        const size_t n = strcspn(at, "/");
        if (!add_part(m, at, n))
            return false;
        at += n;
    }
    return true;
}

/* The path of a folder ends in a slash if it did. */
static bool
make_plain(making *m, const char *path)
{
    if (strcmp(path, "-") == 0 || !add_parts(m, path))
        return false;
    const size_t n = strlen(path);
    if (m->len == 0 || (n > 0 && path[n - 1] == '/'))
        m->to[m->len++] = '/';
    m->to[m->len] = '\0';
    return true;
}

bool
ndr_path_plain(const char *base, const char *path, char ret[NDR_PATH_BYTES])
{
    making m = {.to = ret};
    if (path[0] != '/') {
        if (base == NULL || !add_parts(&m, base))
            return false;
        m.base = m.len;
    }
    return make_plain(&m, path);
}

int
ndr_path_compare(ndr_slice a, ndr_slice b)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    size_t i = 0;
    while (i < n && a.ptr[i] == b.ptr[i])
        i++;
    if (i == n)
        return (a.len > n) - (b.len > n);
    if (a.ptr[i] == '/' || b.ptr[i] == '/')
        return a.ptr[i] == '/' ? -1 : 1;
    return a.ptr[i] < b.ptr[i] ? -1 : 1;
}

/* ---- the table ------------------------------------------------------------------------
 */

static ndr_slice
without_slash(const char *path)
{
    ndr_slice s = ndr_slice_of(path);
    while (s.len > 0 && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

/* Is `path` this folder, or in it? The root's name is empty, as without_slash makes it.
 */
static bool
is_in(ndr_slice path, ndr_slice folder)
{
    return path.len >= folder.len &&
           (folder.len == 0 || memcmp(path.ptr, folder.ptr, folder.len) == 0) &&
           (path.len == folder.len || path.ptr[folder.len] == '/');
}

/* How many rows stand in front of `path`, with `also` those of it too. */
static size_t
rows_before(const ndr_mailboxes *m, ndr_slice path, bool also)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ndr_path_compare(m->row[middle].path, path) < (also ? 1 : 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static ndr_slice
find_domain(const ndr_mailboxes *m, ndr_slice path)
{
    size_t number = rows_before(m, path, true);
    while (number > 0 && !is_in(path, m->row[number - 1].path))
        number = m->row[number - 1].above;
    return number > 0 ? m->row[number - 1].domain : (ndr_slice){0};
}

size_t
ndr_mailboxes_below(const ndr_mailboxes *m, const char *path, size_t *ret_first)
{
    char room[NDR_PATH_BYTES];
    *ret_first = 0;
    if (m->count == 0 || !ndr_path_plain(m->base, path, room))
        return 0;
    const ndr_slice folder = without_slash(room);
    const size_t first = rows_before(m, folder, false);
    size_t low = first, high = m->count; /* the first row behind it that is not in it */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (is_in(m->row[middle].path, folder))
            low = middle + 1;
        else
            high = middle;
    }
    *ret_first = first;
    return low - first;
}

/* ---- either ---------------------------------------------------------------------------
 */

ndr_address
ndr_mailboxes_find(const ndr_mailboxes *m, const char *path, char room[NDR_PATH_BYTES])
{
    if (m->pattern == NULL) {
        if (m->count == 0 || !ndr_path_plain(m->base, path, room))
            return (ndr_address){0};
        return (ndr_address){.domain = find_domain(m, without_slash(room))};
    }
    making anywhere = {.to = room, .anywhere = true};
    const bool plain = m->pattern[0] == '/' ? ndr_path_plain(m->base, path, room)
                                            : make_plain(&anywhere, path);
    return plain ? ndr_recipient_of_path(m->pattern, room) : (ndr_address){0};
}

bool
ndr_mailboxes_domain(const ndr_mailboxes *m, const char *path, char ret[256])
{
    char room[NDR_PATH_BYTES];
    const ndr_address a = ndr_mailboxes_find(m, path, room);
    return a.domain.len > 0 && ndr_domain_normal(a.domain, ret);
}

bool
ndr_path_domain(const char *pattern, const char *path, char ret[256])
{
    return ndr_mailboxes_domain(&(ndr_mailboxes){.pattern = pattern}, path, ret);
}
