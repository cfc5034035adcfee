/* SPDX-License-Identifier: BSD-3-Clause */
/* move_name.c - what is a message called on the way to Junk, and on the way back? */
#include "move_name.h"

#include <stdio.h>
#include <string.h>

/* Where the flags of `name` begin, behind "2,"; its end when it has none. */
static size_t
flags_at(const char *name)
{
    const size_t base = ndr_name_base(name);
    return strncmp(name + base + (name[base] != '\0'), "2,", 2) == 0 ? base + 3
                                                                     : strlen(name);
}

static bool
is_keyword(char c)
{
    return c >= 'a' && c <= 'z';
}

size_t
ndr_name_base(const char *name)
{
    size_t i = 0;
    /* some systems cannot have ':' in a name and put ';' or '!' for it */
    while (name[i] != '\0' && name[i] != ':' &&
           !((name[i] == ';' || name[i] == '!') && strncmp(name + i + 1, "2,", 2) == 0))
        i++;
    return i;
}

bool
ndr_name_out(const char *name, char ret[NDR_NAME_BYTES])
{
    if (strlen(name) >= NDR_NAME_BYTES)
        return false;
    size_t n = flags_at(name);
    memcpy(ret, name, n);
    for (const char *p = name + n; *p != '\0'; p++)
        if (!is_keyword(*p))
            ret[n++] = *p;
    ret[n] = '\0';
    return true;
}

bool
ndr_name_back(const char *was, const char *moved, const char *now,
              char ret[NDR_NAME_BYTES])
{
    if (strcmp(moved, now) == 0) {
        const int n = snprintf(ret, NDR_NAME_BYTES, "%s", was);
        return n > 0 && n < NDR_NAME_BYTES;
    }
    char flags[NDR_NAME_BYTES];
    if (!ndr_name_out(now, flags))
        return false;
    const char *info = flags + ndr_name_base(flags);
    const int n = snprintf(ret, NDR_NAME_BYTES, "%.*s%s", (int)ndr_name_base(was), was,
                           info[0] != '\0' ? info : "");
    if (n <= 0 || n >= NDR_NAME_BYTES)
        return false;
    size_t at = (size_t)n;
    const char *p = was + flags_at(was);
    bool first = info[0] == '\0';
    for (; *p != '\0'; p++) {
        if (!is_keyword(*p))
            continue;
        const char *sep = first ? ":2," : "";
        first = false;
        if (at + strlen(sep) + 2 > NDR_NAME_BYTES)
            return false;
        at += (size_t)snprintf(ret + at, NDR_NAME_BYTES - at, "%s%c", sep, *p);
    }
    return true;
}

bool
ndr_name_fresh(const char *name, const char *mark, char ret[NDR_NAME_BYTES])
{
    const size_t base = ndr_name_base(name);
    size_t head = 0; /* the time and what makes the name unique, without sizes */
    while (head < base && name[head] != ',')
        head++;
    const int n =
        snprintf(ret, NDR_NAME_BYTES, "%.*s%s%s", (int)head, name, mark, name + head);
    return n > 0 && n < NDR_NAME_BYTES;
}

bool
ndr_name_split(const char *rel, char folder[512], int *ret_half, const char **ret_name)
{
    const char *name = strrchr(rel, '/');
    if (name == NULL || name - rel < 3 || name[1] == '\0' || rel[0] == '/')
        return false;
    const char *half = name - 3;
    if (half > rel && half[-1] != '/')
        return false;
    if (strncmp(half, "cur", 3) != 0 && strncmp(half, "new", 3) != 0)
        return false;
    const size_t n = half > rel ? (size_t)(half - rel) - 1 : 0;
    if (n >= 512 || strcmp(name + 1, ".") == 0 || strcmp(name + 1, "..") == 0)
        return false;
    memcpy(folder, rel, n);
    folder[n] = '\0';
    *ret_half = half[0] == 'n';
    *ret_name = name + 1;
    return true;
}
